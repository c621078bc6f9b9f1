//! Helpers of the suites beside this: dice, one engine driven by hand, degenerate and random scenarios.

mod dice;
pub mod fleet;
pub mod naive;
pub mod queue;
pub mod routers;
pub mod swarm;
pub mod world;

pub use dice::Dice;
