//! Every admitter: deterministic, blind to names, kind to those it is not about; and what each does by hand.

use crate::fleet::{Fleet, ask, ms};
use crate::parameter_sets;
use playground_core::base::{Purpose, Stream, Time, math};
use playground_core::policy::admit::{ADMITTERS, find, legacy_admits};
use playground_core::policy::{Ask, FleetView, Params, Wants};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

fn admits(id: &str, parameters: &Map<String, Value>, fleet: &Fleet, ask: &Ask<'_>) -> bool {
    let kind = find(id).expect("registered");
    let mut admitter = (kind.build)(&Params::new(&kind.meta, parameters, &Wants::default()));
    fleet.with(|view| admitter.admits(ask, view, &mut Stream::new(3, 0, Purpose::Admit, 0)))
}

#[test]
fn says_the_same_again_whatever_instances_are_called() {
    for kind in ADMITTERS {
        for parameters in parameter_sets(&kind.meta) {
            let mut dice = Dice::new(9);
            for number in 0..300 {
                let n = dice.pick(&[0, 1, 2, 9]);
                let fleet = Fleet::random(&mut dice, n);
                let ask = Ask { number, priority: dice.pick(&[-1, 0, 5]), ..ask() };
                let said = admits(kind.meta.id, &parameters, &fleet, &ask);
                assert_eq!(said, admits(kind.meta.id, &parameters, &fleet, &ask), "{}", kind.meta.id);
                assert_eq!(said, admits(kind.meta.id, &parameters, &fleet.reversed(), &ask), "{}", kind.meta.id);
                let of_llm_d = ["probabilistic-admitter", "latency-slo-admitter"].contains(&kind.meta.id);
                assert!(
                    said || !of_llm_d || ask.priority < 0,
                    "{}: llm-d sheds negative priorities only",
                    kind.meta.id
                );
            }
        }
    }
}

#[test]
fn legacy_sheds_negative_priorities_of_a_saturated_pool() {
    let ask = |priority| Ask { priority, ..Ask::default() };
    assert!(legacy_admits(&ask(0), || 9.0) && legacy_admits(&ask(-1), || 0.999));
    assert!(!legacy_admits(&ask(-1), || 1.0));
}

/// Share of requests of priority −1 that are shed at a saturation that queues make: 1000 waiting is 1.
fn shed(saturation: f64, parameters: &Value, times: u64) -> f64 {
    let mut given = parameters.as_object().expect("an object").clone();
    given.insert("queueDepthThreshold".into(), 1000.into());
    let kind = find("probabilistic-admitter").expect("registered");
    let mut admitter = (kind.build)(&Params::new(&kind.meta, &given, &Wants::default()));
    let mut draws = Stream::new(11, 0, Purpose::Admit, 0);
    // The mean over instances: one has twice the saturation, the other nothing.
    let waiting = vec![(2000.0 * saturation).round() as u32, 0];
    let fleet = Fleet { waiting, ..Fleet::idle(2) };
    let mut rejects = |number: u64| {
        let ask = Ask { number, priority: -1, ..Ask::default() };
        !fleet.with(|view| admitter.admits(&ask, view, &mut draws))
    };
    (0..times).filter(|&number| rejects(number)).count() as f64 / times as f64
}

#[test]
fn the_probability_of_shedding_is_the_formula() {
    let times = 40_000;
    for (parameters, power, k) in [(json!({}), 5.0, 300.0), (json!({ "power": 1, "k": 0.5 }), 1.0, 0.5)] {
        for saturation in [0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.319, 0.32, 0.5, 1.0, 7.0] {
            let p = (k * math::pow(saturation, power)).min(1.0);
            // Five standard deviations.
            let sd = (p * (1.0 - p) / times as f64).sqrt();
            let seen = shed(saturation, &parameters, times);
            assert!((seen - p).abs() <= 5.0 * sd, "{parameters} at {saturation}: {seen}, not {p}");
        }
    }
    // As published: 2.3 % at 0.15, 9.6 % at 0.20, 73 % at 0.30, everyone from 0.32 on.
    assert!((300.0 * math::pow(0.15, 5.0) - 0.023).abs() < 5e-4 && (300.0 * math::pow(0.2, 5.0) - 0.096).abs() < 5e-4);
    assert_eq!(shed(0.32, &json!({}), 1000), 1.0);
}

#[test]
fn late_requests_are_shed_by_hand() {
    let busy = Fleet { running: vec![1, 1], kv_usage: vec![0.5, 0.5], ..Fleet::idle(2) };
    let predicted = |a, b| Fleet { predictions: vec![Some((a, 1.0, None)), Some((b, 1.0, None))], ..busy.clone() };
    let says = |fleet: &Fleet, ask: Ask<'_>| admits("latency-slo-admitter", &Map::new(), fleet, &ask);
    let low = Ask { priority: -1, ..ask() };
    assert!(!says(&predicted(101.0, 200.0), low), "nobody meets 100 ms");
    assert!(says(&predicted(101.0, 100.0), low));
    assert!(says(&predicted(101.0, 200.0), ask()), "priority 0 is not shed");
    assert!(says(&predicted(101.0, 200.0), Ask { slo_ttft: None, slo_tpot: None, ..low }), "no targets");
    assert!(!says(&busy, low), "without predictions nobody is known to meet anything");
    assert!(says(&Fleet { running: vec![0, 1], ..busy.clone() }, low), "one is idle");
    assert!(says(&Fleet { kv_usage: vec![0.019, 0.5], ..busy }, low), "one is cold");
}

#[test]
fn a_token_bucket_by_hand() {
    let kind = find("token-bucket-admitter").expect("registered");
    let given = json!({ "capacity": 1000, "refillRate": 100 });
    let wants = Wants::default();
    let mut bucket = (kind.build)(&Params::new(&kind.meta, given.as_object().expect("an object"), &wants));
    let mut draws = Stream::new(3, 0, Purpose::Admit, 0);
    let mut says = |at_ms: f64, prompt_tokens| {
        let view = FleetView { now: Time::ZERO + ms(at_ms), ..FleetView::EMPTY };
        bucket.admits(&Ask { prompt_tokens, ..Ask::default() }, &view, &mut draws)
    };
    assert!(says(0.0, 600) && !says(0.0, 401), "400 are left");
    assert!(says(10.0, 401), "and one flows in each 10 ms");
    assert!(!says(10.0, 1) && says(1010.0, 100) && !says(1010.0, 1));
    assert!(!says(100_000.0, 1001) && says(100_000.0, 1000), "it holds 1000");
}

#[test]
fn tiers_by_hand() {
    let fleet = Fleet { waiting: vec![2, 0], running: vec![3, 0], in_flight: vec![5, 1], ..Fleet::idle(2) };
    let says = |threshold: i64, priority: i32| {
        let given = json!({ "overloadThreshold": threshold });
        admits("tier-shed-admitter", given.as_object().expect("an object"), &fleet, &Ask { priority, ..Ask::default() })
    };
    assert!(says(10, -3) && !says(9, 2) && says(9, 3), "the most loaded has 10");
    assert!(admits("always-admitter", &Map::new(), &fleet, &Ask { priority: -9, ..Ask::default() }));
}
