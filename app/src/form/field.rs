//! The frame of every control: label, unit, help on demand, findings.

use super::{findings, names};
use crate::state::Store;
use leptos::prelude::*;

/// What a frame says about its control.
#[derive(Clone)]
pub(super) struct About {
    pub(super) path: String,
    pub(super) label: String,
    pub(super) unit: &'static str,
    pub(super) help: &'static str,
    /// Tells a second control of the same field from the first; empty for the first.
    pub(super) again: &'static str,
}

impl About {
    /// The control's id.
    pub(super) fn id(&self) -> String {
        let name = format!("{}{}", self.again, self.path);
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    }

    /// Name of the control for tests.
    pub(super) fn test_id(&self) -> String {
        self.test_id_of("field")
    }

    /// Name of a control of this kind for tests.
    pub(super) fn test_id_of(&self, kind: &str) -> String {
        let again = if self.again.is_empty() { String::new() } else { format!("{}-", self.again) };
        format!("{again}{kind}-{}", self.path)
    }

    /// A field at this path, under its usual name. One inside a card needs no more than its own name.
    pub(super) fn new(path: String) -> Self {
        let label = names::of(&path).rsplit(": ").next().unwrap_or_default().to_owned();
        About { path, label, unit: "", help: "", again: "" }
    }

    /// The whole name, for the ear, where the label is only the part that the eye needs.
    pub(super) fn full_name(&self) -> Option<String> {
        let name = names::of(&self.path);
        (name != self.label && name.to_lowercase().contains(&self.label.to_lowercase())).then_some(name)
    }

    /// Ids of what describes the control.
    pub(super) fn described_by(&self) -> String {
        format!("{0}-help {0}-findings", self.id())
    }
}

/// A control in its frame. `problem` is what the control itself has to say about text it cannot use.
pub(super) fn frame(store: Store, about: &About, problem: RwSignal<Option<String>>, control: AnyView) -> AnyView {
    frame_with(store, about, problem, control, None)
}

/// What can be done with a field, made when somebody looks.
pub(super) type Ways = Box<dyn Fn() -> AnyView + Send>;

/// The same, where the help also says what can be done with the field.
pub(super) fn frame_with(
    store: Store,
    about: &About,
    problem: RwSignal<Option<String>>,
    control: AnyView,
    ways: Option<Ways>,
) -> AnyView {
    let id = about.id();
    let open = RwSignal::new(false);
    let label = about.label.clone();
    let test_id = about.test_id_of("about");
    let unit = (!about.unit.is_empty()).then(|| view! { <span class="unit">{about.unit}</span> });
    let help = (!about.help.is_empty() || ways.is_some()).then(|| {
        let label = format!("About {label}");
        view! {
            <button
                type="button"
                class="help"
                data-testid=test_id
                aria-label=label
                aria-expanded={move || open.get().to_string()}
                aria-controls=format!("{id}-help")
                on:click=move |_| open.update(|o| *o = !*o)
            >
                "?"
            </button>
        }
    });
    let text = about.help;
    view! {
        <div class="field">
            <div class="field-head"><label for=id.clone()>{about.label.clone()} " " {unit}</label> {help}</div>
            {control}
            <div class="hint" id=format!("{id}-help") hidden={move || !open.get()}>
                {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
                {ways.map(|ways| move || open.get().then(&ways))}
            </div>
            <div id=format!("{id}-findings")>
                {move || problem.get().map(|text| view! { <p class="finding error"><span aria-hidden="true">"✗ "</span> {text}</p> })}
                {about.again.is_empty().then(|| findings::at(store, about.path.clone()))}
            </div>
        </div>
    }
    .into_any()
}

/// Whether something is wrong with the field.
pub(super) fn invalid(
    store: Store,
    path: String,
    problem: RwSignal<Option<String>>,
) -> impl Fn() -> &'static str + Send + Sync + Clone {
    move || {
        let found = store.findings.with(|all| all.iter().any(|d| d.path == path && d.is_error()));
        if found || problem.get().is_some() { "true" } else { "false" }
    }
}
