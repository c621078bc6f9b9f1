//! What is drawn for one purpose says nothing about what is drawn for another.
//!
//! Common random numbers make two runs alike on purpose; a mixed-up address would make two draws alike by accident, and
//! no single distribution would show it.

use playground_core::base::Dist;
use playground_core::workload::{Arriving, ClassSource, Prefix, Process, Source};

/// Requests looked at. A correlation of independent pairs has a standard deviation of 1/√n = 0.01.
const REQUESTS: usize = 10_000;
/// Five of those: less than one false alarm in a million, and seeds are fixed.
const CORRELATION_MAX: f64 = 0.05;

/// As many of the one class as of the other.
const EVEN: [f64; 2] = [0.5, 0.5];

/// Requests of two classes of the same law, with these shares.
fn requests(replication: u32, shares: [f64; 2]) -> Vec<Arriving> {
    let length = |mean| Dist::lognormal(mean, mean, 1, 100_000);
    let class = |share| ClassSource {
        share,
        input: length(500.0),
        output: length(250.0),
        prefix: Prefix::default(),
        conversation: None,
    };
    let mut source = Source::new(7, replication, Process::Poisson, 10.0, shares.map(class).to_vec());
    (0..REQUESTS).map(|_| source.draw()).collect()
}

/// Pearson's correlation of two equally long lists.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let dot = |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    dot(a, ma, b, mb) / (dot(a, ma, a, ma) * dot(b, mb, b, mb)).sqrt()
}

/// What is drawn for each request, by name.
fn columns(all: &[Arriving]) -> [(&'static str, Vec<f64>); 4] {
    let gaps = all.iter().scan(0, |last, a| Some((a.at.as_ps() - std::mem::replace(last, a.at.as_ps())) as f64));
    [
        ("gap", gaps.collect()),
        ("class", all.iter().map(|a| f64::from(a.class)).collect()),
        ("prompt", all.iter().map(|a| f64::from(a.prompt_tokens)).collect()),
        ("output", all.iter().map(|a| f64::from(a.output_tokens)).collect()),
    ]
}

#[test]
fn of_one_request() {
    let columns = columns(&requests(0, EVEN));
    for (i, (a, x)) in columns.iter().enumerate() {
        for (b, y) in &columns[i + 1..] {
            let r = correlation(x, y);
            assert!(r.abs() < CORRELATION_MAX, "{a} and {b} of a request correlate: {r}");
        }
    }
}

#[test]
fn of_one_request_and_the_next() {
    for (name, x) in columns(&requests(0, EVEN)) {
        let r = correlation(&x[1..], &x[..x.len() - 1]);
        assert!(r.abs() < CORRELATION_MAX, "{name} of a request and the next correlate: {r}");
    }
}

#[test]
fn of_one_replication_and_another() {
    for ((name, x), (_, y)) in columns(&requests(0, EVEN)).into_iter().zip(columns(&requests(1, EVEN))) {
        let r = correlation(&x, &y);
        assert!(r.abs() < CORRELATION_MAX, "{name} in two replications correlate: {r}");
    }
}

#[test]
fn of_two_classes() {
    // The same requests, all of the one class and all of the other: each class has streams of its own.
    let (first, second) = (columns(&requests(0, [1.0, 0.0])), columns(&requests(0, [0.0, 1.0])));
    for ((name, x), (_, y)) in
        first.into_iter().zip(second).filter(|((name, _), _)| ["prompt", "output"].contains(name))
    {
        let r = correlation(&x, &y);
        assert!(r.abs() < CORRELATION_MAX, "{name} of two classes correlate: {r}");
    }
}
