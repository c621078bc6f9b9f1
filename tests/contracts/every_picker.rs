//! Every picker, with every extreme of its parameters: total, among the candidates, deterministic, blind to names.

use crate::{Bench, candidates, parameter_sets};
use playground_core::policy::Candidate;
use playground_core::policy::pick::PICKERS;
use playground_tests::Dice;

/// Runs a check on every picker with every parameter set; each call of `bench` makes a fresh one.
fn each(check: impl Fn(&str, &dyn Fn() -> Bench)) {
    for kind in PICKERS {
        for parameters in parameter_sets(&kind.meta) {
            check(&format!("{} {parameters:?}", kind.meta.id), &|| Bench::new(kind, &parameters));
        }
    }
}

/// A changing set of candidates: some of twenty instances, in any order, with few distinct scores and extreme ones.
fn some_candidates(dice: &mut Dice) -> Vec<Candidate> {
    let mut of: Vec<(u32, f64)> = Vec::new();
    for instance in 0..20 {
        if dice.chance(0.5) {
            let place = dice.below(u32::try_from(of.len()).expect("few") + 1) as usize;
            of.insert(place, (instance, dice.pick(&[0.0, 0.5, 1.0, -1.0, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY])));
        }
    }
    candidates(&of)
}

#[test]
fn picks_one_of_the_candidates_and_nobody_from_nobody() {
    each(|name, bench| {
        let (mut bench, mut dice) = (bench(), Dice::new(1));
        for number in 0..2000 {
            let of = some_candidates(&mut dice);
            match bench.pick(number, &of) {
                Some(picked) => assert!(of.iter().any(|c| c.instance.index() == picked), "{name}: {picked} of {of:?}"),
                None => assert!(of.is_empty(), "{name}: nobody of {of:?}"),
            }
        }
    });
}

#[test]
fn has_no_choice_with_one_candidate() {
    each(|name, bench| {
        let mut bench = bench();
        for number in 0..100 {
            let only = u32::try_from(number).expect("small") % 20;
            assert_eq!(bench.pick(number, &candidates(&[(only, 0.0)])), Some(only), "{name}");
        }
    });
}

#[test]
fn picks_the_same_again() {
    each(|name, bench| {
        let run = || {
            let (mut bench, mut dice) = (bench(), Dice::new(2));
            (0..500).map(|number| bench.pick(number, &some_candidates(&mut dice))).collect::<Vec<_>>()
        };
        assert_eq!(run(), run(), "{name}");
    });
}

#[test]
fn goes_by_place_and_score_not_by_name() {
    // Rename instance i to 255 − i, leave everything else: the pick is renamed, and nothing else.
    each(|name, bench| {
        let (mut plain, mut renamed, mut dice) = (bench(), bench(), Dice::new(3));
        for number in 0..500 {
            let of = some_candidates(&mut dice);
            let other: Vec<(u32, f64)> = of.iter().map(|c| (255 - c.instance.index(), c.score)).collect();
            let want = plain.pick(number, &of).map(|instance| 255 - instance);
            assert_eq!(renamed.pick(number, &candidates(&other)), want, "{name}");
        }
    });
}

#[test]
fn draws_for_one_request_do_not_move_anothers() {
    // A fresh picker asked for request n answers the same whether or not others were asked before, from the same draws.
    each(|name, bench| {
        let of = candidates(&[(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0)]);
        for number in [0, 1, 17, 1_000_000_007] {
            let want = bench().pick(number, &of);
            let mut late = bench();
            (0..5).for_each(|other| {
                late.pick(other, &of);
            });
            let late = Bench { picker: bench().picker, draws: late.draws }.pick(number, &of);
            assert_eq!(late, want, "{name}");
        }
    });
}
