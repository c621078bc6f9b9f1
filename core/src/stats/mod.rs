//! Statistics that merge in any order to the same bits: integer counts, integer areas, t-intervals.

mod interval;
mod mser;
mod sketch;
mod time_avg;

pub use interval::{Interval, t_interval};
pub use mser::mser;
pub use sketch::Sketch;
pub use time_avg::TimeAvg;
