//! The fleet: requests arrive, a router places them, engines serve them, and every one of them ends once.

mod clients;
mod engines;
mod flow_control;
mod links;
mod requests;
mod scrape;
mod series;
mod sim;

pub use sim::{Follow, Progress, Sim};
