//! Every chart on a real answer: the figure's shape, its words, its honesty about what is not steady.

use super::*;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Scenario, resolve};
use playground_core::study::{Fidelity, LoadCurve};
use serde_json::{Value, json};

pub(super) fn answer(change: impl FnOnce(&mut Scenario)) -> Answer {
    let mut s = Scenario::default();
    (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 5);
    s.workload.arrival.rate_rps = 80.0;
    change(&mut s);
    let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
    LoadCurve::run(&plan, Fidelity::Settled)
}

fn options(log_y: bool) -> Options {
    Options { statistic: Statistic::P99, log_y, compact: false, palette: Palette::default() }
}

fn figure(chart: &Chart, answer: &Answer, is_draft: bool, log_y: bool) -> Value {
    let highest = answer.curve.last().map_or(answer.report.load, |c| c.report.load).amount();
    let curves = Curves { main: answer, is_draft, under: None, highest };
    serde_json::from_str(&chart.figure(&curves, &options(log_y)).json()).expect("is JSON")
}

#[test]
fn every_load_is_a_point_with_an_interval() {
    let answer = answer(|_| ());
    for chart in CHARTS {
        let f = figure(chart, &answer, false, true);
        let all = &f["data"][Figure::HOVER_TRACE as usize];
        assert_eq!(all["x"].as_array().map(Vec::len), Some(6), "five loads and the scenario's own");
        assert_eq!(all["hovertext"].as_array().map(Vec::len), Some(6));
        assert_eq!(f["data"][1]["error_y"]["array"].as_array().map(Vec::len), Some(6));
        assert_eq!(f["data"][1]["error_y"]["visible"], true);
        assert_eq!(f["data"][4]["x"][0], 80.0, "the scenario's own load");
        assert_eq!(f["layout"]["yaxis"]["type"], "log");
        let words = f["layout"]["annotations"].to_string();
        assert!(words.contains("target: p99 ≤ ") && words.contains("80 req/s") && !words.contains("draft"), "{words}");
    }
}

#[test]
fn a_draft_says_so_and_claims_no_interval() {
    let f = figure(&CHARTS[0], &answer(|_| ()), true, true);
    assert!(f["layout"]["annotations"].to_string().contains("draft"));
    assert_eq!(f["data"][1]["error_y"]["visible"], false);
}

#[test]
fn loads_the_fleet_cannot_keep_up_with_are_open_markers() {
    let answer = answer(|s| s.run.load.max_frac = 3.0);
    let points = CHARTS[0].points(&answer, Statistic::P99);
    let unsteady = points.iter().filter(|p| !p.steady && !p.own).count();
    assert!(unsteady > 0 && points.first().is_some_and(|p| p.steady), "{points:?}");
    let f = figure(&CHARTS[0], &answer, false, true);
    assert_eq!(f["data"][3]["x"].as_array().map(Vec::len), Some(unsteady));
    assert_eq!(f["data"][3]["marker"]["symbol"], "circle-open");
    assert!(f["layout"]["annotations"].to_string().contains("does not keep up"));
    let last = points.last().expect("there are points");
    assert!(CHARTS[0].announce(last, &answer, Statistic::P99).contains("not steady"));
}

#[test]
fn words_follow_the_numbers() {
    let answer = answer(|s| s.run.load.max_frac = 3.0);
    let text = CHARTS[0].describe(&answer, Statistic::P99);
    assert!(text.contains("TTFT p99 rises") && text.contains("crosses the target of 1 s between"), "{text}");
    let text = CHARTS[0].describe(&answer, Statistic::Mean);
    assert!(text.contains("is for p99") && !text.contains("crosses"), "a mean meets no percentile: {text}");
    let point = &CHARTS[1].points(&answer, Statistic::P99)[0];
    let text = CHARTS[1].announce(point, &answer, Statistic::P99);
    assert!(text.contains("of capacity") && text.contains("ITL p99") && text.contains("n = "), "{text}");
}

#[test]
fn a_chart_without_a_target_draws_no_line() {
    let answer = answer(|s| s.workload.classes[0].slo.ttft_ms = None);
    let f = figure(&CHARTS[0], &answer, false, false);
    assert!(!f["layout"]["annotations"].to_string().contains("target"));
    assert!(!CHARTS[0].describe(&answer, Statistic::P99).contains("target"));
}

#[test]
fn an_answer_with_one_load_is_drawn_and_described() {
    let mut answer = answer(|_| ());
    answer.curve.clear();
    let f = figure(&CHARTS[0], &answer, false, true);
    assert_eq!(f["data"][0]["y"], json!([null]), "no draft is under it");
    assert!(CHARTS[0].describe(&answer, Statistic::P99).contains("at 80 req/s."));
}

#[test]
fn figures_are_equal_for_equal_answers() {
    let a = answer(|_| ());
    assert_eq!(figure(&CHARTS[0], &a, false, true), figure(&CHARTS[0], &a.clone(), false, true));
}
