//! Numbers as people read them: three significant digits, one unit, never more than is known.

use playground_core::base::math;
use playground_core::scenario::Load;

/// Text for what was not measured.
pub(crate) const NOTHING: &str = "—";

/// `value` with three significant digits; from 1,000 on whole, with thousands marked.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.into();
    }
    if decimals(value) == 0 {
        return whole(value);
    }
    let text = format!("{value:.*}", decimals(value));
    // Rounding may have carried into one digit more: 9.996 is 10.0, not 10.00.
    let carried = text.parse().map_or(0, decimals);
    if carried < decimals(value) { format!("{value:.carried$}") } else { text }
}

/// Decimals that give three significant digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 || v == 0.0 => 2,
        v if v >= 0.1 => 3,
        _ => 4,
    }
}

/// As [`number`], without zeros that say nothing: for settings.
pub(crate) fn plain(value: f64) -> String {
    let text = number(value);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A whole number with thousands marked; halves go up, as people round.
pub(crate) fn whole(value: f64) -> String {
    let digits = format!("{:.0}", math::round(value.abs()));
    let mut text = String::from(if value < 0.0 && digits != "0" { "−" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with thousands marked.
pub(crate) fn count(n: u64) -> String {
    whole(n as f64)
}

/// Unit in which a span is said: seconds from one second on.
fn in_seconds(ms: f64) -> bool {
    ms.abs() >= 999.5
}

/// A span of milliseconds: "182 ms", "9.62 s".
pub(crate) fn span(ms: f64) -> String {
    let (value, unit) = span_parts(ms);
    format!("{value} {unit}")
}

/// A span's value and unit.
pub(crate) fn span_parts(ms: f64) -> (String, &'static str) {
    if in_seconds(ms) { (number(ms / 1000.0), "s") } else { (number(ms), "ms") }
}

/// A span that was set, not measured: "1 s", "50 ms".
pub(crate) fn target(ms: f64) -> String {
    if in_seconds(ms) { format!("{} s", plain(ms / 1000.0)) } else { format!("{} ms", plain(ms)) }
}

/// A span, or the sign for nothing.
pub(crate) fn maybe_span(ms: Option<f64>) -> String {
    ms.map_or_else(|| NOTHING.into(), span)
}

/// Both ends of an interval in the unit of its upper end: "175–190 ms".
pub(crate) fn span_interval(lo: Option<f64>, hi: Option<f64>) -> Option<String> {
    let (lo, hi) = (lo?, hi?);
    let (scale, unit) = if in_seconds(hi) { (1000.0, "s") } else { (1.0, "ms") };
    Some(format!("{}–{} {unit}", number(lo / scale), number(hi / scale)))
}

/// Things one after the other: "A", "A and B", "A, B and C".
pub(crate) fn list(of: &[&str]) -> String {
    match of {
        [] => String::new(),
        [one] => (*one).into(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// A number with its sign: "+3.20", "−0.410", "0.00".
pub(crate) fn signed(value: f64) -> String {
    let text = number(value.abs());
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    match value {
        _ if is_zero || text == NOTHING => text,
        v if v < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// A change with its interval in brackets, in the unit of the larger: "−33.5 [−40.1, −26.9] ms".
pub(crate) fn signed_span_with(value_ms: f64, lo_ms: Option<f64>, hi_ms: Option<f64>) -> String {
    let largest = [Some(value_ms), lo_ms, hi_ms].into_iter().flatten().fold(0.0, |m: f64, v| m.max(v.abs()));
    let (scale, unit) = if in_seconds(largest) { (1000.0, "s") } else { (1.0, "ms") };
    format!("{} {unit}", signed_with(value_ms / scale, lo_ms.map(|v| v / scale), hi_ms.map(|v| v / scale)))
}

/// A change with its interval in brackets: "+3.20 [+2.10, +4.30]".
pub(crate) fn signed_with(value: f64, lo: Option<f64>, hi: Option<f64>) -> String {
    match lo.zip(hi) {
        Some((lo, hi)) => format!("{} [{}, {}]", signed(value), signed(lo), signed(hi)),
        None => signed(value),
    }
}

/// From this ratio on a growth is said as a ratio: percent of so many digits say nothing.
const RATIO_FROM: f64 = 10.0;

/// A relative change with its interval in brackets: "−38 % [−41, −35]", "×12.3 [11.0, 13.6]".
pub(crate) fn change_with(frac: f64, lo: Option<f64>, hi: Option<f64>) -> String {
    if 1.0 + frac >= RATIO_FROM {
        let bracket = lo.zip(hi).map(|(lo, hi)| format!(" [{}, {}]", number((1.0 + lo).max(0.0)), number(1.0 + hi)));
        return format!("×{}{}", number(1.0 + frac), bracket.unwrap_or_default());
    }
    // No finer than the interval can be told, and never a loss of all that is not one.
    let width = lo.zip(hi).map_or(1.0, |(lo, hi)| hi - lo);
    let nearly_all = frac > -1.0 && frac < -0.995;
    let decimals = if width < 0.002 || nearly_all {
        2
    } else if width < 0.1 && frac.abs() < 0.1 || width < 0.02 {
        1
    } else {
        0
    };
    let percent = |v: f64| {
        let text = format!("{:.decimals$}", (v * 100.0).abs());
        let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
        let sign = if is_zero {
            ""
        } else if v < 0.0 {
            "−"
        } else {
            "+"
        };
        format!("{sign}{text}")
    };
    let bracket = lo.zip(hi).map(|(lo, hi)| format!(" [{}, {}]", percent(lo), percent(hi)));
    format!("{} %{}", percent(frac), bracket.unwrap_or_default())
}

/// A share as percent: "96.1 %", "62 %".
pub(crate) fn percent(frac: f64) -> String {
    let value = frac * 100.0;
    let decimals = if value >= 99.95 || value >= 20.0 && frac <= 0.9 { 0 } else { 1 };
    format!("{value:.decimals$} %")
}

/// A share of capacity as whole percent: what is read off an axis.
pub(crate) fn percent_whole(frac: f64) -> String {
    format!("{:.0} %", frac * 100.0)
}

/// Money: "$11.80", "$0.164", "$1,204".
pub(crate) fn usd(value: f64) -> String {
    if value >= 999.5 {
        format!("${}", whole(value))
    } else if value >= 1.0 {
        format!("${value:.2}")
    } else {
        format!("${value:.3}")
    }
}

/// A load: "40 req/s", "64 clients".
pub(crate) fn load(load: Load) -> String {
    format!("{} {}", plain_load(load), load.unit())
}

/// A load's number, in a column of them.
pub(crate) fn load_number(load: Load) -> String {
    if load.is_closed() { plain_load(load) } else { number(load.amount()) }
}

/// Clients are counted to the last one.
fn plain_load(load: Load) -> String {
    if load.is_closed() { whole(load.amount()) } else { plain(load.amount()) }
}

/// Unit of a column of loads.
pub(crate) fn load_unit(load: Load) -> &'static str {
    if load.is_closed() { "clients" } else { load.unit() }
}

/// What an axis of loads shows.
pub(crate) fn load_axis(load: Load) -> &'static str {
    if load.is_closed() { "clients, each with one request at a time" } else { "offered load, req/s" }
}

/// Requests per second.
pub(crate) fn rate(rps: f64) -> String {
    format!("{} req/s", plain(rps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_say_what_is_known() {
        let texts: Vec<String> = [0.0, 0.01234, 0.5, 1.5, 9.996, 45.126, 182.4, 999.7, 12_384.9].map(number).into();
        assert_eq!(texts, ["0.00", "0.0123", "0.500", "1.50", "10.0", "45.1", "182", "1,000", "12,385"]);
        assert_eq!(number(f64::NAN), NOTHING);
    }

    #[test]
    fn settings_carry_no_empty_zeros() {
        let texts: Vec<String> = [1.0, 0.92, 80.0, 2.5, 1000.0].map(plain).into();
        assert_eq!(texts, ["1", "0.92", "80", "2.5", "1,000"]);
    }

    #[test]
    fn loads_have_their_unit_and_clients_are_whole() {
        let loads = [Load::Rate(12.34), Load::Concurrency(1), Load::Concurrency(1234)];
        assert_eq!(loads.map(load), ["12.3 req/s", "1 client", "1,234 clients"]);
        assert_eq!(loads.map(load_number), ["12.3", "1", "1,234"]);
    }

    #[test]
    fn thousands_are_marked() {
        let texts: Vec<String> = [0.0, 7.0, 999.0, 1000.0, 1_234_567.0, -12_345.0].map(whole).into();
        assert_eq!(texts, ["0", "7", "999", "1,000", "1,234,567", "−12,345"]);
    }

    #[test]
    fn spans_choose_their_unit() {
        let texts: Vec<String> = [0.4, 45.12, 812.3, 999.6, 9620.0].map(span).into();
        assert_eq!(texts, ["0.400 ms", "45.1 ms", "812 ms", "1.00 s", "9.62 s"]);
        assert_eq!(target(1000.0), "1 s");
        assert_eq!(target(50.0), "50 ms");
        assert_eq!(span_interval(Some(800.0), Some(1200.0)).as_deref(), Some("0.800–1.20 s"));
        assert_eq!(span_interval(None, Some(1.0)), None);
    }

    #[test]
    fn changes_carry_their_sign_and_no_more_digits_than_their_interval() {
        assert_eq!([0.0, -0.00001, 3.2, -0.41, 1234.0].map(signed), ["0.00", "0.00", "+3.20", "−0.410", "+1,234"]);
        assert_eq!(signed_span_with(-33.5, Some(-40.1), Some(-26.9)), "−33.5 [−40.1, −26.9] ms");
        assert_eq!(signed_span_with(900.0, Some(700.0), Some(1100.0)), "+0.900 [+0.700, +1.10] s");
        assert_eq!(signed_span_with(5.0, None, None), "+5.00 ms");
        assert_eq!(change_with(-0.38, Some(-0.41), Some(-0.35)), "−38 % [−41, −35]");
        assert_eq!(change_with(0.031, Some(0.012), Some(0.05)), "+3.1 % [+1.2, +5.0]");
        assert_eq!(change_with(11.3, Some(10.0), Some(12.6)), "×12.3 [11.0, 13.6]");
        assert_eq!(change_with(-0.9987, Some(-0.9989), Some(-0.9985)), "−99.87 % [−99.89, −99.85]");
        assert_eq!(change_with(0.0, Some(0.0), Some(0.0)), "0.00 % [0.00, 0.00]");
    }

    #[test]
    fn shares_and_money_are_short() {
        let texts: Vec<String> = [0.0, 0.012, 0.62, 0.961, 1.0, 1.3].map(percent).into();
        assert_eq!(texts, ["0.0 %", "1.2 %", "62 %", "96.1 %", "100 %", "130 %"]);
        let texts: Vec<String> = [0.1641, 11.8, 1204.4].map(usd).into();
        assert_eq!(texts, ["$0.164", "$11.80", "$1,204"]);
    }
}
