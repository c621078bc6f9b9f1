//! Every scorer, with every extreme of its parameters: between nothing and its weight, deterministic, blind to names,
//! and what each is worth in cases worked out by hand.

use crate::{candidates, parameter_sets};
use playground_core::base::Time;
use playground_core::policy::score::{SCORERS, find};
use playground_core::policy::{Ask, Candidate, FleetView, Params};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

/// A fleet of some instances, column by column.
#[derive(Clone, Default)]
struct Fleet {
    in_flight: Vec<u32>,
    waiting: Vec<u32>,
    running: Vec<u32>,
    kv_usage: Vec<f64>,
    matched: Vec<u32>,
    blocks: u32,
}

impl Fleet {
    fn random(dice: &mut Dice, n: u32) -> Self {
        let blocks = dice.pick(&[0, 1, 7, 100]);
        let mut column = |most: u32| (0..n).map(|_| dice.below(most + 1)).collect::<Vec<u32>>();
        let (in_flight, waiting, running, matched) = (column(3), column(200), column(5), column(blocks));
        let kv_usage = column(4).into_iter().map(|q| f64::from(q) / 4.0).collect();
        Fleet { in_flight, waiting, running, kv_usage, matched, blocks }
    }

    /// Scores of all instances, in their order.
    fn score(&self, id: &str, parameters: &Map<String, Value>, weight: f64) -> Vec<f64> {
        let n = u32::try_from(self.waiting.len()).expect("few");
        let mut all: Vec<Candidate> = candidates(&(0..n).map(|i| (i, 0.0)).collect::<Vec<_>>());
        self.add(id, parameters, weight, &mut all);
        all.iter().map(|c| c.score).collect()
    }

    fn add(&self, id: &str, parameters: &Map<String, Value>, weight: f64, to: &mut [Candidate]) {
        let kind = find(id).expect("registered");
        let view = FleetView {
            now: Time::ZERO,
            in_flight: &self.in_flight,
            waiting: &self.waiting,
            running: &self.running,
            kv_usage: &self.kv_usage,
            prefix_match: &self.matched,
            prefix_blocks: self.blocks,
            prefix_block_tokens: 64,
        };
        let ask = Ask { number: 0, class: 0, priority: 0, prompt_tokens: 64 * self.blocks, prompt: &[] };
        (kind.build)(&Params::new(&kind.meta, parameters)).score(&ask, &view, weight, to);
    }
}

#[test]
fn scores_lie_between_nothing_and_the_weight_and_repeat() {
    for kind in SCORERS {
        for parameters in parameter_sets(&kind.meta) {
            let mut dice = Dice::new(3);
            for _ in 0..500 {
                let n = dice.pick(&[0, 1, 2, 9]);
                let fleet = Fleet::random(&mut dice, n);
                let scores = fleet.score(kind.meta.id, &parameters, 2.5);
                assert!(scores.iter().all(|s| (0.0..=2.5).contains(s)), "{}: {scores:?}", kind.meta.id);
                assert_eq!(scores, fleet.score(kind.meta.id, &parameters, 2.5), "{}", kind.meta.id);
            }
        }
    }
}

#[test]
fn the_order_of_candidates_does_not_matter() {
    let mut dice = Dice::new(4);
    for kind in SCORERS {
        for _ in 0..200 {
            let fleet = Fleet::random(&mut dice, 6);
            let forward = fleet.score(kind.meta.id, &Map::new(), 1.0);
            let mut backward = candidates(&(0..6).rev().map(|i| (i, 0.0)).collect::<Vec<_>>());
            fleet.add(kind.meta.id, &Map::new(), 1.0, &mut backward);
            let backward: Vec<f64> = backward.iter().rev().map(|c| c.score).collect();
            assert_eq!(forward, backward, "{}", kind.meta.id);
        }
    }
}

/// (scorer, parameters, fleet, scores by hand)
fn by_hand() -> Vec<(&'static str, Value, Fleet, Vec<f64>)> {
    let queue = Fleet { waiting: vec![0, 5, 10], ..Fleet::default() };
    let even = Fleet { waiting: vec![7, 7], ..Fleet::default() };
    let batch = Fleet { waiting: vec![0; 3], running: vec![4, 2, 0], ..Fleet::default() };
    let kv = Fleet { waiting: vec![0; 3], kv_usage: vec![0.0, 0.25, 1.0], ..Fleet::default() };
    let prefix = Fleet { waiting: vec![0; 3], matched: vec![0, 32, 64], blocks: 128, ..Fleet::default() };
    let unknown = Fleet { waiting: vec![0; 2], matched: vec![0, 0], blocks: 0, ..Fleet::default() };
    let active = Fleet { waiting: vec![0; 3], in_flight: vec![0, 1, 4], ..Fleet::default() };
    let long = Fleet { waiting: vec![0, 64, 128, 500], ..Fleet::default() };
    vec![
        ("queue-scorer", json!({}), queue, vec![1.0, 0.5, 0.0]),
        ("queue-scorer", json!({}), even, vec![1.0, 1.0]),
        ("running-requests-size-scorer", json!({}), batch, vec![0.0, 0.5, 1.0]),
        ("kv-cache-utilization-scorer", json!({}), kv, vec![1.0, 0.75, 0.0]),
        ("prefix-cache-scorer", json!({}), prefix.clone(), vec![0.0, 0.25, 0.5]),
        // Half of it by length: 32 blocks of 64 tokens are a quarter of 8192, squared 1/16.
        ("prefix-cache-scorer", json!({ "matchLengthWeight": 0.5 }), prefix, vec![0.0, 0.156_25, 0.375]),
        ("prefix-cache-scorer", json!({}), unknown, vec![0.0, 0.0]),
        ("active-request-scorer", json!({}), active.clone(), vec![1.0, 0.75, 0.0]),
        ("active-request-scorer", json!({ "idleThreshold": 1, "maxBusyScore": 0.5 }), active, vec![1.0, 1.0, 0.0]),
        ("load-aware-scorer", json!({}), long, vec![0.5, 0.25, 0.0, 0.0]),
    ]
}

#[test]
fn cases_worked_out_by_hand() {
    for (id, parameters, fleet, expected) in by_hand() {
        let parameters = parameters.as_object().expect("an object");
        assert_eq!(fleet.score(id, parameters, 1.0), expected, "{id} {parameters:?}");
    }
}
