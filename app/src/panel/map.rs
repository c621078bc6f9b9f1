//! The deployment as a map: traffic, the router, and the pools with their GPUs. It is another view of what the form below it
//! shows, and changes the same scenario: replicas, pools, and whether prompts are computed apart.

use super::{apart, profile, topology};
use crate::dialog;
use crate::say;
use crate::state::{Gesture, Store, catalogue};
use leptos::prelude::*;
use playground_core::report::{InstanceReport, Report};
use playground_core::scenario::{Plan, Pool};
use std::fmt::Write;

/// Side of a GPU's square, and what lies between two of them, and between replicas, px.
const GPU: u32 = 7;
const GAP: u32 = 1;
const BETWEEN: u32 = 5;
/// Width in which squares are laid, px.
const WIDTH: u32 = 260;
/// Squares drawn at most; the rest is counted.
const GPUS_MAX: u32 = 256;

pub(super) fn view(store: Store) -> AnyView {
    let count = Memo::new(move |_| store.scenario.with(|s| s.topology.pools.len()));
    let load = move || store.plan.with(|p| p.as_deref().map(|p| say::load(p.load())));
    let classes = move || {
        store.scenario.with(|s| match s.workload.classes.len() {
            1 => String::new(),
            n => format!("{n} classes"),
        })
    };
    let routing = move || store.scenario.with(|s| profile::summary(&s.policies));
    let waits = move || store.scenario.with(|s| s.policies.has_flow_control());
    let is_apart = Memo::new(move |_| store.scenario.with(|s| apart::is_on(&s.policies)));
    let way = move || {
        is_apart.get().then(|| {
            view! { <li class="map-link" data-testid="map-link">{move || store.scenario.with(apart::way)}</li> }
        })
    };
    view! {
        <section class="map" aria-label="The deployment as a map" data-testid="map">
            <ol>
                <li class="map-node">
                    <b>"Traffic"</b>
                    <span>{load} " " {classes}</span>
                </li>
                <li class="map-node">
                    <b>"Router"</b>
                    <span>{routing}</span>
                    <span class="muted" hidden=move || !waits()>"requests wait here by priority"</span>
                </li>
                <li class="map-pools">
                    <ul aria-label="Pools">
                        <For each={move || 0..count.get()} key=|i| *i children={move |i| pool(store, i, count)} />
                    </ul>
                </li>
                {way}
            </ol>
            <p class="map-do">
                <button type="button" class="quiet" data-testid="map-apart" on:click=move |_| apart::switch(store)>
                    {move || if is_apart.get() { "Join prefill and decode" } else { "Split into prefill and decode" }}
                </button>
            </p>
        </section>
    }
    .into_any()
}

/// A pool: what it is, its GPUs, what it can do, and what can be done with it.
fn pool(store: Store, i: usize, count: Memo<usize>) -> AnyView {
    let of = move |say: fn(&Pool) -> String| {
        move || store.scenario.with(|s| s.topology.pools.get(i).map(say).unwrap_or_default())
    };
    let title = Memo::new(move |_| of(role)());
    let facts = move || {
        store
            .plan
            .with(|p| p.as_deref().and_then(|p| facts(p, i)))
            .unwrap_or_else(|| "cannot be simulated yet".to_owned())
    };
    let now = move || {
        store.shown.with(|shown| {
            let shown = shown.as_ref()?;
            standing(&shown.plan, &shown.answer()?.report, i)
        })
    };
    let squares = Memo::new(move |_| {
        store.plan.with(|p| p.as_deref().and_then(|p| p.pools().get(i)).map(|p| squares(p.replicas, p.engine_gpus())))
    });
    let drawing = move || {
        squares.get().map(|Squares { path, high, left }| {
            view! {
                <svg width=WIDTH height=high viewBox=format!("0 0 {WIDTH} {high}") aria-hidden="true"><path d=path /></svg>
                {(left > 0).then(|| view! { <span class="muted">{format!("and {} more", say::count(u64::from(left)))}</span> })}
            }
        })
    };
    let step = move |by: i64| {
        let now = store.scenario.with_untracked(|s| s.topology.pools.get(i).map_or(1, |p| i64::from(p.replicas)));
        let path = format!("topology.pools[{i}].replicas");
        if let Err(reason) = store.set(&path, (now + by).max(1), Gesture::Done) {
            crate::browser::complain(&reason);
        }
    };
    let one = move || store.scenario.with(|s| s.topology.pools.get(i).is_none_or(|p| p.replicas <= 1));
    let go = move |_| dialog::focus_later(format!("[data-testid='pool-{i}'] select"));
    view! {
        <li class="map-pool" data-testid=format!("map-pool-{i}")>
            <button type="button" class="map-name" title="To its settings" on:click=go>{move || title.get()}</button>
            <span>{of(machines)}</span>
            {drawing}
            <span class="muted">{facts}</span>
            <span class="muted" data-testid=format!("map-now-{i}")>{now}</span>
            <div class="map-do">
                <button type="button" class="quiet" aria-label={move || format!("One replica fewer: {}", title.get())} data-testid=format!("map-fewer-{i}") disabled=one on:click=move |_| step(-1)>"−"</button>
                <button type="button" class="quiet" aria-label={move || format!("One replica more: {}", title.get())} data-testid=format!("map-more-{i}") on:click=move |_| step(1)>"+"</button>
                <button type="button" class="quiet" aria-label={move || format!("Duplicate: {}", title.get())} data-testid=format!("map-copy-{i}") on:click=move |_| topology::duplicate(store, i)>"Duplicate"</button>
                <button type="button" class="quiet" aria-label={move || format!("Delete: {}", title.get())} data-testid=format!("map-remove-{i}") hidden={move || count.get() < 2} on:click=move |_| topology::remove(store, i)>"Delete"</button>
            </div>
        </li>
    }
    .into_any()
}

/// What its replicas do, with its name where there is one.
fn role(pool: &Pool) -> String {
    let does = match pool.role.as_str() {
        "prefill" => "Prefill",
        "decode" => "Decode",
        _ => "Servers",
    };
    // Names that say nothing more: the usual ones.
    let usual = ["", "default", "prefill", "decode"].contains(&pool.name.as_str());
    if usual { does.to_owned() } else { format!("{does}: {}", pool.name) }
}

/// "4 × Qwen3-14B on H100 80GB SXM5".
fn machines(pool: &Pool) -> String {
    let catalog = catalogue();
    let published = |id: &'static str| id.rsplit('/').next().unwrap_or(id);
    let model = catalog.models.iter().find(|m| m.id == pool.model).map_or(pool.model.as_str(), |m| published(&m.hf_id));
    let gpu = catalog.gpus.iter().find(|g| g.id == pool.gpu).map_or(pool.gpu.as_str(), |g| g.name.as_str());
    let gpu = gpu.strip_prefix("NVIDIA ").unwrap_or(gpu);
    format!("{} × {model} on {gpu}", say::count(u64::from(pool.replicas)))
}

/// GPUs, tokens that a replica's cache holds, price.
fn facts(plan: &Plan, i: usize) -> Option<String> {
    let pool = plan.pools().get(i)?;
    let price = say::usd(f64::from(pool.gpus()) * pool.price_usd_per_gpu_hour);
    let gpus =
        if pool.gpus() == 1 { "1 GPU".to_owned() } else { format!("{} GPUs", say::count(u64::from(pool.gpus()))) };
    Some(format!("{gpus}, {} KV tokens each, {price}/h", say::count(pool.kv_tokens())))
}

/// What the instances of a pool hold on average at the scenario's own load; they are listed pool after pool.
fn standing(plan: &Plan, report: &Report, i: usize) -> Option<String> {
    let sizes: Vec<usize> = plan.pools().iter().map(|p| p.replicas as usize).collect();
    let first: usize = sizes.iter().take(i).sum();
    let all = (sizes.iter().sum::<usize>() == report.instances.len()).then_some(&report.instances)?;
    let own = all.get(first..first + sizes.get(i)?)?;
    let mean = |of: fn(&InstanceReport) -> f64| own.iter().map(of).sum::<f64>() / own.len() as f64;
    (!own.is_empty()).then(|| {
        format!(
            "On average {} running, {} waiting, {} of the KV cache in use, each.",
            say::number(mean(|i| i.running_mean)),
            say::number(mean(|i| i.waiting_mean)),
            say::percent(mean(|i| i.kv_use_frac)),
        )
    })
}

/// Squares, as many as fit, and how many GPUs are left.
#[derive(Clone, Debug, PartialEq)]
struct Squares {
    path: String,
    high: u32,
    left: u32,
}

/// The GPUs of a pool, those of a replica together, line by line.
fn squares(replicas: u32, gpus: u32) -> Squares {
    let shown = replicas.min(GPUS_MAX / gpus.max(1)).max(1);
    let wide = gpus.min((WIDTH + GAP) / (GPU + GAP));
    let lines = gpus.div_ceil(wide.max(1));
    let (group, line) = (wide * (GPU + GAP) - GAP, lines * (GPU + GAP) - GAP);
    let (mut path, mut x, mut y) = (String::new(), 0, 0);
    for _ in 0..shown {
        if x > 0 && x + group > WIDTH {
            (x, y) = (0, y + line + BETWEEN);
        }
        for gpu in 0..gpus.min(GPUS_MAX) {
            let (left, top) = (x + gpu % wide * (GPU + GAP), y + gpu / wide * (GPU + GAP));
            // Writing to a string does not fail.
            let _ = write!(path, "M{left} {top}h{GPU}v{GPU}h-{GPU}z");
        }
        x += group + BETWEEN;
    }
    Squares { path, high: y + line, left: (replicas - shown.min(replicas)) * gpus }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn every_gpu_is_a_square_or_counted() {
        let drawn = |found: &Squares| found.path.matches('M').count() as u32;
        for (replicas, gpus) in [(1, 1), (4, 1), (4, 8), (100, 1), (1000, 8), (1, 72), (0, 2)] {
            let found = squares(replicas, gpus);
            assert_eq!(drawn(&found) + found.left, (replicas * gpus).max(gpus), "{replicas} × {gpus}");
            assert!(found.high <= 20 * (GPU + BETWEEN), "{replicas} × {gpus}: {} px", found.high);
        }
        assert_eq!(squares(2, 2).path, "M0 0h7v7h-7zM8 0h7v7h-7zM20 0h7v7h-7zM28 0h7v7h-7z");
    }

    #[test]
    fn a_pool_is_said_in_two_lines() {
        let mut s = Scenario::default();
        s.run.requests = 200;
        assert_eq!(machines(&s.topology.pools[0]), "4 × Qwen3-14B on H100 80GB SXM5");
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        assert!(
            facts(&plan, 0).is_some_and(|t| t.starts_with("4 GPUs, ") && t.ends_with("/h")),
            "{:?}",
            facts(&plan, 0)
        );
        assert_eq!(facts(&plan, 1), None);
        let report = LoadCurve::run(&plan, Fidelity::Draft).report;
        let said = standing(&plan, &report, 0).expect("it ran");
        assert!(said.starts_with("On average ") && said.ends_with(" of the KV cache in use, each."), "{said}");
        assert_eq!(standing(&plan, &report, 1), None);
    }

    #[test]
    fn pools_are_named_by_what_they_do() {
        let pool = |role: &str, name: &str| Pool { role: role.into(), name: name.into(), ..Pool::default() };
        assert_eq!(role(&pool("prefill", "prefill")), "Prefill");
        assert_eq!(role(&Pool::default()), "Servers");
        assert_eq!(role(&pool("both", "small")), "Servers: small");
    }
}
