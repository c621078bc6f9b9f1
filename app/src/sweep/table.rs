//! The points as a table that can be sorted, and as a file.

use super::words;
use crate::say;
use playground_core::base::Order;
use playground_core::study::sweep::{Deployment, SweepOutcome, SweepPoint};
use playground_core::study::{Marks, marks};

/// What is shown of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Mark,
    Gpus,
    Settings,
    Rate,
    Ttft,
    Itl,
    Usd,
    Count,
}

impl Column {
    pub(super) const ALL: [Column; 8] = [
        Column::Mark,
        Column::Gpus,
        Column::Settings,
        Column::Rate,
        Column::Ttft,
        Column::Itl,
        Column::Usd,
        Column::Count,
    ];

    /// Name and unit.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Column::Mark => ("Mark", ""),
            Column::Gpus => ("GPUs", ""),
            Column::Settings => ("Settings", ""),
            Column::Rate => ("Max rate", "req/s"),
            Column::Ttft => ("TTFT p99", "ms"),
            Column::Itl => ("ITL p99", "ms"),
            Column::Usd => ("Cost", "$/Mtok"),
            Column::Count => ("n", "req."),
        }
    }

    /// Whether the first click on it sorts from the highest down.
    pub(super) fn falls_first(self) -> bool {
        matches!(self, Column::Rate | Column::Mark | Column::Count)
    }
}

/// One deployable combination.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Of its combination.
    pub(super) index: u32,
    pub(super) mark: (&'static str, &'static str),
    rank: f64,
    pub(super) gpus: u32,
    pub(super) settings: String,
    rate: Option<f64>,
    ttft: Option<f64>,
    itl: Option<f64>,
    usd: Option<f64>,
    n: Option<f64>,
}

impl Row {
    fn new(point: &SweepPoint, d: &Deployment) -> Self {
        Row {
            index: point.combination.index,
            mark: ("✗", "sustains no load within its targets"),
            rank: -1.0,
            gpus: d.gpus,
            settings: words::settings(&point.combination),
            rate: None,
            ttft: None,
            itl: None,
            usd: None,
            n: None,
        }
    }

    fn key(&self, column: Column) -> Option<f64> {
        match column {
            Column::Mark => Some(self.rank),
            Column::Gpus => Some(f64::from(self.gpus)),
            Column::Settings => Some(f64::from(self.index)),
            Column::Rate => self.rate,
            Column::Ttft => self.ttft,
            Column::Itl => self.itl,
            Column::Usd => self.usd,
            Column::Count => self.n,
        }
    }

    /// What tells it from other rows, and from itself with other marks.
    pub(super) fn id(&self) -> (u32, &'static str) {
        (self.index, self.mark.0)
    }

    /// The numbers after the settings.
    pub(super) fn cells(&self) -> [String; 5] {
        let number = |v: Option<f64>| v.map_or_else(|| say::NOTHING.into(), say::number);
        [
            number(self.rate),
            number(self.ttft),
            number(self.itl),
            self.usd.map_or_else(|| say::NOTHING.into(), say::usd),
            self.n.map_or_else(|| say::NOTHING.into(), say::whole),
        ]
    }
}

/// All combinations that can be deployed, in their order.
pub(super) fn rows(points: &[SweepPoint]) -> Vec<Row> {
    let row = |(p, m): (&SweepPoint, Marks)| match &p.outcome {
        SweepOutcome::Impossible(_) => None,
        SweepOutcome::NeverMeets(d) => Some(Row::new(p, d)),
        SweepOutcome::Sustains(d, s) => Some(Row {
            mark: words::mark(m).unwrap_or(("", "")),
            rank: f64::from(u8::from(m.star)) * 2.0 + f64::from(u8::from(m.frontier)),
            rate: Some(s.max_rate_rps),
            ttft: s.ttft_p99_ms,
            itl: s.itl_p99_ms,
            usd: s.usd_per_million_output_tokens,
            n: Some(s.n as f64),
            ..Row::new(p, d)
        }),
    };
    points.iter().zip(marks(points)).filter_map(row).collect()
}

/// Sorts by a column; what has no value comes last either way, equals by their rate.
pub(super) fn sort(rows: &mut [Row], by: Column, falling: bool) {
    rows.order_by(|a, b| {
        let way = |o: std::cmp::Ordering| if falling { o.reverse() } else { o };
        let first = match (a.key(by), b.key(by)) {
            (Some(x), Some(y)) => way(x.total_cmp(&y)),
            (x, y) => y.is_some().cmp(&x.is_some()),
        };
        first.then(b.rate.unwrap_or(0.0).total_cmp(&a.rate.unwrap_or(0.0))).then(a.index.cmp(&b.index))
    });
}

/// The points as comma-separated values in full precision, base units in the heads.
pub(super) fn csv(points: &[SweepPoint]) -> String {
    let marks = marks(points);
    let paths: Vec<&str> =
        points.first().map_or_else(Vec::new, |p| p.combination.edits.iter().map(|e| e.path.as_str()).collect());
    let mut lines = vec![format!(
        "{},outcome,gpus,usd_per_hour,max_rate_rps,max_concurrency,ttft_p99_s,itl_p99_s,e2e_p99_s,usd_per_million_output_tokens,n,star,frontier",
        paths.join(",")
    )];
    for (point, m) in points.iter().zip(marks) {
        let settings: Vec<String> = point.combination.edits.iter().map(|e| words::value(&e.value)).collect();
        let seconds = |ms: Option<f64>| ms.map_or_else(String::new, |v| (v / 1000.0).to_string());
        let rest = match &point.outcome {
            SweepOutcome::Impossible(_) => "cannot be deployed,,,,,,,,,,,".into(),
            SweepOutcome::NeverMeets(d) => format!("never meets,{},{},,,,,,,,,", d.gpus, d.usd_per_hour),
            SweepOutcome::Sustains(d, s) => format!(
                "sustains,{},{},{},{},{},{},{},{},{},{},{}",
                d.gpus,
                d.usd_per_hour,
                s.max_rate_rps,
                if s.load.is_closed() { s.load.amount().to_string() } else { String::new() },
                seconds(s.ttft_p99_ms),
                seconds(s.itl_p99_ms),
                seconds(s.e2e_p99_ms),
                s.usd_per_million_output_tokens.map_or_else(String::new, |v| v.to_string()),
                s.n,
                m.star,
                m.frontier
            ),
        };
        lines.push(format!("{},{rest}", settings.join(",")));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{refused, sustains};
    use super::*;
    use playground_core::study::sweep::SweepOutcome;

    fn points() -> Vec<SweepPoint> {
        let mut never = sustains(1, 1, 0.0, 0.0);
        if let SweepOutcome::Sustains(d, _) = never.outcome {
            never.outcome = SweepOutcome::NeverMeets(d);
        }
        vec![sustains(2, 1, 300.0, 5.0), never, sustains(4, 1, 90.0, 9.0), refused(8)]
    }

    #[test]
    fn rows_sort_both_ways_and_nothing_comes_last() {
        let mut all = rows(&points());
        assert_eq!(all.len(), 3);
        sort(&mut all, Column::Rate, true);
        assert_eq!(all.iter().map(|r| r.gpus).collect::<Vec<_>>(), [4, 2, 1]);
        sort(&mut all, Column::Rate, false);
        assert_eq!(all.iter().map(|r| r.gpus).collect::<Vec<_>>(), [2, 4, 1]);
        sort(&mut all, Column::Gpus, false);
        assert_eq!(all.iter().map(|r| r.gpus).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn a_file_has_a_line_for_every_point_and_as_many_fields_in_each() {
        let text = csv(&points());
        let fields: Vec<usize> = text.lines().map(|l| l.split(',').count()).collect();
        assert_eq!(fields, [15; 5], "{text}");
        assert!(text.contains(",,0.09,0.02,"), "{text}");
    }
}
