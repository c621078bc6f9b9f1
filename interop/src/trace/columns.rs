//! Which column says what: by the names that known formats use, or as somebody says.

use super::{Kind, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// When a request is due.
    Time,
    /// Its prompt, tokens.
    Input,
    /// Its answer, tokens.
    Output,
    /// Its traffic class.
    Class,
    /// What its prompt begins with and others begin with too.
    Prefix,
    /// How much of it that is, tokens.
    PrefixTokens,
    /// What the rest of its prompt says, where others say it too.
    Prompt,
    /// Hashes of its prompt's blocks.
    Hashes,
}

/// Roles with their words, and the names under which known formats have them.
const ROLES: [(Role, &str, &[&str]); 8] = [
    (
        Role::Time,
        "time",
        &[
            "at_s",
            "arrival_s",
            "arrived_at",
            "arrival_ms",
            "arrival_time_us",
            "arrival_us",
            "timestamp",
            "TIMESTAMP",
            "Timestamp",
        ],
    ),
    (
        Role::Input,
        "input",
        &["input_tokens", "prompt_tokens", "num_prefill_tokens", "input_length", "ContextTokens", "Request tokens"],
    ),
    (
        Role::Output,
        "output",
        &["output_tokens", "num_decode_tokens", "output_length", "GeneratedTokens", "Response tokens"],
    ),
    (Role::Class, "class", &["class", "slo_class"]),
    (Role::Prefix, "prefix", &["prefix", "prefix_group"]),
    (Role::PrefixTokens, "prefix_tokens", &["prefix_tokens", "prefix_length"]),
    (Role::Prompt, "prompt", &["prompt"]),
    (Role::Hashes, "hashes", &["hash_ids"]),
];
/// Roles without which there is no request.
const NEEDED: [Role; 3] = [Role::Time, Role::Input, Role::Output];

/// Tokens of a block of Mooncake's.
pub(super) const MOONCAKE_BLOCK_TOKENS: u32 = 512;
/// What BLIS takes a prefix to be long where it does not say, tokens.
pub(super) const BLIS_PREFIX_TOKENS: u32 = 50;

/// Which column says what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Whose format it is.
    pub kind: Kind,
    /// Columns by role.
    pub columns: BTreeMap<Role, String>,
    /// What the column of time counts.
    pub unit: Unit,
    /// Whether the prompt's length leaves its prefix out.
    pub input_without_prefix: bool,
    /// Tokens of a hashed block.
    pub block_tokens: u32,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 8] = [
        Role::Time,
        Role::Input,
        Role::Output,
        Role::Class,
        Role::Prefix,
        Role::PrefixTokens,
        Role::Prompt,
        Role::Hashes,
    ];

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        ROLES.iter().find(|(role, ..)| *role == self).map_or("", |(_, word, _)| word)
    }

    /// Whether there is no request without it.
    #[must_use]
    pub fn is_needed(self) -> bool {
        NEEDED.contains(&self)
    }
}

impl Mapping {
    /// The mapping that the names of columns suggest, and a first row, by column.
    pub(super) fn guess(names: &[String], first: &dyn Fn(&str) -> String) -> Mapping {
        let mut columns = BTreeMap::new();
        for (role, _, known) in ROLES {
            if let Some(name) = known.iter().find(|known| names.iter().any(|name| name == **known)) {
                columns.insert(role, (*name).to_string());
            }
        }
        let is = |role: Role, name: &str| columns.get(&role).is_some_and(|column: &String| column == name);
        let kind = if is(Role::Time, "at_s") {
            Kind::Own
        } else if is(Role::Input, "ContextTokens") {
            Kind::Azure
        } else if is(Role::Input, "input_length") {
            Kind::Mooncake
        } else if is(Role::Time, "arrival_time_us") {
            Kind::BlisV2
        } else {
            Kind::Mapped
        };
        let time = columns.get(&Role::Time).map_or("", String::as_str);
        Mapping {
            kind,
            unit: Unit::guess(time, kind, &first(time)),
            input_without_prefix: kind == Kind::BlisV2,
            block_tokens: MOONCAKE_BLOCK_TOKENS,
            columns,
        }
    }

    /// The needed roles that have no column.
    #[must_use]
    pub fn missing(&self) -> Vec<Role> {
        NEEDED.into_iter().filter(|role| !self.columns.contains_key(role)).collect()
    }

    /// Roles that several columns are known for: one is taken, and somebody should look.
    #[must_use]
    pub fn ambiguous(names: &[String]) -> Vec<Role> {
        let several = |known: &[&str]| names.iter().filter(|name| known.contains(&name.as_str())).count() > 1;
        ROLES.into_iter().filter(|(_, _, known)| several(known)).map(|(role, ..)| role).collect()
    }

    /// The mapping that somebody writes as `time=arrival:ms,input=prompt,output=answer`.
    ///
    /// # Errors
    /// What is wrong with it, and what it may be.
    pub fn parse(text: &str) -> Result<Mapping, String> {
        let mut columns = BTreeMap::new();
        let mut unit = Unit::Seconds;
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let words = || ROLES.iter().map(|(_, word, _)| *word).collect::<Vec<_>>().join(", ");
            let (word, name) = part.split_once('=').ok_or_else(|| format!("“{part}” is not ROLE=COLUMN"))?;
            let found = ROLES.iter().find(|(_, known, _)| *known == word.trim());
            let role = found
                .map(|(role, ..)| *role)
                .ok_or_else(|| format!("there is no role “{word}”; there are {}", words()))?;
            let name = match (role, name.rsplit_once(':')) {
                (Role::Time, Some((name, suffix))) => {
                    unit = Unit::find(suffix)
                        .ok_or_else(|| format!("“{suffix}” is no unit of time; there are s, ms, us and date"))?;
                    name
                }
                _ => name,
            };
            columns.insert(role, name.trim().to_string());
        }
        for role in NEEDED {
            if !columns.contains_key(&role) {
                return Err(format!("no column is named for {}; add {}=COLUMN", role.word(), role.word()));
            }
        }
        let block_tokens = MOONCAKE_BLOCK_TOKENS;
        Ok(Mapping { kind: Kind::Mapped, columns, unit, input_without_prefix: false, block_tokens })
    }
}

/// What to say where columns are missing.
pub(super) fn missing(roles: &[Role], names: &[String]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
    let have: Vec<&str> = names.iter().take(40).map(String::as_str).collect();
    format!(
        "no column is known to be {}; the columns are {}. Name them, as in time=COLUMN:ms,input=COLUMN,output=COLUMN",
        words.join(" and "),
        if have.is_empty() { "none".into() } else { have.join(", ") }
    )
}
