//! A schedule small enough to work out on paper.
//!
//! Two prompts of 5 and 6 tokens arrive together, each to be answered with 3 tokens; a step may compute 8 tokens, a
//! block holds 4, the pool has 8 blocks; a step takes 10 µs and 1 µs per token.

use crate::replay::{Case, Request, play};
use playground_core::base::Run;
use playground_core::engine::Scheduled;
use playground_core::latency::KvLaw;
use playground_core::scenario::{EngineConfig, Scheduling, SchedulingPolicy};

fn case(shared_tokens: u32) -> Case {
    let request = |id: u32, prompt_tokens: u32| Request {
        arrival_us: 0,
        id,
        prompt_tokens,
        output_tokens: 3,
        prompt: vec![
            Run { content: 1, start: 0, length: shared_tokens },
            Run { content: 10 + u64::from(id), start: 0, length: prompt_tokens - shared_tokens },
        ],
        answer: (100 + u64::from(id), 0),
        stops: false,
        priority: 0,
        abort_us: None,
    };
    Case {
        config: EngineConfig {
            max_num_batched_tokens: 8,
            max_num_seqs: 4,
            max_num_active_seqs: 4,
            queued_max: (u32::MAX, u32::MAX),
            chunked_prefill: true,
            watermark_blocks: 0,
            max_model_len: 32,
            block_size: 4,
            kv_blocks: 8,
            kv_law: KvLaw::default(),
            async_scheduling: false,
            speculation: None,
            reserve_full_sequence: true,
            scheduling: Scheduling::default(),
            prefix_caching: true,
            empty_blocks_first: true,
            answers_shared_at_once: false,
            offload: None,
        },
        requests: vec![request(0, 5), request(1, 6)],
        step_us: 10,
        token_us: 1,
        context_ps: 0,
    }
}

fn part(tag: u32, tokens: u32, computed_before: u32, hit_tokens: Option<u32>) -> Scheduled {
    Scheduled { tag, tokens, computed_before, hit_tokens }
}

#[test]
fn prompts_share_the_budget_in_order() {
    let played = play(&case(0));
    let scheduled: Vec<_> = played.steps.iter().map(|(_, s)| s.scheduled.clone()).collect();
    let expected = [
        // 5 tokens of the first prompt leave 3 of the budget for the second.
        vec![part(0, 5, 0, Some(0)), part(1, 3, 0, Some(0))],
        vec![part(0, 1, 5, None), part(1, 3, 3, None)],
        vec![part(0, 1, 6, None), part(1, 1, 6, None)],
        // The first has its three tokens; the last token of an answer is never computed.
        vec![part(1, 1, 7, None)],
    ];
    assert_eq!(scheduled, expected);
    // 10 + 8, 10 + 4, 10 + 2 and 10 + 1 µs.
    assert_eq!(played.first_us, [Some(18), Some(32)]);
    assert_eq!(played.finish_us, [Some(44), Some(55)]);
    // 2 + 1 blocks, then the second prompt's second; the fifth is begun by neither answer.
    let free: Vec<u32> = played.steps.iter().map(|(_, s)| s.free_blocks).collect();
    assert_eq!(free, [5, 4, 4, 6]);
}

#[test]
fn a_block_is_hit_by_the_next_admission_of_the_same_pass() {
    let played = play(&case(4));
    // The first four tokens are one full block that both begin with: the second computes its last two only.
    assert_eq!(played.steps[0].1.scheduled, [part(0, 5, 0, Some(0)), part(1, 2, 4, Some(4))]);
    assert_eq!(played.hit_tokens, 4);
    assert_eq!(played.steps[0].1.free_blocks, 5, "two blocks of the first, one more of the second");
}

/// Who computes what, step by step.
fn scheduled(case: &Case) -> Vec<Vec<Scheduled>> {
    play(case).steps.into_iter().map(|(_, step)| step.scheduled).collect()
}

#[test]
fn a_cap_lets_prompts_take_turns() {
    let mut case = case(0);
    case.config.scheduling.long_prefill_token_threshold = 2;
    let expected = [
        vec![part(0, 2, 0, Some(0)), part(1, 2, 0, Some(0))],
        vec![part(0, 2, 2, None), part(1, 2, 2, None)],
        vec![part(0, 1, 4, None), part(1, 2, 4, None)],
        vec![part(0, 1, 5, None), part(1, 1, 6, None)],
        vec![part(0, 1, 6, None), part(1, 1, 7, None)],
    ];
    assert_eq!(scheduled(&case), expected);
}

#[test]
fn by_priority_the_lower_number_goes_first() {
    let mut case = case(0);
    case.config.max_num_seqs = 1;
    case.config.scheduling.policy = SchedulingPolicy::Priority;
    case.requests[1].priority = -1;
    assert_eq!(scheduled(&case)[0], [part(1, 6, 0, Some(0))]);
}

#[test]
fn who_is_taken_back_gets_no_token_and_keeps_no_block() {
    let mut case = case(0);
    case.requests[1].abort_us = Some(20);
    let played = play(&case);
    // Noticed when the second step ends, before its tokens leave.
    assert_eq!(played.aborted_us, [(32, 1)]);
    assert_eq!(played.first_us, [Some(18), None]);
    assert_eq!(played.steps[2].1.scheduled, [part(0, 1, 6, None)]);
    assert_eq!(played.steps[2].1.free_blocks, 6);
}

#[test]
fn with_a_step_in_flight_a_stop_token_costs_one_more_step() {
    let mut case = case(0);
    case.config.async_scheduling = true;
    case.requests.truncate(1);
    assert_eq!(scheduled(&case).len(), 3);
    case.requests[0].stops = true;
    let played = play(&case);
    assert_eq!(played.steps.len(), 4);
    assert_eq!(played.steps[3].1.scheduled, [part(0, 1, 7, None)]);
    // 15 + 11 + 11 µs, as without: the last step is for nobody.
    assert_eq!(played.finish_us, [Some(37)]);
}

#[test]
fn prompts_wait_for_their_interval_while_somebody_decodes() {
    let mut case = case(0);
    case.config.scheduling.prefill_schedule_interval = 3;
    case.requests[1].arrival_us = 1;
    let expected = [
        vec![part(0, 5, 0, Some(0))],
        vec![part(0, 1, 5, None)],
        vec![part(0, 1, 6, None)],
        vec![part(1, 6, 0, Some(0))],
    ];
    assert_eq!(scheduled(&case)[..4], expected);
}
