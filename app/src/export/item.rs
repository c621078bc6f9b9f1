//! One thing that can be saved.

use super::file;
use super::image::{self, Format};
use super::sheet::Sheet;
use super::stamp::Stamp;
use crate::browser;
use crate::chart::{Figure, Palette};
use crate::state::{Store, Tone};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use wasm_bindgen::JsValue;

/// A figure for a size, px; none while there is nothing to draw.
type Draw = Arc<dyn Fn((i32, i32)) -> Option<Figure> + Send + Sync>;

/// What a button does.
#[derive(Clone)]
pub(crate) struct Item {
    /// Its name in tests.
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) save: Arc<dyn Fn() + Send + Sync>,
}

impl Item {
    /// Its name in tests, what its button says, and what that does.
    pub(crate) fn parts(self) -> (&'static str, &'static str, Arc<dyn Fn() + Send + Sync>) {
        (self.id, self.label, self.save)
    }

    /// A figure as PNG, as SVG, and as what plotly.js draws. `what` it shows is written into the picture.
    pub(crate) fn figure(
        store: Store,
        id: &str,
        what: impl Fn() -> String + Send + Sync + 'static,
        palette: Memo<Palette>,
        draw: impl Fn((i32, i32)) -> Option<Figure> + Send + Sync + 'static,
    ) -> Vec<Item> {
        let (draw, what): (Draw, _) = (Arc::new(draw), Arc::new(what));
        let picture = |tag: &'static str, label: &'static str, format: Format, mime: &'static str| {
            let (draw, what, id) = (Arc::clone(&draw), Arc::clone(&what), id.to_owned());
            let save = move || {
                let Some(figure) = untrack(|| draw(image::SIZE)).map(|f| f.json()) else { return };
                let (stamp, what, palette) = (Stamp::now(store), untrack(|| what()), palette.get_untracked());
                let name = file::name(&stamp.title, &id, tag);
                spawn_local(async move {
                    let made = image::picture(&figure, format, &what, &stamp, &palette).await;
                    told(store, made.and_then(|bytes| file::save(&name, mime, &bytes)));
                });
            };
            Item { id: tag, label, save: Arc::new(save) }
        };
        let png = picture("png", "PNG picture", Format::Png, "image/png");
        let svg = picture("svg", "SVG picture", Format::Svg, "image/svg+xml");
        let plotly = Item::text(store, ("plotly", "Plotly figure (JSON)"), id, "plotly.json", {
            let draw = Arc::clone(&draw);
            move |_| draw(image::SIZE).map(|f| f.json())
        });
        vec![png, svg, plotly]
    }

    /// A table as comma-separated values.
    pub(crate) fn csv(store: Store, what: &str, sheet: impl Fn() -> Option<Sheet> + Send + Sync + 'static) -> Item {
        Item::text(store, ("csv", "CSV table"), what, "csv", move |_| sheet().map(|s| s.csv()))
    }

    /// A text: `make` gets where it comes from.
    pub(crate) fn text(
        store: Store,
        (id, label): (&'static str, &'static str),
        what: &str,
        extension: &'static str,
        make: impl Fn(&Stamp) -> Option<String> + Send + Sync + 'static,
    ) -> Item {
        let what = what.to_owned();
        let save = move || {
            let stamp = Stamp::now(store);
            let Some(text) = untrack(|| make(&stamp)) else { return };
            told(store, file::save(&file::name(&stamp.title, &what, extension), mime(extension), text.as_bytes()));
        };
        Item { id, label, save: Arc::new(save) }
    }
}

/// What the browser is told a text is.
pub(super) fn mime(extension: &str) -> &'static str {
    match extension {
        "csv" => "text/csv;charset=utf-8",
        "jsonl" => "application/jsonl;charset=utf-8",
        "md" => "text/markdown;charset=utf-8",
        "yaml" => "application/yaml;charset=utf-8",
        "bib" => "application/x-bibtex;charset=utf-8",
        "sh" => "text/x-shellscript;charset=utf-8",
        _ => "application/json",
    }
}

/// Says so where a file could not be made.
pub(super) fn told(store: Store, saved: Result<(), JsValue>) {
    match saved {
        Ok(()) => store.dismiss("export"),
        Err(error) => {
            let why = error.as_string().unwrap_or_else(|| browser::reason(&error));
            store.announce("export", Tone::Problem, format!("The file could not be made: {why}."));
        }
    }
}
