//! What is special to one picker.

use crate::{Bench, candidates};
use playground_core::policy::pick::{Picker, find};
use playground_core::policy::{Ask, FleetView, Kind};

fn kind(id: &str) -> &'static Kind<dyn Picker> {
    find(id).expect("registered")
}

/// How often each of four instances was picked.
fn shares(id: &str, scores: [f64; 4], times: u64) -> [u64; 4] {
    let of = candidates(&[(0, scores[0]), (1, scores[1]), (2, scores[2]), (3, scores[3])]);
    let mut bench = Bench::plain(kind(id));
    let mut picked = [0; 4];
    for number in 0..times {
        picked[bench.pick(number, &of).expect("somebody") as usize] += 1;
    }
    picked
}

/// Whether counts are what a fair choice among `n` gives: within five standard deviations, √(p(1−p)·times).
fn fair(count: u64, times: u64, n: f64) -> bool {
    let (mean, sd) = (times as f64 / n, (times as f64 * (1.0 - 1.0 / n) / n).sqrt());
    (count as f64 - mean).abs() < 5.0 * sd
}

#[test]
fn random_is_fair_whatever_the_scores() {
    let picked = shares("random-picker", [9.0, 0.0, -3.0, 1.0], 10_000);
    assert!(picked.iter().all(|&count| fair(count, 10_000, 4.0)), "{picked:?}");
}

#[test]
fn highest_score_wins_and_ties_are_fair() {
    assert_eq!(shares("max-score-picker", [0.1, 0.9, 0.3, 0.2], 100), [0, 100, 0, 0]);
    let picked = shares("max-score-picker", [0.5, 0.2, 0.5, 0.5], 9_000);
    assert_eq!(picked[1], 0);
    assert!([0, 2, 3].iter().all(|&i| fair(picked[i], 9_000, 3.0)), "{picked:?}");
}

#[test]
fn without_scorers_highest_score_is_random() {
    let of = candidates(&[(4, 0.0), (5, 0.0), (6, 0.0)]);
    let (mut a, mut b) = (Bench::plain(kind("max-score-picker")), Bench::plain(kind("random-picker")));
    assert!((0..1000).all(|number| a.pick(number, &of) == b.pick(number, &of)));
}

#[test]
fn round_robin_deals_evenly_in_order() {
    assert_eq!(shares("round-robin-picker", [1.0, 0.0, 0.0, 5.0], 4_000), [1000; 4]);
    let of = candidates(&[(2, 0.0), (0, 0.0), (1, 0.0)]);
    let mut bench = Bench::plain(kind("round-robin-picker"));
    let turns: Vec<u32> = (0..6).filter_map(|number| bench.pick(number, &of)).collect();
    assert_eq!(turns, [2, 0, 1, 2, 0, 1]);
}

#[test]
fn round_robin_goes_on_when_the_set_shrinks_and_grows() {
    let (two, five) =
        (candidates(&[(0, 0.0), (1, 0.0)]), candidates(&[(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0), (4, 0.0)]));
    let mut bench = Bench::plain(kind("round-robin-picker"));
    for number in 0..1000 {
        let of = if number % 3 == 0 { &two } else { &five };
        assert!(bench.pick(number, of).is_some());
    }
}

#[test]
fn weighted_random_goes_by_score() {
    // Shares 1/8, 3/8, 1/2; the one with nothing never.
    let picked = shares("weighted-random-picker", [0.25, 0.0, 0.75, 1.0], 40_000);
    assert_eq!(picked[1], 0);
    for (place, share) in [(0, 0.125), (2, 0.375), (3, 0.5)] {
        assert!(fair(picked[place], 40_000, 1.0 / share), "{picked:?}");
    }
    let picked = shares("weighted-random-picker", [0.0; 4], 10_000);
    assert!(picked.iter().all(|&count| fair(count, 10_000, 4.0)), "{picked:?}");
}

/// How often each of four instances was picked, by requests in flight.
fn by_load(id: &str, in_flight: [u32; 4], times: u64) -> [u64; 4] {
    let of = candidates(&[(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0)]);
    let mut bench = Bench::plain(kind(id));
    let none = [0; 4];
    let view = FleetView { in_flight: &in_flight, waiting: &none, running: &none, ..FleetView::EMPTY };
    let mut picked = [0; 4];
    for number in 0..times {
        let ask = Ask { number, ..Ask::default() };
        picked[bench.picker.pick(&ask, &view, &of, &mut bench.draws).expect("somebody").index() as usize] += 1;
    }
    picked
}

#[test]
fn the_shortest_queue_is_joined() {
    for id in ["join-shortest-queue-picker", "least-loaded-picker"] {
        let picked = by_load(id, [3, 1, 2, 1], 10_000);
        assert_eq!((picked[0], picked[2]), (0, 0), "{id}");
        assert!(fair(picked[1], 10_000, 2.0), "{id}: {picked:?}");
    }
}

#[test]
fn of_two_choices_the_better_one() {
    // Of the six pairs, the emptiest is in three, the next best in two that lack it, then one, then none.
    let picked = by_load("power-of-choices-picker", [9, 5, 1, 7], 40_000);
    for (place, of_six) in [(2, 3.0), (1, 2.0), (3, 1.0)] {
        assert!(fair(picked[place], 40_000, 6.0 / of_six), "{picked:?}");
    }
    assert_eq!(picked[0], 0);
}
