//! What happened in one replication, event by event: for looking at a run as it goes. Integers only, in order of time,
//! and bounded: a run with more to tell is told from its beginning.

mod life;
mod stage;

pub use life::{Lives, Miss, Target};
pub use stage::{Stage, StageKind};

use super::End;
use crate::base::{Dur, Time};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Rows that a timeline has at most, of all kinds together: with some 30 bytes each, what a page keeps and draws with ease.
pub const ROWS_MAX: u32 = 250_000;

/// One replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// Of which fleet and traffic.
    pub about: About,
    /// First moment whose arrivals are measured.
    pub begin: Time,
    /// First moment whose arrivals are not measured any more.
    pub end: Time,
    /// Everything before it is told.
    pub until: Time,
    /// Whether the run went on after that.
    pub cut: bool,
    /// Everyone who arrived.
    pub requests: Vec<TracedRequest>,
    /// What happened to them.
    pub marks: Vec<Mark>,
    /// How the engines stood.
    pub levels: Vec<Level>,
    /// Where the router sent them, and why.
    pub choices: Vec<Choice>,
    /// Who was considered.
    pub considered: Vec<Considered>,
    /// Millionths of a score: what each scorer gave to each of those, by its weight.
    pub parts: Vec<i64>,
}

/// What does not change during a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Every instance.
    pub instances: Vec<TracedInstance>,
    /// Every class.
    pub classes: Vec<TracedClass>,
    /// Scorers and their weights, of the profile that chooses who serves or decodes, and of the one for prompts apart.
    pub scorers: [Vec<(String, f64)>; 2],
    /// Whether prompts may be computed apart.
    pub apart: bool,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracedInstance {
    /// Pool name and number.
    pub name: String,
    /// KV blocks.
    pub kv_blocks: u32,
    /// Requests that its batch has room for.
    pub max_num_seqs: u32,
}

/// A class of requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracedClass {
    /// Its name.
    pub name: String,
    /// Targets of the time to first token, of the mean gap between tokens and of the whole, ps.
    pub targets_ps: [Option<u64>; 3],
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracedRequest {
    /// Its conversation, and its turn in the high bits.
    pub number: u64,
    /// When it arrived.
    pub at: Time,
    /// Index of its class.
    pub class: u32,
    /// Prompt, tokens.
    pub prompt_tokens: u32,
    /// Output, tokens.
    pub output_tokens: u32,
    /// Turn of its conversation, from 0.
    pub turn: u32,
    /// Whether it was there when the run began: what was written of its answer by then is a part of its prompt.
    pub was_there: bool,
}

/// Something happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// To which, by its place among all.
    pub request: u32,
    /// At which instance; [`ROUTER`] at none.
    pub instance: u32,
    /// What.
    pub what: What,
}

/// In place of an instance: the router.
pub const ROUTER: u32 = u32::MAX;

/// What happens to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The router sends it to this instance, which decodes.
    Placed,
    /// The router has its prompt computed at this instance.
    PlacedApart,
    /// An engine has it in its queue.
    Queued,
    /// It joins the batch; so many tokens of its prompt were in the cache.
    Admitted {
        /// Tokens found.
        cached_tokens: u32,
    },
    /// It loses its blocks and its place, and waits again.
    Preempted,
    /// Its prompt is computed, apart.
    Computed,
    /// So many blocks of its prompt begin to be read from where it was computed.
    Fetching {
        /// Blocks.
        blocks: u32,
    },
    /// They have come.
    Fetched,
    /// Its first token leaves the engine, and is at the client after so long.
    FirstToken {
        /// From the engine to the client.
        after: Dur,
    },
    /// It ends.
    Ended(End),
}

/// What an engine holds and does at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Requests in the queue.
    pub waiting: u32,
    /// Requests in the batch.
    pub running: u32,
    /// Prompts, or pieces of prompts, in the step that executes.
    pub prompts: u32,
    /// Tokens of those.
    pub prompt_tokens: u32,
    /// Requests that decode in it.
    pub decodes: u32,
    /// KV blocks in use.
    pub kv_used: u32,
}

/// How an engine stands from a moment on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// From when on.
    pub at: Time,
    /// Which.
    pub instance: u32,
    /// What it holds and does.
    pub stand: Stand,
    /// Of the prompts in its batch, the share that was found in the cache, thousandths.
    pub cached_permille: u32,
    /// Transfers to or from it under way.
    pub transfers: u32,
    /// Requests that have lost their blocks there so far.
    pub preemptions: u32,
}

/// A choice of the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// For which request.
    pub request: u32,
    /// Whether it is about where the prompt is computed apart.
    pub apart: bool,
    /// Who was chosen.
    pub chosen: u32,
    /// Place of the first of those considered.
    pub first: u32,
    /// How many they are; the filters removed all others.
    pub count: u32,
    /// Place of the first of their parts; there are as many for each as the profile has scorers.
    pub parts: u32,
}

/// An instance that was considered, as the router saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Considered {
    /// Which.
    pub instance: u32,
    /// Requests in its queue, at the last scrape.
    pub waiting: u32,
    /// Requests in its batch, at the last scrape.
    pub running: u32,
    /// KV blocks in use, at the last scrape, ten-thousandths.
    pub kv_permyriad: u32,
    /// Tokens of the prompt that it is believed to hold.
    pub matched_tokens: u32,
}

impl Timeline {
    /// Rows of all kinds.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.requests.len() + self.marks.len() + self.levels.len() + self.choices.len() + self.considered.len()
    }

    /// Those considered in a choice, each with its parts.
    pub fn considered(&self, choice: &Choice) -> impl Iterator<Item = (&Considered, &[i64])> {
        let scorers = self.about.scorers[usize::from(choice.apart)].len();
        let (first, parts) = (choice.first as usize, choice.parts as usize);
        let each = self.considered.get(first..first + choice.count as usize).unwrap_or_default().iter().enumerate();
        each.map(move |(i, c)| (c, self.parts.get(parts + i * scorers..parts + (i + 1) * scorers).unwrap_or_default()))
    }
}
