//! From rows to requests: mended where that is safe, refused where it is not.

use super::columns::BLIS_PREFIX_TOKENS;
use super::contents::{Tree, named};
use super::rows::{BLOCKS_MAX, Places, Row};
use super::time::{moment, seconds};
use super::{Kind, Mapping, Role, Unit};
use crate::report::Problem;
use playground_core::base::Order;
use playground_core::base::Time;
use playground_core::workload::Recorded;

/// Most requests of a recording; the first so many are taken.
pub const REQUESTS_MAX: usize = 1_000_000;
/// Longest prompt and longest answer, tokens.
const TOKENS_MAX: f64 = 1e7;
/// Most classes; those beyond are counted with the last.
const CLASSES_MAX: usize = 32;
/// Longest name of a class, characters; what is longer is cut.
const CLASS_NAME_MAX: usize = 64;
/// Lines named of what was mended.
const LINES_NAMED: usize = 5;

/// A recording.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Whose format it has.
    pub kind: Kind,
    /// Its requests, in order of time; the class is a place among the names.
    pub requests: Vec<Recorded>,
    /// Names of its classes.
    pub classes: Vec<String>,
    /// What was mended, left out or is not as it was.
    pub notes: Vec<String>,
}

/// A row that was read, its time not yet counted from the first.
struct Taken {
    at_ps: i128,
    request: Recorded,
    /// Its place among prompts with hashes.
    hashed: Option<u32>,
}

/// Rows that were mended alike: how many, and where the first of them stand.
#[derive(Default)]
struct Mended {
    rows: u64,
    lines: Vec<u32>,
}

impl Mended {
    fn note(&mut self, line: u32) {
        self.rows += 1;
        if self.lines.len() < LINES_NAMED {
            self.lines.push(line);
        }
    }

    fn say(&self, notes: &mut Vec<String>, what: &str) {
        if self.rows == 0 {
            return;
        }
        let lines: Vec<String> = self.lines.iter().map(u32::to_string).collect();
        let more = if self.rows > lines.len() as u64 { ", …" } else { "" };
        let (row, at) = if self.rows == 1 { ("row", "line") } else { ("rows", "lines") };
        notes.push(format!("{} {row} {what} ({at} {}{more})", self.rows, lines.join(", ")));
    }
}

/// Rows on their way to requests.
pub(super) struct Reader {
    mapping: Mapping,
    places: Places,
    taken: Vec<Taken>,
    classes: Vec<String>,
    tree: Tree,
    last_ps: i128,
    unsorted: Mended,
    empty: Mended,
    prefix_cut: Mended,
    classes_joined: Mended,
    /// Where reading stopped, the limits being reached.
    pub(super) cut_at: Option<u32>,
}

impl Reader {
    /// Of rows whose columns are these.
    ///
    /// # Errors
    /// The columns that are not there.
    pub(super) fn new(mapping: Mapping, names: &[String]) -> Result<Self, Vec<String>> {
        let places = Places::new(&mapping, names)?;
        Ok(Reader {
            mapping,
            places,
            taken: Vec::new(),
            classes: Vec::new(),
            tree: Tree::default(),
            last_ps: 0,
            unsorted: Mended::default(),
            empty: Mended::default(),
            prefix_cut: Mended::default(),
            classes_joined: Mended::default(),
            cut_at: None,
        })
    }

    /// Whether no more are taken.
    pub(super) fn is_full(&self) -> bool {
        self.taken.len() == REQUESTS_MAX || self.tree.len() >= BLOCKS_MAX
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Why it cannot be a request.
    pub(super) fn take(&mut self, row: &Row, line: u32) -> Result<(), String> {
        let text = |role: Role| self.places.text(row, role);
        let at_ps = self.time(&text(Role::Time))?;
        let count = |role: Role| {
            let cell = text(role);
            let value: Option<f64> = cell.parse().ok().filter(|x| (0.0..=TOKENS_MAX).contains(x));
            let name = self.places.name(role);
            let what = || format!("`{name}` is “{}”; it must be a number of tokens up to {TOKENS_MAX}", brief(&cell));
            value.map(|x| x.round() as u32).ok_or_else(what)
        };
        let (input, output) = (count(Role::Input)?, count(Role::Output)?);
        let shared = text(Role::Prefix);
        let mut prefix_tokens = match text(Role::PrefixTokens).as_str() {
            "" if !shared.is_empty() && self.mapping.kind == Kind::BlisV2 => BLIS_PREFIX_TOKENS,
            "" => 0,
            _ if shared.is_empty() => 0,
            _ => count(Role::PrefixTokens)?,
        };
        let prompt_tokens = if self.mapping.input_without_prefix { input.saturating_add(prefix_tokens) } else { input };
        if prompt_tokens == 0 || output == 0 {
            self.empty.note(line);
            return Ok(());
        }
        if prefix_tokens > prompt_tokens {
            self.prefix_cut.note(line);
            prefix_tokens = prompt_tokens;
        }
        let body = Some(text(Role::Prompt)).filter(|prompt| !prompt.is_empty()).map(|prompt| named("prompt", &prompt));
        let prefix = if prefix_tokens == 0 { (0, 0) } else { (named("prefix", &shared), prefix_tokens) };
        let class = self.class(&text(Role::Class), line);
        let hashed = self.places.hashes(row).filter(|hashes| !hashes.is_empty()).map(|hashes| {
            // No more blocks than the prompt has tokens for.
            let most = prompt_tokens.div_ceil(self.mapping.block_tokens.max(1)) as usize;
            self.tree.add(&hashes[..hashes.len().min(most)])
        });
        if at_ps < self.last_ps {
            self.unsorted.note(line);
        }
        self.last_ps = at_ps;
        let request = Recorded { at: Time::ZERO, class, prompt_tokens, output_tokens: output, prefix, body };
        self.taken.push(Taken { at_ps, request, hashed });
        Ok(())
    }

    fn time(&self, text: &str) -> Result<i128, String> {
        let (name, unit) = (self.places.name(Role::Time), self.mapping.unit);
        let counts = if unit == Unit::Date { "a date as 2024-05-12 18:15:46.5" } else { "a number" };
        let ps = unit.ps(text).ok_or_else(|| {
            format!(
                "`{name}` is “{}”, which is no time: in {} it must be {counts}. Is it the right column and unit?",
                brief(text),
                unit.word()
            )
        })?;
        if ps < 0 {
            let text = brief(text);
            return Err(format!("`{name}` is negative ({text}); count from the beginning of the recording"));
        }
        Ok(ps)
    }

    fn class(&mut self, name: &str, line: u32) -> u32 {
        let end = name.char_indices().nth(CLASS_NAME_MAX).map_or(name.len(), |(end, _)| end);
        let name = &name[..end];
        if let Some(known) = self.classes.iter().position(|class| class == name) {
            return known as u32;
        }
        if self.classes.len() == CLASSES_MAX {
            self.classes_joined.note(line);
            return CLASSES_MAX as u32 - 1;
        }
        self.classes.push(name.into());
        self.classes.len() as u32 - 1
    }

    /// The recording.
    ///
    /// # Errors
    /// Why there is none; `refused` rows had no request in them.
    pub(super) fn finish(mut self, refused: u64) -> Result<Trace, Problem> {
        let mut notes = Vec::new();
        if self.unsorted.rows > 0 {
            self.taken.order_by_key(|taken| taken.at_ps);
        }
        self.unsorted.say(&mut notes, "stood before an earlier one; all were sorted by time");
        self.share(&mut notes);
        let first_ps = self.taken.first().map_or(0, |t| t.at_ps);
        // Dates and clocks that began long before are counted from the first request.
        let began_before = self.mapping.unit == Unit::Date || seconds(first_ps) > 86_400.0;
        let begin_ps = if began_before { first_ps } else { 0 };
        if begin_ps > 0 {
            notes.push("times are counted from the first request".into());
        }
        let mut requests = Vec::with_capacity(self.taken.len());
        for taken in &self.taken {
            let after_ps = taken.at_ps - begin_ps;
            let at = moment(after_ps).ok_or_else(|| {
                Problem::whole(format!(
                    "has a request {:.0} s after the first; a month at most is replayed. Is the unit of time right?",
                    seconds(after_ps)
                ))
            })?;
            requests.push(Recorded { at, ..taken.request });
        }
        self.empty.say(&mut notes, "with an empty prompt or an empty answer left out");
        self.prefix_cut.say(&mut notes, "with a prefix longer than the prompt, which was cut to it");
        self.classes_joined.say(&mut notes, "of classes beyond 32 counted with the last");
        if let Some(line) = self.cut_at {
            notes.push(format!(
                "reading stopped at line {line}: at most {REQUESTS_MAX} requests and {BLOCKS_MAX} different blocks are replayed"
            ));
        }
        if requests.is_empty() {
            let why = match refused {
                0 if notes.is_empty() => "it has no row".into(),
                0 => notes.join("; "),
                n => format!("{n} rows cannot be read"),
            };
            return Err(Problem::whole(format!("holds no request: {why}")));
        }
        Ok(Trace { kind: self.mapping.kind, requests, classes: self.classes, notes })
    }

    /// Puts in what the hashes of blocks say.
    fn share(&mut self, notes: &mut Vec<String>) {
        if self.tree.len() == 0 {
            return;
        }
        let (pieces, sharing) = self.tree.pieces();
        for taken in &mut self.taken {
            let Some((first, blocks, second)) = taken.hashed.and_then(|i| pieces.get(i as usize)) else { continue };
            let tokens = blocks.saturating_mul(self.mapping.block_tokens).min(taken.request.prompt_tokens);
            taken.request.prefix = (*first, tokens);
            taken.request.body = Some(*second);
        }
        if sharing.kept < sharing.repeated {
            let frac = 100.0 * sharing.kept as f64 / sharing.repeated as f64;
            notes.push(format!("of the blocks that prompts repeat, {frac:.1} % are shared here: a replayed prompt leaves what others say at most once"));
        }
    }
}

fn brief(text: &str) -> String {
    text.chars().take(40).collect()
}
