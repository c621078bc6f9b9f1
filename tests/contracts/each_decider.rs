//! Deciders: what all of them keep, and decisions computed by hand.

use crate::{idle_fleet, parameter_sets};
use playground_core::base::{Dur, Id, Purpose, Stream, Time};
use playground_core::policy::decide::{DECIDERS, Decider, Note, Stage, find};
use playground_core::policy::{Ask, FleetView, Params, Wants};
use serde_json::{Map, Value, json};

/// A decider in a fleet of one decoder (instance 0) and one prefiller (instance 1).
struct Bench {
    decider: Box<dyn Decider>,
    draws: Stream,
    waiting: [u32; 2],
    running: [u32; 2],
}

fn bench(id: &str, parameters: &[(&str, Value)]) -> Bench {
    let kind = find(id).expect("it is registered");
    let given: Map<String, Value> = parameters.iter().map(|(k, v)| ((*k).to_string(), v.clone())).collect();
    let decider = (kind.build)(&Params::new(&kind.meta, &given, &Wants::default()));
    Bench { decider, draws: Stream::new(7, 0, Purpose::Decide, 0), waiting: [0; 2], running: [0; 2] }
}

impl Bench {
    /// Whether request `number` of so many tokens, of which the decoder lacks some, is computed apart; at a moment.
    fn decide(&mut self, now_us: u64, number: u64, prompt_tokens: u32, uncached_tokens: u32) -> bool {
        let stage =
            Stage { decode: Id::new(0), uncached_tokens, match_known: true, decode_pool: &[0], prefill_pool: &[1] };
        let ask = Ask { number, prompt_tokens, ..Ask::default() };
        let unused = [0.0; 2];
        let view = FleetView {
            now: Time::ZERO + Dur::from_us(now_us),
            waiting: &self.waiting,
            running: &self.running,
            ..idle_fleet(&[0; 2], &unused)
        };
        self.decider.disaggregates(&ask, &view, &stage, &mut self.draws)
    }

    fn note(&mut self, now_us: u64, note: Note) {
        self.decider.note(Time::ZERO + Dur::from_us(now_us), &note);
    }

    fn placed(&mut self, now_us: u64, number: u64, tokens: u32, apart: bool) {
        let note = Note::Placed { number, class: 0, prompt_tokens: tokens, uncached_tokens: tokens, apart };
        self.note(now_us, note);
    }
}

#[test]
fn all_decide_and_decide_the_same_again() {
    for kind in DECIDERS {
        for parameters in parameter_sets(&kind.meta) {
            let decide = || {
                let decider = (kind.build)(&Params::new(&kind.meta, &parameters, &Wants::default()));
                let draws = Stream::new(7, 0, Purpose::Decide, 0);
                let mut b = Bench { decider, draws, waiting: [3, 1], running: [9, 2] };
                let mut said = Vec::new();
                for n in 0..200u64 {
                    let tokens = 1 + (n as u32 * 37) % 500;
                    let apart = b.decide(n * 1000, n, 500, tokens);
                    b.placed(n * 1000, n, tokens, apart);
                    b.note(n * 1000 + 300, Note::Admitted { number: n, prefill: apart });
                    if apart {
                        b.note(n * 1000 + 400, Note::Prefilled { number: n, took: Dur::from_us(100) });
                        b.note(n * 1000 + 450, Note::Fetched { number: n });
                        b.note(n * 1000 + 460, Note::Admitted { number: n, prefill: false });
                    }
                    if n % 5 == 0 {
                        b.note(n * 1000 + 470, Note::Gone { number: n });
                        continue;
                    }
                    b.note(n * 1000 + 500, Note::FirstToken { number: n, ttft: Dur::from_us(500) });
                    let mean_itl = (n % 2 == 0).then_some(Dur::from_us(20));
                    b.note(n * 1000 + 600, Note::Done { number: n, output_tokens: 7, mean_itl });
                    said.push(apart);
                }
                said
            };
            assert_eq!(decide(), decide(), "{} with {parameters:?}", kind.meta.id);
        }
        assert!(find(kind.meta.id).is_some_and(|found| found.meta.id == kind.meta.id));
    }
    assert!(find("no-such-decider").is_none());
}

#[test]
fn the_threshold_is_met_by_what_the_decoder_lacks() {
    let cases = [
        // nonCachedTokens, promptTokens, prompt, uncached, apart.
        (0, 0, 5000, 5000, false),
        (16, 0, 5000, 16, true),
        (16, 0, 5000, 15, false),
        (16, 0, 15, 15, false),
        (16, 1000, 999, 999, false),
        (16, 1000, 1000, 16, true),
    ];
    for (n, p, prompt, uncached, apart) in cases {
        let given = [("nonCachedTokens", json!(n)), ("promptTokens", json!(p))];
        let found = bench("prefix-based-pd-decider", &given).decide(0, 1, prompt, uncached);
        assert_eq!(found, apart, "{n} {p} {prompt} {uncached}");
    }
}

#[test]
fn a_coin_has_its_odds() {
    for p in [0.0, 0.25, 0.5, 1.0] {
        let mut b = bench("random-disagg-pd-decider", &[("probability", json!(p))]);
        let apart = (0..20_000).filter(|&n| b.decide(0, n, 10, 10)).count();
        assert!((apart as f64 / 20_000.0 - p).abs() < 0.015, "{apart} of 20,000 at {p}");
    }
}

/// EDPP after one completion of either kind, each of 100 prompt and 10 output tokens:
/// here, TTFT 1000 µs and gaps of 40 µs, so r_D = 10 µs a token, t_loc = 1000, p_loc = 40;
/// apart, 500 µs at the prefiller and keys and values after 2000 µs, gaps of 20 µs: r_P = 5, t_rem = 2000, p_rem = 20.
/// Smoothing 1: every mean is the last value, the mean gap over both is the last one's, 20 µs.
fn learnt(target_ms: f64, v: f64) -> Bench {
    let given =
        [("smoothing", json!(1.0)), ("exploration", json!(0.0)), ("targetTtftMs", json!(target_ms)), ("v", json!(v))];
    let mut b = bench("edpp-pd-decider", &given);
    b.placed(0, 0, 100, false);
    b.note(1000, Note::FirstToken { number: 0, ttft: Dur::from_us(1000) });
    b.note(1400, Note::Done { number: 0, output_tokens: 10, mean_itl: Some(Dur::from_us(40)) });
    b.placed(2000, 1, 100, true);
    b.note(2500, Note::Prefilled { number: 1, took: Dur::from_us(500) });
    b.note(4000, Note::Fetched { number: 1 });
    b.note(4100, Note::FirstToken { number: 1, ttft: Dur::from_us(2100) });
    b.note(4300, Note::Done { number: 1, output_tokens: 10, mean_itl: Some(Dur::from_us(20)) });
    b
}

#[test]
fn edpp_decides_as_computed_by_hand() {
    // Z = max(0, max(0, 0 + 1000 − 1500) + 2000 − 1500) = 500 µs, so the right side is 500 · (2000 − 1000) = 500,000.
    // Q_D = waiting · (10·20 + 100·10) = 1200 a request, Q_P = waiting · 100·5 = 500 a request.
    // Left: u·(1200·w_D·10 − 500·w_P·5) + V·(40 − 20).
    let mut b = learnt(1.5, 1.0);
    for (waiting, uncached, apart) in [
        ([0, 0], 100, false),  // 20
        ([1, 0], 41, false),   // 492,020
        ([1, 0], 42, true),    // 504,020
        ([1, 4], 1000, true),  // 1000 · (12,000 − 10,000) + 20
        ([1, 4], 249, false),  // 498,020
        ([1, 5], 1000, false), // below 0
    ] {
        b.waiting = waiting;
        assert_eq!(b.decide(9000, 7, 1000, uncached), apart, "{waiting:?} {uncached}");
    }
    // With no target missed, Z = 0: the gaps decide, and V can be nothing.
    let (mut all, mut none) = (learnt(1e6, 1.0), learnt(1e6, 0.0));
    assert!(all.decide(9000, 7, 100, 100) && !none.decide(9000, 7, 100, 100));
    // Exploration turns a share of decisions around.
    let mut explorer = bench("edpp-pd-decider", &[("exploration", json!(0.05))]);
    let turned = (0..20_000).filter(|&n| explorer.decide(0, n, 10, 10)).count();
    assert!((turned as f64 / 20_000.0 - 0.05).abs() < 0.006, "{turned}");
}

/// EDPP by a model with round numbers, µs: steps of 500 and of 500, 1 a prompt token, 1 an answer token, targets of 1000.
/// μ_d = 1 − 500/1000 = 0.5; μ_p = 1 − 500/(500 + 500) = 0.5; both W* are 500.
fn round_model(transfer_ms: f64) -> Bench {
    let given = [
        ("targetTtftMs", json!(1.0)),
        ("referenceTtftMs", json!(1.0)),
        ("targetItlMs", json!(1.0)),
        ("transferMs", json!(transfer_ms)),
        ("nominalPromptTokens", json!(500.0)),
        ("nominalContextTokens", json!(0.0)),
        ("chunkTokens", json!(1000)),
        ("alphaDecodeUs", json!(500.0)),
        ("alphaPrefillUs", json!(500.0)),
        ("perSequenceUs", json!(1.0)),
        ("perContextTokenUs", json!(0.0)),
        ("perPromptTokenUs", json!(1.0)),
        ("perTokenPairUs", json!(0.0)),
    ];
    bench("edpp-model-pd-decider", &given)
}

#[test]
fn edpp_by_a_model_decides_as_computed_by_hand() {
    // Nothing placed: 0 > V · 0.1 · 1 is false; a transfer that costs nothing makes it 0 > 0, still false.
    assert!(!round_model(0.1).decide(0, 9, 100, 100) && !round_model(0.0).decide(0, 9, 100, 100));
    assert!(!round_model(0.0).decide(0, 9, 100, 0), "nothing to compute");
    // Here, 300 tokens and an answer of one (nobody has answered yet): Q_d = 301, q_d = 0.602; w = 100/500 = 0.2.
    let mut b = round_model(0.1);
    b.placed(0, 0, 300, false);
    assert!(b.decide(0, 9, 100, 100), "0.1204 > 0.1");
    assert!(!b.decide(0, 9, 83, 83), "0.602 · 0.166 = 0.0999");
    // Apart, 200 tokens: q_p = 0.4, and one more answer token here, q_d = 0.604: 0.2 · 0.204 = 0.0408.
    b.placed(0, 1, 200, true);
    assert!(!b.decide(0, 9, 100, 100) && b.decide(0, 9, 300, 300), "0.6 · 0.204 = 0.1224");
    // The prefiller has taken its part: 0.604 · 0.2 = 0.1208.
    b.note(10, Note::Admitted { number: 1, prefill: true });
    assert!(b.decide(10, 9, 100, 100));
    // And the decoder its own of both: nothing is placed any more.
    b.note(20, Note::Admitted { number: 0, prefill: false });
    b.note(20, Note::Admitted { number: 1, prefill: false });
    assert!(!b.decide(20, 9, 300, 300));
}

#[test]
fn what_is_certain_to_be_missed_counts_before_it_is_answered() {
    // One request placed at 0 and taken at once, without a token at 2000 µs: it misses by 1000, z = 1. Nothing is placed:
    // T_P − T_D = 100 − B (both have a step and the work, here a batch makes it longer): apart ⇔ 0 > 0.1 + (100 − B)/1000.
    let mut b = round_model(0.1);
    b.placed(0, 0, 10, false);
    b.note(0, Note::Admitted { number: 0, prefill: false });
    for (now, batch, apart) in [(2000, 190, false), (2000, 210, true), (900, 210, false), (1400, 210, false)] {
        b.running[0] = batch;
        // Time goes forward only: each moment has its own.
        let mut fresh = round_model(0.1);
        fresh.placed(0, 0, 10, false);
        fresh.note(0, Note::Admitted { number: 0, prefill: false });
        fresh.running[0] = batch;
        assert_eq!(fresh.decide(now, 9, 100, 100), apart, "at {now} with {batch}");
    }
    // Answered at 2000 after 2000 µs, the queue stays at 1; a request answered at once brings it to 0.
    b.running[0] = 210;
    b.note(2000, Note::FirstToken { number: 0, ttft: Dur::from_us(2000) });
    assert!(b.decide(3000, 9, 100, 100));
    b.placed(3000, 1, 10, false);
    b.note(3000, Note::Admitted { number: 1, prefill: false });
    b.note(3000, Note::FirstToken { number: 1, ttft: Dur::ZERO });
    assert!(!b.decide(3000, 9, 100, 100));
    // Gaps above their target: z_itl = (2.5 − 1)/1 = 1.5, and a piece of 100 tokens: −1.5 · 0.1 against 0.1.
    b.running[0] = 0;
    b.note(3100, Note::Done { number: 1, output_tokens: 3, mean_itl: Some(Dur::from_us(2500)) });
    assert!(b.decide(3100, 9, 100, 100));
}
