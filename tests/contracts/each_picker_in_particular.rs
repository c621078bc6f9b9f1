//! What is special to one picker.

use crate::{Bench, candidates};
use playground_core::policy::Kind;
use playground_core::policy::pick::{Picker, find};

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
