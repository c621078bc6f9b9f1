//! A distribution in a picture the size of a word: how often which value comes, and its quantiles in words.

use super::length::Of;
use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::Length;
use std::fmt::Write;

/// Bars, from 0 to where all but one in two hundred values lie.
const BARS: usize = 32;
const SHOWN: f64 = 0.995;
/// Quantiles that the bars are counted from.
const DRAWS: usize = 512;
/// Size of the drawing, in its own units.
const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 24.0;

/// The law at this path of the scenario; nothing for one that cannot be drawn from or has one value alone.
pub(super) fn view(store: Store, path: &str, of: Of) -> AnyView {
    let law = store.value(path);
    let found = Memo::new(move |_| {
        let law = serde_json::from_value::<Length>(law.get()).ok().filter(is_sound)?;
        Some((outline(&bars(&law)?), words(&law, of.unit)?))
    });
    let name = format!("spark-{path}");
    let view = move || {
        found.get().map(|(outline, words)| {
            view! {
                <p class="spark hint" data-testid=name.clone()>
                    <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") width=WIDTH height=HEIGHT aria-hidden="true">
                        <path d=outline />
                    </svg>
                    <span>{words}</span>
                </p>
            }
        })
    };
    view.into_any()
}

/// Whether it can be drawn from: fields are shown as they are typed, and may be wrong.
fn is_sound(law: &Length) -> bool {
    law.min <= law.max && law.mean > 0.0 && law.mean.is_finite() && law.std_dev >= 0.0 && law.std_dev.is_finite()
}

/// How many of equally likely values come to each bar, the most as 1; none where there is one value alone.
fn bars(law: &Length) -> Option<[f64; BARS]> {
    let dist = law.dist()?;
    let to = f64::from(dist.at(SHOWN));
    if dist.at(1.0 - SHOWN) == dist.at(SHOWN) || to <= 0.0 {
        return None;
    }
    let mut counts = [0.0f64; BARS];
    for draw in 0..DRAWS {
        let value = f64::from(dist.at((draw as f64 + 0.5) / DRAWS as f64));
        if value <= to {
            counts[((value / to * BARS as f64) as usize).min(BARS - 1)] += 1.0;
        }
    }
    let most = counts.into_iter().fold(0.0, f64::max);
    Some(counts.map(|count| count / most))
}

/// The bars as a path: a pixel apart, those with anything at least a pixel high.
fn outline(bars: &[f64; BARS]) -> String {
    let mut path = String::new();
    let width = WIDTH / BARS as f64;
    for (i, &share) in bars.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let (x, high) = (i as f64 * width, (share * HEIGHT).max(1.0));
        // Writing to a string does not fail.
        let _ = write!(path, "M{x:.1} {HEIGHT}v-{high:.1}h{:.1}v{high:.1}z", width - 1.0);
    }
    path
}

/// "p50 480, p99 1,530 tokens".
fn words(law: &Length, unit: &str) -> Option<String> {
    let dist = law.dist()?;
    let at = |share: f64| say::whole(f64::from(dist.at(share)));
    Some(format!("p50 {}, p99 {} {unit}", at(0.5), at(0.99)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(kind: &str, min: u32, max: u32) -> Length {
        Length { kind: kind.into(), mean: 100.0, std_dev: 20.0, min, max, ..Length::empirical(Vec::new()) }
    }

    #[test]
    fn bars_have_the_shape_of_the_law() {
        let normal = bars(&law("normal", 1, 1000)).expect("has some");
        let highest = normal.iter().position(|share| *share == 1.0).expect("the most is 1");
        assert!((18..26).contains(&highest), "the mean is two thirds of the way to the end: {highest}");
        assert_eq!(normal[0], 0.0);
        let uniform = bars(&law("uniform", 1, 320)).expect("has some");
        assert!(uniform.iter().all(|share| *share > 0.8), "{uniform:?}");
    }

    #[test]
    fn one_value_alone_has_no_shape() {
        assert_eq!(bars(&law("constant", 1, 1000)), None);
        assert_eq!(bars(&Length::empirical(vec![7; 20])), None);
        assert_eq!(bars(&Length::empirical(Vec::new())), None);
        assert_eq!(bars(&law("nobody knows", 1, 2)), None);
    }

    #[test]
    fn what_is_typed_wrong_is_not_drawn() {
        for wrong in [
            Length { min: 9, max: 8, ..Length::default() },
            Length { mean: 0.0, ..Length::default() },
            Length { mean: f64::NAN, ..Length::default() },
            Length { std_dev: -1.0, ..Length::default() },
        ] {
            assert!(!is_sound(&wrong), "{wrong:?}");
        }
        assert!(is_sound(&Length::default()) && is_sound(&Length::empirical(vec![1, 2])));
    }

    #[test]
    fn quantiles_are_said() {
        assert_eq!(
            words(&Length::empirical((1..=1000).collect()), "tokens").as_deref(),
            Some("p50 500, p99 990 tokens")
        );
    }
}
