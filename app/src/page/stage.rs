//! The middle of the page: the sentence, the load, the charts, the numbers.

use super::tabs::Make;
use super::{Parts, classes, fetched, loads, looks, rate, tabs, tiles, verdict};
use crate::chart::CHARTS;
use crate::compare;
use crate::details::Details;
use crate::draw::{figure_view, queue};
use crate::later;
use crate::next;
use crate::state::{Store, Tab};
use leptos::prelude::*;

pub(super) fn view(parts: Parts) -> AnyView {
    let Parts { store, compare, .. } = parts;
    stamp(store);
    let details = Details::new(store);
    let args = (parts, details);
    let tabs: Vec<(Tab, Make)> = vec![
        (Tab::Answer, Box::new(move || answer(parts, details))),
        (Tab::Details, Box::new(move || fetched::details(args))),
        (Tab::Compare, Box::new(move || fetched::compare(args))),
        (Tab::Sweep, Box::new(move || fetched::sweep(args))),
        (Tab::Live, Box::new(move || fetched::live(args))),
    ];
    view! { {compare::sides(compare)} {tabs::view(store, tabs)} }.into_any()
}

/// What the scenario comes to.
fn answer(parts: Parts, details: Details) -> AnyView {
    let Parts { store, next, bundle, palette, .. } = parts;
    let closely = Some(Callback::new(move |load| details.open(load)));
    let charts = CHARTS.iter().map(|chart| figure_view(store, chart, bundle, palette, false, closely));
    view! {
        {verdict::view(store)}
        {verdict::binding(store)}
        <div class="load-bar">{rate::view(store, "")} {looks::view(store, "")}</div>
        <div class="result">
            <div class="charts">{charts.collect_view()}</div>
            {legend()}
            {tiles::view(store)}
            {later::part(move || view! { {next::view(next)} {classes::view(store)} }.into_any())}
            {later::part(move || loads::view(store, details))}
        </div>
    }
    .into_any()
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
