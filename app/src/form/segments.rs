//! One of a few things that are looked at, side by side.

use leptos::prelude::*;

/// A choice among `options`: each with its name in tests and its label. `group` tells its buttons from those of other choices.
pub(crate) fn view<T: Copy + PartialEq + Send + Sync + 'static>(
    legend: &'static str,
    group: &str,
    options: impl IntoIterator<Item = (T, String, &'static str)>,
    chosen: RwSignal<T>,
) -> AnyView {
    let option = |(value, test_id, label)| {
        view! {
            <label>
                <input
                    type="radio"
                    name=group.to_owned()
                    data-testid=test_id
                    prop:checked={move || chosen.get() == value}
                    on:change=move |_| chosen.set(value)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segments">
            <legend class="visually-hidden">{legend}</legend>
            {options.into_iter().map(option).collect_view()}
        </fieldset>
    }
    .into_any()
}
