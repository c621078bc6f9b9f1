//! The parts of the page, one of which is on.

use super::Store;
use crate::browser;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Answer,
    Details,
    Compare,
    Sweep,
    Live,
}

impl Tab {
    /// In the order of the page.
    pub(crate) const ALL: [Tab; 5] = [Tab::Answer, Tab::Details, Tab::Compare, Tab::Sweep, Tab::Live];

    /// Its name in ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tab::Answer => "answer",
            Tab::Details => "details",
            Tab::Compare => "compare",
            Tab::Sweep => "sweep",
            Tab::Live => "live",
        }
    }

    /// What it is called on the page.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::Answer => "Answer",
            Tab::Details => "Details",
            Tab::Compare => "Compare",
            Tab::Sweep => "Sweep",
            Tab::Live => "Live",
        }
    }

    /// The tab `by` places further, around the ends.
    pub(crate) fn next(self, by: isize) -> Tab {
        let here = Tab::ALL.iter().position(|t| *t == self).unwrap_or(0) as isize;
        Tab::ALL[(here + by).rem_euclid(Tab::ALL.len() as isize) as usize]
    }

    /// Takes the focus to it.
    pub(crate) fn focus(self) {
        let element = browser::document().get_element_by_id(&format!("tab-{}", self.name()));
        if let Some(button) = element.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            // An element that takes no focus leaves it where it is.
            let _ = button.focus();
        }
    }
}

impl Store {
    /// Shows a part of the page and takes the focus to its tab.
    pub(crate) fn show(self, tab: Tab) {
        leptos::prelude::Set::set(&self.tab, tab);
        tab.focus();
        browser::window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Tab;

    #[test]
    fn arrows_go_around() {
        assert_eq!(Tab::Answer.next(1), Tab::Details);
        assert_eq!(Tab::Answer.next(-1), Tab::Live);
        assert_eq!(Tab::Live.next(1), Tab::Answer);
    }
}
