//! Policies of flow control: fairness picks who has requests, ceilings are one a band, orders are by hand.

use crate::fleet::ms;
use crate::parameter_sets;
use playground_core::base::Time;
use playground_core::policy::flow::{FAIRNESS, Fairness, FlowView, ORDERING, Queued, USAGE_LIMITS, UsageLimit};
use playground_core::policy::{Kind, Params, Wants};
use playground_tests::Dice;
use serde_json::{Map, Value, json};

fn built<T: ?Sized>(kinds: &'static [Kind<T>], id: &str, given: &Map<String, Value>) -> Box<T> {
    let kind = kinds.iter().find(|kind| kind.meta.id == id).expect("registered");
    (kind.build)(&Params::new(&kind.meta, given, &Wants::default()))
}

fn at(time_ms: f64) -> Time {
    Time::ZERO + ms(time_ms)
}

/// A flow whose first request came at this time, ms; none: it has no request.
fn flow(class: u32, head_ms: Option<u32>) -> FlowView {
    let since = at(f64::from(head_ms.unwrap_or(0)));
    FlowView { class, head: head_ms.map(|t| (u64::from(t), u64::from(class))), head_since: since }
}

#[test]
fn fairness_picks_a_flow_with_requests_and_the_same_again() {
    for kind in FAIRNESS {
        for given in parameter_sets(&kind.meta) {
            let run = || {
                let (mut policy, mut dice) = (built(FAIRNESS, kind.meta.id, &given), Dice::new(1));
                let mut picked = Vec::new();
                for t in 0..500u32 {
                    let heads = |dice: &mut Dice| if dice.chance(0.6) { Some(dice.below(t + 1)) } else { None };
                    let flows: Vec<FlowView> = (0..4).map(|class| flow(class, heads(&mut dice))).collect();
                    let now = at(f64::from(t));
                    let place = policy.pick(now, &flows);
                    assert_eq!(place.is_some(), flows.iter().any(|f| f.head.is_some()), "{}", kind.meta.id);
                    if let Some(place) = place {
                        assert!(flows[place].head.is_some(), "{}: an empty flow", kind.meta.id);
                        policy.sent(flows[place].class);
                        policy.ended(now, flows[place].class, 10, dice.below(100));
                    }
                    picked.push(place);
                }
                assert_eq!(policy.pick(at(1e6), &[]), None, "{}", kind.meta.id);
                picked
            };
            assert_eq!(run(), run(), "{}", kind.meta.id);
        }
    }
}

#[test]
fn fairness_by_hand() {
    let flows = [flow(2, Some(30)), flow(4, None), flow(6, Some(10)), flow(8, Some(20))];
    let picks = |policy: &mut Box<dyn Fairness>| policy.pick(at(40.0), &flows).map(|place| flows[place].class);
    let none = Map::new();
    let mut strict = built(FAIRNESS, "global-strict-fairness-policy", &none);
    assert_eq!([picks(&mut strict), picks(&mut strict)], [Some(6), Some(6)]);
    let mut turns = built(FAIRNESS, "round-robin-fairness-policy", &none);
    assert_eq!([0; 4].map(|_| picks(&mut turns)), [Some(2), Some(6), Some(8), Some(2)]);
    // Served 2: 100 + 2·50 = 200, 6: nothing, 8: 100. Waited 10, 30, 20 ms.
    let mut least = built(FAIRNESS, "program-aware-fairness", &none);
    least.ended(at(0.0), 2, 100, 50);
    least.ended(at(0.0), 8, 100, 0);
    assert_eq!(picks(&mut least), Some(6), "0.8 + 0.2, against 0.8·0.5 + 0.2·0.5 and 0");
    least.ended(at(1.0), 6, 1000, 0);
    assert_eq!(picks(&mut least), Some(8), "0.8·0.9 + 0.1, against 0.8·0.8/0.9 and 0.2");
}

#[test]
fn what_idle_flows_were_served_is_halved() {
    let given = json!({ "serviceHalfLifeSeconds": 10 });
    let mut least = built(FAIRNESS, "program-aware-fairness", given.as_object().expect("an object"));
    least.ended(at(0.0), 1, 400, 0);
    least.ended(at(0.0), 2, 150, 0);
    let both = [flow(1, Some(20_000)), flow(2, Some(20_000))];
    let with_2_busy = [flow(1, None), flow(2, Some(20_000))];
    assert_eq!(least.pick(at(20_000.0), &with_2_busy), Some(1));
    assert_eq!(least.pick(at(20_000.0), &both), Some(0), "400 was halved twice and is 100; 150 was not");
}

#[test]
fn orders_by_hand() {
    let none = Map::new();
    let queued = |at_ms: f64, ttl: f64, slo: Option<f64>| Queued { at: at(at_ms), ttl: ms(ttl), slo_ttft: slo.map(ms) };
    let all = [queued(0.0, 90.0, None), queued(10.0, 30.0, Some(500.0)), queued(20.0, 60.0, Some(100.0))];
    let order = |id| {
        let policy = built(ORDERING, id, &none);
        let mut places = [0, 1, 2];
        places.sort_by_key(|&place: &usize| policy.key(&all[place]));
        places
    };
    assert_eq!(ORDERING.len(), 3);
    assert_eq!(order("fcfs-ordering-policy"), [0, 1, 2]);
    assert_eq!(order("edf-ordering-policy"), [1, 2, 0]);
    assert_eq!(order("slo-deadline-ordering-policy"), [2, 1, 0]);
}

fn ceilings(policy: &mut Box<dyn UsageLimit>, saturation: f64, priorities: &[i32]) -> Vec<f64> {
    let mut into = Vec::new();
    policy.ceilings(saturation, priorities, &mut into);
    into
}

#[test]
fn there_is_one_ceiling_for_each_band() {
    for kind in USAGE_LIMITS {
        for given in parameter_sets(&kind.meta) {
            let mut policy = built(USAGE_LIMITS, kind.meta.id, &given);
            for saturation in [0.0, 0.3, 0.5, 0.75, 0.999_999_999_999, 1.0, 50.0] {
                for priorities in [&[][..], &[0], &[3, 0], &[i32::MAX, 0, -1, i32::MIN]] {
                    let found = ceilings(&mut policy, saturation, priorities);
                    assert_eq!(found.len(), priorities.len(), "{}", kind.meta.id);
                    assert!(found.iter().all(|c| (0.0..=1.0).contains(c)), "{} {found:?}", kind.meta.id);
                }
            }
        }
    }
}

#[test]
fn ceilings_by_hand() {
    let of = |id, given: Value| built(USAGE_LIMITS, id, given.as_object().expect("an object"));
    let bands = [100, 0, -10];
    assert_eq!(ceilings(&mut of("static-usage-limit-policy", json!({})), 0.5, &bands), [1.0; 3]);
    let mut rank = of("priority-holdback-policy", json!({ "minCeiling": 0.4 }));
    assert_eq!(ceilings(&mut rank, 0.5, &bands), [1.0, 0.7, 0.4]);
    assert_eq!(ceilings(&mut rank, 0.5, &[0]), [1.0]);
    let mut value = of("priority-holdback-policy", json!({ "minCeiling": 0.45, "maxCeiling": 1, "domain": "value" }));
    let found = ceilings(&mut value, 0.5, &bands);
    assert!(found.iter().zip([1.0, 0.5, 0.45]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    let mut soft = of("soft-reflective-ceiling-policy", json!({}));
    assert_eq!(ceilings(&mut soft, 0.4, &bands), [1.0; 3], "0.4 is below 1 − 0.2 and 1 − 0.4");
    assert_eq!(ceilings(&mut soft, 1.0, &bands), [1.0, 0.0, 0.0]);
    // At 0.75 the period is 3; the second band's line is 1 − 0.375.
    let turns: Vec<f64> = (0..6).map(|_| ceilings(&mut soft, 0.75, &bands)[1]).collect();
    assert_eq!(turns, [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(ceilings(&mut soft, 0.9, &[7]), [1.0]);
}
