//! Producers: what the router works out for scorers before they score.

mod approx_prefix;
mod lru;

pub use approx_prefix::{ApproxPrefix, META as APPROX_PREFIX};
