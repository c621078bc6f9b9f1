//! The studies: between them every part of the simulator that rounds, draws or breaks ties is at work.

use playground_core::scenario::{Length, Policies, Scenario, Slo, StepLaw, TrafficClass, Turns};
use playground_core::study::Fidelity;

/// A study under a name.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called in files.
    pub name: &'static str,
    /// What is simulated.
    pub scenario: Scenario,
    /// How much of it.
    pub fidelity: Fidelity,
}

/// All of them.
#[must_use]
pub fn cases() -> Vec<Case> {
    let case = |name, scenario, fidelity| Case { name, scenario, fidelity };
    vec![
        case("landing-draft", Scenario::default(), Fidelity::Draft),
        case("landing-settled", Scenario::default(), Fidelity::Settled),
        case("starved", starved(), Fidelity::Settled),
        case("experts-tp2", experts(), Fidelity::Draft),
        case("two-classes", two_classes(), Fidelity::Draft),
        case("step-law", step_law(), Fidelity::Draft),
        case("clients", clients(), Fidelity::Draft),
    ]
}

/// A KV cache too small for its batch: requests lose their blocks and are computed again.
fn starved() -> Scenario {
    let mut s = Scenario { title: "A KV cache too small for its batch".into(), ..Scenario::default() };
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.replicas) = ("llama-3.1-8b".into(), 2);
    pool.engine.num_gpu_blocks_override = Some(1200);
    pool.engine.max_num_batched_tokens = Some(2048);
    s.workload.arrival.rate_rps = 20.0;
    s.run.requests = 1000;
    s.run.load.points = 6;
    s
}

/// A mixture of experts over two GPUs: collectives, and weights that load as tokens touch them.
fn experts() -> Scenario {
    let mut s = Scenario { title: "Mixture of experts over two GPUs".into(), ..Scenario::default() };
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.replicas) = ("qwen3-30b-a3b".into(), 2);
    pool.engine.tensor_parallel_size = 2;
    s.policies = Policies::single("random-picker");
    s
}

/// Short chats and long documents on mixed hardware, drawn from two laws.
fn two_classes() -> Scenario {
    let mut s = Scenario { title: "Chats and documents on mixed hardware".into(), ..Scenario::default() };
    let mut slower = s.topology.pools[0].clone();
    (slower.name, slower.gpu, slower.replicas) = ("older".into(), "a100-80g-sxm".into(), 2);
    slower.engine.async_scheduling = Some(false);
    s.topology.pools[0].replicas = 2;
    s.topology.pools.push(slower);
    s.policies = Policies::single("max-score-picker");
    s.workload.arrival.rate_rps = 8.0;
    let chat = TrafficClass { share: 0.8, ..TrafficClass::default() };
    let documents = TrafficClass {
        name: "documents".into(),
        share: 0.2,
        input: Length::lognormal(6000.0, 4000.0, 500, 20_000),
        output: Length { kind: "exponential".into(), ..Length::lognormal(400.0, 0.0, 1, 4000) },
        slo: Slo { percentile: 90.0, ttft_ms: Some(5000.0), e2e_ms: Some(60_000.0), ..Slo::default() },
        ..TrafficClass::default()
    };
    s.workload.classes = vec![chat, documents];
    s
}

/// Clients that wait, and read between the requests of a conversation; measured lengths; a warm-up that is found.
fn clients() -> Scenario {
    let mut s = Scenario { title: "Clients that wait".into(), ..Scenario::default() };
    (s.workload.arrival.kind, s.workload.arrival.max_concurrency) = ("closed-loop".into(), Some(100));
    let class = &mut s.workload.classes[0];
    class.input = Length::empirical((1..200).map(|i| i * i % 997 + 1).collect());
    class.output = Length { weights: vec![0.1, 0.7, 0.2], ..Length::empirical(vec![900, 100, 300]) };
    class.conversation = Some(Turns { think_ms: Length::constant(2000), ..Turns::default() });
    s.run.warmup_rule = "mser-5".into();
    s
}

/// Step times by coefficients, as for a measured engine.
fn step_law() -> Scenario {
    let mut s = Scenario { title: "Step times by coefficients".into(), ..Scenario::default() };
    let engine = &mut s.topology.pools[0].engine;
    engine.step_law = Some(StepLaw {
        step_us: 8_000.0,
        per_sequence_us: 12.5,
        per_token_us: 35.0,
        per_context_token_us: 0.07,
        ..StepLaw::default()
    });
    (engine.max_num_seqs, engine.block_size) = (Some(64), Some(32));
    s
}
