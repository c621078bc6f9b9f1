//! The paired differences on the page: every metric of every side at the load of the comparison. Of two, each metric has a row
//! of its own words; of more, a row across the sides, each with its difference from the baseline.

use super::words::{self, Against, Row, Standing};
use super::{Compare, saved};
use crate::draw;
use crate::export::{self, Item, Menu};
use crate::say;
use leptos::prelude::*;
use playground_core::study::compare::Side;

/// The section.
pub(super) fn view(compare: Compare) -> AnyView {
    let statistic = compare.store.statistic;
    let rows = Memo::new(move |_| {
        let statistic = statistic.get();
        compare.with_answers(|_, all| words::rows(all, statistic)).unwrap_or_default()
    });
    let sides = Memo::new(move |_| rows.with(|all| all.first().map_or(&[][..], |r| Side::first(r.others.len() + 1))));
    let load =
        move || compare.run.with(|r| r.as_ref().map(|r| format!(" at {}", say::load(r.variants.plans[0].load()))));
    view! {
        <section class="loads" aria-labelledby="compare-table-title">
            <div class="chart-head">
                <h2 id="compare-table-title">"Paired differences" {load}</h2>
                {export::menu(menu(compare))}
            </div>
            <div class:matrix=move || sides.get().len() != 2>
                {draw::table(
                    "Table of paired differences",
                    "compare-table",
                    move || heads(sides.get()),
                    move || {
                        let line = if sides.get().len() == 2 { pair } else { across };
                        rows.get().into_iter().map(line).collect_view()
                    },
                )}
            </div>
            <p class="hint" data-testid="compare-note">{move || note(compare)}</p>
        </section>
    }
    .into_any()
}

/// What everything is based on.
fn note(compare: Compare) -> Option<String> {
    compare.with_answers(|_, all| {
        let facts = &all[0].report.run;
        let (sides, against) = if all.len() > 2 { ("all", "Each side is set against A. ") } else { ("both", "") };
        format!(
            "{against}Brackets are 95 % intervals over n = {} paired repetitions of {} s after {} s of warm-up, seed {}; {sides} sides see the same requests in the same order wherever their traffic is the same.",
            facts.replications,
            say::number(facts.horizon_s),
            say::number(facts.warmup_s),
            facts.seed
        )
    })
}

/// What it can be saved as.
fn menu(compare: Compare) -> Menu {
    let store = compare.store;
    let text = Item::text(store, ("md", "Markdown table"), "comparison", "md", move |stamp| {
        let statistic = store.statistic.get_untracked();
        let names: Vec<(Side, String)> = compare.sides().iter().map(|side| (*side, compare.name(*side))).collect();
        compare.with_answers(|_, all| saved::markdown(&names, all, statistic, stamp))
    });
    let json = Item::text(store, ("json", "JSON of all differences"), "comparison", "json", move |_| {
        let settings = compare.settings.get_untracked();
        compare.with_answers(|_, all| saved::json(&settings, all))
    });
    let sheet = move || compare.with_answers(|_, all| saved::sheet(all));
    let items = vec![Item::csv(store, "comparison", sheet), text, json];
    Menu::save("comparison", "paired differences", items, Signal::derive(move || compare.is_whole()))
}

fn heads(sides: &'static [Side]) -> AnyView {
    let letter = |side: &Side| {
        view! { <th scope="col" role="columnheader"><span class=format!("side-{}", side.name())>{side.name()}</span></th> }
    };
    let letters = sides.iter().map(letter).collect_view();
    let more = (sides.len() == 2).then(|| {
        view! {
            <th scope="col">"B − A"</th>
            <th scope="col">"Change"</th>
            <th scope="col">"n"</th>
            <th scope="col">"In words"</th>
        }
    });
    view! { <th scope="col" role="columnheader">"Metric"</th> {letters} {more} }.into_any()
}

/// Of two: one row, everything in columns.
fn pair(row: Row) -> AnyView {
    let Row { name, baseline, others } = row;
    let cells = others.into_iter().map(|b| {
        let (class, sign) = b.standing.look();
        let words = match b.standing {
            Standing::Better | Standing::Worse => format!("{} is {}", b.side.name(), b.standing.words()),
            other => other.words().to_owned(),
        };
        view! {
            <td>{b.value}</td>
            <td>{b.difference}</td>
            <td>{b.change}</td>
            <td>{b.pairs.map(|n| n.to_string())}</td>
            <td class=class><span aria-hidden="true">{sign}</span> {words}</td>
        }
    });
    view! { <tr><th scope="row">{name}</th> <td>{baseline}</td> {cells.collect_view()}</tr> }.into_any()
}

/// Of several: one row, a side in each column. It says that it is a row, since narrow pages lay it out as a block.
fn across(row: Row) -> AnyView {
    let Row { name, baseline, others } = row;
    let cell = |side: Against| {
        let (class, sign) = side.standing.look();
        let more = side.pairs.map(|_| {
            view! {
                <span class="difference">{side.difference}</span>
                " "
                <span class=format!("difference {class}")><span aria-hidden="true">{sign}</span> {side.standing.words()}</span>
            }
        });
        view! { <td role="cell">{side.value} " " {more}</td> }
    };
    view! {
        <tr role="row"><th scope="row" role="rowheader">{name}</th> <td role="cell">{baseline}</td> {others.into_iter().map(cell).collect_view()}</tr>
    }
    .into_any()
}
