//! The load curve: latency against offered load, and the scenario's own load in the middle of it.

use super::{PointRun, Verdict, verdict};
use crate::base::Dur;
use crate::base::Order;
use crate::cluster::Follow;
use crate::report::{Report, digest};
use crate::scenario::{Load, Plan};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How much is simulated. A draft is the beginning of the settled run: the same streams, cut short, so its
/// curve moves a little when it settles and never jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// While a control moves: fewer replications, a shorter horizon, every other load.
    Draft,
    /// At rest: what the scenario asks for.
    Settled,
    /// In a search over many loads and deployments: enough to tell whether a load is sustained.
    Probe,
}

/// Up to this load over capacity a draft's replications are complete, so that its values lie where they settle; beyond
/// it, where a draft is only to show the shape, they are cut.
const DRAFT_COMPLETE_FRAC: f64 = 0.8;
/// A cut replication measures this share of the horizon.
const DRAFT_SHARE: u64 = 2;
/// Replications of a draft. One is enough: none of four values is more than 3 standard errors from their mean, and their
/// 95 % interval reaches 3.18.
const DRAFT_REPLICATIONS: u32 = 1;
/// A complete replication's horizon is at most what these many requests take at the nominal capacity, whatever is asked
/// for.
const DRAFT_REQUESTS_MAX: f64 = 2500.0;
/// Latency begins to rise steeply about this load over capacity.
const BEND_FRAC: f64 = 0.8;
/// Replications of a probe.
const PROBE_REPLICATIONS: u32 = 2;

/// How one load is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Independent repetitions.
    pub replications: u32,
    /// Simulated time in which each measures.
    pub horizon: Dur,
    /// How far measured requests are followed.
    pub follow: Follow,
}

impl Fidelity {
    /// What a plan's load is given.
    #[must_use]
    pub fn budget(self, plan: &Plan, load: Load) -> Budget {
        let (replications, horizon) = self.extent(plan, load);
        // The scenario's own load is shown in full, and targets for the whole must be judged.
        let asked = load == plan.load() || plan.classes().iter().any(|c| c.slo_e2e.is_some());
        let whole = match self {
            Fidelity::Draft => asked,
            Fidelity::Settled => asked || !plan.is_at_capacity(load),
            Fidelity::Probe => true,
        };
        Budget { replications, horizon, follow: if whole { Follow::ToEnd } else { Follow::ToFirstToken } }
    }

    /// Whether measured requests are followed to their ends.
    #[must_use]
    pub fn follows_to_end(self, plan: &Plan, load: Load) -> bool {
        self.budget(plan, load).follow == Follow::ToEnd
    }

    /// (replications, horizon of each).
    fn extent(self, plan: &Plan, load: Load) -> (u32, Dur) {
        match self {
            Fidelity::Settled => (plan.replications(), plan.horizon()),
            Fidelity::Draft => {
                let complete = plan.load_frac(load) <= DRAFT_COMPLETE_FRAC + 1e-9;
                let whole = whole_draft(plan);
                (DRAFT_REPLICATIONS, if complete { whole } else { shared(whole) })
            }
            Fidelity::Probe => (plan.replications().min(PROBE_REPLICATIONS), shared(whole_draft(plan))),
        }
    }
}

fn whole_draft(plan: &Plan) -> Dur {
    plan.horizon().min(Dur::from_secs_f64(DRAFT_REQUESTS_MAX / plan.capacity_rps()))
}

fn shared(whole: Dur) -> Dur {
    Dur::from_ps(whole.as_ps() / DRAFT_SHARE)
}

/// One load to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Its place among all points, ascending in load; the scenario's own load is the last one.
    pub index: u32,
    /// The load.
    pub load: Load,
    /// Whether this is the scenario's own load.
    pub own: bool,
}

/// Which loads make the curve.
pub struct LoadCurve;

impl LoadCurve {
    /// The loads at a fidelity, in the order in which they are best simulated: the scenario's own first, then both ends of
    /// the axis, then the others from where the curve bends outwards, so that its shape shows early.
    #[must_use]
    pub fn points(plan: &Plan, fidelity: Fidelity) -> Vec<CurvePoint> {
        let loads = plan.loads();
        let last = loads.len() - 1;
        // A draft has the highest load, so that its axes are those of the settled curve.
        let mut points: Vec<CurvePoint> = loads
            .iter()
            .enumerate()
            .filter(|(i, _)| fidelity == Fidelity::Settled || (last - i).is_multiple_of(2))
            .map(|(i, &load)| CurvePoint { index: i as u32, load, own: false })
            .collect();
        let (lowest, highest) = (points.first().map(|p| p.index), points.last().map(|p| p.index));
        let is_end = |p: &CurvePoint| lowest == Some(p.index) || highest == Some(p.index);
        let from_bend = |p: &CurvePoint| (plan.load_frac(p.load) - BEND_FRAC).abs();
        points.order_by(|a, b| is_end(b).cmp(&is_end(a)).then(from_bend(a).total_cmp(&from_bend(b))));
        points.insert(0, CurvePoint { index: loads.len() as u32, load: plan.load(), own: true });
        points
    }

    /// Everything, one load after the other: for callers without workers.
    #[must_use]
    pub fn run(plan: &Plan, fidelity: Fidelity) -> Answer {
        let reports = Self::points(plan, fidelity)
            .into_iter()
            .map(|point| {
                let mut run = PointRun::new(plan, point.load, fidelity);
                while !run.advance(u32::MAX) {}
                (point, run.report().expect("everything is simulated"))
            })
            .collect();
        Answer::assemble(plan, fidelity, reports).expect("the scenario's own load is among the points")
    }
}

/// What a scenario answers: its own load in full, the curve around it, and a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// At the scenario's own load.
    #[serde(flatten)]
    pub report: Report,
    /// How much was simulated.
    pub fidelity: Fidelity,
    /// Offered load of the report, requests per second: what was asked for, and of a closed loop what came of it.
    pub rate_rps: f64,
    /// Nominal capacity, requests per second.
    pub capacity_rps: f64,
    /// The load at nominal capacity, of the report's kind.
    pub capacity: Load,
    /// The other loads, ascending.
    pub curve: Vec<CurveReport>,
    /// The answer in words.
    pub verdict: Verdict,
    /// SHA-256 over the digests of all loads and the verdict: the fingerprint of the experiment.
    pub study_digest: String,
}

/// One load of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveReport {
    /// Offered load, requests per second: what was asked for, and of a closed loop what came of it.
    pub rate_rps: f64,
    /// What was found.
    pub report: Report,
}

impl Answer {
    /// Puts reports together, in whatever order they arrived; none while the scenario's own load is missing.
    #[must_use]
    pub fn assemble(plan: &Plan, fidelity: Fidelity, mut reports: Vec<(CurvePoint, Report)>) -> Option<Answer> {
        reports.order_by_key(|(point, _)| point.index);
        let own = reports.iter().position(|(point, _)| point.own)?;
        let (_, report) = reports.remove(own);
        let curve: Vec<CurveReport> =
            reports.into_iter().map(|(_, report)| CurveReport { rate_rps: report.offered_rps(), report }).collect();
        let verdict = verdict(plan, &report, &curve);
        let digests: Vec<&str> =
            core::iter::once(&report).chain(curve.iter().map(|c| &c.report)).map(|r| r.digest.as_str()).collect();
        let study_digest = digest(&(&digests, &verdict.sentence));
        Some(Answer {
            rate_rps: report.offered_rps(),
            report,
            fidelity,
            capacity_rps: plan.capacity_rps(),
            capacity: plan.capacity(),
            curve,
            verdict,
            study_digest,
        })
    }
}
