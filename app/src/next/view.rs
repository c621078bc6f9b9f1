//! The next step on the page: a button, then the changes, the one that helps most first.

use super::Next;
use super::rank::{self, Effect, Row};
use super::run::Run;
use crate::draw;
use crate::part;
use crate::pool::Stage;
use crate::state::Phase;
use leptos::prelude::*;

/// The section below the answer.
pub(crate) fn view(next: Next) -> AnyView {
    let begun = Memo::new(move |before| before == Some(&true) || next.run.with(Option::is_some));
    let stage = move || next.run.with(|r| r.as_ref().map_or("waiting", |r| r.stage.word()));
    let running = move || next.run.with(|r| r.as_ref().is_some_and(Run::is_running));
    let ready = move || next.store.phase.with(|p| matches!(p, Phase::Settled));
    view! {
        <section class="loads next" aria-labelledby="next-title" data-testid="next" data-stage=stage>
            <h2 id="next-title">"The next step"</h2>
            <p class="muted">"One change at a time, each against this scenario under the same random numbers."</p>
            <div class="next-do">
                <button type="button" class="quiet" data-testid="next-run" hidden=running disabled={move || !ready()} on:click=move |_| next.start()>
                    {move || if next.run.with(Option::is_some) { "Try the changes again" } else { "Try what could be changed" }}
                </button>
                <button type="button" class="quiet" data-testid="next-cancel" hidden={move || !running()} on:click=move |_| next.cancel()>"Cancel"</button>
                <span role="status" data-testid="next-status">{move || next.run.with(|r| r.as_ref().map(status))}</span>
            </div>
            {move || begun.get().then(|| part::view(super::found, next))}
        </section>
    }
    .into_any()
}

/// What was found so far, and what cannot be done.
pub(super) fn found(next: Next) -> AnyView {
    let ranked = Memo::new(move |_| next.run.with(|r| r.as_ref().and_then(rank::rows)));
    view! {
        {move || ranked.get().map(|(aim, rows)| table(next, &aim.name(), rows))}
        {move || next.run.with(|r| r.as_ref().filter(|r| !r.impossible.is_empty()).map(impossible))}
    }
    .into_any()
}

fn status(run: &Run) -> String {
    let (done, total) = run.counts();
    match &run.stage {
        Stage::Running => format!("{done} of {total} simulated"),
        Stage::Done => format!("{} changes simulated", total - 1),
        Stage::Stopped => format!("Stopped: {done} of {total} simulated"),
        Stage::Failed(why) => format!("It did not finish: {why}."),
    }
}

fn table(next: Next, aim: &str, rows: Vec<Row>) -> AnyView {
    let rows = rows.into_iter().map(|row| line(next, row)).collect_view();
    view! {
        {draw::table(
            "Table of changes",
            "next-table",
            view! {
                <th scope="col">"Change"</th>
                <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                <th scope="col">{aim.to_owned()}</th>
                <th scope="col">"Relative"</th>
                <th scope="col">"In words"</th>
                <th scope="col">"Targets"</th>
                <th scope="col">"GPUs"</th>
            },
            rows,
        )}
        <p class="hint">"Differences at this load, change less scenario, with paired 95 % intervals; ranked by the latency that is nearest to its target. Not significant: more repetitions or a longer run would tell."</p>
    }
    .into_any()
}

fn line(next: Next, row: Row) -> AnyView {
    let (class, sign) = match row.effect {
        Effect::Better => ("meets", "✓ "),
        Effect::Worse => ("misses", "✗ "),
        Effect::Open | Effect::Equal | Effect::Unknown => ("muted", ""),
    };
    let (target, met) = if row.meets { ("meets", "✓ met") } else { ("misses", "✗ missed") };
    let index = row.index;
    view! {
        <tr>
            <th scope="row">{row.label.clone()}</th>
            <td class="next-acts">
                <button type="button" class="quiet" data-testid="next-apply" aria-label=format!("Apply: {}", row.label) on:click=move |_| next.apply(index)>"Apply"</button>
                <button type="button" class="quiet" data-testid="next-compare" aria-label=format!("Compare: {}", row.label) on:click=move |_| next.compare(index)>"Compare"</button>
            </td>
            <td>{row.difference}</td>
            <td>{row.change}</td>
            <td class=class><span aria-hidden="true">{sign}</span> {row.effect.words()}</td>
            <td class=target>{met}</td>
            <td>{row.gpus}</td>
        </tr>
    }
    .into_any()
}

fn impossible(run: &Run) -> AnyView {
    let each = run.impossible.iter().map(|i| format!("{}: it {}", i.label, i.why));
    view! { <p class="hint" data-testid="next-impossible">"Not possible. " {each.collect::<Vec<_>>().join(". ")} "."</p> }.into_any()
}
