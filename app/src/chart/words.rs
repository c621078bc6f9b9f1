//! Charts in words: for the caption, for whoever goes through the points by keyboard or ear.

use super::Chart;
use super::axis::Unit;
use super::load_curve::{Point, points, targets};
use crate::say;
use playground_core::report::Statistic;
use playground_core::study::Answer;

/// What the chart shows, in a sentence or two.
pub(super) fn describe(chart: &Chart, answer: &Answer, statistic: Statistic) -> String {
    let points = points(chart, answer, statistic);
    let known: Vec<(&Point, f64)> = points.iter().filter_map(|p| Some((p, p.value_ms?))).collect();
    let name = format!("{} {}", chart.short, statistic.name());
    let [(first, low), .., (last, high)] = known[..] else {
        return match known[..] {
            [(only, value)] => format!("{name} is {} at {}.", say::span(value), say::load(only.load)),
            _ => format!("{name} could not be measured at any load: no request was served."),
        };
    };
    let verb = if high > low * 1.02 {
        "rises"
    } else if high < low * 0.98 {
        "falls"
    } else {
        "stays"
    };
    let course = format!(
        "{name} {verb} from {} at {} to {} at {}.",
        say::span(low),
        say::load(first.load),
        say::span(high),
        say::load(last.load)
    );
    let crossing =
        targets(chart, answer).first().map(|(ms, percentile, _)| crossing(&known, *ms, *percentile, statistic));
    let steady = points
        .iter()
        .find(|p| !p.steady)
        .map(|p| format!(" The fleet does not keep up from {} on.", say::load(p.load)));
    format!("{course}{}{}", crossing.unwrap_or_default(), steady.unwrap_or_default())
}

/// Where the curve meets its target. Only a curve of the target's own percentile may say that it is met.
fn crossing(known: &[(&Point, f64)], target_ms: f64, percentile: f64, statistic: Statistic) -> String {
    let target = format!("target of {}", say::target(target_ms));
    if statistic.name() != format!("p{percentile}") {
        return format!(" The {target} is for p{percentile}.");
    }
    match known.iter().position(|(_, value)| *value > target_ms) {
        None => format!(" It stays below the {target}."),
        Some(0) => format!(" It is above the {target} at every load."),
        Some(i) => {
            format!(
                " It crosses the {target} between {} and {}.",
                say::plain(known[i - 1].0.load.amount()),
                say::load(known[i].0.load)
            )
        }
    }
}

/// One point; parts are separated by "; ".
pub(super) fn announce(chart: &Chart, point: &Point, answer: &Answer, statistic: Statistic) -> String {
    let own = if point.own { ", this scenario" } else { "" };
    let mut parts =
        vec![format!("{} ({} of capacity){own}", say::load(point.load), say::percent_whole(point.load_frac))];
    let interval = say::span_interval(point.lo_ms, point.hi_ms).map_or_else(String::new, |i| format!(" (95 %: {i})"));
    parts.push(format!("{} {} {}{interval}", chart.short, statistic.name(), say::maybe_span(point.value_ms)));
    let target =
        targets(chart, answer).into_iter().find(|(_, percentile, _)| format!("p{percentile}") == statistic.name());
    if let (Some((target_ms, ..)), Some(value)) = (target, point.value_ms) {
        parts.push(format!("{} {}", if value <= target_ms { "meets" } else { "misses" }, say::target(target_ms)));
    }
    parts.push(format!("n = {}", say::count(point.n)));
    if !point.steady {
        parts.push("not steady: the fleet does not keep up here".into());
    }
    parts.join("; ")
}

/// The unit a chart of this answer is drawn in.
pub(super) fn unit(chart: &Chart, answer: &Answer, statistic: Statistic) -> Unit {
    let largest = points(chart, answer, statistic).iter().filter_map(|p| p.value_ms).fold(0.0, f64::max);
    let target = targets(chart, answer).iter().map(|t| t.0).fold(largest, f64::max);
    Unit::for_largest(target)
}
