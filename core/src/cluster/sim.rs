//! One replication at one load, event by event.

mod apart;
mod leave;
mod lock_step;
mod offload;
mod people;
mod record;
mod route;

use self::apart::Apart;
use self::lock_step::Ranks;
use super::clients::Clients;
use super::flow_control::FlowControl;
use super::follow::{self, Follow};
use super::front_door::FrontDoor;
use super::patience::Patience;
use super::recorder::Recorder;
use super::requests::{Request, Requests, Ticket};
use super::scrape::Scrape;
use super::series::Series;
use crate::base::{Calendar, Dur, Id, Phase, Purpose, Slab, Stream, Time};
use crate::engine::{Content, Emitted, Handoff, Incoming, Instance, Sinks, Stepping};
use crate::policy::Router;
use crate::policy::decide::Note;
use crate::report::timeline::What;
use crate::report::{ClassRecord, End, InstanceRecord, OffloadRecord, Outcome, RunRecord, class_records};
use crate::scenario::{ClassPlan, Load, Plan, PoolPlan};
use crate::stats::Sketch;
use crate::workload::{Arriving, Feed, Process, Replay, Resident, Source};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Whether a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// More events are to come.
    Running,
    /// Every measured request was followed as far as asked.
    Over,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Those are let in who are there when the run begins.
    People,
    /// Requests that arrive are measured from here on.
    Open,
    /// Requests that arrive are not measured any more.
    Close,
    /// Nobody is followed any more.
    Leave,
    /// The next conversation's first request arrives at the router.
    Arrive,
    /// A client has its last answer, and is free for the next request.
    ClientFree,
    /// A conversation's next turn arrives at the router.
    Return { turn: Id<Arriving> },
    /// The client of a class that was sent first and has no answer gives up.
    GiveUp { class: u32 },
    /// The router looks at its queue.
    Cycle,
    /// An engine hears that the router takes a request back, unless it has ended.
    TakeBack { ticket: Ticket },
    /// The first request on its way to an engine reaches it.
    Deliver { instance: u32 },
    /// An engine's step ends, unless a later epoch overtook this.
    StepEnd { instance: u32, epoch: u32 },
    /// An engine plans, unless it has done so since.
    Plan { instance: u32 },
    /// The first of those whose prompts are computed apart has come to an engine.
    Come,
    /// The first read that is being set up begins.
    Read,
    /// An engine has copied something to its host's memory or from there.
    Copied { instance: u32 },
    /// A transfer ends, unless a later epoch overtook this.
    LinkEnd { epoch: u32 },
    /// A lease on blocks ends, if it is this request's still.
    Lease { request: Id<Request>, number: u64 },
}

/// One replication.
pub struct Sim {
    calendar: Calendar<Event>,
    feed: Feed,
    /// Those who are there when the run begins, until it does.
    residents: Vec<Resident>,
    /// The next conversation's first request, and when it is due; none once a recording is over.
    arriving: Option<Arriving>,
    clients: Clients,
    /// Next turns of conversations whose last answer is being read.
    thinking: Slab<Arriving>,
    requests: Requests,
    instances: Vec<Instance>,
    pool_of: Vec<u32>,
    /// Those of them that step together.
    ranks: Ranks,
    pools: Vec<PoolPlan>,
    classes: Vec<ClassPlan>,
    /// The API server of each instance.
    front_doors: Vec<FrontDoor<Ticket>>,
    patience: Patience,
    router: Router,
    /// The router's own queue, where requests wait in one.
    flow: Option<FlowControl>,
    /// Prompts computed apart, in a fleet where some may be.
    apart: Option<Apart>,
    /// Keys and values in host memory, where some engine offloads.
    offload: Option<OffloadRecord>,
    scrape: Scrape,
    accept_draws: Stream,
    records: Vec<ClassRecord>,
    itl: Vec<Sketch>,
    emitted: Vec<Emitted>,
    /// From the first moment whose arrivals are measured to the first whose are not again.
    horizon: core::ops::Range<Time>,
    in_system: [u64; 2],
    behind: [Dur; 2],
    series: Series,
    /// Requests that engines got so far.
    handed_over: u64,
    events: u64,
    follow: Follow,
    left: bool,
    closed: bool,
    over: bool,
    /// Writes the run down, where that is asked for.
    recorder: Option<Box<Recorder>>,
}

/// The engines of a plan, idle, with the pools they belong to and who steps with whom.
fn engines(plan: &Plan, stepping: Stepping) -> (Vec<Instance>, Vec<u32>, Ranks) {
    let (mut instances, mut pool_of, mut ranks) = (Vec::new(), Vec::new(), Ranks::default());
    for (p, pool) in plan.pools.iter().enumerate() {
        let together = pool.spread.expert_ranks.max(1);
        for _ in 0..pool.replicas {
            let engine = Instance::new(pool.engine, pool.step_model.clone(), plan.classes.len(), stepping);
            instances.push(if together > 1 { engine.in_lock_step() } else { engine });
            pool_of.push(p as u32);
        }
        ranks.add(pool.replicas, together);
    }
    (instances, pool_of, ranks)
}

impl Sim {
    /// Replication number `replication` at this load, measuring what arrives for `horizon` after the warm-up.
    #[must_use]
    pub fn new(plan: &Plan, load: Load, replication: u32, horizon: Dur) -> Sim {
        Sim::with_stepping(plan, load, replication, horizon, Stepping::Jump)
    }

    /// The same after a warm-up of another length.
    #[must_use]
    pub fn after(plan: &Plan, load: Load, replication: u32, (warmup, horizon): (Dur, Dur)) -> Sim {
        Sim::begin(plan, load, replication, (warmup, horizon), Stepping::Jump)
    }

    /// The same, choosing whether repeated steps are jumped over.
    #[must_use]
    pub fn with_stepping(plan: &Plan, load: Load, replication: u32, horizon: Dur, stepping: Stepping) -> Sim {
        Sim::begin(plan, load, replication, (plan.warmup(load), horizon), stepping)
    }

    fn begin(plan: &Plan, load: Load, replication: u32, (warmup, horizon): (Dur, Dur), stepping: Stepping) -> Sim {
        let sources = plan.classes.iter().map(|c| c.source.clone()).collect();
        let (process, rate_rps) = match load {
            Load::Rate(rate_rps) => (plan.process, rate_rps),
            Load::Concurrency(_) => (Process::AtOnce, f64::INFINITY),
        };
        let mut source = Source::new(plan.seed, replication, process, rate_rps, sources);
        let residents = people::residents(plan, load, replication, &mut source);
        let begin = Time::ZERO + warmup;
        let horizon = begin..begin + horizon;
        let clients = Clients::new(plan.clients(load));
        let mut sim = Sim::fed(plan, Feed::Drawn(Box::new(source)), clients, (replication, horizon.clone()), stepping);
        if !residents.is_empty() {
            sim.residents = residents;
            sim.calendar.schedule(Time::ZERO, Phase::Mark, Event::People);
        }
        sim.calendar.schedule(horizon.start, Phase::Mark, Event::Open);
        sim.calendar.schedule(horizon.end, Phase::Mark, Event::Close);
        if let Some(at) = follow::until(plan, horizon.end) {
            // An event, so that jumped or stepped a run is cut off at one time.
            sim.calendar.schedule(at, Phase::Mark, Event::Leave);
        }
        sim
    }

    /// A recording sent again by so many clients, to the end of its last request; everyone in it is measured.
    #[must_use]
    pub fn replay(plan: &Plan, replay: Replay, clients: Option<u32>) -> Sim {
        let nothing = Outcome { sent: Time::ZERO, ttft: None, e2e: None, end: End::Cut, instance: None };
        let outcomes = (0..replay.requests()).map(|_| nothing).collect();
        let horizon = Time::ZERO..replay.last_due();
        let mut sim = Sim::fed(plan, Feed::Recorded(replay), Clients::new(clients), (0, horizon), Stepping::Jump);
        sim.requests.outcomes = outcomes;
        sim.requests.horizon_open = true;
        sim
    }

    /// A run of these requests, in which nothing is measured yet.
    fn fed(
        plan: &Plan,
        feed: Feed,
        clients: Clients,
        (replication, horizon): (u32, core::ops::Range<Time>),
        stepping: Stepping,
    ) -> Sim {
        let (instances, pool_of, ranks) = engines(plan, stepping);
        let in_all = instances.len();
        let series = Series::new(horizon.end, in_all);
        let endpoints = pool_of.iter().map(|&pool| plan.pools[pool as usize].endpoint.clone()).collect();
        let apart = plan.is_disaggregated().then(|| Apart::of(plan, replication, &pool_of));
        let router = plan.build_router(replication);
        let mut sim = Sim {
            calendar: Calendar::new(),
            feed,
            residents: Vec::new(),
            arriving: None,
            clients,
            thinking: Slab::new(),
            requests: Requests::new(),
            instances,
            scrape: Scrape::new(endpoints),
            pool_of,
            ranks,
            front_doors: core::iter::repeat_with(FrontDoor::default).take(in_all).collect(),
            patience: Patience::new(plan.classes.iter().map(|c| c.timeout).collect()),
            pools: plan.pools.clone(),
            classes: plan.classes.clone(),
            flow: plan.build_flow().map(|setup| FlowControl::new(setup, router.saturation_lag())),
            router,
            apart,
            offload: plan.offloads().then(OffloadRecord::default),
            accept_draws: Stream::new(plan.seed, replication, Purpose::Accept, 0),
            records: class_records(plan.classes.len()),
            itl: vec![Sketch::new(); plan.classes.len()],
            emitted: Vec::new(),
            horizon,
            in_system: [0; 2],
            behind: [Dur::ZERO; 2],
            series,
            handed_over: 0,
            events: 0,
            follow: Follow::ToEnd,
            left: false,
            closed: false,
            over: false,
            recorder: None,
        };
        sim.draw();
        sim
    }

    /// The same, following measured requests only so far.
    #[must_use]
    pub fn following(self, follow: Follow) -> Sim {
        Sim { follow, ..self }
    }

    /// The same, keeping every request that comes in, so that the run can be written down.
    #[must_use]
    pub fn logging(mut self) -> Sim {
        self.requests.log = Some(Vec::new());
        self
    }

    /// Every request that came in, in their order; none without [`Sim::logging`].
    #[must_use]
    pub fn into_log(mut self) -> Vec<Arriving> {
        self.requests.log.take().unwrap_or_default()
    }

    /// Handles up to `events` events.
    pub fn advance(&mut self, events: u32) -> Progress {
        for _ in 0..events {
            if self.over {
                return Progress::Over;
            }
            let event = self.calendar.pop().expect("arrivals never stop before the run is over");
            self.events += 1;
            self.series.catch_up(self.calendar.now(), &self.requests, &self.instances);
            match event {
                Event::People => self.people(),
                Event::Open => self.mark(0, true),
                Event::Close => self.mark(1, false),
                Event::Leave => self.left = true,
                Event::Arrive => self.begin_conversation(),
                Event::ClientFree => self.client_free(),
                Event::Return { turn } => self.next_turn(turn),
                Event::GiveUp { class } => self.give_up(class),
                Event::Cycle => self.wake(),
                Event::TakeBack { ticket } => self.evict(ticket),
                Event::Deliver { instance } => self.deliver(instance),
                Event::StepEnd { instance, epoch } => self.step_end(instance, epoch),
                Event::Plan { instance } => self.plan(instance),
                Event::Come => self.come(),
                Event::Read => self.begin_read(),
                Event::Copied { instance } => self.copied(instance),
                Event::LinkEnd { epoch } => self.link_end(epoch),
                Event::Lease { request, number } => self.lease_end(request, number),
            }
            // The last instant is completed, so that how the run was stepped does not show in what it left undone.
            let instant_is_over = self.calendar.next_at() != Some(self.calendar.now());
            let followed = match self.follow {
                Follow::ToFirstToken => self.requests.measured_unanswered == 0,
                Follow::ToEnd => self.requests.measured_alive == 0,
            };
            let nobody_comes = self.closed || self.arriving.is_none();
            self.over = (followed || self.left) && nobody_comes && instant_is_over;
        }
        if self.over { Progress::Over } else { Progress::Running }
    }

    /// The first request of a conversation arrives, and the next conversation is drawn.
    fn begin_conversation(&mut self) {
        let due = self.arriving.take().expect("somebody was due");
        self.clients.take();
        self.draw();
        self.route(Arriving { at: self.calendar.now(), ..due });
    }

    /// The next conversation, if there is one.
    fn draw(&mut self) {
        self.arriving = self.feed.draw();
        self.ask_for_a_client();
    }

    /// The next conversation begins when it is due and a client is free.
    fn ask_for_a_client(&mut self) {
        let Some(next) = &self.arriving else { return };
        if let Some(at) = self.clients.ask(self.calendar.now(), next.at) {
            self.calendar.schedule(at, Phase::Arrive, Event::Arrive);
        }
    }

    /// A client has its last answer.
    fn client_free(&mut self) {
        if self.clients.give_back() {
            self.ask_for_a_client();
        }
    }

    fn next_turn(&mut self, turn: Id<Arriving>) {
        let arriving = self.thinking[turn];
        self.thinking.remove(turn);
        self.route(arriving);
    }

    /// The horizon opens or closes. Steps that were planned before count as before, those skipped in a jump too.
    fn mark(&mut self, which: usize, open: bool) {
        let now = self.calendar.now();
        for index in 0..self.instances.len() {
            self.scrape.before_change(now, index as u32, &self.instances[index]);
            let (instance, mut sinks) = self.engine(index as u32);
            instance.settle_gaps(now, &mut sinks);
        }
        self.in_system[which] = self.requests.in_system.level();
        self.behind[which] = self.arriving.map_or(Dur::ZERO, |next| self.clients.behind(now, next.at));
        self.requests.horizon_open = open;
        self.closed = !open;
    }

    fn deliver(&mut self, instance: u32) {
        let (ticket, next) = self.front_doors[instance as usize].leave();
        if let Some(at) = next {
            self.calendar.schedule(at, Phase::Deliver, Event::Deliver { instance });
        }
        if !self.requests.holds(ticket) {
            return; // Its client has given up.
        }
        let id = ticket.id;
        let request = self.requests.alive[id];
        if self.instances[instance as usize].is_full() {
            return self.answer_busy(self.calendar.now(), id);
        }
        self.hand_over(id, request.placement.decode.index(), request.sent.output_tokens, Handoff::None);
    }

    /// An engine gets a request, to answer it with so many tokens.
    fn hand_over(&mut self, id: Id<Request>, instance: u32, output_tokens: u32, handoff: Handoff) {
        let now = self.calendar.now();
        let sent = self.requests.alive[id].sent;
        let class = &self.classes[sent.class as usize];
        let longest = self.pools[self.pool_of[instance as usize] as usize].engine.max_model_len;
        let prompt = sent.runs();
        // What is private takes its room in host memory too.
        let offloads = self.pools[self.pool_of[instance as usize] as usize].engine.offload.is_some();
        let speculates = self.pools[self.pool_of[instance as usize] as usize].engine.speculation.is_some();
        let draws = if speculates { self.accept_draws.bits(sent.number) } else { 0 };
        let incoming = Incoming {
            tag: id.index(),
            class: sent.class,
            prompt_tokens: sent.prompt_tokens,
            output_tokens,
            // Where a limit cuts an answer, the engine knows.
            stops: class.stops && handoff != Handoff::Gives && sent.prompt_tokens + output_tokens < longest,
            // Of llm-d's priorities the higher go first, of vLLM's the lower.
            priority: class.priority.saturating_neg(),
            order: self.handed_over,
            draws,
            content: (!sent.private || offloads).then_some(Content { prompt: &prompt, answer: sent.answer }),
            handoff,
            announced: self.apart.is_some() || self.recorder.is_some(),
        };
        let mut inside = None;
        self.handed_over += 1;
        self.tell(now, id, instance, What::Queued);
        self.change(now, instance, |engine, _| inside = Some(engine.arrive(now, incoming)));
        self.requests.alive[id].inside = inside.map(|inside| (instance, inside));
    }

    /// Something happens to an engine from outside.
    fn change(&mut self, now: Time, index: u32, happens: impl FnOnce(&mut Instance, &mut Sinks<'_>)) {
        self.scrape.before_change(now, index, &self.instances[index as usize]);
        let end = self.instances[index as usize].next_end();
        let (instance, mut sinks) = self.engine(index);
        happens(instance, &mut sinks);
        self.changed(index, end);
    }

    /// An engine was changed from outside, whose present steps were to end then: it may want a plan, or end them sooner.
    fn changed(&mut self, index: u32, end: Option<(Time, u32)>) {
        let instance = &self.instances[index as usize];
        if instance.wants_plan() {
            self.plan_once_all_arrived(index);
        } else if instance.next_end() != end {
            self.schedule_end(index);
        }
        self.tell_level(index);
    }

    /// Plans now if nothing else happens at this moment, and after everything that does otherwise.
    fn plan_once_all_arrived(&mut self, instance: u32) {
        let now = self.calendar.now();
        if self.calendar.next_at() == Some(now) {
            self.calendar.schedule(now, Phase::Plan, Event::Plan { instance });
        } else {
            self.plan(instance);
        }
    }

    fn plan(&mut self, index: u32) {
        if let Some(ranks) = self.ranks(index) {
            return self.plan_together(ranks);
        }
        let now = self.calendar.now();
        let instance = &mut self.instances[index as usize];
        if instance.wants_plan() {
            self.scrape.before_change(now, index, instance);
            let (instance, mut sinks) = self.engine(index);
            instance.plan(now, &mut sinks);
            self.schedule_end(index);
            self.take_notice(now, index);
            self.tell_level(index);
        }
    }

    fn step_end(&mut self, index: u32, epoch: u32) {
        if !self.instances[index as usize].holds(epoch) {
            return; // Overtaken by a shorter run; the newer end is in the calendar.
        }
        if let Some(ranks) = self.ranks(index) {
            return self.end_together(ranks);
        }
        let now = self.calendar.now();
        self.scrape.before_change(now, index, &self.instances[index as usize]);
        let (instance, mut sinks) = self.engine(index);
        instance.step_end(now, &mut sinks);
        self.take_notice(now, index);
        if self.instances[index as usize].wants_plan() {
            self.plan_once_all_arrived(index);
        } else {
            self.tell_level(index);
        }
    }

    /// Does what follows from what an engine emitted.
    fn take_notice(&mut self, now: Time, index: u32) {
        if self.emitted.is_empty() {
            return;
        }
        let mut emitted = core::mem::take(&mut self.emitted);
        for emitted in emitted.drain(..) {
            match emitted {
                Emitted::FirstToken { tag, admitted_at } => self.first_token(now, admitted_at, Id::new(tag), index),
                Emitted::Finished(tag) => self.finished(now, Id::new(tag), index),
                Emitted::Fetch { tag, .. } if self.requests.alive[Id::new(tag)].written.is_some() => {
                    self.seat(now, Id::new(tag))
                }
                Emitted::Admitted { tag, cached_tokens, again } => {
                    self.tell(now, Id::new(tag), index, What::Admitted { cached_tokens });
                    if !again {
                        self.admitted(now, Id::new(tag), index);
                    }
                }
                Emitted::Preempted(tag) => self.tell(now, Id::new(tag), index, What::Preempted),
                Emitted::Fetch { tag, blocks } => self.fetch(now, Id::new(tag), blocks),
                Emitted::Copying { until } => self.copying(until, index),
                Emitted::Loading { tag, blocks, until } => self.loading(now, Id::new(tag), index, (blocks, until)),
                Emitted::Loaded(tag) => self.tell(now, Id::new(tag), index, What::Fetched),
            }
        }
        self.emitted = emitted;
    }

    /// A request's first token left an engine, whose batch it had joined at `admitted_at`.
    fn first_token(&mut self, now: Time, admitted_at: Time, id: Id<Request>, index: u32) {
        if self.apart.as_ref().is_some_and(|apart| apart.is_prefill(id, index)) {
            return; // The client gets the decoding engine's.
        }
        let placement = self.router.first_token(self.requests.alive[id].placement);
        self.requests.alive[id].placement = placement;
        let front_end = &self.pools[self.pool_of[index as usize] as usize].front_end;
        let before = front_end.before() + front_end.service(self.requests.alive[id].sent.prompt_tokens);
        let after = front_end.after(self.instances[index as usize].running());
        let ttft = self.requests.first_token(now, id, after, &mut self.records);
        self.tell(now, id, index, What::FirstToken { after });
        let request = &self.requests.alive[id];
        let record = request.measured.then(|| &mut self.records[request.sent.class as usize]);
        let Some(apart) = &mut self.apart else {
            if let Some(record) = record {
                record.waited(request.sent.at + before, admitted_at, None, now);
            }
            return;
        };
        let number = request.sent.number;
        apart.note(now, number, Note::FirstToken { number, ttft });
        let marks = apart.first_token(id);
        if let Some(record) = record {
            record.waited(request.sent.at + before, admitted_at, marks.as_ref(), now);
            apart.record.answered(request.sent.at, marks.as_ref(), now, ttft);
        }
    }

    /// A request's last token left an engine.
    fn finished(&mut self, now: Time, id: Id<Request>, index: u32) {
        if self.apart.as_ref().is_some_and(|apart| apart.is_prefill(id, index)) {
            self.tell(now, id, index, What::Computed);
            return self.prompt_computed(now, id);
        }
        let Request { sent, placement, after, .. } = self.requests.alive[id];
        self.router.ended(placement, sent.class);
        self.left(now, id, sent.output_tokens);
        let waited = now.since(sent.at) + after;
        if let Some(timeout) = self.classes[sent.class as usize].timeout.filter(|&timeout| waited > timeout) {
            // The answer is on its way when the client gives up.
            return self.hang_up(now, id, sent.at + timeout);
        }
        self.tell_end(now, id, End::Done);
        let class = &self.classes[sent.class as usize];
        let mean_itl = self.requests.done(now, id, class, &mut self.records);
        if let Some(apart) = &mut self.apart {
            let done = Note::Done { number: sent.number, output_tokens: sent.output_tokens, mean_itl };
            apart.note(now, sent.number, done);
        }
        let answered = now + after;
        if let Some(next) = self.feed.follow(&sent, answered) {
            let turn = self.thinking.insert(next);
            self.calendar.schedule(next.at, Phase::Arrive, Event::Return { turn });
        } else if self.clients.are_limited() {
            self.calendar.schedule(answered, Phase::Arrive, Event::ClientFree);
        }
    }

    /// An engine, and where its output goes: gaps between tokens count while the horizon is open.
    fn engine(&mut self, index: u32) -> (&mut Instance, Sinks<'_>) {
        let itl = self.requests.horizon_open.then_some(self.itl.as_mut_slice());
        (&mut self.instances[index as usize], Sinks { itl, emitted: &mut self.emitted, steps: None })
    }

    /// When an engine's steps end now, and those of all that step with it.
    fn schedule_end(&mut self, instance: u32) {
        if let Some(ranks) = self.ranks(instance) {
            self.align_ends(instance, ranks);
        }
        if let Some((at, epoch)) = self.instances[instance as usize].next_end() {
            self.calendar.schedule(at, Phase::StepEnd, Event::StepEnd { instance, epoch });
        }
    }

    /// What became of each request of a replay, in its order, and the record.
    ///
    /// # Panics
    /// As [`Sim::into_record`].
    #[must_use]
    pub fn into_outcomes(mut self) -> (Vec<Outcome>, RunRecord) {
        let outcomes = core::mem::take(&mut self.requests.outcomes);
        self.horizon.end = self.calendar.now();
        (outcomes, self.into_record())
    }

    /// What was found, once the run is over.
    ///
    /// # Panics
    /// When a request was lost or counted twice: every one that arrived must have ended exactly once.
    #[must_use]
    pub fn into_record(mut self) -> RunRecord {
        let over = self.calendar.now();
        for index in 0..self.instances.len() {
            let (instance, mut sinks) = self.engine(index as u32);
            instance.settle(over, &mut sinks);
        }
        self.requests.cut(over);
        assert_eq!(self.requests.ends.iter().sum::<u64>(), self.requests.arrived, "every request ends exactly once");
        for (record, itl) in self.records.iter_mut().zip(self.itl) {
            record.itl = itl;
            record.ends[End::Cut as usize] = record.arrived - record.ends.iter().sum::<u64>();
            if self.follow == Follow::ToFirstToken {
                // Those that ended already are the short ones.
                (record.tpot, record.e2e) = Default::default();
            }
        }
        let instances: Vec<InstanceRecord> = self.instances.into_iter().map(|i| i.into_record(over)).collect();
        RunRecord {
            classes: self.records,
            followed_to_end: self.follow == Follow::ToEnd,
            arrived: self.requests.arrived,
            ends: self.requests.ends,
            begin: self.horizon.start,
            end: self.horizon.end,
            over,
            in_system: self.in_system,
            behind: self.behind,
            series: self.series.into_record(),
            disagg: self.apart.map(|apart| apart.record),
            offload: self.offload,
            in_system_area: self.requests.in_system.area(over),
            sojourn_sum: self.requests.sojourn_sum,
            instances,
            events: self.events,
        }
    }
}
