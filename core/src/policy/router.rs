//! llm-d's router between a request's arrival and its dispatch: producers, admitters, a scheduling profile, and the books of
//! what is in flight.

use super::admit::{Admitter, legacy_admits};
use super::decide::Note;
use super::detect::Detector;
use super::disagg::Disaggregation;
use super::produce::{InFlight, PredictedLatency, Prediction, PrefixInfo, PrefixProducer, Topology};
use super::{Ask, FleetView, Instance, SchedulingProfile, Why};
use crate::base::{Dur, Id, Stream, Time};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// The producers of one run, and what they say of the request at hand.
pub struct Producers {
    prefixes: Vec<Box<dyn PrefixProducer>>,
    infos: Vec<PrefixInfo>,
    /// Which prefix matches tell the tokens that are not cached; none: nobody asks.
    uncached_by: Option<usize>,
    uncached: Vec<u32>,
    predictor: Option<PredictedLatency>,
    predictions: Vec<Option<Prediction>>,
    topologies: Vec<Option<Topology>>,
}

impl Producers {
    /// These, over so many instances.
    #[must_use]
    pub fn new(
        prefixes: Vec<Box<dyn PrefixProducer>>,
        uncached_by: Option<usize>,
        predictor: Option<PredictedLatency>,
        topologies: Vec<Option<Topology>>,
        instances: usize,
    ) -> Self {
        let info = || PrefixInfo { matched: vec![0; instances], blocks: 0, block_tokens: 0 };
        Producers {
            infos: prefixes.iter().map(|_| info()).collect(),
            prefixes,
            uncached: vec![0; if uncached_by.is_some() { instances } else { 0 }],
            uncached_by,
            predictions: vec![None; if predictor.is_some() { instances } else { 0 }],
            predictor,
            topologies,
        }
    }

    /// Looks at a request, and returns what is known with it.
    fn look<'a>(&'a mut self, ask: &Ask<'_>, fleet: &FleetView<'a>) -> FleetView<'a> {
        for (producer, info) in self.prefixes.iter_mut().zip(&mut self.infos) {
            producer.look_up(ask, fleet, info);
        }
        if let Some(source) = self.uncached_by {
            let info = &self.infos[source];
            for (i, uncached) in self.uncached.iter_mut().enumerate() {
                *uncached = info.uncached(i, ask.prompt_tokens);
            }
        }
        if let Some(predictor) = &mut self.predictor {
            let known = FleetView { prefixes: &self.infos, uncached: &self.uncached, ..*fleet };
            predictor.predict(ask, &known, &mut self.predictions);
        }
        FleetView {
            prefixes: &self.infos,
            uncached: &self.uncached,
            predictions: &self.predictions,
            topologies: &self.topologies,
            ..*fleet
        }
    }

    /// The request is sent to an instance.
    fn sent(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, chosen: u32, prefill: Option<u32>) {
        for producer in &mut self.prefixes {
            producer.sent(fleet, chosen);
            if let Some(prefill) = prefill {
                producer.sent(fleet, prefill);
            }
        }
        if let Some(predictor) = &mut self.predictor {
            predictor.sent(ask, chosen);
        }
    }
}

/// Where a request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The instance that decodes.
    pub decode: Id<Instance>,
    /// Tokens that it counts for there while in flight.
    pub tokens: u64,
    /// The one that computes its prompt, where that is another, and as long as it is in flight there.
    pub prefill: Option<Id<Instance>>,
    /// Tokens that it counts for there.
    pub prefill_tokens: u64,
}

/// What became of a request at the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Sent(Placement),
    /// An admitter rejected it.
    Shed,
    /// The filters left nobody.
    Unroutable,
}

/// The router of one run.
pub struct Router {
    detector: Box<dyn Detector>,
    /// Whether llm-d's legacy controller is at work.
    legacy: bool,
    in_flight: InFlight,
    producers: Producers,
    admitters: Vec<(Box<dyn Admitter>, Stream)>,
    profile: SchedulingProfile,
    disaggregation: Option<Disaggregation>,
}

impl Router {
    /// A router of these parts. With flow control, the legacy controller is not at work.
    #[must_use]
    pub fn new(
        detector: Box<dyn Detector>,
        flow_control: bool,
        in_flight: InFlight,
        producers: Producers,
        admitters: Vec<(Box<dyn Admitter>, Stream)>,
        (profile, disaggregation): (SchedulingProfile, Option<Disaggregation>),
    ) -> Self {
        let legacy = !flow_control && !admitters.iter().any(|(admitter, _)| admitter.replaces_legacy());
        Router { detector, legacy, in_flight, producers, admitters, profile, disaggregation }
    }

    /// How saturated the fleet is; `scraped` has no column of what is in flight.
    #[must_use]
    pub fn saturation(&self, scraped: &FleetView<'_>) -> f64 {
        let InFlight { requests, tokens, .. } = &self.in_flight;
        self.detector.saturation(&FleetView { in_flight: requests, in_flight_tokens: tokens, ..*scraped })
    }

    /// How long after a request has ended that number shows it, at most.
    #[must_use]
    pub fn saturation_lag(&self) -> Dur {
        self.detector.lag()
    }

    /// Whether placing a request reads the engines' caches.
    #[must_use]
    pub fn reads_caches(&self) -> bool {
        self.producers.prefixes.iter().any(|producer| producer.reads_caches())
    }

    /// Whether the legacy controller lets a request in.
    #[must_use]
    pub fn lets_in(&self, ask: &Ask<'_>, scraped: &FleetView<'_>) -> bool {
        !self.legacy || legacy_admits(ask, || self.saturation(scraped))
    }

    /// Places a request.
    pub fn place(&mut self, ask: &Ask<'_>, scraped: &FleetView<'_>) -> Verdict {
        let InFlight { requests, tokens, .. } = &self.in_flight;
        let counted = FleetView { in_flight: requests, in_flight_tokens: tokens, ..*scraped };
        let fleet = self.producers.look(ask, &counted);
        if !self.admitters.iter_mut().all(|(admitter, draws)| admitter.admits(ask, &fleet, draws)) {
            return Verdict::Shed;
        }
        let Some(decode) = self.profile.choose(ask, &fleet) else {
            return Verdict::Unroutable;
        };
        self.profile.sent(ask, &fleet, decode);
        let mut prefill = None;
        if let Some(apart) = &mut self.disaggregation {
            prefill = apart.choose(ask, &fleet, decode);
            if let Some(prefill) = prefill {
                apart.prefill.sent(ask, &fleet, prefill);
            }
        }
        let uncached = |i: Id<Instance>| fleet.uncached.get(i.index() as usize).copied().unwrap_or(0);
        let (here, there) = (uncached(decode), prefill.map_or(0, uncached));
        self.producers.sent(ask, scraped, decode.index(), prefill.map(Id::index));
        let tokens = self.in_flight.sent(decode.index(), ask.prompt_tokens, here);
        let prefill_tokens = prefill.map_or(0, |i| self.in_flight.sent(i.index(), ask.prompt_tokens, there));
        Verdict::Sent(Placement { decode, tokens, prefill, prefill_tokens })
    }

    /// From now on the last choice of each profile is written down.
    #[must_use]
    pub fn explained(mut self) -> Router {
        self.profile.explain();
        if let Some(apart) = &mut self.disaggregation {
            apart.prefill.explain();
        }
        self
    }

    /// The last choices, where they are written down: of who serves or decodes, and of who computed a prompt apart.
    #[must_use]
    pub fn why(&self) -> [Option<&Why>; 2] {
        [self.profile.why(), self.disaggregation.as_ref().and_then(|apart| apart.prefill.why())]
    }

    /// Tokens of the prompt looked at last that an instance is believed to hold, by the first producer of prefix matches.
    #[must_use]
    pub fn matched_tokens(&self, instance: u32) -> u32 {
        let held = |info: &PrefixInfo| info.matched[instance as usize].saturating_mul(info.block_tokens);
        self.producers.infos.first().map_or(0, held)
    }

    /// Something happened to a request, for deciders that learn from it.
    pub fn note(&mut self, now: Time, note: &Note) {
        if let Some(apart) = &mut self.disaggregation {
            apart.note(now, note);
        }
    }

    /// A request's first token is there: the tokens that it still counts for.
    pub fn first_token(&mut self, placement: Placement) -> Placement {
        self.prefilled(placement);
        let tokens = self.in_flight.first_token(placement.decode.index(), placement.tokens);
        Placement { tokens, prefill: None, prefill_tokens: 0, ..placement }
    }

    /// What computes its prompt apart has no more to do with a request.
    fn prefilled(&mut self, placement: Placement) {
        if let Some(prefill) = placement.prefill {
            self.in_flight.ended(prefill.index(), placement.prefill_tokens);
        }
    }

    /// A request of this class has ended.
    pub fn ended(&mut self, placement: Placement, class: u32) {
        self.prefilled(placement);
        let instance = placement.decode.index();
        self.in_flight.ended(instance, placement.tokens);
        if let Some(predictor) = &mut self.producers.predictor {
            predictor.ended(instance, class);
        }
    }
}
