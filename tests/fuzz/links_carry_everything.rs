//! What goes into a link comes out of it: every field, and every setting this release does not know.

use crate::strategies::scenario;
use playground_core::scenario::{Scenario, decode, encode};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_scenario(s in scenario()) {
        let link = encode(&s);
        let opened = decode(&link);
        prop_assert!(opened.is_ok(), "{:?}\n#{}", opened, link);
        let opened = opened.expect("just checked");
        prop_assert_eq!(&opened.scenario, &s);
        prop_assert_eq!(opened.unknown_settings, s.unknown_settings());
        prop_assert_eq!(encode(&opened.scenario), link, "the same scenario has the same link");
    }

    #[test]
    fn and_so_does_a_file(s in scenario()) {
        let text = s.to_value().to_string();
        prop_assert_eq!(Scenario::from_json(&text), Ok(s));
    }
}
