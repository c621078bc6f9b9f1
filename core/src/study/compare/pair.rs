//! All sides at the same loads, over the same time, with the same draws: what makes a pair a pair.
//!
//! Alone, a scenario is measured for as long as its requests take at its own capacity, after a warm-up of its own. Two
//! that differ in either would measure different requests, so those that are compared have one window at each load, made
//! of all of them: each makes pairs with the baseline, and with every other.

use crate::base::Dur;
use crate::base::Order;
use crate::catalog::Catalog;
use crate::cluster::{Follow, Progress, Sim};
use crate::report::{Report, RunRecord, report};
use crate::scenario::{Diagnostic, Load, Plan, Scenario, Slo, resolve};
use crate::study::{Budget, CurvePoint, Fidelity};
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use serde::{Deserialize, Serialize};

/// Up to this multiple of its capacity a side is simulated at the others' loads: beyond it there is only a queue that grows.
const OVERLOAD_MAX: f64 = 2.0;
/// Loads of different curves closer than this share of the finer step are one.
const SAME_LOAD_FRAC: f64 = 0.3;

/// One of those that are compared, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The baseline.
    A,
    /// What is compared with it,
    B,
    /// and another one,
    C,
    /// and one more: beyond four, figures and tables are not read any more.
    D,
}

impl Side {
    /// Every side there can be.
    pub const ALL: [Side; 4] = [Side::A, Side::B, Side::C, Side::D];

    /// The sides of a comparison of so many.
    #[must_use]
    pub fn first(n: usize) -> &'static [Side] {
        static ALL: [Side; 4] = Side::ALL;
        &ALL[..n.min(ALL.len())]
    }

    /// Its place, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its letter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Side::A => "A",
            Side::B => "B",
            Side::C => "C",
            Side::D => "D",
        }
    }
}

/// Why scenarios make no pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Their draws begin from different seeds.
    Seed,
    /// They are repeated unequally often.
    Replications,
    /// Their own loads differ.
    Load,
}

/// What keeps scenarios from being paired with the first of them; [`align`] removes it.
#[must_use]
pub fn obstacles<S: Borrow<Scenario>>(all: &[S]) -> Vec<Obstacle> {
    let any = |differ: fn(&Scenario, &Scenario) -> bool| {
        all.first().is_some_and(|a| all.iter().any(|b| differ(a.borrow(), b.borrow())))
    };
    let found = [
        (any(|a, b| a.run.seed != b.run.seed), Obstacle::Seed),
        (any(|a, b| a.run.replications != b.run.replications), Obstacle::Replications),
        (any(|a, b| load(a) != load(b)), Obstacle::Load),
    ];
    found.into_iter().filter_map(|(differs, obstacle)| differs.then_some(obstacle)).collect()
}

/// The own load: requests per second, or clients.
fn load(s: &Scenario) -> (Option<u64>, Option<u32>) {
    let arrival = &s.workload.arrival;
    if arrival.is_closed_loop() { (None, arrival.max_concurrency) } else { (Some(arrival.rate_rps.to_bits()), None) }
}

/// The second with the load and the run settings of the first.
#[must_use]
pub fn align(a: &Scenario, b: &Scenario) -> Scenario {
    let mut aligned = b.clone();
    aligned.run = a.run.clone();
    let (from, to) = (&a.workload.arrival, &mut aligned.workload.arrival);
    if from.is_closed_loop() == to.is_closed_loop() {
        to.rate_rps = from.rate_rps;
        if from.is_closed_loop() {
            to.max_concurrency = from.max_concurrency;
        }
    } else {
        // A rate is no number of clients: the whole way in which requests arrive is A's.
        *to = from.clone();
    }
    aligned
}

/// Whether all are sent the same requests at a load; targets and names are no part of a request.
#[must_use]
pub fn same_requests<S: Borrow<Scenario>>(all: &[S]) -> bool {
    let bare = |s: &S| {
        let mut workload = s.borrow().workload.clone();
        workload.arrival.rate_rps = 1.0;
        for class in &mut workload.classes {
            (class.slo, class.name) = (Slo::default(), String::new());
        }
        workload
    };
    all.windows(2).all(|two| bare(&two[0]) == bare(&two[1]))
}

/// Simulated time of all sides at one load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Before measuring, ps.
    pub warmup_ps: u64,
    /// In which arrivals are measured, ps.
    pub horizon_ps: u64,
}

impl Window {
    /// What a scenario has alone.
    #[must_use]
    pub fn own(plan: &Plan, load: Load) -> Self {
        Window { warmup_ps: plan.warmup(load).as_ps(), horizon_ps: plan.horizon().as_ps() }
    }

    /// What all have at a load: the longest warm-up; and of the horizons the longest one, cut where it would measure more
    /// requests than any asks for at its capacity, yet no shorter than the shortest one. Equal windows stay as they are.
    ///
    /// # Panics
    /// Where there is no plan at all.
    #[must_use]
    pub fn shared<P: Borrow<Plan>>(plans: &[P], load: Load) -> Self {
        let plans = || plans.iter().map(P::borrow);
        let own = || plans().map(|p| Window::own(p, load));
        let first = own().next().expect("something is compared");
        if own().all(|window| window == first) {
            return first;
        }
        let requests = |p: &Plan| p.horizon().as_secs_f64() * p.capacity_rps();
        // Of clients, by what of the capacity they take.
        let rate_rps = |p: &Plan| load.rate_rps().unwrap_or_else(|| p.load_frac(load) * p.capacity_rps());
        let most = |of: &dyn Fn(&Plan) -> f64| plans().map(of).fold(0.0, f64::max);
        let enough = Dur::from_secs_f64(most(&requests) / most(&rate_rps)).as_ps();
        let horizons = || own().map(|window| window.horizon_ps);
        let shortest = horizons().fold(first.horizon_ps, u64::min);
        let longest = horizons().fold(first.horizon_ps, u64::max);
        let warmup_ps = own().map(|window| window.warmup_ps).fold(first.warmup_ps, u64::max);
        Window { warmup_ps, horizon_ps: enough.clamp(shortest, longest) }
    }
}

/// The loads of a comparison in the order in which they are best simulated: the first side's own, then those of every
/// curve from the middle outwards; none where nothing is compared.
#[must_use]
pub fn points<P: Borrow<Plan>>(plans: &[P]) -> Vec<CurvePoint> {
    let Some(baseline) = plans.first().map(P::borrow) else { return Vec::new() };
    let step = |loads: &[Load]| loads.get(1).map_or(f64::INFINITY, |second| second.amount() - loads[0].amount());
    let curves: Vec<Vec<Load>> = plans.iter().map(|p| p.borrow().loads()).collect();
    let finest = curves.iter().map(|loads| step(loads)).fold(f64::INFINITY, f64::min);
    let mut loads = curves.concat();
    loads.order_by(Load::total_cmp);
    let mut kept: Vec<Load> = Vec::new();
    for load in loads {
        let gap = kept.last().map_or(f64::INFINITY, |last| load.amount() - last.amount());
        if gap > 0.0 && gap >= SAME_LOAD_FRAC * finest {
            kept.push(load);
        }
    }
    let point = |(i, &load): (usize, &Load)| CurvePoint { index: i as u32, load, own: false };
    let mut points: Vec<CurvePoint> = kept.iter().enumerate().map(point).collect();
    let middle = points.len() as i64 / 2;
    points.order_by_key(|p| (i64::from(p.index) - middle).abs());
    points.insert(0, CurvePoint { index: kept.len() as u32, load: baseline.load(), own: true });
    points
}

/// Whether a side is simulated at a load.
#[must_use]
pub fn simulates(side: &Plan, point: &CurvePoint) -> bool {
    point.own || side.load_frac(point.load) <= OVERLOAD_MAX
}

/// One side at one load, in slices.
pub struct SideRun {
    plan: Plan,
    load: Load,
    window: (Dur, Dur),
    follow: Follow,
    done: Vec<RunRecord>,
    current: Option<Sim>,
}

impl SideRun {
    /// A side that has not begun.
    ///
    /// # Errors
    /// The findings, when the scenario cannot be simulated.
    pub fn new(scenario: &Scenario, load: Load, window: Window, catalog: &Catalog) -> Result<Self, Vec<Diagnostic>> {
        let plan = resolve(scenario, catalog)?;
        let window = (Dur::from_ps(window.warmup_ps), Dur::from_ps(window.horizon_ps));
        let Budget { follow, .. } = Fidelity::Settled.budget(&plan, load);
        Ok(SideRun { plan, load, window, follow, done: Vec::new(), current: None })
    }

    /// Handles up to `events` events; true once everything is simulated.
    pub fn advance(&mut self, events: u32) -> bool {
        let replication = self.done.len() as u32;
        if replication < self.plan.replications() {
            let (plan, load, window, follow) = (&self.plan, self.load, self.window, self.follow);
            let begin = || Sim::after(plan, load, replication, window).following(follow);
            let sim = self.current.get_or_insert_with(begin);
            if sim.advance(events) == Progress::Over {
                self.done.extend(self.current.take().map(Sim::into_record));
            }
        }
        self.done.len() as u32 == self.plan.replications()
    }

    /// Share of the work that is done, by whole replications.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.done.len() as f64 / f64::from(self.plan.replications())
    }

    /// The report in detail, once everything is simulated.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        let over = self.done.len() as u32 == self.plan.replications();
        over.then(|| report(&self.plan, self.load, &self.done).in_detail(&self.plan, &self.done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Policies;
    use crate::study::PointRun;
    use crate::study::compare::differences;

    fn scenario(change: impl FnOnce(&mut Scenario)) -> Scenario {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications) = (200, 2);
        change(&mut s);
        s
    }

    fn plan(s: &Scenario) -> Plan {
        resolve(s, &Catalog::builtin()).expect("is sound")
    }

    fn side(s: &Scenario, load: Load, window: Window) -> Report {
        let mut run = SideRun::new(s, load, window, &Catalog::builtin()).expect("is sound");
        while !run.advance(10_000) {}
        run.report().expect("is over")
    }

    #[test]
    fn a_side_in_its_own_window_is_the_scenario_alone() {
        let s = scenario(|_| ());
        let plan = plan(&s);
        for load in [60.0, 120.0].map(Load::Rate) {
            let mut alone = PointRun::new(&plan, load, Fidelity::Settled);
            while !alone.advance(u32::MAX) {}
            assert_eq!(Some(side(&s, load, Window::own(&plan, load))), alone.report());
        }
    }

    #[test]
    fn in_a_longer_window_a_side_is_as_steady_as_alone() {
        let (a, b) = (scenario(|_| ()), scenario(|s| s.topology.pools[0].replicas = 6));
        let load = Load::Rate(40.0);
        let report = side(&b, load, Window::shared(&[plan(&a), plan(&b)], load));
        assert!(report.run.stationary);
        let inside = &report.series.in_system;
        assert!(inside[0] > 0.7 * inside[59], "it does not begin empty: {inside:?}");
    }

    #[test]
    fn both_are_measured_over_the_same_requests() {
        let (a, b) = (scenario(|_| ()), scenario(|s| s.topology.pools[0].replicas = 8));
        let (x, y) = (plan(&a), plan(&b));
        for rate in [20.0, 90.0, 160.0, 400.0].map(Load::Rate) {
            let window = Window::shared(&[&x, &y], rate);
            assert_eq!(window, Window::shared(&[&y, &x], rate), "who is first does not matter");
            let (p, q) = (side(&a, rate, window), side(&b, rate, window));
            assert_eq!((p.run.warmup_s, p.run.horizon_s), (q.run.warmup_s, q.run.horizon_s));
            assert_eq!(p.total.offered_rps, q.total.offered_rps);
            assert_eq!(p.total.metrics.ttft_ms.n, q.total.metrics.ttft_ms.n);
            // What is known of one alone makes no difference.
            let both_to_their_ends = p.run.followed_to_end && q.run.followed_to_end;
            assert_eq!(differences(&p, &q).len() == 22, both_to_their_ends);
            assert_eq!(both_to_their_ends, rate.amount() < 82.0, "{rate:?}");
        }
    }

    #[test]
    fn equal_capacities_share_loads_and_windows_as_they_are() {
        let (a, b) = (scenario(|_| ()), scenario(|s| s.policies = Policies::single("random-picker")));
        let (x, y) = (plan(&a), plan(&b));
        let loads = points(&[&x, &y]);
        assert_eq!(loads.len(), x.loads().len() + 1);
        assert!(loads[0].own && loads.iter().all(|p| simulates(&x, p)));
        let load = Load::Rate(60.0);
        assert_eq!(Window::shared(&[&x, &y], load), Window::own(&x, load));
    }

    #[test]
    fn unequal_capacities_have_the_loads_of_both_without_near_doubles() {
        let (a, b) = (scenario(|_| ()), scenario(|s| s.topology.pools[0].replicas = 8));
        let (x, y) = (plan(&a), plan(&b));
        let mut rates: Vec<f64> = points(&[&x, &y])[1..].iter().map(|p| p.load.amount()).collect();
        rates.sort_by(f64::total_cmp);
        let mut swapped: Vec<f64> = points(&[&y, &x])[1..].iter().map(|p| p.load.amount()).collect();
        swapped.sort_by(f64::total_cmp);
        assert_eq!(rates, swapped);
        assert!(rates.len() > 12 && rates.len() < 24, "{rates:?}");
        assert_eq!(rates[0], x.loads()[0].amount());
        assert!(rates.last().is_some_and(|r| *r > 1.25 * y.capacity_rps()));
        assert!(!points(&[&x, &y]).iter().all(|p| simulates(&x, p)), "far beyond its capacity a side is left out");
    }

    #[test]
    fn what_keeps_two_from_being_paired_is_named_and_removed() {
        let a = scenario(|_| ());
        let b = scenario(|s| {
            (s.run.seed, s.run.replications, s.workload.arrival.rate_rps) = (7, 3, 9.0);
            s.topology.pools[0].replicas = 9;
        });
        assert_eq!(obstacles(&[&a, &a]), []);
        assert_eq!(obstacles(&[&a, &b]), [Obstacle::Seed, Obstacle::Replications, Obstacle::Load]);
        let aligned = align(&a, &b);
        assert_eq!(obstacles(&[&a, &aligned]), []);
        assert_eq!(aligned.topology, b.topology);
    }

    #[test]
    fn closed_loops_are_paired_by_their_clients() {
        let closed = |clients: u32, replicas: u32| {
            scenario(|s| {
                (s.workload.arrival.kind, s.workload.arrival.max_concurrency) = ("closed-loop".into(), Some(clients));
                s.topology.pools[0].replicas = replicas;
            })
        };
        let (a, b) = (closed(32, 4), closed(32, 8));
        assert_eq!(obstacles(&[&a, &b]), []);
        let (x, y) = (plan(&a), plan(&b));
        let all = points(&[&x, &y]);
        assert!(all[0].own && all.iter().all(|p| p.load.is_closed()));
        let window = Window::shared(&[&x, &y], x.load());
        let (p, q) = (side(&a, x.load(), window), side(&b, x.load(), window));
        assert_eq!(p.run.horizon_s, q.run.horizon_s);
        assert_eq!(differences(&p, &q).len(), 22);
        // A rate and a number of clients are no pair until one side has the other's.
        let open = scenario(|_| ());
        assert_eq!(obstacles(&[&a, &open]), [Obstacle::Load]);
        assert_eq!(obstacles(&[&a, &align(&a, &open)]), []);
        assert_eq!(obstacles(&[&a, &closed(64, 4)]), [Obstacle::Load]);
        assert_eq!(obstacles(&[&a, &align(&a, &closed(64, 4))]), []);
    }

    #[test]
    fn targets_are_no_part_of_a_request_and_lengths_are() {
        let a = scenario(|_| ());
        assert!(same_requests(&[&a, &scenario(|s| s.workload.classes[0].slo.ttft_ms = Some(1.0))]));
        assert!(!same_requests(&[&a, &a, &scenario(|s| s.workload.classes[0].input.mean = 9.0)]));
    }

    #[test]
    fn of_four_every_two_are_a_pair_and_the_window_is_of_all() {
        let sized = |replicas: u32| scenario(|s| s.topology.pools[0].replicas = replicas);
        let all = [sized(4), sized(2), sized(8), sized(3)];
        let plans: Vec<Plan> = all.iter().map(plan).collect();
        assert_eq!((obstacles(&all), same_requests(&all)), (Vec::new(), true));
        let load = Load::Rate(30.0);
        let window = Window::shared(&plans, load);
        let horizons: Vec<u64> = plans.iter().map(|p| Window::own(p, load).horizon_ps).collect();
        assert!(horizons.iter().min() < Some(&window.horizon_ps) && Some(&window.horizon_ps) <= horizons.iter().max());
        assert!(plans.iter().all(|p| Window::own(p, load).warmup_ps <= window.warmup_ps));
        let backwards: Vec<&Plan> = plans.iter().rev().collect();
        assert_eq!(window, Window::shared(&backwards, load), "their order does not matter");
        let reports: Vec<Report> = all.iter().map(|s| side(s, load, window)).collect();
        for other in &reports[1..] {
            assert_eq!(differences(&reports[0], other).len(), 22);
            assert_eq!(reports[0].total.offered_rps, other.total.offered_rps);
        }
        // Whoever is not the fastest or the slowest of them changes nothing for the others.
        assert_eq!(window, Window::shared(&plans[..3], load));
        let loads = points(&plans);
        assert_eq!(loads[0].load, plans[0].load());
        assert!(loads[1..].windows(2).all(|two| two[0].load != two[1].load));
        assert!(points::<Plan>(&[]).is_empty());
    }

    #[test]
    fn one_that_differs_from_the_baseline_is_an_obstacle_for_all() {
        let a = scenario(|_| ());
        let seeded = scenario(|s| s.run.seed = 7);
        assert_eq!(obstacles(&[&a, &a, &seeded]), [Obstacle::Seed]);
        assert_eq!(obstacles(&[&seeded, &seeded]), []);
        assert_eq!(Side::first(3).iter().map(|s| s.name()).collect::<String>(), "ABC");
        assert!(Side::ALL.iter().enumerate().all(|(i, s)| s.index() == i) && Side::first(9).len() == 4);
    }
}
