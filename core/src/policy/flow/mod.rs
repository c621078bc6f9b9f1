//! Flow control: who is let out of the router's own queue, and when.
//!
//! Priority bands go from the highest down; at each, a usage limit says up to which saturation it may send, a fairness policy
//! picks one of its flows, and an ordering policy says who is first in a flow.

mod fairness;
mod ordering;
mod program_aware;
mod usage;

use super::{Kind, Meta};
use crate::base::{Dur, Time};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One flow of a band: requests of one fairness id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowView {
    /// The fairness id, as a traffic class.
    pub class: u32,
    /// Where its first request stands in the order of the band, if it has one: smaller is earlier.
    pub head: Option<(u64, u64)>,
    /// When that one was queued.
    pub head_since: Time,
}

/// Picks one of the flows of a band.
pub trait Fairness {
    /// The place of a flow that has requests; none when none has.
    fn pick(&mut self, now: Time, flows: &[FlowView]) -> Option<usize>;

    /// A request of a class is sent on.
    fn sent(&mut self, _class: u32) {}

    /// A request of a class that was sent on has ended, with so many tokens of prompt and answer.
    fn ended(&mut self, _now: Time, _class: u32, _prompt_tokens: u32, _output_tokens: u32) {}
}

/// A request as an ordering policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// When it arrived.
    pub at: Time,
    /// How long it may wait.
    pub ttl: Dur,
    /// Its target of the time to first token.
    pub slo_ttft: Option<Dur>,
}

/// Orders the requests of a flow.
pub trait Ordering {
    /// The smallest goes first; of equals, who came first.
    fn key(&self, queued: &Queued) -> u64;
}

/// Says up to which saturation each band may send.
pub trait UsageLimit {
    /// One ceiling for each of `priorities`, which go from the highest down.
    fn ceilings(&mut self, saturation: f64, priorities: &[i32], into: &mut Vec<f64>);
}

/// Every fairness policy. To add one: a file beside this, and a line here.
pub const FAIRNESS: &[Kind<dyn Fairness>] = &[fairness::GLOBAL_STRICT, fairness::ROUND_ROBIN, program_aware::KIND];

/// Every ordering policy.
pub const ORDERING: &[Kind<dyn Ordering>] = &[ordering::FCFS, ordering::EDF, ordering::SLO_DEADLINE];

/// Every usage limit.
pub const USAGE_LIMITS: &[Kind<dyn UsageLimit>] =
    &[usage::STATIC, usage::PRIORITY_HOLDBACK, usage::SOFT_REFLECTIVE_CEILING];

/// What llm-d adds where no fairness policy, ordering policy or usage limit is named.
pub const DEFAULTS: [&str; 3] = ["global-strict-fairness-policy", "fcfs-ordering-policy", "static-usage-limit-policy"];

/// Every description, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Meta> {
    let fairness = FAIRNESS.iter().map(|kind| &kind.meta);
    fairness.chain(ORDERING.iter().map(|kind| &kind.meta)).chain(USAGE_LIMITS.iter().map(|kind| &kind.meta))
}

/// One priority band, as configured.
pub struct Band {
    /// Its priority.
    pub priority: i32,
    /// Whether it is there from the beginning; otherwise from its first request on.
    pub declared: bool,
    /// Most requests in it.
    pub max_requests: u64,
    /// Most bytes of requests in it.
    pub max_bytes: u64,
    /// Who is next among flows.
    pub fairness: Box<dyn Fairness>,
    /// Who is next in a flow.
    pub ordering: Box<dyn Ordering>,
}

/// Flow control, as configured: its bands from the highest priority down.
pub struct Setup {
    /// The bands.
    pub bands: Vec<Band>,
    /// Most requests in all.
    pub max_requests: u64,
    /// Most bytes of requests in all.
    pub max_bytes: u64,
    /// How long a request may wait.
    pub ttl: Dur,
    /// Up to which saturation bands may send.
    pub usage: Box<dyn UsageLimit>,
    /// Whether requests in flight may be taken back for those that wait.
    pub evicts: bool,
}
