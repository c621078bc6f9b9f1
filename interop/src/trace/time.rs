//! Moments as recordings write them.

use super::Kind;
use playground_core::base::{PS_PER_S, Time};
use serde::{Deserialize, Serialize};

/// What a column of time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Millis,
    /// Microseconds.
    #[serde(rename = "us")]
    Micros,
    /// Date and time of day, as `2023-11-16 18:15:46.68`, in universal time.
    #[serde(rename = "date")]
    Date,
}

/// Longest recording, days: a month. Simulated time ends after 213.
const DAYS_MAX: u64 = 31;
/// Decimal places of a second that a picosecond is.
const PLACES: usize = 12;
/// Numbers of a clock that counts from 1970: above the first they are milliseconds since then, above the second microseconds;
/// as seconds they would lie three thousand years ahead.
const EPOCH_MS: f64 = 1e11;
const EPOCH_US: f64 = 1e14;

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 4] = [Unit::Seconds, Unit::Millis, Unit::Micros, Unit::Date];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Millis => "ms",
            Unit::Micros => "us",
            Unit::Date => "date",
        }
    }

    /// The unit of this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Unit> {
        let word = if word == "µs" { "us" } else { word };
        Unit::ALL.into_iter().find(|unit| unit.word() == word)
    }

    /// The unit that a column's format, its name, or else a moment in it means.
    #[must_use]
    pub fn guess(name: &str, kind: Kind, moment: &str) -> Unit {
        let number = moment.parse::<f64>().ok();
        match kind {
            Kind::Azure => Unit::Date,
            Kind::Mooncake => Unit::Millis,
            _ if name.ends_with("_us") => Unit::Micros,
            _ if name.ends_with("_ms") => Unit::Millis,
            _ if date(moment).is_some() => Unit::Date,
            _ if number.is_some_and(|x| x > EPOCH_US) => Unit::Micros,
            _ if number.is_some_and(|x| x > EPOCH_MS) => Unit::Millis,
            _ => Unit::Seconds,
        }
    }

    /// Picoseconds; of a date, since 1970.
    pub(super) fn ps(self, text: &str) -> Option<i128> {
        match self {
            Unit::Seconds => decimal(text, PLACES),
            Unit::Millis => decimal(text, PLACES - 3),
            Unit::Micros => decimal(text, PLACES - 6),
            Unit::Date => date(text),
        }
    }
}

/// Picoseconds as seconds.
pub(super) fn seconds(ps: i128) -> f64 {
    ps as f64 / PS_PER_S as f64
}

/// A moment of the recording; none beyond the longest one.
pub(super) fn moment(ps: i128) -> Option<Time> {
    let ps = u64::try_from(ps).ok()?;
    (ps <= DAYS_MAX * 86_400 * PS_PER_S).then(|| Time::from_ps(ps))
}

/// A number with so many decimal places, as a whole one: exact where its digits are written out.
fn decimal(text: &str, places: usize) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // Of twenty digits, and twelve places more, there is room for all.
    let plain = |part: &str| part.len() <= 20 && part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        // With an exponent, for one.
        let scale = (0..places).fold(1.0, |scale, _| scale * 10.0);
        let scaled = text.parse::<f64>().ok()? * scale;
        return (scaled.abs() < 1e30).then(|| scaled.round() as i128);
    }
    let digit = |i: usize| i128::from(fraction.as_bytes().get(i).map_or(0, |b| b - b'0'));
    let shifted = (0..places).fold(whole.parse::<i128>().ok()?, |sum, i| sum * 10 + digit(i));
    Some(sign * (shifted + i128::from(digit(places) >= 5)))
}

/// Picoseconds since 1970 of `YYYY-MM-DD HH:MM:SS[.fraction][+HH:MM]`.
fn date(text: &str) -> Option<i128> {
    let (day, clock) = text.trim().split_once([' ', 'T'])?;
    let mut day = day.split('-');
    let mut next = || day.next()?.parse::<i64>().ok();
    let (year, month, date) = (next()?, next()?, next()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    let (clock, offset) = match clock.rfind(['+', '-']) {
        None => (clock.trim_end_matches('Z'), 0),
        Some(i) => {
            let minutes = minutes(&mut clock[i + 1..].split(':'))?;
            (&clock[..i], if clock[i..].starts_with('-') { -minutes } else { minutes })
        }
    };
    let mut clock = clock.split(':');
    let minutes = minutes(&mut clock)? - offset;
    let second = decimal(clock.next()?, PLACES).filter(|ps| (0..61 * i128::from(PS_PER_S)).contains(ps))?;
    let minutes = days(year, month, date) * 24 * 60 + minutes;
    Some(i128::from(minutes * 60) * i128::from(PS_PER_S) + second)
}

/// Minutes of hours and minutes.
fn minutes<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<i64> {
    let mut next = || parts.next()?.parse::<i64>().ok().filter(|n| (0..61).contains(n));
    Some(next()? * 60 + next()?)
}

/// Days since 1970-01-01, with years that begin in March, so that leap days come last.
fn days(year: i64, month: i64, date: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + date - 1;
    365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds() {
        let s = i128::from(PS_PER_S);
        assert_eq!(date("1970-01-01 00:00:00"), Some(0));
        assert_eq!(date("2000-03-01T00:00:00Z"), Some(951_868_800 * s));
        let (a, b) = (date("2023-11-16 18:15:46.6805900"), date("2023-11-16 18:15:50.9951690"));
        assert_eq!(b.expect("a date") - a.expect("a date"), 4_314_579_000_000);
        assert_eq!(date("2024-05-12 02:00:00+02:00"), date("2024-05-12 00:00:00"));
        for odd in [
            "",
            "yesterday",
            "2024-13-01 00:00:00",
            "2024-01-01",
            "2024-01-01 1:2",
            "0000-00-00 00:00:00",
            "2024-01-01 aa:bb:cc",
        ] {
            assert_eq!(date(odd), None, "{odd}");
        }
    }

    #[test]
    fn numbers_keep_every_picosecond_that_is_written() {
        let times = ["0", "20000.123456789012", "1700000000.5", "1.0000000000005", "-2", "1e3", "2.5E-3", ".5"];
        let ps = times.map(|text| Unit::Seconds.ps(text));
        let s = i128::from(PS_PER_S);
        let want = [0, 20_000_123_456_789_012, 1_700_000_000 * s + s / 2, s + 1, -2 * s, 1000 * s, s / 400, s / 2];
        assert_eq!(ps, want.map(Some));
        assert_eq!((Unit::Millis.ps("1.5"), Unit::Micros.ps("7")), (Some(s * 3 / 2000), Some(7_000_000)));
        for odd in ["", "NaN", "inf", "-", ".", "1.2.3", "12 s", "1e300"] {
            assert_eq!(Unit::Seconds.ps(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_unit_is_seen_in_what_is_counted() {
        let guess = |name: &str, moment: &str| Unit::guess(name, Kind::Mapped, moment);
        assert_eq!(guess("arrival_ms", "5"), Unit::Millis);
        assert_eq!(guess("when", "2024-05-12T00:00:00Z"), Unit::Date);
        assert_eq!(
            ["1700000000", "1700000000000", "1700000000000000"].map(|t| guess("t", t)),
            [Unit::Seconds, Unit::Millis, Unit::Micros]
        );
    }
}
