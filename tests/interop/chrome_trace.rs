//! A timeline as a trace of Chrome's tools: slices nest, steps follow each other, and everyone is in it.

use playground_core::catalog::Catalog;
use playground_core::report::timeline::Timeline;
use playground_core::scenario::{PRESETS, Scenario, resolve};
use playground_core::study::RecordedRun;
use playground_interop::chrome;
use playground_tests::fleet;
use serde_json::Value;
use std::collections::BTreeMap;

fn timeline(scenario: &Scenario, rows_max: u32) -> Timeline {
    let plan = fleet::plan(scenario);
    let mut run = RecordedRun::new(&plan, plan.load(), rows_max);
    while !run.advance(10_000) {}
    assert!((run.progress() - 1.0).abs() < f64::EPSILON);
    run.into_timeline()
}

fn events(timeline: &Timeline) -> Vec<Value> {
    let text = chrome::write(timeline, "a \"title\"\n");
    let read: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(read["otherData"]["cut"], timeline.cut);
    read["traceEvents"].as_array().expect("a list").clone()
}

/// Slices open and close in pairs, the last that opened first; those still open at the end are a mistake.
fn hold(timeline: &Timeline, events: &[Value]) {
    let instances = timeline.about.instances.len();
    let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut free_at: BTreeMap<u64, f64> = BTreeMap::new();
    let mut requests = 0;
    for e in events {
        let (ts, name) = (e["ts"].as_f64().expect("a time"), e["name"].as_str().expect("a name"));
        let pid = e["pid"].as_u64().expect("a process");
        assert!(ts >= 0.0 && pid >= 1 && pid as usize <= instances + 1, "{e}");
        let id = e["id"].as_str().unwrap_or_default();
        match e["ph"].as_str().expect("a kind") {
            "b" => {
                requests += usize::from(name.starts_with("request "));
                open.entry(id).or_default().push(name);
            }
            "e" => assert_eq!(open.get_mut(id).and_then(Vec::pop), Some(name), "{e}"),
            "X" => {
                let free = free_at.entry(pid).or_default();
                assert!(ts >= *free - 1e-6 && e["dur"].as_f64().is_some_and(|d| d > 0.0), "{e} before {free}");
                *free = ts + e["dur"].as_f64().unwrap_or(0.0);
            }
            "C" => assert!(e["args"].as_object().is_some_and(|a| a.values().all(Value::is_number)), "{e}"),
            "M" | "n" => {}
            other => panic!("what is {other}?"),
        }
    }
    assert!(open.values().all(Vec::is_empty), "{open:?}");
    assert_eq!(requests, timeline.requests.len());
}

#[test]
fn every_preset_makes_a_trace_whose_slices_nest() {
    for preset in PRESETS {
        let mut s = preset.scenario().expect("a preset is a scenario");
        s.run.requests = s.run.requests.min(300);
        let t = timeline(&s, 40_000);
        hold(&t, &events(&t));
    }
}

#[test]
fn a_request_says_why_it_went_where_it_went() {
    let t = timeline(&Scenario { run: small(), ..Scenario::default() }, 20_000);
    let all = events(&t);
    let with_scores = all.iter().filter(|e| e["args"]["scores"].is_object());
    let names: Vec<&str> = t.about.instances.iter().map(|i| i.name.as_str()).collect();
    let mut n = 0;
    for e in with_scores {
        let scores = e["args"]["scores"].as_object().expect("checked");
        let total = |name: &str| scores.get(name).and_then(|s| s["total"].as_f64());
        let chosen = total(e["args"]["at"].as_str().expect("an instance")).expect("it was considered");
        assert!(scores.keys().all(|k| names.contains(&k.as_str())), "{e}");
        assert!(names.iter().filter_map(|name| total(name)).all(|other| other <= chosen), "the highest is chosen: {e}");
        n += 1;
    }
    assert!(n > 100, "{n}");
}

#[test]
fn nothing_and_next_to_nothing_are_traces_too() {
    let s = Scenario { run: small(), ..Scenario::default() };
    let plan = resolve(&s, &Catalog::builtin()).expect("sound");
    // An instant is written down whole, the first too, in which those come who are there when the run begins.
    let instant = 50 + 10 * plan.requests_at_beginning(plan.load()) as usize;
    for rows_max in [0, 1, 2, 50] {
        let t = timeline(&s, rows_max);
        assert!(t.cut && t.rows() < rows_max as usize + instant, "{} of {instant}", t.rows());
        hold(&t, &events(&t));
    }
}

fn small() -> playground_core::scenario::Run {
    playground_core::scenario::Run { requests: 400, ..Scenario::default().run }
}
