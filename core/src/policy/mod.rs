//! Policies: what they may see, how they are registered, one file each.
//!
//! A policy is a file with a `KIND` (its llm-d `type`, its parameters with units and ranges, how to build
//! it) and one line in the registry. The form, the check, the documentation and the contract tests read
//! the registry; nothing else has to know the policy.

pub mod admit;
pub mod decide;
pub mod detect;
pub mod disagg;
mod document;
pub mod filter;
pub mod flow;
mod meta;
mod opaque;
mod params;
pub mod pick;
pub mod produce;
mod profile;
mod response;
mod role;
mod router;
pub mod score;
mod session;
mod view;
mod why;

pub use document::markdown;
pub use meta::{Badge, Kind, Meta, Param};
pub use opaque::OPAQUE;
pub use params::{ParamKind, Params, Wants, at, duration};
pub use profile::SchedulingProfile;
pub use response::{Response, Signal, response};
pub use role::Role;
pub use router::{Placement, Producers, Router, Verdict};
pub use view::{Ask, Candidate, Endpoint, Engines, FleetView, Instance, NoEngines, ROLE_LABEL, Stages};
pub use why::Why;

/// Every registered policy's description that a simulation carries out, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Meta> {
    let filters = filter::FILTERS.iter().map(|kind| &kind.meta);
    filters
        .chain(score::SCORERS.iter().map(|kind| &kind.meta))
        .chain(pick::PICKERS.iter().map(|kind| &kind.meta))
        .chain(produce::PRODUCERS)
        .chain(detect::DETECTORS.iter().map(|kind| &kind.meta))
        .chain(admit::ADMITTERS.iter().map(|kind| &kind.meta))
        .chain([&disagg::META])
        .chain(decide::DECIDERS.iter().map(|kind| &kind.meta))
        .chain(flow::all())
}
