//! The keyboard's way through a chart: a slider over its points that says each one.
//!
//! Plotly's own drawing is hidden from assistive technology; this stands for it. The arrow keys go from
//! point to point, Home and End to the ends, and the figure shows the label of the point.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// What the cursor goes over.
#[derive(Clone, Copy)]
pub(crate) struct Stops {
    /// Words of every point, in order.
    pub(crate) words: Memo<Vec<String>>,
    /// The one the cursor is on.
    pub(crate) at: RwSignal<usize>,
    /// Whether it is shown.
    pub(crate) on: RwSignal<bool>,
    /// What the Enter key does at a point, if anything.
    pub(crate) choose: Option<Callback<usize>>,
}

/// The cursor's element; it lies over the drawing and lets the pointer through.
pub(crate) fn view(label: String, test_id: String, stops: Stops) -> impl IntoView {
    let Stops { words, at, on, choose } = stops;
    let last = move || words.with(Vec::len).saturating_sub(1);
    let here = move || at.get().min(last());
    let text = move || words.with(|w| w.get(here()).cloned().unwrap_or_else(|| "no points yet".into()));
    let key = move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => here() + 1,
            "ArrowLeft" | "ArrowDown" => here().saturating_sub(1),
            "Home" => 0,
            "End" => usize::MAX,
            "Escape" => return on.set(false),
            "Enter" if words.with_untracked(|w| !w.is_empty()) => {
                if let Some(choose) = choose {
                    event.prevent_default();
                    choose.run(untrack(here));
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        at.set(to.min(last()));
        on.set(true);
    };
    view! {
        <div
            class="cursor"
            role="slider"
            tabindex="0"
            aria-orientation="horizontal"
            aria-label=label
            aria-valuemin="1"
            aria-valuemax={move || (last() + 1).to_string()}
            aria-valuenow={move || (here() + 1).to_string()}
            aria-valuetext=text
            data-testid=test_id
            on:keydown=key
            on:focus=move |_| on.set(true)
            on:blur=move |_| on.set(false)
        ></div>
    }
}
