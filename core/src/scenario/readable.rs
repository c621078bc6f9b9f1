//! The readable link: a preset and what is different from it, short enough to be written by hand.
//!
//! ```text
//! 0.p.pd-chat@1;workload.arrival.rate_rps=50;topology.pools.0.replicas=2;~8BY4G_
//! │ │ │       │ │                         │                    │        └ six characters of SHA-256 over what stands between p. and ;~
//! │ │ │       │ │                         │                    └ places of lists are numbers, from 0
//! │ │ │       │ │                         └ JSON, or a plain word; null takes the setting away
//! │ │ │       │ └ a setting, as its path in a scenario file
//! │ │ │       └ which preset of this name; the newest where it is absent
//! │ │ └ the preset; `landing` is the scenario that the page opens with
//! │ └ codec p
//! └ schema version
//! ```
//!
//! Settings that differ from the preset follow in any order. `model_version` among them is no setting: it says which release made
//! the link. What has a meaning in the text is written as in addresses (`%3B` for `;`). Who writes a link by hand leaves the check out;
//! the link is then [not verified](Decoded::verified), since one that was cut looks the same.

use super::check::distance;
use super::codec::{CHECK_LENGTH, ITEMS_MAX, check, too_many};
use super::edit::set;
use super::{Decoded, Diagnostic, LinkError, PRESETS, Preset, SCHEMA_VERSION, Scenario};
use crate::MODEL_VERSION;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

/// What stands for this way of writing.
pub(super) const CODEC: &str = "p";
/// The name of the scenario that the page opens with.
const LANDING: &str = "landing";
/// What stands before the check.
const SEAL: &str = ";~";
/// The part that says which release made the link.
const MADE_BY: &str = "model_version";
/// Most settings that are read.
const SETTINGS_MAX: usize = 256;
/// Most settings that are written: a longer list is no easier to read than the other codec.
const SETTINGS_WRITTEN: usize = 8;
/// What is written as it is: all that neither addresses nor these links nor chat programs give a meaning to.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b':').remove(b',').remove(b'/');

/// The link's text for a scenario that is a preset but for a few settings, without `#`; none for another.
#[must_use]
pub fn encode_readable(scenario: &Scenario) -> Option<String> {
    let value = scenario.to_value();
    let landing = (LANDING, 1, Scenario::default());
    let presets = PRESETS.iter().filter_map(|p| Some((p.name, p.version, p.scenario().ok()?)));
    let different = |(name, version, base): (&'static str, u32, Scenario)| {
        let mut settings = Vec::new();
        differences(&mut String::new(), &value, &base.to_value(), &mut settings);
        (name, version, settings)
    };
    let (name, version, settings) =
        [landing].into_iter().chain(presets).map(different).min_by_key(|(.., settings)| settings.len())?;
    let is_long = |setting: &Value| setting.is_object() || setting.is_array();
    if settings.len() > SETTINGS_WRITTEN || settings.iter().any(|(_, setting)| is_long(setting)) {
        return None;
    }
    let mut body = format!("{name}@{version}");
    for (path, setting) in &settings {
        body += &format!(";{}={}", utf8_percent_encode(path, PLAIN), utf8_percent_encode(&written(setting), PLAIN));
    }
    body += &format!(";{MADE_BY}={MODEL_VERSION}");
    let text = format!("{SCHEMA_VERSION}.{CODEC}.{body}{SEAL}{}", check(&body));
    // Keys that look like places of a list, for one, are not written so that they can be read.
    read(text.splitn(3, '.').nth(2)?).is_ok_and(|back| back.scenario == *scenario).then_some(text)
}

/// Reads what follows `p.`.
pub(super) fn read(text: &str) -> Result<Decoded, LinkError> {
    let (body, verified) = match text.rsplit_once(SEAL) {
        Some((_, found)) if found.len() < CHECK_LENGTH => {
            let want = text.len() + CHECK_LENGTH - found.len();
            return Err(LinkError::Cut { have: text.len(), want });
        }
        Some((body, found)) if found != check(body) => return Err(LinkError::Corrupted),
        Some((body, _)) => (body, true),
        None => (text, false),
    };
    let mut parts = body.split(';');
    let mut root = preset(parts.next().unwrap_or_default())?.to_value();
    let mut model_version = MODEL_VERSION.to_string();
    for (i, part) in parts.filter(|part| !part.is_empty()).enumerate() {
        if i == SETTINGS_MAX {
            let message = format!("has more than {SETTINGS_MAX} settings; share the scenario as a file instead");
            return Err(LinkError::Unreadable(Diagnostic::error("scenario", message)));
        }
        let refused = |message: &str| LinkError::Unreadable(Diagnostic::error(&shown(part), message.to_string()));
        let (path, text) =
            part.split_once('=').ok_or_else(|| refused("has no value: write the setting, “=” and its value"))?;
        let (path, text) = (decoded(path)?, decoded(text)?);
        if path == MADE_BY {
            model_version = text.into_owned();
            continue;
        }
        // Words need no quotes, and most of them are no JSON.
        let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
        guard(&value)?;
        if path.is_empty() || !set(&mut root, &bracketed(&path), value) {
            return Err(refused(
                "is no setting of this preset: write its path as in a scenario file, as in topology.pools.0.replicas",
            ));
        }
    }
    let scenario = Scenario::from_value(root).map_err(LinkError::Unreadable)?;
    let unknown_settings = scenario.unknown_settings();
    Ok(Decoded { scenario, model_version, unknown_settings, verified })
}

/// The scenario that `name` or `name@version` stands for.
fn preset(text: &str) -> Result<Scenario, LinkError> {
    let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
    let is = |preset: &&Preset| preset.name == name && version.is_none_or(|v| v == preset.version.to_string());
    if let Some(preset) = PRESETS.iter().rfind(is) {
        return preset.scenario().map_err(LinkError::Unreadable);
    }
    if name == LANDING && version.is_none_or(|v| v == "1") {
        return Ok(Scenario::default());
    }
    let known = PRESETS.iter().map(|p| (p.name, p.version)).chain([(LANDING, 1)]);
    let nearest = known.min_by_key(|(known, _)| distance(known, name));
    let nearest = nearest.map_or_else(String::new, |(name, version)| format!("{name}@{version}"));
    Err(LinkError::UnknownPreset { name: shown(text), nearest })
}

/// So much of a text as a message has room for.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

fn decoded(text: &str) -> Result<Cow<'_, str>, LinkError> {
    percent_decode_str(text).decode_utf8().map_err(|_| LinkError::Corrupted)
}

/// The text of a value: plain words as they are, unless they would be read as something else, and whole numbers without a point.
fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_string(),
        Value::String(word) if serde_json::from_str::<Value>(word).is_err() => word.clone(),
        other => other.to_string(),
    }
}

/// Refuses lists that would be whole scenarios' worth of items: each may be filled up with defaults.
fn guard(value: &Value) -> Result<(), LinkError> {
    match value {
        Value::Array(items) if items.len() > ITEMS_MAX && items.iter().any(Value::is_object) => {
            Err(too_many(items.len()))
        }
        Value::Array(items) => items.iter().try_for_each(guard),
        Value::Object(fields) => fields.values().try_for_each(guard),
        _ => Ok(()),
    }
}

/// A path as scenarios have it: `pools.0.replicas` is `pools[0].replicas`.
fn bracketed(path: &str) -> String {
    let mut whole = String::new();
    for part in path.split('.') {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
            whole += &format!("[{part}]");
        } else {
            whole += if whole.is_empty() { "" } else { "." };
            whole += part;
        }
    }
    whole
}

/// The settings of `value` that are not as in `base`, null for those that are gone, with their paths behind `path`.
fn differences(path: &mut String, value: &Value, base: &Value, found: &mut Vec<(String, Value)>) {
    let mut below = |step: &str, value: &Value, base: &Value| {
        let length = path.len();
        *path += if length == 0 { "" } else { "." };
        *path += step;
        differences(path, value, base, found);
        path.truncate(length);
    };
    match (value, base) {
        (Value::Object(value), Value::Object(base)) => {
            for (key, v) in value {
                below(key, v, base.get(key).unwrap_or(&Value::Null));
            }
            for key in base.keys().filter(|key| !value.contains_key(*key)) {
                below(key, &Value::Null, &base[key]);
            }
        }
        (Value::Array(value), Value::Array(base)) if value.len() == base.len() => {
            for (i, (v, b)) in value.iter().zip(base).enumerate() {
                below(&i.to_string(), v, b);
            }
        }
        _ if value != base => found.push((path.clone(), value.clone())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{decode, encode};
    use serde_json::json;

    /// A preset with these settings, by path.
    fn with(name: &str, settings: &[(&str, Value)]) -> Scenario {
        let mut root = preset(name).expect("is there").to_value();
        for (path, value) in settings {
            assert!(set(&mut root, path, value.clone()), "{path}");
        }
        Scenario::from_value(root).expect("reads")
    }

    #[test]
    fn what_goes_in_comes_out_and_can_be_read() {
        let settings = [
            ("workload.arrival.rate_rps", json!(50.5)),
            ("topology.pools[0].replicas", json!(6)),
            ("topology.pools[0].model", json!("llama-3.1-8b")),
            ("title", json!("50 % more; a=b & ~c #d „Ü“")),
            ("note", json!("42")),
        ];
        let s = with("pd-chat", &settings);
        let link = encode_readable(&s).expect("a preset but for five settings");
        assert!(link.starts_with("0.p.pd-chat@1;"), "{link}");
        assert!(link.contains(";topology.pools.0.model=llama-3.1-8b;") && link.contains(";note=%2242%22;"), "{link}");
        assert!(link.is_ascii() && !link.contains(['&', '#', ' ', '[', '"']), "{link}");
        let back = decode(&link).expect("opens");
        assert_eq!((back.scenario, back.verified), (s, true));
        assert_eq!(back.model_version, MODEL_VERSION);
    }

    #[test]
    fn every_preset_and_the_landing_scenario_are_their_names() {
        assert_eq!(encode_readable(&Scenario::default()).expect("is one").split(';').next(), Some("0.p.landing@1"));
        for preset in PRESETS {
            let s = preset.scenario().expect("reads");
            let link = encode_readable(&s).expect("is one");
            assert_eq!(link.split(';').next(), Some(format!("0.p.{}@{}", preset.name, preset.version).as_str()));
            assert!(link.len() < 100, "{link}");
        }
    }

    #[test]
    fn one_written_by_hand_needs_neither_version_nor_check() {
        let hand = decode("#0.p.landing;workload.arrival.rate_rps=50;topology.pools[0].replicas=8;").expect("opens");
        assert_eq!(
            hand.scenario,
            with("landing", &[("workload.arrival.rate_rps", json!(50)), ("topology.pools[0].replicas", json!(8))])
        );
        assert!(!hand.verified);
        assert!(decode(&encode(&hand.scenario)).expect("opens").verified);
    }

    #[test]
    fn what_was_changed_or_cut_is_recognised_as_far_as_it_can_be() {
        let link = encode_readable(&with("landing", &[("workload.arrival.rate_rps", json!(80))])).expect("is one");
        assert_eq!(decode(&link.replace("=80", "=90")), Err(LinkError::Corrupted));
        let seal = link.rfind(SEAL).expect("is sealed");
        for end in 0..link.len() {
            match decode(&link[..end]) {
                Ok(read) => assert!(!read.verified && end <= seal + 1, "cut at {end}"),
                Err(LinkError::Cut { have, want }) => assert!(have < want && end > seal + 1),
                Err(_) => assert!(end <= seal + 1),
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let told = |link: &str| decode(link).expect_err("is refused").to_string();
        assert!(told("0.p.pd-chta;run.seed=1").contains("“pd-chta”") && told("0.p.pd-chta").contains("pd-chat@1"));
        assert!(told("0.p.pd-chat@7").contains("“pd-chat@7”"));
        assert!(told("0.p.landing;topology.pools.3.replicas=1").contains("topology.pools.3.replicas"));
        assert!(told("0.p.landing;run.seed").contains("has no value"));
        assert!(told("0.p.landing;run.seed=many").contains("run.seed"));
        assert!(told("0.p.landing;title=%ff").contains("changed on its way"));
        assert!(told(&format!("0.p.landing{}", ";run.seed=1".repeat(300))).contains("more than 256"));
        let items = format!("0.p.landing;topology.pools=[{}{{}}]", "{},".repeat(2000));
        assert!(told(&items).contains("2001 items"));
        let unknown = decode("0.p.landing;workload.rate=5").expect("opens");
        assert_eq!(unknown.unknown_settings, ["workload.rate"]);
    }

    #[test]
    fn what_is_far_from_every_preset_is_not_written_so() {
        let mut s = Scenario::default();
        for i in 0..=SETTINGS_WRITTEN {
            s.extra.insert(format!("field_{i}"), json!(i));
        }
        assert_eq!(encode_readable(&s), None);
        // A list of another length is one setting, but nobody reads a whole pool in an address.
        let mut s = Scenario::default();
        s.topology.pools.push(s.topology.pools[0].clone());
        assert_eq!(encode_readable(&s), None);
    }
}
