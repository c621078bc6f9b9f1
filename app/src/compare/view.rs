//! The comparison on the page: the sentences, what differs, figures, the table; or what is in the way of it.

use super::case::{self, Case, letters};
use super::names::Setting;
use super::overlay::{self, Subject};
use super::words::{self, Length};
use super::{Compare, Layout, numbers, routing_offer, with_copy, with_other_routing};
use crate::chart::{CHARTS, Palette};
use crate::draw::plotly::Bundle;
use crate::form::{self, segments};
use crate::pool::Stage;
use crate::say;
use leptos::prelude::*;
use playground_core::scenario::Diagnostic;
use playground_core::study::Answer;
use playground_core::study::compare::Side;

/// Everything of the Compare tab; `controls` is the load and how figures are looked at.
pub(crate) fn view(compare: Compare, bundle: RwSignal<Bundle>, palette: Memo<Palette>, controls: AnyView) -> AnyView {
    let alone = Memo::new(move |_| compare.case.with(|c| *c == Case::Alone));
    let empty = move || compare.run.with(|r| r.as_ref().is_none_or(|r| r.answers().is_none()));
    let layouts = [(Layout::Overlay, "In one figure"), (Layout::Apart, "Side by side")];
    let layouts = layouts.map(|(layout, label)| (layout, format!("compare-layout-{}", layout.name()), label));
    view! {
        <div class="compare" data-testid="compare" data-stage={move || stage(compare)} data-loads={move || loads(compare)}>
            {move || alone.get().then(|| start(compare))}
            <div hidden={move || alone.get()}>
                {verdict(compare, Length::Full)}
                {in_the_way(compare)}
                {differing(compare)}
                <div class="load-bar">{controls}</div>
                <div class="compare-bar">
                    {progress(compare)}
                    <div class="looks">{segments::view("Where the sides are drawn", "compare-layout", layouts, compare.layout)}</div>
                </div>
                <div class="result" class:stale=move || compare.is_stale() hidden=empty>
                    {figures(compare, bundle, palette)}
                    {legend(compare)}
                    {numbers::view(compare)}
                </div>
            </div>
            {announcer(compare)}
        </div>
    }
    .into_any()
}

/// Every chart: of all sides, and of each alone once that is asked for.
fn figures(compare: Compare, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let figure = move |chart, only| overlay::view(compare, Subject { chart, only, compact: false }, bundle, palette);
    let is_apart = move || compare.layout.get() == Layout::Apart;
    // Made once, and kept: a drawing that goes is made anew at some cost.
    let asked = Memo::new(move |before| before == Some(&true) || is_apart());
    let of = move |side: Side| {
        let absent = move || !compare.sides().contains(&side);
        view! {
            <div class="charts" hidden=absent>{CHARTS.iter().map(|chart| figure(chart, Some(side))).collect_view()}</div>
        }
    };
    view! {
        <div class="charts" hidden=is_apart>{CHARTS.iter().map(|chart| figure(chart, None)).collect_view()}</div>
        <div class="charts-apart" hidden={move || !is_apart()}>
            {move || asked.get().then(|| Side::ALL.map(of).into_iter().collect_view())}
        </div>
    }
    .into_any()
}

/// The same in somebody else's page: the sentences and one figure.
pub(crate) fn embedded(compare: Compare, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let subject = Subject { chart: &CHARTS[0], only: None, compact: true };
    view! {
        <div class="compare" data-testid="compare" data-stage={move || stage(compare)} data-loads={move || loads(compare)}>
            {verdict(compare, Length::Brief)}
            {in_the_way(compare)}
            <div class="result" class:stale=move || compare.is_stale()>{overlay::view(compare, subject, bundle, palette)}</div>
        </div>
    }
    .into_any()
}

/// How many loads of all sides there are.
fn loads(compare: Compare) -> String {
    compare.run.with(|r| r.as_ref().map_or(0, |r| r.done)).to_string()
}

/// Where it stands, in a word: for tests and styles.
fn stage(compare: Compare) -> &'static str {
    let now = compare.run.with(|r| r.as_ref().map(|r| r.stage.word()));
    compare.case.with(|c| match c {
        Case::Alone => "alone",
        Case::Same | Case::Apart(_) | Case::Unsound(..) => "blocked",
        Case::Ready(_) if compare.is_stale() => "waiting",
        Case::Ready(_) => now.unwrap_or("waiting"),
    })
}

/// What to do while there is nothing to compare.
fn start(compare: Compare) -> AnyView {
    let store = compare.store;
    let other = move || store.scenario.with(|s| routing_offer(s).0);
    view! {
        <section class="compare-start" aria-labelledby="compare-title">
            <h1 id="compare-title">"What would you change?"</h1>
            <p class="muted">
                "Scenarios side by side, sent the same requests: A stays, and what you set goes to B. Two more can follow. Differences from A come with paired 95 % intervals."
            </p>
            <div class="compare-ways">
                <button type="button" class="primary" data-testid="compare-copy" on:click=move |_| with_copy(store)>"Compare with a copy"</button>
                <button type="button" class="quiet" data-testid="compare-routing" on:click=move |_| with_other_routing(store)>{other}</button>
            </div>
        </section>
    }
    .into_any()
}

/// The answer in sentences, under the names of the sides.
fn verdict(compare: Compare, length: Length) -> AnyView {
    let statistic = compare.store.statistic;
    let said = Memo::new(move |_| {
        let statistic = statistic.get();
        compare.with_answers(|run, all| words::sentences(all, statistic, length, run.stage == Stage::Done))
    });
    let digest = Memo::new(move |_| {
        let digests = |all: &[&_]| all.iter().map(|a: &&Answer| a.study_digest.as_str()).collect::<Vec<_>>().join("+");
        compare.with_answers(|run, all| (run.stage == Stage::Done).then(|| digests(all))).flatten()
    });
    let text = move || match said.get() {
        Some(said) => said,
        None => vec![instead(compare)],
    };
    let chip = move || match stage(compare) {
        "waiting" if said.with(Option::is_some) => Some("of the settings before"),
        "running" if said.with(Option::is_some) => Some("more loads to come"),
        "stopped" => Some("stopped"),
        _ => None,
    };
    view! {
        <div class="verdict-box">
            {names(compare)}
            <div class="verdicts" data-testid="compare-sentence" data-digest=move || digest.get().unwrap_or_default()>
                {move || text().into_iter().map(|text| view! {
                    <p class="verdict" class:muted=move || said.with(Option::is_none)>{text}</p>
                }).collect_view()}
            </div>
            {move || chip().map(|word| view! { <span class="chip">{word}</span> })}
        </div>
    }
    .into_any()
}

/// What is said while there are no differences.
fn instead(compare: Compare) -> String {
    let sides = compare.sides();
    let many = sides.len() > 2;
    match compare.case.get() {
        Case::Same => format!("{} are alike. Change a setting: it goes to the side in hand.", letters(sides)),
        Case::Ready(_) => format!("Simulating {}…", if many { "all sides" } else { "both sides" }),
        Case::Apart(_) | Case::Unsound(..) | Case::Alone => {
            format!("There is no comparison of these {}.", ["two", "three", "four"][sides.len().clamp(2, 4) - 2])
        }
    }
}

/// What the sides are called: the baseline, which the others are set against.
fn names(compare: Compare) -> AnyView {
    let sides = Memo::new(move |_| compare.sides());
    let name = move |side: Side| {
        let name = move || Some(compare.name(side)).filter(|n| !n.is_empty()).map(|n| format!(" {n}"));
        let before = match side {
            Side::A => "",
            Side::B => " against ",
            Side::C | Side::D => ", ",
        };
        view! {
            <span class="muted">{before}</span>
            <span class="side-of"><b class=format!("side-{}", side.name())>{side.name()}</b> {name}</span>
        }
    };
    view! { <h1 data-testid="compare-names">{move || sides.get().iter().map(|side| name(*side)).collect_view()}</h1> }
        .into_any()
}

/// Why there is no comparison, and what would make one.
fn in_the_way(compare: Compare) -> AnyView {
    let store = compare.store;
    let whom = move || if untrack(|| compare.sides()).len() > 2 { "all" } else { "B" };
    let block = move || match compare.case.get() {
        Case::Alone | Case::Same | Case::Ready(_) => None,
        Case::Apart(obstacles) => Some(
            view! {
                <p><strong>{case::why_apart(compare.sides(), &obstacles)}</strong></p>
                <button
                    type="button"
                    class="quiet"
                    data-testid="align-sides"
                    on:click=move |_| store.open(&format!("Align {} with A", whom()), store.experiment().aligned())
                >
                    {format!("Give {} the load and the simulation settings of A", whom())}
                </button>
            }
            .into_any(),
        ),
        Case::Unsound(side, found) => Some(unsound(compare, side, &found)),
    };
    let like = Memo::new(move |_| case::is_like_for_like(&store.followed()));
    let failed = move || {
        compare.run.with(|r| match r.as_ref().map(|r| &r.stage) {
            Some(Stage::Failed(why)) => Some(why.clone()),
            _ => None,
        })
    };
    view! {
        {move || block().map(|b| view! { <div class="problems" role="alert" data-testid="compare-problem">{b}</div> })}
        {move || failed().map(|why| view! {
            <div class="problems" role="alert" data-testid="compare-failed"><p><strong>"The comparison did not finish: "</strong> {why} "."</p></div>
        })}
        {move || (!like.get()).then(|| view! {
            <p class="finding warning" data-testid="compare-unlike">
                <span aria-hidden="true">"! "</span>
                {move || letters(compare.sides())}
                " are not sent the same requests, because their traffic differs: part of every difference is the traffic’s, and intervals are wider than those of true pairs."
            </p>
        })}
    }
    .into_any()
}

/// A side that cannot be simulated: what was found, and the way to mend it.
fn unsound(compare: Compare, side: Side, found: &[Diagnostic]) -> AnyView {
    let store = compare.store;
    let in_hand = move || super::which_side(store) == Some(side);
    let errors: Vec<Diagnostic> = found.iter().filter(|d| d.is_error()).cloned().collect();
    let list = errors.iter().map(|d| format!("{} {}.", form::names::of(&d.path), d.message));
    let list = list
        .map(|text| view! { <p class="finding error"><span aria-hidden="true">"✗ "</span> {text}</p> })
        .collect_view();
    view! {
        <p><strong>{format!("{} cannot be simulated.", side.name())}</strong></p>
        {list}
        <button type="button" class="quiet" hidden=in_hand on:click=move |_| store.edit_side(side)>
            {format!("Edit {}", side.name())}
        </button>
    }
    .into_any()
}

/// The settings in which they differ.
fn differing(compare: Compare) -> AnyView {
    let many = Memo::new(move |_| compare.sides().len() > 2);
    let row = move |s: Setting| if many.get() { of_each(s) } else { of_two(s) };
    let rows = move || compare.settings.get().into_iter().map(row).collect_view();
    let title = move || if many.get() { "What differs" } else { "What differs, A → B" };
    view! {
        <section class="compare-settings" class:many=many aria-labelledby="compare-settings-title" hidden={move || compare.settings.with(Vec::is_empty)}>
            <h2 id="compare-settings-title">{title}</h2>
            <ul data-testid="compare-settings">{rows}</ul>
        </section>
    }
    .into_any()
}

fn of_two(s: Setting) -> AnyView {
    let [a, b] = [0, 1].map(|i| s.values.get(i).cloned().unwrap_or_default());
    view! {
        <li>
            <span class="name">{s.name} ": "</span>
            <span>{a}</span>
            <span aria-hidden="true">" → "</span>
            <span class="visually-hidden">" in A, "</span>
            <b>{b}</b>
            <span class="visually-hidden">" in B"</span>
        </li>
    }
    .into_any()
}

/// A value for each side; those that are the baseline's are told from those that are not.
fn of_each(s: Setting) -> AnyView {
    let last = s.values.len().saturating_sub(1);
    let baseline = s.values.first().cloned();
    let value = |(i, (side, value)): (usize, (Side, String))| {
        let same = side != Side::A && Some(&value) == baseline.as_ref();
        view! {
            <span class="value" class:muted=same>
                <b class=format!("side-{}", side.name())>{side.name()}</b> " " {value} {if i < last { ", " } else { "" }}
            </span>
        }
    };
    let values = Side::ALL.into_iter().zip(s.values.clone()).enumerate().map(value).collect_view();
    view! { <li><span class="name">{s.name} ": "</span> {values}</li> }.into_any()
}

/// How far it is, and a way to stop it.
fn progress(compare: Compare) -> AnyView {
    let counts = move || compare.run.with(|r| r.as_ref().map_or((0, 1), |r| (r.done, r.total.max(1))));
    let text = move || {
        let (done, total) = counts();
        let who = compare.run.with(|r| r.as_ref().map_or_else(String::new, |r| letters(r.variants.sides())));
        let over =
            compare.run.with(|r| r.as_ref().filter(|r| r.stage == Stage::Done).map(|r| (r.remembered, r.spent_ms)));
        match over {
            Some((remembered, _)) if remembered == total => format!("{total} loads of {who}, remembered"),
            Some((0, ms)) => format!("{total} loads of {who} in {}", say::span(ms)),
            Some((remembered, ms)) => {
                format!("{total} loads of {who} in {}; {remembered} of them remembered", say::span(ms))
            }
            None => format!("{done} of {total} loads of {who}"),
        }
    };
    let over = move || matches!(stage(compare), "stopped" | "failed");
    view! {
        <div class="compare-progress" hidden={move || compare.run.with(Option::is_none)}>
            <progress
                aria-label="Loads of all sides simulated"
                max={move || counts().1.to_string()}
                prop:value={move || counts().0 as f64}
                hidden={move || !compare.is_running()}
            ></progress>
            <span data-testid="compare-progress">{text}</span>
            <button type="button" class="quiet" data-testid="compare-cancel" hidden={move || !compare.is_running()} on:click=move |_| compare.cancel()>"Cancel"</button>
            <button type="button" class="quiet" data-testid="compare-run" hidden={move || !over()} on:click=move |_| compare.start()>"Run"</button>
        </div>
    }
    .into_any()
}

/// What the marks mean, in words.
fn legend(compare: Compare) -> AnyView {
    let look = |side: &Side| match side {
        Side::A => ("mark line-a", "A: solid, discs"),
        Side::B => ("mark line-b", "B: dashed, triangles"),
        Side::C => ("mark line-c", "C: dotted, squares"),
        Side::D => ("mark line-d", "D: dots and dashes, diamonds"),
    };
    let line = move |side: &Side| {
        let (class, words) = look(side);
        view! { <li><span class=class aria-hidden="true"></span> {words}</li> }
    };
    view! {
        <ul class="legend" aria-label="Marks in the figures">
            {move || compare.sides().iter().map(line).collect_view()}
            <li><span class="mark ring" aria-hidden="true"></span> "open: the fleet does not keep up here"</li>
            <li><span class="mark dash" aria-hidden="true"></span> "target"</li>
        </ul>
    }
    .into_any()
}

/// For the ear: the sentences, once every load is there.
fn announcer(compare: Compare) -> AnyView {
    let statistic = compare.store.statistic;
    let said = Memo::new(move |_| {
        let statistic = statistic.get();
        let said = compare.with_answers(|run, all| {
            (run.stage == Stage::Done).then(|| words::sentences(all, statistic, Length::Full, true).join(" "))
        });
        said.flatten()
    });
    view! { <p class="visually-hidden" aria-live="polite" data-testid="compare-live">{move || said.get()}</p> }
        .into_any()
}
