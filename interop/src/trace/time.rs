//! Moments as recordings write them.

use super::Kind;
use playground_core::base::{Dur, Time};
use serde::Serialize;

/// What a column of time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// Longest recording, s: a month. Simulated time ends after 213 days.
const SECONDS_MAX: f64 = 31.0 * 86_400.0;

impl Unit {
    /// The unit of this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Unit> {
        match word {
            "s" => Some(Unit::Seconds),
            "ms" => Some(Unit::Millis),
            "us" | "µs" => Some(Unit::Micros),
            "date" => Some(Unit::Date),
            _ => None,
        }
    }

    /// The unit that a column's name or its format means.
    pub(super) fn of_column(name: &str, kind: Kind) -> Unit {
        match kind {
            Kind::Azure => Unit::Date,
            Kind::Mooncake => Unit::Millis,
            _ if name.ends_with("_us") => Unit::Micros,
            _ if name.ends_with("_ms") => Unit::Millis,
            _ => Unit::Seconds,
        }
    }

    /// Seconds; of a date, since 1970.
    pub(super) fn seconds(self, text: &str) -> Option<f64> {
        let plain = |factor: f64| text.parse::<f64>().ok().filter(|x| x.is_finite()).map(|x| x / factor);
        match self {
            Unit::Seconds => plain(1.0),
            Unit::Millis => plain(1e3),
            Unit::Micros => plain(1e6),
            Unit::Date => date(text),
        }
    }
}

/// A moment of the recording; none beyond the longest one.
pub(super) fn moment(seconds: f64) -> Option<Time> {
    (0.0..=SECONDS_MAX).contains(&seconds).then(|| Time::ZERO + Dur::from_secs_f64(seconds))
}

/// Seconds since 1970 of `YYYY-MM-DD HH:MM:SS[.fraction][+HH:MM]`.
fn date(text: &str) -> Option<f64> {
    let (day, clock) = text.trim().split_once([' ', 'T'])?;
    let mut day = day.split('-');
    let mut next = || day.next()?.parse::<i64>().ok();
    let (year, month, date) = (next()?, next()?, next()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    let clock = clock.trim_end_matches('Z');
    let (clock, offset_s) = match clock.rfind(['+', '-']) {
        None => (clock, 0.0),
        Some(i) => {
            let (hours, minutes) = clock[i + 1..].split_once(':')?;
            let seconds = hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0;
            (&clock[..i], if clock[i..].starts_with('-') { -seconds } else { seconds })
        }
    };
    let mut clock = clock.split(':');
    let mut next = || clock.next()?.parse::<f64>().ok().filter(|x| (0.0..61.0).contains(x));
    let seconds = next()? * 3600.0 + next()? * 60.0 + next()?;
    Some(days(year, month, date) as f64 * 86_400.0 + seconds - offset_s)
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
        assert_eq!(date("1970-01-01 00:00:00"), Some(0.0));
        assert_eq!(date("2000-03-01T00:00:00Z"), Some(951_868_800.0));
        let (a, b) = (date("2023-11-16 18:15:46.6805900"), date("2023-11-16 18:15:50.9951690"));
        assert!((b.expect("a date") - a.expect("a date") - 4.314_579).abs() < 1e-6);
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
}
