//! Policies: what they may see, how they are registered, one file each.
//!
//! A policy is a file with a `KIND` (its llm-d `type`, its parameters with units and ranges, how to build
//! it) and one line in the registry. The form, the check, the documentation and the contract tests read
//! the registry; nothing else has to know the policy.

pub mod admit;
pub mod decide;
pub mod disagg;
mod meta;
pub mod pick;
pub mod produce;
mod profile;
mod role;
pub mod score;
mod view;

pub use meta::{Badge, Kind, Meta, Param, ParamKind, Params};
pub use profile::SchedulingProfile;
pub use role::Role;
pub use view::{Ask, Candidate, FleetView, Instance};

/// Every registered policy's description, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Meta> {
    let scorers = score::SCORERS.iter().map(|kind| &kind.meta);
    scorers
        .chain(pick::PICKERS.iter().map(|kind| &kind.meta))
        .chain([&produce::APPROX_PREFIX, &admit::UTILIZATION_DETECTOR])
        .chain([&disagg::META, &disagg::DECODE_FILTER, &disagg::PREFILL_FILTER])
        .chain(decide::DECIDERS.iter().map(|kind| &kind.meta))
}
