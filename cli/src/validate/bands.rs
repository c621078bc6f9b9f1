//! Model error bands: by which factor measurements lay off predictions at most, by what is predicted and in which regime.
//!
//! A band reaches as far up as down, and holds nine of ten errors of its regime: of its rows, and of its models on GPUs where
//! each weighs the same. Errors are of fits that have not seen what they are of, so this is a conformal quantile with
//! predictions for their own centres (Vovk, Gammerman, Shafer 2005), of whole models on GPUs (Lee, Barber, Willett 2023). Which
//! regimes there are is in `regimes`, and how far their bands reach for what they have not seen in `coverage`.

use super::Studies;
use super::regimes::{Residual, reach, regimes, residuals};
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_core::study::hardware::Effort;
use playground_core::study::measured::Kinship;
use playground_interop::measured::{Experiment, Latency, Quantity, Sheet, Stat};
use std::collections::BTreeMap;

/// The bands found on the calibration half.
const BUILTIN: &str = playground_core::study::hardware::MODEL_ERRORS;
/// Stands for all words of a kind.
pub(super) const ANY: &str = "any";
/// The fidelity of fleets, whose errors are apart.
pub(super) const FLEET: &str = "fleet";

/// What decides how large errors are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `ttft`, `ttft-tail`, `gap`, `e2e`, `rate` or `other`.
    pub kind: &'static str,
    /// Whether a router shares requests out to several engines.
    pub fleet: bool,
    /// `exact`: as recorded, on a GPU with measured kernels; `approximate`: anything else.
    pub fidelity: &'static str,
    /// `seen`: something of the model's family was fitted to; `new`: nothing was.
    pub family: &'static str,
    /// `light`, or `knee`: near or beyond what the deployment can take.
    pub load: &'static str,
    /// `cached`, or `prefill`: many prompt tokens are computed.
    pub prompts: &'static str,
}

/// Measured over predicted.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Band {
    /// At least, in nine of ten cases.
    pub lower: f64,
    /// At most.
    pub upper: f64,
    /// Rows it rests on.
    pub rows: u32,
}

/// A regime: what is predicted, how faithfully, of which family, under which load, of which prompts.
pub(super) type Words = [String; 5];

/// Bands by regime, `any` standing for all. No two regimes have anything in common, but that fleets are of single engines'
/// regimes too where none of theirs speaks.
#[derive(Clone, Debug, Default)]
pub struct Bands(BTreeMap<Words, Band>);

impl Key {
    /// The regime of a cell.
    #[must_use]
    pub fn of(quantity: Quantity, experiment: &Experiment, effort: &Effort, catalog: &Catalog) -> Key {
        let measured = catalog.gpu(&experiment.gpu).is_some_and(|g| g.measured);
        let exact = measured && experiment.notes.is_empty();
        let kinship = catalog.model(&experiment.model).map_or(Kinship::None, |m| Kinship::of(m, &experiment.gpu));
        let engines: u32 = experiment.scenario.topology.pools.iter().map(|pool| pool.replicas).sum();
        Key {
            kind: kind(quantity),
            fleet: engines > 1,
            fidelity: if exact { "exact" } else { "approximate" },
            family: kinship.word(),
            load: if effort.is_at_the_knee() { "knee" } else { "light" },
            prompts: if effort.is_prefill() { "prefill" } else { "cached" },
        }
    }

    /// What tells it from others of its kind, in the order in which regimes are divided.
    pub(super) fn words(&self) -> [&'static str; 4] {
        [self.fidelity, self.family, self.load, self.prompts]
    }
}

fn kind(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Of(Latency::Ttft, Stat::Mean | Stat::Min | Stat::Permille(0..=500)) => "ttft",
        Quantity::Of(Latency::Ttft, _) => "ttft-tail",
        Quantity::Of(Latency::Tpot | Latency::PerToken, _) | Quantity::Gap(_) => "gap",
        Quantity::Of(Latency::E2e, _) => "e2e",
        Quantity::OutputRate | Quantity::InputRate | Quantity::ServedRate | Quantity::SentRate => "rate",
        _ => "other",
    }
}

impl Bands {
    /// Those this release carries.
    ///
    /// # Panics
    /// When its table cannot be read, which a test excludes.
    #[must_use]
    pub fn builtin() -> Bands {
        let sheet = Sheet::parse(BUILTIN).expect("the table of this release");
        let band = |r: playground_interop::measured::Record<'_>| {
            let words = ["kind", "fidelity", "family", "load", "prompts"].map(|column| r.text(column).to_string());
            Some((words, Band { lower: r.number("lower")?, upper: r.number("upper")?, rows: r.number("rows")? as u32 }))
        };
        Bands(sheet.records().filter_map(band).collect())
    }

    /// From the residuals of fits that left out a model on its GPU, and of such that left out its family.
    #[must_use]
    pub fn of(studies: &Studies) -> Bands {
        Bands::from(&residuals(studies))
    }

    pub(super) fn from(residuals: &[Residual]) -> Bands {
        let of_regime = |(rows, spoken_for, reach): (usize, Vec<Words>, f64)| {
            let band = Band { lower: math::exp(-reach), upper: math::exp(reach), rows: rows as u32 };
            spoken_for.into_iter().map(move |words| (words, band))
        };
        let found = regimes(residuals).into_iter().filter_map(|regime| {
            let reach = reach(&regime.rows)?;
            Some((regime.rows.len(), regime.spoken_for(), reach))
        });
        Bands(found.flat_map(of_regime).collect())
    }

    /// The band of a regime; of a fleet that of fleets, and where none speaks that of single engines; without any, from a third
    /// to threefold.
    #[must_use]
    pub fn band(&self, key: &Key) -> Band {
        let of_fleets = [key.kind, FLEET, ANY, key.load, key.prompts].map(String::from);
        let found = key.fleet.then(|| self.0.get(&of_fleets)).flatten().or_else(|| self.of_one_engine(key));
        found.copied().unwrap_or(Band { lower: 1.0 / 3.0, upper: 3.0, rows: 0 })
    }

    fn of_one_engine(&self, key: &Key) -> Option<&Band> {
        let is = |words: &Words| words[1..].iter().zip(key.words()).all(|(of, word)| of == word || of == ANY);
        self.0.iter().find(|(words, _)| words[0] == key.kind && is(words)).map(|(_, band)| band)
    }

    /// As a table.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |(w, b): (&Words, &Band)| format!("{},{:.4},{:.4},{}\n", w.join(","), b.lower, b.upper, b.rows);
        std::iter::once("kind,fidelity,family,load,prompts,lower,upper,rows\n".to_string())
            .chain(self.0.iter().map(line))
            .collect()
    }

    /// Every regime with its band.
    pub fn iter(&self) -> impl Iterator<Item = (&Words, &Band)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &'static str) -> Key {
        Key { kind, fleet: false, fidelity: "exact", family: "seen", load: "light", prompts: "cached" }
    }

    #[test]
    fn what_this_release_carries_is_sound() {
        let bands = Bands::builtin();
        for kind in ["ttft", "ttft-tail", "gap", "e2e", "rate", "other", "unheard of"] {
            let band = bands.band(&key(kind));
            assert!(0.0 < band.lower && band.lower <= 1.0 && 1.0 <= band.upper, "{kind}");
        }
        assert_eq!(Bands::builtin().csv(), BUILTIN);
    }

    #[test]
    fn every_regime_is_spoken_for_once() {
        let bands = Bands::builtin();
        for kind in ["ttft", "ttft-tail", "gap", "e2e", "rate", "other"] {
            for n in 0..16 {
                let pick = |bit: u32, words: [&'static str; 2]| words[(n >> bit & 1) as usize];
                let words = [
                    pick(0, ["exact", "approximate"]),
                    pick(1, ["seen", "new"]),
                    pick(2, ["light", "knee"]),
                    pick(3, ["cached", "prefill"]),
                ];
                let speaks = |of: &Words| of[0] == kind && (1..5).all(|i| of[i] == words[i - 1] || of[i] == ANY);
                assert_eq!(bands.iter().filter(|(of, _)| speaks(of)).count(), 1, "{kind} {words:?}");
            }
        }
    }

    #[test]
    fn fleets_have_bands_of_their_own_where_fleets_were_measured() {
        let residual = |fleet: bool, prompts: &'static str, model: i32, log: f64| Residual {
            key: Key { fleet, prompts, ..key("ttft") },
            experiment: format!("run {model}"),
            group: format!("m{model} on g"),
            within: [format!("m{model} on g"), "m".into()],
            log,
        };
        let one = (0..120).map(|i| residual(false, "prefill", i % 8, f64::from(i - 60) / 600.0));
        let fleets = (0..12).map(|i| residual(true, "cached", i % 2, 1.0));
        let bands = Bands::from(&one.chain(fleets).collect::<Vec<_>>());
        let band = |fleet, prompts| bands.band(&Key { fleet, prompts, ..key("ttft") });
        assert!(band(true, "cached").upper > 2.0 && band(false, "cached").upper < 1.2);
        assert_eq!(band(true, "prefill"), band(false, "prefill"), "no fleet was measured there");
    }
}
