//! Requests as a table or as objects of ours, those of a simulated run among them.

use playground_core::base::Order;
use playground_core::base::{Dur, Time};
use playground_core::cluster::{Progress, Sim};
use playground_core::report::Outcome;
use playground_core::scenario::Plan;
use playground_core::workload::{Arriving, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write;

/// The columns, in their order; those of what came of it are empty where that is not known.
const HEADER: &str = "at_s,class,input_tokens,output_tokens,prefix,prefix_tokens,prompt,sent_s,ttft_ms,e2e_ms,end";

/// One request, and what came of it where that is known.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The request.
    pub request: Recorded,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

/// How a recording is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A table.
    Csv,
    /// An object a line.
    Jsonl,
}

/// Requests of these classes, written down.
#[must_use]
pub fn write(all: &[Sent], classes: &[String], form: Form) -> String {
    let mut out = String::new();
    if form == Form::Csv {
        out.push_str(HEADER);
        out.push('\n');
    }
    for sent in all {
        let class = classes.get(sent.request.class as usize).map_or("", String::as_str);
        match form {
            Form::Csv => row(&mut out, sent, class),
            Form::Jsonl => object(&mut out, sent, class),
        }
    }
    out
}

/// A row of the table. Writing to a String cannot fail.
fn row(out: &mut String, sent: &Sent, class: &str) {
    let Recorded { at, prompt_tokens, output_tokens, prefix, body, .. } = sent.request;
    let shared =
        if prefix.1 == 0 { (String::new(), String::new()) } else { (format!("{:x}", prefix.0), prefix.1.to_string()) };
    let body = body.map_or_else(String::new, |content| format!("{content:x}"));
    let came = sent.outcome.map_or_else(|| ",,,".into(), |o| outcome(&o));
    let _ = writeln!(
        out,
        "{},{},{prompt_tokens},{output_tokens},{},{},{body},{came}",
        seconds(at),
        cell(class),
        shared.0,
        shared.1
    );
}

/// An object on a line of its own; what it does not have is null, so that every line has the same names.
fn object(out: &mut String, sent: &Sent, class: &str) {
    let Recorded { at, prompt_tokens, output_tokens, prefix, body, .. } = sent.request;
    let content = |content: Option<u64>| content.map_or_else(|| "null".into(), |c| format!("\"{c:x}\""));
    let shared = (prefix.1 > 0).then_some(prefix.0);
    let _ = write!(
        out,
        "{{\"at_s\":{},\"class\":{},\"input_tokens\":{prompt_tokens},\"output_tokens\":{output_tokens},\"prefix\":{},\"prefix_tokens\":{},\"prompt\":{}",
        seconds(at),
        Value::from(class),
        content(shared),
        if shared.is_some() { prefix.1.to_string() } else { "null".into() },
        content(body)
    );
    if let Some(o) = &sent.outcome {
        let ms = |d: Option<Dur>| d.map_or_else(|| "null".into(), |d| d.as_ms_f64().to_string());
        let (ttft, e2e) = (ms(o.ttft), ms(o.e2e));
        let _ = write!(
            out,
            ",\"sent_s\":{},\"ttft_ms\":{ttft},\"e2e_ms\":{e2e},\"end\":\"{}\"",
            seconds(o.sent),
            o.end.name()
        );
    }
    out.push_str("}\n");
}

fn outcome(outcome: &Outcome) -> String {
    let ms = |d: Option<Dur>| d.map_or_else(String::new, |d| format!("{}", d.as_ms_f64()));
    format!("{},{},{},{}", seconds(outcome.sent), ms(outcome.ttft), ms(outcome.e2e), outcome.end.name())
}

/// Seconds with every picosecond.
fn seconds(at: Time) -> String {
    let ps = at.as_ps();
    let text = format!("{}.{:012}", ps / 1_000_000_000_000, ps % 1_000_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A name as a cell.
fn cell(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_control()).collect();
    if plain.contains([',', '"']) || plain.starts_with(['#', ' ']) || plain.ends_with(' ') {
        format!("\"{}\"", plain.replace('"', "\"\""))
    } else {
        plain
    }
}

/// What replication 0 of a plan sends at its own load, warm-up included, on its way to a recording: advanced in slices.
/// Later turns of conversations are requests at the times at which they came; what they repeat of earlier turns' prompts is
/// shared, what they repeat of answers is not.
pub struct Writing {
    sim: Sim,
    /// When the last measured request arrives, s.
    closes_s: f64,
    over: bool,
}

impl Writing {
    /// Ready to simulate it.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let closes = plan.warmup(plan.load()).as_secs_f64() + plan.horizon().as_secs_f64();
        Writing { sim: Sim::new(plan, plan.load(), 0, plan.horizon()).logging(), closes_s: closes, over: false }
    }

    /// Handles up to `events` events; true once the run is over.
    pub fn advance(&mut self, events: u32) -> bool {
        self.over = self.over || self.sim.advance(events) == Progress::Over;
        self.over
    }

    /// How far it is, by the time in which requests arrive.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.over { 1.0 } else { (self.sim.now().as_secs_f64() / self.closes_s.max(f64::MIN_POSITIVE)).min(1.0) }
    }

    /// What was sent, in the order of its times.
    #[must_use]
    pub fn into_sent(self) -> Vec<Sent> {
        let recorded = |a: Arriving| {
            let own = a.private || (a.body == a.number && a.turns == 1);
            let request = Recorded {
                at: a.at,
                class: a.class,
                prompt_tokens: a.prompt_tokens,
                output_tokens: a.output_tokens,
                prefix: if a.prefix.1 == 0 { (0, 0) } else { a.prefix },
                body: (!own).then_some(a.body),
            };
            Sent { request, outcome: None }
        };
        let mut all: Vec<Sent> = self.sim.into_log().into_iter().map(recorded).collect();
        all.order_by_key(|sent| sent.request.at);
        all
    }
}

/// The same at once.
#[must_use]
pub fn of_run(plan: &Plan) -> Vec<Sent> {
    let mut writing = Writing::new(plan);
    while !writing.advance(u32::MAX) {}
    writing.into_sent()
}
