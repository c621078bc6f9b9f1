//! A comparison as data and as a text that can be pasted: the differences at its load, each with its paired interval.

use super::names::Setting;
use super::words::{self, Length};
use crate::export::{self, Cell, Sheet, Stamp};
use playground_core::report::Statistic;
use playground_core::study::Answer;
use playground_core::study::compare::{Difference, Side, differences};
use serde_json::json;

/// Every side but the baseline with its differences from it.
fn against(all: &[&Answer]) -> Vec<(Side, Vec<Difference>)> {
    let Some(a) = all.first() else { return Vec::new() };
    let others = Side::ALL.into_iter().zip(all).skip(1);
    others.map(|(side, b)| (side, differences(&a.report, &b.report))).collect()
}

/// One row for each metric, statistic and side.
pub(super) fn sheet(all: &[&Answer]) -> Sheet {
    let head = [
        "metric",
        "statistic",
        "unit",
        "side",
        "a",
        "value",
        "difference",
        "difference_ci95_low",
        "difference_ci95_high",
        "change",
        "change_ci95_low",
        "change_ci95_high",
        "pairs",
        "significant",
    ];
    let row = |side: Side, d: &Difference| {
        // Latencies in seconds, as everywhere in data.
        let (scale, unit) = match d.metric.as_str() {
            "goodput" => (1.0, "req/s"),
            "output_tokens" => (1.0, "tok/s"),
            _ => (1000.0, "s"),
        };
        let values = [Some(d.a), Some(d.b), Some(d.difference), d.lo, d.hi];
        let change = [d.change.map(|c| c.frac), d.change.and_then(|c| c.lo), d.change.and_then(|c| c.hi)];
        let words = [d.metric.as_str(), d.statistic.as_str(), unit, side.name()].map(Cell::from);
        let numbers = values.map(|v| v.map(|v| v / scale)).into_iter().chain(change).map(Cell::from);
        words.into_iter().chain(numbers).chain([u64::from(d.pairs).into(), d.significant.into()]).collect()
    };
    let rows = against(all).iter().flat_map(|(side, all)| all.iter().map(|d| row(*side, d))).collect();
    Sheet { head: head.map(String::from).into(), rows }
}

/// Settings and differences, for programs.
pub(super) fn json(settings: &[Setting], all: &[&Answer]) -> String {
    let settings: Vec<_> = settings.iter().map(|s| json!({ "name": s.name, "values": s.values })).collect();
    let sides: Vec<_> =
        Side::ALL.into_iter().zip(all).map(|(s, a)| json!({ "side": s, "digest": a.study_digest })).collect();
    let differences: Vec<_> =
        against(all).into_iter().map(|(side, all)| json!({ "side": side, "differences": all })).collect();
    let load = all.first().map(|a| a.report.load);
    let whole = json!({ "load": load, "sides": sides, "settings": settings, "against_a": differences });
    format!("{whole:#}")
}

/// The sentences, and the table as it is on the page, with the names of the sides.
pub(super) fn markdown(names: &[(Side, String)], all: &[&Answer], statistic: Statistic, stamp: &Stamp) -> String {
    let said = words::sentences(all, statistic, Length::Full, true).join("\n\n");
    let called =
        |(side, name): &(Side, String)| format!("- {}: {}\n", side.name(), if name.is_empty() { "—" } else { name });
    let called: String = names.iter().map(called).collect();
    let rows = words::rows(all, statistic);
    let sides = Side::first(all.len());
    let mut head = vec!["Metric".to_owned(), "A".to_owned()];
    for side in sides.iter().skip(1).map(|side| side.name()) {
        head.extend([side.to_owned(), format!("{side} − A"), format!("{side} in words")]);
    }
    let line = |row: &words::Row| {
        let mut cells = vec![row.name.clone(), row.baseline.clone()];
        for other in &row.others {
            cells.extend([other.value.clone(), other.difference.clone(), other.standing.words().to_owned()]);
        }
        cells
    };
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    format!("{said}\n\n{called}\n{}\n{}", export::markdown(&head, &rows), stamp.markdown())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    fn three() -> Vec<Answer> {
        let answer = |replicas: u32| {
            let mut s = Scenario::default();
            s.topology.pools[0].replicas = replicas;
            (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 3);
            LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled)
        };
        [4, 6, 8].map(answer).into()
    }

    #[test]
    fn every_difference_is_saved_with_its_interval() {
        let answers = three();
        let all: Vec<&Answer> = answers.iter().collect();
        let sheet = sheet(&all);
        assert!(sheet.rows.iter().all(|row| row.len() == sheet.head.len()));
        assert_eq!(sheet.rows.len(), against(&all).iter().map(|(_, all)| all.len()).sum::<usize>());
        let text = json(&[Setting { name: "Replicas".into(), values: vec!["4".into(), "6".into(), "8".into()] }], &all);
        let read: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
        assert_eq!(read["against_a"][1]["side"], "C");
        assert_eq!(read["sides"].as_array().map(Vec::len), Some(3));
        assert!(read["against_a"][0]["differences"][0]["lo"].is_number(), "{text}");
    }

    #[test]
    fn a_text_has_the_sides_the_sentences_and_a_row_a_metric() {
        let answers = three();
        let all: Vec<&Answer> = answers.iter().collect();
        let names: Vec<(Side, String)> =
            Side::first(3).iter().zip(["Replicas 4", "", "Replicas 8"]).map(|(s, n)| (*s, n.to_owned())).collect();
        let stamp = Stamp { title: "t".into(), source: "simulator 1".into(), link: "https://x/#0.j.a".into() };
        let text = markdown(&names, &all, Statistic::P99, &stamp);
        assert!(text.starts_with("B against A at ") && text.contains("\n\nC against A: "), "{text}");
        assert!(text.contains("- A: Replicas 4\n- B: —\n"), "{text}");
        assert!(text.contains("| Metric | A | B | B − A | B in words | C | C − A | C in words |\n"), "{text}");
        assert!(text.contains("https://x/#0.j.a"), "{text}");
    }
}
