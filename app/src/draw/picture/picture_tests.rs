//! Pictures of real figures: everything of the figure is in them, where it belongs.

use super::*;
use crate::chart::overlay::{self, Overlay};
use crate::chart::pareto::{self, Dot, View};
use crate::chart::{CHARTS, Curves, Options, Palette};
use playground_core::catalog::Catalog;
use playground_core::report::Statistic;
use playground_core::scenario::{Scenario, resolve};
use playground_core::study::{Answer, Fidelity, LoadCurve};

fn answer() -> Answer {
    let mut s = Scenario::default();
    (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 5);
    s.workload.classes[0].name = "<b>&\"".into();
    s.workload.arrival.rate_rps = 80.0;
    s.run.load.max_frac = 3.0;
    LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled)
}

fn palette() -> Palette {
    let colour = |name: &str| format!("var(--{name})");
    Palette {
        series: colour("series"),
        series_faint: colour("faint"),
        own: colour("own"),
        slo: colour("slo"),
        muted: colour("muted"),
        grid: colour("grid"),
        shade: colour("shade"),
        surface: colour("surface"),
        font: "\"Plex\", sans-serif".into(),
        ..Palette::default()
    }
}

fn picture(is_draft: bool, log_y: bool, size: (i32, i32)) -> Option<String> {
    let answer = answer();
    let curves = Curves { main: &answer, is_draft, under: None, highest: 250.0 };
    let options = Options { statistic: Statistic::P99, log_y, compact: false, palette: palette() };
    svg(&CHARTS[0].figure(&curves, &options), size)
}

#[test]
fn everything_of_a_figure_is_in_its_picture() {
    for (is_draft, log_y) in [(true, true), (true, false), (false, true)] {
        let svg = picture(is_draft, log_y, (486, 280)).expect("can be drawn");
        for words in ["80 req/s", "target: p99 ≤ 1 s", "capacity", "does not keep up", "offered load, req/s", ">50<"]
        {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        assert_eq!(svg.contains(">draft<"), is_draft);
        assert_eq!(svg.matches("<circle ").count(), 5, "every load but the own");
        assert_eq!(svg.matches("stroke-dasharray").count(), 3, "target, capacity, own load");
        assert_eq!(svg.contains(r#"fill="none" stroke="var(--series)"/>"#), !is_draft, "intervals");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn every_chart_of_the_answer_can_be_a_picture() {
    let answer = answer();
    for (chart, is_draft, compact) in CHARTS.iter().flat_map(|c| [(c, true, false), (c, false, true)]) {
        let under = (!is_draft).then_some(&answer);
        let curves = Curves { main: &answer, is_draft, under, highest: 250.0 };
        let options = Options { statistic: Statistic::Mean, log_y: true, compact, palette: palette() };
        assert!(svg(&chart.figure(&curves, &options), (330, 260)).is_some(), "{}", chart.id);
    }
}

#[test]
fn a_picture_is_well_formed_whatever_names_are_in_it() {
    let svg = picture(false, true, (486, 280)).expect("can be drawn");
    assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    assert_eq!(svg.matches('"').count() % 2, 0);
    for tag in ["svg", "g", "text"] {
        let [opened, closed] = [format!("<{tag}"), format!("</{tag}>")].map(|t| svg.matches(&t).count());
        assert_eq!(opened, closed, "{tag}");
    }
}

#[test]
fn data_stand_beside_their_marks() {
    let answer = answer();
    let curves = Curves { main: &answer, is_draft: true, under: None, highest: 250.0 };
    let options = Options { statistic: Statistic::P99, log_y: true, compact: false, palette: palette() };
    let figure = CHARTS[0].figure(&curves, &options);
    let plain = serde_json::to_value(&figure).expect("plain data");
    let svg = svg(&figure, (486, 280)).expect("can be drawn");
    let line = &plain["data"][1];
    assert!(svg.contains(&format!(r#"<g data-x="{}" data-y="{}">"#, line["x"], line["y"])));
}

#[test]
fn a_point_is_where_its_axes_say() {
    let layout = serde_json::json!({
        "margin": {"l": 50, "r": 10, "t": 20, "b": 40},
        "xaxis": {"range": [0.0, 100.0]},
        "yaxis": {"range": [0.0, 2.0], "type": "log"},
    });
    let place = Place::new(&layout, 260.0, 160.0).expect("has room");
    assert_eq!((place.x(50.0), place.y(10.0)), (150.0, 70.0));
    assert_eq!((place.x_by("paper", 1.0), place.y_by("paper", 1.0)), (250.0, 20.0));
    assert_eq!(place.words_y_by("y", 1.0), 70.0, "words are placed by the logarithm");
}

#[test]
fn where_there_is_no_room_nothing_is_drawn() {
    assert_eq!(picture(true, true, (60, 280)), None);
    assert_eq!(picture(true, true, (486, 60)), None);
}

#[test]
fn a_sweep_can_be_a_picture_while_it_runs() {
    let dot = |gpus: u32, ttft_p99_ms: f64, star: bool| Dot {
        gpus,
        ttft_p99_ms,
        max_rate_rps: 10.0 * f64::from(gpus),
        frontier: star,
        star,
        label: "a <b>".into(),
        words: "c & d".into(),
    };
    let tiers = ["var(--one)", "var(--two)", "var(--three)", "var(--four)"].map(String::from);
    let palette = Palette { tiers, ..palette() };
    let view = View { width: 900.0, height: 400.0, target: Some((1000.0, 99.0)), labels: false, palette: &palette };
    let some = [dot(1, 90.0, true), dot(8, 300.0, false), dot(4, 500.0, true)];
    let svg = svg(&pareto::figure(&some, &view), (900, 400)).expect("can be drawn");
    assert_eq!(svg.matches("<circle ").count(), 1 + 2, "one circle, and rings around the stars");
    assert!(svg.contains(r#"fill="var(--three)""#) && svg.contains("target: p99 ≤ 1 s"), "{svg}");
    assert!(!svg.contains("NaN"), "{svg}");
    assert!(super::svg(&pareto::figure(&[], &view), (900, 400)).is_some(), "and before there is a point");
}

#[test]
fn a_comparison_can_be_a_picture_while_it_runs() {
    let all = [answer(), answer(), answer(), answer()];
    for n in [2, 4] {
        let overlay = Overlay { answers: all[..n].iter().collect(), highest: 250.0, only: None };
        let options = Options { statistic: Statistic::P99, log_y: true, compact: false, palette: palette() };
        for chart in CHARTS {
            let svg = svg(&overlay::figure(chart, &overlay, &options, 280), (486, 280)).expect("can be drawn");
            assert_eq!(svg.matches("<circle ").count(), 6, "every load of A");
            assert_eq!(svg.matches(r#"<rect "#).count() >= 6, n == 4, "and of C");
            let letters = ["A", "B", "C", "D"].map(|letter| svg.contains(&format!(">{letter}<")));
            assert_eq!(letters.iter().filter(|there| **there).count(), n);
            assert!(svg.contains(r#"fill="var(--surface)""#), "{svg}");
        }
    }
}
