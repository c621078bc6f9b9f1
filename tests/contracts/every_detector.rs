//! Every detector of saturation: a number from 0, deterministic, blind to names, and worked out by hand.

use crate::fleet::{Fleet, labelled};
use crate::parameter_sets;
use playground_core::policy::detect::{DETECTORS, find};
use playground_core::policy::{Params, ROLE_LABEL, Wants};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

fn saturation(id: &str, parameters: &Map<String, Value>, fleet: &Fleet) -> f64 {
    let kind = find(id).expect("registered");
    let detector = (kind.build)(&Params::new(&kind.meta, parameters, &Wants::default()));
    fleet.with(|view| detector.saturation(view))
}

#[test]
fn is_a_number_and_the_same_whatever_instances_are_called() {
    for kind in DETECTORS {
        for parameters in parameter_sets(&kind.meta) {
            let mut dice = Dice::new(8);
            for _ in 0..300 {
                let n = dice.pick(&[0, 1, 2, 9]);
                let fleet = Fleet::random(&mut dice, n);
                let s = saturation(kind.meta.id, &parameters, &fleet);
                assert!(s >= 0.0 && s.is_finite(), "{} {parameters:?}: {s}", kind.meta.id);
                let turned = saturation(kind.meta.id, &parameters, &fleet.reversed());
                assert!((s - turned).abs() <= 1e-9 * s.max(1.0), "{}: {s}, turned {turned}", kind.meta.id);
            }
            let nobody = saturation(kind.meta.id, &parameters, &Fleet::default());
            assert_eq!(nobody, 1.0, "{}: an empty pool is saturated", kind.meta.id);
        }
    }
}

#[test]
fn cases_worked_out_by_hand() {
    // max(10/5, 0.4/0.8) = 2 and max(0/5, 0.4/0.8) = 0.5
    let fleet = Fleet {
        waiting: vec![10, 0],
        kv_usage: vec![0.4, 0.4],
        in_flight: vec![150, 30],
        tokens: vec![100_000, 900_000],
        age_ms: 49,
        ..Fleet::idle(2)
    };
    let role = |role| labelled(&[(ROLE_LABEL, role)]);
    let roles = |a, b| Fleet { endpoints: vec![role(a), role(b)], ..fleet.clone() };
    let cases = [
        ("utilization-detector", json!({}), fleet.clone(), 1.25),
        ("utilization-detector", json!({ "queueDepthThreshold": 10, "kvCacheUtilThreshold": 0.4 }), fleet.clone(), 1.0),
        ("utilization-detector", json!({ "metricsStalenessThreshold": "40ms" }), fleet.clone(), 1.0),
        ("utilization-detector", json!({}), roles("prefill", "decode"), 2.0),
        ("utilization-detector", json!({}), roles("decode", "both"), 1.25),
        ("concurrency-detector", json!({}), fleet.clone(), 0.9),
        ("concurrency-detector", json!({ "maxConcurrency": 45 }), fleet.clone(), 2.0),
        ("concurrency-detector", json!({ "concurrencyMode": "tokens" }), fleet.clone(), 0.5),
        ("concurrency-detector", json!({ "concurrencyMode": "hybrid" }), fleet.clone(), 1.2),
        ("concurrency-detector", json!({}), roles("prefill", "decode"), 1.5),
    ];
    for (id, parameters, fleet, expected) in cases {
        let s = saturation(id, parameters.as_object().expect("an object"), &fleet);
        assert!((s - expected).abs() < 1e-12, "{id} {parameters}: {s}, not {expected}");
    }
}
