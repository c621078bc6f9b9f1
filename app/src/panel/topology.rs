//! The machines: one card per pool.

use super::{apart, choices, engine, facts, map, own};
use crate::form::{self, Choice, Number, Range, Select, Steps, Text};
use crate::state::{Gesture, Store, catalogue};
use leptos::prelude::*;
use playground_core::scenario::{Pool, Topology};

/// Right end of the slider of replicas; more can be typed.
const SLIDER_REPLICAS: f64 = 32.0;

pub(super) fn view(store: Store) -> AnyView {
    let catalog = catalogue();
    let (models, gpus) = (choices::models(catalog), choices::gpus(catalog));
    let rows = Memo::new(move |_| {
        let own = |t: &Topology| Topology { models: t.models.clone(), gpus: t.gpus.clone(), ..Topology::default() };
        store.scenario.with(|s| own(&s.topology))
    });
    let offers = Memo::new(move |_| {
        let [mut own_models, mut own_gpus] = rows.with(|t| choices::own(t, catalogue()));
        own_models.extend(models.clone());
        own_gpus.extend(gpus.clone());
        [own_models, own_gpus]
    });
    let count = Memo::new(move |_| store.scenario.with(|s| s.topology.pools.len()));
    view! {
        {map::view(store)}
        {form::findings_at(store, "topology.pools".into())}
        <For
            each={move || 0..count.get()}
            key=|i| *i
            children={move |i| pool(store, i, offers, count)}
        />
        <button type="button" class="quiet" data-testid="add-pool" on:click=move |_| add(store)>"+ Add a pool of replicas"</button>
        {own::view(store)}
        {facts::fleet(store)}
    }
    .into_any()
}

fn pool(store: Store, i: usize, offers: Memo<[Vec<Choice>; 2]>, count: Memo<usize>) -> AnyView {
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
    view! {
        <div class="card" data-testid=format!("pool-{i}")>
            <div class="card-head" hidden={move || !several()}>
                <h3>{move || format!("Pool {}: {}", i + 1, name.get().as_str().unwrap_or_default())}</h3>
                <button
                    type="button"
                    class="quiet"
                    data-testid=format!("remove-pool-{i}")
                    aria-label=format!("Remove pool {}", i + 1)
                    on:click=move |_| remove(store, i)
                >
                    "Remove"
                </button>
            </div>
            <div class="row two" hidden={move || !several()}>
                {Text::new(at("name")).view(store)}
                {Select::new(at("role"), apart::roles())
                    .help("What these replicas do where prompts are computed apart from tokens.")
                    .view(store)}
            </div>
            {form::findings_at(store, format!("topology.pools[{i}]"))}
            {move || Select::new(at("model"), offers.with(|[models, _]| models.clone())).view(store)}
            {move || Select::new(at("gpu"), offers.with(|[_, gpus]| gpus.clone())).view(store)}
            {own::copies(store, i)}
            {Range::new(at("replicas"), "Replicas", steps).help("Identical vLLM servers behind the router.").view(store)}
            {Select::new(at("engine.tensor_parallel_size"), tp.into())
                .help("GPUs one replica is split over (vLLM's --tensor-parallel-size).")
                .view(store)}
            {engine::view(store, i)}
            {Number::new(at("price_usd_per_gpu_hour"))
                .unit("$ per GPU-hour")
                .within(0.0, 10_000.0)
                .step("0.1")
                .or_default(price(store, i))
                .help("What one GPU costs. Empty: the typical asking price of the catalogue.")
                .view(store)}
            {facts::pool(store, i)}
        </div>
    }
    .into_any()
}

fn put(store: Store, topology: Topology) {
    let value = serde_json::to_value(topology).unwrap_or_default();
    if let Err(reason) = store.set("topology", value, Gesture::Done) {
        crate::browser::complain(&reason);
    }
}

/// One pool more, like the last one: what differs is then said of it.
fn add(store: Store) {
    duplicate(store, store.scenario.with_untracked(|s| s.topology.pools.len().saturating_sub(1)));
}

/// One pool more, like this one, at the end.
pub(super) fn duplicate(store: Store, i: usize) {
    let mut topology = store.scenario.get_untracked().topology;
    let mut pool = topology.pools.get(i).cloned().unwrap_or_default();
    pool.name = unused(&topology.pools);
    topology.pools.push(pool);
    put(store, topology);
}

/// One pool fewer.
pub(super) fn remove(store: Store, i: usize) {
    let mut topology = store.scenario.get_untracked().topology;
    topology.pools.remove(i);
    put(store, topology);
}

/// A name that no pool has.
fn unused(pools: &[Pool]) -> String {
    let taken = |name: &String| pools.iter().any(|p| p.name == *name);
    let mut names = (pools.len() + 1..).map(|n| format!("pool {n}"));
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// What a GPU of this pool costs where nobody says.
fn price(store: Store, i: usize) -> Signal<String> {
    let gpu = store.value(&format!("topology.pools[{i}].gpu"));
    let prices: Vec<(String, f64)> =
        catalogue().gpus.iter().map(|g| (g.id.clone(), g.price_usd_per_gpu_hour)).collect();
    let own = Memo::new(move |_| store.scenario.with(|s| s.topology.gpus.clone()));
    Signal::derive(move || {
        let gpu = gpu.get();
        let of_own = own.with(|all| all.iter().find(|g| gpu.as_str() == Some(&g.id)).map(|g| g.price_usd_per_gpu_hour));
        let known = || prices.iter().find(|(id, _)| gpu.as_str() == Some(id)).map(|(_, usd)| *usd);
        of_own.or_else(known).map_or_else(String::new, |usd| usd.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_pool_has_a_name_of_its_own() {
        let named = |name: &str| Pool { name: name.into(), ..Pool::default() };
        assert_eq!(unused(&[named("default")]), "pool 2");
        assert_eq!(unused(&[named("pool 3"), named("a")]), "pool 4");
        assert_eq!(unused(&[]), "pool 1");
    }
}
