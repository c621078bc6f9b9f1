//! From values to text: block style, quotes where a reader of any age would need them.

use super::scalar;
use playground_core::base::Order;
use serde_json::Value;

/// A document; settings named in `first` come first wherever they occur, in that order, all others by name.
#[must_use]
pub fn write(value: &Value, first: &[&str]) -> String {
    let mut writer = Writer { out: String::new(), first };
    match value {
        Value::Object(map) if !map.is_empty() => writer.map(map, 0, true),
        Value::Array(items) if !items.is_empty() => writer.list(items, 0),
        other => {
            writer.scalar(other, 0);
            writer.out.push('\n');
        }
    }
    writer.out
}

struct Writer<'a> {
    out: String,
    first: &'a [&'a str],
}

impl Writer<'_> {
    /// The settings of a map; the first on the line that was begun, unless lines begin here.
    fn map(&mut self, map: &serde_json::Map<String, Value>, indent: usize, fresh: bool) {
        let rank = |key: &str| self.first.iter().position(|f| *f == key).unwrap_or(self.first.len());
        let mut keys: Vec<&String> = map.keys().collect();
        keys.order_by_key(|key| (rank(key), key.as_str()));
        for (i, key) in keys.into_iter().enumerate() {
            if fresh || i > 0 {
                self.pad(indent);
            }
            self.word(key);
            self.out.push(':');
            self.value(&map[key.as_str()], indent);
        }
    }

    fn list(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.pad(indent);
            match item {
                Value::Object(map) if !map.is_empty() => {
                    self.out.push_str("- ");
                    self.map(map, indent + 2, false);
                }
                Value::Array(inner) if !inner.is_empty() => {
                    self.out.push_str("-\n");
                    self.list(inner, indent + 2);
                }
                other => {
                    self.out.push_str("- ");
                    self.scalar(other, indent + 2);
                    self.out.push('\n');
                }
            }
        }
    }

    /// What follows a name and its colon.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.out.push('\n');
                self.map(map, indent + 2, true);
            }
            Value::Array(items) if !items.is_empty() => {
                self.out.push('\n');
                self.list(items, indent + 2);
            }
            other => {
                self.out.push(' ');
                self.scalar(other, indent + 2);
                self.out.push('\n');
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::String(text) if is_block(text) => self.block(text, indent),
            Value::String(text) => self.word(text),
            Value::Null => self.out.push_str("null"),
            // Lists and maps that are empty; numbers and booleans as JSON has them, which is YAML.
            other => self.out.push_str(&other.to_string()),
        }
    }

    /// Text on one line: bare where it reads as itself, else in quotes.
    fn word(&mut self, text: &str) {
        if is_bare(text) && scalar::reads_as_text(text) {
            self.out.push_str(text);
        } else {
            self.out.push_str(&quoted(text));
        }
    }

    /// Text of several lines, as it is.
    fn block(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        let body = text.trim_end_matches('\n');
        match text.len() - body.len() {
            0 => self.out.push('-'),
            1 => {}
            _ => self.out.push('+'),
        }
        let lines = text.strip_suffix('\n').unwrap_or(text);
        for line in lines.split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.pad(indent);
                self.out.push_str(line);
            }
        }
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Whether text can be written as a block: it has several lines, and its first is not indented.
fn is_block(text: &str) -> bool {
    let first = text.chars().next();
    let printable =
        |c: char| c == '\n' || c == '\t' || !(c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}');
    text.trim_end_matches('\n').contains('\n')
        && first.is_some_and(|c| !c.is_whitespace())
        && text.chars().all(printable)
}

/// Whether text without quotes is not mistaken for anything else.
fn is_bare(text: &str) -> bool {
    let safe =
        |c: char| c.is_ascii_alphanumeric() || "_-./@+,()=$ ".contains(c) || (!c.is_ascii() && c.is_alphanumeric());
    let begins = |c: char| c.is_ascii_alphanumeric() || "_./$(".contains(c) || (!c.is_ascii() && c.is_alphanumeric());
    text.starts_with(begins) && text.chars().all(safe) && !text.ends_with(' ')
}

/// Text in double quotes.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    // JSON leaves some characters bare that YAML does not print.
    let bare =
        |c: char| !((c.is_control() && c != '\t') || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{85}'));
    json.chars().map(|c| if bare(c) { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let odd = [
            "",
            " ",
            "yes",
            "null",
            "1",
            "1e3",
            "- a",
            "a: b",
            "a #b",
            "#",
            "{{x}}",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            " a\nb",
            "tab\tx",
            "“quoted”",
            "\"",
            "'",
            "\\",
            "*a",
            "&a",
            "!t",
            "%",
            "@x",
            "`",
            "a\r\nb",
            "\u{7f}",
            "\u{2028}",
            "?",
            "é",
            "60s",
            "10Gi",
            "--flag=1",
            "{\"a\": 1}",
            "[x]",
            "a,b",
            "x: |",
            "trailing ",
            "a\n  b\n c",
            "\n",
            "\n\na",
            "~",
            "<<",
        ];
        let list: Vec<Value> = odd.iter().map(|&t| Value::from(t)).collect();
        let mut map = serde_json::Map::new();
        odd.iter().filter(|t| **t != "<<").for_each(|&t| {
            map.insert(t.into(), json!([t, {"k": t, "n": [[t, 1.0, -2, true, null, [], {}]]}]));
        });
        let value = json!({"list": list, "map": map, "deep": {"a": {"b": [[1, 2], [3]]}}});
        let text = write(&value, &["map", "n"]);
        let back = parse(&text).unwrap_or_else(|p| panic!("{p}\n{text}"));
        assert_eq!(back[0].to_value(), value, "{text}");
    }

    #[test]
    fn it_looks_as_people_write_it() {
        let value =
            json!({"kind": "K", "apiVersion": "v1", "plugins": [{"name": "one", "type": "t", "weight": 2.0}], "e": {}});
        let text = "apiVersion: v1\nkind: K\nplugins:\n  - type: t\n    name: one\n    weight: 2.0\ne: {}\n";
        assert_eq!(write(&value, &["apiVersion", "kind", "plugins", "type", "name"]), text);
    }
}
