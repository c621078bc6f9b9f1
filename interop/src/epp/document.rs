//! Small steps on a configuration as plain values, and where its settings stood in the text.

use crate::report::Mark;
use crate::values::text_of;
use crate::yaml::Node;
use serde_json::Value;

/// Where settings stood, found by path; nothing for a configuration that came from no text.
pub(super) struct Marks<'a> {
    /// The text's root.
    pub(super) root: Option<&'a Node>,
}

impl Marks<'_> {
    /// The place of a setting, by a path like `plugins[2].parameters.threshold`.
    pub(super) fn at(&self, path: &str) -> Option<Mark> {
        let mut node = self.root?;
        let mut at = node.at;
        for part in path.split(['.', '[']) {
            node = match part.strip_suffix(']').and_then(|n| n.parse::<usize>().ok()) {
                Some(index) => {
                    let item = node.items().get(index)?;
                    at = item.at;
                    item
                }
                None => {
                    let entry = node.entries().iter().find(|e| e.key == part)?;
                    at = entry.at;
                    &entry.value
                }
            };
        }
        Some(at)
    }
}

/// One item of a list in it.
pub(super) struct Entry<'a> {
    /// Its path.
    pub(super) path: String,
    pub(super) marks: &'a Marks<'a>,
}

impl Entry<'_> {
    /// The place of a setting of it.
    pub(super) fn at(&self, field: &str) -> Option<Mark> {
        self.marks.at(&format!("{}.{field}", self.path)).or_else(|| self.marks.at(&self.path))
    }
}

/// What a plugin is called: its name, or its type.
pub(super) fn named(plugin: &Value) -> &str {
    match text_of(plugin, "name") {
        "" => text_of(plugin, "type"),
        name => name,
    }
}
