//! Everything that crosses between the page and its workers, on one screen.
//!
//! A job is one load of one scenario, one combination of a sweep, or one load of one side of a comparison. Jobs carry the ticket of the question they belong
//! to; the latest ticket wins: a worker drops the jobs of older ones, also the one it is in the middle of.

use playground_core::report::Report;
use playground_core::report::timeline::About;
use playground_core::scenario::{Diagnostic, Load};
use playground_core::study::compare::{Side, Window};
use playground_core::study::sweep::{Combination, SweepPoint};
use playground_core::study::{CurvePoint, Fidelity};
use playground_interop::trace::{Form, Mapping, Scan, Traffic};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// Numbers a question.
pub(crate) type Ticket = u32;

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The question it belongs to.
    pub(crate) ticket: Ticket,
    /// Its number within the ticket.
    pub(crate) number: u32,
    /// The scenario as JSON.
    pub(crate) scenario: String,
    /// What of it is to be simulated.
    pub(crate) task: Task,
}

/// What is to be simulated of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// One load, as much of it as the fidelity says.
    Load { point: CurvePoint, fidelity: Fidelity },
    /// The highest load that the scenario sustains with these settings.
    Combination(Combination),
    /// One load of a comparison; the scenario is this side's.
    Side { side: Side, point: CurvePoint, window: Window },
    /// The first run at a load over some time, written down; of one of several that are looked at together, its side.
    Record { side: Option<Side>, load: Load, window: Window },
    /// What the first run at the scenario's own load sends, as a recording.
    Trace { form: Form },
    /// A recording of traffic: what is in it, and what its traffic is like.
    Scan {
        /// Its bytes, which stay where the browser has them.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        blob: Blob,
        /// Which column says what; none: as their names suggest.
        mapping: Option<Mapping>,
    },
}

/// What came of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Simulated {
    /// Of a load.
    Load {
        point: CurvePoint,
        #[serde(with = "text")]
        report: Box<Report>,
    },
    /// Of a combination.
    Combination(Box<SweepPoint>),
    /// Of a load of a comparison.
    Side {
        side: Side,
        point: CurvePoint,
        #[serde(with = "text")]
        report: Box<Report>,
    },
    /// Of a run that is written down: whose, what it is about, and its rows, packed.
    Recorded { side: Option<Side>, about: Box<About>, rows: Bytes },
    /// Of what a run sends: its text.
    Trace(Bytes),
    /// Of a recording that was read; its traffic where it holds requests.
    Scanned(Box<Scan>, Option<Box<Traffic>>),
}

/// A report as JSON text, which keeps every bit: one string crosses much sooner than thousands of values, each with
/// calls of its own.
mod text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(report: &Report, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(report).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<Report>, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map(Box::new).map_err(D::Error::custom)
    }
}

/// Bytes that travel in one piece.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.into()))
            }
            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Whole)
    }
}

/// From the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// Do this after what is queued; older tickets are dropped.
    Run(Job),
    /// Drop this ticket and all before it.
    Cancel { ticket: Ticket },
}

/// From a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// The module runs; jobs may come.
    Ready,
    /// Still at it; also the sign of life the page watches for.
    Progress { ticket: Ticket, number: u32, done_frac: f64 },
    /// Simulated.
    Done { ticket: Ticket, number: u32, answer: Simulated },
    /// Cannot be simulated, and why.
    Failed { ticket: Ticket, number: u32, findings: Vec<Diagnostic> },
    /// Dropped, because a newer ticket came or because it was told to.
    Dropped { ticket: Ticket, number: u32 },
}

/// A message as the browser copies it. Whole numbers beyond 2⁵³ travel as BigInt, so none is rounded.
///
/// # Errors
/// When a value has no counterpart in JavaScript, which the types above exclude.
pub(crate) fn to_js(message: &impl Serialize) -> Result<JsValue, JsValue> {
    let numbers_whole = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    message.serialize(&numbers_whole).map_err(JsValue::from)
}

/// A message as sent by the other side.
///
/// # Errors
/// When it is not one of ours.
pub(crate) fn from_js<T: for<'de> Deserialize<'de>>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(JsValue::from)
}
