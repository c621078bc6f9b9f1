//! From rows to requests: mended where that is safe, refused where it is not.

use super::columns::{BLIS_PREFIX_TOKENS, missing};
use super::contents::{Tree, named};
use super::rows::{BLOCKS_MAX, Places, Row, Rows};
use super::time::moment;
use super::{Kind, Mapping, Role};
use crate::report::Problem;
use playground_core::base::Time;
use playground_core::workload::Recorded;
use serde::Serialize;
use std::io::BufRead;

/// Most requests of a recording; the first so many are taken.
pub const REQUESTS_MAX: usize = 1_000_000;
/// Longest prompt and longest answer, tokens.
const TOKENS_MAX: f64 = 1e7;
/// Most classes; those beyond are counted with the last.
const CLASSES_MAX: usize = 32;
/// Rows of a preview.
const PREVIEW_ROWS: usize = 20;

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

/// The beginning of a recording, before it is taken.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its first rows as text, by column.
    pub rows: Vec<Vec<String>>,
    /// What the columns are taken for; none: somebody has to say.
    pub mapping: Option<Mapping>,
    /// What has no column.
    pub missing: Vec<Role>,
}

/// Shows the beginning of a recording.
///
/// # Errors
/// When it is no table and no list of objects.
pub fn preview(input: &mut dyn BufRead) -> Result<Preview, Problem> {
    let mut rows = Rows::new(input)?;
    let columns = rows.names();
    let (mapping, missing) = match Mapping::guess(&columns) {
        Ok(mapping) => (Some(mapping), Vec::new()),
        Err(missing) => (None, missing),
    };
    let mut shown = Vec::new();
    while shown.len() < PREVIEW_ROWS {
        let Some(row) = rows.next()? else { break };
        shown.push(match row {
            Row::Cells(cells) => cells,
            Row::Object(pairs) => {
                let of = |name: &String| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.to_string());
                columns.iter().map(|name| of(name).unwrap_or_default()).collect()
            }
        });
    }
    Ok(Preview { columns, rows: shown, mapping, missing })
}

/// Reads a recording; with a mapping, its columns are what that says.
///
/// # Errors
/// What cannot be mended, and in which line.
pub fn read(input: &mut dyn BufRead, mapping: Option<&Mapping>) -> Result<Trace, Problem> {
    let mut rows = Rows::new(input)?;
    let names = rows.names();
    let mapping = match mapping {
        Some(mapping) => mapping.clone(),
        None => Mapping::guess(&names).map_err(|roles| Problem::whole(missing(&roles, &names)))?,
    };
    let places = Places::new(&mapping, &names).map_err(|absent| {
        Problem::whole(format!("has no column {}; the columns are {}", absent.join(", "), names.join(", ")))
    })?;
    let mut reader = Reader {
        mapping: &mapping,
        places: &places,
        taken: Vec::new(),
        classes: Vec::new(),
        counts: Counts::default(),
        tree: Tree::default(),
    };
    while let Some(row) = rows.next()? {
        if reader.taken.len() == REQUESTS_MAX || reader.tree.len() >= BLOCKS_MAX {
            reader.counts.cut_at = Some(rows.line);
            break;
        }
        reader.take(&row).map_err(|message| rows.problem(message))?;
    }
    reader.finish()
}

/// A row that was read, its time not yet counted from the first.
struct Taken {
    at_s: f64,
    request: Recorded,
    /// Its place among prompts with hashes.
    hashed: Option<u32>,
}

/// What was mended.
#[derive(Default)]
struct Counts {
    empty: u64,
    prefix_cut: u64,
    classes_joined: u64,
    cut_at: Option<u32>,
}

struct Reader<'a> {
    mapping: &'a Mapping,
    places: &'a Places<'a>,
    taken: Vec<Taken>,
    classes: Vec<String>,
    counts: Counts,
    tree: Tree,
}

impl Reader<'_> {
    fn take(&mut self, row: &Row) -> Result<(), String> {
        let name = |role: Role| self.mapping.columns.get(&role).map_or("", String::as_str);
        let text = |role: Role| self.places.text(row, role);
        let when = text(Role::Time);
        let at_s = self.mapping.unit.seconds(&when);
        let at_s = at_s.ok_or_else(|| format!("`{}` is “{}”, which is no time", name(Role::Time), brief(&when)))?;
        if at_s < 0.0 {
            return Err(format!(
                "`{}` is negative ({when}); count from the beginning of the recording",
                name(Role::Time)
            ));
        }
        let count = |role: Role| {
            let cell = text(role);
            let value: Option<f64> = cell.parse().ok().filter(|x| (0.0..=TOKENS_MAX).contains(x));
            let what =
                || format!("`{}` is “{}”; it must be a number of tokens up to {TOKENS_MAX}", name(role), brief(&cell));
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
            self.counts.empty += 1;
            return Ok(());
        }
        if prefix_tokens > prompt_tokens {
            self.counts.prefix_cut += 1;
            prefix_tokens = prompt_tokens;
        }
        let body = Some(text(Role::Prompt)).filter(|prompt| !prompt.is_empty()).map(|prompt| named("prompt", &prompt));
        let prefix = if prefix_tokens == 0 { (0, 0) } else { (named("prefix", &shared), prefix_tokens) };
        let class = self.class(text(Role::Class));
        let hashed = self.places.hashes(row).filter(|hashes| !hashes.is_empty()).map(|hashes| {
            // No more blocks than the prompt has tokens for.
            let most = prompt_tokens.div_ceil(self.mapping.block_tokens) as usize;
            self.tree.add(&hashes[..hashes.len().min(most)])
        });
        let request = Recorded { at: Time::ZERO, class, prompt_tokens, output_tokens: output, prefix, body };
        self.taken.push(Taken { at_s, request, hashed });
        Ok(())
    }

    fn class(&mut self, name: String) -> u32 {
        if let Some(known) = self.classes.iter().position(|class| *class == name) {
            return known as u32;
        }
        if self.classes.len() == CLASSES_MAX {
            self.counts.classes_joined += 1;
            return CLASSES_MAX as u32 - 1;
        }
        self.classes.push(name);
        self.classes.len() as u32 - 1
    }

    fn finish(mut self) -> Result<Trace, Problem> {
        let mut notes = Vec::new();
        let unsorted = self.taken.windows(2).filter(|w| w[1].at_s < w[0].at_s).count();
        if unsorted > 0 {
            notes.push(format!("{unsorted} rows stood before an earlier one; all were sorted by time"));
            self.taken.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        }
        self.share(&mut notes);
        let first_s = self.taken.first().map_or(0.0, |t| t.at_s);
        // Dates and clocks that began long before are counted from the first request.
        let begin_s = if self.mapping.unit == super::Unit::Date || first_s > 86_400.0 { first_s } else { 0.0 };
        if begin_s > 0.0 {
            notes.push("times are counted from the first request".into());
        }
        let mut requests = Vec::with_capacity(self.taken.len());
        for taken in &self.taken {
            let at = moment(taken.at_s - begin_s).ok_or_else(|| {
                Problem::whole(format!("its last request is due {:.0} s after the first; a month at most is replayed. Is the unit of time right?", taken.at_s - begin_s))
            })?;
            requests.push(Recorded { at, ..taken.request });
        }
        self.counts.say(&mut notes);
        if requests.is_empty() {
            let why = if notes.is_empty() { "it has no row".into() } else { notes.join("; ") };
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

impl Counts {
    fn say(&self, notes: &mut Vec<String>) {
        let mut say = |n: u64, what: &str| {
            if n > 0 {
                notes.push(format!("{n} rows {what}"));
            }
        };
        say(self.empty, "with an empty prompt or an empty answer were left out");
        say(self.prefix_cut, "had a prefix longer than their prompt; it was cut to the prompt");
        say(self.classes_joined, "of classes beyond 32 were counted with the last");
        if let Some(line) = self.cut_at {
            notes.push(format!(
                "reading stopped at line {line}: at most {REQUESTS_MAX} requests and {BLOCKS_MAX} different blocks are replayed"
            ));
        }
    }
}

fn brief(text: &str) -> String {
    text.chars().take(40).collect()
}
