//! A number field. Empty means "the default" where a field may be absent.

use super::field::{self, About};
use super::sliding::Sliding;
use crate::state::{Gesture, Store};
use leptos::ev::{Event, FocusEvent, Targeted};
use leptos::html::Input;
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlInputElement;

/// What is wrong with text that cannot be used.
const NEEDED: &str = "A number is needed here; the last one still applies.";
const UNREADABLE: &str = "This is not a number; the last one still applies.";
/// A field that takes whole numbers only was given another one.
const WHOLE_NEEDED: &str = "Only whole numbers fit here; the last one still applies.";

/// What a number field is like.
pub(crate) struct Number {
    about: About,
    min: f64,
    max: Option<f64>,
    step: &'static str,
    optional: bool,
    placeholder: Signal<String>,
}

impl Number {
    /// A field at this path, under its usual name.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        let about = About::new(path.into());
        Number { about, min: 0.0, max: None, step: "1", optional: false, placeholder: Signal::stored(String::new()) }
    }

    /// A second control of this field, elsewhere on the page.
    pub(crate) fn again(mut self, place: &'static str) -> Self {
        self.about.again = place;
        self
    }

    pub(crate) fn label(mut self, label: &str) -> Self {
        self.about.label = label.to_owned();
        self
    }

    pub(crate) fn unit(mut self, unit: &'static str) -> Self {
        self.about.unit = unit;
        self
    }

    pub(crate) fn help(mut self, help: &'static str) -> Self {
        self.about.help = help;
        self
    }

    /// Bounds of the arrows beside the field; what is typed is judged by the check.
    pub(crate) fn within(mut self, min: f64, max: f64) -> Self {
        (self.min, self.max) = (min, Some(max));
        self
    }

    /// What one press of an arrow changes.
    pub(crate) fn step(mut self, step: &'static str) -> Self {
        self.step = step;
        self
    }

    /// May be left empty; then this applies.
    pub(crate) fn or_default(mut self, placeholder: Signal<String>) -> Self {
        (self.optional, self.placeholder) = (true, placeholder);
        self
    }

    /// The field in its frame.
    pub(crate) fn view(self, store: Store) -> AnyView {
        let problem = RwSignal::new(None);
        let about = self.about.clone();
        let sliding = Sliding::new(&about);
        let ways = sliding.ways(store);
        let input = self.input(store, problem);
        let control = view! { {input} {sliding.view(store)} }.into_any();
        field::frame_with(store, &about, problem, control, Some(ways))
    }

    /// The input alone.
    pub(super) fn input(self, store: Store, problem: RwSignal<Option<String>>) -> AnyView {
        let Number { about, min, max, step, optional, placeholder } = self;
        let path = about.path.clone();
        let place = NodeRef::<Input>::new();
        follow(place, store.value(&path));
        let edit = {
            let path = path.clone();
            move |input: &HtmlInputElement, gesture: Gesture| {
                let said = match read(input, optional) {
                    // Half a number is not a mistake yet.
                    None if gesture == Gesture::Moving => return,
                    None if input.value().is_empty() && !input.validity().bad_input() => Some(NEEDED.into()),
                    None => Some(UNREADABLE.into()),
                    Some(value) => {
                        let fraction = value.is_f64();
                        store.set(&path, value, gesture).err().map(|e| if fraction { WHOLE_NEEDED.into() } else { e })
                    }
                };
                problem.set(said);
            }
        };
        let on_input = {
            let edit = edit.clone();
            move |e: Targeted<Event, HtmlInputElement>| edit(&e.target(), Gesture::Moving)
        };
        // A browser tells of no change where a field is left with the text it was entered with, which may be a second mistake.
        let on_blur = {
            let edit = edit.clone();
            move |e: Targeted<FocusEvent, HtmlInputElement>| {
                if read(&e.target(), optional).is_none() {
                    edit(&e.target(), Gesture::Done);
                }
            }
        };
        let on_change = move |e: Targeted<Event, HtmlInputElement>| edit(&e.target(), Gesture::Done);
        view! {
            <input
                type="number"
                id=about.id()
                data-testid=about.test_id()
                aria-label=about.full_name()
                inputmode="decimal"
                autocomplete="off"
                min=min
                max=max
                step=step
                placeholder=placeholder
                aria-describedby=about.described_by()
                aria-invalid=field::invalid(store, path, problem)
                node_ref=place
                on:input:target=on_input
                on:change:target=on_change
                on:blur:target=on_blur
            />
        }
        .into_any()
    }
}

/// Keeps the text at the value, but for as long as what is typed means just that: "0.50" on its way to
/// "0.505" is left alone.
fn follow(place: NodeRef<Input>, value: Memo<Value>) {
    Effect::new(move |_| {
        let value = value.get();
        let Some(input) = place.get() else { return };
        if read(&input, true).is_none_or(|typed| !same(&typed, &value)) {
            input.set_value(&say(&value));
        }
    });
}

/// What the field says; none if that is no number. The browser hides text it cannot read, so an empty value
/// may be an unreadable one.
fn read(input: &HtmlInputElement, optional: bool) -> Option<Value> {
    parse(&input.value(), optional).filter(|_| !input.validity().bad_input())
}

fn say(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(n) => n.as_f64().filter(|_| n.is_f64()).map_or_else(|| n.to_string(), |x| x.to_string()),
        other => other.to_string(),
    }
}

/// What was typed, whole numbers as such; null for nothing, where that is allowed.
fn parse(text: &str, optional: bool) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return optional.then_some(Value::Null);
    }
    if let Ok(n) = text.parse::<u64>() {
        return Some(n.into());
    }
    if let Ok(n) = text.parse::<i64>() {
        return Some(n.into());
    }
    text.parse::<f64>().ok().filter(|x| x.is_finite()).map(Value::from)
}

fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some() && a.as_f64() == b.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_stay_whole_and_large_ones_exact() {
        assert_eq!(parse("42", false), Some(json!(42)));
        assert_eq!(parse("18446744073709551615", false), Some(json!(u64::MAX)));
        assert_eq!(parse("-1", false), Some(json!(-1)));
        assert_eq!(parse(" 0.92 ", false), Some(json!(0.92)));
        assert_eq!(parse("1e400", false), None);
        assert_eq!(parse("four", false), None);
        assert_eq!(parse("", false), None);
        assert_eq!(parse("", true), Some(Value::Null));
    }

    #[test]
    fn what_is_typed_is_not_rewritten_while_it_means_the_same() {
        assert!(same(&json!(80), &json!(80.0)));
        assert!(!same(&json!(80), &json!(8)));
        assert!(same(&Value::Null, &Value::Null));
        assert!(!same(&Value::Null, &json!(0)));
        assert_eq!([json!(80.0), json!(0.92), json!(4), Value::Null].map(|v| say(&v)), ["80", "0.92", "4", ""]);
    }
}
