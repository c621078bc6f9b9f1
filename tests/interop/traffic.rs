//! A recording's traffic as a workload: what is kept, what is said of the rest, and that it fits in a link.

use crate::line;
use crate::traces::scanned;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Length, Scenario, SharedPrefix, TrafficClass, encode, resolve};
use playground_interop::report::{Fate, Line};
use playground_interop::trace::{Form, Scan, Traffic, of_run, write};

fn traffic(text: &str) -> (Scan, Traffic) {
    let (scan, trace) = scanned(text.as_bytes(), None, 1 << 16);
    (scan, Traffic::of(&trace.expect("a recording")))
}

fn applied(text: &str, onto: &Scenario) -> (Scenario, Vec<Line>) {
    let (scan, traffic) = traffic(text);
    traffic.onto(onto, &scan.mapping.expect("known"), &scan.columns)
}

/// Dice that need no library: a linear congruence (Knuth's MMIX).
fn dice(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn what_a_scenario_sends_has_its_rate_its_lengths_and_its_prefixes() {
    let mut s = Scenario::default();
    s.run.requests = 2000;
    let chat = &mut s.workload.classes[0];
    chat.share = 0.75;
    chat.prefix = Some(SharedPrefix { tokens: 300, groups: 5, ..SharedPrefix::default() });
    s.workload.classes.push(TrafficClass {
        name: "batch".into(),
        share: 0.25,
        priority: -1,
        input: Length::constant(900),
        ..TrafficClass::default()
    });
    let plan = resolve(&s, &Catalog::builtin()).expect("sound");
    let names: Vec<String> = plan.classes().iter().map(|class| class.name.clone()).collect();
    let sent = of_run(&plan);
    let text = write(&sent, &names, Form::Csv);
    let (_, seen) = traffic(&text);
    assert_eq!(seen.requests, sent.len() as u64);
    assert!((0.1..0.5).contains(&seen.shared_frac), "{}", seen.shared_frac);
    let (again, lines) = applied(&text, &s);
    let rate = again.workload.arrival.rate_rps;
    assert!((rate / s.workload.arrival.rate_rps - 1.0).abs() < 0.1, "{rate}");
    let [chat, batch] = &again.workload.classes[..] else { panic!("two") };
    assert!((chat.share - 0.75).abs() < 0.05 && (chat.share + batch.share - 1.0).abs() < 1e-9);
    assert_eq!(chat.prefix, s.workload.classes[0].prefix);
    assert_eq!(
        (batch.priority, &batch.slo, batch.input.values.as_slice()),
        (-1, &s.workload.classes[1].slo, &[900][..])
    );
    let mean = |length: &Length| length.dist().expect("a law").expect(|x| x);
    let off = mean(&chat.input) / mean(&s.workload.classes[0].input) - 1.0;
    assert!(off.abs() < 0.05, "{off}");
    assert_eq!(line(&lines, "at_s").fate, Fate::Approximated);
    assert_eq!(line(&lines, "class").fate, Fate::Exact);
    assert_eq!(line(&lines, "prefix").fate, Fate::Approximated);
    assert!(lines.iter().filter(|l| l.note == "is not read").count() == 4, "{lines:#?}");
    resolve(&again, &Catalog::builtin()).expect("can be simulated");
}

#[test]
fn any_recording_fits_in_a_link() {
    let mut seed = 7;
    let mut text = String::from("at_s,class,input_tokens,output_tokens\n");
    for i in 0..40_000 {
        let (class, input, output) = (dice(&mut seed) % 32, 1 + dice(&mut seed) % 90_000, 1 + dice(&mut seed) % 9_000);
        text += &format!("{i},tenant {class},{input},{output}\n");
    }
    let (again, lines) = applied(&text, &Scenario::default());
    assert_eq!(again.workload.classes.len(), 32);
    let link = encode(&again);
    assert!(link.len() < 16 * 1024, "{} characters", link.len());
    assert_eq!(line(&lines, "input_tokens").fate, Fate::Approximated);
    assert_eq!(again.workload.arrival.kind, "constant");
    let refused = resolve(&again, &Catalog::builtin()).err().unwrap_or_default();
    assert!(refused.iter().all(|d| !d.path.starts_with("workload")), "{refused:#?}");
}

#[test]
fn hashes_of_blocks_are_summed_up_and_said_to_be_lost() {
    let text = "{\"timestamp\": 0, \"input_length\": 1024, \"output_length\": 5, \"hash_ids\": [1, 2]}\n\
        {\"timestamp\": 500, \"input_length\": 1536, \"output_length\": 6, \"hash_ids\": [1, 2, 3]}\n\
        {\"timestamp\": 1500, \"input_length\": 1536, \"output_length\": 6, \"hash_ids\": [9, 8, 7]}\n";
    let (_, seen) = traffic(text);
    assert_eq!((seen.shared_frac, seen.span_s, seen.rate_rps), (0.25, 1.5, Some(2.0 / 1.5)));
    assert_eq!((seen.input.p50, seen.input.max, seen.output.p50), (1536, 1536, 6));
    let (again, lines) = applied(text, &Scenario::default());
    assert_eq!(line(&lines, "hash_ids").fate, Fate::Ignored);
    assert!(line(&lines, "hash_ids").note.contains("25.0 %"));
    assert_eq!(line(&lines, "input_length").fate, Fate::Exact);
    assert!(line(&lines, "output_length").note.contains("correlation is 1.00"));
    let class = &again.workload.classes[0];
    assert_eq!((class.name.as_str(), class.share, class.input.values.as_slice()), ("chat", 1.0, &[1024, 1536][..]));
}

#[test]
fn what_has_no_rate_leaves_the_load_as_it_is() {
    let text = "at_s,input_tokens,output_tokens\n0,10,5\n0,20,6\n";
    let (_, seen) = traffic(text);
    assert_eq!((seen.rate_rps, seen.gap_cv, seen.busiest_rps), (None, None, None));
    let (again, lines) = applied(text, &Scenario::default());
    assert_eq!(again.workload.arrival, Scenario::default().workload.arrival);
    assert_eq!(line(&lines, "at_s").fate, Fate::Ignored);
    let single = "at_s,input_tokens,output_tokens\n3,10,5\n";
    assert_eq!(traffic(single).1.rate_rps, None);
    let rare = "at_s,input_tokens,output_tokens\n0,10,5\n1000000,20000000,6\n1000001,9,9\n";
    let (scan, trace) = scanned(rare.as_bytes(), None, 64);
    assert_eq!((scan.refused, trace.map(|t| t.requests.len())), (1, Some(2)));
}
