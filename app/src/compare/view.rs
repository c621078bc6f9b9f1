//! The comparison on the page: the sentence, what differs, figures, the table; or what is in the way of it.

use super::case::{self, Case};
use super::words::{self, Length, Row, Standing};
use super::{Compare, overlay, routing_offer, with_copy, with_other_routing};
use crate::chart::{CHARTS, Palette};
use crate::draw;
use crate::draw::plotly::Bundle;
use crate::form;
use crate::pool::Stage;
use crate::say;
use leptos::prelude::*;
use playground_core::scenario::Diagnostic;
use playground_core::study::compare::Side;

/// Everything of the Compare tab; `controls` is the load and how figures are looked at.
pub(crate) fn view(compare: Compare, bundle: RwSignal<Bundle>, palette: Memo<Palette>, controls: AnyView) -> AnyView {
    let alone = Memo::new(move |_| compare.case.with(|c| *c == Case::Alone));
    let figures = CHARTS.iter().map(|chart| overlay::view(compare, chart, bundle, palette, false)).collect_view();
    let empty = move || compare.run.with(|r| r.as_ref().is_none_or(|r| r.answers.is_none()));
    view! {
        <div class="compare" data-testid="compare" data-stage={move || stage(compare)} data-loads={move || loads(compare)}>
            {move || alone.get().then(|| start(compare))}
            <div hidden={move || alone.get()}>
                {verdict(compare, Length::Full)}
                {in_the_way(compare)}
                {differing(compare)}
                <div class="load-bar">{controls}</div>
                {progress(compare)}
                <div class="result" class:stale=move || compare.is_stale() hidden=empty>
                    <div class="charts">{figures}</div>
                    {legend()}
                    {numbers(compare)}
                </div>
            </div>
            {announcer(compare)}
        </div>
    }
    .into_any()
}

/// The same in somebody else's page: the sentence and one figure.
pub(crate) fn embedded(compare: Compare, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    view! {
        <div class="compare" data-testid="compare" data-stage={move || stage(compare)} data-loads={move || loads(compare)}>
            {verdict(compare, Length::Brief)}
            {in_the_way(compare)}
            <div class="result" class:stale=move || compare.is_stale()>{overlay::view(compare, &CHARTS[0], bundle, palette, true)}</div>
        </div>
    }
    .into_any()
}

/// How many loads of both sides there are.
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
                "Two scenarios side by side, sent the same requests: A stays, and what you set goes to B. Differences come with paired 95 % intervals."
            </p>
            <div class="compare-ways">
                <button type="button" class="primary" data-testid="compare-copy" on:click=move |_| with_copy(store)>"Compare with a copy"</button>
                <button type="button" class="quiet" data-testid="compare-routing" on:click=move |_| with_other_routing(store)>{other}</button>
            </div>
        </section>
    }
    .into_any()
}

/// The answer in a sentence, under the names of the sides.
fn verdict(compare: Compare, length: Length) -> AnyView {
    let statistic = compare.store.statistic;
    let sentence = Memo::new(move |_| {
        compare.run.with(|run| {
            let run = run.as_ref()?;
            let [a, b] = run.answers.as_ref()?;
            Some(words::sentence(a, b, statistic.get(), length, run.stage == Stage::Done))
        })
    });
    let digest = Memo::new(move |_| {
        compare.run.with(|run| {
            let run = run.as_ref().filter(|r| r.stage == Stage::Done)?;
            let [a, b] = run.answers.as_ref()?;
            Some(format!("{}+{}", a.study_digest, b.study_digest))
        })
    });
    let text = move || match sentence.get() {
        Some(text) => text,
        None => match compare.case.get() {
            Case::Same => "A and B are alike. Change a setting: it goes to the side in hand.".into(),
            Case::Ready(_) => "Simulating both sides…".into(),
            Case::Apart(_) | Case::Unsound(..) | Case::Alone => "There is no comparison of these two.".into(),
        },
    };
    let chip = move || match stage(compare) {
        "waiting" if sentence.with(Option::is_some) => Some("of the settings before"),
        "running" if sentence.with(Option::is_some) => Some("more loads to come"),
        "stopped" => Some("stopped"),
        _ => None,
    };
    let name = move |side: Side| {
        let name = move || Some(compare.name(side)).filter(|n| !n.is_empty()).map(|n| format!(" {n}"));
        view! { <span class="side-of"><b class=format!("side-{}", side.name())>{side.name()}</b> {name}</span> }
    };
    view! {
        <div class="verdict-box">
            <h1 data-testid="compare-names">{name(Side::A)} <span class="muted">" against "</span> {name(Side::B)}</h1>
            <p class="verdict" class:muted=move || sentence.with(Option::is_none) data-testid="compare-sentence" data-digest=move || digest.get().unwrap_or_default()>
                {text}
            </p>
            {move || chip().map(|word| view! { <span class="chip">{word}</span> })}
        </div>
    }
    .into_any()
}

/// Why there is no comparison, and what would make one.
fn in_the_way(compare: Compare) -> AnyView {
    let store = compare.store;
    let block = move || match compare.case.get() {
        Case::Alone | Case::Same | Case::Ready(_) => None,
        Case::Apart(obstacles) => Some(
            view! {
                <p><strong>{case::why_apart(&obstacles)}</strong></p>
                <button
                    type="button"
                    class="quiet"
                    data-testid="align-sides"
                    on:click=move |_| store.open("Align B with A", store.experiment().aligned())
                >
                    "Give B the load and the simulation settings of A"
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
                "A and B are not sent the same requests, because their traffic differs: part of every difference is the traffic’s, and intervals are wider than those of true pairs."
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
    let rows = move || {
        let each = compare.settings.get().into_iter();
        each.map(|s| {
            view! {
                <li>
                    <span class="name">{s.name} ": "</span>
                    <span>{s.a}</span>
                    <span aria-hidden="true">" → "</span>
                    <span class="visually-hidden">" in A, "</span>
                    <b>{s.b}</b>
                    <span class="visually-hidden">" in B"</span>
                </li>
            }
        })
        .collect_view()
    };
    view! {
        <section class="compare-settings" aria-labelledby="compare-settings-title" hidden={move || compare.settings.with(Vec::is_empty)}>
            <h2 id="compare-settings-title">"What differs, A → B"</h2>
            <ul data-testid="compare-settings">{rows}</ul>
        </section>
    }
    .into_any()
}

/// How far it is, and a way to stop it.
fn progress(compare: Compare) -> AnyView {
    let counts = move || compare.run.with(|r| r.as_ref().map_or((0, 1), |r| (r.done, r.total.max(1))));
    let text = move || {
        let (done, total) = counts();
        let over =
            compare.run.with(|r| r.as_ref().filter(|r| r.stage == Stage::Done).map(|r| (r.remembered, r.spent_ms)));
        match over {
            Some((remembered, _)) if remembered == total => format!("{total} loads of A and B, remembered"),
            Some((0, ms)) => format!("{total} loads of A and B in {}", say::span(ms)),
            Some((remembered, ms)) => {
                format!("{total} loads of A and B in {}; {remembered} of them remembered", say::span(ms))
            }
            None => format!("{done} of {total} loads of A and B"),
        }
    };
    let over = move || matches!(stage(compare), "stopped" | "failed");
    view! {
        <div class="compare-progress" hidden={move || compare.run.with(Option::is_none)}>
            <progress
                aria-label="Loads of both sides simulated"
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
fn legend() -> AnyView {
    view! {
        <ul class="legend" aria-label="Marks in the figures">
            <li><span class="mark line-a" aria-hidden="true"></span> "A: solid, discs"</li>
            <li><span class="mark line-b" aria-hidden="true"></span> "B: dashed, triangles"</li>
            <li><span class="mark ring" aria-hidden="true"></span> "open: the fleet does not keep up here"</li>
            <li><span class="mark dash" aria-hidden="true"></span> "target"</li>
        </ul>
    }
    .into_any()
}

/// Every metric of both at the load of the comparison.
fn numbers(compare: Compare) -> AnyView {
    let statistic = compare.store.statistic;
    let rows = Memo::new(move |_| {
        compare.run.with(|run| {
            let Some([a, b]) = run.as_ref().and_then(|r| r.answers.as_ref()) else { return Vec::new() };
            words::rows(a, b, statistic.get())
        })
    });
    let note = move || {
        compare.run.with(|run| {
            let run = run.as_ref()?;
            let [a, _] = run.answers.as_ref()?;
            let facts = &a.report.run;
            Some(format!(
                "Brackets are 95 % intervals over n = {} paired repetitions of {} s after {} s of warm-up, seed {}; both sides see the same requests in the same order wherever their traffic is the same.",
                facts.replications,
                say::number(facts.horizon_s),
                say::number(facts.warmup_s),
                facts.seed
            ))
        })
    };
    let load = move || compare.run.with(|r| r.as_ref().map(|r| format!(" at {}", say::load(r.pair.plans[0].load()))));
    view! {
        <section class="loads" aria-labelledby="compare-table-title">
            <h2 id="compare-table-title">"Paired differences" {load}</h2>
            {draw::table(
                "Table of paired differences",
                "compare-table",
                view! {
                    <th scope="col">"Metric"</th>
                    <th scope="col">"A"</th>
                    <th scope="col">"B"</th>
                    <th scope="col">"B − A"</th>
                    <th scope="col">"Change"</th>
                    <th scope="col">"n"</th>
                    <th scope="col">"In words"</th>
                },
                move || rows.get().into_iter().map(row).collect_view(),
            )}
            <p class="hint" data-testid="compare-note">{note}</p>
        </section>
    }
    .into_any()
}

fn row(r: Row) -> AnyView {
    let (class, sign) = match r.standing {
        Standing::Better => ("meets", "✓ "),
        Standing::Worse => ("misses", "✗ "),
        _ => ("muted", ""),
    };
    view! {
        <tr>
            <th scope="row">{r.name}</th>
            <td>{r.a}</td>
            <td>{r.b}</td>
            <td>{r.difference}</td>
            <td>{r.change}</td>
            <td>{r.pairs.map(|n| n.to_string())}</td>
            <td class=class><span aria-hidden="true">{sign}</span> {r.standing.words()}</td>
        </tr>
    }
    .into_any()
}

/// For the ear: the sentence, once every load is there.
fn announcer(compare: Compare) -> AnyView {
    let statistic = compare.store.statistic;
    let said = Memo::new(move |_| {
        compare.run.with(|run| {
            let run = run.as_ref().filter(|r| r.stage == Stage::Done)?;
            let [a, b] = run.answers.as_ref()?;
            Some(words::sentence(a, b, statistic.get(), Length::Full, true))
        })
    });
    view! { <p class="visually-hidden" aria-live="polite" data-testid="compare-live">{move || said.get()}</p> }
        .into_any()
}
