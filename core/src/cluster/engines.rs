//! The engines as a router's producers may read them.

use crate::base::Dur;
use crate::engine::Instance;
use crate::policy::Engines;
use crate::scenario::PoolPlan;

/// All engines, and the pools they belong to.
pub(super) struct Fleet<'a> {
    pub(super) instances: &'a [Instance],
    pub(super) pool_of: &'a [u32],
    pub(super) pools: &'a [PoolPlan],
}

impl Fleet<'_> {
    fn pool(&self, instance: u32) -> &PoolPlan {
        &self.pools[self.pool_of[instance as usize] as usize]
    }
}

impl Engines for Fleet<'_> {
    fn block_tokens(&self, instance: u32) -> u32 {
        self.pool(instance).engine.block_size
    }

    fn cached_blocks(&self, instance: u32, hashes: &[u64]) -> u32 {
        self.instances[instance as usize].cached_blocks(hashes)
    }

    fn offloaded_blocks(&self, instance: u32, hashes: &[u64]) -> u32 {
        self.instances[instance as usize].offloaded_blocks(hashes)
    }

    fn step_tokens(&self, instance: u32) -> u32 {
        self.pool(instance).engine.max_num_batched_tokens
    }

    fn step(&self, instance: u32, prompt_tokens: u32, decodes: u32, context_tokens: u32) -> Dur {
        self.instances[instance as usize].step_of(prompt_tokens, decodes, context_tokens)
    }

    fn kv_tokens(&self, instance: u32) -> u64 {
        let engine = &self.pool(instance).engine;
        u64::from(engine.kv_blocks) * u64::from(engine.block_size)
    }

    fn front_end(&self, instance: u32, prompt_tokens: u32, running: u32) -> Dur {
        let front_end = &self.pool(instance).front_end;
        front_end.before() + front_end.service(prompt_tokens) + front_end.after(running)
    }
}
