//! Contracts: what every registered policy keeps, whichever it is.

mod each_picker_in_particular;
mod every_description_is_complete;
mod every_picker;
mod every_scorer;
mod models_have_their_published_sizes;

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
        let ask = Ask { number, class: 0, priority: 0, prompt_tokens: 100, prompt: &[] };
        // Wide enough for every instance a test names.
        let (none, unused) = ([0; 256], [0.0; 256]);
        let view = idle_fleet(&none, &unused);
        self.picker.pick(&ask, &view, candidates, &mut self.draws).map(Id::index)
    }
}

/// A fleet in which nothing happens.
fn idle_fleet<'a>(none: &'a [u32], unused: &'a [f64]) -> FleetView<'a> {
    FleetView {
        now: Time::ZERO,
        in_flight: none,
        waiting: none,
        running: none,
        kv_usage: unused,
        prefix_match: none,
        prefix_blocks: 0,
        prefix_block_tokens: 64,
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
        ParamKind::Number { min, .. } => min.into(),
        ParamKind::Boolean { .. } => false.into(),
        ParamKind::Word { words, .. } => words[0].into(),
        ParamKind::Names { .. } => Value::Object(Map::new()),
    }
}

fn largest(kind: &ParamKind) -> Value {
    match *kind {
        ParamKind::Integer { max, .. } => max.into(),
        ParamKind::Number { max, .. } => max.into(),
        ParamKind::Boolean { .. } => true.into(),
        ParamKind::Word { words, .. } => words[words.len() - 1].into(),
        ParamKind::Names { keys } => {
            Value::Object(keys.iter().map(|key| (key.to_string(), "some-plugin".into())).collect())
        }
    }
}
