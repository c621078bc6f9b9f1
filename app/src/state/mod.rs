//! The scenario and its answer: one store, and the conductor that keeps the second up to date with the first.

mod cache;
mod catalogue;
mod conductor;
mod experiment;
mod history;
mod ladder;
pub(crate) mod link;
mod question;
mod shown;
mod store;
mod tab;
pub(crate) mod theme;

pub(crate) use cache::{Key, Memory};
pub(crate) use catalogue::catalogue;
pub(crate) use conductor::Conductor;
pub(crate) use experiment::{Beside, Experiment};
pub(crate) use shown::{Phase, Shown, Work};
pub(crate) use store::{Banner, Gesture, Store, Tone};
pub(crate) use tab::Tab;
