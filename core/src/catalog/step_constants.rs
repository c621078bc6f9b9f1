//! Constants of the step model and the front end that are not a property of one GPU, model or experiment.
//!
//! `core/data/step_constants.csv` has a row for each: the value that serving runs ask for, the one that kernels timed
//! alone promise, how far `playground fit` may draw one from the other, and a source.

use super::table;

/// Which fit the constants are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// Fitted to serving runs, from where kernels leave off.
    Calibrated,
    /// From kernels timed alone, and facts of the software.
    ZeroShot,
}

macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The constants, by name.
        #[derive(Clone, Debug, PartialEq)]
        pub struct StepConstants {
            $($(#[$doc])* pub $name: f64,)*
        }

        impl StepConstants {
            /// Names of all constants, in the order of their table.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            const UNKNOWN: StepConstants = StepConstants { $($name: f64::NAN),* };

            /// The constant of this name, to read or to change.
            #[must_use]
            pub fn of(&mut self, name: &str) -> Option<&mut f64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

constants! {
    /// Matrix products in a served model reach this multiple of the arithmetic rate of kernels timed alone.
    gemm_compute_scale,
    /// The same of the rate at which weights are read.
    gemm_memory_scale,
    /// The same of the rate at which the KV cache is read.
    kv_read_scale,
    /// Fixed time of one matrix product in bf16, µs.
    gemm_latency_us,
    /// Fixed time per layer: norms, rotary embedding, activation, residual, µs.
    layer_latency_us,
    /// Fixed time of attention per layer, µs.
    attention_latency_us,
    /// Fixed time of latent attention beyond that of attention and its products, per layer, µs.
    latent_latency_us,
    /// Prefill attention at this many tokens reaches half of its long-sequence rate: with the next constant it gives the
    /// kernel tables' utilisation of 0.29 at 1k, 0.44 at 2k and 0.54 at 4k tokens.
    attention_half_tokens,
    /// Long-sequence rate of prefill attention over the table's value at 4k to 8k tokens.
    attention_long_scale,
    /// Fraction of peak bandwidth at which recurrent states are read and written.
    state_memory_eff,
    /// Fixed time of one product of narrow weights and activations, µs.
    narrow_latency_us,
    /// Multiple of the arithmetic rate of 8-bit products; the share of the peak stays at or below that of bf16.
    eight_bit_compute_scale,
    /// Multiple of the rate at which 8-bit products read weights; the share of the bandwidth stays at or below that of
    /// bf16.
    eight_bit_memory_scale,
    /// As of 8-bit products.
    four_bit_compute_scale,
    /// As of 8-bit products.
    four_bit_memory_scale,
    /// Products that widen narrow weights to bf16, as a multiple of the GPU's bf16 rate.
    weight_only_compute_scale,
    /// The rate at which they read weights, the same way.
    weight_only_memory_scale,
    /// Fixed time of a layer of bf16 experts: router, permutation, two grouped launches, µs.
    bf16_experts_latency_us,
    /// Fraction of peak bandwidth at which weights of bf16 experts are read.
    bf16_experts_memory_eff,
    /// Fraction of the peak of that arithmetic that their products reach.
    bf16_experts_compute_eff,
    /// As of bf16 experts.
    eight_bit_experts_latency_us,
    /// As of bf16 experts.
    eight_bit_experts_memory_eff,
    /// As of bf16 experts, on a GPU that reaches as much of the peak in dense products as in bf16.
    eight_bit_experts_compute_eff,
    /// What a layer of 8-bit experts with a scale per block takes beyond that in releases before 0.18, µs.
    early_block_experts_us,
    /// As of bf16 experts.
    four_bit_experts_latency_us,
    /// As of bf16 experts.
    four_bit_experts_memory_eff,
    /// As of 8-bit experts.
    four_bit_experts_compute_eff,
    /// As of bf16 experts; weights are widened to bf16.
    weight_only_experts_latency_us,
    /// As of bf16 experts, on an H100; a GPU's own share follows from its row.
    weight_only_experts_memory_eff,
    /// As of bf16 experts, on an H100.
    weight_only_experts_compute_eff,
    /// T tokens touch as many narrow experts as T to this power would if routing were balanced.
    narrow_experts_spread,
    /// Fraction of peak bandwidth of element-wise kernels.
    elementwise_memory_eff,
    /// Bytes per token and hidden unit that a layer's element-wise kernels move: six reads and writes of bf16.
    elementwise_bytes,
    /// All-reduce in a served model against its measured table: the latency part.
    all_reduce_latency_scale,
    /// All-reduce in a served model against its measured table: the part that grows with bytes.
    all_reduce_bytes_scale,
    /// Host work per sequence and step that overlapping does not hide, µs.
    sequence_latency_us,
    /// Sampling with top-k or top-p, per sequence, for a vocabulary of the next constant, µs.
    sampling_latency_us,
    /// Vocabulary that sampling is timed at; it grows in proportion.
    sampling_vocabulary,
    /// Extra time of a step that mixes prefill in, µs.
    mixed_latency_us,
    /// Extra time per piece of prompt in a step, µs.
    chunk_latency_us,
    /// What the host needs to launch the kernels of one block where a step is too large for a CUDA graph, µs.
    block_launch_us,
    /// Host work of a step that the GPU waits for where no step is planned ahead of the one that executes, µs.
    unhidden_host_us,
    /// From a request's arrival to the engine, beside what the front end does one request at a time, µs.
    front_end_before_us,
    /// What releases before 0.14 take beyond that, µs.
    front_end_early_us,
    /// What the front end does of one request at a time, µs.
    front_end_request_us,
    /// What the front end does of one prompt at a time, per token: tokenisation, µs.
    front_end_prompt_token_us,
    /// From a token in the engine to the client, µs.
    front_end_after_us,
    /// What the front end does of one token at a time: detokenisation and streaming, µs.
    front_end_token_us,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct StepConstant {
    /// Its name, one of [`StepConstants::NAMES`].
    pub name: alloc::string::String,
    /// Its values: calibrated, zero-shot.
    pub values: [f64; 2],
    /// One standard deviation of what serving runs may add to the zero-shot value; 0: the constant is not fitted.
    pub spread: f64,
    /// Source key.
    pub source: alloc::string::String,
}

/// The table this build carries.
const TABLE: &str = include_str!("../../data/step_constants.csv");

impl StepConstants {
    /// Those this build carries.
    ///
    /// # Panics
    /// When the table cannot be read, which a test excludes.
    #[must_use]
    pub fn builtin(fit: Fit) -> Self {
        let mut all = StepConstants::UNKNOWN;
        for row in StepConstants::rows() {
            *all.of(&row.name).expect("a constant of this name") = row.values[fit as usize];
        }
        all
    }

    /// The rows of the table this build carries.
    #[must_use]
    pub fn rows() -> alloc::vec::Vec<StepConstant> {
        table::collect(TABLE, |row| StepConstant {
            name: row.text(),
            values: [row.value(), row.value()],
            spread: row.value(),
            source: row.text(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each() {
        let names: alloc::vec::Vec<_> = StepConstants::rows().into_iter().map(|r| r.name).collect();
        assert_eq!(names, StepConstants::NAMES);
        for fit in [Fit::Calibrated, Fit::ZeroShot] {
            let mut all = StepConstants::builtin(fit);
            for name in StepConstants::NAMES {
                let value = *all.of(name).expect("listed");
                assert!(value.is_finite() && value >= 0.0, "{name}: {value}");
            }
        }
        assert!(StepConstants::builtin(Fit::ZeroShot).of("unheard_of").is_none());
    }

    #[test]
    fn every_source_is_explained() {
        let sources = include_str!("../../data/SOURCES.md");
        for row in StepConstants::rows() {
            assert!(sources.contains(&alloc::format!("| {} |", row.source)), "{}", row.source);
        }
    }

    #[test]
    fn what_is_not_fitted_is_alike_in_both() {
        for row in StepConstants::rows().iter().filter(|r| r.spread == 0.0) {
            assert_eq!(row.values[0], row.values[1], "{}", row.name);
        }
    }
}
