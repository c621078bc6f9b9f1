//! The bottom line: how far the answer is, and what it would take to get it again.

use crate::state::{Phase, Shown, Store, Work};
use leptos::prelude::*;
use playground_core::MODEL_VERSION;
use playground_core::study::Fidelity;
use playground_core::study::hardware::Standing;

/// What is to be known of a link without a check.
const UNVERIFIED: &str = "This link was written by hand or was cut: it carries no check, so nothing tells whether it is whole. What Share copies has one.";
/// Characters of the digest that are shown.
const DIGEST_SHOWN: usize = 12;

pub(super) fn view(store: Store) -> AnyView {
    let running = move || store.work.with(Work::is_running) && store.phase.get() != Phase::Stale;
    view! {
        <footer class="status" aria-label="Status" data-testid="status">
            {fidelity_view(store)}
            <progress
                aria-label="Loads simulated"
                max={move || store.work.with(|w| w.total.max(1)).to_string()}
                prop:value={move || store.work.with(|w| w.done as f64)}
                hidden={move || !running()}
            ></progress>
            <button type="button" class="quiet cancel" data-testid="cancel" hidden={move || !running()} on:click=move |_| store.cancel()>"Cancel"</button>
            <button type="button" class="quiet" data-testid="resume" hidden={move || !store.work.with(|w| w.stopped)} on:click=move |_| store.run_again()>"Run"</button>
            {standing(store)}
            {unverified(store)}
            {facts(store)}
        </footer>
    }
    .into_any()
}

/// Whether the answer lies where the simulator was compared with hardware.
pub(super) fn standing(store: Store) -> AnyView {
    let found = Memo::new(move |_| {
        let of = |shown: &Shown| shown.answer().map(|answer| Standing::of(&shown.plan, &answer.report));
        store.calm.with(|s| s.as_ref().and_then(of))
    });
    let badge = move || found.with(|s| s.as_ref().map(Standing::badge).unwrap_or_default());
    let sentence = move || found.with(|s| s.as_ref().map(Standing::sentence).unwrap_or_default());
    let inside = move || found.with(|s| s.as_ref().is_some_and(|s| s.beyond.is_empty() && !s.is_strained()));
    view! {
        <span class="standing" data-testid="standing" class:inside=inside title=sentence hidden={move || found.with(Option::is_none)}>
            <span aria-hidden="true">{move || if inside() { "✓ " } else { "! " }}</span>
            {badge}
            <span class="visually-hidden">{move || format!(". {}", sentence())}</span>
        </span>
    }
    .into_any()
}

/// Says so where the scenario came with a link that nothing tells the wholeness of.
pub(super) fn unverified(store: Store) -> AnyView {
    view! {
        <span class="unverified" data-testid="unverified" title=UNVERIFIED hidden={move || !store.unverified.get()}>
            "unverified link"
            <span class="visually-hidden">". " {UNVERIFIED}</span>
        </span>
    }
    .into_any()
}

/// How far the answer is, in words.
pub(super) fn fidelity_view(store: Store) -> impl IntoView {
    view! { <span class="fidelity" data-testid="status-fidelity">{move || fidelity(&store.phase.get(), &store.work.get())}</span> }
}

/// Version, seed, digest, size and time.
pub(super) fn facts(store: Store) -> AnyView {
    let digest = Memo::new(move |_| {
        store
            .shown
            .with(|s| s.as_ref().filter(|s| s.is_settled()).and_then(Shown::answer).map(|a| a.study_digest.clone()))
            .unwrap_or_default()
    });
    let loads = move || store.work.with(|w| format!("{} of {} loads", w.done, w.total));
    let time = move || {
        store.work.with(|w| w.spent_ms.map(|ms| if ms < 1.0 { "remembered".into() } else { crate::say::span(ms) }))
    };
    let seed = store.value("run.seed");
    view! {
        <span data-testid="status-points">{loads}</span>
        <span data-testid="status-time">{time}</span>
        <span class="push" data-testid="status-seed">"seed " {move || seed.get().to_string()}</span>
        <span data-testid="status-model">"simulator " {MODEL_VERSION}</span>
        <span>
            "result "
            <code id="digest" data-testid="digest" data-digest={move || digest.get()} title={move || format!("SHA-256 of every load and the sentence: {}", digest.get())}>
                {move || { let d = digest.get(); if d.is_empty() { "—".to_owned() } else { d.chars().take(DIGEST_SHOWN).collect() } }}
            </code>
        </span>
    }
    .into_any()
}

fn fidelity(phase: &Phase, work: &Work) -> &'static str {
    match (phase, work.stopped, work.fidelity) {
        (Phase::Settled, ..) => "✓ settled",
        (Phase::Stale, ..) => "stale: not simulated as it is now",
        (Phase::Error, ..) => "✗ failed",
        (_, true, _) => "stopped: what was done so far",
        (Phase::Draft, _, Fidelity::Settled) => "draft, settling…",
        (Phase::Draft, ..) => "draft",
        (Phase::Running, ..) => "simulating…",
    }
}
