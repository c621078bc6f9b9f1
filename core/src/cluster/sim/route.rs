//! At the router: a request is sent to its engine at once, or waits in the router's queue until it may be.

use super::{Event, Sim};
use crate::base::{Dur, Id, Phase, Time};
use crate::cluster::engines::Fleet;
use crate::cluster::flow_control::{CYCLE, Entry};
use crate::cluster::requests::Request;
use crate::engine::Handoff;
use crate::policy::{Ask, Placement, Verdict};
use crate::report::End;
use crate::workload::Arriving;
use alloc::vec::Vec;

impl Sim {
    /// The router takes a request: sends it on, or lets it wait in its queue.
    pub(super) fn route(&mut self, arriving: Arriving) {
        let measured = self.requests.horizon_open;
        let id = self.requests.arrive(&arriving, measured, &mut self.records);
        if let Some(recorder) = &mut self.recorder {
            recorder.arrived(id, &arriving);
        }
        if let Some(at) = self.patience.begin(arriving.class, arriving.at, self.requests.ticket(id)) {
            self.calendar.schedule(at, Phase::GiveUp, Event::GiveUp { class: arriving.class });
        }
        self.scrape.catch_up(arriving.at, &self.instances);
        let class = &self.classes[arriving.class as usize];
        let Some(flow) = &mut self.flow else {
            return self.send(arriving.at, id);
        };
        let (priority, slo_ttft) = (class.priority, class.slo_ttft);
        let Arriving { class, prompt_tokens, .. } = arriving;
        if flow.enter(arriving.at, Entry { request: id, class, priority, prompt_tokens, slo_ttft }) {
            self.cycle(arriving.at);
        } else {
            self.turn_away(arriving.at, id, End::QueueFull);
        }
    }

    /// The router looks at its queue at one of the moments when it does so by itself.
    pub(super) fn wake(&mut self) {
        let now = self.calendar.now();
        let Some(flow) = &mut self.flow else { return };
        flow.awake = false;
        let mut gone = Vec::new();
        flow.sweep(now, &mut gone);
        for id in gone {
            self.turn_away(now, id, End::Expired);
        }
        self.scrape.catch_up(now, &self.instances);
        self.cycle(now);
    }

    /// One round of the router's loop: at most one request is sent. As long as some wait, another follows.
    fn cycle(&mut self, now: Time) {
        let engines = Fleet { instances: &self.instances, pool_of: &self.pool_of, pools: &self.pools };
        let saturation = self.router.saturation(&self.scrape.view(now, &engines));
        let Some(flow) = &mut self.flow else { return };
        let mut taken_back = Vec::new();
        let next = flow.next(now, saturation, &mut taken_back);
        if !flow.is_empty() && !flow.awake {
            flow.awake = true;
            let at = Time::from_ps((now.as_ps() / CYCLE.as_ps() + 1) * CYCLE.as_ps());
            self.calendar.schedule(at, Phase::Arrive, Event::Cycle);
        }
        if let Some(id) = next {
            self.send(now, id);
        }
        for id in taken_back {
            // By the way that the request went, and after whatever else happens now.
            let instance = self.requests.alive[id].placement.decode.index();
            let way = self.pools[self.pool_of[instance as usize] as usize].front_end.before().max(Dur::from_ps(1));
            let ticket = self.requests.ticket(id);
            self.calendar.schedule(now + way, Phase::GiveUp, Event::TakeBack { ticket });
        }
    }

    /// The router places a request, and sends it there.
    pub(super) fn send(&mut self, now: Time, id: Id<Request>) {
        self.settle_caches(now);
        let arriving = self.requests.alive[id].sent;
        let prompt = arriving.runs();
        let class = &self.classes[arriving.class as usize];
        let ask = Ask {
            number: arriving.number,
            class: arriving.class,
            priority: class.priority,
            prompt_tokens: arriving.prompt_tokens,
            prompt: &prompt,
            session: arriving.conversation(),
            slo_ttft: class.slo_ttft,
            slo_tpot: class.slo_itl,
        };
        if let Some(apart) = &mut self.apart {
            apart.tell_decider(&mut self.router);
        }
        let engines = Fleet { instances: &self.instances, pool_of: &self.pool_of, pools: &self.pools };
        let scraped = self.scrape.view(now, &engines);
        let verdict = match self.router.lets_in(&ask, &scraped) {
            true => self.router.place(&ask, &scraped),
            false => Verdict::Shed,
        };
        let placement = match verdict {
            Verdict::Sent(placement) => placement,
            Verdict::Shed => return self.unsent(now, id, End::Shed),
            Verdict::Unroutable => return self.unsent(now, id, End::Unroutable),
        };
        let longest = self.longest(placement);
        if let Some(recorder) = &mut self.recorder {
            recorder.placed(id, placement, &self.router, &scraped);
            recorder.stops_at(id, longest);
        }
        let request = &mut self.requests.alive[id];
        if arriving.prompt_tokens >= longest {
            self.router.ended(placement, arriving.class);
            self.tell_decider_gone(now, arriving.number);
            return self.unsent(now, id, End::Refused);
        }
        // The engine stops at the longest sequence, whatever the client asked for.
        request.sent.output_tokens = arriving.output_tokens.min(longest - arriving.prompt_tokens);
        request.placement = placement;
        let measured = request.measured;
        if let Some(flow) = &mut self.flow {
            flow.sent(id, ask.priority);
        }
        if let Some(apart) = self.apart.as_mut().filter(|_| measured) {
            apart.record.placed += 1;
            apart.record.apart += u64::from(placement.prefill.is_some());
        }
        if request.written.is_some() {
            let (instance, output_tokens) = (placement.decode.index(), request.sent.output_tokens);
            return self.hand_over(id, instance, output_tokens, Handoff::Takes);
        }
        if placement.prefill.is_some() {
            return self.send_apart(now, id, placement);
        }
        self.send_whole(now, id, placement);
    }

    /// Where the router reads the engines' caches: in the middle of a jump, blocks that its steps took are to be gone. The
    /// pass of this moment is planned after the router has looked.
    fn settle_caches(&mut self, now: Time) {
        if self.router.reads_caches() {
            for index in 0..self.instances.len() {
                let (instance, mut sinks) = self.engine(index as u32);
                instance.settle_before(now, &mut sinks);
            }
        }
    }

    /// Sends a request to the one engine that serves it.
    fn send_whole(&mut self, now: Time, id: Id<Request>, placement: Placement) {
        let instance = placement.decode.index();
        let front_end = &self.pools[self.pool_of[instance as usize] as usize].front_end;
        let (ticket, prompt_tokens) = (self.requests.ticket(id), self.requests.alive[id].sent.prompt_tokens);
        let door = &mut self.front_doors[instance as usize];
        if let Some(at) = door.enter(now + front_end.before(), front_end.service(prompt_tokens), ticket) {
            self.calendar.schedule(at, Phase::Deliver, Event::Deliver { instance });
        }
    }

    /// A request left the router's queue, if there is one, and is not sent.
    fn unsent(&mut self, now: Time, id: Id<Request>, end: End) {
        self.left(now, id, 0);
        self.turn_away(now, id, end);
    }

    /// Whatever is fair hears of the end of a request that left the queue.
    pub(super) fn left(&mut self, now: Time, id: Id<Request>, output_tokens: u32) {
        if let Some(flow) = &mut self.flow {
            let sent = &self.requests.alive[id].sent;
            let priority = self.classes[sent.class as usize].priority;
            let prompt_tokens = if output_tokens > 0 { sent.prompt_tokens } else { 0 };
            flow.ended(now, id, (sent.class, priority), (prompt_tokens, output_tokens));
        }
    }

    /// The longest sequence of the engines that a request is to see, tokens.
    fn longest(&self, placement: Placement) -> u32 {
        let of = |instance: u32| self.pools[self.pool_of[instance as usize] as usize].engine.max_model_len;
        placement.prefill.map_or(u32::MAX, |p| of(p.index())).min(of(placement.decode.index()))
    }
}
