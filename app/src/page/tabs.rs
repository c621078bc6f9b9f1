//! The parts of the page as tabs: arrow keys, Home and End go from one to the other. A part is made when it is first shown,
//! and then kept.

use crate::browser;
use crate::draw::{plotly, queue};
use crate::state::{Store, Tab};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Makes what a tab shows.
pub(super) type Make = Box<dyn Fn() -> AnyView + Send>;

/// Tabs, and what each shows.
pub(super) fn view(store: Store, parts: Vec<(Tab, Make)>) -> AnyView {
    let shown = store.tab;
    Effect::new(move |before: Option<Tab>| {
        let now = shown.get();
        if before.is_some_and(|b| b != now) {
            // Figures that changed, or whose place did, while they were hidden.
            request_animation_frame(refresh);
        }
        now
    });
    let key = move |event: KeyboardEvent| {
        let here = shown.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" => here.next(1),
            "ArrowLeft" => here.next(-1),
            "Home" => Tab::ALL[0],
            "End" => Tab::ALL[Tab::ALL.len() - 1],
            _ => return,
        };
        event.prevent_default();
        shown.set(to);
        to.focus();
    };
    let button = move |tab: Tab| {
        let name = tab.name();
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
                {tab.title()}
            </button>
        }
    };
    let panels = parts.into_iter().map(|(tab, make)| {
        let name = tab.name();
        let made = Memo::new(move |before| before == Some(&true) || shown.get() == tab);
        let body = move || made.get().then(|| untrack(&make));
        view! {
            <div role="tabpanel" id=format!("panel-{name}") aria-labelledby=format!("tab-{name}") hidden={move || shown.get() != tab}>{body}</div>
        }
    });
    view! {
        <div class="tabs" role="tablist" aria-label="Parts of the page" on:keydown=key>{Tab::ALL.map(button).into_iter().collect_view()}</div>
        {panels.collect_view()}
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
