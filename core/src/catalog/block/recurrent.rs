//! Recurrent mixers: what they keep of the past is as large after a million tokens as after one.

use crate::catalog::table::Row;

/// Bytes of one number of a recurrent state: vLLM keeps it in f32.
const STATE_BYTES: u64 = 4;
/// Bytes of one number of what the convolution remembers: bf16.
const CONV_BYTES: u64 = 2;

/// Gated delta rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatedDelta {
    /// Query and key heads.
    pub key_heads: u32,
    /// Value heads; each has a state.
    pub value_heads: u32,
    /// Width of a key head.
    pub key_head_dim: u32,
    /// Width of a value head.
    pub value_head_dim: u32,
    /// Tokens the convolution before it sees.
    pub conv_tokens: u32,
    /// Decay rates and norms: parameters in no matrix.
    pub vector_params: u32,
}

impl GatedDelta {
    /// Width of all key heads.
    #[must_use]
    pub fn key_width(&self) -> u64 {
        u64::from(self.key_heads) * u64::from(self.key_head_dim)
    }

    /// Width of all value heads.
    #[must_use]
    pub fn value_width(&self) -> u64 {
        u64::from(self.value_heads) * u64::from(self.value_head_dim)
    }

    /// Width of what is projected in: queries, keys, values, the output's gate, two numbers a value head.
    #[must_use]
    pub fn projected_width(&self) -> u64 {
        2 * self.key_width() + 2 * self.value_width() + 2 * u64::from(self.value_heads)
    }

    fn conv_width(&self) -> u64 {
        2 * self.key_width() + self.value_width()
    }

    /// What is kept of one sequence, bytes.
    #[must_use]
    pub fn state_bytes(&self) -> u64 {
        let state = u64::from(self.value_heads) * u64::from(self.key_head_dim) * u64::from(self.value_head_dim);
        STATE_BYTES * state + CONV_BYTES * self.conv_width() * u64::from(self.conv_tokens - 1)
    }

    pub(super) fn params(&self, hidden: u64) -> u64 {
        hidden * (self.projected_width() + self.value_width())
            + self.conv_width() * u64::from(self.conv_tokens)
            + u64::from(self.vector_params)
    }
}

/// Mamba-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mamba2 {
    /// Heads; each has a state.
    pub heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Numbers a channel keeps.
    pub state_size: u32,
    /// Groups of heads that share the projections into and out of the state.
    pub groups: u32,
    /// Tokens the convolution before it sees.
    pub conv_tokens: u32,
    /// Biases, decay rates and norms: parameters in no matrix.
    pub vector_params: u32,
}

impl Mamba2 {
    /// Width of all heads.
    #[must_use]
    pub fn inner_width(&self) -> u64 {
        u64::from(self.heads) * u64::from(self.head_dim)
    }

    /// Width of what is projected in: the input and its gate, the ways into and out of the state, a step per head.
    #[must_use]
    pub fn projected_width(&self) -> u64 {
        2 * self.inner_width() + 2 * self.group_width() + u64::from(self.heads)
    }

    fn group_width(&self) -> u64 {
        u64::from(self.groups) * u64::from(self.state_size)
    }

    fn conv_width(&self) -> u64 {
        self.inner_width() + 2 * self.group_width()
    }

    /// What is kept of one sequence, bytes.
    #[must_use]
    pub fn state_bytes(&self) -> u64 {
        STATE_BYTES * self.inner_width() * u64::from(self.state_size)
            + CONV_BYTES * self.conv_width() * u64::from(self.conv_tokens - 1)
    }

    pub(super) fn params(&self, hidden: u64) -> u64 {
        hidden * (self.projected_width() + self.inner_width())
            + self.conv_width() * u64::from(self.conv_tokens)
            + u64::from(self.vector_params)
    }
}

pub(super) fn read_delta(row: &mut Row<'_>) -> GatedDelta {
    GatedDelta {
        key_heads: row.value(),
        value_heads: row.value(),
        key_head_dim: row.value(),
        value_head_dim: row.value(),
        conv_tokens: row.value(),
        vector_params: row.value(),
    }
}

pub(super) fn read_mamba(row: &mut Row<'_>) -> Mamba2 {
    Mamba2 {
        heads: row.value(),
        head_dim: row.value(),
        state_size: row.value(),
        groups: row.value(),
        conv_tokens: row.value(),
        vector_params: row.value(),
    }
}
