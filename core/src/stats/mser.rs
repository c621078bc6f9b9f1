//! Where a run's beginning ends: MSER-5.

/// Batches below which nothing is said.
const BATCHES_MIN: usize = 10;

/// How many of these batches to leave out at the beginning, so that the mean of the rest is known best: the number that
/// minimises Σ (Yᵢ − Ȳ)² / m² over the m that are kept. None when there are too few batches, or when more than half would go:
/// then the run is too short to tell its beginning from the rest.
///
/// White, Simulation 69 (1997); batches of five observations: White, Cobb and Spratt, Proc. Winter Simulation
/// Conference (2000).
#[must_use]
pub fn mser(batches: &[f64]) -> Option<usize> {
    let n = batches.len();
    if n < BATCHES_MIN {
        return None;
    }
    let score = |skipped: usize| {
        let kept = &batches[skipped..];
        let m = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / m;
        kept.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / (m * m)
    };
    // The last few are left in: a handful of batches may agree by chance.
    let best = (0..=n - BATCHES_MIN / 2).map(|d| (score(d), d)).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    best.map(|(_, skipped)| skipped).filter(|skipped| *skipped <= n / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream, math};
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn a_level_line_keeps_everything() {
        assert_eq!(mser(&[3.0; 40]), Some(0));
    }

    #[test]
    fn a_step_is_cut_where_it_is() {
        let mut series = vec![0.0; 12];
        series.extend(vec![5.0; 48]);
        assert_eq!(mser(&series), Some(12));
    }

    #[test]
    fn what_never_settles_has_no_beginning() {
        let rising: Vec<f64> = (0..60).map(f64::from).collect();
        assert_eq!(mser(&rising), None);
        assert_eq!(mser(&[1.0; 9]), None);
    }

    #[test]
    fn a_transient_under_noise_is_found_and_steady_noise_mostly_left() {
        let mut stream = Stream::new(8, 0, Purpose::Output, 0);
        let (mut cuts, mut lost) = (Vec::new(), 0);
        for run in 0..200_u64 {
            let noise: Vec<f64> = (0..60).map(|i| math::normal_quantile(stream.unit(run * 60 + i))).collect();
            lost += mser(&noise).unwrap_or(30);
            let warming: Vec<f64> =
                noise.iter().zip(0..).map(|(z, i)| z - 20.0 * math::exp(-f64::from(i) / 4.0)).collect();
            cuts.extend(mser(&warming));
        }
        // 20 e^(−d/4) has fallen below the noise after 12 batches.
        let mean = cuts.iter().sum::<usize>() as f64 / cuts.len() as f64;
        assert!(cuts.len() > 190 && (7.0..16.0).contains(&mean), "{} found, at {mean} on average", cuts.len());
        assert!(lost < 200 * 60 / 5, "steady runs lose {lost} batches of {}", 200 * 60);
    }
}
