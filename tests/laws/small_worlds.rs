//! Small worlds completely: every order and every tie of up to four requests of three shapes, under settings from
//! starving to plenty, jumped, stepped and by the plain scheduler.

use playground_core::engine::Stepping;
use playground_core::latency::KvLaw;
use playground_core::scenario::{EngineConfig, Scheduling};
use playground_tests::naive;
use playground_tests::world::{Law, Request, World};

/// (prompt, output) of the requests: one token and gone; a prompt that is cut; an answer that grows.
const SHAPES: [(u32, u32); 3] = [(1, 1), (3, 2), (2, 4)];
/// Gaps between arrivals: at once, within a step, at a step's end.
const GAPS: [u64; 3] = [0, 1, 2];
const STEP: u64 = 2;
/// The longest request holds five tokens at its end.
const LONGEST: u32 = 6;

#[test]
fn jumped_stepped_and_plain_agree_on_all_of_them() {
    let mut worlds = 0;
    for config in configs() {
        for law in [Law::constant(STEP), Law { sequence: 1, ..Law::constant(STEP) }] {
            for requests in 1..=4 {
                worlds += all_of(&config, law, requests);
            }
        }
    }
    assert_eq!(worlds, 24 * 2 * (3 + 9 * 3 + 27 * 9 + 81 * 27));
}

fn configs() -> Vec<EngineConfig> {
    let mut all = Vec::new();
    for (budget, places) in [(1, 1), (2, 2), (64, 2)] {
        for (block_size, kv_blocks) in [(1, LONGEST), (2, 4)] {
            for (async_scheduling, reserve_full_sequence) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                all.push(EngineConfig {
                    max_num_batched_tokens: budget,
                    max_num_seqs: places,
                    max_num_active_seqs: places,
                    queued_max: (u32::MAX, u32::MAX),
                    chunked_prefill: true,
                    watermark_blocks: 0,
                    max_model_len: LONGEST,
                    block_size,
                    kv_blocks,
                    kv_law: KvLaw::default(),
                    async_scheduling,
                    speculation: None,
                    reserve_full_sequence,
                    scheduling: Scheduling::default(),
                    prefix_caching: false,
                    empty_blocks_first: true,
                    answers_shared_at_once: false,
                    offload: None,
                });
            }
        }
    }
    all
}

/// Every sequence of shapes and gaps of this many requests; how many there were.
fn all_of(config: &EngineConfig, law: Law, requests: u32) -> u64 {
    let (shapes, gaps) = (3u64.pow(requests), 3u64.pow(requests - 1));
    for code in 0..shapes * gaps {
        let (mut shape, mut gap, mut at) = (code % shapes, code / shapes, 0);
        let requests = (0..requests)
            .map(|i| {
                at += if i == 0 { 0 } else { GAPS[(gap % 3) as usize] };
                gap /= if i == 0 { 1 } else { 3 };
                let (prompt, output) = SHAPES[(shape % 3) as usize];
                shape /= 3;
                Request::plain(at, prompt, output)
            })
            .collect();
        agree(&World { config: *config, law, requests, looks: Vec::new() });
    }
    shapes * gaps
}

fn agree(world: &World) {
    let (jump, step) = (world.run(Stepping::Jump), world.run(Stepping::Single));
    if let Some(difference) = jump.difference(&step) {
        panic!("{world:?}\n{difference}");
    }
    let plain = naive::run(world);
    let some = |times: &[u64]| times.iter().copied().map(Some).collect::<Vec<_>>();
    assert_eq!(jump.first, some(&plain.first), "{world:?}");
    assert_eq!(jump.done, some(&plain.done), "{world:?}");
    assert_eq!(
        (jump.record.steps, jump.record.preemptions, jump.record.kv_used_sum),
        (plain.steps, plain.preemptions, plain.used_sum),
        "{world:?}"
    );
}
