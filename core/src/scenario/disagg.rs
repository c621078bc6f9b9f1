//! Prefill apart from decode, read from a scenario: who does what, who decides, and how keys and values travel.

use super::policies::{Policies, Profile};
use super::topology::KvTransfer;
use crate::base::Dur;
use crate::catalog::{Block, Catalog, Model};
use crate::policy::decide::Decider;
use crate::policy::{Kind, Params, Wants, decide, disagg};
use alloc::boxed::Box;
use alloc::string::String;
use serde_json::{Map, Value};

/// The handler among the plugins, and what it names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handler<'a> {
    /// Its place among the plugins.
    pub(super) index: usize,
    /// Names of its profiles.
    pub(super) decode: &'a str,
    pub(super) prefill: &'a str,
    /// Name of its decider, if it has one.
    pub(super) decider: Option<&'a str>,
}

impl Policies {
    /// The first plugin that sends prompts elsewhere.
    pub(super) fn handler(&self) -> Option<Handler<'_>> {
        let index = self.plugins.iter().position(|p| p.kind == disagg::META.id)?;
        let name = |map: &str, key: &str| self.plugins[index].parameters.get(map)?.get(key)?.as_str();
        Some(Handler {
            index,
            decode: name("profiles", "decode").unwrap_or("decode"),
            prefill: name("profiles", "prefill").unwrap_or("prefill"),
            decider: name("deciders", "prefill"),
        })
    }

    /// The profile of this name.
    pub(super) fn profile(&self, name: &str) -> Option<&Profile> {
        self.scheduling_profiles.iter().find(|p| p.name == name)
    }
}

/// The decider, found in the registries.
#[derive(Clone)]
pub(super) struct ChosenDisagg {
    pub(super) decider: (&'static Kind<dyn Decider>, Map<String, Value>),
}

impl ChosenDisagg {
    /// What the handler among the policies names; none without one.
    pub(super) fn new(policies: &Policies) -> Option<Self> {
        let decider = policies.plugin(policies.handler()?.decider?)?;
        Some(ChosenDisagg { decider: (decide::find(&decider.kind)?, decider.parameters.clone()) })
    }

    /// The decider, which starts without memories.
    pub(super) fn decider(&self) -> Box<dyn Decider> {
        let (kind, given) = &self.decider;
        (kind.build)(&Params::new(&kind.meta, given, &Wants::default()))
    }
}

/// How keys and values travel, worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferPlan {
    /// What one GPU sends and receives, bytes per second.
    pub bytes_per_s_per_gpu: u64,
    /// Setting a read up.
    pub latency: Dur,
    /// Posting a descriptor.
    pub descriptor: Dur,
    /// Descriptors of one block.
    pub descriptors_per_block: u64,
    /// Share by which a transfer may deviate.
    pub jitter_frac: f64,
    /// Before the first transfer of two engines.
    pub handshake: Dur,
    /// How long blocks are held.
    pub lease: Dur,
    /// Whether the reader renews the lease.
    pub heartbeats: bool,
    /// Added to each leg.
    pub sidecar: Dur,
}

/// None when the network is unknown.
pub(super) fn transfer_plan(given: &KvTransfer, catalog: &Catalog, model: &Model) -> Option<TransferPlan> {
    let network = catalog.network(&given.network)?;
    let us = |us: f64| Dur::from_secs_f64(us * 1e-6);
    let layers = model.blocks.iter().filter(|b| keeps_keys(&b.block)).map(|b| u64::from(b.count)).sum();
    Some(TransferPlan {
        bytes_per_s_per_gpu: (given.gb_s_per_gpu.unwrap_or(network.gb_s_per_gpu) * 1e9).max(1.0) as u64,
        latency: us(given.latency_us.unwrap_or(network.latency_us)),
        descriptor: us(given.descriptor_us.unwrap_or(network.descriptor_us)),
        descriptors_per_block: layers,
        jitter_frac: given.jitter_frac,
        handshake: us(given.handshake_ms * 1e3),
        lease: Dur::from_secs_f64(given.lease_s),
        heartbeats: given.heartbeats,
        sidecar: us(given.sidecar_ms * 1e3),
    })
}

/// Whether a block of a model keeps keys and values.
fn keeps_keys(block: &Block) -> bool {
    matches!(block, Block::Attention(_) | Block::LatentAttention(_))
}
