//! Deciders: whether a request's prompt is computed apart from its decoding.

mod always;
mod edpp;
mod edpp_model;
mod never;
mod prefix_based;
mod random;
mod smooth;

use super::{Ask, FleetView, Instance, Kind, Response};
use crate::base::{Dur, Id, Stream, Time};

/// What a decider knows besides the request and the fleet.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// The instance that will decode.
    pub decode: Id<Instance>,
    /// Prompt tokens that the router believes it does not hold.
    pub uncached_tokens: u32,
    /// Whether the router looked for what instances hold at all.
    pub match_known: bool,
    /// Instances that may decode.
    pub decode_pool: &'a [u32],
    /// Instances that may compute prompts for others.
    pub prefill_pool: &'a [u32],
}

/// What happens to a request, for deciders that learn from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note {
    /// It was placed.
    Placed {
        /// Which request.
        number: u64,
        /// Its class.
        class: u32,
        /// Its prompt.
        prompt_tokens: u32,
        /// Of that, what its decoding instance was believed not to hold.
        uncached_tokens: u32,
        /// Whether its prompt is computed apart.
        apart: bool,
    },
    /// An engine began to compute for it.
    Admitted {
        /// Which request.
        number: u64,
        /// Whether that is the engine which computes the prompt for another.
        prefill: bool,
    },
    /// Its prompt was computed apart.
    Prefilled {
        /// Which request.
        number: u64,
        /// Since the engine that did it was given the request.
        took: Dur,
    },
    /// Its keys and values have come.
    Fetched {
        /// Which request.
        number: u64,
    },
    /// Its first token left.
    FirstToken {
        /// Which request.
        number: u64,
        /// Since its arrival.
        ttft: Dur,
    },
    /// It is done.
    Done {
        /// Which request.
        number: u64,
        /// Tokens of its answer.
        output_tokens: u32,
        /// Mean gap between them, if there is one.
        mean_itl: Option<Dur>,
    },
    /// It ended in another way.
    Gone {
        /// Which request.
        number: u64,
    },
}

/// Decides.
pub trait Decider {
    /// Whether the prompt is computed apart. `draws` holds one draw per request.
    fn disaggregates(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, stage: &Stage<'_>, draws: &mut Stream) -> bool;

    /// Whether it needs to know which instance holds how much of a prompt.
    fn needs_prefix_match(&self) -> bool {
        false
    }

    /// Something happened to a request.
    fn note(&mut self, _: Time, _: &Note) {}

    /// The share of requests whose prompts are computed apart, where it follows from what a mean request leaves uncached;
    /// none where it depends on the fleet.
    fn share(&self, _uncached_tokens: f64) -> Option<f64> {
        None
    }

    /// The same as a curve, where what is uncached decides.
    fn response(&self) -> Option<Response> {
        None
    }
}

/// Every decider. To add one: a file beside this, and a line here.
pub const DECIDERS: &[Kind<dyn Decider>] =
    &[prefix_based::KIND, always::KIND, never::KIND, random::KIND, edpp::KIND, edpp_model::KIND];

/// The decider of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Decider>> {
    DECIDERS.iter().find(|kind| kind.meta.id == id)
}
