//! Speculative decoding: a drafter proposes the next tokens, and one step verifies them all.
//!
//! How many of them are right depends on text that nobody simulates, so it is given as vLLM's synthetic acceptance gives
//! it: the chance that a draft and all before it are accepted, by its place.

use super::{EngineArgs, Extra};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most drafts of a step.
pub const DRAFTS_MAX: u32 = 16;

/// Ways of drafting, as vLLM names them.
pub(super) const METHODS: [&str; 6] = ["ngram", "eagle", "eagle3", "mtp", "deepseek_mtp", "draft_model"];

/// Chances that the first draft is accepted, and each further one where those before it were: EAGLE-3 with gpt-oss-120b on
/// one H100 under vLLM 0.17 had 0.58, 0.31, 0.16 and 0.08 of its drafts accepted, by place (source key `eagle3-gpt-oss`).
const EAGLE: (f64, f64) = (0.58, 0.52);
/// The report on DeepSeek-V3 has 85 to 90 % of its second tokens accepted (source key `deepseek-v3`).
const MTP: (f64, f64) = (0.85, 0.85);

/// One and the whole of a chance, as numbers that 32 random bits lie below.
const CERTAIN: f64 = 4_294_967_296.0;

/// vLLM's `--speculative-config`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpeculativeConfig {
    /// Who drafts: `ngram` finds the last words in the prompt, `eagle`, `eagle3` and `mtp` are a layer beside the model,
    /// `draft_model` is a smaller model.
    pub method: String,
    /// The smaller model, by its key in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Drafts of a step.
    pub num_speculative_tokens: u32,
    /// The chance that a draft and all before it are accepted, by its place; absent: what was measured of the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthetic_acceptance_rates: Option<Vec<f64>>,
    /// Tokens that a step yields on average, in place of these chances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthetic_acceptance_length: Option<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for SpeculativeConfig {
    fn default() -> Self {
        SpeculativeConfig {
            method: "eagle3".into(),
            model: None,
            num_speculative_tokens: 3,
            synthetic_acceptance_rates: None,
            synthetic_acceptance_length: None,
            extra: Extra::new(),
        }
    }
}

impl SpeculativeConfig {
    /// Whether drafts come from a layer that reads the model's hidden states.
    pub(super) fn is_layer(&self) -> bool {
        matches!(self.method.as_str(), "eagle" | "eagle3" | "mtp" | "deepseek_mtp")
    }

    /// Whether drafts come from a look into the prompt.
    pub(super) fn is_lookup(&self) -> bool {
        self.method == "ngram"
    }

    /// Chances by place; none where nothing says them.
    pub(super) fn rates(&self) -> Option<Vec<f64>> {
        let drafts = self.num_speculative_tokens.min(DRAFTS_MAX);
        if let Some(rates) = &self.synthetic_acceptance_rates {
            return Some(rates.clone());
        }
        let (first, further) = match (self.synthetic_acceptance_length, self.method.as_str()) {
            (Some(tokens), _) => {
                let each = conditional(tokens, drafts);
                (each, each)
            }
            (None, "eagle" | "eagle3") => EAGLE,
            (None, "mtp" | "deepseek_mtp") => MTP,
            (None, _) => return None,
        };
        let mut rate = first;
        let by_place = |_| {
            let this = rate;
            rate *= further;
            this
        };
        Some((0..drafts).map(by_place).collect())
    }
}

/// The chance of each draft, where those before it were accepted, at which a step yields so many tokens on average.
fn conditional(tokens: f64, drafts: u32) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // As many halvings as a fraction has bits.
    for _ in 0..53 {
        let middle = (low + high) / 2.0;
        let (yielded, _) = (0..drafts).fold((1.0, 1.0), |(sum, power), _| (sum + power * middle, power * middle));
        if yielded < tokens { low = middle } else { high = middle }
    }
    high
}

/// How an engine speculates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speculation {
    /// Drafts of a step.
    pub drafts: u32,
    /// By place: a draft and all before it are accepted if 32 random bits lie below this.
    pub below: [u64; DRAFTS_MAX as usize],
    /// Blocks are kept for so many tokens beyond those of the step, where the drafter keeps keys and values too.
    pub lookahead: u32,
    /// Whether the last block that a prefix hit finds is computed again, for hidden states that the drafter needs.
    pub drops_last_hit: bool,
}

impl Speculation {
    /// With these chances by place, of which there are at most [`DRAFTS_MAX`].
    #[must_use]
    pub fn new(rates: &[f64], lookahead: u32, drops_last_hit: bool) -> Self {
        let mut below = [0; DRAFTS_MAX as usize];
        below.iter_mut().zip(rates).for_each(|(below, rate)| *below = (rate * CERTAIN) as u64);
        let drafts = u32::try_from(rates.len()).expect("few").min(DRAFTS_MAX);
        Speculation { drafts, below, lookahead, drops_last_hit }
    }

    /// That of an engine with these settings; none where it does not speculate.
    pub(super) fn of(args: &EngineArgs) -> Option<Self> {
        let config = args.speculative_config.as_ref()?;
        let keeps = !config.is_lookup();
        let lookahead = if keeps { config.num_speculative_tokens } else { 0 };
        Some(Speculation::new(&config.rates()?, lookahead, config.is_layer()))
    }

    /// Of so many drafts, those that are accepted at this draw.
    #[must_use]
    pub fn accepted(&self, draw: u64, drafts: u32) -> u32 {
        let bits = draw >> 32;
        self.below.iter().take(drafts as usize).take_while(|&&below| bits < below).count() as u32
    }

    /// Tokens that a step yields on average.
    #[must_use]
    pub fn yielded(&self) -> f64 {
        1.0 + self.below.iter().take(self.drafts as usize).map(|&below| below as f64 / CERTAIN).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_met_by_the_chances_that_stand_for_it() {
        for drafts in [1, 3, 16] {
            for share in [0.0, 0.1, 0.5, 1.0] {
                let tokens = 1.0 + share * f64::from(drafts);
                let config = SpeculativeConfig {
                    num_speculative_tokens: drafts,
                    synthetic_acceptance_length: Some(tokens),
                    ..SpeculativeConfig::default()
                };
                let rates = config.rates().expect("given");
                assert!(rates.windows(2).all(|pair| pair[1] <= pair[0]));
                let yielded = Speculation::new(&rates, 0, false).yielded();
                assert!((yielded - tokens).abs() < 1e-6, "{yielded} for {tokens} of {drafts}");
            }
        }
    }

    #[test]
    fn as_many_are_accepted_as_the_chances_say() {
        let speculation = Speculation::new(&[1.0, 0.5, 0.25, 0.0], 0, false);
        let at = |share: f64| speculation.accepted(((share * CERTAIN) as u64) << 32, 4);
        assert_eq!([0.0, 0.2, 0.3, 0.6, 0.999_999].map(at), [3, 3, 2, 1, 1]);
        assert_eq!(speculation.accepted(0, 2), 2, "no more than there are");
        assert_eq!(speculation.yielded(), 2.75);
    }
}
