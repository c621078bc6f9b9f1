//! What the hardware would show: how far measurements lay from this simulator where it was compared with them, and whether a
//! result lies there.
//!
//! `core/data/model_errors.csv` is written by `playground validate --bands`: between what measured over simulated lies in nine
//! of ten cases, by what is measured and in which regime, from constants that have not seen the model on its GPU.
//! docs/validation.md says how, and how often the bands hold what they had not seen. Of fleets it has rows only under the loads and
//! of the prompts that fleets were measured with; elsewhere those of single engines speak for them.

use super::measured::Kinship;
use crate::catalog::{Block, Blocks};
use crate::report::{End, Report, Statistic};
use crate::scenario::{OWN_SOURCE, Plan, PoolPlan};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The table of the bands.
pub const MODEL_ERRORS: &str = include_str!("../../data/model_errors.csv");
/// Batch over its limit, or KV use, from which on a small error of a step moves a queue a lot.
const KNEE_BATCH: f64 = 0.85;
const KNEE_KV: f64 = 0.9;
/// Stands for all words of a kind in the table.
const ANY: &str = "any";
/// Share of prompt tokens that are computed from which on prefill decides.
const PREFILL: f64 = 0.3;
/// From this ratio on, either way, a band says only that nobody knows.
const KNOWN_MAX: f64 = 20.0;
/// Releases of vLLM that measurements are of (source key `serving-fit-2026-11`).
pub const MEASURED_RELEASES: &str = "0.11 to 0.23";

/// How hard a deployment worked, as far as that decides how large errors are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    /// Sequences in the batch over the most there may be, while it computed: of the busiest instance.
    pub batch_frac: f64,
    /// KV blocks in use over all, at their peak: of the busiest instance.
    pub kv_peak_frac: f64,
    /// Share of prompt tokens that were computed and not found in a cache.
    pub computed_frac: f64,
    /// Share of requests that came to nothing.
    pub failed_frac: f64,
}

impl Effort {
    /// Whether it was near, or beyond, what the deployment can take.
    #[must_use]
    pub fn is_at_the_knee(&self) -> bool {
        self.batch_frac > KNEE_BATCH || self.kv_peak_frac > KNEE_KV || self.failed_frac > 0.0
    }

    /// Whether many prompt tokens were computed.
    #[must_use]
    pub fn is_prefill(&self) -> bool {
        self.computed_frac > PREFILL
    }

    fn of(plan: &Plan, report: &Report) -> Effort {
        let places = plan.pools().iter().flat_map(|p| (0..p.replicas).map(|_| f64::from(p.engine.max_num_seqs)));
        let batch = report.instances.iter().zip(places).map(|(i, places)| {
            let busy = i.busy_frac.max(f64::MIN_POSITIVE);
            i.running_mean / busy / places
        });
        let all: u64 = report.total.ends.values().sum();
        let well = [End::Done, End::Cut].map(|end| report.total.ends.get(end.name()).copied().unwrap_or(0));
        Effort {
            batch_frac: batch.fold(0.0, f64::max),
            kv_peak_frac: report.kv.peak_frac,
            computed_frac: 1.0 - report.kv.hit_rate,
            failed_frac: (all - well.iter().sum::<u64>().min(all)) as f64 / all.max(1) as f64,
        }
    }
}

/// What an error is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Time to first token, its mean and median.
    Ttft,
    /// Its percentiles above.
    TtftTail,
    /// Time between tokens.
    Gap,
    /// The whole.
    E2e,
    /// Rates of requests and tokens.
    Rate,
}

impl Quantity {
    /// The one of a latency (`ttft`, `itl`, `tpot` or `e2e`) at a statistic.
    #[must_use]
    pub fn of(metric: &str, statistic: Statistic) -> Quantity {
        match (metric, statistic) {
            ("ttft", Statistic::Mean | Statistic::P50) => Quantity::Ttft,
            ("ttft", _) => Quantity::TtftTail,
            ("e2e", _) => Quantity::E2e,
            _ => Quantity::Gap,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Quantity::Ttft => "ttft",
            Quantity::TtftTail => "ttft-tail",
            Quantity::Gap => "gap",
            Quantity::E2e => "e2e",
            Quantity::Rate => "rate",
        }
    }
}

/// Measured over simulated: nine of ten measurements lay between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorBand {
    /// At least.
    pub lower: f64,
    /// At most.
    pub upper: f64,
    /// Measurements it rests on.
    pub rows: u32,
}

impl ErrorBand {
    /// Whether it says more than that nobody knows.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.lower > 1.0 / KNOWN_MAX && self.upper < KNOWN_MAX
    }
}

/// Where a result stands among the measurements that the simulator was compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What no measurement of the comparison had: each in a few words.
    pub beyond: Vec<String>,
    /// Whether all of it was measured but the families of its models, which have bands of their own.
    pub exact: bool,
    /// Whether a router shares requests out to several engines.
    pub fleet: bool,
    /// How near its models are to what was measured, the farthest of them.
    pub kinship: Kinship,
    /// How hard the deployment worked.
    pub effort: Effort,
    /// Whether the fleet kept up.
    pub steady: bool,
}

impl Standing {
    /// Of a plan's results at one load.
    #[must_use]
    pub fn of(plan: &Plan, report: &Report) -> Standing {
        let mut beyond: Vec<String> = Vec::new();
        for pool in plan.pools() {
            for what in unmeasured(pool) {
                if !beyond.contains(&what) {
                    beyond.push(what);
                }
            }
        }
        if plan.is_disaggregated() {
            beyond.push("prompts computed apart".into());
        }
        let exact = beyond.is_empty();
        for pool in plan.pools().iter().filter(|pool| pool.model.source != OWN_SOURCE) {
            let what = format!("models like {}", pool.model.family);
            if Kinship::of(&pool.model, &pool.gpu.id) == Kinship::None && !beyond.contains(&what) {
                beyond.push(what);
            }
        }
        let kinship = plan.pools().iter().map(|pool| Kinship::of(&pool.model, &pool.gpu.id)).max();
        Standing {
            beyond,
            exact,
            fleet: plan.pools().iter().map(|pool| pool.replicas).sum::<u32>() > 1,
            kinship: kinship.unwrap_or(Kinship::None),
            effort: Effort::of(plan, report),
            steady: report.run.stationary,
        }
    }

    /// The badge, in a few words.
    #[must_use]
    pub fn badge(&self) -> String {
        let strained = match (self.steady, self.is_strained()) {
            (false, _) => Some("saturated"),
            (true, true) => Some("near its limits"),
            (true, false) => None,
        };
        let also = strained.map_or_else(String::new, |words| format!(", {words}"));
        match (self.beyond.first(), strained) {
            (None, Some(words)) => format!("{words}: errors are larger"),
            (None, None) => "within what was measured".into(),
            (Some(first), _) if self.beyond.len() == 1 => format!("extrapolated: {first}{also}"),
            (Some(first), _) => format!("extrapolated: {first} and {} more{also}", self.beyond.len() - 1),
        }
    }

    /// The same at length.
    #[must_use]
    pub fn sentence(&self) -> String {
        let beyond = match &self.beyond[..] {
            [] => {
                format!("All of it is of kinds that were compared with measurements: {}", self.kinship.sentence())
            }
            all => format!("No measurement that the simulator was compared with had: {}", all.join("; ")),
        };
        let load =
            if self.is_strained() { "the load is near or beyond what the fleet takes" } else { "the load is light" };
        let engines = match (self.fleet, self.of_fleets(Quantity::Ttft)) {
            (false, _) => "one engine at a time",
            (true, Some(_)) => "here of two fleets",
            (true, None) => "one engine at a time, and none is of a fleet under such a load with such prompts",
        };
        format!("{beyond}; {load}. Measurements are of vLLM {MEASURED_RELEASES}, {engines}.")
    }

    /// Whether the load is near or beyond what the fleet takes, where a small error of a step moves a queue a lot.
    #[must_use]
    pub fn is_strained(&self) -> bool {
        !self.steady || self.effort.is_at_the_knee()
    }

    /// How far measurements lay from simulations of this kind: of fleets where this is one and some were measured so, else of
    /// single engines.
    #[must_use]
    pub fn band(&self, quantity: Quantity) -> Option<ErrorBand> {
        let fidelity = if self.exact { "exact" } else { "approximate" };
        let [load, prompts] = self.load();
        let words = [quantity.word(), fidelity, self.kinship.word(), load, prompts];
        self.of_fleets(quantity).or_else(|| band(|of| of.iter().zip(words).all(|(of, word)| *of == word || *of == ANY)))
    }

    /// The same of fleets alone.
    fn of_fleets(&self, quantity: Quantity) -> Option<ErrorBand> {
        let [load, prompts] = self.load();
        self.fleet.then(|| band(|of| *of == [quantity.word(), "fleet", ANY, load, prompts])).flatten()
    }

    /// What the load is called in the table, and what the prompts are.
    fn load(&self) -> [&'static str; 2] {
        let load = if self.is_strained() { "knee" } else { "light" };
        [load, if self.effort.is_prefill() { "prefill" } else { "cached" }]
    }

    /// What the hardware would show where this was simulated, in nine of ten cases; none where nobody knows.
    #[must_use]
    pub fn hardware(&self, quantity: Quantity, simulated: f64) -> Option<(f64, f64)> {
        let band = self.band(quantity).filter(ErrorBand::is_known)?;
        Some((simulated * band.lower, simulated * band.upper))
    }
}

/// What about a pool no measurement of the comparison had.
fn unmeasured(pool: &PoolPlan) -> Vec<String> {
    let indexed = |b: &Blocks| matches!(&b.block, Block::LatentAttention(a) if a.index.is_some());
    let what = [
        (!pool.gpu.measured, format!("GPU {}", pool.gpu.name)),
        (pool.has_step_law(), "step times given by hand".into()),
        (pool.model.is_recurrent(), "recurrent blocks".into()),
        (pool.model.blocks.iter().any(indexed), "sparse attention with an index".into()),
        (pool.precision.weights.id.starts_with("int8"), "weights in int8".into()),
        (pool.spread.pipeline > 1, "pipeline stages".into()),
        (pool.spread.expert_ranks > 1, "ranks that share experts".into()),
        (pool.engine.speculation.is_some(), "speculative decoding".into()),
        (pool.engine.offload.is_some(), "keys and values in host memory".into()),
        (pool.model.source == OWN_SOURCE, format!("model {}", pool.model.id)),
    ];
    what.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect()
}

/// The band of the row of the table whose words are as they are to be.
fn band(is: impl Fn(&[&str; 5]) -> bool) -> Option<ErrorBand> {
    MODEL_ERRORS.lines().skip(1).find_map(|line| {
        let mut cells = line.split(',');
        let words = [(); 5].map(|()| cells.next().unwrap_or_default());
        let mut number = || cells.next()?.trim().parse::<f64>().ok();
        let band = ErrorBand { lower: number()?, upper: number()?, rows: number()? as u32 };
        is(&words).then_some(band)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::{Scenario, StepLaw, resolve};
    use crate::study::{Fidelity, LoadCurve};

    fn standing(change: impl FnOnce(&mut Scenario)) -> Standing {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 2);
        change(&mut s);
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        Standing::of(&plan, &LoadCurve::run(&plan, Fidelity::Settled).report)
    }

    #[test]
    fn a_light_load_on_a_measured_gpu_is_within_what_was_measured() {
        let it = standing(|s| s.workload.arrival.rate_rps = 5.0);
        assert_eq!((it.badge().as_str(), it.is_strained()), ("within what was measured", false), "{it:?}");
        let band = it.band(Quantity::Gap).expect("there are measurements");
        assert!(band.lower > 0.5 && band.upper < 1.5 && band.rows > 100, "{band:?}");
        let (lower, upper) = it.hardware(Quantity::Gap, 10.0).expect("is known");
        assert!(lower < 10.0 && upper > 10.0);
    }

    #[test]
    fn what_was_not_measured_is_named_and_its_bands_are_wider() {
        let measured = standing(|s| s.workload.arrival.rate_rps = 5.0);
        let it = standing(|s| {
            s.topology.pools[0].gpu = "l4".into();
            s.topology.pools[0].model = "llama-3.1-8b".into();
            s.workload.arrival.rate_rps = 0.2;
        });
        assert!(it.badge().starts_with("extrapolated: GPU "), "{}", it.badge());
        let width = |s: &Standing| s.band(Quantity::Ttft).map(|b| b.upper / b.lower).expect("there are measurements");
        assert!(width(&it) > width(&measured));
        let new = standing(|s| {
            s.topology.pools[0].model = "gemma-3-27b".into();
            s.workload.arrival.rate_rps = 1.0;
        });
        assert_eq!(new.badge(), "extrapolated: models like gemma-3");
        assert!(new.band(Quantity::Ttft).is_some_and(|b| b.rows > 100), "it has bands of its own");
        let law =
            standing(|s| s.topology.pools[0].engine.step_law = Some(StepLaw { step_us: 1e4, ..StepLaw::default() }));
        assert!(law.sentence().contains("step times given by hand"), "{}", law.sentence());
    }

    #[test]
    fn a_load_that_is_not_borne_is_saturated() {
        let it = standing(|s| s.workload.arrival.rate_rps = 500.0);
        assert!(it.is_strained() && it.badge() == "saturated: errors are larger", "{it:?}");
    }

    #[test]
    fn a_fleet_is_told_by_fleets_where_some_were_measured_and_else_by_single_engines() {
        let of = |replicas: u32, rate_rps: f64| {
            standing(|s| (s.topology.pools[0].replicas, s.workload.arrival.rate_rps) = (replicas, rate_rps))
        };
        let (one, fleet) = (of(1, 1.0), of(4, 4.0));
        assert!(!one.fleet && fleet.fleet);
        assert!(fleet.hardware(Quantity::TtftTail, 100.0).is_some(), "the default fleet has a range");
        assert_eq!(
            one.band(Quantity::Ttft),
            fleet.band(Quantity::Ttft),
            "no fleet was measured at light loads of new prompts"
        );
        assert!(fleet.sentence().contains("none is of a fleet") && !one.sentence().contains("fleet"));
        let cached = Standing { effort: Effort { computed_frac: 0.1, ..fleet.effort }, ..fleet };
        let width = |s: &Standing| s.band(Quantity::Gap).map(|b| b.upper / b.lower).expect("there are measurements");
        assert!(width(&cached) > width(&one) && cached.sentence().contains("here of two fleets"));
    }

    #[test]
    fn every_row_of_the_table_can_be_read() {
        for line in MODEL_ERRORS.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let found = band(|words| words[..] == cells[..5]).expect("its numbers are read");
            assert!(0.0 < found.lower && found.lower <= 1.0 && found.upper >= 1.0 && found.rows > 0, "{line}");
        }
    }
}
