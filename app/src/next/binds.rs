//! Which resource is nearest to its limit at the scenario's own load.

use crate::say;
use playground_core::base::Order;
use playground_core::report::Report;
use playground_core::scenario::Plan;

/// From this share on a place or a block is as good as taken: what is left comes and goes between steps.
const EXHAUSTED_FRAC: f64 = 0.95;

/// A resource, how much of it is in use, and that in words.
struct Resource {
    name: &'static str,
    frac: f64,
    /// Whether requests wait for it whatever else there is.
    exhausted: bool,
    words: String,
}

/// All of them in a sentence, the nearest to its limit first.
pub(crate) fn sentence(plan: &Plan, report: &Report) -> String {
    let preempted = report.kv.preemptions;
    let lost = if preempted > 0 { format!(", with {} preemptions", say::count(preempted)) } else { String::new() };
    let mut all = vec![
        Resource {
            name: "engine time",
            frac: report.load_frac,
            // A fleet short of blocks or places has little capacity: then these are what binds.
            exhausted: false,
            words: format!("the load is {} of nominal capacity", say::percent_whole(report.load_frac)),
        },
        Resource {
            name: "the KV cache",
            frac: report.kv.peak_frac,
            exhausted: preempted > 0 || report.kv.use_frac >= EXHAUSTED_FRAC,
            words: format!("the KV cache {} full at most{lost}", say::percent_whole(report.kv.peak_frac)),
        },
    ];
    all.extend(seats(plan, report));
    all.order_by(|a, b| b.exhausted.cmp(&a.exhausted).then(b.frac.total_cmp(&a.frac)));
    let words: Vec<&str> = all.iter().map(|r| r.words.as_str()).collect();
    format!("Nearest to its limit: {}. {}.", all[0].name, capitalised(&words.join(", ")))
}

/// Places in batches: those of the instance that is fullest on average.
fn seats(plan: &Plan, report: &Report) -> Option<Resource> {
    let names = plan.pools().iter().flat_map(|pool| (0..pool.replicas).map(move |_| pool.engine.max_num_seqs));
    let of = report.instances.iter().zip(names).map(|(i, seats)| (i.running_mean, seats));
    let share = |(running, seats): &(f64, u32)| running / f64::from((*seats).max(1));
    let (running, seats) = of.max_by(|a, b| share(a).total_cmp(&share(b)))?;
    let frac = share(&(running, seats));
    let words = format!(
        "batches of {} on the fullest instance, where {} fit",
        say::number(running),
        say::count(u64::from(seats))
    );
    Some(Resource { name: "places in batches", frac, exhausted: frac >= EXHAUSTED_FRAC, words })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    fn said(change: impl FnOnce(&mut Scenario)) -> String {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (300, 2, 2);
        change(&mut s);
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        sentence(&plan, &LoadCurve::run(&plan, Fidelity::Settled).report)
    }

    #[test]
    fn the_scarce_resource_is_named() {
        assert!(said(|_| ()).starts_with("Nearest to its limit: engine time. The load is "), "{}", said(|_| ()));
        let seats = said(|s| s.topology.pools[0].engine.max_num_seqs = Some(4));
        assert!(seats.starts_with("Nearest to its limit: places in batches."), "{seats}");
        let kv = said(|s| s.topology.pools[0].engine.num_gpu_blocks_override = Some(600));
        assert!(kv.starts_with("Nearest to its limit: the KV cache."), "{kv}");
    }
}
