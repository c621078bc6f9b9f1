//! One load, replication after replication, in slices.
//!
//! Where the warm-up is to be found, everything is simulated twice: first to see where the beginning ends, then to measure
//! from there. Both times the same happens, since the draws are the same.

use super::{Budget, Fidelity};
use crate::base::Dur;
use crate::cluster::{Progress, Sim};
use crate::report::{Report, RunRecord, mser_s, report};
use crate::scenario::{Load, Plan};
use alloc::vec::Vec;

/// A load being simulated: advanced in slices, so that whoever drives it can stop in between.
pub struct PointRun<'p> {
    plan: &'p Plan,
    load: Load,
    fidelity: Fidelity,
    budget: Budget,
    warmup: Dur,
    /// Whether this is the first run, which finds the warm-up.
    pilot: bool,
    done: Vec<RunRecord>,
    current: Option<Sim>,
}

impl<'p> PointRun<'p> {
    /// Ready to simulate a load at a fidelity.
    #[must_use]
    pub fn new(plan: &'p Plan, load: Load, fidelity: Fidelity) -> Self {
        let (budget, warmup) = (fidelity.budget(plan, load), plan.warmup(load));
        PointRun { plan, load, fidelity, budget, warmup, pilot: plan.finds_warmup(), done: Vec::new(), current: None }
    }

    /// Handles up to `events` events; true once everything is simulated.
    pub fn advance(&mut self, events: u32) -> bool {
        if self.is_over() {
            return true;
        }
        let replication = self.done.len() as u32;
        let Budget { horizon, follow, .. } = self.budget;
        let new = || Sim::after(self.plan, self.load, replication, (self.warmup, horizon)).following(follow);
        let sim = self.current.get_or_insert_with(new);
        if sim.advance(events) == Progress::Over {
            let record = self.current.take().map(Sim::into_record).expect("it was just advanced");
            self.done.push(record);
            if self.pilot && self.done.len() as u32 == self.budget.replications {
                // Where the run is too short to tell, the warm-up stays what it was.
                self.warmup = mser_s(self.load, &self.done).map_or(self.warmup, Dur::from_secs_f64);
                self.done.clear();
                self.pilot = false;
            }
        }
        self.is_over()
    }

    fn is_over(&self) -> bool {
        !self.pilot && self.done.len() as u32 == self.budget.replications
    }

    /// Share of the work that is done, by whole replications.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let done = self.done.len() as f64 / f64::from(self.budget.replications);
        match (self.plan.finds_warmup(), self.pilot) {
            (false, _) => done,
            (true, true) => done / 2.0,
            (true, false) => 0.5 + done / 2.0,
        }
    }

    /// The report, once everything is simulated; a settled one in detail.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.is_over().then(|| {
            let found = report(self.plan, self.load, &self.done);
            if self.fidelity == Fidelity::Settled { found.in_detail(self.plan, &self.done) } else { found }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::report::SHARES;
    use crate::scenario::{Scenario, resolve};

    fn run(change: impl Fn(&mut Scenario)) -> Report {
        let mut s = Scenario::default();
        s.run.requests = 12_000;
        s.run.replications = 2;
        change(&mut s);
        let plan = resolve(&s, &Catalog::builtin()).expect("sound");
        let mut run = PointRun::new(&plan, plan.load(), Fidelity::Settled);
        let mut before = 0.0;
        while !run.advance(5000) {
            assert!((before..=1.0).contains(&run.progress()));
            before = run.progress();
        }
        run.report().expect("over")
    }

    #[test]
    fn the_beginning_that_is_found_is_left_out() {
        let mut found_by_rule = Scenario::default();
        found_by_rule.run.warmup_rule = "mser-5".into();
        let found = run(|s| s.run.warmup_rule = found_by_rule.run.warmup_rule.clone());
        let asked = run(|s| s.run.warmup_s = Some(found.run.warmup_s));
        assert_eq!(found, asked, "as if it had been given");
        let plan = resolve(&found_by_rule, &Catalog::builtin()).expect("sound");
        let usual = run(|s| s.run.warmup_s = Some(plan.warmup(plan.load()).as_secs_f64()));
        assert!(found.run.warmup_s > 0.0 && found.run.warmup_s < usual.run.warmup_s + usual.run.horizon_s);
        assert_eq!(usual.run.mser_s, Some(found.run.warmup_s), "the first run is the usual one");
    }

    #[test]
    fn a_detail_is_about_the_same_requests() {
        let found = run(|s| {
            s.workload.arrival.rate_rps = 90.0;
            s.workload.classes[0].share = 0.5;
            let second = crate::scenario::TrafficClass { name: "second".into(), ..s.workload.classes[0].clone() };
            s.workload.classes.push(second);
        });
        let detail = found.detail.as_ref().expect("it has settled");
        assert_eq!(detail.classes.len(), 2);
        let pairs = found.classes.iter().zip(&detail.classes).chain([(&found.total, &detail.total)]);
        for (class, close) in pairs {
            let parts = close.ttft.expect("they were served");
            let sum: f64 = parts.named().iter().map(|p| p.1).sum();
            assert!((sum / class.metrics.ttft_ms.mean.expect("there is one") - 1.0).abs() < 1e-9, "{parts:?}");
            assert!(parts.front_end_ms > 0.0 && parts.queue_ms > 0.0 && parts.prefill_ms > 0.0, "{parts:?}");
            assert_eq!(parts.transfer_ms, 0.0, "nothing is computed apart");
            let d = &close.distributions;
            for values in [&d.ttft_ms, &d.itl_ms, &d.tpot_ms, &d.e2e_ms] {
                assert!(values.len() == SHARES.len() && values.is_sorted(), "{values:?}");
            }
            assert_eq!(close.kept_frac.len(), class.slo.len());
            for (kept, slo) in close.kept_frac.iter().zip(&class.slo) {
                let kept = kept.expect("they were served");
                // That of all replications together may miss what their mean meets, if barely.
                let asked = slo.percentile / 100.0;
                assert!((kept >= asked) == slo.meets || (kept - asked).abs() < 0.01, "{kept} {slo:?}");
            }
        }
        let median = detail.total.distributions.ttft_ms[SHARES.iter().position(|s| *s == 0.5).expect("is there")];
        let of_each = found.per_replication.iter().map(|r| r.latencies[0][1].expect("they were served"));
        let (low, high) = of_each.fold((f64::INFINITY, 0.0_f64), |(low, high), ms| (low.min(ms), high.max(ms)));
        assert!((low * 0.99..=high * 1.01).contains(&median), "{median} of all, {low} to {high} of each");
    }

    #[test]
    fn a_detail_leaves_the_digest_as_it_is() {
        let found = run(|_| ());
        let without = Report { detail: None, ..found.clone() };
        assert!(found.detail.is_some());
        assert_eq!(found.clone().sealed().digest, without.sealed().digest);
    }

    #[test]
    fn a_series_covers_the_run_and_counts_everyone() {
        for clients in [None, Some(30)] {
            let report = run(|s| {
                if clients.is_some() {
                    s.workload.arrival.kind = "closed-loop".into();
                    s.workload.arrival.max_concurrency = clients;
                }
            });
            let s = &report.series;
            assert_eq!((s.arrived_rps.len(), s.instances.len()), (60, 4));
            assert!((s.span_s * 60.0 / (report.run.warmup_s + report.run.horizon_s) - 1.0).abs() < 1e-9);
            let engines: f64 = s.instances.iter().map(|i| i.running[59]).sum();
            assert!((engines - s.running[59]).abs() < 0.01, "{engines}");
            assert!(s.in_system.iter().zip(&s.running).all(|(all, running)| *all + 0.01 >= *running));
            if let Some(clients) = clients {
                // But for the half millisecond that an answer takes to its client.
                assert!(s.in_system[1..].iter().all(|n| (n / f64::from(clients) - 1.0).abs() < 0.01), "{s:?}");
            }
        }
    }
}
