//! What knows nothing of serving: time, ids, random numbers, distributions, maths, the event list.

mod beginnings;
mod calendar;
mod chain;
mod dist;
mod empirical;
mod id;
pub mod math;
mod order;
mod rng;
mod run;
mod table;
mod time;

pub use beginnings::Beginnings;
pub use calendar::{Calendar, Phase};
pub use chain::{Chain, alike};
pub use dist::Dist;
pub use empirical::Empirical;
pub use id::{Column, Id, Slab};
pub use order::Order;
pub use rng::{Purpose, Several, Stream, nth_of};
pub use run::Run;
pub use table::{HashIndex, NONE};
pub use time::{Dur, PS_PER_MS, PS_PER_S, PS_PER_US, Time};
