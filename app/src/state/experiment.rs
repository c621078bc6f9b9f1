//! What is on the page: a scenario, or up to four of them compared, of which one is being edited.

use playground_core::scenario::Scenario;
use playground_core::study::compare::{self, Side};

/// Scenarios beside the one that is being edited.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beside {
    /// They, in their order; at least one, and as many as there are sides but one.
    pub(crate) others: Vec<Scenario>,
    /// The side that is being edited: its place is before the other of the same number.
    pub(crate) edited: Side,
}

/// Everything that undo brings back and a link holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Experiment {
    /// What is being edited.
    pub(crate) scenario: Scenario,
    /// What it is compared with.
    pub(crate) beside: Option<Beside>,
}

impl Experiment {
    /// A scenario alone.
    pub(crate) fn of(scenario: Scenario) -> Self {
        Experiment { scenario, beside: None }
    }

    /// Two scenarios, B being edited.
    pub(crate) fn comparing(a: Scenario, b: Scenario) -> Self {
        Experiment { scenario: b, beside: Some(Beside { others: vec![a], edited: Side::B }) }
    }

    /// These scenarios in this order, as many as there are sides, with one of them being edited; of none of them, none.
    pub(crate) fn among(mut all: Vec<Scenario>, edited: Side) -> Option<Self> {
        all.truncate(Side::ALL.len());
        let edited = *Side::first(all.len()).iter().rfind(|side| side.index() <= edited.index())?;
        let scenario = all.remove(edited.index());
        Some(Experiment { scenario, beside: (!all.is_empty()).then_some(Beside { others: all, edited }) })
    }

    /// All scenarios, the baseline first; one where nothing is compared.
    pub(crate) fn all(&self) -> Vec<&Scenario> {
        let Some(beside) = &self.beside else { return vec![&self.scenario] };
        let (before, after) = beside.others.split_at(beside.edited.index().min(beside.others.len()));
        before.iter().chain([&self.scenario]).chain(after).collect()
    }

    /// The sides of the comparison; none where there is one scenario.
    pub(crate) fn sides(&self) -> &'static [Side] {
        Side::first(self.beside.as_ref().map_or(0, |b| b.others.len() + 1))
    }

    /// The side that is being edited.
    pub(crate) fn edited(&self) -> Option<Side> {
        self.beside.as_ref().map(|b| b.edited)
    }

    /// With another order, or others; what cannot be had stays as it is.
    fn rearranged(&self, all: Vec<Scenario>, edited: Side) -> Self {
        Experiment::among(all, edited).unwrap_or_else(|| self.clone())
    }

    fn cloned(&self) -> Vec<Scenario> {
        self.all().into_iter().cloned().collect()
    }

    /// With another side being edited.
    pub(crate) fn editing(self, side: Side) -> Self {
        if self.edited() == Some(side) || !self.sides().contains(&side) {
            return self;
        }
        self.rearranged(self.cloned(), side)
    }

    /// With this side as the baseline and the others after it; what is being edited stays so.
    pub(crate) fn with_baseline(self, side: Side) -> Self {
        let Some(edited) = self.edited().filter(|_| self.sides().contains(&side)) else { return self };
        let mut all = self.cloned();
        all[..=side.index()].rotate_right(1);
        let place = match edited.index() {
            i if i == side.index() => 0,
            i if i < side.index() => i + 1,
            i => i,
        };
        self.rearranged(all, Side::ALL[place])
    }

    /// The side that is made the baseline when nobody says which: the one in hand, or B where that is the baseline, or where
    /// there are two.
    pub(crate) fn next_baseline(&self) -> Side {
        match self.edited() {
            Some(side) if side != Side::A && self.sides().len() > 2 => side,
            _ => Side::B,
        }
    }

    /// The side that a further scenario would be; none where there is no room for it.
    pub(crate) fn next_side(&self) -> Option<Side> {
        Side::ALL.get(self.all().len()).copied()
    }

    /// With a copy of what is being edited as a further side, which is taken in hand.
    pub(crate) fn with_copy(self) -> Self {
        let Some(side) = self.next_side() else { return self };
        let mut all = self.cloned();
        all.push(self.scenario.clone());
        self.rearranged(all, side)
    }

    /// Without a side; what is being edited stays so, or is the one before it.
    pub(crate) fn without(self, side: Side) -> Self {
        let Some(edited) = self.edited().filter(|_| self.sides().contains(&side)) else { return self };
        let mut all = self.cloned();
        all.remove(side.index());
        let place = if edited.index() >= side.index() { edited.index().saturating_sub(1) } else { edited.index() };
        self.rearranged(all, Side::ALL[place])
    }

    /// With the load and the run settings of A on all sides.
    pub(crate) fn aligned(self) -> Self {
        let Some(edited) = self.edited() else { return self };
        let all = self.all();
        let aligned = all.iter().map(|s| compare::align(all[0], s)).collect();
        self.rearranged(aligned, edited)
    }

    /// As the text of a link.
    pub(crate) fn link(&self) -> String {
        compare::link::write(&self.all())
    }
}

/// The own load, in requests per second and in clients.
const LOADS: [&str; 2] = ["workload.arrival.rate_rps", "workload.arrival.max_concurrency"];

/// Whether a field is one of the experiment and not of a side: the load at which sides are compared, and how they are
/// simulated. Set on one side, it is set on all, or they would not be pairs any more.
pub(crate) fn is_shared(path: &str) -> bool {
    LOADS.contains(&path) || path == "run" || path.starts_with("run.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titled(title: &str) -> Scenario {
        Scenario { title: title.into(), ..Scenario::default() }
    }

    fn titles(e: &Experiment) -> String {
        e.all().iter().map(|s| s.title.as_str()).collect()
    }

    /// Scenarios with these letters for titles, of which one is being edited.
    fn among(letters: &str, edited: Side) -> Experiment {
        Experiment::among(letters.chars().map(|c| titled(&c.to_string())).collect(), edited).expect("some")
    }

    /// All, and what is in hand.
    fn stands(e: &Experiment) -> (String, &str, Option<Side>) {
        (titles(e), &e.scenario.title, e.edited())
    }

    #[test]
    fn a_comparison_begins_with_b_in_hand() {
        let e = Experiment::comparing(titled("a"), titled("b"));
        assert_eq!(stands(&e), ("ab".into(), "b", Some(Side::B)));
        let e = e.editing(Side::A);
        assert_eq!(stands(&e), ("ab".into(), "a", Some(Side::A)));
        assert_eq!(e.clone().editing(Side::A), e);
        assert_eq!(e.clone().editing(Side::D), e, "there is no such side");
        let alone = Experiment::of(titled("a"));
        assert_eq!((stands(&alone), alone.sides()), (("a".into(), "a", None), &[][..]));
    }

    #[test]
    fn up_to_four_are_compared_and_each_is_taken_in_hand() {
        let mut e = Experiment::of(titled("a")).with_copy();
        assert_eq!(stands(&e), ("aa".into(), "a", Some(Side::B)));
        e.scenario.title = "b".into();
        e = e.with_copy();
        e.scenario.title = "c".into();
        e = e.editing(Side::A).with_copy();
        e.scenario.title = "d".into();
        assert_eq!(stands(&e), ("abcd".into(), "d", Some(Side::D)));
        assert_eq!((e.next_side(), e.clone().with_copy()), (None, e.clone()));
        for (side, title) in Side::ALL.into_iter().zip(["a", "b", "c", "d"]) {
            assert_eq!(stands(&e.clone().editing(side)), ("abcd".into(), title, Some(side)));
        }
    }

    #[test]
    fn any_side_becomes_the_baseline_and_what_is_in_hand_stays() {
        let two = Experiment::comparing(titled("a"), titled("b"));
        let swapped = two.clone().with_baseline(two.next_baseline());
        assert_eq!(stands(&swapped), ("ba".into(), "b", Some(Side::A)));
        assert_eq!(swapped.clone().with_baseline(swapped.next_baseline()), two);
        for (side, order) in Side::ALL.into_iter().zip(["abcd", "bacd", "cabd", "dabc"]) {
            for edited in Side::ALL {
                let before = among("abcd", edited);
                let title = before.scenario.title.clone();
                let e = before.with_baseline(side);
                assert_eq!((titles(&e).as_str(), &e.scenario.title), (order, &title));
            }
        }
        assert_eq!(among("abc", Side::C).next_baseline(), Side::C);
        assert_eq!(among("abc", Side::A).next_baseline(), Side::B);
    }

    #[test]
    fn a_side_goes_and_of_the_last_one_stays_alone() {
        for (side, left, in_hand) in
            [(Side::A, "bcd", "c"), (Side::B, "acd", "c"), (Side::C, "abd", "b"), (Side::D, "abc", "c")]
        {
            let e = among("abcd", Side::C).without(side);
            assert_eq!((titles(&e).as_str(), e.scenario.title.as_str()), (left, in_hand));
        }
        assert_eq!(stands(&among("abc", Side::A).without(Side::A)), ("bc".into(), "b", Some(Side::A)));
        assert_eq!(among("ab", Side::B).without(Side::A), Experiment::of(titled("b")));
        assert_eq!(among("ab", Side::B).without(Side::B), Experiment::of(titled("a")));
    }

    #[test]
    fn aligning_gives_all_the_settings_of_a() {
        let (a, mut b) = (titled("a"), titled("b"));
        (b.run.seed, b.workload.arrival.rate_rps) = (7, 3.0);
        for edited in [Side::A, Side::B, Side::C] {
            let e = Experiment::among(vec![a.clone(), b.clone(), titled("c")], edited).expect("three").aligned();
            assert_eq!((titles(&e).as_str(), e.edited()), ("abc", Some(edited)));
            assert!(e.all().iter().all(|s| s.run == a.run && s.workload.arrival == a.workload.arrival));
        }
    }

    #[test]
    fn the_load_and_the_run_belong_to_all() {
        assert!(LOADS.into_iter().chain(["run.seed", "run.load.points"]).all(is_shared));
        assert!(!["workload.arrival.type", "title", "runtime"].into_iter().any(is_shared));
    }
}
