//! What is computed on each token by itself: dense MLPs and mixtures of experts.

use crate::catalog::table::Row;

/// A dense MLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mlp {
    /// Its width.
    pub intermediate_size: u32,
    /// Matrices: 3 where a gate multiplies the activation, else 2.
    pub matrices: u32,
}

impl Mlp {
    pub(super) fn params(&self, hidden: u64) -> u64 {
        u64::from(self.matrices) * hidden * u64::from(self.intermediate_size)
    }
}

/// A mixture of experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// Experts among which tokens are routed.
    pub count: u32,
    /// Experts one token is sent to.
    pub per_token: u32,
    /// Width of one expert.
    pub intermediate_size: u32,
    /// Matrices of an expert: 3 where a gate multiplies the activation, else 2.
    pub matrices: u32,
    /// Width of the experts that every token passes, together; 0: none.
    pub shared_intermediate_size: u32,
    /// Width into which tokens are projected for the routed experts; none: they work on the residual stream.
    pub latent_size: Option<u32>,
    /// Biases of one expert.
    pub expert_vector_params: u32,
    /// Biases of the router, and the shared experts' gate.
    pub vector_params: u32,
}

impl Experts {
    /// Width that routed experts work on.
    #[must_use]
    pub fn width(&self, hidden: u64) -> u64 {
        self.latent_size.map_or(hidden, u64::from)
    }

    /// Parameters in the matrices of one routed expert.
    #[must_use]
    pub fn expert_matrix_params(&self, hidden: u64) -> u64 {
        u64::from(self.matrices) * self.width(hidden) * u64::from(self.intermediate_size)
    }

    /// Parameters of routed experts alone.
    #[must_use]
    pub fn routed_params(&self, hidden: u64) -> u64 {
        u64::from(self.count) * (self.expert_matrix_params(hidden) + u64::from(self.expert_vector_params))
    }

    /// Parameters of the router, which stays in bf16.
    #[must_use]
    pub fn router_params(&self, hidden: u64) -> u64 {
        hidden * u64::from(self.count) + u64::from(self.vector_params)
    }

    /// Parameters with `experts` of the routed ones.
    pub(super) fn params(&self, hidden: u64, experts: u32) -> u64 {
        let one = self.expert_matrix_params(hidden) + u64::from(self.expert_vector_params);
        let shared = u64::from(self.matrices) * hidden * u64::from(self.shared_intermediate_size);
        let latent = 2 * hidden * self.latent_size.map_or(0, u64::from);
        u64::from(experts) * one + self.router_params(hidden) + shared + latent
    }
}

pub(super) fn read(row: &mut Row<'_>) -> Mlp {
    Mlp { intermediate_size: row.value(), matrices: row.value() }
}

pub(super) fn read_experts(row: &mut Row<'_>) -> Experts {
    Experts {
        count: row.value(),
        per_token: row.value(),
        intermediate_size: row.value(),
        matrices: row.value(),
        shared_intermediate_size: row.value(),
        latent_size: row.some(),
        expert_vector_params: row.value(),
        vector_params: row.value(),
    }
}
