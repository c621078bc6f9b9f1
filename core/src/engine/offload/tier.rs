//! Host memory and the ways to it and back.

use super::host::HostCache;
use super::lane::{Copy, Lane};
use crate::base::{Dur, Id, Time};
use crate::engine::seq::Seq;
use crate::scenario::OffloadPlan;
use alloc::collections::VecDeque;

/// What host memory has to offer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Offer {
    /// Its first so many blocks, of which the engine has some itself; no more than those, where it has nothing to offer.
    Blocks(u32),
    /// Some of them are being copied: it is to ask again later.
    Later,
}

/// Blocks that have left host memory, and whoever wanted them.
pub(in crate::engine) struct Loaded {
    /// The request; it still has its row if nobody waits for it any more.
    pub(in crate::engine) id: Id<Seq>,
    /// Whether it was taken back meanwhile.
    pub(in crate::engine) abandoned: bool,
    /// Its blocks from here to there were copied.
    pub(in crate::engine) blocks: (u32, u32),
}

/// Host memory beside an engine.
pub(in crate::engine) struct Tier {
    plan: OffloadPlan,
    host: HostCache,
    stores: Lane,
    loads: Lane,
    /// Requests whose loads have their turn or wait for it, in that order, and which were taken back.
    loading: VecDeque<(Id<Seq>, bool)>,
    /// Copies to host memory that begin when the step that computes their blocks has ended, with its number.
    planned: VecDeque<(u64, Copy)>,
}

impl Tier {
    pub(in crate::engine) fn new(plan: OffloadPlan) -> Self {
        Tier {
            plan,
            host: HostCache::new(plan.blocks),
            stores: Lane::default(),
            loads: Lane::default(),
            loading: VecDeque::new(),
            planned: VecDeque::new(),
        }
    }

    /// How many blocks of these hashes, from the first, host memory has.
    pub(in crate::engine) fn found(&self, hashes: &[u64]) -> u32 {
        self.host.found(hashes)
    }

    /// What it has for a request with these blocks, `local` of which the engine has itself.
    pub(in crate::engine) fn offer(&self, hashes: &[u64], local: u32) -> Offer {
        let found = self.host.found(hashes);
        if found <= local {
            return Offer::Blocks(local);
        }
        let there = &hashes[..found as usize];
        let planned = self.planned.iter().map(|(_, copy)| copy);
        let mut copies = self.stores.copies().chain(self.loads.copies()).chain(planned);
        if copies.any(|copy| copy.concerns(there, local)) { Offer::Later } else { Offer::Blocks(found) }
    }

    /// A request loads the blocks of these hashes from the `local`th on, which were offered. When they will have come.
    pub(in crate::engine) fn load(&mut self, now: Time, id: Id<Seq>, hashes: &[u64], local: u32) -> Time {
        let copied = hashes[local as usize..].to_vec();
        let takes = self.time_of(copied.len());
        let copy = Copy { held: self.host.hold(hashes), from: local, hashes: copied };
        self.loading.push_back((id, false));
        self.loads.begin(now, takes, copy)
    }

    /// Of a prompt's blocks so far, which step `step` completes, those that host memory lacks will be copied there. How many
    /// those are, and whether there is room for them.
    pub(in crate::engine) fn store(&mut self, step: u64, hashes: &[u64]) -> (u32, bool) {
        let found = self.host.found(hashes);
        let lacking = hashes.len() as u32 - found;
        if lacking == 0 {
            self.host.touch(hashes);
            return (0, true);
        }
        let Some(held) = self.host.take_in(hashes, found) else { return (lacking, false) };
        let copied = hashes[found as usize..].to_vec();
        self.planned.push_back((step, Copy { held, from: found, hashes: copied }));
        (lacking, true)
    }

    /// Begins the next copy whose blocks were computed in a step before this one. When it will have ended.
    pub(in crate::engine) fn begin_store(&mut self, now: Time, step: u64) -> Option<Time> {
        let (_, copy) = self.planned.pop_front_if(|(computed_in, _)| *computed_in < step)?;
        let takes = self.time_of(copy.hashes.len());
        Some(self.stores.begin(now, takes, copy))
    }

    /// Copies to host memory that have ended by now can be loaded.
    pub(in crate::engine) fn end_stores(&mut self, now: Time) {
        while let Some(copy) = self.stores.ended(now) {
            self.host.let_go(copy.held);
        }
    }

    /// The next load that has ended by now.
    pub(in crate::engine) fn end_load(&mut self, now: Time) -> Option<Loaded> {
        let copy = self.loads.ended(now)?;
        let (id, abandoned) = self.loading.pop_front().expect("a load is of somebody");
        let blocks = (copy.from, copy.from + copy.hashes.len() as u32);
        self.host.let_go(copy.held);
        Some(Loaded { id, abandoned, blocks })
    }

    /// A request that loads is taken back; whether it does. What is being copied is copied all the same.
    pub(in crate::engine) fn abandon(&mut self, id: Id<Seq>) -> bool {
        let loads = self.loading.iter_mut().find(|(other, abandoned)| *other == id && !*abandoned);
        loads.map(|(_, abandoned)| *abandoned = true).is_some()
    }

    /// Requests that load, those taken back included.
    pub(in crate::engine) fn loads(&self) -> usize {
        self.loading.len()
    }

    /// Whether something is being copied, or will be.
    pub(in crate::engine) fn is_busy(&self) -> bool {
        self.loads.len() + self.stores.len() + self.planned.len() > 0
    }

    fn time_of(&self, blocks: usize) -> Dur {
        self.plan.block * blocks as u64
    }

    /// Whether every block of host memory may be forgotten.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.host.is_idle()
    }
}
