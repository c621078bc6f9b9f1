//! Which words of YAML are more than text, by the core schema of YAML 1.2.

use super::Data;
use serde_json::Number;

/// Words that older readers take for yes or no: written in quotes, so that they stay text everywhere.
const OLDER_BOOLEANS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// What a word without quotes means.
pub(super) fn plain(word: &str) -> Data {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Boolean(true),
        "false" | "False" | "FALSE" => return Data::Boolean(false),
        _ => {}
    }
    number(word).map_or_else(|| Data::Text(word.into()), Data::Number)
}

/// The number that a word spells, if it does.
fn number(word: &str) -> Option<Number> {
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let prefixed = |prefix: &str, radix| {
        let digits = word.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+')).map(Number::from)
    };
    if let Some(n) = prefixed("0x", 16).or_else(|| prefixed("0o", 8)) {
        return Some(n);
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        let plain = word.strip_prefix('+').unwrap_or(word);
        if let Ok(n) = plain.parse::<i64>() {
            return Some(n.into());
        }
        if let Ok(n) = plain.parse::<u64>() {
            return Some(n.into());
        }
    }
    let digits = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    if !unsigned.chars().all(digits) || !unsigned.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Number::from_f64(word.parse().ok()?)
}

/// Whether a word without quotes would be read as this text, by readers of any age.
pub(super) fn reads_as_text(text: &str) -> bool {
    matches!(plain(text), Data::Text(_)) && !OLDER_BOOLEANS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_the_core_schema_says() {
        for (word, want) in [("1", "1"), ("-3", "-3"), ("0x10", "16"), ("0o17", "15"), ("1.0", "1.0"), ("+2", "2")] {
            let Data::Number(n) = plain(word) else { panic!("{word} is a number") };
            assert_eq!(n.to_string(), want);
        }
        assert_eq!(plain("18446744073709551615"), Data::Number(u64::MAX.into()));
        assert_eq!((plain("~"), plain("True")), (Data::Null, Data::Boolean(true)));
        for word in ["yes", "10Gi", "1k", "v1", "1.2.3", "60s", "-", ".", "e5", "0x", "1-2", ".inf", "NaN", "1_000"] {
            assert_eq!(plain(word), Data::Text(word.into()), "{word}");
        }
        assert!(reads_as_text("both") && !reads_as_text("No") && !reads_as_text("12") && !reads_as_text(""));
    }
}
