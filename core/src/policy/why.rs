//! Why a profile chose as it did: who was left after the filters, and what each scorer gave to each of them.

use super::Candidate;
use alloc::vec::Vec;

/// The last choice of a profile that writes them down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Who was left, with the total of the scores.
    pub candidates: Vec<Candidate>,
    /// Totals after each scorer, in the profile's order: a row of candidates each.
    totals: Vec<f64>,
}

impl Why {
    /// The filters are done.
    pub(super) fn begin(&mut self) {
        self.totals.clear();
    }

    /// A scorer is done.
    pub(super) fn scored(&mut self, candidates: &[Candidate]) {
        self.totals.extend(candidates.iter().map(|c| c.score));
    }

    /// All scorers are.
    pub(super) fn end(&mut self, candidates: &[Candidate]) {
        self.candidates.clear();
        self.candidates.extend_from_slice(candidates);
    }

    /// What each scorer added to a candidate, by its weight, in the profile's order.
    pub fn parts(&self, candidate: usize) -> impl Iterator<Item = f64> {
        let row = self.candidates.len().max(1);
        let totals = self.totals.iter().skip(candidate).step_by(row).copied();
        totals.scan(0.0, |before, total| Some(total - core::mem::replace(before, total)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use alloc::vec;

    #[test]
    fn the_parts_of_a_score_add_up_to_it() {
        let at = |scores: [f64; 2]| [0, 1].map(|i| Candidate { instance: Id::new(i), score: scores[i as usize] });
        let mut why = Why::default();
        for _ in 0..2 {
            why.begin();
            why.scored(&at([1.0, 0.5]));
            why.scored(&at([1.25, 2.5]));
            why.end(&at([1.25, 2.5]));
        }
        assert_eq!(why.parts(0).collect::<Vec<_>>(), vec![1.0, 0.25]);
        assert_eq!(why.parts(1).collect::<Vec<_>>(), vec![0.5, 2.0]);
        assert_eq!(Why::default().parts(0).count(), 0);
    }
}
