//! A robust, penalised Gauss-Newton step: where a sum of absolute errors would be smallest, were they linear.

use playground_core::base::math;

/// Errors below this count as their squares, ln: measurements repeat within 2 %.
const SMALL: f64 = 0.02;
/// Errors far beyond this are of something that the model does not have, and pull less and less, ln.
const LARGE: f64 = 0.4;
const ROUNDS: u32 = 40;

/// One error, and how it moves.
pub struct Row {
    /// Log of simulated over measured.
    pub residual: f64,
    /// What one standard deviation of each parameter adds to it.
    pub slopes: Vec<f64>,
    /// Its weight.
    pub weight: f64,
}

/// The loss of one error.
#[must_use]
pub fn loss(residual: f64) -> f64 {
    let size = residual.abs();
    let bent = if size < SMALL { (size * size / SMALL + SMALL) / 2.0 } else { size };
    // Grows like the logarithm beyond LARGE.
    LARGE / 2.0 * math::ln(1.0 + (bent / LARGE) * (bent / LARGE)) + bent.min(LARGE) / 2.0
}

/// Weight that makes a square of this error pull as its loss does.
fn pull(residual: f64) -> f64 {
    let share = residual / LARGE;
    1.0 / (2.0 * residual.abs().max(SMALL) * (1.0 + share * share))
}

/// The step, in standard deviations, from `at` deviations away from the centre; no part of it is longer than `longest`.
#[must_use]
pub fn step(rows: &[Row], at: &[f64], penalty: f64, longest: f64) -> Vec<f64> {
    let n = at.len();
    let mut dx = vec![0.0; n];
    for _ in 0..ROUNDS {
        let mut matrix = vec![vec![0.0; n]; n];
        let mut right = vec![0.0; n];
        for row in rows {
            let moved: f64 = row.residual + row.slopes.iter().zip(&dx).map(|(s, d)| s * d).sum::<f64>();
            let w = row.weight * pull(moved);
            for i in 0..n {
                if row.slopes[i] == 0.0 {
                    continue;
                }
                right[i] -= w * row.slopes[i] * row.residual;
                for (cell, slope) in matrix[i].iter_mut().zip(&row.slopes) {
                    *cell += w * row.slopes[i] * slope;
                }
            }
        }
        for i in 0..n {
            matrix[i][i] += penalty;
            right[i] -= penalty * at[i];
        }
        dx = solve(matrix, right);
        dx.iter_mut().for_each(|d| *d = d.clamp(-longest, longest));
    }
    dx
}

/// Solves a positive definite system by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in i + 1..n {
            let factor = a[j][i] / a[i][i];
            if factor == 0.0 {
                continue;
            }
            let above = a[i].clone();
            a[j].iter_mut().zip(&above).for_each(|(x, y)| *x -= factor * y);
            b[j] -= factor * b[i];
        }
    }
    let mut x = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| a[i][j] * x[j]).sum();
        x[i] = (b[i] - known) / a[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        let x = solve(vec![vec![4.0, 1.0], vec![1.0, 3.0]], vec![1.0, 2.0]);
        assert!((x[0] - 1.0 / 11.0).abs() < 1e-12 && (x[1] - 7.0 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn one_wild_row_of_ten_does_not_move_the_rest() {
        let row = |residual: f64| Row { residual, slopes: vec![1.0], weight: 1.0 };
        let mut rows: Vec<Row> = (0..9).map(|_| row(0.1)).collect();
        rows.push(row(-5.0));
        let found = step(&rows, &[0.0], 1e-6, 1.0)[0];
        assert!((found + 0.1).abs() < 0.005, "{found}");
    }

    #[test]
    fn the_penalty_pulls_to_the_centre_and_steps_are_bounded() {
        let nothing = Row { residual: 0.0, slopes: vec![0.0, 1e-9], weight: 1.0 };
        assert!((step(&[nothing], &[0.4, -0.2], 1.0, 9.0)[0] + 0.4).abs() < 1e-9);
        let steep = Row { residual: 3.0, slopes: vec![1.0, 0.0], weight: 1.0 };
        assert_eq!(step(&[steep], &[0.0, 0.0], 1e-9, 0.5)[0], -0.5);
    }

    #[test]
    fn losses_rise_with_errors() {
        let sizes = [0.0, 0.01, 0.02, 0.1, 0.4, 2.0];
        assert!(sizes.windows(2).all(|w| loss(w[0]) < loss(w[1])));
    }
}
