//! What follows from the deployment: memory, capacity, price.

use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::{Plan, PoolPlan};

/// Facts of one pool.
pub(super) fn pool(store: Store, i: usize) -> AnyView {
    let of = move |say: fn(&PoolPlan) -> String| {
        move || store.plan.with(|p| p.as_ref().and_then(|p| p.pools().get(i)).map_or_else(|| say::NOTHING.into(), say))
    };
    list(vec![
        ("kv-tokens", "KV cache per replica", Box::new(of(|p| format!("{} tokens", say::count(p.kv_tokens()))))),
        (
            "kv-blocks",
            "in blocks",
            Box::new(of(|p| format!("{} × {}", say::count(u64::from(p.engine.kv_blocks)), p.engine.block_size))),
        ),
        ("weights", "Weights per GPU", Box::new(of(|p| format!("{} GiB", say::number(p.memory.weights_gib))))),
        (
            "max-len",
            "Longest sequence",
            Box::new(of(|p| format!("{} tokens", say::count(u64::from(p.engine.max_model_len))))),
        ),
    ])
}

/// Facts of the whole deployment.
pub(super) fn fleet(store: Store) -> AnyView {
    let of = move |say: fn(&Plan) -> String| {
        move || store.plan.with(|p| p.as_deref().map_or_else(|| say::NOTHING.into(), say))
    };
    list(vec![
        ("gpus", "GPUs", Box::new(of(|p| format!("{} at {}/h", p.gpus(), say::usd(p.usd_per_hour()))))),
        ("capacity", "Nominal capacity", Box::new(of(capacity))),
        ("utilisation", "Load over it", Box::new(of(|p| say::percent_whole(p.load_frac(p.load()))))),
    ])
}

/// What a full fleet serves, and the clients it takes where the loop is closed.
fn capacity(plan: &Plan) -> String {
    let rate = say::rate(plan.capacity_rps());
    if plan.capacity().is_closed() { format!("{rate} with {}", say::load(plan.capacity())) } else { rate }
}

type Say = Box<dyn Fn() -> String + Send + Sync>;

fn list(rows: Vec<(&'static str, &'static str, Say)>) -> AnyView {
    let rows = rows.into_iter().map(|(id, name, say)| {
        view! { <div><dt>{name}</dt><dd data-testid=format!("fact-{id}")>{move || say()}</dd></div> }
    });
    view! { <dl class="facts">{rows.collect_view()}</dl> }.into_any()
}
