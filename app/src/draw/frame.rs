//! What stands around a figure: heading, the way to its table and back, caption.

use super::plotly::Bundle;
use crate::chart::Chart;
use crate::state::Store;
use leptos::prelude::*;

/// A figure's frame.
pub(crate) struct Frame {
    pub(crate) store: Store,
    pub(crate) chart: &'static Chart,
    /// Its name in ids and tests.
    pub(crate) id: String,
    /// What it shows, for those who do not see the heading.
    pub(crate) name: String,
    pub(crate) bundle: RwSignal<Bundle>,
    /// Whether the table stands in its place.
    pub(crate) as_table: RwSignal<bool>,
}

/// The whole `<figure>`; `unit` follows the statistic in the heading.
pub(crate) fn view(
    frame: Frame,
    drawing: AnyView,
    table: impl Fn() -> AnyView + Send + 'static,
    unit: impl Fn() -> Option<String> + Send + 'static,
    caption: impl Fn() -> Option<String> + Send + 'static,
) -> AnyView {
    let Frame { store, chart, id, name, bundle, as_table } = frame;
    let title_id = format!("title-{id}");
    let labelled = title_id.clone();
    let toggle = move || if as_table.get() { "Chart" } else { "Table" };
    let failed = move || bundle.get() == Bundle::Failed;
    let show_table = move || as_table.get() || failed();
    view! {
        <figure class="chart" data-testid=format!("chart-{id}") aria-labelledby=labelled>
            <div class="chart-head">
                <h2 id=title_id>
                    {chart.title} " " <span class="muted">{chart.short} " " {move || store.statistic.get().name()} {unit}</span>
                </h2>
                <button
                    type="button"
                    class="quiet"
                    data-testid=format!("toggle-{id}")
                    aria-label={move || format!("{name}: show as {}", toggle().to_lowercase())}
                    hidden=failed
                    on:click=move |_| as_table.update(|t| *t = !*t)
                >
                    {toggle}
                </button>
            </div>
            <div class="chart-body" hidden=show_table>{drawing}</div>
            {move || show_table().then(&table)}
            <figcaption data-testid=format!("caption-{id}")>{caption}</figcaption>
        </figure>
    }
    .into_any()
}
