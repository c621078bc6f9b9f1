//! The pool of workers: `schedule` decides, `threads` carries out, `crew` is both at work for whoever asks, `errand` one
//! task for a worker of its own.

mod crew;
mod errand;
mod schedule;
mod slot;
mod stage;
mod threads;

use crate::browser;
pub(crate) use crew::Crew;
pub(crate) use errand::{Errand, Word};
pub(crate) use schedule::{Failure, News};
pub(crate) use stage::{SHOW_MS, Stage};

/// Most workers: beyond it, loads of one curve are too few to share.
const WORKERS_MAX: f64 = 8.0;

/// How many workers this machine gets.
pub(crate) fn size(hardware_concurrency: f64) -> usize {
    // What is not a number, as some privacy settings make it, counts as 1.
    if hardware_concurrency >= 1.0 { hardware_concurrency.min(WORKERS_MAX) as usize } else { 1 }
}

/// How many workers there are beside those of the answer, for what takes longer: of several, one is left to the answer.
pub(crate) fn beside() -> usize {
    let all = size(browser::window().navigator().hardware_concurrency());
    if all > 2 { all - 1 } else { all }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_machine_gets_one_to_eight_workers() {
        assert_eq!([f64::NAN, 0.0, 1.0, 2.0, 8.0, 64.0].map(super::size), [1, 1, 1, 2, 8, 8]);
    }
}
