//! Contracts: what every registered policy keeps, whichever it is.

mod each_picker_in_particular;
mod every_description_is_complete;
mod every_picker;

use playground_core::base::{Id, Purpose, Stream, Time};
use playground_core::policy::pick::Picker;
use playground_core::policy::{Ask, Candidate, FleetView, Instance, Kind, Meta, ParamKind, Params};
use serde_json::{Map, Value};

/// A picker with parameters, and the draws of a run.
struct Bench {
    picker: Box<dyn Picker>,
    draws: Stream,
}

impl Bench {
    fn new(kind: &'static Kind<dyn Picker>, parameters: &Map<String, Value>) -> Self {
        let picker = (kind.build)(&Params::new(&kind.meta, parameters));
        Bench { picker, draws: Stream::new(7, 0, Purpose::Route, 0) }
    }

    fn plain(kind: &'static Kind<dyn Picker>) -> Self {
        Bench::new(kind, &Map::new())
    }

    /// Which instance request `number` goes to.
    fn pick(&mut self, number: u64, candidates: &[Candidate]) -> Option<u32> {
        let ask = Ask { number, class: 0, prompt_tokens: 100 };
        // Wide enough for every instance a test names.
        let in_flight = [0; 256];
        let view = FleetView { now: Time::ZERO, in_flight: &in_flight };
        self.picker.pick(&ask, &view, candidates, &mut self.draws).map(Id::index)
    }
}

/// Candidates from (instance, score).
fn candidates(of: &[(u32, f64)]) -> Vec<Candidate> {
    of.iter().map(|&(instance, score)| Candidate { instance: Id::<Instance>::new(instance), score }).collect()
}

/// The parameters to try of a policy: none given, all at their smallest, all at their largest.
fn parameter_sets(meta: &Meta) -> Vec<Map<String, Value>> {
    let all = |end: fn(&ParamKind) -> Value| meta.params.iter().map(|p| (p.id.to_string(), end(&p.kind))).collect();
    vec![Map::new(), all(smallest), all(largest)]
}

fn smallest(kind: &ParamKind) -> Value {
    match *kind {
        ParamKind::Integer { min, .. } => min.into(),
    }
}

fn largest(kind: &ParamKind) -> Value {
    match *kind {
        ParamKind::Integer { max, .. } => max.into(),
    }
}
