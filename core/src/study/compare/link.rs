//! A comparison as one link: `<link of A>&b=<link of B>`, each of the scenario codec's form, each with its own check.
//!
//! So either can be damaged by itself, and whoever reads only the first part opens A.

use crate::scenario::{Decoded, LinkError, Scenario, decode, encode};
use alloc::format;
use alloc::string::String;

/// What stands before the second link. `&` is in no link of a scenario.
const SECOND: &str = "&b=";

/// A link with its comparison, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The scenario, or the baseline of the comparison.
    pub a: Result<Decoded, LinkError>,
    /// What is compared with it, where the link has any.
    pub b: Option<Result<Decoded, LinkError>>,
}

/// The link's text for a comparison, without `#`.
#[must_use]
pub fn write(a: &Scenario, b: &Scenario) -> String {
    format!("{}{SECOND}{}", encode(a), encode(b))
}

/// Reads a link of one scenario or of two: the text after `#`, with or without it, or a whole address.
#[must_use]
pub fn read(link: &str) -> Read {
    // A query may hold `&b=` too.
    let text = link.rsplit_once('#').map_or(link, |(_, fragment)| fragment);
    match text.split_once(SECOND) {
        Some((a, b)) => Read { a: decode(a), b: Some(decode(b)) },
        None => Read { a: decode(text), b: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn two() -> (Scenario, Scenario) {
        let (a, mut b) = (Scenario::default(), Scenario::default());
        b.topology.pools[0].replicas = 8;
        b.extra.insert("future".into(), json!({"x": [1, null]}));
        (a, b)
    }

    #[test]
    fn both_go_in_and_come_out_with_what_is_not_known() {
        let (a, b) = two();
        let link = write(&a, &b);
        for text in [link.clone(), format!("#{link}"), format!("https://example.org/?embed=1&b=2#{link}")] {
            let read = read(&text);
            assert_eq!(read.a.map(|d| d.scenario), Ok(a.clone()));
            assert_eq!(read.b.map(|d| d.map(|d| d.scenario)), Some(Ok(b.clone())));
        }
        assert!(link.len() < 400, "{}", link.len());
    }

    #[test]
    fn a_link_of_one_scenario_compares_nothing() {
        let read = read(&encode(&two().1));
        assert_eq!(read.a.map(|d| d.scenario), Ok(two().1));
        assert_eq!(read.b, None);
    }

    #[test]
    fn a_damaged_second_part_leaves_the_first_as_it_is() {
        let (a, b) = two();
        let link = write(&a, &b);
        for end in encode(&a).len() + SECOND.len()..link.len() {
            let read = read(&link[..end]);
            assert_eq!(read.a.map(|d| d.scenario), Ok(a.clone()));
            assert!(matches!(read.b, Some(Err(_))), "cut at {end}");
        }
    }

    #[test]
    fn a_damaged_first_part_leaves_the_second_readable() {
        let (a, b) = two();
        let link = write(&a, &b);
        let read = read(&link.replacen('z', "q", 1));
        assert!(read.a.is_err());
        assert_eq!(read.b.map(|d| d.map(|d| d.scenario)), Some(Ok(b)));
    }
}
