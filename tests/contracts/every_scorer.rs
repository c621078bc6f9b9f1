//! Every scorer, with every extreme of its parameters: between nothing and its weight, deterministic, blind to names,
//! and what each is worth in cases worked out by hand.

use crate::fleet::{Fleet, ask, labelled, near};
use crate::{candidates, parameter_sets};
use playground_core::base::Id;
use playground_core::policy::score::{SCORERS, find};
use playground_core::policy::{Ask, Params, Wants};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

#[test]
fn scores_lie_between_nothing_and_the_weight_and_repeat() {
    for kind in SCORERS {
        for parameters in parameter_sets(&kind.meta) {
            let mut dice = Dice::new(3);
            for _ in 0..500 {
                let n = dice.pick(&[0, 1, 2, 9]);
                let fleet = Fleet::random(&mut dice, n);
                let scores = fleet.score(kind.meta.id, &parameters, 2.5, &ask());
                assert!(scores.iter().all(|s| (0.0..=2.5).contains(s)), "{}: {scores:?}", kind.meta.id);
                assert_eq!(scores, fleet.score(kind.meta.id, &parameters, 2.5, &ask()), "{}", kind.meta.id);
            }
        }
    }
}

#[test]
fn the_order_of_candidates_does_not_matter() {
    let mut dice = Dice::new(4);
    // Among those that never got a new prompt, no-hit-lru-scorer goes by their order.
    for kind in SCORERS.iter().filter(|kind| kind.meta.id != "no-hit-lru-scorer") {
        for _ in 0..200 {
            let fleet = Fleet::random(&mut dice, 6);
            let forward = fleet.score(kind.meta.id, &Map::new(), 1.0, &ask());
            let mut backward = candidates(&(0..6).rev().map(|i| (i, 0.0)).collect::<Vec<_>>());
            fleet.add(kind.meta.id, &Map::new(), 1.0, &ask(), &mut backward);
            let backward: Vec<f64> = backward.iter().rev().map(|c| c.score).collect();
            assert_eq!(forward, backward, "{}", kind.meta.id);
            let mut turned = fleet.reversed().score(kind.meta.id, &Map::new(), 1.0, &ask());
            turned.reverse();
            assert_eq!(forward, turned, "{}: what instances are called does not matter", kind.meta.id);
        }
    }
}

/// (scorer, parameters, fleet, scores by hand)
fn by_hand() -> Vec<(&'static str, Value, Fleet, Vec<f64>)> {
    let queue = Fleet { waiting: vec![0, 5, 10], ..Fleet::idle(3) };
    let even = Fleet { waiting: vec![7, 7], ..Fleet::idle(2) };
    let batch = Fleet { running: vec![4, 2, 0], ..Fleet::idle(3) };
    let kv = Fleet { kv_usage: vec![0.0, 0.25, 1.0], ..Fleet::idle(3) };
    let prefix = Fleet { matched: vec![0, 32, 64], blocks: 128, ..Fleet::idle(3) };
    let active = Fleet { in_flight: vec![0, 1, 4], ..Fleet::idle(3) };
    let long = Fleet { waiting: vec![0, 64, 128, 500], ..Fleet::idle(4) };
    let tokens = Fleet { tokens: vec![0, 1_048_576, 9_000_000], uncached: vec![0, 1_048_576, 0], ..Fleet::idle(3) };
    let ranges = ["0-10000", "6400-6400", "0-5400", "8400-9000", "7-1"];
    let ranges = ranges.map(|range| labelled(&[("llm-d.ai/context-length-range", range)]));
    let ranges = Fleet { endpoints: ranges.into_iter().chain([labelled(&[])]).collect(), ..Fleet::idle(6) };
    let near = Fleet { endpoints: near(), peer: Some(0), ..Fleet::idle(6) };
    let nowhere = Fleet { peer: Some(5), ..near.clone() };
    let unasked = Fleet { peer: None, ..near.clone() };
    vec![
        ("topology-affinity-scorer", json!({}), near, vec![1.0, 1.0, 0.2, 0.05, 0.02, 0.0]),
        // An empty label is shared with nobody, another empty one included.
        ("topology-affinity-scorer", json!({}), nowhere, vec![0.0; 6]),
        ("topology-affinity-scorer", json!({}), unasked, vec![0.0; 6]),
        ("queue-scorer", json!({}), queue, vec![1.0, 0.5, 0.0]),
        ("queue-scorer", json!({}), even, vec![1.0, 1.0]),
        ("running-requests-size-scorer", json!({}), batch, vec![0.0, 0.5, 1.0]),
        ("kv-cache-utilization-scorer", json!({}), kv, vec![1.0, 0.75, 0.0]),
        ("prefix-cache-scorer", json!({}), prefix.clone(), vec![0.0, 0.25, 0.5]),
        // Half of it by length: 32 blocks of 64 tokens are a quarter of 8192, squared 1/16.
        ("prefix-cache-scorer", json!({ "matchLengthWeight": 0.5 }), prefix.clone(), vec![0.0, 0.156_25, 0.375]),
        ("prefix-cache-scorer", json!({}), Fleet::idle(2), vec![0.0, 0.0]),
        ("active-request-scorer", json!({}), active.clone(), vec![1.0, 0.75, 0.0]),
        ("active-request-scorer", json!({ "idleThreshold": 1, "maxBusyScore": 0.5 }), active, vec![1.0, 1.0, 0.0]),
        ("load-aware-scorer", json!({}), long, vec![0.5, 0.25, 0.0, 0.0]),
        ("token-load-scorer", json!({}), tokens, vec![1.0, 0.5, 0.0]),
        ("session-affinity-scorer", json!({}), Fleet::idle(2), vec![0.0, 0.0]),
        ("no-hit-lru-scorer", json!({}), prefix, vec![0.5, 0.5, 0.5]),
        ("no-hit-lru-scorer", json!({}), Fleet::idle(5), vec![1.0, 0.75, 0.5, 0.25, 0.0]),
        ("no-hit-lru-scorer", json!({}), Fleet::idle(1), vec![1.0]),
        (
            "context-length-aware",
            json!({}),
            ranges,
            // 6400 tokens: 0.3 + 0.7·(0.7/2 + 0.3·0.36); exact; 1000 above; 2000 below; unreadable; unlabelled.
            vec![0.3 + 0.7 * (0.35 + 0.3 * 0.36), 1.0, 0.15, 0.3 / 3.0, 0.0, 0.5],
        ),
    ]
}

#[test]
fn cases_worked_out_by_hand() {
    for (id, parameters, fleet, expected) in by_hand() {
        let parameters = parameters.as_object().expect("an object");
        let scores = fleet.score(id, parameters, 1.0, &ask());
        let near = scores.len() == expected.len() && scores.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near, "{id} {parameters:?}: {scores:?}, not {expected:?}");
    }
}

#[test]
fn predicted_latency_by_hand() {
    // Targets 100 ms and 10 ms.
    let score = |parameters: Value, predictions: &[Option<(f64, f64, Option<f64>)>], in_flight: &[u32]| {
        let n = predictions.len();
        let fleet = Fleet { predictions: predictions.to_vec(), in_flight: in_flight.to_vec(), ..Fleet::idle(n) };
        fleet.score("latency-scorer", parameters.as_object().expect("an object"), 1.0, &ask())
    };
    let ttft = |ms: f64| Some((ms, 1.0, None));
    // Headrooms 80, 40 and 0 of those that meet the target: shares 1, 0.5, 0. The last one is late.
    let some = [ttft(20.0), ttft(60.0), ttft(100.0), ttft(101.0)];
    assert_eq!(score(json!({}), &some, &[1; 4]), [0.01, 0.51, 1.0, 0.0]);
    assert_eq!(score(json!({ "headroomSelectionStrategy": "most" }), &some, &[1; 4]), [1.0, 0.51, 0.01, 0.0]);
    // With TPOT: shares of TTFT 1, 0 and of TPOT 0, 1 weigh 0.8 and 0.2; 1 − 0.8 and 1 − 0.2.
    let both = [Some((50.0, 9.0, Some(10.0))), Some((90.0, 5.0, Some(10.0)))];
    assert_eq!(score(json!({ "ttftWeight": 3, "tpotWeight": 1 }), &both, &[1; 2]), [0.26, 0.76]);
    // All late: the least late, whatever the strategy; an idle one before all others.
    let late = [ttft(150.0), ttft(200.0), ttft(300.0)];
    assert_eq!(score(json!({ "headroomSelectionStrategy": "most" }), &late, &[1; 3]), [1.0, 0.67, 0.01]);
    assert_eq!(score(json!({}), &late, &[1, 1, 0]), [0.0, 0.0, 0.51]);
    // Late in one only comes before late in both.
    let mixed = [Some((150.0, 20.0, Some(10.0))), Some((150.0, 5.0, Some(10.0))), Some((50.0, 20.0, Some(10.0)))];
    assert_eq!(score(json!({}), &mixed, &[1; 3]), [0.0, 0.0, 0.51]);
    // An instance without a prediction is not known to be late.
    assert_eq!(score(json!({}), &[ttft(150.0), None], &[1; 2]), [0.0, 0.51]);
}

#[test]
fn without_predictions_latency_is_a_composite() {
    let fleet =
        Fleet { kv_usage: vec![0.5, 0.0], waiting: vec![4, 1], matched: vec![10, 0], blocks: 10, ..Fleet::idle(2) };
    // (0.5 + 0 + 1)/3 and (1 + 0.75 + 0)/3, in hundredths.
    assert_eq!(fleet.score("latency-scorer", &Map::new(), 1.0, &ask()), [0.5, 0.58]);
}

#[test]
fn new_prompts_go_where_one_went_longest_ago() {
    let kind = find("no-hit-lru-scorer").expect("registered");
    let given = json!({ "lruSize": 2 });
    let wants = Wants::default();
    let mut scorer = (kind.build)(&Params::new(&kind.meta, given.as_object().expect("an object"), &wants));
    let mut scores = |fleet: &Fleet, chosen: u32| {
        let mut all = fleet.all();
        fleet.with(|view| {
            scorer.score(&ask(), view, 1.0, &mut all);
            scorer.sent(&ask(), view, Id::new(chosen));
        });
        all.iter().map(|c| c.score).collect::<Vec<_>>()
    };
    let cold = Fleet::idle(3);
    assert_eq!(scores(&cold, 1), [1.0, 0.5, 0.0]);
    assert_eq!(scores(&cold, 0), [1.0, 0.0, 0.5], "0 and 2 never got one, then 1");
    assert_eq!(scores(&cold, 1), [0.0, 0.5, 1.0], "2 never did, then 1, then 0");
    let warm = Fleet { matched: vec![1, 0, 0], blocks: 4, ..Fleet::idle(3) };
    assert_eq!(scores(&warm, 2), [0.5; 3], "a known prompt, which is not remembered");
    assert_eq!(scores(&cold, 2), [0.5, 0.0, 1.0]);
    assert_eq!(scores(&cold, 2), [1.0, 0.5, 0.0], "of two, 0 is forgotten");
}

#[test]
fn a_conversation_stays() {
    let kind = find("session-affinity-scorer").expect("registered");
    let (none, wants) = (Map::new(), Wants::default());
    let mut scorer = (kind.build)(&Params::new(&kind.meta, &none, &wants));
    let fleet = Fleet::idle(2);
    let mut scores = |session: u64| {
        let ask = Ask { session, ..ask() };
        let mut all = fleet.all();
        fleet.with(|view| {
            scorer.score(&ask, view, 1.0, &mut all);
            scorer.sent(&ask, view, Id::new(1));
        });
        all.iter().map(|c| c.score).collect::<Vec<_>>()
    };
    assert_eq!([scores(1), scores(2), scores(1)], [[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]);
}
