//! Contracts: what every registered policy keeps, whichever it is.

mod each_picker_in_particular;
mod every_admitter;
mod every_description_is_complete;
mod every_detector;
mod every_filter;
mod every_flow_policy;
mod every_picker;
mod every_scorer;
mod fleet;
mod models_have_their_published_sizes;
mod the_document_lists_them;

use playground_core::base::{Id, Purpose, Stream};
use playground_core::policy::pick::Picker;
use playground_core::policy::{Ask, Candidate, FleetView, Instance, Kind, Meta, ParamKind, Params, Wants};
use serde_json::{Map, Value};

/// A picker with parameters, and the draws of a run.
struct Bench {
    picker: Box<dyn Picker>,
    draws: Stream,
}

impl Bench {
    fn new(kind: &'static Kind<dyn Picker>, parameters: &Map<String, Value>) -> Self {
        let picker = (kind.build)(&Params::new(&kind.meta, parameters, &Wants::default()));
        Bench { picker, draws: Stream::new(7, 0, Purpose::Route, 0) }
    }

    fn plain(kind: &'static Kind<dyn Picker>) -> Self {
        Bench::new(kind, &Map::new())
    }

    /// Which instance request `number` goes to.
    fn pick(&mut self, number: u64, candidates: &[Candidate]) -> Option<u32> {
        let ask = Ask { number, prompt_tokens: 100, ..Ask::default() };
        // Wide enough for every instance a test names.
        let (none, unused) = ([0; 256], [0.0; 256]);
        let view = idle_fleet(&none, &unused);
        self.picker.pick(&ask, &view, candidates, &mut self.draws).map(Id::index)
    }
}

/// A fleet in which nothing happens.
fn idle_fleet<'a>(none: &'a [u32], unused: &'a [f64]) -> FleetView<'a> {
    FleetView { in_flight: none, waiting: none, running: none, kv_usage: unused, ..FleetView::EMPTY }
}

/// Candidates from (instance, score).
fn candidates(of: &[(u32, f64)]) -> Vec<Candidate> {
    of.iter().map(|&(instance, score)| Candidate { instance: Id::<Instance>::new(instance), score }).collect()
}

/// The parameters to try of a policy: none given, all at their smallest, all at their largest.
fn parameter_sets(meta: &Meta) -> Vec<Map<String, Value>> {
    let all = |end: fn(&ParamKind) -> Value| {
        let mut given = Map::new();
        meta.params.iter().for_each(|p| set(&mut given, p.id, end(&p.kind)));
        given
    };
    vec![Map::new(), all(smallest), all(largest)]
}

/// Sets a parameter; what lies inside another setting, after a dot.
fn set(given: &mut Map<String, Value>, id: &str, value: Value) {
    match id.split_once('.') {
        None => {
            given.insert(id.into(), value);
        }
        Some((outer, inner)) => {
            let inside = given.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            set(inside.as_object_mut().expect("settings"), inner, value);
        }
    }
}

fn smallest(kind: &ParamKind) -> Value {
    match *kind {
        ParamKind::Integer { min, .. } => min.into(),
        ParamKind::Number { min, .. } => min.into(),
        ParamKind::Boolean { .. } => false.into(),
        ParamKind::Word { words, .. } => words[0].into(),
        ParamKind::Text { .. } | ParamKind::Plugin { .. } => "".into(),
        ParamKind::Duration { min_ms, .. } => format!("{min_ms}ms").into(),
        ParamKind::Texts | ParamKind::Table { .. } => Value::Array(Vec::new()),
        ParamKind::Labels | ParamKind::Names { .. } => Value::Object(Map::new()),
    }
}

fn largest(kind: &ParamKind) -> Value {
    match *kind {
        ParamKind::Integer { max, .. } => max.into(),
        ParamKind::Number { max, .. } => max.into(),
        ParamKind::Boolean { .. } => true.into(),
        ParamKind::Word { words, .. } => words[words.len() - 1].into(),
        ParamKind::Duration { max_ms, .. } => format!("{max_ms}ms").into(),
        ParamKind::Names { keys } => {
            Value::Object(keys.iter().map(|key| (key.to_string(), "some-plugin".into())).collect())
        }
        _ => kind.default_value(),
    }
}
