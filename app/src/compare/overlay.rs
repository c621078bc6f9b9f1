//! The sides in figures on the page, all in one or each in one of its own, with the same loads as a table.

use super::Compare;
use crate::chart::overlay::{self, Load, Overlay};
use crate::chart::{Chart, Options, Palette, Point};
use crate::draw;
use crate::draw::frame::{self, Frame};
use crate::draw::plot::{self, Plot};
use crate::draw::plotly::Bundle;
use crate::export::{Cell, Item, Menu, Sheet};
use crate::say;
use leptos::prelude::*;
use playground_core::study::compare::{Difference, Side};
use std::sync::Arc;

/// What a figure is of.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) chart: &'static Chart,
    /// The one side that is drawn; none: all.
    pub(super) only: Option<Side>,
    /// Whether there is less room.
    pub(super) compact: bool,
}

impl Subject {
    /// Its name in ids and tests.
    fn id(self) -> String {
        let side = self.only.map_or_else(String::new, |side| format!("-{}", side.name()));
        format!("compare-{}{side}", self.chart.id)
    }

    /// Whom it shows.
    fn who(self) -> &'static str {
        self.only.map_or("all sides", Side::name)
    }
}

/// Calls with what is drawn; none while there is nothing.
fn with<T>(compare: Compare, only: Option<Side>, f: impl FnOnce(&Overlay<'_>) -> T) -> Option<T> {
    compare.run.with(|run| {
        let run = run.as_ref()?;
        let answers = run.answers()?;
        if only.is_some_and(|side| side.index() >= answers.len()) {
            return None;
        }
        // The axis does not grow while loads come in.
        let planned = run.variants.plans.iter().flat_map(|p| p.loads()).map(|l| l.amount());
        let there = answers.iter().flat_map(|x| x.curve.iter().map(|c| &c.report).chain([&x.report]));
        let highest = there.map(|r| r.load.amount()).chain(planned).fold(0.0, f64::max);
        Some(f(&Overlay { answers, highest, only }))
    })
}

/// The whole `<figure>`.
pub(super) fn view(compare: Compare, subject: Subject, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let Subject { chart, only, compact } = subject;
    let store = compare.store;
    let as_table = RwSignal::new(false);
    let loads: Memo<Arc<Vec<Load>>> = Memo::new(move |_| {
        let statistic = store.statistic.get();
        Arc::new(with(compare, only, |all| overlay::loads(chart, all, statistic)).unwrap_or_default())
    });
    let words = Memo::new(move |_| {
        let statistic = store.statistic.get();
        loads.get().iter().map(|l| overlay::announce(chart, l, statistic)).collect::<Vec<_>>()
    });
    let options = move |width: i32| Options {
        statistic: store.statistic.get(),
        log_y: store.log_y.get(),
        compact: compact || width < plot::NARROW,
        palette: palette.get(),
    };
    let plot = Plot {
        id: subject.id(),
        label: format!("Loads of {}, {}: arrow keys go from load to load", chart.title, subject.who()),
        hover_trace: overlay::HOVER_TRACE,
        words,
        bundle,
        moving: Signal::derive(move || compare.is_running()),
        pictured: true,
        away: as_table,
        choose: None,
    };
    let follow = move || {
        compare.run.track();
        options(0);
    };
    let figure = move |(width, height): (i32, i32)| {
        let options = options(width);
        with(compare, only, |all| overlay::figure(chart, all, &options, height))
    };
    let caption = move || {
        let statistic = store.statistic.get();
        with(compare, only, |all| overlay::describe(chart, all, statistic))
    };
    let (id, name) = (plot.id.clone(), format!("{} of {}", chart.title, subject.who()));
    let save = (!compact).then(|| {
        let what = move || {
            let who = only.map_or_else(|| super::case::letters(compare.sides()), |side| side.name().to_owned());
            format!("{} {} of {who} against load", chart.title, store.statistic.get().name())
        };
        let mut items = Item::figure(store, &id, what, palette, figure);
        items.push(Item::csv(store, &id, move || Some(sheet(chart, &loads.get(), compare.sides().len()))));
        Menu::save(&*id, &*name, items, Signal::derive(move || compare.is_whole()))
    });
    let side = only.map_or_else(String::new, |side| format!("{}: ", side.name()));
    let about = move || Some(format!("{side}{} {}", chart.short, store.statistic.get().name()));
    let frame = Frame { title: chart.title, id, name, bundle, as_table, tall: false, save };
    frame::view(frame, plot::view(plot, follow, figure), move || table(subject, loads), about, caption)
}

/// The loads as data; of a comparison of two a difference needs no name.
fn sheet(chart: &Chart, loads: &[Load], of: usize) -> Sheet {
    let Some(first) = loads.first() else { return Sheet::default() };
    let load = if first.at.is_closed() { "max_concurrency" } else { "offered_rps" };
    let letter = |side: &Side| side.name().to_lowercase();
    let mut head = vec![load.to_owned()];
    head.extend(first.points.iter().map(|(side, _)| format!("{}_{}_s", chart.slo, letter(side))));
    for (side, _) in &first.differences {
        let whose = if of > 2 { format!("{}_", letter(side)) } else { String::new() };
        let columns = ["difference", "difference_ci95_low", "difference_ci95_high"];
        head.extend(columns.map(|column| format!("{}_{whose}{column}_s", chart.slo)));
    }
    head.extend(first.points.iter().map(|(side, _)| format!("{}_steady", letter(side))));
    let row = |l: &Load| {
        let values = l.points.iter().map(|(_, p)| p.as_ref().and_then(|p| p.value_ms));
        let differences = l.differences.iter().flat_map(|(_, d)| {
            let d = d.as_ref();
            [d.map(|d| d.difference), d.and_then(|d| d.lo), d.and_then(|d| d.hi)]
        });
        let seconds = values.chain(differences).map(|ms| Cell::from(ms.map(|ms| ms / 1000.0)));
        let steady = l.points.iter().map(|(_, p)| Cell::from(p.as_ref().map(|p| p.steady)));
        [Cell::from(l.at.amount())].into_iter().chain(seconds).chain(steady).collect()
    };
    Sheet { head, rows: loads.iter().map(row).collect() }
}

/// The loads as a table.
fn table(subject: Subject, loads: Memo<Arc<Vec<Load>>>) -> AnyView {
    let chart = subject.chart;
    // The columns follow the sides; every load has those of the first.
    let sides = Memo::new(move |_| loads.with(|all| all.first().map(drawn).unwrap_or_default()));
    let unit = move || loads.with(|all| all.first().map(|l| say::load_unit(l.at)));
    let heads = move || {
        let (drawn, others) = sides.get();
        let changes = (others.len() == 1).then(|| view! { <th scope="col">"Change"</th> });
        view! {
            {drawn.iter().map(|side| view! { <th scope="col">{side.name()}</th> }).collect_view()}
            {others.iter().map(|side| view! {
                <th scope="col">{side.name()} " − A " <span class="unit">"95 % interval"</span></th>
            }).collect_view()}
            {changes}
        }
    };
    draw::table(
        format!("{} of {} as a table", chart.title, subject.who()),
        format!("chart-table-{}", subject.id()),
        view! {
            <th scope="col">"Load " <span class="unit">{unit}</span></th>
            {heads}
        },
        move || loads.get().iter().map(row).collect_view(),
    )
}

/// The sides whose values a load has, and those whose differences.
fn drawn(load: &Load) -> (Vec<Side>, Vec<Side>) {
    (load.points.iter().map(|(side, _)| *side).collect(), load.differences.iter().map(|(side, _)| *side).collect())
}

fn row(l: &Load) -> impl IntoView + use<> {
    let value = |(_, p): &(Side, Option<Point>)| {
        let Some(p) = p else { return say::NOTHING.to_owned() };
        let open = if p.steady { "" } else { " (not steady)" };
        format!("{}{open}", say::maybe_span(p.value_ms))
    };
    let nothing = || say::NOTHING.to_owned();
    let difference = |(_, d): &(Side, Option<Difference>)| {
        d.as_ref().map_or_else(nothing, |d| say::signed_span_with(d.difference, d.lo, d.hi))
    };
    let change = match &l.differences[..] {
        [(_, d)] => {
            let change = d.as_ref().and_then(|d| d.change);
            Some(change.map_or_else(nothing, |c| say::change_with(c.frac, c.lo, c.hi)))
        }
        _ => None,
    };
    let cells = l.points.iter().map(value).chain(l.differences.iter().map(difference)).chain(change);
    let cells = cells.map(|text| view! { <td>{text}</td> }).collect_view();
    let mark = if l.own { "◆ " } else { "" };
    let own = l.own.then(|| view! { <span class="visually-hidden">" (the load of this comparison)"</span> });
    view! {
        <tr class:own=l.own>
            <th scope="row"><span aria-hidden="true">{mark}</span> {say::load_number(l.at)} {own}</th>
            {cells}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::CHARTS;
    use playground_core::catalog::Catalog;
    use playground_core::report::Statistic;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Answer, Fidelity, LoadCurve};

    #[test]
    fn every_side_and_every_difference_has_its_columns() {
        let answer = |replicas: u32| {
            let mut s = Scenario::default();
            s.topology.pools[0].replicas = replicas;
            (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 3);
            LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled)
        };
        let all = [answer(4), answer(4), answer(4)];
        let of = |n: usize, only: Option<Side>| {
            let answers: Vec<&Answer> = all[..n].iter().collect();
            let loads = overlay::loads(&CHARTS[0], &Overlay { answers, highest: 1.0, only }, Statistic::P99);
            let sheet = sheet(&CHARTS[0], &loads, n);
            assert!(sheet.rows.len() == 4 && sheet.rows.iter().all(|r| r.len() == sheet.head.len()), "{sheet:?}");
            sheet.head.join(" ")
        };
        assert_eq!(
            of(2, None),
            "offered_rps ttft_a_s ttft_b_s ttft_difference_s ttft_difference_ci95_low_s ttft_difference_ci95_high_s a_steady b_steady"
        );
        assert_eq!(
            of(3, None),
            "offered_rps ttft_a_s ttft_b_s ttft_c_s ttft_b_difference_s ttft_b_difference_ci95_low_s ttft_b_difference_ci95_high_s ttft_c_difference_s ttft_c_difference_ci95_low_s ttft_c_difference_ci95_high_s a_steady b_steady c_steady"
        );
        assert_eq!(of(3, Some(Side::A)), "offered_rps ttft_a_s a_steady");
        assert!(of(3, Some(Side::C)).starts_with("offered_rps ttft_c_s ttft_c_difference_s "));
    }
}
