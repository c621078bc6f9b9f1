//! What stands around a figure: heading, what it can be saved as, the way to its table and back, caption.

use super::plotly::Bundle;
use crate::export::{self, Menu};
use leptos::prelude::*;

/// A figure's frame.
pub(crate) struct Frame {
    pub(crate) title: &'static str,
    /// Its name in ids and tests.
    pub(crate) id: String,
    /// What it shows, for those who do not see the heading.
    pub(crate) name: String,
    pub(crate) bundle: RwSignal<Bundle>,
    /// Whether the table stands in its place.
    pub(crate) as_table: RwSignal<bool>,
    /// Whether it needs more height than others.
    pub(crate) tall: bool,
    /// What it can be saved as; none where there is no room for that.
    pub(crate) save: Option<Menu>,
}

/// The whole `<figure>`; `about` follows the title in the heading.
pub(crate) fn view(
    frame: Frame,
    drawing: AnyView,
    table: impl Fn() -> AnyView + Send + 'static,
    about: impl Fn() -> Option<String> + Send + 'static,
    caption: impl Fn() -> Option<String> + Send + 'static,
) -> AnyView {
    let Frame { title, id, name, bundle, as_table, tall, save } = frame;
    let title_id = format!("title-{id}");
    let labelled = title_id.clone();
    let toggle = move || if as_table.get() { "Chart" } else { "Table" };
    let failed = move || bundle.get() == Bundle::Failed;
    let show_table = move || as_table.get() || failed();
    view! {
        <figure class="chart" class:tall=tall data-testid=format!("chart-{id}") aria-labelledby=labelled>
            <div class="chart-head">
                <h2 id=title_id>{title} " " <span class="muted">{about}</span></h2>
                {save.map(export::menu)}
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
