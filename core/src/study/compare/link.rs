//! A comparison as one link: the links of its scenarios one after the other, each of the scenario codec's form, each with
//! its own check.
//!
//! ```text
//! <link of A>&b=<link of B>                  two
//! <link of A>&b=3~<link of B>&c=<link of C>  more: before B stands how many, so that one that was cut off is missed
//! ```
//!
//! So each can be damaged by itself, and whoever reads only the first part opens A.

use super::Side;
use crate::scenario::{Decoded, LinkError, Scenario, decode, encode};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;

/// What stands before the second link. `&` is in no link of a scenario.
const SECOND: &str = "&b=";
/// What stands before those that follow.
const FURTHER: [&str; 2] = ["&c=", "&d="];
/// What ends the number of scenarios.
const COUNTED: char = '~';

/// A link with its comparison, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The scenario, or the baseline of the comparison.
    pub a: Result<Decoded, LinkError>,
    /// What is compared with it, in order; empty where the link compares nothing.
    pub others: Vec<Result<Decoded, Flaw>>,
    /// Scenarios beyond the fourth that the link says it has: no release up to this one compares so many.
    pub beyond: usize,
}

/// What is wrong with one of the links that follow the first.
#[derive(Clone, Debug, PartialEq)]
pub enum Flaw {
    /// The whole link ends before it.
    Missing,
    /// It is there, and cannot be opened.
    Damaged(LinkError),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Missing => write!(
                f,
                "The link ends before it, so it was probably cut by the program it was sent with. Ask for it again, or for the scenario as a file."
            ),
            Flaw::Damaged(error) => error.fmt(f),
        }
    }
}

/// The link's text for a comparison, without `#`: of these scenarios, the baseline first.
#[must_use]
pub fn write<S: Borrow<Scenario>>(all: &[S]) -> String {
    let mut links = all.iter().map(|s| encode(s.borrow()));
    let mut text = links.next().unwrap_or_default();
    if let Some(second) = links.next() {
        text += SECOND;
        if all.len() > 2 {
            text += &format!("{}{COUNTED}", all.len());
        }
        text += &second;
    }
    for (before, link) in FURTHER.into_iter().zip(links) {
        text += before;
        text += &link;
    }
    text
}

/// Reads a link of one scenario or of several: the text after `#`, with or without it, or a whole address.
#[must_use]
pub fn read(link: &str) -> Read {
    // A query may hold `&b=` too.
    let text = link.rsplit_once('#').map_or(link, |(_, fragment)| fragment);
    let Some((a, rest)) = text.split_once(SECOND) else {
        return Read { a: decode(text), others: Vec::new(), beyond: 0 };
    };
    let counted = match rest.split_once(COUNTED) {
        Some((count, after)) => count.parse::<usize>().ok().map(|n| (n, after)),
        None => rest.parse::<usize>().ok().map(|n| (n, "")),
    };
    let (count, rest) = counted.unwrap_or((2, rest));
    let mut parts = Vec::from([rest]);
    for before in FURTHER {
        let Some((part, after)) = parts.last().and_then(|last| last.split_once(before)) else { break };
        parts.pop();
        parts.extend([part, after]);
    }
    let places = Side::ALL.len() - 1;
    let one = |i: usize| match parts.get(i) {
        None | Some(&"") => Err(Flaw::Missing),
        Some(part) => decode(part).map_err(Flaw::Damaged),
    };
    let others = (0..parts.len().max(count.saturating_sub(1).min(places))).map(one).collect();
    Read { a: decode(a), others, beyond: count.saturating_sub(Side::ALL.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn two() -> [Scenario; 2] {
        let (a, mut b) = (Scenario::default(), Scenario::default());
        b.topology.pools[0].replicas = 8;
        b.extra.insert("future".into(), json!({"x": [1, null]}));
        [a, b]
    }

    fn four() -> [Scenario; 4] {
        let [a, b] = two();
        let (mut c, mut d) = (a.clone(), a.clone());
        (c.topology.pools[0].replicas, d.title) = (3, "the last one".into());
        [a, b, c, d]
    }

    /// The scenarios of a link that opens as a whole.
    fn opened(text: &str) -> Vec<Scenario> {
        let read = read(text);
        assert_eq!(read.beyond, 0);
        let others = read.others.into_iter().map(|d| d.expect("opens").scenario);
        [read.a.expect("opens").scenario].into_iter().chain(others).collect()
    }

    #[test]
    fn all_go_in_and_come_out_with_what_is_not_known() {
        let four = four();
        for n in 1..=4 {
            let link = write(&four[..n]);
            for text in [link.clone(), format!("#{link}"), format!("https://example.org/?embed=1&b=2#{link}")] {
                assert_eq!(opened(&text), four[..n]);
            }
            assert!(link.len() < 200 * n, "{}", link.len());
        }
    }

    #[test]
    fn two_are_written_as_one_after_the_other() {
        let [a, b] = two();
        assert_eq!(write(&[&a, &b]), format!("{}&b={}", encode(&a), encode(&b)));
        assert_eq!(write(&[&a]), encode(&a));
        assert_eq!(read(&encode(&b)).others, [], "a link of one scenario compares nothing");
    }

    #[test]
    fn wherever_a_link_is_cut_what_is_missing_is_known() {
        let four = four();
        for n in 2..=4 {
            let link = write(&four[..n]);
            for end in encode(&four[0]).len() + SECOND.len() + usize::from(n > 2)..link.len() {
                let read = read(&link[..end]);
                assert_eq!(read.a.map(|d| d.scenario), Ok(four[0].clone()));
                assert_eq!(read.others.len(), n - 1, "cut at {end}");
                assert!(matches!(read.others.last(), Some(Err(_))), "cut at {end}");
                // What came before the cut is as it was, and what came after is missing.
                let whole = read.others.iter().take_while(|d| d.is_ok()).count();
                for (found, written) in read.others[..whole].iter().zip(&four[1..]) {
                    assert_eq!(found.as_ref().map(|d| &d.scenario), Ok(written));
                }
                assert!(read.others.iter().skip(whole + 1).all(|d| *d == Err(Flaw::Missing)), "cut at {end}");
                assert!(read.others[whole].as_ref().is_err_and(|flaw| !format!("{flaw}").is_empty()));
            }
        }
    }

    #[test]
    fn a_damaged_part_leaves_the_others_readable() {
        let four = four();
        let links = four.each_ref().map(encode);
        let link = write(&four);
        for (i, damaged) in links.iter().enumerate() {
            let changed = damaged.replacen('z', "q", 1);
            let read = read(&link.replacen(damaged.as_str(), &changed, 1));
            let all: Vec<Option<Scenario>> = [read.a.ok()]
                .into_iter()
                .chain(read.others.into_iter().map(Result::ok))
                .map(|d| d.map(|d| d.scenario))
                .collect();
            let expected: Vec<Option<Scenario>> =
                four.iter().enumerate().map(|(k, s)| (k != i).then(|| s.clone())).collect();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn of_more_than_four_the_first_four_open_and_the_rest_is_counted() {
        let link = write(&four()).replacen("&b=4~", "&b=6~", 1);
        let read = read(&link);
        assert_eq!((read.others.len(), read.beyond), (3, 2));
        assert!(read.others.iter().all(Result::is_ok));
        let hostile = super::read("x&b=99999999999999999999~&c=&d=&c=");
        assert!(hostile.a.is_err() && hostile.others.iter().all(Result::is_err) && hostile.others.len() <= 3);
    }
}
