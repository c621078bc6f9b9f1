//! What became of each setting of a document: a line each, with its place.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a document cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where; none: the document as a whole.
    pub at: Option<Mark>,
    /// What is wrong, and what would mend it.
    pub message: String,
}

impl Problem {
    /// A complaint about a document as a whole.
    #[must_use]
    pub fn whole(message: impl Into<String>) -> Self {
        Problem { at: None, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Problem {}

/// How a setting is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// As it works in reality.
    Exact,
    /// Nearly.
    Approximated,
    /// Not at all; it is kept.
    Ignored,
}

impl Fate {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Fate::Exact => "exact",
            Fate::Approximated => "approximated",
            Fate::Ignored => "ignored",
        }
    }
}

/// What became of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The setting's path in its document.
    pub setting: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Mark>,
    /// How it is simulated.
    pub fate: Fate,
    /// What replaces it, where its name is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// Why, where it does not go without saying.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Line {
    /// A line without a replacement.
    #[must_use]
    pub fn new(setting: impl Into<String>, at: Option<Mark>, fate: Fate, note: impl Into<String>) -> Self {
        Line { setting: setting.into(), at, fate, replacement: None, note: note.into() }
    }

    /// The line of a deprecated name.
    #[must_use]
    pub fn deprecated(
        setting: impl Into<String>,
        at: Option<Mark>,
        replacement: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Line { replacement: Some(replacement.into()), ..Line::new(setting, at, Fate::Exact, note) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:12} ", self.fate.word())?;
        match self.at {
            Some(at) => write!(f, "{:>4}:{:<3} ", at.line, at.column)?,
            None => write!(f, "{:9}", "")?,
        }
        f.write_str(&self.setting)?;
        if let Some(replacement) = &self.replacement {
            write!(f, " (deprecated, now {replacement})")?;
        }
        if !self.note.is_empty() {
            write!(f, ": {}", self.note)?;
        }
        Ok(())
    }
}
