//! The fleet: requests arrive, a router places them, engines serve them, and every one of them ends once.

mod clients;
mod engines;
mod flow_control;
mod follow;
mod front_door;
mod links;
mod patience;
mod recorder;
mod requests;
mod scrape;
mod series;
mod sim;

pub use follow::Follow;
pub use sim::{Progress, Sim};
