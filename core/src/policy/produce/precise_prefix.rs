//! The precise prefix index: the router knows what the engines' caches hold, from the events they publish.
//!
//! Read from the simulated caches themselves, so that an event is known at once: how late events are is not published.
//! Full blocks only, of the engine's size, and the longest consecutive prefix.

use super::{PrefixInfo, PrefixProducer};
use crate::base::{Chain, Dur, Time};
use crate::policy::{Ask, Badge, FleetView, Meta, Param, ParamKind, Params};
use alloc::collections::{BTreeMap, VecDeque};

/// The plugin.
pub static META: Meta = Meta {
    id: "precise-prefix-cache-producer",
    title: "Precise prefix index",
    doc: "Knows the blocks in each engine's cache, from the events that engines publish. Here events take no time, blocks \
          have the engine's own size. A block in host memory counts as 0.8 of one in the engine's cache.",
    source: "llm-d-router, precise-prefix-cache-producer",
    badge: Badge::Approximated,
    params: &[
        Param {
            id: "tokenProcessorConfig.blockSizeTokens",
            kind: ParamKind::Integer { min: 1, max: 65_536, default: 16 },
            doc: "Tokens of a block, which must be the engine's; the engine's is used.",
        },
        Param {
            id: "tokenProcessorConfig.blockSize",
            kind: ParamKind::Integer { min: 1, max: 65_536, default: 16 },
            doc: "The same by its old name.",
        },
        Param {
            id: "speculativeIndexing",
            kind: ParamKind::Boolean { default: false },
            doc: "Whether a prompt counts as cached where it was sent, before the engine says so.",
        },
        Param {
            id: "speculativeTTL",
            kind: ParamKind::Duration { min_ms: 1, max_ms: 3_600_000, default: "2s" },
            doc: "For how long it does.",
        },
    ],
};

/// What llm-d's indexer makes of a block in host memory, in tenths of one in the engine's cache; the sum is cut to whole
/// blocks (source: llm-d-kv-cache, weights of device tiers).
const HOST_TENTHS: u32 = 8;

/// The index.
pub struct PrecisePrefix {
    chain: Chain,
    /// The block size that the chain was cut in; instances of the same size share it.
    cut: u32,
    speculation: Option<Speculation>,
}

/// Blocks sent and not yet reported.
struct Speculation {
    ttl: Dur,
    /// By block and instance: until when it counts.
    until: BTreeMap<(u64, u32), Time>,
    /// In order of time.
    order: VecDeque<(Time, u64, u32)>,
}

impl Speculation {
    fn expire(&mut self, now: Time) {
        while let Some((until, hash, instance)) = self.order.pop_front_if(|(until, ..)| *until <= now) {
            if self.until.get(&(hash, instance)) == Some(&until) {
                self.until.remove(&(hash, instance));
            }
        }
    }
}

impl PrecisePrefix {
    /// With these parameters.
    #[must_use]
    pub fn new(params: &Params<'_>) -> Self {
        let speculation = params.boolean("speculativeIndexing").then(|| Speculation {
            ttl: params.duration("speculativeTTL"),
            until: BTreeMap::new(),
            order: VecDeque::new(),
        });
        PrecisePrefix { chain: Chain::default(), cut: 0, speculation }
    }

    fn cut(&mut self, ask: &Ask<'_>, block_tokens: u32) {
        self.chain.clear();
        for &run in ask.prompt {
            self.chain.push(run, block_tokens);
        }
        self.cut = block_tokens;
    }
}

impl PrefixProducer for PrecisePrefix {
    fn reads_caches(&self) -> bool {
        true
    }

    fn look_up(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, info: &mut PrefixInfo) {
        if let Some(speculation) = &mut self.speculation {
            speculation.expire(fleet.now);
        }
        self.cut = 0;
        for i in (0..info.matched.len() as u32).rev() {
            let block_tokens = fleet.engines.block_tokens(i);
            if block_tokens != self.cut {
                self.cut(ask, block_tokens);
            }
            let hashes = self.chain.hashes();
            let mut cached = fleet.engines.cached_blocks(i, hashes) as usize;
            if let Some(speculation) = &self.speculation {
                while cached < hashes.len() && speculation.until.contains_key(&(hashes[cached], i)) {
                    cached += 1;
                }
            }
            let offloaded = fleet.engines.offloaded_blocks(i, hashes).saturating_sub(cached as u32);
            info.matched[i as usize] = cached as u32 + offloaded * HOST_TENTHS / 10;
        }
        // The first instance's, which is cut last.
        info.blocks = self.chain.hashes().len() as u32;
        info.block_tokens = self.cut;
    }

    fn sent(&mut self, fleet: &FleetView<'_>, instance: u32) {
        let Some(speculation) = &mut self.speculation else { return };
        if fleet.engines.block_tokens(instance) != self.cut {
            return; // Blocks of another size have other names.
        }
        let until = fleet.now + speculation.ttl;
        let hashes: &[u64] = self.chain.hashes();
        for &hash in hashes {
            speculation.until.insert((hash, instance), until);
            speculation.order.push_back((until, hash, instance));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Run;
    use crate::policy::{Engines, NoEngines, Wants};
    use alloc::vec::Vec;
    use serde_json::{Value, json};

    /// Instance 0 holds nothing, instance 1 the first two blocks of whatever is asked.
    struct Two;

    impl Engines for Two {
        fn block_tokens(&self, _: u32) -> u32 {
            16
        }
        fn cached_blocks(&self, instance: u32, hashes: &[u64]) -> u32 {
            (2 * instance).min(hashes.len() as u32)
        }
        fn step_tokens(&self, i: u32) -> u32 {
            NoEngines.step_tokens(i)
        }
        fn step(&self, i: u32, prompt: u32, decodes: u32, context: u32) -> Dur {
            NoEngines.step(i, prompt, decodes, context)
        }
        fn kv_tokens(&self, i: u32) -> u64 {
            NoEngines.kv_tokens(i)
        }
        fn front_end(&self, i: u32, prompt: u32, running: u32) -> Dur {
            NoEngines.front_end(i, prompt, running)
        }
    }

    fn matches(given: Value, waits_s: f64) -> [Vec<u32>; 2] {
        let mut producer =
            PrecisePrefix::new(&Params::new(&META, given.as_object().expect("an object"), &Wants::default()));
        let runs = [Run { content: 5, start: 0, length: 16 * 4 + 3 }];
        let ask = Ask { prompt_tokens: 67, prompt: &runs, ..Ask::default() };
        let mut info = PrefixInfo { matched: Vec::from([9, 9]), ..PrefixInfo::default() };
        let mut fleet = FleetView { engines: &Two, ..FleetView::EMPTY };
        producer.look_up(&ask, &fleet, &mut info);
        let first = info.matched.clone();
        assert_eq!((info.blocks, info.block_tokens), (4, 16), "a partial block does not count");
        producer.sent(&fleet, 0);
        fleet.now = Time::ZERO + Dur::from_secs_f64(waits_s);
        producer.look_up(&ask, &fleet, &mut info);
        [first, info.matched]
    }

    #[test]
    fn without_speculation_only_the_engines_count() {
        assert_eq!(matches(json!({}), 0.1), [[0, 2], [0, 2]]);
    }

    #[test]
    fn speculation_counts_what_was_sent_for_its_time() {
        assert_eq!(matches(json!({ "speculativeIndexing": true }), 0.1), [[0, 2], [4, 2]]);
        assert_eq!(matches(json!({ "speculativeIndexing": true }), 2.0), [[0, 2], [0, 2]]);
        let short = json!({ "speculativeIndexing": true, "speculativeTTL": "50ms" });
        assert_eq!(matches(short, 0.1), [[0, 2], [0, 2]]);
    }
}
