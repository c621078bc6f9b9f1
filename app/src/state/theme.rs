//! Light, dark, or as the system says: from the address, from what was chosen before, from the button.

use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

const STORED_AS: &str = "llmd-playground-theme";

/// A choice of theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// Its name in the address, in storage and on the root element.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn named(name: &str) -> Option<Theme> {
        [Theme::Auto, Theme::Light, Theme::Dark].into_iter().find(|t| t.name() == name)
    }

    /// The one the button leads to.
    pub(crate) fn next(self) -> Theme {
        match self {
            Theme::Auto => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Auto,
        }
    }
}

/// The theme, and a count that goes up whenever colours may have changed.
#[derive(Clone, Copy)]
pub(crate) struct Colours {
    pub(crate) theme: RwSignal<Theme>,
    pub(crate) changed: RwSignal<u32>,
}

impl Colours {
    /// As the address or the last visit says; follows the system from now on.
    pub(crate) fn start() -> Self {
        let asked = browser::query("theme").or_else(|| browser::remembered(STORED_AS));
        let theme = asked.as_deref().and_then(Theme::named).unwrap_or(Theme::Auto);
        let colours = Colours { theme: RwSignal::new(theme), changed: RwSignal::new(0) };
        browser::set_root_data("theme", theme.name());
        colours.follow_system();
        colours
    }

    fn follow_system(self) {
        let Some(query) = window().match_media("(prefers-color-scheme: dark)").ok().flatten() else { return };
        let heard = Closure::<dyn FnMut()>::new(move || self.changed.update(|n| *n += 1));
        query.set_onchange(Some(heard.as_ref().unchecked_ref()));
        // As long as the page lives; the query too, or its listener would go with it.
        heard.forget();
        std::mem::forget(query);
    }

    /// On paper the page is light; `redraw` must draw figures at once, because the printer does not wait.
    pub(crate) fn light_on_paper(self, redraw: fn()) {
        let show = move |theme: Theme| {
            browser::set_root_data("theme", theme.name());
            self.changed.update(|n| *n += 1);
            redraw();
        };
        window_event_listener_untyped("beforeprint", move |_| show(Theme::Light));
        window_event_listener_untyped("afterprint", move |_| show(self.theme.get_untracked()));
    }

    /// Chooses, and remembers if that is allowed.
    pub(crate) fn choose(self, theme: Theme) {
        self.theme.set(theme);
        browser::set_root_data("theme", theme.name());
        browser::remember(STORED_AS, theme.name());
        self.changed.update(|n| *n += 1);
    }
}
