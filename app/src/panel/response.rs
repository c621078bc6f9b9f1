//! A plugin's rule as a small curve, and where this scenario stands on it.
//!
//! The rule is the simulator's own (`playground_core::policy::response`), with the parameters of the scenario; it stands at
//! averages of the last result, while the simulation decides request by request.

use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::policy::{Meta, Response, Signal, response};
use playground_core::report::Report;
use std::fmt::Write;

/// Size of the drawing, in its own units, and what marks need around it.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 40.0;
const EDGE: f64 = 4.0;
/// Points of a curve.
const POINTS: u32 = 96;

/// The curve of a declared plugin; nothing for one whose rule has no single input.
pub(super) fn view(store: Store, plugin: usize, meta: &'static Meta) -> AnyView {
    let given = store.value(&format!("policies.plugins[{plugin}].parameters"));
    let rule = move || {
        given.with(|given| match given.as_object() {
            Some(given) => response(meta.id, given),
            None => response(meta.id, &serde_json::Map::new()),
        })
    };
    let curve = Memo::new(move |_| rule().map(|rule| (outline(&rule), axis(&rule))));
    let now = Memo::new(move |_| {
        let rule = rule()?;
        store.shown.with(|shown| {
            let report = &shown.as_ref().and_then(Shown::answer)?.report;
            let at = rounded(standing(report, rule.input)?);
            Some((place(at / rule.to, rule.at(at)), stands(&rule, at)))
        })
    });
    let mark = move || now.get().and_then(|((x, y), _)| x.map(|x| view! { <circle cx=x cy=y r="3.5" /> }));
    let said = move || now.get().map(|(_, words)| words);
    let drawn = move || {
        curve.get().map(|(outline, axis)| {
            view! {
                <div class="response" data-testid=format!("response-{}", meta.id)>
                    <svg viewBox=format!("{} {} {} {}", -EDGE, -EDGE, WIDTH + 2.0 * EDGE, HEIGHT + 2.0 * EDGE) aria-hidden="true">
                        <path class="axes" d=format!("M0 0V{HEIGHT}H{WIDTH}") />
                        <path class="curve" d=outline />
                        {mark}
                    </svg>
                    <p class="hint">{axis} " " {said}</p>
                </div>
            }
        })
    };
    drawn.into_any()
}

/// Where a share of the axis and a value are drawn; beyond the right end nowhere.
fn place(share: f64, value: f64) -> (Option<f64>, f64) {
    ((share <= 1.0).then_some(share * WIDTH), (1.0 - value) * HEIGHT)
}

fn outline(rule: &Response) -> String {
    let mut path = String::new();
    for i in 0..=POINTS {
        let share = f64::from(i) / f64::from(POINTS);
        let (x, y) = (share * WIDTH, (1.0 - rule.at(share * rule.to)) * HEIGHT);
        // Writing to a string does not fail.
        let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
    }
    path
}

/// What is across, and what is up.
fn axis(rule: &Response) -> String {
    let up = match rule.output {
        "score" => "Score from 0 to 1",
        "rejected" => "Probability of being rejected, of a request of negative priority,",
        "computed apart" => "Whether a prompt is computed apart",
        "saturated" => "Whether the pool is saturated",
        other => other,
    };
    let to = rule.to;
    match rule.input {
        Signal::Waiting => format!("{up} over 0 to {} requests waiting at a server.", say::number(to)),
        Signal::KvUse => format!("{up} over 0 to {} of its KV blocks in use.", say::percent_whole(to)),
        Signal::Between => format!("{up} from the server with the fewest to the one with the most."),
        Signal::Hit => format!("{up} over 0 to {} of the prompt held by a server.", say::percent_whole(to)),
        Signal::Uncached => format!("{up} over 0 to {} tokens that the decoding server lacks.", say::number(to)),
        Signal::Saturation { .. } => format!("{up} over saturation 0 to {}.", say::number(to)),
    }
}

/// Where the fleet stands on the axis by the averages of a result; none where no average says.
fn standing(report: &Report, input: Signal) -> Option<f64> {
    let each = |of: &dyn Fn(&playground_core::report::InstanceReport) -> f64| {
        let n = report.instances.len();
        (n > 0).then(|| report.instances.iter().map(of).sum::<f64>() / n as f64)
    };
    match input {
        Signal::Waiting => each(&|i| i.waiting_mean),
        Signal::KvUse => each(&|i| i.kv_use_frac),
        Signal::Hit => Some(report.kv.hit_rate),
        Signal::Saturation { waiting, kv_use } => each(&|i| (i.waiting_mean / waiting).max(i.kv_use_frac / kv_use)),
        Signal::Between | Signal::Uncached => None,
    }
}

/// To three digits, so that a number that is said stands as it is said.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn stands(rule: &Response, at: f64) -> String {
    let value = rule.at(at);
    let input = match rule.input {
        Signal::Waiting => format!("{} wait on average", say::number(at)),
        Signal::KvUse => format!("{} are in use on average", say::percent(at)),
        Signal::Hit => format!("{} of prompt tokens were found", say::percent(at)),
        _ => format!("Saturation {} by the averages", say::number(at)),
    };
    let output = match rule.output {
        "score" => format!("score {}", say::number(value)),
        "rejected" => format!("{} are rejected", say::percent(value)),
        _ if value >= 0.5 => "yes".to_owned(),
        _ => "no".to_owned(),
    };
    format!("{input}: {output}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};
    use serde_json::json;

    fn rule(id: &str, parameters: serde_json::Value) -> Response {
        response(id, parameters.as_object().expect("an object")).expect("has one input")
    }

    #[test]
    fn a_curve_begins_and_ends_with_the_rule() {
        let load = rule("load-aware-scorer", json!({"threshold": 8}));
        let path = outline(&load);
        assert!(path.starts_with("M0.0 20.0L"), "half a point for an empty queue: {path}");
        assert!(path.ends_with("L240.0 40.0"), "{path}");
        assert_eq!(axis(&load), "Score from 0 to 1 over 0 to 10.0 requests waiting at a server.");
    }

    #[test]
    fn where_a_scenario_stands_is_said() {
        let load = rule("load-aware-scorer", json!({"threshold": 8}));
        assert_eq!(stands(&load, 2.0), "2.00 wait on average: score 0.375.");
        let shed = rule("probabilistic-admitter", json!({"power": 1.0, "k": 0.5}));
        assert_eq!(stands(&shed, 0.4), "Saturation 0.400 by the averages: 20 % are rejected.");
        assert_eq!(place(1.2, 0.5), (None, 20.0), "beyond the right end it is only said");
    }

    #[test]
    fn a_result_has_a_place_on_every_axis_that_it_measures() {
        let mut s = Scenario::default();
        s.run.requests = 200;
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        let report = LoadCurve::run(&plan, Fidelity::Draft).report;
        let saturation = Signal::Saturation { waiting: 5.0, kv_use: 0.8 };
        for input in [Signal::Waiting, Signal::KvUse, Signal::Hit, saturation] {
            assert!(standing(&report, input).is_some_and(|at| at >= 0.0), "{input:?}");
        }
        assert_eq!(standing(&report, Signal::Between), None);
    }
}
