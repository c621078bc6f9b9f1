//! The share link: a scenario as text that survives being pasted around.
//!
//! ```text
//! 0.z.<length>.<payload>.<check>
//! │ │    │         │        └ six characters of the payload's SHA-256: a changed link is recognised
//! │ │    │         └ base64url of deflated JSON {"model_version", "scenario"}
//! │ │    └ characters of the payload: a cut link says how much is missing
//! │ └ codec z
//! └ schema version
//! ```
//!
//! Links to presets may be written by hand instead: codec `p`, see the module `readable`.
//!
//! Only what differs from the landing scenario is written, so typical links are short. Fields this
//! version does not know travel along. Version 0 makes no promise; the first release mints version 1 and
//! freezes its defaults.

use super::{Diagnostic, SCHEMA_VERSION, Scenario, readable};
use crate::MODEL_VERSION;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use core::fmt;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Longest link read, characters: beyond it a scenario belongs in a file.
const LINK_MAX: usize = 64 * 1024;
/// Most bytes a payload may inflate to: a guard against a link that is a bomb.
const INFLATED_MAX: usize = 1024 * 1024;
/// Most items of a list in a link: each may stand for a whole default item, so that a short link could fill the memory.
pub(super) const ITEMS_MAX: usize = 1024;
/// What stands for this way of writing.
const CODEC: &str = "z";
/// Characters of the check.
pub(super) const CHECK_LENGTH: usize = 6;
/// Compression effort, 0 to 10.
const DEFLATE_LEVEL: u8 = 10;

/// A link, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The experiment.
    pub scenario: Scenario,
    /// Version of the simulator that made the link.
    pub model_version: String,
    /// Paths of settings this version does not know; they are kept.
    pub unknown_settings: Vec<String>,
    /// Whether the link says itself that it is whole. One that was written by hand need not.
    pub verified: bool,
}

/// Why a link cannot be opened. Displayed as what happened and what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkError {
    /// Not one of our links at all.
    Foreign,
    /// Part of it is missing.
    Cut {
        /// Characters of payload that are there.
        have: usize,
        /// Characters there should be.
        want: usize,
    },
    /// Some of its characters were changed.
    Corrupted,
    /// Made by a later release.
    Newer {
        /// Its schema version.
        schema: u32,
    },
    /// A codec this release does not know.
    UnknownCodec(String),
    /// It starts from a preset this release does not have.
    UnknownPreset {
        /// Its name, with the version where one is given.
        name: String,
        /// The one that resembles it most, with its version.
        nearest: String,
    },
    /// Longer than a link may be.
    TooLong {
        /// Its length, characters.
        characters: usize,
    },
    /// Intact, but a field cannot be read.
    Unreadable(Diagnostic),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Foreign => write!(
                f,
                "This is not a link of this simulator: it should contain #0.z. followed by numbers and letters, or #0.p. followed by the name of a preset. Check that the whole address was copied."
            ),
            LinkError::Cut { have, want } => write!(
                f,
                "This link is incomplete: {have} of {want} characters arrived, so it was probably cut by the program it was sent with. Ask for it again, or for the scenario as a file."
            ),
            LinkError::Corrupted => write!(
                f,
                "This link was changed on its way: its checksum does not match. Ask for it again, or for the scenario as a file."
            ),
            LinkError::Newer { schema } => write!(
                f,
                "This link was made by a later release (schema {schema}, this one reads up to {SCHEMA_VERSION}). Open it with the release that made it, or update this one."
            ),
            LinkError::UnknownCodec(codec) => write!(
                f,
                "This link is written in a way this release does not know (codec “{codec}”, known: p and z). Open it with the release that made it."
            ),
            LinkError::UnknownPreset { name, nearest } => write!(
                f,
                "This link starts from the preset “{name}”, which this release does not have; the nearest is {nearest}. Write that, or open the link with the release that made it."
            ),
            LinkError::TooLong { characters } => write!(
                f,
                "This link has {characters} characters; {LINK_MAX} is the most that is read. Share the scenario as a file instead."
            ),
            LinkError::Unreadable(d) => write!(
                f,
                "This link is intact, but the field {} {}. Correct it there, or ask for the link anew.",
                d.path, d.message
            ),
        }
    }
}

/// The link's text for a scenario, without `#`.
#[must_use]
pub fn encode(scenario: &Scenario) -> String {
    let changed = difference(&scenario.to_value(), &Scenario::default().to_value());
    let envelope = json!({ "model_version": MODEL_VERSION, "scenario": changed });
    let payload = BASE64.encode(miniz_oxide::deflate::compress_to_vec(envelope.to_string().as_bytes(), DEFLATE_LEVEL));
    format!("{SCHEMA_VERSION}.{CODEC}.{}.{payload}.{}", payload.len(), check(&payload))
}

/// Reads a link: the text after `#`, with or without it, or a whole address.
///
/// # Errors
/// When the link is foreign, cut, changed, newer than this release, or a field cannot be read.
pub fn decode(link: &str) -> Result<Decoded, LinkError> {
    if link.len() > LINK_MAX {
        return Err(LinkError::TooLong { characters: link.len() });
    }
    let text = link.rsplit_once('#').map_or(link, |(_, fragment)| fragment).trim();
    let (codec, rest) = codec_of(text)?;
    if codec == readable::CODEC {
        return readable::read(rest);
    }
    let payload = intact_payload(rest)?;
    let bytes = BASE64.decode(payload).map_err(|_| LinkError::Corrupted)?;
    let json =
        miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, INFLATED_MAX).map_err(|_| LinkError::Corrupted)?;
    let mut envelope: Map<String, Value> = serde_json::from_slice(&json).map_err(|_| LinkError::Corrupted)?;
    let changed = envelope.remove("scenario").unwrap_or_else(|| Value::Object(Map::new()));
    let model_version = envelope.get("model_version").and_then(Value::as_str).unwrap_or("unknown").to_string();
    let merged = merge(&Scenario::default().to_value(), changed)?;
    let scenario = Scenario::from_value(merged).map_err(LinkError::Unreadable)?;
    let unknown_settings = scenario.unknown_settings();
    Ok(Decoded { scenario, model_version, unknown_settings, verified: true })
}

/// The codec of a link, and what follows it.
fn codec_of(text: &str) -> Result<(&str, &str), LinkError> {
    let (schema, rest) = text.split_once('.').ok_or(LinkError::Foreign)?;
    let schema: u32 = schema.parse().map_err(|_| LinkError::Foreign)?;
    if schema > SCHEMA_VERSION {
        return Err(LinkError::Newer { schema });
    }
    let (codec, rest) = rest.split_once('.').ok_or(LinkError::Foreign)?;
    if ![readable::CODEC, CODEC].contains(&codec) {
        return Err(LinkError::UnknownCodec(codec.chars().take(16).collect()));
    }
    Ok((codec, rest))
}

/// The payload, once the parts around it agree that it is whole.
fn intact_payload(rest: &str) -> Result<&str, LinkError> {
    let (want, rest) = rest.split_once('.').ok_or(LinkError::Cut { have: 0, want: 0 })?;
    let want: usize = want.parse().map_err(|_| LinkError::Corrupted)?;
    let (payload, found) = rest.split_once('.').unwrap_or((rest, ""));
    if payload.len() < want || found.len() < CHECK_LENGTH {
        return Err(LinkError::Cut { have: payload.len() + found.len(), want: want.saturating_add(CHECK_LENGTH) });
    }
    if payload.len() != want || found != check(payload) {
        return Err(LinkError::Corrupted);
    }
    Ok(payload)
}

/// The characters by which a change is recognised.
pub(super) fn check(payload: &str) -> String {
    let mut text = BASE64.encode(Sha256::digest(payload.as_bytes()));
    text.truncate(CHECK_LENGTH);
    text
}

/// What of `value` differs from `default`. In objects: the keys that differ, null for those taken away. In
/// lists of objects: each item against the first default item. Elsewhere: the value.
fn difference(value: &Value, default: &Value) -> Value {
    match (value, default) {
        (Value::Object(value), Value::Object(default)) => {
            let mut changed: Map<String, Value> = value
                .iter()
                .filter(|(key, v)| default.get(*key) != Some(v))
                .map(|(key, v)| (key.clone(), default.get(key).map_or_else(|| v.clone(), |d| difference(v, d))))
                .collect();
            changed
                .extend(default.keys().filter(|key| !value.contains_key(*key)).map(|key| (key.clone(), Value::Null)));
            Value::Object(changed)
        }
        (Value::Array(items), Value::Array(defaults)) => match defaults.first() {
            Some(first @ Value::Object(_)) => items.iter().map(|item| difference(item, first)).collect(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// The inverse of [`difference`].
fn merge(default: &Value, changed: Value) -> Result<Value, LinkError> {
    Ok(match (default, changed) {
        (Value::Object(default), Value::Object(changed)) => {
            let mut whole = default.clone();
            for (key, change) in changed {
                match default.get(&key) {
                    Some(_) if change.is_null() => {
                        whole.remove(&key);
                    }
                    Some(d) => {
                        whole.insert(key, merge(d, change)?);
                    }
                    None => {
                        whole.insert(key, change);
                    }
                }
            }
            Value::Object(whole)
        }
        (Value::Array(defaults), Value::Array(items)) => match defaults.first() {
            Some(Value::Object(_)) if items.len() > ITEMS_MAX => return Err(too_many(items.len())),
            Some(first @ Value::Object(_)) => {
                items.into_iter().map(|item| merge(first, item)).collect::<Result<_, _>>()?
            }
            _ => Value::Array(items),
        },
        (_, changed) => changed,
    })
}

/// Why a list of so many items is not read.
pub(super) fn too_many(items: usize) -> LinkError {
    LinkError::Unreadable(Diagnostic::error(
        "scenario",
        format!("has a list of {items} items; {ITEMS_MAX} is the most that a link may hold"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Edit, TrafficClass};

    #[test]
    fn what_goes_in_comes_out() {
        let mut s = Scenario::default();
        s.workload.classes.push(TrafficClass {
            name: "batch".into(),
            share: 0.25,
            priority: -1,
            ..TrafficClass::default()
        });
        s.workload.classes[0].slo.ttft_ms = None;
        s.topology.pools[0].engine.max_num_seqs = Some(7);
        s.topology.pools[0].extra.insert("zone".into(), json!({"rack": [1, 2, null]}));
        s.title = "Ünïcode ✓".into();
        let back = decode(&encode(&s)).expect("opens");
        assert_eq!(back.scenario, s);
        assert_eq!(back.model_version, MODEL_VERSION);
        assert_eq!(back.unknown_settings, ["topology.pools[0].zone"]);
        assert_eq!(encode(&back.scenario), encode(&s));
    }

    #[test]
    fn typical_links_are_short() {
        let s = Edit::new("", "topology.pools[0].replicas", 8).apply(&Scenario::default()).expect("applies");
        assert!(encode(&s).len() < 200, "{}", encode(&s));
    }

    #[test]
    fn measured_lengths_travel_whole_and_fit() {
        // As many values as the check lets through, as unlike each other as they can be, with weights of all digits.
        let value = |i: u32| 1 + i.wrapping_mul(2_654_435_761) % 1_000_000;
        let mut s = Scenario::default();
        let law = |first: u32| crate::scenario::Length {
            weights: (first..first + 1000).map(|i| f64::from(value(i)) / 7.0).collect(),
            ..crate::scenario::Length::empirical((first..first + 1000).map(value).collect())
        };
        (s.workload.classes[0].input, s.workload.classes[0].output) = (law(0), law(1000));
        let link = encode(&s);
        assert!(link.len() < LINK_MAX, "{} characters", link.len());
        assert_eq!(decode(&link).expect("opens").scenario, s);
    }

    #[test]
    fn a_whole_address_opens_too() {
        let link = encode(&Scenario::default());
        assert!(decode(&format!("https://example.org/sim/?embed=1#{link}")).is_ok());
    }

    #[test]
    fn a_cut_link_says_how_much_is_missing() {
        let link = encode(&Scenario::default());
        for end in 8..link.len() {
            match decode(&link[..end]) {
                Err(LinkError::Cut { have, want }) => assert!(have <= want),
                other => panic!("cut at {end}: {other:?}"),
            }
        }
    }

    #[test]
    fn foreign_newer_and_changed_links_are_told_apart() {
        assert_eq!(decode(""), Err(LinkError::Foreign));
        assert_eq!(decode("#section-2"), Err(LinkError::Foreign));
        assert_eq!(decode("7.z.4.abcd.efghij"), Err(LinkError::Newer { schema: 7 }));
        assert_eq!(decode("0.q.4.abcd.efghij"), Err(LinkError::UnknownCodec("q".into())));
        assert_eq!(decode("0.z.4.abcd.efghij"), Err(LinkError::Corrupted));
    }
}
