//! Requests as a table of ours, those of a simulated run among them.

use playground_core::base::{Dur, Time};
use playground_core::cluster::{Progress, Sim};
use playground_core::report::Outcome;
use playground_core::scenario::Plan;
use playground_core::workload::Recorded;
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

/// A table of requests of these classes.
#[must_use]
pub fn write(all: &[Sent], classes: &[String]) -> String {
    let mut out = String::from(HEADER);
    out.push('\n');
    for sent in all {
        let Recorded { at, class, prompt_tokens, output_tokens, prefix, body } = sent.request;
        let class = classes.get(class as usize).map_or("", String::as_str);
        let shared = if prefix.1 == 0 {
            (String::new(), String::new())
        } else {
            (format!("{:x}", prefix.0), prefix.1.to_string())
        };
        let body = body.map_or_else(String::new, |content| format!("{content:x}"));
        let came = sent.outcome.map_or_else(|| ",,,".into(), |o| outcome(&o));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{},{},{prompt_tokens},{output_tokens},{},{},{body},{came}",
            seconds(at),
            cell(class),
            shared.0,
            shared.1
        );
    }
    out
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

/// What replication 0 of a plan sends at its own load, warm-up included. Later turns of conversations are requests at the
/// times at which they came; what they repeat of earlier turns' prompts is shared, what they repeat of answers is not.
#[must_use]
pub fn of_run(plan: &Plan) -> Vec<Sent> {
    let mut sim = Sim::new(plan, plan.load(), 0, plan.horizon()).logging();
    while sim.advance(u32::MAX) == Progress::Running {}
    let mut all: Vec<Sent> = sim
        .into_log()
        .into_iter()
        .map(|a| {
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
        })
        .collect();
    all.sort_by_key(|sent| sent.request.at);
    all
}
