//! Links made to hurt: any text, sound envelopes around anything, payloads that inflate without end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use playground_core::catalog::Catalog;
use playground_core::scenario::{LinkError, check, decode};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A link whose length and checksum are right, whatever its payload.
fn sealed(payload: &str) -> String {
    let sum = BASE64.encode(Sha256::digest(payload.as_bytes()));
    format!("0.z.{}.{payload}.{}", payload.len(), &sum[..6])
}

/// A link with these bytes, deflated.
fn deflated(bytes: &[u8]) -> String {
    sealed(&BASE64.encode(miniz_oxide::deflate::compress_to_vec(bytes, 10)))
}

fn linked(value: &Value) -> String {
    deflated(value.to_string().as_bytes())
}

/// Opens a link and checks what is in it: neither may panic.
fn open(link: &str) -> Result<(), LinkError> {
    decode(link).map(|opened| {
        let _ = check(&opened.scenario, &Catalog::builtin());
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        let _ = open(&text);
    }

    #[test]
    fn any_text_in_the_shape_of_a_link(text in "[0-9]{0,3}\\.[a-z]{0,2}\\.[0-9]{0,22}\\.[A-Za-z0-9_-]{0,60}\\.\\PC{0,8}") {
        let _ = open(&text);
    }

    #[test]
    fn any_payload_under_a_sound_seal(payload in "[A-Za-z0-9_-]{0,120}") {
        prop_assert!(open(&sealed(&payload)).is_err());
    }

    #[test]
    fn any_bytes_deflated(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(open(&deflated(&bytes)).is_err());
    }
}

#[test]
fn json_of_other_shapes() {
    for scenario in [
        json!(null),
        json!(5),
        json!("x"),
        json!([]),
        json!({"run": 3}),
        json!({"run": [1]}),
        json!({"topology": {"pools": null}}),
    ] {
        let _ = open(&linked(&json!({ "scenario": scenario })));
    }
    for envelope in [json!(null), json!([]), json!(1), json!("0"), json!([{"scenario": {}}])] {
        assert_eq!(open(&linked(&envelope)), Err(LinkError::Corrupted), "{envelope}");
    }
    assert_eq!(open(&linked(&json!({}))), Ok(()), "a link without changes is the landing scenario");
}

#[test]
fn a_payload_that_inflates_without_end_is_refused() {
    let bomb = deflated(&vec![b' '; 40 << 20]);
    assert!(bomb.len() < 64 << 10, "short enough to be looked at");
    assert_eq!(open(&bomb), Err(LinkError::Corrupted));
}

#[test]
fn nesting_without_end_is_refused() {
    for depth in [100, 128, 200, 400_000] {
        let text = format!("{{\"scenario\":{{\"x\":{}{}}}}}", "[".repeat(depth), "]".repeat(depth));
        let _ = open(&deflated(text.as_bytes()));
    }
}

/// Links with so many items in a list; each stands for a whole default item.
fn lists(items: usize) -> Vec<String> {
    let many = vec![json!({}); items];
    [
        json!({ "topology": { "pools": many } }),
        json!({ "workload": { "classes": many } }),
        json!({ "policies": { "plugins": many } }),
        json!({ "policies": { "schedulingProfiles": many } }),
        json!({ "policies": { "schedulingProfiles": [{ "plugins": many }] } }),
    ]
    .map(|scenario| linked(&json!({ "scenario": scenario })))
    .to_vec()
}

#[test]
fn lists_without_end_are_refused() {
    for link in lists(300_000) {
        assert!(link.len() < 4000, "a short link for so much: {}", link.len());
        assert!(matches!(open(&link), Err(LinkError::Unreadable(_))));
    }
}

#[test]
fn long_lists_are_told_so_and_not_looked_through() {
    for link in lists(1024) {
        let opened = decode(&link).expect("not too long to be read").scenario;
        let found = check(&opened, &Catalog::builtin());
        assert!(found.iter().any(playground_core::scenario::Diagnostic::is_error));
        // Some ten per item that is looked at, and fewer than a hundred items are.
        assert!(found.len() < 1000, "{} findings", found.len());
    }
}
