//! What serde says of a value that does not fit, in words of scenario files instead of Rust's types.

use alloc::format;
use alloc::string::{String, ToString};

/// What is needed and what is there; the text itself where it says something else.
pub(super) fn spoken(text: &str) -> String {
    let parts = text.split_once(", expected ");
    let told = parts.and_then(|(found, needed)| {
        let found = found.strip_prefix("invalid type: ").or_else(|| found.strip_prefix("invalid value: "))?;
        let needed = match needed {
            "f64" | "f32" => "a number",
            "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on",
            "i8" | "i16" | "i32" | "i64" => "a whole number",
            "a sequence" => "a list, as in [ … ],",
            "a map" => "an object, as in { … },",
            kind if kind.starts_with("struct ") => "an object, as in { … },",
            other => other,
        };
        Some(format!("{needed} is needed, and it is {found}"))
    });
    told.unwrap_or_else(|| text.to_string())
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;
    use serde_json::json;

    #[test]
    fn types_are_told_in_words_of_the_file() {
        let told = |value| Scenario::from_value(value).expect_err("is refused").message;
        let rate = told(json!({ "workload": { "arrival": { "rate_rps": "fast" } } }));
        assert_eq!(rate, "cannot be read: a number is needed, and it is string \"fast\"");
        let pools = told(json!({ "topology": { "pools": 3 } }));
        assert!(pools.contains("a list, as in [ … ], is needed, and it is integer `3`"), "{pools}");
        let policies = told(json!({ "policies": 7 }));
        assert!(policies.contains("an object") && !policies.contains("struct"), "{policies}");
        let seed = told(json!({ "run": { "seed": -1 } }));
        assert!(seed.contains("a whole number from 0 on is needed, and it is integer `-1`"), "{seed}");
    }
}
