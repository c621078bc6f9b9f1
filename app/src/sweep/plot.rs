//! The sweep's picture on the page: drawing, keyboard, and what a click does.

use super::{Sweep, words};
use crate::chart::pareto::{self, Dot, View};
use crate::chart::{Figure, Palette};
use crate::draw::plot::{self, Plot};
use crate::draw::plotly::Bundle;
use leptos::prelude::*;
use std::sync::Arc;

/// The figure in its place, and the way to make it for another size.
pub(super) fn view(
    sweep: Sweep,
    bundle: RwSignal<Bundle>,
    palette: Memo<Palette>,
) -> (AnyView, impl Fn((i32, i32)) -> Option<Figure> + Copy + Send + Sync + 'static) {
    let dots: Memo<Arc<Vec<(u32, Dot)>>> =
        Memo::new(move |_| Arc::new(sweep.run.with(|r| r.as_ref().map_or_else(Vec::new, |r| words::dots(&r.points)))));
    let target = Memo::new(move |_| {
        sweep.run.with(|r| {
            let slo = &r.as_ref()?.scenario.workload.classes.first()?.slo;
            Some((slo.ttft_ms?, slo.percentile))
        })
    });
    // Before the first point nothing moves: Plotly draws the empty axes while there is time, and has less to do at the end.
    let moving =
        Memo::new(move |_| sweep.run.with(|r| r.as_ref().is_some_and(|r| r.is_running() && !r.points.is_empty())));
    let figure = move |(width, height): (i32, i32)| {
        let (palette, labels) = (palette.get(), !moving.get());
        let (width, height) = (f64::from(width), f64::from(height));
        let view = View { width, height, target: target.get(), labels, palette: &palette };
        let only: Vec<Dot> = dots.get().iter().map(|(_, d)| d.clone()).collect();
        Some(pareto::figure(&only, &view))
    };
    let open = move |n: usize| {
        let index = dots.with_untracked(|d| d.get(n).map(|d| d.0));
        if let Some(index) = index {
            sweep.open(index);
        }
    };
    let plot = Plot {
        id: "sweep".into(),
        label: "Points of the sweep: arrow keys go from point to point, Enter opens one".into(),
        hover_trace: pareto::HOVER_TRACE,
        words: Memo::new(move |_| dots.get().iter().map(|(_, d)| d.words.clone()).collect()),
        bundle,
        moving: moving.into(),
        pictured: false,
        away: RwSignal::new(false),
        choose: Some(Callback::new(open)),
    };
    let follow = move || {
        dots.track();
        target.track();
        palette.track();
    };
    (plot::view(plot, follow, figure), figure)
}
