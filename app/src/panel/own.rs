//! Models and GPUs of the scenario's own: copied from those of the catalogue, or read from a config.json, and edited like
//! everything else. Few scenarios have any, so their cards come when they are first needed.

use super::choices;
use crate::form::{self, Choice, Number, Select, Text};
use crate::part::{self, Missing};
use crate::say;
use crate::state::{Gesture, Store, catalogue};
use leptos::prelude::*;
use playground_core::catalog::Catalog;
use playground_core::scenario::{BLOCK_KINDS, BlockColumn, Edit, OwnGpu, OwnModel, Topology};
use wasm_split_helpers::wasm_split;

/// Makes the card of a row.
type Card = fn((Store, usize)) -> AnyView;

/// A card for every row, and what the check found about the lists.
pub(super) fn view(store: Store) -> AnyView {
    let of = move |count: fn(&Topology) -> usize| Memo::new(move |_| store.scenario.with(|s| count(&s.topology)));
    let (models, gpus) = (of(|t| t.models.len()), of(|t| t.gpus.len()));
    view! {
        {form::findings_at(store, "topology.models".into())}
        <For each={move || 0..models.get()} key=|i| *i children={move |i| part::view(|| Box::pin(model_part()), (store, i))} />
        {form::findings_at(store, "topology.gpus".into())}
        <For each={move || 0..gpus.get()} key=|i| *i children={move |i| part::view(|| Box::pin(gpu_part()), (store, i))} />
    }
    .into_any()
}

#[wasm_split(tabs, fallible)]
fn model_part() -> Result<Card, Missing> {
    Ok(|(store, i)| model(store, i))
}

#[wasm_split(tabs, fallible)]
fn gpu_part() -> Result<Card, Missing> {
    Ok(|(store, i)| gpu(store, i))
}

/// The buttons that copy what a pool has.
pub(super) fn copies(store: Store, pool: usize) -> AnyView {
    let copy = move |label: &'static str, copied: fn(&Topology, usize, &Catalog) -> Option<Topology>| {
        let changed = store.scenario.with_untracked(|s| copied(&s.topology, pool, catalogue()));
        if let Some(changed) = changed {
            put(store, label, changed);
        }
    };
    view! {
        <div class="row two">
            <button type="button" class="quiet" data-testid=format!("copy-model-{pool}") on:click=move |_| copy("Copy as own model", with_own_model)>
                "Copy as own model"
            </button>
            <button type="button" class="quiet" data-testid=format!("copy-gpu-{pool}") on:click=move |_| copy("Copy as own GPU", with_own_gpu)>
                "Copy as own GPU"
            </button>
        </div>
    }
    .into_any()
}

fn put(store: Store, label: &str, topology: Topology) {
    let value = serde_json::to_value(topology).unwrap_or_default();
    if let Err(reason) = store.apply(&Edit::new(label, "topology", value), Gesture::Done) {
        crate::browser::complain(&reason);
    }
}

/// The same deployment with a copy of a pool's GPU, which that pool is on; none where the GPU is not known.
fn with_own_gpu(topology: &Topology, pool: usize, catalog: &Catalog) -> Option<Topology> {
    let id = &topology.pools.get(pool)?.gpu;
    let copy = match topology.gpus.iter().find(|g| g.id == *id) {
        Some(own) => own.clone(),
        None => OwnGpu::of(catalog.gpu(id)?, ""),
    };
    let mut changed = topology.clone();
    let id = changed.free_id(&format!("own-{}", id.trim_start_matches("own-")), catalog);
    changed.pools[pool].gpu.clone_from(&id);
    changed.gpus.push(OwnGpu { id, ..copy });
    Some(changed)
}

/// The same deployment with a copy of a pool's model, which every pool that had it serves.
fn with_own_model(topology: &Topology, pool: usize, catalog: &Catalog) -> Option<Topology> {
    let id = topology.pools.get(pool)?.model.clone();
    let copy = match topology.models.iter().find(|m| m.id == id) {
        Some(own) => own.clone(),
        None => OwnModel::of(catalog.model(&id)?, ""),
    };
    let mut changed = topology.clone();
    let own = changed.free_id(&format!("own-{}", id.trim_start_matches("own-")), catalog);
    for pool in changed.pools.iter_mut().filter(|p| p.model == id) {
        pool.model.clone_from(&own);
    }
    changed.models.push(OwnModel { id: own, ..copy });
    Some(changed)
}

/// Heading and way out of a card.
fn head(
    store: Store,
    what: &'static str,
    path: &str,
    remove: impl Fn(Topology) -> Topology + Clone + Send + Sync + 'static,
) -> AnyView {
    let id = store.value(&format!("{path}.id"));
    let called = move || id.get().as_str().unwrap_or_default().to_owned();
    let label = move || format!("Remove {what} {}", called());
    let gone = move |_| put(store, "Remove", remove(store.scenario.get_untracked().topology));
    view! {
        <div class="card-head">
            <h3>{move || format!("Own {what}: {}", called())}</h3>
            <button type="button" class="quiet" data-testid=format!("remove-{path}") aria-label=label on:click=gone>"Remove"</button>
        </div>
        {form::findings_at(store, path.to_owned())}
        {form::findings_at(store, format!("{path}.id"))}
    }
    .into_any()
}

fn gpu(store: Store, i: usize) -> AnyView {
    let path = format!("topology.gpus[{i}]");
    let remove = move |topology: Topology| topology.without_gpu(i, catalogue());
    let number = |field: &str, unit| Number::new(format!("{path}.{field}")).unit(unit).step("any");
    let none = || Signal::stored("none".to_owned());
    let peak = |field: &str, unit| {
        number(field, unit)
            .within(1.0, 1e7)
            .or_default(none())
            .help("Without sparsity. Empty: it has no such arithmetic.")
            .view(store)
    };
    view! {
        <div class="card" data-testid=format!("own-gpu-{i}")>
            {head(store, "GPU", &path, remove)}
            {Text::new(format!("{path}.name")).view(store)}
            {Select::new(format!("{path}.based_on"), choices::gpus(catalogue()))
                .help("Its kernels are taken to reach as much of the peaks as this GPU's.")
                .view(store)}
            <div class="row two">
                {number("memory_gib", "GiB").within(1.0, 16_384.0).help("What the driver reports as total.").view(store)}
                {number("memory_bandwidth_gb_s", "GB/s").within(10.0, 1e6).view(store)}
                {number("bf16_dense_tflops", "TFLOP/s").within(1.0, 1e6).help("Without sparsity.").view(store)}
                {peak("fp8_dense_tflops", "TFLOP/s")}
                {peak("fp4_dense_tflops", "TFLOP/s")}
                {peak("int8_dense_tops", "TOP/s")}
                {number("link_gb_s_per_direction", "GB/s").within(0.1, 1e5).help("From one GPU to its neighbours, each way.").view(store)}
                {Number::new(format!("{path}.link_gpus")).unit("GPUs").within(1.0, 1024.0).help("So many GPUs those links join.").view(store)}
                {number("price_usd_per_gpu_hour", "$ per GPU-hour").within(0.0, 10_000.0).view(store)}
            </div>
        </div>
    }
    .into_any()
}

fn model(store: Store, i: usize) -> AnyView {
    let path = format!("topology.models[{i}]");
    let remove = move |topology: Topology| topology.without_model(i);
    let number =
        |field: &str, least: f64| Number::new(format!("{path}.{field}")).within(least, 16_777_216.0).view(store);
    let formats = || -> Vec<Choice> {
        catalogue().weight_formats.iter().map(|f| Choice::new(f.id.clone(), f.name.clone())).collect()
    };
    let tied = [(false, "has weights of its own"), (true, "is the embedding")].map(|(v, label)| Choice::new(v, label));
    view! {
        <div class="card" data-testid=format!("own-model-{i}")>
            {head(store, "model", &path, remove)}
            {Text::new(format!("{path}.name")).view(store)}
            <p class="hint">{size(store, i)}</p>
            {Select::new(format!("{path}.weights"), formats()).view(store)}
            {Select::new(format!("{path}.expert_weights"), formats()).view(store)}
            {form::findings_at(store, format!("{path}.blocks"))}
            <details class="more">
                <summary>"Dimensions"</summary>
                <div class="row two">
                    {number("max_context_tokens", 2.0)}
                    {number("hidden_size", 1.0)}
                    {number("vocab_size", 1.0)}
                    {number("hidden_norms", 0.0)}
                </div>
                {Select::new(format!("{path}.tied_embeddings"), tied.into()).view(store)}
                {blocks(store, i)}
            </details>
        </div>
    }
    .into_any()
}

/// How many parameters its dimensions make, where they are sound.
fn size(store: Store, i: usize) -> impl Fn() -> String + Send + Sync + 'static {
    let rows = Memo::new(move |_| store.scenario.with(|s| s.topology.models.clone()));
    move || {
        let topology = Topology { models: rows.get(), ..Topology::default() };
        let all = topology.catalog(catalogue());
        let row = topology.models.get(i).and_then(|own| all.models.iter().find(|m| m.id == own.id));
        row.map_or_else(String::new, |m| {
            let billions = |params: u64| format!("{} billion", say::plain(params as f64 / 1e9));
            format!("{} parameters, of which a token passes {}.", billions(m.params), billions(m.params_active))
        })
    }
}

/// A group of fields for every kind of block.
fn blocks(store: Store, i: usize) -> AnyView {
    let kinds = Memo::new(move |_| {
        let of = |s: &playground_core::scenario::Scenario| {
            s.topology.models.get(i).map_or_else(Vec::new, |m| m.blocks.iter().map(|b| b.kind.clone()).collect())
        };
        store.scenario.with(of)
    });
    let group = move |(j, kind): (usize, String)| {
        let path = format!("topology.models[{i}].blocks[{j}]");
        let known = BLOCK_KINDS.iter().find(|k| k.name == kind);
        let field = |column: &BlockColumn| {
            let bounds = (f64::from(column.min), f64::from(column.max));
            let field = Number::new(format!("{path}.{}", column.name)).within(bounds.0, bounds.1);
            match column.usual {
                Some(usual) => field.or_default(Signal::stored(usual.to_string())).view(store),
                None => field.view(store),
            }
        };
        let title = known.map_or(kind.clone(), |k| k.title.to_owned());
        let fields = known.map_or_else(Vec::new, |k| k.columns.iter().map(field).collect());
        view! {
            <fieldset class="card">
                <legend>{title}</legend>
                {form::findings_at(store, format!("{path}.type"))}
                <div class="row two">
                    {Number::new(format!("{path}.count")).within(1.0, 1024.0).view(store)}
                    {fields}
                </div>
            </fieldset>
        }
        .into_any()
    };
    (move || kinds.get().into_iter().enumerate().map(group).collect_view()).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::scenario::{Scenario, resolve};

    #[test]
    fn a_copy_is_what_the_pool_is_on() {
        let catalog = Catalog::builtin();
        let mut s = Scenario::default();
        s.topology = with_own_gpu(&s.topology, 0, &catalog).expect("is known");
        s.topology = with_own_model(&s.topology, 0, &catalog).expect("is known");
        let pool = &s.topology.pools[0];
        assert_eq!((&*pool.gpu, &*pool.model), ("own-h100-sxm", "own-qwen3-14b"));
        let plan = resolve(&s, &catalog).expect("can be simulated");
        assert_eq!(plan.pools()[0].gpu.memory_usable_gib, 79.1);
        // A copy of a copy has a key of its own, and removing all of them leads back.
        let twice = with_own_gpu(&s.topology, 0, &catalog).expect("is known");
        assert_eq!(twice.pools[0].gpu, "own-h100-sxm-2");
        let back = twice.without_gpu(1, &catalog).without_gpu(0, &catalog).without_model(0);
        assert_eq!(back, Topology::default());
        assert!(with_own_gpu(&s.topology, 7, &catalog).is_none());
    }
}
