//! The record of one replication: integers only, so that it is the same however the run was stepped.

use super::{DisaggRecord, OffloadRecord};
use crate::base::{Dur, Time};
use crate::stats::{Sketch, TimeAvg};
use alloc::vec;
use alloc::vec::Vec;

/// How a request ended. Every request has exactly one, and the counts add up to those that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    /// It got its last token.
    Done = 0,
    /// The engine refused it: its prompt is as long as the longest sequence, or longer.
    Refused = 1,
    /// No instance could take it.
    Unroutable = 2,
    /// The router rejected it: its priority is negative and the pool was saturated, or another rule of admission said so.
    Shed = 3,
    /// The run was over before it ended; a measured request only where those are not followed to their ends.
    Cut = 4,
    /// Its prompt was computed apart, and the lease on it ended before it was read.
    KvLost = 5,
    /// Its client gave up: the answer was not there in time.
    TimedOut = 6,
    /// It waited in the router's queue for as long as it may.
    Expired = 7,
    /// The router's queue had no room for it.
    QueueFull = 8,
    /// The engine's API server answered 503: its queue was full.
    Busy = 9,
    /// The router took it back from its engine, for one of higher priority that waited.
    Evicted = 10,
}

impl End {
    /// How many there are.
    pub const COUNT: usize = 11;
    /// All of them.
    pub const ALL: [End; End::COUNT] = [
        End::Done,
        End::Refused,
        End::Unroutable,
        End::Shed,
        End::Cut,
        End::KvLost,
        End::TimedOut,
        End::Expired,
        End::QueueFull,
        End::Busy,
        End::Evicted,
    ];

    /// Name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            End::Done => "done",
            End::Refused => "refused",
            End::Unroutable => "unroutable",
            End::Shed => "shed",
            End::Cut => "cut",
            End::KvLost => "kv_lost",
            End::TimedOut => "timed_out",
            End::Expired => "expired",
            End::QueueFull => "queue_full",
            End::Busy => "busy",
            End::Evicted => "evicted",
        }
    }

    /// Whether a report names it even where nobody ended so: those of any fleet.
    #[must_use]
    pub fn is_always_named(self) -> bool {
        matches!(self, End::Done | End::Refused | End::Unroutable | End::Shed | End::Cut)
    }
}

/// What became of one replayed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the client sent it.
    pub sent: Time,
    /// From then to its first token at the client; none where it never came.
    pub ttft: Option<Dur>,
    /// From then to its last token at the client; none where it never came.
    pub e2e: Option<Dur>,
    /// How it ended.
    pub end: End,
    /// The engine that wrote its answer, or was to; none where no engine got it.
    pub instance: Option<u32>,
}

/// One replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Measured requests by class.
    pub classes: Vec<ClassRecord>,
    /// Whether those were followed to their ends; otherwise to their first tokens.
    pub followed_to_end: bool,
    /// Requests that arrived, all.
    pub arrived: u64,
    /// How they ended, all.
    pub ends: [u64; End::COUNT],
    /// First moment whose arrivals are measured.
    pub begin: Time,
    /// First moment whose arrivals are not measured any more.
    pub end: Time,
    /// When the run was over.
    pub over: Time,
    /// Requests in the system when measuring began and ended.
    pub in_system: [u64; 2],
    /// What happened when.
    pub series: SeriesRecord,
    /// How late the next request was then, because all clients were busy.
    pub behind: [Dur; 2],
    /// ∫ requests in system dt, over the whole run.
    pub in_system_area: u128,
    /// Σ time in system of all requests, those cut included up to the end: equal to the area.
    pub sojourn_sum: u128,
    /// Each instance.
    pub instances: Vec<InstanceRecord>,
    /// What came of computing prompts apart from decoding, in a fleet where some may be.
    pub disagg: Option<DisaggRecord>,
    /// What came of keys and values in host memory; none where no engine offloads.
    pub offload: Option<OffloadRecord>,
    /// Events handled.
    pub events: u64,
}

/// Measured requests of one class in one replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRecord {
    /// Measured requests that arrived.
    pub arrived: u64,
    /// How they ended.
    pub ends: [u64; End::COUNT],
    /// Measured requests that met every target.
    pub good: u64,
    /// Requests, measured or not, that ended well within the horizon.
    pub served_in_horizon: u64,
    /// Of those, the ones whose whole stay was simulated: not those who were there when the run began.
    pub judged_in_horizon: u64,
    /// Of those in turn, the ones that met every target.
    pub good_in_horizon: u64,
    /// Output tokens of all that ended well within the horizon.
    pub tokens_in_horizon: u64,
    /// Time to first token.
    pub ttft: Sketch,
    /// Σ of its part in queues, the router's and the engines', until a request is first admitted, ps.
    pub queued_ps: u128,
    /// Σ of its part in which its prompt, and its first token, are computed, ps.
    pub prefill_ps: u128,
    /// Σ of its part in which keys and values travel between engines, ps.
    pub transfer_ps: u128,
    /// Gaps between tokens, of all requests, in steps planned within the horizon.
    pub itl: Sketch,
    /// Mean gap of a request.
    pub tpot: Sketch,
    /// Time to the last token.
    pub e2e: Sketch,
}

impl ClassRecord {
    /// Nothing recorded.
    #[must_use]
    pub fn new() -> Self {
        ClassRecord {
            arrived: 0,
            ends: [0; End::COUNT],
            good: 0,
            served_in_horizon: 0,
            judged_in_horizon: 0,
            good_in_horizon: 0,
            tokens_in_horizon: 0,
            ttft: Sketch::new(),
            queued_ps: 0,
            prefill_ps: 0,
            transfer_ps: 0,
            itl: Sketch::new(),
            tpot: Sketch::new(),
            e2e: Sketch::new(),
        }
    }

    /// Notes what a request waited for that came to the first of its queues, the router's or its engine's, at `came`, was
    /// admitted at `admitted` and has its first token now. Of a prompt computed apart, `marks` say when it came to the
    /// computing engine, was admitted, was computed, came to the decoding engine, had its blocks, had its keys and values.
    pub(crate) fn waited(&mut self, came: Time, admitted: Time, marks: Option<&[Time; 6]>, now: Time) {
        let ps = |from: Time, to: Time| u128::from(to.since(from).as_ps());
        match marks {
            None => {
                self.queued_ps += ps(came, admitted);
                self.prefill_ps += ps(admitted, now);
            }
            Some(&[came, admitted, computed, handed, placed, fetched]) => {
                self.queued_ps += ps(came, admitted) + ps(handed, placed);
                self.prefill_ps += ps(admitted, computed) + ps(fetched, now);
                self.transfer_ps += ps(placed, fetched);
            }
        }
    }

    /// Requests that ended well within the horizon and met every target, supposing that those who cannot be judged did as
    /// often as others.
    #[must_use]
    pub(crate) fn good_of_served(&self) -> f64 {
        let judged = self.judged_in_horizon.max(1) as f64;
        self.served_in_horizon as f64 * self.good_in_horizon as f64 / judged
    }

    /// Adds another class's record.
    pub fn merge(&mut self, other: &ClassRecord) {
        self.arrived += other.arrived;
        for (mine, theirs) in self.ends.iter_mut().zip(other.ends) {
            *mine += theirs;
        }
        self.good += other.good;
        self.served_in_horizon += other.served_in_horizon;
        self.judged_in_horizon += other.judged_in_horizon;
        self.good_in_horizon += other.good_in_horizon;
        self.tokens_in_horizon += other.tokens_in_horizon;
        self.ttft.merge(&other.ttft);
        self.queued_ps += other.queued_ps;
        self.prefill_ps += other.prefill_ps;
        self.transfer_ps += other.transfer_ps;
        self.itl.merge(&other.itl);
        self.tpot.merge(&other.tpot);
        self.e2e.merge(&other.e2e);
    }
}

impl Default for ClassRecord {
    fn default() -> Self {
        Self::new()
    }
}

/// One instance in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceRecord {
    /// Time it computed.
    pub busy: Dur,
    /// Steps it took.
    pub steps: u64,
    /// Requests in its batch.
    pub running: TimeAvg,
    /// Requests in its queue.
    pub waiting: TimeAvg,
    /// Σ over steps of KV blocks in use.
    pub kv_used_sum: u128,
    /// Most KV blocks in use.
    pub kv_used_peak: u64,
    /// KV blocks it has.
    pub kv_blocks: u64,
    /// Requests that lost their blocks.
    pub preemptions: u64,
    /// Prompt tokens of requests when first admitted.
    pub prompt_tokens: u64,
    /// Of those, found in the prefix cache.
    pub hit_tokens: u64,
    /// Of those, loaded from host memory.
    pub loaded_tokens: u64,
    /// Blocks copied to host memory.
    pub stored_blocks: u64,
    /// Blocks that were to be, and found no room.
    pub unstored_blocks: u64,
    /// Requests it was sent.
    pub requests: u64,
}

/// Counts and levels over equal spans, from time zero to the end of the horizon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesRecord {
    /// Length of a span; the last one may be a few picoseconds shorter.
    pub span: Dur,
    /// Requests that arrived.
    pub arrived: Vec<u64>,
    /// Requests that ended.
    pub ended: Vec<u64>,
    /// ∫ requests in system dt.
    pub in_system: Vec<u128>,
    /// Each instance.
    pub instances: Vec<InstanceSeriesRecord>,
}

/// One instance over the same spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceSeriesRecord {
    /// ∫ requests in its queue dt.
    pub waiting: Vec<u128>,
    /// ∫ requests in its batch dt.
    pub running: Vec<u128>,
    /// KV blocks in use at the end.
    pub kv_blocks: Vec<u32>,
}

/// Empty records for this many classes.
#[must_use]
pub(crate) fn class_records(n: usize) -> Vec<ClassRecord> {
    vec![ClassRecord::new(); n]
}
