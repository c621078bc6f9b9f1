//! The scenario and its answer: one store, and the conductor that keeps the second up to date with the first.

mod cache;
mod conductor;
mod history;
mod ladder;
pub(crate) mod link;
mod question;
mod shown;
mod store;
pub(crate) mod theme;

pub(crate) use conductor::Conductor;
pub(crate) use shown::{Phase, Shown, Work};
pub(crate) use store::{Banner, Gesture, Store, Tone};
