//! Controls bound to a field of the scenario by its path: they show its value, edit it, and carry what the
//! check found about it. One file per kind.

mod field;
mod findings;
pub(crate) mod names;
mod number;
mod range;
pub(crate) mod segments;
mod select;
mod sliding;
mod text;
mod toggle;

pub(crate) use findings::{at as findings_at, one as finding};
pub(crate) use number::Number;
pub(crate) use range::{Range, Steps};
pub(crate) use select::{Choice, Select};
pub(crate) use text::Text;
pub(crate) use toggle::Toggle;
