//! Everything that can be done, as a list: for the palette, for keys, and for the map of keys.
//!
//! `list` makes the list, `keys` listens, `palette` finds by words, `map` shows the keys.

mod keys;
mod list;
mod map;
mod palette;

use crate::compare::Compare;
use crate::glossary::Glossary;
use crate::import::Import;
use crate::page::Share;
use crate::state::Store;
use crate::state::theme::Colours;
use leptos::prelude::*;
use std::sync::Arc;

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

/// The boxes of the palette and of the map.
pub(crate) fn view(desk: Desk) -> AnyView {
    view! { {palette::view(desk)} {map::view(desk)} }.into_any()
}
