//! Whether a load is borne: not by turning requests away. Latencies are those of requests that were served, and look the
//! better the more were not.

use crate::report::{ClassReport, End, Report};
use alloc::format;
use alloc::string::String;

/// Of the requests of a class this share may come to nothing: as much as the number in system may grow, so that 98 % of
/// what is offered is served.
const UNSERVED_MOST: f64 = 0.02;
/// A smaller share is not worth a word.
const UNSERVED_SAID: f64 = 0.0005;

/// Whether the fleet keeps up, meets every target of every class, and serves whoever comes. Requests of negative priority
/// are llm-d's sheddable ones: turning them away is what they are for, and does not count. `priorities` are those of the
/// classes, in their order.
#[must_use]
pub fn sustained(priorities: impl IntoIterator<Item = i32>, report: &Report) -> bool {
    let serves = |(class, priority): (&ClassReport, i32)| priority < 0 || share(class) <= UNSERVED_MOST;
    report.run.stationary
        && report.classes.iter().flat_map(|c| &c.slo).all(|s| s.meets)
        && report.classes.iter().zip(priorities).all(serves)
}

/// The share of a class's requests that came to nothing; those still on their way at the end of a run are not among them.
fn share(class: &ClassReport) -> f64 {
    let (lost, all) = (counted(class).map(|(_, n)| n).sum::<u64>(), class.ends.values().sum::<u64>());
    if all == 0 { 0.0 } else { lost as f64 / all as f64 }
}

fn counted(class: &ClassReport) -> impl Iterator<Item = (&str, u64)> {
    let well = [End::Done.name(), End::Cut.name()];
    class.ends.iter().map(|(how, n)| (how.as_str(), *n)).filter(move |(how, _)| !well.contains(how))
}

/// What is to be said of requests that came to nothing, if many did.
pub(super) fn unserved(report: &Report) -> Option<String> {
    let share = share(&report.total);
    let (how, _) = counted(&report.total).max_by_key(|(_, n)| *n)?;
    let how = how.replace('_', " ");
    let percent = 100.0 * share;
    let digits = usize::from(percent < 10.0);
    (share >= UNSERVED_SAID).then(|| format!("{percent:.digits$} % of requests come to nothing, most of them {how}."))
}
