//! The engine as its owner sees it: requests go in, steps end, tokens come out.

use super::cadence::Cadence;
use super::decoders::Decoders;
use super::handoff::Handoff;
use super::kv::Kv;
use super::offload::Tier;
use super::pass::Planned;
use super::queue::Queue;
use super::run::Running;
use super::seq::{Phase, Seq};
use super::trace::StepTrace;
use crate::base::{Dur, Id, Run, Slab, Time};
use crate::latency::{Ramp, StepModel};
use crate::report::InstanceRecord;
use crate::scenario::EngineConfig;
use crate::stats::Sketch;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A request, as handed to an engine.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The owner's name for it.
    pub tag: u32,
    /// Traffic class.
    pub class: u32,
    /// Prompt, tokens; at least 1.
    pub prompt_tokens: u32,
    /// Output, tokens; at least 1.
    pub output_tokens: u32,
    /// Whether the last output token is what says so, as a stop token does; otherwise the length was known from the start.
    pub stops: bool,
    /// vLLM's priority: lower goes first, where the engine schedules by priority.
    pub priority: i32,
    /// Among those of one priority, lower goes first: vLLM's arrival time. Of two that have the same, which loses its
    /// blocks is an accident of the list, and two that take blocks from each other may do so for ever: vLLM's clock gives
    /// no two the same.
    pub order: u64,
    /// Begins the row of draws of which drafts are accepted, where the engine speculates.
    pub draws: u64,
    /// What it says, for the prefix cache; none when no other request says any of it.
    pub content: Option<Content<'a>>,
    /// Its part in handing a prompt from one engine to another.
    pub handoff: Handoff,
    /// Whether the owner is told when it is admitted to the batch.
    pub announced: bool,
}

/// What a request says.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The prompt; its runs add up to its tokens.
    pub prompt: &'a [Run],
    /// Content and position of the first token of the answer.
    pub answer: (u64, u32),
}

/// A request inside an engine: what its owner needs to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside(pub(super) Id<Seq>);

/// What an engine tells its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emitted {
    /// A request got its first token, and was first admitted to the batch at that time.
    FirstToken {
        /// The owner's name for it.
        tag: u32,
        /// When its first tokens were planned.
        admitted_at: Time,
    },
    /// A request got its last token and is gone; one that gives its prompt holds its blocks.
    Finished(u32),
    /// A request that is announced was admitted to the batch.
    Admitted {
        /// The owner's name for it.
        tag: u32,
        /// Tokens of it that were found in the prefix cache.
        cached_tokens: u32,
        /// Whether it had been admitted before, and had lost its blocks.
        again: bool,
    },
    /// A request lost its blocks and its place in the batch, and waits again.
    Preempted(u32),
    /// A request that takes its prompt from elsewhere has blocks for it, and lacks what so many of them hold.
    Fetch {
        /// The owner's name for it.
        tag: u32,
        /// Blocks to be read.
        blocks: u32,
    },
    /// A request has blocks, and so many of them will have been loaded from host memory by then.
    Loading {
        /// The owner's name for it.
        tag: u32,
        /// Blocks to be loaded.
        blocks: u32,
        /// When they will have come.
        until: Time,
    },
    /// What a request loaded has come.
    Loaded(u32),
    /// Something is copied to host memory or from there: [`Instance::copied`] is due when that has ended.
    Copying {
        /// When it will have.
        until: Time,
    },
}

/// What an engine shows to whoever scrapes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gauges {
    /// Requests in the queue.
    pub waiting: u32,
    /// Requests in the batch.
    pub running: u32,
    /// Share of KV blocks in use.
    pub kv_usage: f64,
}

/// Where an engine's output goes.
pub struct Sinks<'a> {
    /// Gaps between tokens, by class; none while nobody measures.
    pub itl: Option<&'a mut [Sketch]>,
    /// Tokens that matter to the owner, in order.
    pub emitted: &'a mut Vec<Emitted>,
    /// Every pass's decisions, if they are to be written down; then [`Stepping::Single`] has to be chosen.
    pub steps: Option<&'a mut Vec<StepTrace>>,
}

impl Sinks<'_> {
    /// Counts the gaps that so many steps are to those who decode in them.
    pub(super) fn count_gaps(&mut self, by_class: &[u32], ramp: Ramp, steps: u32) {
        if let Some(itl) = &mut self.itl {
            for (class, &weight) in by_class.iter().enumerate().filter(|(_, w)| **w > 0) {
                itl[class].insert_ramp(ramp.first, ramp.delta, steps, u64::from(weight));
            }
        }
    }
}

/// Whether repeated steps are jumped over. Both give the same results; one at a time is for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepping {
    /// As many steps at once as repeat themselves.
    Jump,
    /// Every step by itself.
    Single,
}

/// One engine.
pub struct Instance {
    pub(super) config: EngineConfig,
    pub(super) model: Arc<StepModel>,
    pub(super) stepping: Stepping,
    /// Whether steps begin and end with those of other engines.
    pub(super) in_lock_step: bool,
    /// Steps that planning runs ahead of execution.
    pub(super) lookahead: usize,
    pub(super) seqs: Slab<Seq>,
    pub(super) waiting: Queue,
    /// By the owner's name: requests that have blocks and nothing to compute. They fetch their prompt, or hold it.
    pub(super) parked: BTreeMap<u32, Id<Seq>>,
    /// How many of them fetch.
    pub(super) fetching: u32,
    /// Those whose prompt has come: they have blocks, and are admitted before all others.
    pub(super) fetched: VecDeque<Id<Seq>>,
    /// In order of admission.
    pub(super) running: Vec<Id<Seq>>,
    /// Of those, the ones whose known tokens are not all planned, in the same order.
    pub(super) partial: Vec<Id<Seq>>,
    pub(super) decoders: Decoders,
    pub(super) kv: Kv,
    /// Host memory, where keys and values are offloaded.
    pub(super) offload: Option<Box<Tier>>,
    /// Sequences whose last token is planned and that are scheduled no more.
    pub(super) ending: Vec<Id<Seq>>,
    /// Requests taken back that the engine still has: they are dropped when the step in execution has ended.
    pub(super) aborted: Vec<Id<Seq>>,
    /// When prompts may be computed.
    pub(super) cadence: Cadence,
    /// Planned steps; the first one executes.
    pub(super) planned: VecDeque<Planned>,
    /// Emptied lists, to use again.
    pub(super) spare: Vec<Vec<Id<Seq>>>,
    /// Number of the step that executes next, or does.
    pub(super) step: u64,
    /// Requests admitted so far.
    pub(super) admitted: u64,
    /// Requests that came in so far.
    pub(super) arrived: u64,
    /// The last stamp given.
    pub(super) stamp: u32,
    /// Number of the next step to plan.
    pub(super) next_pass: u64,
    /// The head of the queue was tried in the last pass and cannot be admitted before something ends.
    pub(super) blocked: bool,
    /// What executes.
    pub(super) executing: Option<Running>,
    pub(super) epoch: u32,
    pub(super) record: InstanceRecord,
}

impl Instance {
    /// An idle engine for this many traffic classes.
    ///
    /// # Panics
    /// When the step model and the KV cache are bounded at different numbers of tokens.
    #[must_use]
    pub fn new(config: EngineConfig, model: Arc<StepModel>, classes: usize, stepping: Stepping) -> Self {
        let (looks, keeps) = (model.span_tokens(), config.kv_law.bound());
        assert!(looks.is_none() || keeps.is_none() || looks == keeps, "a model has one bound: {looks:?}, {keeps:?}");
        let bound = looks.or(keeps);
        Instance {
            config,
            model,
            stepping,
            in_lock_step: false,
            lookahead: usize::from(config.async_scheduling),
            seqs: Slab::new(),
            waiting: Queue::new(config.scheduling.policy),
            parked: BTreeMap::new(),
            fetching: 0,
            fetched: VecDeque::new(),
            running: Vec::new(),
            partial: Vec::new(),
            decoders: Decoders::new(classes, config.block_size, bound, config.kv_law.window_blocks),
            kv: Kv::new(&config),
            offload: config.offload.map(|plan| Box::new(Tier::new(plan))),
            ending: Vec::new(),
            aborted: Vec::new(),
            cadence: Cadence::new(config.scheduling.prefill_schedule_interval),
            planned: VecDeque::new(),
            spare: Vec::new(),
            step: 0,
            admitted: 0,
            arrived: 0,
            stamp: 0,
            next_pass: 0,
            blocked: false,
            executing: None,
            epoch: 0,
            record: InstanceRecord { kv_blocks: u64::from(config.kv_blocks), ..InstanceRecord::default() },
        }
    }

    /// When the step or steps in execution end, and the epoch that this holds for.
    #[must_use]
    pub fn next_end(&self) -> Option<(Time, u32)> {
        self.executing.as_ref().map(|run| (run.end(), self.epoch))
    }

    /// Whether `epoch` is the present one: an end announced in an earlier one was overtaken.
    #[must_use]
    pub fn holds(&self, epoch: u32) -> bool {
        self.epoch == epoch && self.executing.is_some()
    }

    /// Takes a request in. Where `next_end` was, it may come sooner; where the engine was idle, it
    /// [wants a plan](Instance::wants_plan).
    pub fn arrive(&mut self, now: Time, incoming: Incoming<'_>) -> Inside {
        let id = self.seqs.insert(Seq::new(&incoming, self.arrived, now));
        self.arrived += 1;
        self.kv.introduce(id, &incoming);
        self.record.requests += 1;
        self.waiting.put(id, &self.seqs);
        self.record.waiting.set(now, self.queued());
        // While the head of the queue cannot be admitted, nobody behind it is tried.
        if !self.blocked || self.waiting.front() == Some(id) {
            self.shorten(now);
        }
        Inside(id)
    }

    /// Whether the queue is full: an API server takes no more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let (requests, tokens) = self.config.queued_max;
        if (requests, tokens) == (u32::MAX, u32::MAX) {
            return false;
        }
        let waiting: u64 = self.waiting.iter().map(|id| u64::from(self.seqs[id].prompt)).sum();
        self.queued() >= u64::from(requests) || waiting >= u64::from(tokens)
    }

    /// The step or steps in execution have ended: delivers their tokens and lets go of who has ended. The engine
    /// then wants a plan.
    ///
    /// # Panics
    /// When nothing executes.
    pub fn step_end(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        let run = self.executing.take().expect("a step ends only while one executes");
        self.count_shared_gaps(run.ramp, run.steps, sinks);
        self.skip(run.steps - 1, sinks);
        self.record.busy += now.since(run.start);
        self.drop_aborted(now);
        let mut done = self.planned.pop_front().expect("what executes was planned");
        self.step += 1;
        self.begin_stores(now, sinks);
        for id in done.prompt_ends.drain(..) {
            self.deliver_after_prompt(now, id, sinks);
        }
        self.spare.push(done.prompt_ends);
        self.retire(self.next_pass);
        self.retire_verifying(self.next_pass);
        self.release(now, sinks);
    }

    /// Whether the engine has requests, or a step planned for those it had, and executes nothing: [`Instance::plan`] is
    /// due at this very moment, once everyone who arrives at it has arrived.
    #[must_use]
    pub fn wants_plan(&self) -> bool {
        self.executing.is_none() && (self.seqs.len() > self.idle_holders() || !self.planned.is_empty())
    }

    /// Plans the next step, or the next two, and starts it.
    pub fn plan(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        self.prepare(now, sinks);
        let stretch = self.stretch();
        self.launch(now, stretch);
    }

    /// Plans the next step, or the next two.
    pub fn prepare(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        self.drop_aborted(now);
        self.plan_ahead(now, sinks);
    }

    /// The token that the end of a prompt's computation yields: the first one, or the first after a preemption.
    fn deliver_after_prompt(&mut self, now: Time, id: Id<Seq>, sinks: &mut Sinks<'_>) {
        let seq = &mut self.seqs[id];
        if !seq.has_token {
            sinks.emitted.push(Emitted::FirstToken { tag: seq.tag, admitted_at: seq.admitted_at });
        } else if let Some(itl) = &mut sinks.itl {
            itl[seq.class as usize].insert(now.since(seq.last_token_at), 1);
        }
        seq.has_token = true;
        seq.last_token_at = now;
    }

    /// Lets go of those whose last token has just been yielded, in the order in which they were scheduled.
    fn release(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        if self.ending.is_empty() {
            return;
        }
        let mut ended = self.spare.pop().unwrap_or_default();
        let (seqs, step) = (&self.seqs, self.step);
        self.ending.retain(|&id| {
            let ends = seqs[id].finish < step;
            if ends {
                ended.push(id);
            }
            !ends
        });
        ended.sort_by_key(|&id| self.seqs[id].rank);
        for id in ended.drain(..) {
            let seq = self.seqs[id];
            if seq.phase == Phase::Waiting {
                // It lost its blocks and its place while its last token was in flight.
                self.waiting.remove(id, &self.seqs);
                self.record.waiting.set(now, self.queued());
                self.seqs.remove(id);
            } else {
                self.leave_running(id);
                if seq.handoff == Handoff::Gives {
                    self.parked.insert(seq.tag, id);
                } else {
                    self.kv.release(id, &seq, seq.computed, seq.final_tokens());
                    self.seqs.remove(id);
                }
            }
            sinks.emitted.push(Emitted::Finished(seq.tag));
        }
        self.spare.push(ended);
        self.record.running.set(now, self.running.len() as u64);
    }

    /// Takes a request off the running list.
    pub(super) fn leave_running(&mut self, id: Id<Seq>) {
        let rank = self.seqs[id].rank;
        let place = self.running.binary_search_by_key(&rank, |&r| self.seqs[r].rank);
        self.running.remove(place.expect("it is running"));
    }

    /// What a scrape at `t` would show, if nothing changed the engine since it last planned or took a request in: within a
    /// jump, blocks in use as of the last step that had ended.
    #[must_use]
    pub fn gauges(&self, t: Time) -> Gauges {
        let used = self.kv.used() + self.blocks_taken_by(t);
        Gauges {
            waiting: self.queued() as u32,
            running: self.running.len() as u32,
            kv_usage: f64::from(used) / f64::from(self.config.kv_blocks.max(1)),
        }
    }

    /// Up to `t`, under the same condition: ∫ requests waiting dt, ∫ requests running dt, KV blocks in use just before,
    /// when a step that ends at `t` has not ended yet.
    #[must_use]
    pub fn levels(&self, t: Time) -> (u128, u128, u32) {
        let just_before = Time::from_ps(t.as_ps().saturating_sub(1));
        (self.record.waiting.area(t), self.record.running.area(t), self.kv.used() + self.blocks_taken_by(just_before))
    }

    /// Requests inside, waiting or running; not those that have ended and hold their blocks.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.seqs.len() - self.idle_holders() + self.fetching as usize
    }

    /// Requests admitted and not ended.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.running.len() as u32
    }

    /// KV blocks in use.
    #[must_use]
    pub fn blocks_used(&self) -> u32 {
        self.kv.used()
    }

    /// KV blocks not in use.
    #[must_use]
    pub fn blocks_free(&self) -> u32 {
        self.kv.free()
    }

    /// What was counted, with the unfinished part of a step added, at the end of a run; in the middle of a jump, after
    /// [`Instance::settle`].
    #[must_use]
    pub fn into_record(mut self, now: Time) -> InstanceRecord {
        if let Some(run) = &self.executing {
            self.record.busy += Dur::from_ps(now.since(run.start).as_ps());
        }
        self.record.running.set(now, self.running.len() as u64);
        self.record.waiting.set(now, self.queued());
        self.record
    }
}
