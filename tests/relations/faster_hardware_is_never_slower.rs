//! On an empty system more bandwidth or more arithmetic never makes a request slower.

use playground_core::base::Time;
use playground_core::catalog::Catalog;
use playground_core::engine::{Handoff, Incoming, Instance, Sinks, Stepping};
use playground_core::scenario::{Scenario, resolve};
use playground_core::stats::Sketch;

/// A change of a catalogue by a factor.
type Change = fn(&mut Catalog, f64);

const CHANGES: [(&str, Change); 3] = [
    ("memory bandwidth", |c, factor| c.gpus.iter_mut().for_each(|g| g.memory_bandwidth_gb_s *= factor)),
    ("peak arithmetic", |c, factor| {
        for gpu in &mut c.gpus {
            gpu.bf16_dense_tflops *= factor;
            gpu.arithmetic.iter_mut().for_each(|rate| rate.dense_tflops *= factor);
        }
    }),
    ("all-reduce", |c, factor| {
        c.all_reduce.iter_mut().flat_map(|t| &mut t.points).for_each(|point| point.1 /= factor);
    }),
];

#[test]
fn one_request_alone() {
    let catalog = Catalog::builtin();
    let layouts = layouts(&catalog);
    assert!(layouts.len() >= catalog.models.len(), "every model fits somewhere: {layouts:?}");
    for (what, change) in CHANGES {
        for (model, gpu, tp) in &layouts {
            let mut last = u64::MAX;
            for factor in [1.0, 1.3, 4.0] {
                let mut faster = catalog.clone();
                change(&mut faster, factor);
                let Some(now) = alone(&faster, model, gpu, *tp) else { continue };
                assert!(now <= last, "{what} × {factor} made {model} on {tp} {gpu} slower: {last} then {now} ps");
                last = now;
            }
        }
    }
}

/// Every model on an H200, and a small one on every GPU; each on the fewest GPUs that hold it.
fn layouts(catalog: &Catalog) -> Vec<(String, String, u32)> {
    let models = catalog.models.iter().map(|m| (m.id.clone(), "h200-sxm".to_string()));
    let gpus = catalog.gpus.iter().map(|g| ("llama-3.1-8b".to_string(), g.id.clone()));
    let fewest = |(model, gpu): (String, String)| {
        let tp = [1, 2, 4, 8].into_iter().find(|&tp| alone(catalog, &model, &gpu, tp).is_some())?;
        Some((model, gpu, tp))
    };
    models.chain(gpus).filter_map(fewest).collect()
}

/// When a request alone on an engine ends, ps; none where the model does not fit.
fn alone(catalog: &Catalog, model: &str, gpu: &str, tensor_parallel: u32) -> Option<u64> {
    let mut s = Scenario::default();
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.gpu) = (model.into(), gpu.into());
    pool.engine.tensor_parallel_size = tensor_parallel;
    let plan = resolve(&s, catalog).ok()?;
    let pool = &plan.pools()[0];
    if pool.engine.max_model_len < 3200 {
        return None;
    }
    let mut engine = Instance::new(pool.engine, pool.step_model.clone(), 1, Stepping::Jump);
    let (mut itl, mut emitted) = ([Sketch::new()], Vec::new());
    let mut sinks = Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: None };
    let request = Incoming {
        tag: 0,
        class: 0,
        prompt_tokens: 3000,
        output_tokens: 200,
        stops: false,
        priority: 0,
        order: 0,
        draws: 0,
        content: None,
        handoff: Handoff::None,
        announced: false,
    };
    engine.arrive(Time::ZERO, request);
    let mut now = Time::ZERO;
    while engine.wants_plan() {
        engine.plan(now, &mut sinks);
        now = engine.next_end().expect("a request alone is served").0;
        engine.step_end(now, &mut sinks);
    }
    Some(now.as_ps())
}
