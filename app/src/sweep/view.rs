//! The sweep on the page: its axes, its progress, the picture, what it says, the table.

use super::table::{self, Column, Row};
use super::{Sweep, axes, plot, words};
use crate::chart::Palette;
use crate::chart::pareto::TIERS;
use crate::draw;
use crate::draw::plotly::Bundle;
use crate::draw::queue;
use crate::export::{self, Item, Menu};
use crate::form::names;
use crate::pool::{self, Stage};
use crate::say;
use crate::state::Tab;
use crate::wire::Ticket;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::study::sweep::COMBINATIONS_MAX;
use std::time::Duration;

/// Everything of the Sweep tab.
pub(crate) fn view(sweep: Sweep, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && untrack(|| sweep.is_running()) {
            event.prevent_default();
            sweep.cancel();
        }
    };
    view! {
        <div class="sweep" on:keydown=escape>
            {question(sweep)}
            {live(sweep)}
            <div hidden={move || sweep.run.with(Option::is_none)}>
                {picture(sweep, bundle, palette)}
                {findings(sweep)}
                {numbers(sweep)}
            </div>
        </div>
    }
    .into_any()
}

/// What is to be swept.
fn question(sweep: Sweep) -> AnyView {
    let paths = Memo::new(move |_| sweep.fields.with(|f| f.iter().map(|f| f.path.clone()).collect::<Vec<_>>()));
    let fields = move || (0..paths.with(Vec::len)).map(|i| field(sweep, i)).collect_view();
    let plan = move || {
        let Some(n) = sweep.count() else { return "Correct the lists above to run them.".to_owned() };
        if n > COMBINATIONS_MAX {
            return format!(
                "{} combinations: at most {} can be run.",
                say::count(n as u64),
                say::count(COMBINATIONS_MAX as u64)
            );
        }
        let each_ms = sweep.runner().combination_ms.get();
        let word = if n == 1 { "combination" } else { "combinations" };
        format!(
            "{} {word}, {}",
            say::count(n as u64),
            words::about(each_ms * n as f64 / pool::beside().min(n.max(1)) as f64)
        )
    };
    view! {
        <section class="sweep-question" aria-labelledby="sweep-title">
            <h1 id="sweep-title">"Which deployment serves the most within the targets?"</h1>
            <p class="muted">
                "Every combination of these settings of the scenario, each pushed to the highest load that it sustains."
            </p>
            <div class="sweep-axes">{fields} {adding(sweep)}</div>
            <div class="sweep-start">
                <button
                    type="button"
                    class="primary"
                    data-testid="sweep-run"
                    disabled={move || !sweep.is_ready() || sweep.is_running()}
                    on:click=move |_| sweep.start()
                >
                    {move || if sweep.run.with(Option::is_some) { "Run the sweep again" } else { "Run the sweep" }}
                </button>
                <span data-testid="sweep-plan">{plan}</span>
            </div>
            {progress(sweep)}
            <p class="hint" data-testid="sweep-definition">{words::DEFINITION}</p>
        </section>
    }
    .into_any()
}

fn field(sweep: Sweep, i: usize) -> AnyView {
    let of = move |what: fn(&super::Field) -> String| sweep.fields.with(|f| f.get(i).map(what).unwrap_or_default());
    let (name, path) = untrack(|| (of(|f| f.name.clone()), of(|f| f.path.clone())));
    let problem = move || sweep.axes.with(|a| a.as_ref().err().and_then(|all| all.get(i).cloned().flatten()));
    let (id, note) = (format!("sweep-axis-{i}"), format!("sweep-axis-{i}-problem"));
    view! {
        <div class="field">
            <div class="field-head">
                <label for=id.clone()>{name.clone()} " " <span class="unit">"values"</span></label>
                <button
                    type="button"
                    class="quiet"
                    data-testid=format!("sweep-remove-{i}")
                    aria-label=format!("Sweep no more over {name}")
                    title="Take this setting out of the sweep"
                    hidden={move || sweep.fields.with(|f| f.len() < 2)}
                    on:click=move |_| remove(sweep, i)
                >
                    "✕"
                </button>
            </div>
            <input
                type="text"
                id=id.clone()
                data-testid=id
                data-path=path
                autocomplete="off"
                spellcheck="false"
                aria-describedby=note.clone()
                aria-invalid={move || problem().is_some().to_string()}
                prop:value={move || of(|f| f.text.clone())}
                on:input:target=move |e| {
                    let text = e.target().value();
                    sweep.fields.update(|all| if let Some(f) = all.get_mut(i) { f.text = text });
                }
                on:change=move |_| sweep.keep()
                on:keydown=move |e: web_sys::KeyboardEvent| if e.key() == "Enter" && !untrack(|| sweep.is_running()) { sweep.start() }
            />
            <div id=note>
                {move || problem().map(|text| view! { <p class="finding error"><span aria-hidden="true">"✗ "</span> {text}</p> })}
            </div>
        </div>
    }
    .into_any()
}

/// The list of what else could be swept over.
const ADDING: &str = "sweep-add";

fn adding(sweep: Sweep) -> AnyView {
    let others = Memo::new(move |_| {
        // Only while somebody looks are all numbers gone through with every edit.
        if sweep.store.tab.get() == Tab::Sweep {
            sweep.store.scenario.track();
        }
        sweep.store.scenario.with_untracked(|s| sweep.fields.with(|f| axes::others(s, f)))
    });
    let option = |path: String| {
        let text = format!("{} ({path})", names::of(&path));
        view! { <option value=path>{text}</option> }
    };
    view! {
        <div class="field">
            <div class="field-head"><label for=ADDING>"Another setting"</label></div>
            <select
                id=ADDING
                data-testid=ADDING
                on:change:target=move |e| {
                    let list = e.target();
                    let path = list.value();
                    list.set_value("");
                    sweep.store.sweep_over(&path);
                }
            >
                <option value="">"Sweep over …"</option>
                {move || others.get().into_iter().map(option).collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// Takes an axis out; whoever did so without a mouse goes on where one can be added.
fn remove(sweep: Sweep, i: usize) {
    if let Some(list) = document().get_element_by_id(ADDING) {
        let list: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(list);
        let _ = list.focus();
    }
    sweep.remove(i);
}

/// How far it is.
fn progress(sweep: Sweep) -> AnyView {
    let done = move || sweep.run.with(|r| r.as_ref().map_or(0, |r| r.points.len()));
    let total = move || sweep.run.with(|r| r.as_ref().map_or(1, |r| r.total));
    let text = move || {
        sweep.run.with(|run| {
            let Some(run) = run else { return String::new() };
            let (done, total) = (run.points.len(), run.total);
            match &run.stage {
                Stage::Running if done == 0 => format!("0 of {total}"),
                Stage::Running => {
                    let left = run.spent_ms / done as f64 * (total - done) as f64;
                    format!("{done} of {total}, {} left", words::about(left))
                }
                Stage::Done => format!("{done} of {total}, simulated in {}", say::span(run.spent_ms)),
                Stage::Stopped => format!("{done} of {total} — partial: stopped"),
                Stage::Failed(why) => format!("{done} of {total} — partial: {why}"),
            }
        })
    };
    view! {
        <div class="sweep-progress" hidden={move || sweep.run.with(Option::is_none)}>
            <progress
                aria-label="Combinations simulated"
                max={move || total().to_string()}
                prop:value={move || done() as f64}
                hidden={move || !sweep.is_running()}
            ></progress>
            <span data-testid="sweep-progress">{text}</span>
            <button type="button" class="quiet" data-testid="sweep-cancel" hidden={move || !sweep.is_running()} on:click=move |_| sweep.cancel()>
                "Cancel"
            </button>
        </div>
    }
    .into_any()
}

/// For the ear: each quarter, and the end.
fn live(sweep: Sweep) -> AnyView {
    let quarter = Memo::new(move |_| {
        sweep.run.with(|run| {
            let run = run.as_ref()?;
            Some((run.stage.clone(), run.points.len() * 4 / run.total.max(1), run.total))
        })
    });
    let words = move || match quarter.get() {
        Some((Stage::Running, quarter, total)) if quarter > 0 => format!("{} % of {total} combinations", quarter * 25),
        Some((Stage::Running, ..)) | None => String::new(),
        // The points themselves are not tracked: they do not change any more.
        Some((_, _, total)) => {
            sweep.run.with_untracked(|r| r.as_ref().map_or_else(String::new, |r| words::sentence(&r.points, total)))
        }
    };
    view! { <p class="visually-hidden" aria-live="polite" data-testid="sweep-live">{words}</p> }.into_any()
}

fn picture(sweep: Sweep, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let sentence =
        move || sweep.run.with(|r| r.as_ref().map_or_else(String::new, |r| words::sentence(&r.points, r.total)));
    let partial = move || sweep.run.with(|r| r.as_ref().is_some_and(|r| !r.is_running() && r.points.len() < r.total));
    let (drawing, figure) = plot::view(sweep, bundle, palette);
    let ready = Signal::derive(move || sweep.is_over());
    let items = Item::figure(sweep.store, "sweep", || "Every deployment at its maximum rate".into(), palette, figure);
    let menu = Menu::save("sweep", "the picture of the sweep", items, ready);
    let sizes = TIERS.into_iter().enumerate().map(|(i, name)| {
        view! { <li><span class=format!("mark size-{}", i + 1) aria-hidden="true"></span> {name}</li> }
    });
    view! {
        <p class="finding warning sweep-stale" data-testid="sweep-stale" hidden={move || !sweep.stale.get()}>
            <span aria-hidden="true">"! "</span>
            "The scenario has changed since this sweep in more than the swept settings: run it again to see the difference."
        </p>
        <figure class="chart sweep-chart" data-testid="chart-sweep" aria-labelledby="title-sweep">
            <div class="chart-head">
                <h2 id="title-sweep">
                    "Load against latency " <span class="muted">"every deployment at its maximum rate"</span>
                </h2>
                <span class="chip" hidden={move || !partial()}>"partial"</span>
                {export::menu(menu)}
            </div>
            <div class="chart-body" hidden={move || bundle.get() == Bundle::Failed}>{drawing}</div>
            <figcaption data-testid="sweep-sentence">{sentence}</figcaption>
        </figure>
        <ul class="legend" aria-label="Marks in the picture">
            <li><span class="sign" aria-hidden="true">"★"</span> "best for its number of GPUs: the highest rate"</li>
            <li><span class="mark hoop" aria-hidden="true"></span> "on the frontier: nothing has both a higher rate and a lower TTFT"</li>
            {sizes.collect_view()}
        </ul>
    }
    .into_any()
}

/// The best of each budget, and what cannot be deployed.
fn findings(sweep: Sweep) -> AnyView {
    let best = Memo::new(move |_| sweep.run.with(|r| r.as_ref().map_or_else(Vec::new, |r| words::best(&r.points))));
    let cannot = Memo::new(move |_| sweep.run.with(|r| r.as_ref().map_or_else(Vec::new, |r| words::cannot(&r.points))));
    let line = |b: words::Best| {
        let beaten = b.beaten.map(|why| view! { <span class="beaten">" Not worth it: " {why}</span> });
        view! { <li><b>{words::gpus(b.gpus)} ": "</b> {b.text} {beaten}</li> }
    };
    let reason = |(why, who): (String, Vec<String>)| {
        view! { <li>{who.join("; ")} ": " {why}</li> }
    };
    let how_many = move || cannot.with(|all| all.iter().map(|(_, who)| who.len()).sum::<usize>());
    view! {
        <section class="sweep-best" aria-labelledby="sweep-best-title" hidden={move || best.with(Vec::is_empty)}>
            <h2 id="sweep-best-title">"The best for each number of GPUs"</h2>
            <ul data-testid="sweep-best">{move || best.get().into_iter().map(line).collect_view()}</ul>
        </section>
        <details class="more sweep-cannot" data-testid="sweep-cannot" hidden={move || how_many() == 0}>
            <summary>{move || format!("{} cannot be deployed, and why", how_many())}</summary>
            <ul>{move || cannot.get().into_iter().map(reason).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// The table.
fn numbers(sweep: Sweep) -> AnyView {
    let order = RwSignal::new((Column::Rate, true));
    let rows = RwSignal::new((0, Vec::<Row>::new()));
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        if let Some(timer) = waiting.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        // Nobody sees it behind the other tab.
        if sweep.store.tab.get() != Tab::Sweep {
            return;
        }
        let (by, falling) = order.get();
        sweep.run.track();
        // In a task of its own; while points come in, half a beat after the picture, so that no frame has to lay out both.
        let draw = move || queue::push("sweep-table", move || redraw(sweep, rows, (by, falling)));
        if untrack(|| sweep.is_running()) {
            waiting.set_value(set_timeout_with_handle(draw, Duration::from_millis(pool::SHOW_MS / 2)).ok());
        } else {
            draw();
        }
    });
    let keyed = move || {
        let (began, rows) = rows.get();
        rows.into_iter().map(move |r| (began, r)).collect::<Vec<_>>()
    };
    let file = move || {
        let text = sweep.run.with(|r| r.as_ref().map_or_else(String::new, |r| table::csv(&r.points)));
        format!("data:text/csv;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&text)))
    };
    let finished = Memo::new(move |_| sweep.is_over());
    view! {
        <section class="loads" aria-labelledby="sweep-table-title">
            <div class="chart-head">
                <h2 id="sweep-table-title">"Every deployment in numbers"</h2>
                {move || finished.get().then(|| view! { <a class="file" data-testid="sweep-csv" download="sweep.csv" href=file>"Download CSV"</a> })}
            </div>
            {draw::table(
                "Table of every deployment",
                "sweep-table",
                view! {
                    {Column::ALL.map(|column| head(column, order)).into_iter().collect_view()}
                    <th scope="col"><span class="visually-hidden">"Open"</span></th>
                },
                view! { <For each=keyed key=|(began, r)| (*began, r.id()) children=move |(_, r)| row(sweep, r) /> },
            )}
        </section>
    }
    .into_any()
}

/// Puts the rows on the page as they are now. A row stays what it is within one sweep.
fn redraw(sweep: Sweep, rows: RwSignal<(Ticket, Vec<Row>)>, (by, falling): (Column, bool)) -> bool {
    let (began, mut new) =
        sweep.run.with_untracked(|r| r.as_ref().map_or_else(Default::default, |r| (r.number, table::rows(&r.points))));
    table::sort(&mut new, by, falling);
    if rows.with_untracked(|old| old.1 != new) {
        rows.set((began, new));
    }
    false
}

fn head(column: Column, order: RwSignal<(Column, bool)>) -> AnyView {
    let (name, unit) = column.title();
    let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> });
    let way = move || match order.get() {
        (by, falling) if by == column => Some(if falling { "descending" } else { "ascending" }),
        _ => None,
    };
    let sign = move || match way() {
        Some("descending") => " ▾",
        Some(_) => " ▴",
        None => "",
    };
    let click = move |_| {
        order.update(|(by, falling)| {
            *falling = if *by == column { !*falling } else { column.falls_first() };
            *by = column;
        });
    };
    view! {
        <th scope="col" aria-sort=way>
            <button type="button" class="sort" on:click=click>{name} <span aria-hidden="true">{sign}</span> " " {unit}</button>
        </th>
    }
    .into_any()
}

fn row(sweep: Sweep, r: Row) -> AnyView {
    let cells = r.cells().map(|c| view! { <td>{c}</td> }).into_iter().collect_view();
    let (sign, said) = r.mark;
    let (index, label) = (r.index, format!("Open {}, {}", r.settings, words::gpus(r.gpus)));
    view! {
        <tr class:starred={sign.starts_with('★')}>
            <td class="sign"><span aria-hidden="true" title=said>{sign}</span> <span class="visually-hidden">{said}</span></td>
            <td>{r.gpus}</td>
            <th scope="row">{r.settings}</th>
            {cells}
            <td><button type="button" class="quiet open" aria-label=label on:click=move |_| sweep.open(index)>"Open"</button></td>
        </tr>
    }
    .into_any()
}
