//! Requests whose prompts are computed apart: from the sidecar to the prefill engine, back, and their keys and values to
//! the decoding engine.
//!
//! ```text
//! arrival ─ sidecar, front end ─▶ prefill engine: waits, computes, one token
//!         ─ front end, sidecar, front end ─▶ decoding engine: waits for blocks
//!         ─ [handshake] ─ set-up, descriptors ─ bytes over shared links ─▶ waits for a step ─▶ first token
//! ```
//!
//! The prefill engine holds the blocks until they were read or the lease ends; from the moment the decoding engine has the
//! request, its heartbeats renew the lease. A request whose lease ended before it was read has lost its prompt and ends,
//! as vLLM's default has it.

use super::{Event, Sim};
use crate::base::{Calendar, Dur, Id, Phase, Purpose, Stream, Time};
use crate::cluster::links::Links;
use crate::cluster::requests::Request;
use crate::engine::Handoff;
use crate::policy::decide::Note;
use crate::policy::{Placement, Router};
use crate::report::timeline::What;
use crate::report::{DisaggRecord, End};
use crate::scenario::{Plan, TransferPlan};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// vLLM's NIXL connector renews a lease by this much with each heartbeat (source key `vllm-0.33`).
const LEASE_EXTENSION: Dur = Dur::from_us(20_000_000);

/// Nothing is held for longer, however often it is renewed: as long as vLLM waited before it had leases (source key
/// `vllm-0.33`). Two engines that compute prompts for each other may each hold what the other has no room for; without an
/// end to it both would wait for ever.
const HOLD_MAX: Dur = Dur::from_us(480_000_000);

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its prompt is on its way to the prefill engine, or there.
    Prefill,
    /// It is on its way to the decoding engine.
    ToDecode,
    /// The decoding engine has it.
    Decode,
    /// Its keys and values are being read.
    Read,
    /// They have come.
    Fetched,
}

/// A request whose prompt is computed apart.
#[derive(Clone, Copy, Debug)]
struct Leg {
    number: u64,
    prefill: u32,
    stage: Stage,
    /// When it came to the prefill engine, was admitted, was computed, came to the decoding engine, had blocks, had its
    /// keys and values.
    marks: [Time; 6],
    /// Whether the prefill engine holds its blocks, and until when.
    held: bool,
    lease: Time,
    bytes: u64,
}

/// Everything about prompts computed apart, in a fleet where some may be.
pub(super) struct Apart {
    transfer: TransferPlan,
    jitter: Stream,
    links: Links<Request>,
    /// When two engines know each other.
    met: BTreeMap<(u32, u32), Time>,
    /// By request.
    legs: BTreeMap<u32, Leg>,
    /// Requests on their way to an engine, and reads being set up: by moment and number, so that those of one moment do
    /// not depend on which was scheduled first.
    coming: BTreeSet<(Time, u64, u32)>,
    setting_up: BTreeSet<(Time, u64, u32)>,
    /// What the decider has not been told yet.
    notes: Vec<(Time, u64, Note)>,
    pub(super) record: DisaggRecord,
}

impl Apart {
    /// Of a plan's fleet, whose engines are of these pools.
    pub(super) fn of(plan: &Plan, replication: u32, pool_of: &[u32]) -> Self {
        let jitter = Stream::new(plan.seed, replication, Purpose::Transfer, 0);
        let gpus = pool_of.iter().map(|&p| u64::from(plan.pools[p as usize].engine_gpus()));
        let carried = gpus.map(|gpus| gpus * plan.transfer.bytes_per_s_per_gpu).collect();
        Apart::new(plan.transfer, jitter, carried)
    }

    fn new(transfer: TransferPlan, jitter: Stream, bytes_per_s: Vec<u64>) -> Self {
        Apart {
            transfer,
            jitter,
            links: Links::new(bytes_per_s),
            met: BTreeMap::new(),
            legs: BTreeMap::new(),
            coming: BTreeSet::new(),
            setting_up: BTreeSet::new(),
            notes: Vec::new(),
            record: DisaggRecord::default(),
        }
    }

    /// Something happened to a request. The decider is told before its next decision, in an order that does not depend on
    /// which engine was looked at first.
    pub(super) fn note(&mut self, now: Time, number: u64, note: Note) {
        self.notes.push((now, number, note));
    }

    pub(super) fn tell_decider(&mut self, router: &mut Router) {
        self.notes.sort_by_key(|&(at, number, _)| (at, number));
        for (at, _, note) in self.notes.drain(..) {
            router.note(at, &note);
        }
    }

    /// Whether this engine computes the request's prompt for another.
    pub(super) fn is_prefill(&self, id: Id<Request>, instance: u32) -> bool {
        self.legs.get(&id.index()).is_some_and(|leg| leg.prefill == instance)
    }

    /// The prefill engine of a request that has its first token, and when what happened before it.
    pub(super) fn first_token(&mut self, id: Id<Request>) -> Option<[Time; 6]> {
        self.legs.remove(&id.index()).map(|leg| leg.marks)
    }

    /// How long a read takes before its bytes move, and how many they are.
    fn read(&mut self, number: u64, blocks: u32, block_bytes: f64) -> (Dur, u64) {
        let t = &self.transfer;
        let descriptors = u64::from(blocks) * t.descriptors_per_block;
        let set_up = t.latency + t.descriptor * descriptors;
        let stretch = 1.0 + t.jitter_frac * (2.0 * self.jitter.unit(number) - 1.0);
        let bytes = (f64::from(blocks) * block_bytes * stretch).max(1.0) as u64;
        (Dur::from_ps((set_up.as_ps() as f64 * stretch) as u64), bytes)
    }

    fn schedule_end(&self, calendar: &mut Calendar<Event>) {
        if let Some((at, epoch)) = self.links.next_end() {
            calendar.schedule(at, Phase::Deliver, Event::LinkEnd { epoch });
        }
    }
}

impl Sim {
    /// Sends a request to where its prompt is computed.
    pub(super) fn send_apart(&mut self, now: Time, id: Id<Request>, placement: Placement) {
        let Some(prefill) = placement.prefill.map(Id::index) else { return };
        let (request, apart) = (self.requests.alive[id], self.apart.as_mut().expect("it was placed apart"));
        let number = request.sent.number;
        let leg = Leg {
            number,
            prefill,
            stage: Stage::Prefill,
            marks: [Time::ZERO; 6],
            held: false,
            lease: Time::ZERO,
            bytes: 0,
        };
        apart.legs.insert(id.index(), leg);
        let front_end = &self.pools[self.pool_of[prefill as usize] as usize].front_end;
        let due = now + apart.transfer.sidecar + front_end.before();
        let at = self.front_doors[prefill as usize].pass(due, front_end.service(request.sent.prompt_tokens));
        self.send_at(at, number, id);
    }

    fn send_at(&mut self, at: Time, number: u64, id: Id<Request>) {
        let apart = self.apart.as_mut().expect("something is apart");
        apart.coming.insert((at, number, id.index()));
        self.calendar.schedule(at, Phase::Deliver, Event::Come);
    }

    /// The next request on its way to an engine on either side has come there.
    pub(super) fn come(&mut self) {
        let now = self.calendar.now();
        let apart = self.apart.as_mut().expect("something is apart");
        let (_, number, index) = apart.coming.pop_first().expect("someone is on the way when the event says so");
        let id = Id::new(index);
        // One that was given up meanwhile has left its place to somebody else.
        let Some(leg) = apart.legs.get_mut(&index).filter(|leg| leg.number == number) else { return };
        if leg.stage == Stage::Prefill {
            leg.marks[0] = now;
            let prefill = leg.prefill;
            if self.instances[prefill as usize].is_full() {
                apart.legs.remove(&index);
                return self.answer_busy(now, id);
            }
            self.hand_over(id, prefill, 1, Handoff::Gives);
        } else {
            leg.stage = Stage::Decode;
            leg.marks[3] = now;
            let request = self.requests.alive[id];
            self.hand_over(id, request.placement.decode.index(), request.sent.output_tokens, Handoff::Takes);
        }
    }

    /// An engine admitted a request for the first time.
    pub(super) fn admitted(&mut self, now: Time, id: Id<Request>, instance: u32) {
        let number = self.requests.alive[id].sent.number;
        let Some(apart) = &mut self.apart else { return };
        let prefill = apart.is_prefill(id, instance);
        if prefill && let Some(leg) = apart.legs.get_mut(&id.index()) {
            leg.marks[1] = now;
        }
        apart.note(now, number, Note::Admitted { number, prefill });
    }

    /// A prompt was computed apart: the request goes on to where it decodes, and its blocks are held.
    pub(super) fn prompt_computed(&mut self, now: Time, id: Id<Request>) {
        self.requests.alive[id].inside = None;
        let apart = self.apart.as_mut().expect("something is apart");
        let leg = apart.legs.get_mut(&id.index()).expect("its prompt was computed apart");
        let held = self.instances[leg.prefill as usize].holds_for(id.index());
        (leg.stage, leg.held, leg.marks[2]) = (Stage::ToDecode, held, now);
        leg.lease = now + apart.transfer.lease;
        let (number, took, prefill) = (leg.number, now.since(leg.marks[0]), leg.prefill);
        self.calendar.schedule(leg.lease, Phase::Deliver, Event::Lease { request: id, number });
        apart.note(now, number, Note::Prefilled { number, took });
        let front_end = |instance: u32| &self.pools[self.pool_of[instance as usize] as usize].front_end;
        let after = front_end(prefill).after(0);
        // Of those who come in one moment the order is not known: nobody waits for the other here.
        let request = &self.requests.alive[id];
        let decode = front_end(request.placement.decode.index());
        let at = now + after + apart.transfer.sidecar + decode.before() + decode.service(request.sent.prompt_tokens);
        self.send_at(at, number, id);
    }

    /// The decoding engine has blocks for a request, and reads what it lacks.
    pub(super) fn fetch(&mut self, now: Time, id: Id<Request>, blocks: u32) {
        let decode = self.requests.alive[id].placement.decode.index();
        let block_bytes = self.pools[self.pool_of[decode as usize] as usize].kv_block_bytes();
        let apart = self.apart.as_mut().expect("something is apart");
        let number = apart.legs[&id.index()].number;
        let (set_up, bytes) = apart.read(number, blocks, block_bytes);
        let leg = apart.legs.get_mut(&id.index()).expect("it was announced");
        leg.marks[4] = now;
        (leg.stage, leg.bytes) = (Stage::Read, bytes);
        let ready = *apart.met.entry((leg.prefill, decode)).or_insert(now + apart.transfer.handshake);
        let at = ready.max(now) + set_up;
        apart.setting_up.insert((at, number, id.index()));
        self.calendar.schedule(at, Phase::Deliver, Event::Read);
        self.tell(now, id, decode, What::Fetching { blocks });
    }

    /// The next read that was being set up moves its bytes, or finds that there is nothing to read any more.
    pub(super) fn begin_read(&mut self) {
        let now = self.calendar.now();
        let apart = self.apart.as_mut().expect("something is apart");
        let (_, number, index) = apart.setting_up.pop_first().expect("someone reads when the event says so");
        // One that was given up meanwhile has left its place to somebody else.
        if let Some(leg) = apart.legs.get(&index).filter(|leg| leg.number == number && leg.stage == Stage::Read) {
            let id = Id::new(index);
            if !leg.held {
                return self.lose(now, id);
            }
            let decode = self.requests.alive[id].placement.decode.index();
            apart.links.begin(now, id, (leg.prefill, decode), leg.bytes);
            apart.schedule_end(&mut self.calendar);
        }
    }

    /// Transfers end: the prefill engines let go of the blocks, and the decoding engines have them.
    pub(super) fn link_end(&mut self, epoch: u32) {
        let now = self.calendar.now();
        let apart = self.apart.as_mut().expect("something is apart");
        if !apart.links.holds(epoch) {
            return; // The shares have changed since; the newer end is in the calendar.
        }
        let mut ended = apart.links.ended(now);
        apart.schedule_end(&mut self.calendar);
        ended.sort_by_key(|id| apart.legs[&id.index()].number);
        let mut touched: BTreeMap<u32, Option<(Time, u32)>> = BTreeMap::new();
        for id in ended {
            let request = self.requests.alive[id];
            let apart = self.apart.as_mut().expect("something is apart");
            let leg = apart.legs.get_mut(&id.index()).expect("it was read");
            (leg.stage, leg.held, leg.marks[5]) = (Stage::Fetched, false, now);
            let (number, prefill) = (leg.number, leg.prefill);
            if request.measured {
                apart.record.bytes += u128::from(leg.bytes);
                apart.record.transfer.insert(now.since(leg.marks[4]), 1);
            }
            apart.note(now, number, Note::Fetched { number });
            self.tell(now, id, request.placement.decode.index(), What::Fetched);
            for instance in [prefill, request.placement.decode.index()] {
                self.scrape.before_change(now, instance, &self.instances[instance as usize]);
                touched.entry(instance).or_insert_with(|| self.instances[instance as usize].next_end());
            }
            let (engine, mut sinks) = self.engine(prefill);
            engine.let_go(now, id.index(), &mut sinks);
            self.instances[request.placement.decode.index() as usize].fetched(now, id.index());
        }
        // Only once all of this moment is done, engines plan.
        for (instance, end) in touched {
            self.changed(instance, end);
        }
    }

    /// A lease ends, unless it was renewed or the blocks are not held any more.
    pub(super) fn lease_end(&mut self, id: Id<Request>, number: u64) {
        let now = self.calendar.now();
        let apart = self.apart.as_mut().expect("something is apart");
        let of_it = |leg: &&mut Leg| leg.number == number && leg.held;
        let Some(leg) = apart.legs.get_mut(&id.index()).filter(of_it) else { return };
        let (stage, prefill) = (leg.stage, leg.prefill);
        let last = leg.marks[2] + HOLD_MAX;
        if apart.transfer.heartbeats && stage != Stage::ToDecode && now < last {
            leg.lease = (now + LEASE_EXTENSION).min(last);
            self.calendar.schedule(leg.lease, Phase::Deliver, Event::Lease { request: id, number });
            return;
        }
        leg.held = false;
        apart.links.cancel(now, id);
        apart.schedule_end(&mut self.calendar);
        self.let_go(now, prefill, id);
        if stage == Stage::Read {
            self.lose(now, id);
        }
    }

    /// The client of a request is gone: what of it is apart is let go of.
    pub(super) fn abandon(&mut self, now: Time, id: Id<Request>) {
        let Some(apart) = &mut self.apart else { return };
        let Some(leg) = apart.legs.remove(&id.index()) else { return };
        apart.links.cancel(now, id);
        apart.schedule_end(&mut self.calendar);
        if leg.held {
            self.let_go(now, leg.prefill, id);
        }
    }

    /// A request that was placed will have no answer: what a decider counted for it is void.
    pub(super) fn tell_decider_gone(&mut self, now: Time, number: u64) {
        if let Some(apart) = &mut self.apart {
            apart.note(now, number, Note::Gone { number });
        }
    }

    /// The keys and values a request was to read are gone: it ends.
    fn lose(&mut self, now: Time, id: Id<Request>) {
        let request = self.requests.alive[id];
        let apart = self.apart.as_mut().expect("something is apart");
        let leg = apart.legs.remove(&id.index()).expect("its prompt was computed apart");
        apart.note(now, leg.number, Note::Gone { number: leg.number });
        self.router.ended(request.placement, request.sent.class);
        self.left(now, id, 0);
        self.let_go(now, request.placement.decode.index(), id);
        self.turn_away(now, id, End::KvLost);
    }

    fn let_go(&mut self, now: Time, instance: u32, id: Id<Request>) {
        self.change(now, instance, |engine, sinks| {
            engine.let_go(now, id.index(), sinks);
        });
    }
}
