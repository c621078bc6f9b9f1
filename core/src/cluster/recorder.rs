//! Writes a run down as it goes, where somebody asks for it. It is told what happens and changes nothing of it.

use crate::base::{Id, Time, math};
use crate::policy::{FleetView, Placement, Router, Why};
use crate::report::timeline::{
    About, Choice, Considered, Level, Mark, Stand, Timeline, TracedClass, TracedInstance, TracedRequest, What,
};
use crate::scenario::Plan;
use crate::workload::{Arriving, was_there};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// A run being written down.
pub(super) struct Recorder {
    timeline: Timeline,
    rows_max: usize,
    /// Whether nothing more is taken.
    full: bool,
    /// The moment of the last row.
    last: Time,
    /// By place in the fleet's list of those alive: which of all it is.
    rows: Vec<u32>,
    /// By instance.
    instances: Vec<Tally>,
    /// Where prompts are computed apart, by request.
    prefills: BTreeMap<u32, u32>,
    /// Between which instances keys and values move, by request.
    transfers: BTreeMap<u32, [Option<u32>; 2]>,
}

/// What is kept of an instance.
#[derive(Clone, Default)]
struct Tally {
    /// Place of its last level, if it has one.
    level: Option<u32>,
    /// Of those in its batch: tokens of prompts, and how many were found in the cache.
    batch: BTreeMap<u32, (u32, u32)>,
    prompt_tokens: u64,
    cached_tokens: u64,
    transfers: u32,
    preemptions: u32,
}

impl Tally {
    fn joins(&mut self, request: u32, prompt_tokens: u32, cached_tokens: u32) {
        let cached_tokens = cached_tokens.min(prompt_tokens);
        self.leaves(request);
        self.batch.insert(request, (prompt_tokens, cached_tokens));
        self.prompt_tokens += u64::from(prompt_tokens);
        self.cached_tokens += u64::from(cached_tokens);
    }

    fn leaves(&mut self, request: u32) {
        if let Some((prompt_tokens, cached_tokens)) = self.batch.remove(&request) {
            self.prompt_tokens -= u64::from(prompt_tokens);
            self.cached_tokens -= u64::from(cached_tokens);
        }
    }
}

/// What is always the same about a plan's runs.
fn about(plan: &Plan) -> About {
    let instances = plan.pools().iter().flat_map(|pool| {
        (0..pool.replicas).map(move |k| TracedInstance {
            name: format!("{} {}", pool.name, k + 1),
            kv_blocks: pool.engine.kv_blocks,
            max_num_seqs: pool.engine.max_num_seqs,
        })
    });
    let classes = plan.classes().iter().map(|class| TracedClass {
        name: class.name.clone(),
        targets_ps: [class.slo_ttft, class.slo_itl, class.slo_e2e].map(|t| t.map(|t| t.as_ps())),
    });
    About {
        instances: instances.collect(),
        classes: classes.collect(),
        scorers: plan.scorers(),
        apart: plan.is_disaggregated(),
    }
}

impl Recorder {
    pub(super) fn new(plan: &Plan, (begin, end): (Time, Time), rows_max: u32) -> Self {
        let about = about(plan);
        let instances = vec![Tally::default(); about.instances.len()];
        let timeline = Timeline {
            about,
            begin,
            end,
            until: Time::ZERO,
            cut: false,
            requests: Vec::new(),
            marks: Vec::new(),
            levels: Vec::new(),
            choices: Vec::new(),
            considered: Vec::new(),
            parts: Vec::new(),
        };
        Recorder {
            timeline,
            rows_max: rows_max as usize,
            full: false,
            last: Time::ZERO,
            rows: Vec::new(),
            instances,
            prefills: BTreeMap::new(),
            transfers: BTreeMap::new(),
        }
    }

    /// Whether nothing more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Whether something that happens now is taken: a moment that began is told to its end.
    fn takes(&mut self, now: Time) -> bool {
        if !self.full && now > self.last && self.timeline.rows() >= self.rows_max {
            self.full = true;
            self.timeline.until = now;
        }
        self.last = now;
        !self.full
    }

    /// A request arrives, and is alive in this place.
    pub(super) fn arrived<T>(&mut self, id: Id<T>, a: &Arriving) {
        if !self.takes(a.at) {
            return;
        }
        let place = id.index() as usize;
        if self.rows.len() <= place {
            self.rows.resize(place + 1, u32::MAX);
        }
        self.rows[place] = self.timeline.requests.len() as u32;
        self.timeline.requests.push(TracedRequest {
            number: a.number,
            at: a.at,
            class: a.class,
            prompt_tokens: a.prompt_tokens,
            output_tokens: a.output_tokens,
            turn: a.turn,
            was_there: was_there(a.number),
        });
    }

    /// Something happens to a request, at an instance or at the router.
    pub(super) fn mark<T>(&mut self, now: Time, id: Id<T>, instance: u32, what: What) {
        if !self.takes(now) {
            return;
        }
        let request = self.rows[id.index() as usize];
        self.timeline.marks.push(Mark { at: now, request, instance, what });
        let prompt_tokens = self.timeline.requests[request as usize].prompt_tokens;
        let Some(tally) = self.instances.get_mut(instance as usize) else { return };
        match what {
            What::Admitted { cached_tokens } => tally.joins(request, prompt_tokens, cached_tokens),
            What::Preempted => {
                tally.leaves(request);
                tally.preemptions += 1;
            }
            What::Computed => tally.leaves(request),
            What::PlacedApart => {
                self.prefills.insert(request, instance);
            }
            What::Fetching { .. } => self.transfer_begins(request, instance),
            What::Fetched => self.transfer_ends(request),
            What::Ended(_) => {
                tally.leaves(request);
                self.transfer_ends(request);
                self.prefills.remove(&request);
            }
            What::Placed | What::Queued | What::FirstToken { .. } => {}
        }
    }

    fn transfer_begins(&mut self, request: u32, to: u32) {
        // From another instance, or from the memory of its own host.
        let from = self.prefills.get(&request).copied().filter(|from| *from != to);
        let ends = [from, Some(to)];
        for end in ends.into_iter().flatten() {
            self.instances[end as usize].transfers += 1;
        }
        self.transfers.insert(request, ends);
    }

    fn transfer_ends(&mut self, request: u32) {
        for end in self.transfers.remove(&request).into_iter().flatten().flatten() {
            self.instances[end as usize].transfers -= 1;
        }
    }

    /// The router has placed a request: there, and for these reasons.
    pub(super) fn placed<T>(&mut self, id: Id<T>, placement: Placement, router: &Router, fleet: &FleetView<'_>) {
        let now = fleet.now;
        let [decode, prefill] = router.why();
        if let Some(apart) = placement.prefill.map(Id::index) {
            self.chosen(id, (apart, true), prefill, router, fleet);
            self.mark(now, id, apart, What::PlacedApart);
        }
        let decode_at = placement.decode.index();
        self.chosen(id, (decode_at, false), decode, router, fleet);
        self.mark(now, id, decode_at, What::Placed);
    }

    /// The engine stops at the longest sequence, whatever the client asked for.
    pub(super) fn stops_at<T>(&mut self, id: Id<T>, longest: u32) {
        if !self.full {
            let request = &mut self.timeline.requests[self.rows[id.index() as usize] as usize];
            request.output_tokens = request.output_tokens.min(longest.saturating_sub(request.prompt_tokens).max(1));
        }
    }

    fn chosen<T>(
        &mut self,
        id: Id<T>,
        (chosen, apart): (u32, bool),
        why: Option<&Why>,
        router: &Router,
        fleet: &FleetView<'_>,
    ) {
        let Some(why) = why.filter(|_| self.takes(fleet.now)) else { return };
        let timeline = &mut self.timeline;
        timeline.choices.push(Choice {
            request: self.rows[id.index() as usize],
            apart,
            chosen,
            first: timeline.considered.len() as u32,
            count: why.candidates.len() as u32,
            parts: timeline.parts.len() as u32,
        });
        for (place, candidate) in why.candidates.iter().enumerate() {
            let at = candidate.at();
            timeline.considered.push(Considered {
                instance: candidate.instance.index(),
                waiting: fleet.waiting[at],
                running: fleet.running[at],
                kv_permyriad: math::round(fleet.kv_usage[at] * 1e4) as u32,
                matched_tokens: router.matched_tokens(candidate.instance.index()),
            });
            timeline.parts.extend(why.parts(place).map(|part| math::round(part * 1e6) as i64));
        }
    }

    /// How an engine stands from now on.
    pub(super) fn level(&mut self, now: Time, instance: u32, stand: Stand) {
        if !self.takes(now) {
            return;
        }
        let tally = &mut self.instances[instance as usize];
        let level = Level {
            at: now,
            instance,
            stand,
            cached_permille: (tally.cached_tokens * 1000).checked_div(tally.prompt_tokens).unwrap_or(0) as u32,
            transfers: tally.transfers,
            preemptions: tally.preemptions,
        };
        let levels = &mut self.timeline.levels;
        match tally.level.map(|place| &mut levels[place as usize]) {
            // Only what a moment ends with is seen.
            Some(last) if last.at == now => *last = level,
            Some(last) if *last == (Level { at: last.at, ..level }) => {}
            _ => {
                tally.level = Some(levels.len() as u32);
                levels.push(level);
            }
        }
    }

    /// The run is told, as far as it went.
    pub(super) fn into_timeline(mut self, now: Time, over: bool) -> Timeline {
        self.timeline.cut = self.full || !over;
        if !self.full {
            self.timeline.until = now;
        }
        self.timeline
    }
}
