//! Where a request is, from arrival to end: one stage after the other.

use super::{Lives, ROUTER, Timeline, What};
use crate::base::Time;
use alloc::vec::Vec;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// It is at the router, at once or in its queue.
    Router,
    /// It is on its way to an engine: between servers, and in the API server's line.
    Way,
    /// It waits in an engine's queue.
    Queue,
    /// Its prompt is computed.
    Prefill,
    /// Its keys and values are on their way from where its prompt was computed.
    Transfer,
    /// It decodes; or is computed again, after it lost its blocks.
    Decode,
}

impl StageKind {
    /// All of them, in the order of a request's life.
    pub const ALL: [StageKind; 6] = [
        StageKind::Router,
        StageKind::Way,
        StageKind::Queue,
        StageKind::Prefill,
        StageKind::Transfer,
        StageKind::Decode,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StageKind::Router => "router",
            StageKind::Way => "front end",
            StageKind::Queue => "queue",
            StageKind::Prefill => "prefill",
            StageKind::Transfer => "transfer",
            StageKind::Decode => "decode",
        }
    }
}

/// A part of a request's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Where; [`ROUTER`] at no instance.
    pub instance: u32,
    /// From when on.
    pub from: Time,
    /// Until when; the end of the timeline where it is not over by then.
    pub to: Time,
}

impl Lives {
    /// The stages of a request, in order, each of some length.
    #[must_use]
    pub fn stages(&self, timeline: &Timeline, request: u32) -> Vec<Stage> {
        let asked = timeline.requests[request as usize];
        let mut all = Vec::new();
        let mut now = Stage { kind: StageKind::Router, instance: ROUTER, from: asked.at, to: asked.at };
        let (mut apart, mut answered, mut decodes) = (false, false, ROUTER);
        for mark in self.marks(timeline, request) {
            let kind = match mark.what {
                What::Placed if apart => {
                    decodes = mark.instance;
                    continue;
                }
                What::PlacedApart => {
                    apart = true;
                    StageKind::Way
                }
                What::Placed | What::Computed => StageKind::Way,
                What::Queued | What::Preempted | What::Fetched => StageKind::Queue,
                What::Admitted { .. } if answered => StageKind::Decode,
                What::Admitted { .. } => StageKind::Prefill,
                What::Fetching { .. } => StageKind::Transfer,
                What::FirstToken { .. } => {
                    answered = true;
                    StageKind::Decode
                }
                What::Ended(_) => {
                    all.push(Stage { to: mark.at, ..now });
                    all.retain(|stage: &Stage| stage.to > stage.from);
                    return all;
                }
            };
            all.push(Stage { to: mark.at, ..now });
            let instance = if mark.what == What::Computed { decodes } else { mark.instance };
            now = Stage { kind, instance, from: mark.at, to: mark.at };
        }
        all.push(Stage { to: timeline.until.max(now.from), ..now });
        all.retain(|stage| stage.to > stage.from);
        all
    }
}
