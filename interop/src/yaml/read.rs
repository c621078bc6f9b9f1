//! From text to values: events become a tree, under limits.

use super::{Data, Entry, Node, scalar};
use crate::report::{Mark, Problem};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Largest document, bytes: a hundred times the largest configuration seen.
pub const BYTES_MAX: usize = 4 << 20;
/// Deepest nesting: a Kubernetes manifest nests some fifteen levels.
pub const DEPTH_MAX: usize = 64;
/// Most values, aliases counted as what they stand for.
pub const VALUES_MAX: usize = 200_000;

/// Reads every document of a text.
///
/// # Errors
/// What is malformed or beyond a limit, and where.
pub fn parse(text: &str) -> Result<Vec<Node>, Problem> {
    if text.len() > BYTES_MAX {
        return Err(Problem::whole(format!(
            "has {} bytes; at most {BYTES_MAX} are read: import the part that configures the router, the engine or the load",
            text.len()
        )));
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, span) = event.map_err(|e| Problem { at: Some(mark(e.marker())), message: malformed(e.info()) })?;
        builder.take(event, &span)?;
    }
    Ok(builder.documents)
}

fn malformed(info: &str) -> String {
    format!("this is not YAML: {info}; check indentation, quotes and colons there")
}

fn mark(marker: &saphyr_parser::Marker) -> Mark {
    let counted = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Mark { line: counted(marker.line()), column: counted(marker.col()).saturating_add(1) }
}

/// A list or map that is not yet closed.
struct Open {
    at: Mark,
    anchor: usize,
    /// Values when it was opened.
    before: usize,
    what: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The name whose value comes next.
        key: Option<(String, Mark)>,
    },
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    /// Anchored values, with how many values each stands for.
    anchors: BTreeMap<usize, (Node, usize)>,
    values: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Problem> {
        let at = mark(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let data = data(text, style, tag.as_deref());
                self.count(1, at)?;
                self.place(Node { at, data }, anchor, 1)
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(at, anchor, Content::Map { entries: Vec::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, at),
            // Anchors reach to the end of their document.
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, values: usize, at: Mark) -> Result<(), Problem> {
        self.values = self.values.saturating_add(values);
        if self.values > VALUES_MAX {
            let message = format!("here the document passes {VALUES_MAX} values, aliases written out; shorten it");
            return Err(Problem { at: Some(at), message });
        }
        Ok(())
    }

    fn begin(&mut self, at: Mark, anchor: usize, what: Content) -> Result<(), Problem> {
        if self.open.len() >= DEPTH_MAX {
            let message = format!("here lists and maps are nested more than {DEPTH_MAX} deep; flatten the document");
            return Err(Problem { at: Some(at), message });
        }
        self.count(1, at)?;
        self.open.push(Open { at, anchor, before: self.values - 1, what });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let open = self.open.pop().expect("the parser closes what it opened");
        let data = match open.what {
            Content::List(items) => Data::List(items),
            Content::Map { entries, .. } => Data::Map(merged(entries)?),
        };
        let values = self.values - open.before;
        self.place(Node { at: open.at, data }, open.anchor, values)
    }

    fn alias(&mut self, anchor: usize, at: Mark) -> Result<(), Problem> {
        let Some((node, values)) = self.anchors.get(&anchor) else {
            return Err(Problem { at: Some(at), message: "this alias stands inside what it names".into() });
        };
        let (node, values) = (Node { at, ..node.clone() }, *values);
        self.count(values, at)?;
        if self.open.len() + depth(&node) > DEPTH_MAX {
            let message = format!("this alias nests more than {DEPTH_MAX} deep; flatten the document");
            return Err(Problem { at: Some(at), message });
        }
        self.place(node, 0, values)
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: Node, anchor: usize, values: usize) -> Result<(), Problem> {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), values));
            // The kept copy takes memory too.
            self.count(values, node.at)?;
        }
        match self.open.last_mut().map(|open| &mut open.what) {
            None => self.documents.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key }) => match key.take() {
                Some((key, at)) => entries.push(Entry { key, at, value: node }),
                None => *key = Some((name(&node)?, node.at)),
            },
        }
        Ok(())
    }
}

fn data(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Data {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    match style {
        ScalarStyle::Plain if !is_text => scalar::plain(&text),
        _ => Data::Text(text.into_owned()),
    }
}

/// The name of a setting.
fn name(node: &Node) -> Result<String, Problem> {
    match &node.data {
        Data::Text(text) => Ok(text.clone()),
        Data::Null => Ok("null".into()),
        Data::Boolean(b) => Ok(b.to_string()),
        Data::Number(n) => Ok(n.to_string()),
        Data::List(_) | Data::Map(_) => Err(node.problem("a list or map cannot be the name of a setting")),
    }
}

/// Settings with `<<` written out, each name once.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Problem> {
    let mut seen: BTreeMap<String, Mark> = BTreeMap::new();
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.key == "<<");
    for entry in &own {
        if let Some(first) = seen.insert(entry.key.clone(), entry.at) {
            let message = format!("`{}` is set a second time, first at {first}; remove one", entry.key);
            return Err(Problem { at: Some(entry.at), message });
        }
    }
    for merge in merges {
        let sources = match merge.value.data {
            Data::List(items) => items,
            other => vec![Node { at: merge.at, data: other }],
        };
        for source in sources {
            let Data::Map(entries) = source.data else { return Err(source.problem("`<<` needs a map")) };
            for entry in entries {
                if !seen.contains_key(&entry.key) {
                    seen.insert(entry.key.clone(), entry.at);
                    own.push(entry);
                }
            }
        }
    }
    Ok(own)
}

fn depth(node: &Node) -> usize {
    match &node.data {
        Data::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Data::Map(entries) => 1 + entries.iter().map(|e| depth(&e.value)).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(text: &str) -> serde_json::Value {
        let documents = parse(text).expect("sound");
        assert_eq!(documents.len(), 1);
        documents[0].to_value()
    }

    #[test]
    fn values_and_their_places() {
        let text = "a: 1\nb:\n  - x: yes\n    y: \"2\"\n  - |\n    two\n    lines\n";
        assert_eq!(one(text), json!({"a": 1, "b": [{"x": "yes", "y": "2"}, "two\nlines\n"]}));
        let document = &parse(text).expect("sound")[0];
        let second = &document.get("b").expect("there").items()[0];
        assert_eq!(second.get("y").expect("there").at, Mark { line: 4, column: 8 });
    }

    #[test]
    fn malformed_text_names_line_and_column() {
        for (text, line) in
            [("a: [1, 2\nb: 3\n", 2), ("a: 1\n b: 2\n", 2), ("a:\n\t- b\n", 2), ("a: \"x\n", 2), ("a: &b *b", 1)]
        {
            let problem = parse(text).expect_err(text);
            let at = problem.at.expect("a place");
            assert!(at.line >= 1 && at.line <= line + 1 && at.column >= 1, "{text:?}: {problem}");
            assert!(problem.to_string().contains("column"), "{problem}");
        }
        let twice = parse("a: 1\nb: 2\na: 3\n").expect_err("twice");
        assert_eq!(twice.at, Some(Mark { line: 3, column: 1 }));
    }

    #[test]
    fn merges_are_written_out() {
        let text = "base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n";
        assert_eq!(one(text)["own"], json!({"x": 1, "y": 3}));
    }

    #[test]
    fn hostile_documents_are_refused_at_once() {
        // The library under this has a limit of its own for brackets.
        for deep in ["[".repeat(100_000), "{a: ".repeat(50_000), "- ".repeat(100_000)] {
            assert!(parse(&deep).is_err_and(|p| p.at.is_some()));
        }
        let deep = "a:\n".to_string() + &(1..200).map(|i| format!("{}b:\n", " ".repeat(i))).collect::<String>();
        let problem = parse(&deep).expect_err("too deep");
        assert!(problem.message.contains("deep"), "{problem}");
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let before = format!("*a{}", i - 1);
            bomb += &format!("a{i}: &a{i} [{}]\n", [before.as_str(); 10].join(", "));
        }
        assert!(parse(&bomb).is_err_and(|p| p.message.contains("values") && p.at.is_some()));
        assert!(parse(&"x".repeat(BYTES_MAX + 1)).is_err_and(|p| p.message.contains("bytes")));
    }
}
