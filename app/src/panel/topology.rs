//! The machines: one card per pool.

use super::facts;
use crate::form::{self, Choice, Number, Range, Select, Steps};
use crate::say;
use crate::state::{Gesture, Store};
use leptos::prelude::*;
use playground_core::catalog::Catalog;
use playground_core::scenario::PoolPlan;

/// Right end of the slider of replicas; more can be typed.
const SLIDER_REPLICAS: f64 = 32.0;

pub(super) fn view(store: Store, catalog: &Catalog) -> AnyView {
    let models: Vec<Choice> = catalog.models.iter().map(|m| Choice::new(m.id.clone(), short(&m.hf_id))).collect();
    let gpus: Vec<Choice> = catalog.gpus.iter().map(|g| Choice::new(g.id.clone(), g.name.clone())).collect();
    let count = Memo::new(move |_| store.scenario.with(|s| s.topology.pools.len()));
    view! {
        {form::findings_at(store, "topology.pools".into())}
        <For
            each={move || 0..count.get()}
            key=|i| *i
            children={move |i| pool(store, i, models.clone(), gpus.clone(), count)}
        />
        {facts::fleet(store)}
    }
    .into_any()
}

/// A model's name without its publisher.
fn short(hf_id: &str) -> &str {
    hf_id.rsplit('/').next().unwrap_or(hf_id)
}

fn pool(store: Store, i: usize, models: Vec<Choice>, gpus: Vec<Choice>, count: Memo<usize>) -> AnyView {
    let at = move |field: &str| format!("topology.pools[{i}].{field}");
    let tp = [1, 2, 4, 8]
        .map(|n| Choice::new(n, if n == 1 { "1 GPU per replica".to_owned() } else { format!("{n} GPUs per replica") }));
    let replicas = store.value(&at("replicas"));
    let steps = Signal::derive(move || {
        let now = replicas.get().as_f64().unwrap_or(1.0);
        Steps { min: 1.0, max: SLIDER_REPLICAS.max(now), step: 1.0, whole: true }
    });
    let name = store.value(&at("name"));
    let several = move || count.get() > 1;
    let remove = move |_| {
        let mut topology = store.scenario.get_untracked().topology;
        topology.pools.remove(i);
        let value = serde_json::to_value(topology).unwrap_or_default();
        if let Err(reason) = store.set("topology", value, Gesture::Done) {
            crate::browser::complain(&reason);
        }
    };
    view! {
        <div class="card" data-testid=format!("pool-{i}")>
            <div class="card-head" hidden={move || !several()}>
                <h3>{move || format!("Pool {}: {}", i + 1, name.get().as_str().unwrap_or_default())}</h3>
                <button type="button" class="quiet" aria-label=format!("Remove pool {}", i + 1) on:click=remove>"Remove"</button>
            </div>
            {form::findings_at(store, format!("topology.pools[{i}]"))}
            {Select::new(at("model"), models).view(store)}
            {Select::new(at("gpu"), gpus).view(store)}
            {Range::new(at("replicas"), "Replicas", steps).help("Identical vLLM servers behind the router.").view(store)}
            {Select::new(at("engine.tensor_parallel_size"), tp.into())
                .help("GPUs one replica is split over (vLLM's --tensor-parallel-size).")
                .view(store)}
            {engine(store, i)}
            {facts::pool(store, i)}
        </div>
    }
    .into_any()
}

/// vLLM's settings; empty means vLLM's own default, which the placeholder shows.
fn engine(store: Store, i: usize) -> AnyView {
    let at = move |field: &str| format!("topology.pools[{i}].engine.{field}");
    let default = move |of: fn(&PoolPlan) -> String| {
        Signal::derive(move || {
            store.plan.with(|p| p.as_ref().and_then(|p| p.pools().get(i)).map(of)).unwrap_or_default()
        })
    };
    let version = store.value(&at("version"));
    let prefix = at("");
    let troubled = move || store.findings.with(|all| all.iter().any(|d| d.path.starts_with(&prefix)));
    let utilisation = store.value(&at("gpu_memory_utilization"));
    // The plan does not keep the default utilisation, so the catalogue is asked.
    let utilisation_default = Signal::derive(move || {
        let version = version.get();
        let row = version.as_str().and_then(|v| Catalog::builtin().engine_version(v).cloned());
        row.filter(|_| utilisation.get().is_null()).map_or_else(String::new, |v| v.gpu_memory_utilization.to_string())
    });
    view! {
        <details class="more" prop:open=troubled>
            <summary>"vLLM settings " <span class="muted">{move || version.get().as_str().unwrap_or_default().to_owned()}</span></summary>
            {Number::new(at("max_num_batched_tokens"))
                .unit("tokens")
                .within(1.0, 131_072.0)
                .step("256")
                .or_default(default(|p| say_plain(p.engine.max_num_batched_tokens)))
                .help("Token budget of one engine step, prompts and decodes together. Empty: vLLM's default.")
                .view(store)}
            {Number::new(at("max_num_seqs"))
                .unit("sequences")
                .within(1.0, 16_384.0)
                .step("16")
                .or_default(default(|p| say_plain(p.engine.max_num_seqs)))
                .help("Most sequences in one step. Empty: vLLM's default.")
                .view(store)}
            {Number::new(at("gpu_memory_utilization"))
                .within(0.05, 1.0)
                .step("0.01")
                .or_default(utilisation_default)
                .help("Share of GPU memory the engine may use. Empty: vLLM's default.")
                .view(store)}
        </details>
    }
    .into_any()
}

fn say_plain(n: u32) -> String {
    say::count(u64::from(n))
}
