//! A timeline as a trace of Chrome's tracing tools, which Perfetto opens: the trace-event format.
//!
//! Each instance is a process: its steps lie on a thread, its queue, batch and KV cache are counters. Requests are
//! asynchronous slices of a process of their own, their stages within them.

use playground_core::base::Time;
use playground_core::report::timeline::{Level, Lives, Stage, StageKind, Stand, Timeline, What};
use serde_json::{Map, Value, json};

/// The process of the router and its requests; those of the instances follow.
const REQUESTS: usize = 1;
const FIRST_INSTANCE: usize = 2;
/// Picoseconds in a microsecond, the unit of time stamps.
const PS_PER_US: u64 = 1_000_000;

/// The trace; `title` says of what.
#[must_use]
pub fn write(timeline: &Timeline, title: &str) -> String {
    let mut events = Events::default();
    names(timeline, &mut events);
    for instance in 0..timeline.about.instances.len() {
        engine(timeline, instance, &mut events);
    }
    let lives = Lives::of(timeline);
    for request in 0..timeline.requests.len() as u32 {
        life(timeline, &lives, request, &mut events);
    }
    let about = json!({
        "title": title,
        "source": "llm-d Playground (unofficial): simulated, not measured",
        "model_version": playground_core::MODEL_VERSION,
        "until_s": timeline.until.as_secs_f64(),
        "cut": timeline.cut,
    });
    format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[\n{}\n]}}\n", events.lines.join(",\n"))
}

/// Events, a line each.
#[derive(Default)]
struct Events {
    lines: Vec<String>,
}

impl Events {
    /// An event of a kind in a process, at a moment.
    fn put(&mut self, kind: &str, pid: usize, at: Time, name: &str, more: &Value) {
        let mut event = Map::new();
        event.insert("ph".into(), kind.into());
        event.insert("pid".into(), pid.into());
        event.insert("tid".into(), 1.into());
        event.insert("name".into(), name.into());
        event.extend(more.as_object().cloned().unwrap_or_default());
        let rest = Value::Object(event).to_string();
        // Time stamps are written digit by digit: no picosecond is rounded away.
        self.lines.push(format!("{{\"ts\":{},{}", microseconds(at.as_ps()), &rest[1..]));
    }
}

fn microseconds(ps: u64) -> String {
    let (whole, rest) = (ps / PS_PER_US, ps % PS_PER_US);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:06}").trim_end_matches('0').to_owned() }
}

/// Processes have names, and an order.
fn names(timeline: &Timeline, events: &mut Events) {
    let instances = timeline.about.instances.iter().map(|i| i.name.as_str());
    for (pid, name) in (REQUESTS..).zip(std::iter::once("requests").chain(instances)) {
        events.put("M", pid, Time::ZERO, "process_name", &json!({"args": {"name": name}}));
        events.put("M", pid, Time::ZERO, "process_sort_index", &json!({"args": {"sort_index": pid}}));
    }
}

/// Steps and counters of an instance.
fn engine(timeline: &Timeline, instance: usize, events: &mut Events) {
    let pid = FIRST_INSTANCE + instance;
    let levels: Vec<&Level> = timeline.levels.iter().filter(|l| l.instance as usize == instance).collect();
    let mut counted: [Option<Value>; 4] = Default::default();
    let mut begun: Option<&Level> = None;
    for level in levels {
        let counters = [
            ("queue", json!({"waiting": level.stand.waiting})),
            ("batch", json!({"prefill": level.stand.prompts, "decode": level.stand.decodes})),
            ("KV blocks", json!({"used": level.stand.kv_used})),
            ("transfers", json!({"under way": level.transfers})),
        ];
        let kept = if timeline.about.apart { 4 } else { 3 };
        for ((name, values), before) in counters.into_iter().zip(&mut counted).take(kept) {
            if before.as_ref() != Some(&values) {
                events.put("C", pid, level.at, name, &json!({"args": values}));
                *before = Some(values);
            }
        }
        let step = |l: &Level| [l.stand.prompts, l.stand.prompt_tokens, l.stand.decodes];
        if begun.map(step) != Some(step(level)) {
            steps(begun, level.at, pid, events);
            begun = Some(level);
        }
    }
    steps(begun, timeline.until, pid, events);
}

/// Steps alike, one after the other, as one slice.
fn steps(begun: Option<&Level>, to: Time, pid: usize, events: &mut Events) {
    let Some(level) = begun.filter(|l| l.stand.prompts + l.stand.decodes > 0 && l.at < to) else { return };
    let Stand { prompts, prompt_tokens, decodes, .. } = level.stand;
    let name = match (prompts, decodes) {
        (0, _) => "decode",
        (_, 0) => "prefill",
        _ => "prefill and decode",
    };
    let duration: Value = microseconds(to.since(level.at).as_ps()).parse::<f64>().unwrap_or(0.0).into();
    let args = json!({"prompts": prompts, "prompt_tokens": prompt_tokens, "decodes": decodes});
    events.put("X", pid, level.at, name, &json!({"dur": duration, "cat": "step", "args": args}));
}

/// A request: a slice, and its stages within it.
fn life(timeline: &Timeline, lives: &Lives, request: u32, events: &mut Events) {
    let asked = timeline.requests[request as usize];
    let id = format!("{}", request + 1);
    let with = |args: Value| json!({"cat": "request", "id": id, "args": args});
    let class = &timeline.about.classes[asked.class as usize].name;
    let whole = format!("request {id}");
    let end = lives.end(timeline, request);
    let mut args = json!({
        "class": class, "turn": asked.turn, "prompt_tokens": asked.prompt_tokens, "output_tokens": asked.output_tokens,
    });
    args["end"] = end.map_or(Value::Null, |(_, end)| end.name().into());
    args["missed"] = lives.miss(timeline, request).map_or(Value::Null, |miss| miss.target.name().into());
    events.put("b", REQUESTS, asked.at, &whole, &with(args));
    for stage in lives.stages(timeline, request) {
        let why = if stage.kind == StageKind::Way { scores(timeline, lives, request, &stage) } else { Value::Null };
        let at = timeline.about.instances.get(stage.instance as usize).map(|i| i.name.clone());
        let args = if why.is_null() { json!({"at": at}) } else { json!({"at": at, "scores": why}) };
        events.put("b", REQUESTS, stage.from, stage.kind.name(), &with(args));
        events.put("e", REQUESTS, stage.to, stage.kind.name(), &with(json!({})));
    }
    for mark in lives.marks(timeline, request) {
        let name = match mark.what {
            What::Preempted => "preempted",
            What::FirstToken { .. } => "first token",
            _ => continue,
        };
        events.put("n", REQUESTS, mark.at, name, &with(json!({})));
    }
    let over = end.map_or(timeline.until, |(at, _)| at);
    events.put("e", REQUESTS, over, &whole, &with(json!({})));
}

/// What each instance that was considered scored, where this stage leads to.
fn scores(timeline: &Timeline, lives: &Lives, request: u32, stage: &Stage) -> Value {
    let mut mine = lives.choices(timeline, request);
    let Some(choice) = mine.find(|c| c.chosen == stage.instance) else { return Value::Null };
    let names = &timeline.about.scorers[usize::from(choice.apart)];
    let score = |micro: i64| json!(micro as f64 / 1e6);
    let each = timeline.considered(choice).map(|(considered, parts)| {
        let mut row: Map<String, Value> =
            names.iter().zip(parts).map(|((name, _), part)| (name.clone(), score(*part))).collect();
        row.insert("total".into(), score(parts.iter().sum()));
        (timeline.about.instances[considered.instance as usize].name.clone(), Value::Object(row))
    });
    Value::Object(each.collect())
}
