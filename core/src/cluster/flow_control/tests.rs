//! The queue by hand: who is next, who finds no room, who has waited too long.

use super::*;
use crate::policy::flow::{Band, FAIRNESS, ORDERING, USAGE_LIMITS};
use crate::policy::{Kind, Params, Wants};
use serde_json::Map;

fn built<T: ?Sized>(kinds: &'static [Kind<T>], id: &str) -> Box<T> {
    let kind = kinds.iter().find(|kind| kind.meta.id == id).expect("registered");
    (kind.build)(&Params::new(&kind.meta, &Map::new(), &Wants::default()))
}

fn band(priority: i32, max_requests: u64, fairness: &str) -> Band {
    Band {
        priority,
        declared: true,
        max_requests,
        max_bytes: 4000,
        fairness: built(FAIRNESS, fairness),
        ordering: built(ORDERING, "fcfs-ordering-policy"),
    }
}

fn queue(bands: Vec<Band>) -> FlowControl {
    let setup = Setup {
        bands,
        max_requests: 5,
        max_bytes: u64::MAX,
        ttl: Dur::from_us(1_500_000),
        usage: built(USAGE_LIMITS, "static-usage-limit-policy"),
        evicts: true,
    };
    FlowControl::new(setup, Dur::from_us(10_000))
}

/// Who is sent by a round, in which nobody is taken back.
fn next(flow: &mut FlowControl, now: Time, saturation: f64) -> Option<u32> {
    let mut taken_back = Vec::new();
    let sent = flow.next(now, saturation, &mut taken_back);
    assert!(taken_back.is_empty());
    sent.map(Id::index)
}

fn entry(request: u32, class: u32, priority: i32) -> Entry {
    Entry { request: Id::new(request), class, priority, prompt_tokens: 100, slo_ttft: None }
}

fn at(ms: u64) -> Time {
    Time::ZERO + Dur::from_us(ms * 1000)
}

const STRICT: &str = "global-strict-fairness-policy";

#[test]
fn the_highest_band_goes_first_and_within_it_who_came_first() {
    let mut flow = queue(Vec::from([band(1, 9, STRICT), band(-1, 9, STRICT)]));
    for (i, (class, priority)) in [(0, -1), (1, 1), (2, 1), (1, 1)].into_iter().enumerate() {
        assert!(flow.enter(at(i as u64), entry(i as u32, class, priority)));
    }
    let order: Vec<u32> = core::iter::from_fn(|| next(&mut flow, at(9), 0.5)).collect();
    assert_eq!(order, [1, 2, 3, 0]);
}

#[test]
fn nobody_leaves_a_saturated_pool() {
    let mut flow = queue(Vec::from([band(0, 9, STRICT)]));
    assert!(flow.enter(at(0), entry(0, 0, 0)));
    assert_eq!(next(&mut flow, at(1), 1.0), None);
    assert_eq!(next(&mut flow, at(2), 0.99), Some(0));
}

#[test]
fn flows_take_turns() {
    let mut flow = queue(Vec::from([band(0, 9, "round-robin-fairness-policy")]));
    for (i, class) in [3, 3, 3, 5].into_iter().enumerate() {
        assert!(flow.enter(at(0), entry(i as u32, class, 0)));
    }
    let order: Vec<u32> = core::iter::from_fn(|| next(&mut flow, at(1), 0.0)).collect();
    assert_eq!(order, [0, 3, 1, 2]);
}

#[test]
fn a_full_band_and_a_full_queue_turn_away() {
    let mut flow = queue(Vec::from([band(1, 2, STRICT), band(0, 9, STRICT)]));
    assert!(flow.enter(at(0), entry(0, 0, 1)) && flow.enter(at(0), entry(1, 0, 1)));
    assert!(!flow.enter(at(0), entry(2, 0, 1)), "its band is full");
    let big = Entry { prompt_tokens: 1001, ..entry(3, 0, 0) };
    assert!(!flow.enter(at(0), big), "4004 bytes do not fit in 4000");
    assert!((4..7).all(|i| flow.enter(at(0), entry(i, 0, 0))));
    assert!(!flow.enter(at(0), entry(7, 0, 0)), "five wait already");
}

#[test]
fn whose_client_is_gone_leaves_and_makes_room() {
    let mut flow = queue(Vec::from([band(0, 3, STRICT)]));
    assert!((0..3).all(|i| flow.enter(at(0), entry(i, i % 2, 0))));
    flow.abandon(Id::new(1), (1, 0));
    assert!(flow.enter(at(1), entry(3, 1, 0)), "there is room again");
    let order: Vec<u32> = core::iter::from_fn(|| next(&mut flow, at(2), 0.5)).collect();
    assert_eq!(order, [0, 2, 3]);
    assert_eq!((flow.requests, flow.bytes), (0, 0));
    assert!(flow.enter(at(3), entry(4, 0, 0)));
    flow.abandon(Id::new(4), (0, 0));
    assert!(flow.is_empty() && next(&mut flow, at(4), 0.0).is_none());
}

#[test]
fn who_has_waited_too_long_goes_at_the_next_sweep() {
    let mut flow = queue(Vec::from([band(0, 9, STRICT)]));
    assert!(flow.enter(at(100), entry(0, 0, 0)) && flow.enter(at(700), entry(1, 0, 0)));
    let mut sweep = |t| {
        let mut gone = Vec::new();
        flow.sweep(t, &mut gone);
        gone.into_iter().map(Id::index).collect::<Vec<_>>()
    };
    assert_eq!(sweep(at(1700)), [0], "100 ms and 1.5 s are over");
    assert_eq!(sweep(at(1999)), [0; 0]);
    assert_eq!(sweep(at(2200)), [1], "a sweep after 2 s, at 2.2 s");
    assert!(flow.is_empty());
}

#[test]
fn who_waits_above_takes_back_what_is_in_flight_below() {
    let mut flow = queue(Vec::from([band(1, 9, STRICT), band(-1, 9, STRICT)]));
    flow.sent(Id::new(0), -1);
    flow.sent(Id::new(1), 1);
    let round = |flow: &mut FlowControl, t: u64, saturation: f64| {
        let mut taken_back = Vec::new();
        let sent = flow.next(at(t), saturation, &mut taken_back).map(Id::index);
        (sent, taken_back.into_iter().map(Id::index).collect::<Vec<_>>())
    };
    assert!(flow.enter(at(0), entry(2, 0, -1)));
    assert_eq!(round(&mut flow, 0, 1.0), (None, Vec::new()), "nobody waits above it");
    assert!(flow.enter(at(1), entry(3, 0, 1)));
    assert_eq!(round(&mut flow, 1, 0.9), (Some(3), Vec::new()), "there is room");
    assert!(flow.enter(at(2), entry(4, 0, 1)));
    assert_eq!(round(&mut flow, 2, 1.0), (None, Vec::from([0])));
    flow.ended(at(3), Id::new(0), (0, -1), (0, 0));
    assert_eq!(round(&mut flow, 3, 0.5), (Some(4), Vec::new()));
}
