//! A link that was cut or changed on its way opens as an error with words, never as another scenario.

use playground_core::scenario::{Scenario, decode, encode};
use playground_tests::Dice;
use playground_tests::swarm::small_scenario;

/// Links of many lengths, the landing scenario's among them.
fn links() -> Vec<(Scenario, String)> {
    let some = (0..24).map(small_scenario).chain([Scenario::default()]);
    some.map(|s| (s.clone(), encode(&s))).collect()
}

#[test]
fn every_beginning_is_too_short() {
    for (_, link) in links() {
        for end in 0..link.len() {
            let error = decode(&link[..end]).expect_err("a part of a link is no link");
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn every_end_is_no_link() {
    for (_, link) in links() {
        for start in 1..link.len() {
            assert!(decode(&link[start..]).is_err(), "{}", &link[start..]);
        }
    }
}

#[test]
fn every_changed_character_is_noticed() {
    let mut dice = Dice::new(5);
    for (_, link) in links() {
        for place in 0..link.len() {
            let was = link.as_bytes()[place] as char;
            let near = (link.as_bytes()[place] ^ 1) as char;
            let any = char::from(dice.pick(b"ABCabc012-_.#/%= \n\0"));
            for other in [near, any, '.', '#', 'é', '\u{1F600}'] {
                if other != was {
                    let changed = format!("{}{other}{}", &link[..place], &link[place + 1..]);
                    assert!(decode(&changed).is_err(), "{changed}");
                }
            }
        }
    }
}

#[test]
fn lost_doubled_and_swapped_characters_are_noticed() {
    for (scenario, link) in links() {
        let bytes = link.as_bytes();
        for place in 0..link.len() {
            let (before, after) = (&link[..place], &link[place + 1..]);
            let mut damaged = vec![format!("{before}{after}"), format!("{before}{0}{0}{after}", bytes[place] as char)];
            if place + 1 < link.len() {
                damaged.push(format!("{before}{}{}{}", bytes[place + 1] as char, bytes[place] as char, &after[1..]));
            }
            for text in damaged {
                // A zero more before the schema's number, or two like characters swapped, is the same link.
                if let Ok(opened) = decode(&text) {
                    assert_eq!(opened.scenario, scenario, "{text}");
                }
            }
        }
    }
}

#[test]
fn wrapping_does_not_matter() {
    for (scenario, link) in links() {
        for wrapped in [format!("#{link}"), format!(" {link}\n"), format!("https://example.org/a/?embed=1#{link}")] {
            assert_eq!(decode(&wrapped).expect("opens").scenario, scenario);
        }
    }
}
