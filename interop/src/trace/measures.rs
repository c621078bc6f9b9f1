//! What of a recording is measured: how its arrivals vary, how lengths go together, what prompts repeat.

use playground_core::base::math;
use playground_core::workload::Recorded;
use std::collections::BTreeMap;

/// Standard deviation over mean.
pub(super) fn variation(gaps: impl Iterator<Item = f64>) -> f64 {
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    // Welford (1962).
    for gap in gaps {
        n += 1.0;
        let off = gap - mean;
        mean += off / n;
        squares += off * (gap - mean);
    }
    math::sqrt(squares / n) / mean
}

/// Requests per second of the fullest of consecutive minutes.
pub(super) fn busiest_rps(all: &[Recorded]) -> f64 {
    let minute = |r: &Recorded| (r.at.as_secs_f64() / 60.0) as u64;
    let most = all.chunk_by(|a, b| minute(a) == minute(b)).map(<[Recorded]>::len).max();
    most.unwrap_or(0) as f64 / 60.0
}

/// How lengths of prompts and answers vary together: Pearson's correlation; none where one does not vary.
pub(super) fn correlation(all: &[Recorded]) -> Option<f64> {
    let n = all.len() as f64;
    let mean = |f: fn(&Recorded) -> u32| all.iter().map(|r| f64::from(f(r))).sum::<f64>() / n;
    let (x, y) = (mean(|r| r.prompt_tokens), mean(|r| r.output_tokens));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for r in all {
        let (dx, dy) = (f64::from(r.prompt_tokens) - x, f64::from(r.output_tokens) - y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / math::sqrt(xx * yy))
}

/// Share of the prompts' tokens that an earlier prompt has at its beginning too.
pub(super) fn shared_frac(all: &[Recorded]) -> f64 {
    let (mut firsts, mut rests) = (BTreeMap::new(), BTreeMap::new());
    let (mut shared, mut total) = (0_u64, 0_u64);
    for r in all {
        let (content, tokens) = r.prefix;
        let rest = r.prompt_tokens - tokens;
        let mut in_first = 0;
        if tokens > 0 {
            let before: &mut u32 = firsts.entry(content).or_default();
            in_first = tokens.min(*before);
            *before = tokens.max(*before);
        }
        let mut in_rest = 0;
        if let Some(body) = r.body {
            let before: &mut u32 = rests.entry((content, tokens, body)).or_default();
            // A rest is the same only after the whole of what comes before it.
            in_rest = if in_first == tokens { rest.min(*before) } else { 0 };
            *before = rest.max(*before);
        }
        shared += u64::from(in_first) + u64::from(in_rest);
        total += u64::from(r.prompt_tokens);
    }
    shared as f64 / total.max(1) as f64
}
