//! The two parts of the page as tabs: arrow keys, Home and End go from one to the other.

use super::{Sweep, Tab};
use crate::browser;
use crate::draw::{plotly, queue};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

const TABS: [(Tab, &str, &str); 2] = [(Tab::Answer, "answer", "Answer"), (Tab::Sweep, "sweep", "Sweep")];

fn element(id: &str) -> Option<HtmlElement> {
    browser::document().get_element_by_id(id)?.dyn_into().ok()
}

/// Takes the focus to a tab.
pub(super) fn focus(tab: Tab) {
    let name = TABS.iter().find(|t| t.0 == tab).map_or("", |t| t.1);
    if let Some(button) = element(&format!("tab-{name}")) {
        // An element that takes no focus leaves it where it is.
        let _ = button.focus();
    }
}

/// Tabs, and what they show.
pub(crate) fn view(sweep: Sweep, answer: AnyView, other: AnyView) -> AnyView {
    let shown = sweep.tab;
    Effect::new(move |before: Option<Tab>| {
        let now = shown.get();
        if before.is_some_and(|b| b != now) {
            // Figures that changed, or whose place did, while they were hidden.
            request_animation_frame(refresh);
        }
        now
    });
    let key = move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowRight" if shown.get_untracked() == Tab::Answer => Tab::Sweep,
            "ArrowLeft" | "ArrowRight" | "Home" => Tab::Answer,
            "End" => Tab::Sweep,
            _ => return,
        };
        event.prevent_default();
        shown.set(to);
        focus(to);
    };
    let button = move |(tab, name, title): (Tab, &'static str, &'static str)| {
        view! {
            <button
                type="button"
                role="tab"
                id=format!("tab-{name}")
                data-testid=format!("tab-{name}")
                aria-controls=format!("panel-{name}")
                aria-selected={move || (shown.get() == tab).to_string()}
                tabindex={move || if shown.get() == tab { "0" } else { "-1" }}
                on:click=move |_| shown.set(tab)
            >
                {title}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="Answer or sweep" on:keydown=key>{TABS.map(button).into_iter().collect_view()}</div>
        <div role="tabpanel" id="panel-answer" aria-labelledby="tab-answer" hidden={move || shown.get() != Tab::Answer}>{answer}</div>
        <div role="tabpanel" id="panel-sweep" aria-labelledby="tab-sweep" hidden={move || shown.get() != Tab::Sweep}>{other}</div>
    }
    .into_any()
}

fn refresh() {
    queue::redraw_now();
    let Ok(plots) = browser::document().query_selector_all("[role=tabpanel]:not([hidden]) .js-plotly-plot") else {
        return;
    };
    for i in 0..plots.length() {
        let plot = plots.item(i).and_then(|p| p.dyn_into::<HtmlElement>().ok());
        // One that is in a hidden place, behind its table, is fitted when it is shown.
        if let Some(plot) = plot.filter(|p| p.client_width() > 0) {
            plotly::fit(&plot);
        }
    }
}
