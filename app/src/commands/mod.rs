//! Everything that can be done, as a list: for the palette, for keys, and for the map of keys.
//!
//! `keys` listens. All else comes when it is first asked for: `list` makes the list, `palette` finds by words, `map` shows the
//! keys; with them comes the glossary, whose terms are in the list.

mod keys;
mod list;
mod map;
mod palette;

use crate::compare::Compare;
use crate::dialog;
use crate::glossary::{self, Glossary};
use crate::import::Import;
use crate::page::Share;
use crate::part::{self, Missing};
use crate::state::Store;
use crate::state::theme::Colours;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_split_helpers::wasm_split;

/// One thing that can be done.
#[derive(Clone)]
pub(crate) struct Command {
    /// Its name in tests.
    pub(super) id: String,
    /// What it is about; words to find it by.
    pub(super) group: &'static str,
    pub(super) title: String,
    /// The key that does it, where there is one.
    pub(super) key: Option<&'static str>,
    pub(super) run: Arc<dyn Fn() + Send + Sync>,
}

/// What commands act on. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) compare: Compare,
    pub(crate) colours: Colours,
    pub(crate) import: Import,
    pub(crate) share: Share,
    pub(crate) glossary: Glossary,
    /// Whether the palette is open.
    pub(crate) palette: RwSignal<bool>,
    /// Whether the map of keys is open.
    pub(crate) map: RwSignal<bool>,
    /// Whether single keys do something.
    single: RwSignal<bool>,
}

impl Desk {
    /// The desk of the page; keys work from now on.
    pub(crate) fn new(
        store: Store,
        compare: Compare,
        colours: Colours,
        import: Import,
        share: Share,
        glossary: Glossary,
    ) -> Self {
        let (palette, map) = (RwSignal::new(false), RwSignal::new(false));
        let desk = Desk {
            store,
            compare,
            colours,
            import,
            share,
            glossary,
            palette,
            map,
            single: RwSignal::new(keys::wanted()),
        };
        keys::listen(desk);
        desk
    }
}

/// The boxes of the palette, of the map, and of the glossary.
pub(crate) fn view(desk: Desk) -> AnyView {
    view! {
        {dialog::view("palette", "Commands", desk.palette, move || part::view(|| Box::pin(palette_part()), desk))}
        {dialog::view("map", "Keyboard", desk.map, move || part::view(|| Box::pin(map_part()), desk))}
        {dialog::view("glossary", "Glossary", desk.glossary.open, move || part::view(|| Box::pin(glossary_part()), desk.glossary))}
    }
    .into_any()
}

/// Does what is called so, if there is such a thing now.
fn run(desk: Desk, id: &'static str) {
    part::call(desk.store, || Box::pin(run_part()), move |run| run(desk, id));
}

#[wasm_split(commands, fallible)]
fn palette_part() -> Result<fn(Desk) -> AnyView, Missing> {
    Ok(palette::body)
}

#[wasm_split(commands, fallible)]
fn map_part() -> Result<fn(Desk) -> AnyView, Missing> {
    Ok(map::body)
}

#[wasm_split(commands, fallible)]
fn glossary_part() -> Result<fn(Glossary) -> AnyView, Missing> {
    Ok(glossary::body)
}

#[wasm_split(commands, fallible)]
fn run_part() -> Result<fn(Desk, &'static str), Missing> {
    Ok(|desk, id| {
        if let Some(command) = list::find(desk, id) {
            (command.run)();
        }
    })
}
