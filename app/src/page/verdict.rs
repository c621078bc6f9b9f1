//! The answer in a sentence: the largest text of the page; and what stands in its way when there is none.

use crate::form;
use crate::next;
use crate::state::{Phase, Shown, Store};
use leptos::prelude::*;
use playground_core::scenario::Diagnostic;
use std::time::Duration;

/// Pause after a settled answer before it is announced: one message a second at most.
const ANNOUNCE_MS: u64 = 1000;

pub(super) fn view(store: Store) -> AnyView {
    let sentence = Memo::new(move |_| {
        store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| a.verdict.sentence.clone()))
    });
    let meets = Memo::new(move |_| store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| a.verdict.meets)));
    let title = store.value("title");
    let chip = move || match store.phase.get() {
        Phase::Draft => Some(("draft", "draft")),
        Phase::Running if sentence.with(Option::is_some) => Some(("draft", "running")),
        Phase::Stale => Some(("stale", "stale")),
        Phase::Error => Some(("stale", "not simulated")),
        Phase::Running | Phase::Settled => None,
    };
    Effect::new(move |_| document().set_title(&format!("{} · llm-d Playground", heading(title.get().as_str()))));
    let state = move || match meets.get() {
        None => "unknown",
        Some(true) => "meets",
        Some(false) => "misses",
    };
    view! {
        <div class="verdict-box" data-meets=state>
            <h1>{move || heading(title.get().as_str())}</h1>
            <p class="verdict" data-testid="verdict">
                {move || sentence.get().unwrap_or_else(|| waiting(&store.phase.get()).into())}
            </p>
            {move || chip().map(|(class, word)| view! { <span class=format!("chip {class}") data-testid="verdict-chip">{word}</span> })}
        </div>
        {problems(store)}
        {announcer(store)}
    }
    .into_any()
}

/// Which resource is nearest to its limit.
pub(super) fn binding(store: Store) -> AnyView {
    let text = Memo::new(move |_| {
        store.shown.with(|s| {
            let shown = s.as_ref()?;
            Some(next::binding(&shown.plan, &shown.answer()?.report))
        })
    });
    view! { <p class="binds muted" data-testid="binding">{move || text.get()}</p> }.into_any()
}

/// What stands where the answer will be.
fn waiting(phase: &Phase) -> &'static str {
    match phase {
        Phase::Stale => "There is no answer to this scenario.",
        Phase::Error => "The simulation did not get to an answer.",
        Phase::Running | Phase::Draft | Phase::Settled => "Simulating…",
    }
}

fn heading(title: Option<&str>) -> String {
    title.filter(|t| !t.trim().is_empty()).unwrap_or("Untitled scenario").to_owned()
}

/// Why the scenario as it is now has no answer.
fn problems(store: Store) -> AnyView {
    let errors = Memo::new(move |_| {
        store.findings.with(|all| all.iter().filter(|d| d.is_error()).cloned().collect::<Vec<Diagnostic>>())
    });
    let older = move || store.shown.with(Option::is_some);
    let list = move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            view! {
                <div class="problems" role="alert" data-testid="problems">
                    <p><strong>"This scenario cannot be simulated."</strong> {move || older().then_some(" What you see is the last one that could.")}</p>
                    {errors.iter().map(|d| form::finding(store, d)).collect_view()}
                </div>
            }
        })
    };
    view! { {list} }.into_any()
}

/// Says settled answers to whoever cannot see them; drafts would only be noise.
fn announcer(store: Store) -> AnyView {
    let said = RwSignal::new(String::new());
    Effect::new(move |_| {
        if store.phase.get() != Phase::Settled {
            return;
        }
        let sentence = store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| a.verdict.sentence.clone()));
        let say = move || {
            // Unless another edit came in the meantime.
            if let (Phase::Settled, Some(sentence)) = (store.phase.get_untracked(), sentence) {
                said.set(sentence);
            }
        };
        set_timeout(say, Duration::from_millis(ANNOUNCE_MS));
    });
    view! { <p class="visually-hidden" aria-live="polite" data-testid="announcement">{move || said.get()}</p> }
        .into_any()
}
