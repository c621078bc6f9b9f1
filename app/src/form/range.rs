//! A slider with a number field and step buttons: the same value, for pointers, keys and fingers.

use super::field::{self, About};
use super::number::Number;
use crate::browser;
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_core::base::math;
use serde_json::Value;
use web_sys::HtmlInputElement;

/// Ends and step of a slider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Steps {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) step: f64,
    /// Whether the value is a whole number in the scenario.
    pub(crate) whole: bool,
}

impl Steps {
    /// The nearest value the slider can show.
    fn snap(self, value: f64) -> f64 {
        let steps = math::round(value / self.step);
        // Multiplying by the step would leave 0.30000000000000004; dividing by its inverse does not.
        let inverse = math::round(1.0 / self.step);
        let snapped = if self.step < 1.0 { steps / inverse } else { steps * self.step };
        snapped.clamp(self.min, self.max)
    }

    fn value(self, x: f64) -> Value {
        if self.whole { Value::from(math::round(x) as u64) } else { Value::from(x) }
    }
}

/// What a slider is like.
pub(crate) struct Range {
    about: About,
    steps: Signal<Steps>,
}

impl Range {
    pub(crate) fn new(path: impl Into<String>, label: &str, steps: Signal<Steps>) -> Self {
        Range { about: About { label: label.to_owned(), ..About::new(path.into()) }, steps }
    }

    pub(crate) fn unit(mut self, unit: &'static str) -> Self {
        self.about.unit = unit;
        self
    }

    pub(crate) fn help(mut self, help: &'static str) -> Self {
        self.about.help = help;
        self
    }

    /// A second control of this field, elsewhere on the page.
    pub(crate) fn again(mut self, place: &'static str) -> Self {
        self.about.again = place;
        self
    }

    /// The slider in its frame; the label belongs to the number field.
    pub(crate) fn view(self, store: Store) -> AnyView {
        let Range { about, steps } = self;
        let problem = RwSignal::new(None);
        let number = Number::new(about.path.clone()).again(about.again).step(if steps.get_untracked().whole {
            "1"
        } else {
            "any"
        });
        let input = number.input(store, problem);
        let slider = slider(store, &about, steps);
        let button =
            |sign: &'static str, word: &'static str, by: f64| step_button(store, &about, steps, (sign, word, by));
        let control = view! {
            <div class="range">
                {slider}
                {button("−", "less", -1.0)}
                {input}
                {button("+", "more", 1.0)}
            </div>
        };
        field::frame(store, &about, problem, control.into_any())
    }
}

/// The slider alone.
pub(super) fn slider(store: Store, about: &About, steps: Signal<Steps>) -> AnyView {
    let path = about.path.clone();
    let value = store.value(&path);
    let edit = move |event: &Targeted<Event, HtmlInputElement>, gesture: Gesture| {
        let steps = steps.get_untracked();
        let Ok(raw) = event.target().value().parse::<f64>() else { return };
        if let Err(reason) = store.set(&path, steps.value(steps.snap(raw)), gesture) {
            browser::complain(&reason);
        }
        if gesture == Gesture::Moving {
            // By this and the mark of the redraw with its revision or a later one, the loop is measured.
            browser::mark_at("slider-input", event.time_stamp(), &[("revision", f64::from(store.revision()))]);
        }
    };
    let on_input = {
        let edit = edit.clone();
        move |e: Targeted<Event, HtmlInputElement>| edit(&e, Gesture::Moving)
    };
    let on_change = move |e: Targeted<Event, HtmlInputElement>| edit(&e, Gesture::Done);
    view! {
        <input
            type="range"
            data-testid=about.test_id_of("slider")
            aria-label=about.label.clone()
            aria-valuetext={
                let unit = about.unit;
                move || format!("{} {unit}", value.get().as_f64().unwrap_or_default())
            }
            min={move || steps.get().min}
            max={move || steps.get().max}
            step={move || steps.get().step}
            prop:value={move || {
                // Written again when the ends change: the browser clamps to those it knows.
                steps.track();
                value.get().as_f64().unwrap_or_default()
            }}
            on:input:target=on_input
            on:change:target=on_change
        />
    }
    .into_any()
}

fn step_button(
    store: Store,
    about: &About,
    steps: Signal<Steps>,
    (sign, word, by): (&'static str, &'static str, f64),
) -> AnyView {
    let path = about.path.clone();
    let value = store.value(&path);
    let press = move |_| {
        let steps = steps.get_untracked();
        let now = value.get_untracked().as_f64().unwrap_or(steps.min);
        let next = steps.snap(now + by * steps.step);
        if let Err(reason) = store.set(&path, steps.value(next), Gesture::Done) {
            browser::complain(&reason);
        }
    };
    view! { <button type="button" class="step" aria-label=format!("{}: {word}", about.label) on:click=press>{sign}</button> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_stops_at_round_values() {
        let s = Steps { min: 0.5, max: 200.0, step: 0.5, whole: false };
        assert_eq!([0.0, 0.7, 80.26, 999.0].map(|v| s.snap(v)), [0.5, 0.5, 80.5, 200.0]);
        let fine = Steps { min: 0.1, max: 2.0, step: 0.1, whole: false };
        assert_eq!(fine.snap(0.299), 0.3);
        let whole = Steps { min: 1.0, max: 32.0, step: 1.0, whole: true };
        assert_eq!(whole.value(whole.snap(7.4)), Value::from(7));
    }
}
