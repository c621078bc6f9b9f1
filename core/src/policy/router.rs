//! llm-d's router between a request's arrival and its dispatch: producers, admitters, a scheduling profile, and the books of
//! what is in flight.

use super::admit::{Admitter, legacy_admits};
use super::detect::Detector;
use super::produce::{InFlight, PredictedLatency, Prediction, PrefixInfo, PrefixProducer};
use super::{Ask, FleetView, Instance, SchedulingProfile};
use crate::base::{Id, Stream};
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
}

impl Producers {
    /// These, over so many instances.
    #[must_use]
    pub fn new(
        prefixes: Vec<Box<dyn PrefixProducer>>,
        uncached_by: Option<usize>,
        predictor: Option<PredictedLatency>,
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
        FleetView { prefixes: &self.infos, uncached: &self.uncached, predictions: &self.predictions, ..*fleet }
    }

    /// The request is sent to an instance.
    fn sent(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, chosen: u32) {
        for producer in &mut self.prefixes {
            producer.sent(fleet, chosen);
        }
        if let Some(predictor) = &mut self.predictor {
            predictor.sent(ask, chosen);
        }
    }
}

/// Where a request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Which instance.
    pub instance: Id<Instance>,
    /// Tokens that it counts for while in flight.
    pub tokens: u64,
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
        profile: SchedulingProfile,
    ) -> Self {
        let legacy = !flow_control && !admitters.iter().any(|(admitter, _)| admitter.replaces_legacy());
        Router { detector, legacy, in_flight, producers, admitters, profile }
    }

    /// How saturated the fleet is; `scraped` has no column of what is in flight.
    #[must_use]
    pub fn saturation(&self, scraped: &FleetView<'_>) -> f64 {
        let InFlight { requests, tokens, .. } = &self.in_flight;
        self.detector.saturation(&FleetView { in_flight: requests, in_flight_tokens: tokens, ..*scraped })
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
        let Some(instance) = self.profile.choose(ask, &fleet) else {
            return Verdict::Unroutable;
        };
        self.profile.sent(ask, &fleet, instance);
        let uncached = fleet.uncached.get(instance.index() as usize).copied().unwrap_or(0);
        self.producers.sent(ask, scraped, instance.index());
        let tokens = self.in_flight.sent(instance.index(), ask.prompt_tokens, uncached);
        Verdict::Sent(Placement { instance, tokens })
    }

    /// A request's first token is there: the tokens that it still counts for.
    pub fn first_token(&mut self, placement: Placement) -> Placement {
        let tokens = self.in_flight.first_token(placement.instance.index(), placement.tokens);
        Placement { tokens, ..placement }
    }

    /// A request of this class has ended.
    pub fn ended(&mut self, placement: Placement, class: u32) {
        let instance = placement.instance.index();
        self.in_flight.ended(instance, placement.tokens);
        if let Some(predictor) = &mut self.producers.predictor {
            predictor.ended(instance, class);
        }
    }
}
