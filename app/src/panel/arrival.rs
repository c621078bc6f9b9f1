//! When requests arrive: how many, how evenly, from how many clients.

use crate::form::{self, Choice, Number, Select};
use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::Arrival;
use playground_core::workload::Process;

pub(super) fn view(store: Store) -> AnyView {
    let kinds = [
        ("poisson", "Poisson: independent"),
        ("gamma", "gamma: burstier or more even"),
        ("constant", "constant: equal gaps"),
        ("on-off", "on-off: bursts and pauses"),
        ("ramp", "ramp: rising"),
        ("closed-loop", "closed loop: clients that wait"),
        ("poisson-in-stages", "inference-perf's constant"),
        ("poisson-per-second", "inference-perf's poisson"),
    ]
    .map(|(id, label)| Choice::new(id, label));
    let kind = store.value("workload.arrival.type");
    let chosen = Memo::new(move |_| kind.get().as_str().unwrap_or_default().to_owned());
    let closed = Memo::new(move |_| store.scenario.with(|s| s.workload.arrival.is_closed_loop()));
    view! {
        {move || if closed.get() { clients(store) } else { rate(store) }}
        {Select::new("workload.arrival.type", kinds.into())
            .help("Poisson: many users who know nothing of each other. Gamma: gaps of another variation. On-off: Poisson, interrupted by pauses. Ramp: Poisson, growing while measured. Closed loop: a client sends its next request when its last one has ended, as load generators with a fixed concurrency do.")
            .view(store)}
        {move || parameters(store, &chosen.get())}
    }
    .into_any()
}

/// The load of an open loop, and what may limit it.
fn rate(store: Store) -> AnyView {
    let no_limit = Signal::stored("no limit".to_owned());
    view! {
        <div class="row two">
            {Number::new("workload.arrival.rate_rps")
                .again("panel")
                .label("Offered load")
                .unit("req/s")
                .within(0.0, 100_000.0)
                .step("any")
                .help("Mean rate of arrivals; of a ramp, the last one. The slider over the charts is the same number.")
                .view(store)}
            {Number::new("workload.arrival.max_concurrency")
                .again("panel")
                .label("Clients at most")
                .within(1.0, 100_000.0)
                .or_default(no_limit)
                .help("Requests, or conversations, open at once. One that is due when all clients are busy is sent when one is free. Empty: no limit.")
                .view(store)}
        </div>
    }
    .into_any()
}

/// The load of a closed loop.
fn clients(store: Store) -> AnyView {
    Number::new("workload.arrival.max_concurrency")
        .again("panel")
        .label("Clients")
        .within(1.0, 100_000.0)
        .help("Each has one request, or one conversation, at a time: the concurrency of a benchmark. The slider over the charts is the same number.")
        .view(store)
}

/// Fields of the chosen process.
fn parameters(store: Store, kind: &str) -> AnyView {
    let field = |name: &str, default: f64| {
        Number::new(format!("workload.arrival.{name}")).or_default(Signal::stored(say::plain(default)))
    };
    // Defaults are the core's own.
    match (Arrival { kind: kind.to_owned(), ..Arrival::default() }).process() {
        Some(Process::Gamma { cv }) => field("cv", cv)
            .within(0.05, 20.0)
            .step("0.1")
            .help("Standard deviation of a gap over its mean. 1 is Poisson; above it, bursts.")
            .view(store),
        Some(Process::OnOff { on_s, off_s }) => view! {
            <div class="row two">
                {field("on_s", on_s).unit("s").within(0.01, 86_400.0).view(store)}
                {field("off_s", off_s).unit("s").within(0.0, 86_400.0).view(store)}
            </div>
        }
        .into_any(),
        Some(Process::Ramp { from, over_s, .. }) => view! {
            <div class="row two">
                {field("ramp_from_frac", from).unit("× last rate").within(0.0, 1.0).step("0.05").view(store)}
                {field("ramp_s", over_s).unit("s").within(0.01, 86_400.0).step("10").view(store)}
            </div>
        }
        .into_any(),
        Some(Process::PoissonInStages { stage_s }) => {
            field("stage_s", stage_s).unit("s").within(0.01, 86_400.0).step("10").view(store)
        }
        // What does not apply is not shown, but what is wrong with it is.
        _ => ["cv", "on_s", "off_s", "ramp_s", "ramp_from_frac", "stage_s"]
            .map(|name| form::findings_at(store, format!("workload.arrival.{name}")))
            .collect_view()
            .into_any(),
    }
}
