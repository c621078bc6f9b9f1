//! The middle of the page: the sentence, the load, the charts, the numbers.

use super::{Parts, classes, loads, rate, tiles, verdict};
use crate::chart::CHARTS;
use crate::draw::{figure_view, queue};
use crate::state::Store;
use crate::sweep::{self, Sweep};
use leptos::prelude::*;
use playground_core::report::Statistic;

pub(super) fn view(parts: Parts) -> AnyView {
    let Parts { store, bundle, palette, .. } = parts;
    stamp(store);
    let charts = CHARTS.iter().map(|chart| figure_view(store, chart, bundle, palette, false));
    let answer = view! {
        {verdict::view(store)}
        <div class="load-bar">{rate::view(store)} {looks(store)}</div>
        <div class="result">
            <div class="charts">{charts.collect_view()}</div>
            {legend()}
            {tiles::view(store)}
            {classes::view(store)}
            {loads::view(store)}
        </div>
    };
    let sweep = Sweep::new(store);
    sweep::tabs(sweep, answer.into_any(), sweep::view(sweep, bundle, palette))
}

/// Tells the redraw queue which result the redraws to come show.
pub(super) fn stamp(store: Store) {
    Effect::new(move |_| {
        store.shown.with(|shown| {
            let Some(shown) = shown else { return };
            let Some(newest) = shown.settled.as_deref().or(shown.draft.as_deref()) else { return };
            queue::stamp(queue::Stamp {
                revision: shown.revision,
                settled: shown.is_settled(),
                whole: shown.whole,
                loads: newest.curve.len() + 1,
            });
        });
    });
}

/// How the charts are looked at.
fn looks(store: Store) -> AnyView {
    let statistics = Statistic::ALL.map(|statistic| {
        view! {
            <label>
                <input
                    type="radio"
                    name="statistic"
                    data-testid=format!("statistic-{}", statistic.name())
                    prop:checked={move || store.statistic.get() == statistic}
                    on:change=move |_| store.statistic.set(statistic)
                />
                <span>{statistic.name()}</span>
            </label>
        }
    });
    view! {
        <div class="looks">
            <fieldset class="segments">
                <legend class="visually-hidden">"Statistic of the charts"</legend>
                {statistics.into_iter().collect_view()}
            </fieldset>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="log-y"
                    prop:checked={move || store.log_y.get()}
                    on:change:target=move |e| store.log_y.set(e.target().checked())
                />
                "Log scale"
            </label>
        </div>
    }
    .into_any()
}

/// What the marks mean, in words.
fn legend() -> AnyView {
    view! {
        <ul class="legend" aria-label="Marks in the charts">
            <li><span class="mark dot" aria-hidden="true"></span> "simulated load, with its 95 % interval"</li>
            <li><span class="mark ring" aria-hidden="true"></span> "not steady: the fleet does not keep up here"</li>
            <li><span class="mark diamond" aria-hidden="true"></span> "this scenario"</li>
            <li><span class="mark dash" aria-hidden="true"></span> "target"</li>
        </ul>
    }
    .into_any()
}
