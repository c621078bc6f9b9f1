//! The loads of a plan: its own, those of its curve, and what each means for the run.

use super::capacity::Beginning;
use super::{Load, LoadAxis, Plan};
use crate::base::{Dur, math};
use alloc::vec::Vec;

impl Plan {
    /// The scenario's own load.
    #[must_use]
    pub fn load(&self) -> Load {
        self.load
    }

    /// The load at nominal capacity: its rate, or the clients that keep every batch full and let nobody wait.
    #[must_use]
    pub fn capacity(&self) -> Load {
        self.load_at(1.0)
    }

    /// The share of the nominal capacity that a load asks for; of clients beyond those that fill it, their number over
    /// theirs.
    #[must_use]
    pub fn load_frac(&self, load: Load) -> f64 {
        match load {
            Load::Rate(rps) => rps / self.capacity_rps,
            Load::Concurrency(clients) => self.mix.load_frac_of_clients(&self.pools, f64::from(clients)),
        }
    }

    /// Whether requests come as fast as the nominal capacity lets them go, or faster: then queues grow, and how long a
    /// request stays depends on how long was simulated. Clients who wait for their answers never are so many.
    #[must_use]
    pub fn is_at_capacity(&self, load: Load) -> bool {
        matches!(load, Load::Rate(_)) && self.max_concurrency.is_none() && self.load_frac(load) > 1.0 - 1e-9
    }

    /// The load, of the scenario's kind, that asks for this share of the nominal capacity.
    #[must_use]
    pub fn load_at(&self, load_frac: f64) -> Load {
        match self.load {
            Load::Rate(_) => Load::Rate(self.capacity_rps * load_frac),
            Load::Concurrency(_) => self.load.of(self.mix.clients_at(&self.pools, load_frac)),
        }
    }

    /// Most clients at once at this load; none: as many as it takes.
    #[must_use]
    pub fn clients(&self, load: Load) -> Option<u32> {
        match load {
            Load::Rate(_) => self.max_concurrency,
            Load::Concurrency(clients) => Some(clients),
        }
    }

    /// Whether a first run at each load is to find its warm-up; until then it is [`Plan::warmup`].
    #[must_use]
    pub fn finds_warmup(&self) -> bool {
        self.finds_warmup
    }

    /// Simulated time before measuring, at this load: what the scenario says, or a multiple of the time a request
    /// stays.
    #[must_use]
    pub fn warmup(&self, load: Load) -> Dur {
        Dur::from_secs_f64(self.warmup_s.unwrap_or_else(|| match load {
            Load::Rate(rps) => self.mix.default_warmup_s(&self.pools, rps / self.capacity_rps, self.beginning()),
            Load::Concurrency(clients) => self.mix.default_warmup_closed_s(&self.pools, f64::from(clients)),
        }))
    }

    /// How many requests are in the fleet when a run at this load begins. None where it begins empty: where its warm-up is
    /// given or to be found, and where the estimate does not know who would be there, since clients are limited, come back,
    /// come now more and now less, or may be turned away, or prompts are computed apart.
    #[must_use]
    pub fn requests_at_beginning(&self, load: Load) -> u32 {
        match (self.beginning(), load) {
            (Beginning::Peopled, Load::Rate(rps)) => {
                math::round(self.mix.requests_inside(&self.pools, rps / self.capacity_rps)) as u32
            }
            _ => 0,
        }
    }

    fn beginning(&self) -> Beginning {
        let told = self.warmup_s.is_none() && !self.finds_warmup;
        let known = matches!(self.load, Load::Rate(_)) && self.max_concurrency.is_none() && self.process.is_even();
        let single = self.classes.iter().all(|c| c.source.conversation.is_none());
        let begins = told && known && single && !self.is_disaggregated() && !self.turns_away();
        if begins { Beginning::Peopled } else { Beginning::Empty }
    }

    /// Loads of the curve, ascending, each once.
    #[must_use]
    pub fn loads(&self) -> Vec<Load> {
        let LoadAxis { min_frac, max_frac, points, .. } = self.axis;
        let last = f64::from(points - 1).max(1.0);
        let mut loads: Vec<Load> =
            (0..points).map(|i| self.load_at(min_frac + (max_frac - min_frac) * f64::from(i) / last)).collect();
        loads.dedup();
        loads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::{Scenario, resolve};

    fn closed(clients: u32) -> Plan {
        let mut s = Scenario::default();
        s.workload.arrival.kind = "closed-loop".into();
        s.workload.arrival.max_concurrency = Some(clients);
        resolve(&s, &Catalog::builtin()).expect("sound")
    }

    #[test]
    fn a_load_and_its_share_of_the_capacity_are_each_others_inverse() {
        let plan = closed(8);
        assert_eq!(plan.loads().len(), 12);
        assert!(plan.loads().is_sorted_by(|a, b| a.amount() < b.amount()), "{:?}", plan.loads());
        for frac in [0.1, 0.5, 0.9, 1.0, 1.3] {
            let back = plan.load_frac(plan.load_at(frac));
            assert!((back / frac - 1.0).abs() < 0.05, "clients are whole, but {frac} became {back}");
        }
        let open = resolve(&Scenario::default(), &Catalog::builtin()).expect("sound");
        assert_eq!(open.load_at(0.5), Load::Rate(0.5 * open.capacity_rps()));
        assert_eq!(open.capacity(), Load::Rate(open.capacity_rps()));
    }

    #[test]
    fn one_client_is_one_load() {
        let mut s = Scenario::default();
        s.topology.pools[0].replicas = 1;
        s.topology.pools[0].engine.max_num_seqs = Some(1);
        s.workload.arrival.kind = "closed-loop".into();
        s.workload.arrival.max_concurrency = Some(1);
        let plan = resolve(&s, &Catalog::builtin()).expect("sound");
        assert_eq!(plan.loads(), [Load::Concurrency(1)]);
        assert_eq!(plan.load_frac(Load::Concurrency(1)), 1.0);
    }

    #[test]
    fn more_clients_warm_up_for_longer() {
        let plan = closed(8);
        let warmups = [1, 64, 1000, 10_000].map(|n| plan.warmup(Load::Concurrency(n)));
        assert!(warmups.is_sorted_by(|a, b| a < b), "{warmups:?}");
    }
}
