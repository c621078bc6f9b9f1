//! What any number can become: a slider beside its field, an axis of the sweep.

use super::field::{About, Ways};
use super::range::{self, Steps};
use crate::state::Store;
use leptos::prelude::*;
use playground_core::base::math;

/// How far a slider goes from the value that it was made at, either way.
const REACH: f64 = 4.0;
/// Steps from one end of a slider to the other, at least.
const STEPS: f64 = 100.0;

/// A number field that may have a slider. Copied freely but for what it is about.
#[derive(Clone)]
pub(super) struct Sliding {
    about: About,
    /// Its ends, once there is one.
    steps: RwSignal<Option<Steps>>,
}

impl Sliding {
    pub(super) fn new(about: &About) -> Self {
        Sliding { about: about.clone(), steps: RwSignal::new(None) }
    }

    /// The slider, while there is one.
    pub(super) fn view(&self, store: Store) -> impl IntoView + use<> {
        let Sliding { about, steps } = self.clone();
        move || {
            let ends = steps.get()?;
            Some(range::slider(store, &about, Signal::stored(ends)))
        }
    }

    /// What can be done with the field.
    pub(super) fn ways(&self, store: Store) -> Ways {
        let Sliding { about, steps } = self.clone();
        Box::new(move || {
            let (path, sweep_path) = (about.path.clone(), about.path.clone());
            let toggle = move |_| {
                let ends =
                    store.scenario.with_untracked(|s| s.get(&path)).and_then(|v| around(v.as_f64()?, v.is_u64()));
                steps.update(|now| *now = if now.is_some() { None } else { ends });
            };
            let none = {
                let value = store.value(&about.path);
                move || value.with(|v| v.as_f64().is_none())
            };
            view! {
                <div class="ways">
                    <button
                        type="button"
                        class="quiet"
                        data-testid=about.test_id_of("slide")
                        aria-pressed={move || steps.with(Option::is_some).to_string()}
                        disabled=none
                        on:click=toggle
                    >
                        "Slider"
                    </button>
                    <button
                        type="button"
                        class="quiet"
                        data-testid=about.test_id_of("sweep")
                        disabled=none
                        on:click=move |_| store.sweep_over(&sweep_path)
                    >
                        "Sweep over it"
                    </button>
                    <code>{about.path.clone()}</code>
                </div>
            }
            .into_any()
        })
    }
}

/// The ends of a slider around a value.
fn around(value: f64, whole: bool) -> Option<Steps> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    if whole {
        let max = (value * REACH).max(10.0);
        return Some(Steps { min: 0.0, max, step: math::floor(max / (8.0 * STEPS)).max(1.0), whole });
    }
    // A share ends at all of it.
    let max = if value > 0.0 && value <= 1.0 { 1.0 } else { (value * REACH).max(1.0) };
    // The largest power of ten that makes so many steps.
    let mut step = 1.0;
    while step * STEPS > max {
        step /= 10.0;
    }
    while step * STEPS * 10.0 <= max {
        step *= 10.0;
    }
    Some(Steps { min: 0.0, max, step, whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_goes_some_way_around_the_value_in_steps_of_its_size() {
        let ends = |value, whole| around(value, whole).map(|s| (s.max, s.step));
        assert_eq!(ends(4.0, true), Some((16.0, 1.0)));
        assert_eq!(ends(0.0, true), Some((10.0, 1.0)));
        assert_eq!(ends(8192.0, true), Some((32_768.0, 40.0)));
        assert_eq!(ends(0.9, false), Some((1.0, 0.01)));
        assert_eq!(ends(30.0, false), Some((120.0, 1.0)));
        assert_eq!(ends(f64::NAN, false), None);
    }
}
