//! The bars this simulator is held to, and whether it holds them.

use super::ranking::Ranking;
use super::score::Point;
use super::statistics::quantile_of;
use playground_interop::measured::{Part, Set};

/// One bar.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Bar {
    /// What it is about.
    pub name: &'static str,
    /// The largest error, or the smallest share, that holds it.
    pub bar: f64,
    /// What was found with each model on a GPU left out of the fit; none where nothing was measured.
    pub found: Option<f64>,
    /// What the constants of this release make of it, fitted to what they are held against.
    pub in_sample: Option<f64>,
    /// What constants from kernels alone make of it.
    pub zero_shot: Option<f64>,
    /// Experiments, steps or pairs.
    pub n: u32,
    /// Whether more is better.
    pub share: bool,
}

impl Bar {
    /// Whether it holds; none where nothing was measured.
    #[must_use]
    pub fn holds(&self) -> Option<bool> {
        self.found.map(|found| if self.share { found >= self.bar } else { found <= self.bar })
    }
}

/// Whether a point belongs to the family of runs with repeated prompts, each counted once.
fn repeated(p: &Point) -> bool {
    (p.set == Set::Blis || (p.set == Set::Training && !p.counted_elsewhere)) && p.part == Part::Whole && !p.overload
}

/// Whether a point is of a load that the server could not take: the client waited, or gave up.
fn overloaded(p: &Point) -> bool {
    let limited = p.set == Set::Residency && p.experiment.contains("agg18");
    p.part == Part::Whole && (limited || (p.set == Set::Training && p.overload))
}

/// What a study is held to bars by: its points, errors of steps, orders of policies.
pub type Held<'a> = (&'a [Point], &'a [f64], &'a [Ranking]);

/// All bars: held against constants fitted without each model on a GPU, with those of this release and those from
/// kernels alone beside them.
#[must_use]
pub fn bars(left_out: Held<'_>, in_sample: Held<'_>, zero_shot: Held<'_>) -> Vec<Bar> {
    let beside = of(in_sample).into_iter().zip(of(zero_shot));
    let together =
        |(bar, (fitted, kernels)): (Bar, (Bar, Bar))| Bar { in_sample: fitted.found, zero_shot: kernels.found, ..bar };
    of(left_out).into_iter().zip(beside).map(together).collect()
}

fn of((points, steps, rankings): Held<'_>) -> Vec<Bar> {
    let median = |name, bar, of: &dyn Fn(&Point) -> bool| {
        let errors: Vec<f64> = points.iter().filter(|p| of(p)).map(|p| p.error().abs()).collect();
        Bar {
            name,
            bar,
            found: quantile_of(&errors, 0.5),
            in_sample: None,
            zero_shot: None,
            n: errors.len() as u32,
            share: false,
        }
    };
    let set =
        |set: Set, column: &'static str| move |p: &Point| p.set == set && p.column == column && p.part == Part::Whole;
    let steady = |p: &Point| !overloaded(p);
    let ttft = Ranking::of(rankings, "llmd_kvcache_37-capacity", "ttft_mean_s");
    let rank = |name, pairs: u32, ordered: u32| Bar {
        name,
        bar: 0.9,
        found: (pairs > 0).then(|| f64::from(ordered) / f64::from(pairs)),
        in_sample: None,
        zero_shot: None,
        n: pairs,
        share: true,
    };
    vec![
        median("Repeated prompts, whole runs: E2E mean", 0.035, &|p| repeated(p) && p.column == "e2e_mean_ms"),
        median("Repeated prompts, whole runs: ITL mean, corrected", 0.035, &|p| {
            repeated(p) && matches!(p.column, "itl_mean_ms_corrected" | "tpot_mean_ms_true")
        }),
        median("Repeated prompts, whole runs: TTFT mean", 0.05, &|p| repeated(p) && p.column == "ttft_mean_ms"),
        median("Residency: TTFT p50", 0.07, &|p| set(Set::Residency, "ttft_p50_ms")(p) && steady(p)),
        median("Residency: E2E p50", 0.04, &|p| set(Set::Residency, "e2e_p50_ms")(p) && steady(p)),
        median("Residency: output rate", 0.05, &|p| set(Set::Residency, "out_tok_s")(p)),
        median("InferenceX, vLLM aggregated: TPOT mean", 0.07, &set(Set::InferenceX, "silicon_tpot_ms")),
        median("InferenceX, vLLM aggregated: TTFT mean", 0.14, &set(Set::InferenceX, "silicon_ttft_ms")),
        Bar {
            name: "Single engine steps: duration",
            bar: 0.04,
            found: quantile_of(steps, 0.5),
            in_sample: None,
            zero_shot: None,
            n: steps.len() as u32,
            share: false,
        },
        median("Overload: served rate", 0.05, &|p| {
            overloaded(p) && (p.column == "req_s" || (p.set == Set::Residency && p.column == "out_tok_s"))
        }),
        median("Overload: E2E p50", 0.15, &|p| overloaded(p) && matches!(p.column, "e2e_p50_ms" | "e2e_median_ms")),
        rank("Routing ladder: pairs in the measured order", ttft.0, ttft.1),
        rank("Routing ladder: pairs of policies simulated apart", ttft.2, ttft.3),
    ]
}

impl Ranking {
    /// (pairs, ordered, pairs simulated apart, ordered) of one comparison by one column.
    fn of(all: &[Ranking], comparison: &str, column: &str) -> (u32, u32, u32, u32) {
        let found = all.iter().find(|r| r.comparison == comparison && r.column == column);
        found.map_or((0, 0, 0, 0), |r| (r.pairs, r.ordered, r.distinct_pairs, r.distinct_ordered))
    }
}
