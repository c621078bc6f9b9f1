//! What the binary does beyond one scenario, as a library: so that tests can hold what it says against what is published.

pub mod fit;
pub mod validate;
