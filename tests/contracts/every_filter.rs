//! Every filter, with every extreme of its parameters: leaves some of those it was given, in their order, deterministic,
//! blind to names; and whom each leaves in cases worked out by hand.

use crate::fleet::{Fleet, ask, labelled, near};
use crate::parameter_sets;
use playground_core::policy::filter::FILTERS;
use playground_core::policy::{Ask, Meta, ROLE_LABEL, all};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

/// Everything that filters: filters, detectors of saturation, a scorer.
fn each(check: impl Fn(&'static Meta, &Map<String, Value>)) {
    let also = ["utilization-detector", "concurrency-detector", "context-length-aware"];
    let filters = FILTERS.iter().map(|kind| kind.meta.id).chain(also);
    for id in filters {
        let meta = all().find(|meta| meta.id == id).expect("registered");
        for parameters in parameter_sets(meta) {
            check(meta, &parameters);
        }
    }
}

#[test]
fn leaves_some_in_their_order_and_the_same_again() {
    each(|meta, parameters| {
        let mut dice = Dice::new(5);
        for number in 0..300 {
            let n = dice.pick(&[0, 1, 2, 9]);
            let fleet = Fleet::random(&mut dice, n);
            let ask = Ask { number, ..ask() };
            let left = fleet.filter(meta.id, parameters, &ask);
            assert!(left.is_sorted() && left.iter().all(|&i| i < n), "{} {parameters:?}: {left:?}", meta.id);
            assert_eq!(left, fleet.filter(meta.id, parameters, &ask), "{}", meta.id);
        }
    });
}

#[test]
fn goes_by_what_instances_are_not_by_their_names() {
    each(|meta, parameters| {
        let mut dice = Dice::new(6);
        for number in 0..300 {
            let fleet = Fleet::random(&mut dice, 6);
            let ask = Ask { number, ..ask() };
            let mut turned = fleet.reversed().filter(meta.id, parameters, &ask);
            turned.iter_mut().for_each(|i| *i = 5 - *i);
            turned.reverse();
            assert_eq!(turned, fleet.filter(meta.id, parameters, &ask), "{} {parameters:?}", meta.id);
        }
    });
}

#[test]
fn roles_and_labels_by_hand() {
    let role = |role| labelled(&[(ROLE_LABEL, role)]);
    let roles = ["prefill", "decode", "encode", "both", "prefill-decode", "encode-prefill", "encode-prefill-decode"];
    let endpoints = roles.map(role).into_iter().chain([labelled(&[("gpu", "h100")])]).collect();
    let fleet = Fleet { endpoints, ..Fleet::idle(8) };
    let cases = [
        ("decode-filter", json!({}), vec![1, 3, 4, 6, 7]),
        ("prefill-filter", json!({}), vec![0, 3, 4, 5, 6]),
        ("encode-filter", json!({}), vec![2, 5, 6]),
        ("label-selector-filter", json!({ "matchLabels": { "gpu": "h100" } }), vec![7]),
        ("label-selector-filter", json!({ "matchLabels": { "gpu": "a100" } }), vec![]),
        (
            "label-selector-filter",
            json!({ "matchExpressions": [{ "key": "llm-d.ai/role", "operator": "In", "values": ["decode", "both"] }] }),
            vec![1, 3],
        ),
        (
            "label-selector-filter",
            json!({ "matchExpressions": [
                { "key": "llm-d.ai/role", "operator": "NotIn", "values": ["decode", "both", "prefill"] },
                { "key": "llm-d.ai/role", "operator": "Exists" },
            ] }),
            vec![2, 4, 5, 6],
        ),
        (
            "label-selector-filter",
            json!({ "matchExpressions": [{ "key": "gpu", "operator": "DoesNotExist" }] }),
            vec![0, 1, 2, 3, 4, 5, 6],
        ),
    ];
    for (id, parameters, expected) in cases {
        let parameters = parameters.as_object().expect("an object");
        assert_eq!(fleet.filter(id, parameters, &ask()), expected, "{id} {parameters:?}");
    }
}

#[test]
fn places_by_hand() {
    let beside = |peer| Fleet { endpoints: near(), peer, ..Fleet::idle(6) };
    let all = vec![0, 1, 2, 3, 4, 5];
    let cases = [
        (json!({}), beside(Some(0)), vec![0, 1]),
        (json!({ "minAffinity": "rack" }), beside(Some(0)), vec![0, 1, 2]),
        (json!({ "minAffinity": "region" }), beside(Some(0)), vec![0, 1, 2, 3, 4]),
        (json!({ "minAffinity": "zone" }), beside(Some(4)), vec![4]),
        (json!({}), beside(Some(3)), all.clone()),
        (json!({ "minAffinity": "region" }), beside(Some(5)), all.clone()),
        (json!({}), beside(None), all),
    ];
    for (parameters, fleet, expected) in cases {
        let parameters = parameters.as_object().expect("an object");
        assert_eq!(fleet.filter("topology-affinity-filter", parameters, &ask()), expected, "{parameters:?}");
    }
}

#[test]
fn loads_by_hand() {
    let fleet = Fleet {
        waiting: vec![0, 4, 5, 9],
        kv_usage: vec![0.79, 0.5, 0.1, 0.9],
        in_flight: vec![1, 99, 100, 140],
        tokens: vec![2_000_000, 0, 0, 0],
        ..Fleet::idle(4)
    };
    let busy = Fleet { waiting: vec![7, 8], ..Fleet::idle(2) };
    let cases = [
        ("utilization-detector", json!({}), &fleet, vec![0, 1]),
        ("utilization-detector", json!({ "headroom": 0.2 }), &fleet, vec![0, 1, 2]),
        ("utilization-detector", json!({}), &busy, vec![0, 1]),
        ("concurrency-detector", json!({}), &fleet, vec![0, 1]),
        ("concurrency-detector", json!({ "headroom": 0.4 }), &fleet, vec![0, 1, 2]),
        ("concurrency-detector", json!({ "concurrencyMode": "tokens" }), &fleet, vec![1, 2, 3]),
        ("concurrency-detector", json!({ "concurrencyMode": "hybrid" }), &fleet, vec![1]),
        (
            "utilization-filter",
            json!({ "conditions": [{ "metric": "waiting-queue", "maxValue": 4 }] }),
            &fleet,
            vec![0, 1],
        ),
        (
            "utilization-filter",
            json!({ "conditions": [
                { "metric": "waiting-queue", "maxValue": 5 },
                { "metric": "kv-cache-utilization", "maxValue": 0.5 },
            ] }),
            &fleet,
            vec![1, 2],
        ),
        ("utilization-filter", json!({ "conditions": [{ "metric": "waiting-queue", "maxValue": 1 }] }), &busy, vec![]),
        (
            "utilization-filter",
            json!({ "conditions": [{ "metric": "waiting-queue", "maxValue": 1 }], "fallbackOnEmpty": true }),
            &busy,
            vec![0, 1],
        ),
    ];
    for (id, parameters, fleet, expected) in cases {
        let parameters = parameters.as_object().expect("an object");
        assert_eq!(fleet.filter(id, parameters, &ask()), expected, "{id} {parameters:?}");
    }
}

#[test]
fn prefix_affinity_by_hand() {
    // Instances 0 and 1 hold 80 and 90 of 100 blocks. At 15 928 tokens a second, 286 704 tokens take 18 s.
    let fleet = |tokens: [u64; 4]| Fleet {
        matched: vec![80, 90, 79, 0],
        blocks: 100,
        tokens: tokens.to_vec(),
        predictions: tokens.iter().map(|&t| Some((t as f64, 0.0, None))).collect(),
        ..Fleet::idle(4)
    };
    let (even, behind) = (fleet([300_000, 300_000, 13_296, 13_296]), fleet([300_001, 300_001, 13_296, 13_296]));
    let cases = [
        (json!({}), &even, vec![0, 1]),
        (json!({}), &behind, vec![0, 1, 2, 3]),
        (json!({ "maxTTFTPenaltyMs": 0 }), &behind, vec![0, 1]),
        (json!({ "affinityThreshold": 0.9 }), &even, vec![1]),
        (json!({ "affinityThreshold": 0.95 }), &even, vec![0, 1, 2, 3]),
        (json!({ "affinityThreshold": 0 }), &even, vec![0, 1, 2, 3]),
        (json!({ "explorationProbability": 1 }), &even, vec![0, 1, 2, 3]),
        (json!({ "peakPrefillThroughput": 10_000 }), &even, vec![0, 1, 2, 3]),
        (json!({ "ttftSource": "latencyPredictor", "maxTTFTPenaltyMs": 286_704 }), &even, vec![0, 1]),
        (json!({ "ttftSource": "latencyPredictor", "maxTTFTPenaltyMs": 286_704 }), &behind, vec![0, 1, 2, 3]),
    ];
    for (parameters, fleet, expected) in cases {
        let given = parameters.as_object().expect("an object");
        assert_eq!(fleet.filter("prefix-cache-affinity-filter", given, &ask()), expected, "{parameters}");
    }
}

#[test]
fn headroom_tiers_by_hand() {
    let predictions =
        vec![Some((90.0, 9.0, Some(10.0))), Some((110.0, 9.0, Some(10.0))), Some((100.0, 11.0, None)), None];
    let fleet = Fleet { predictions, ..Fleet::idle(4) };
    let left = |epsilon: f64| {
        let given = json!({ "epsilonExploreNeg": epsilon });
        fleet.filter("slo-headroom-tier-filter", given.as_object().expect("an object"), &ask())
    };
    assert_eq!(left(0.0), [0, 2], "the second is late, of the fourth nothing is known");
    assert_eq!(left(1.0), [1, 3]);
    let late = Fleet { predictions: vec![Some((200.0, 1.0, None)); 2], ..Fleet::idle(2) };
    assert_eq!(late.filter("slo-headroom-tier-filter", &Map::new(), &ask()), [0, 1]);
}
