//! A load on the page: which one, the sentence, the figures, the tables.

use super::figures::{self, Place};
use super::{Details, tables, words};
use crate::chart::Palette;
use crate::draw::plotly::Bundle;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_core::scenario::Load;
use web_sys::HtmlSelectElement;

/// Everything of the Details tab; `looks` is how figures and tables are looked at.
pub(crate) fn view(details: Details, bundle: RwSignal<Bundle>, palette: Memo<Palette>, looks: AnyView) -> AnyView {
    let store = details.store;
    let place = Place { details, bundle, palette };
    let sentence = Memo::new(move |_| {
        let statistic = store.statistic.get();
        details.with(|r, _| words::sentence(r, statistic))
    });
    let measured = Memo::new(move |_| details.with(|r, _| words::measured(r)));
    let draft = move || store.shown.with(|s| s.as_ref().is_some_and(|s| !s.is_settled()));
    view! {
        <div class="details" data-testid="details">
            <div class="verdict-box">
                <h1>"A close look at one load"</h1>
                <p class="verdict" data-testid="details-sentence">
                    {move || sentence.get().unwrap_or_else(|| "Simulating…".into())}
                </p>
                {move || draft().then(|| view! { <span class="chip draft">"draft"</span> })}
            </div>
            <div class="load-bar">{chooser(details, "details-load")} {looks}</div>
            <div class="result">
                <div class="charts">
                    {figures::over_time(place)}
                    <div class="stack">{figures::distribution(place)} {figures::first_token(place)}</div>
                </div>
                {legend()}
                {tables::view(details)}
                <p class="hint" data-testid="details-measured">{move || measured.get()}</p>
            </div>
        </div>
    }
    .into_any()
}

/// Which load; `id` tells the control from others.
pub(crate) fn chooser(details: Details, id: &'static str) -> AnyView {
    let all = Memo::new(move |_| {
        let entry = |(r, own): (&playground_core::report::Report, bool)| (r.load, words::entry(r, own));
        details.look(|_, a| words::loads(a).into_iter().map(entry).collect::<Vec<(Load, String)>>()).unwrap_or_default()
    });
    let here = Memo::new(move |_| {
        let load = details.load();
        all.with(|all| all.iter().position(|(l, _)| Some(*l) == load).unwrap_or(0).to_string())
    });
    let choose = move |e: Targeted<Event, HtmlSelectElement>| {
        let chosen = e.target().value().parse::<usize>().ok();
        if let Some(load) = chosen.and_then(|i| all.with_untracked(|all| all.get(i).map(|(load, _)| *load))) {
            details.choose(load);
        }
    };
    let options = move || {
        let texts = all.get().into_iter().enumerate();
        texts.map(|(i, (_, text))| view! { <option value=i.to_string()>{text}</option> }).collect_view()
    };
    view! {
        <div class="field">
            <div class="field-head"><label for=id>"Load"</label></div>
            <select
                id=id
                data-testid=id
                prop:value={move || {
                    // Written again when the entries change: the browser keeps only those it knows.
                    all.track();
                    here.get()
                }}
                on:change:target=choose
            >
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// What the lines mean, in words.
fn legend() -> AnyView {
    view! {
        <ul class="legend" aria-label="Marks in the figures">
            <li><span class="mark line-a" aria-hidden="true"></span> "the whole fleet"</li>
            <li><span class="mark line-b" aria-hidden="true"></span> "the instance that has most"</li>
            <li><span class="mark dash" aria-hidden="true"></span> "target"</li>
        </ul>
    }
    .into_any()
}
