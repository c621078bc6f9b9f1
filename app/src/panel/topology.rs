//! The machines: one card per pool.

use super::{choices, engine, facts};
use crate::form::{self, Choice, Range, Select, Steps};
use crate::state::{Gesture, Store};
use leptos::prelude::*;
use playground_core::catalog::Catalog;

/// Right end of the slider of replicas; more can be typed.
const SLIDER_REPLICAS: f64 = 32.0;

pub(super) fn view(store: Store, catalog: &Catalog) -> AnyView {
    let (models, gpus) = (choices::models(catalog), choices::gpus(catalog));
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
            {engine::view(store, i)}
            {facts::pool(store, i)}
        </div>
    }
    .into_any()
}
