//! llm-d's EndpointPickerConfig: the router's plugins, profiles and what surrounds them.

mod deprecated;
mod document;
pub mod known;
mod read;
mod write;

pub use read::{KIND, read};
pub use write::write;
