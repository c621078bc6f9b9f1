//! The page: where its parts are. No arithmetic.

mod banners;
mod classes;
mod embed;
mod fetched;
mod header;
mod loads;
mod looks;
mod presets;
mod rate;
mod share;
mod stage;
mod status;
mod tabs;
mod tiles;
mod verdict;

pub(crate) use presets::starts;
pub(crate) use share::Share;

use crate::browser;
use crate::chart::Palette;
use crate::commands::{self, Desk};
use crate::compare::Compare;
use crate::draw::plotly::{self, Bundle};
use crate::draw::{palette, queue};
use crate::glossary::Glossary;
use crate::import::{self, Import};
use crate::later;
use crate::next::Next;
use crate::panel;
use crate::pool;
use crate::state::theme::Colours;
use crate::state::{Conductor, Memory, Store, link};
use leptos::prelude::*;

/// What the parts need besides the store.
#[derive(Clone, Copy)]
struct Parts {
    store: Store,
    compare: Compare,
    next: Next,
    colours: Colours,
    bundle: RwSignal<Bundle>,
    palette: Memo<Palette>,
}

/// Puts the page in place of its static shell, starts the workers, and asks the first question; what is not seen first follows
/// in parts.
pub(crate) fn mount() {
    let Some(place) = browser::document().get_element_by_id("app") else {
        return browser::complain("the page has no place for the app");
    };
    let embedded = browser::query("embed").as_deref() == Some("1");
    place.set_inner_html("");
    let app = move || {
        let (experiment, read) = link::opening();
        let store = Store::new(experiment, embedded);
        if let Some(read) = &read {
            link::remark(store, read);
        }
        link::follow(store);
        let workers = pool::size(browser::window().navigator().hardware_concurrency());
        let memory = Memory::default();
        store.conduct(Conductor::new(store, workers, memory.clone()));
        let compare = Compare::new(store, memory.clone());
        let next = Next::new(store, memory);
        let colours = Colours::start();
        colours.light_on_paper(queue::redraw_now);
        let palette = Memo::new(move |_| {
            colours.changed.track();
            palette::read()
        });
        let bundle = RwSignal::new(Bundle::Away);
        plotly::tell(bundle);
        let parts = Parts { store, compare, next, colours, bundle, palette };
        if embedded { embed::view(parts) } else { full(parts) }
    };
    // The page lives as long as its document.
    leptos::mount::mount_to(wasm_bindgen::JsCast::unchecked_into(place), app).forget();
    later::follow();
}

fn full(parts: Parts) -> AnyView {
    let store = parts.store;
    let glossary = Glossary::new();
    let import = Import::new(store);
    let desk = Desk::new(store, parts.compare, parts.colours, import, Share::new(store), glossary);
    let open = RwSignal::new(false);
    view! {
        <div class="app">
            {header::view(desk)}
            {banners::view(store)}
            <div class="columns">
                <aside class="side" class:open=move || open.get()>
                    <button
                        type="button"
                        class="side-toggle"
                        data-testid="edit-scenario"
                        aria-expanded={move || open.get().to_string()}
                        aria-controls="scenario"
                        on:click=move |_| open.update(|o| *o = !*o)
                    >
                        {move || if open.get() { "Close the scenario" } else { "Edit the scenario" }}
                    </button>
                    <div class="side-body" id="scenario">{later::part(move || panel::view(store))}</div>
                </aside>
                <main class="stage" id="stage" tabindex="-1">{stage::view(parts)}</main>
            </div>
            {later::part(move || status::view(store))}
            {later::part(move || import::view(import))}
            {later::part(move || commands::view(desk))}
        </div>
    }
    .into_any()
}
