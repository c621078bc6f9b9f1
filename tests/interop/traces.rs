//! Recordings: what is read, what is mended, what is refused; and that a run written down is the same run again.

use playground_core::base::{Dur, Time};
use playground_core::catalog::Catalog;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::Outcome;
use playground_core::scenario::{Length, Scenario, SharedPrefix, resolve};
use playground_core::workload::{Recorded, Replay};
use playground_interop::trace::{
    Form, Kind, Mapping, REQUESTS_MAX, Reading, Role, Scan, Sent, Trace, Unit, is_recording, of_run, read, write,
};
use std::io::{BufReader, Read};
use std::time::Instant;

fn taken(text: &str) -> Trace {
    read(&mut text.as_bytes(), None).unwrap_or_else(|p| panic!("{p}\n{text}"))
}

fn refused(text: &str) -> String {
    read(&mut text.as_bytes(), None).map(|t| t.requests.len()).expect_err("refused").to_string()
}

/// What is seen of a recording, fed in pieces of so many bytes.
pub(crate) fn scanned(bytes: &[u8], mapping: Option<Mapping>, piece: usize) -> (Scan, Option<Trace>) {
    let mut reading = Reading::new(mapping);
    bytes.chunks(piece).for_each(|piece| reading.feed(piece));
    reading.finish()
}

fn at(seconds: f64) -> Time {
    Time::ZERO + Dur::from_secs_f64(seconds)
}

const OURS: &str = "at_s,class,input_tokens,output_tokens,prefix,prefix_tokens,prompt\n\
    0,chat,120,30,sys,100,\n0.5,chat,130,40,sys,100,q1\n0.5,\"bulk, big\",900,1,,,q1\n2.25,chat,10,5,,,\n";

#[test]
fn our_tables_and_objects_say_the_same() {
    let table = taken(OURS);
    assert_eq!((table.kind, table.notes.len(), table.requests.len()), (Kind::Own, 0, 4));
    assert_eq!(table.classes, ["chat", "bulk, big"]);
    let [a, b, c, d] = table.requests[..] else { panic!("four") };
    assert_eq!((a.at, b.at, d.at), (at(0.0), at(0.5), at(2.25)));
    assert_eq!((a.prefix, b.prefix.1), (b.prefix, 100));
    assert_eq!((a.body, d.body, b.body), (None, None, c.body));
    assert_eq!((c.class, c.prompt_tokens, c.output_tokens), (1, 900, 1));
    let objects = "{\"at_s\":0,\"class\":\"chat\",\"input_tokens\":120,\"output_tokens\":30,\"prefix\":\"sys\",\"prefix_tokens\":100}\n\
        {\"at_s\":0.5,\"class\":\"chat\",\"input_tokens\":130,\"output_tokens\":40,\"prefix\":\"sys\",\"prefix_tokens\":100,\"prompt\":\"q1\"}\n";
    let mapping = Mapping::parse(
        "time=at_s,input=input_tokens,output=output_tokens,class=class,prefix=prefix,prefix_tokens=prefix_tokens",
    )
    .expect("sound");
    let objects = read(&mut objects.as_bytes(), Some(&mapping)).expect("sound");
    assert_eq!(objects.requests[0], a);
    assert_eq!(objects.requests[1].prefix, b.prefix);
}

#[test]
fn tables_of_others_are_known_by_their_columns() {
    let blis = "request_id,client_id,slo_class,prefix_group,prefix_length,input_tokens,output_tokens,arrival_time_us\n\
        0,c,critical,g,2048,100,7,12971\n1,c,batch,,0,50,8,27596\n";
    let trace = taken(blis);
    assert_eq!(trace.kind, Kind::BlisV2);
    assert_eq!((trace.requests[0].prompt_tokens, trace.requests[0].prefix.1), (2148, 2048));
    assert_eq!((trace.requests[1].at, trace.requests[1].prefix), (at(0.027_596), (0, 0)));
    assert_eq!(trace.classes, ["critical", "batch"]);
    let azure =
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,374,44\n2023-11-16 18:16:46.75,396,109\n";
    let trace = taken(azure);
    assert_eq!((trace.kind, trace.requests[0].at), (Kind::Azure, Time::ZERO));
    assert!((trace.requests[1].at.as_secs_f64() - 60.25).abs() < 1e-6);
    let mooncake = "{\"timestamp\": 0, \"input_length\": 1100, \"output_length\": 5, \"hash_ids\": [1, 2, 3]}\n\
        {\"timestamp\": 3000, \"input_length\": 1030, \"output_length\": 6, \"hash_ids\": [1, 2, 4]}\n\
        {\"timestamp\": 3000, \"input_length\": 700, \"output_length\": 6, \"hash_ids\": [9, 8]}\n";
    let trace = taken(mooncake);
    let [a, b, c] = trace.requests[..] else { panic!("three") };
    assert_eq!((trace.kind, b.at), (Kind::Mooncake, at(3.0)));
    assert!(a.prefix.0 == b.prefix.0 && a.prefix.1.min(b.prefix.1) == 1024 && a.prefix.0 != c.prefix.0, "{a:?} {b:?}");
    assert!(trace.requests.iter().all(|r| r.prefix.1 <= r.prompt_tokens));
    let burst = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,x\n";
    assert_eq!(taken(burst).requests[0].at, at(5.0));
}

#[test]
fn columns_can_be_named_and_are_shown_before() {
    let text = "when,how long,answer\n100,20,3\n250,30,4\n";
    let (shown, trace) = scanned(text.as_bytes(), None, 7);
    assert_eq!((shown.columns.len(), shown.sample.len(), trace.is_none()), (3, 2, true));
    assert_eq!(shown.missing, [Role::Time, Role::Input, Role::Output]);
    assert_eq!(shown.sample[1], ["250", "30", "4"]);
    assert!(refused(text).contains("when, how long, answer"));
    let mapping = Mapping::parse("time=when:ms,input=how long,output=answer").expect("sound");
    assert_eq!(mapping.unit, Unit::Millis);
    let trace = read(&mut text.as_bytes(), Some(&mapping)).expect("sound");
    assert_eq!((trace.requests[1].at, trace.requests[1].prompt_tokens), (at(0.25), 30));
    assert!(Mapping::parse("time=when").is_err_and(|e| e.contains("input=COLUMN")));
    assert!(Mapping::parse("colour=x").is_err_and(|e| e.contains("no role")));
    assert!(Mapping::parse("time=a:h,input=b,output=c").is_err_and(|e| e.contains("unit")));
    let absent = Mapping::parse("time=when:ms,input=how,output=answer").expect("sound");
    assert!(read(&mut text.as_bytes(), Some(&absent)).is_err_and(|p| p.message.contains("no column how")));
    let (shown, _) = scanned(OURS.as_bytes(), None, 1000);
    assert_eq!(shown.mapping.expect("known").kind, Kind::Own);
}

#[test]
fn what_can_be_mended_is_mended_and_said() {
    let text =
        "at_s,input_tokens,output_tokens,prefix,prefix_tokens\n5,10,1,,\n1,10,0,,\n1,10,2,p,50\n3,0,9,,\n2,10,3,,\n";
    let trace = taken(text);
    let times: Vec<u64> = trace.requests.iter().map(|r| r.at.as_ps() / 1_000_000_000_000).collect();
    assert_eq!(times, [1, 2, 5]);
    assert_eq!(trace.requests[0].prefix.1, 10);
    let said = trace.notes.join("; ");
    for part in [
        "1 row stood before an earlier one; all were sorted by time (line 4)",
        "2 rows with an empty prompt or an empty answer left out (lines 3, 5)",
        "1 row with a prefix longer than the prompt, which was cut to it (line 4)",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(Replay::new(trace.requests, 1).is_ok());
    // A clock that began long before.
    let epoch = taken("at_s,input_tokens,output_tokens\n1700000000.5,1,1\n1700000001.5,1,1\n");
    assert_eq!((epoch.requests[0].at, epoch.requests[1].at), (at(0.0), at(1.0)));
}

#[test]
fn what_cannot_is_refused_with_its_line() {
    let row = |row: &str| refused(&format!("at_s,input_tokens,output_tokens\n1,1,1\n{row}\n"));
    for (bad, part) in [
        ("-1,5,5", "negative"),
        ("soon,5,5", "no time"),
        ("NaN,5,5", "no time"),
        ("1,many,5", "many"),
        ("1,5,-5", "-5"),
        ("1,1e30,5", "1e30"),
        ("1,5,5,5,5", "5 cells"),
        ("1", "1 cells"),
        ("1,\"5,5", "quotes"),
        ("\0,5,5", "not text"),
    ] {
        let reason = row(bad);
        assert!(reason.starts_with("line 3") && reason.contains(part), "{bad}: {reason}");
    }
    assert!(refused("at_s,input_tokens,output_tokens\n").contains("no row"));
    assert!(refused("at_s,input_tokens,output_tokens\n1,0,0\n").contains("left out"));
    assert!(refused("").contains("empty"));
    assert!(refused("{\"at_s\": 1,\n").starts_with("line 1"));
    assert!(refused("at_s,input_tokens,output_tokens\n1,1,1\n99999999,1,1\n").contains("month"));
    assert!(read(&mut &b"\xff\xfe\n"[..], None).is_err());
    let endless = "x".repeat(3 << 20);
    assert!(refused(&endless).contains("longer than"));
}

#[test]
fn rows_that_are_no_requests_are_counted_and_the_others_are_taken() {
    let bad = ["-1,5,5", "soon,5,5", "NaN,5,5", "1,many,5", "1,5,5,5,5", "1,5,\"5"];
    let text = format!("at_s,input_tokens,output_tokens\n0,1,1\n{}\n2,3,4\n", bad.join("\n"));
    let mut bytes = text.into_bytes();
    bytes.extend(b"3,\xe9,4\n4,5,6");
    for piece in [1, 2, 13, 4096] {
        let (scan, trace) = scanned(&bytes, None, piece);
        assert_eq!((scan.rows, scan.refused, scan.refusals.len()), (10, 7, 5));
        let lines: Vec<u32> = scan.refusals.iter().filter_map(|p| p.at).map(|at| at.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        assert_eq!(trace.expect("three are sound").requests.len(), 3);
    }
    let (scan, trace) = scanned(b"at_s,input_tokens,output_tokens\nx,1,1\ny,1,1\n", None, 100);
    assert!(trace.is_none() && scan.trouble.is_some_and(|p| p.message.contains("2 rows cannot be read")));
}

#[test]
fn what_is_no_text_is_told_apart() {
    for (bytes, part) in [
        (&b"\xff\xfea\0,\0"[..], "UTF-16"),
        (b"\x1f\x8b\x08\0\0", "gunzip"),
        (b"PK\x03\x04\x14\0", "CSV"),
        (b"PAR1\x15\0", "Parquet"),
        (b"\0\x9f\x92\x96", "not text"),
        (b"", "empty"),
        (b"\n# nothing\n\n", "empty"),
        (b"[{\"at_s\": 1}]", "an object a line"),
    ] {
        let (scan, trace) = scanned(bytes, None, 3);
        let trouble = scan.trouble.expect("is refused");
        assert!(trace.is_none() && trouble.message.contains(part), "{part}: {trouble}");
    }
}

#[test]
fn a_table_may_be_cut_at_tabs_or_semicolons() {
    for separator in ["\t", ";"] {
        let text = OURS.replace("\"bulk, big\"", "bulk").replace(',', separator);
        assert_eq!(taken(&text).requests.len(), 4);
    }
}

#[test]
fn objects_may_leave_out_what_they_do_not_have() {
    let plain = "{\"at_s\": 0, \"input_tokens\": 9, \"output_tokens\": 1}\n".repeat(3);
    let late = "{\"at_s\": 1, \"input_tokens\": 9, \"output_tokens\": 1, \"prefix\": \"p\", \"prefix_tokens\": 4}\n";
    let trace = taken(&format!("{plain}{late}{late}"));
    assert_eq!(trace.requests.iter().map(|r| r.prefix.1).collect::<Vec<_>>(), [0, 0, 0, 4, 4]);
}

#[test]
fn recordings_are_told_from_documents() {
    for text in [OURS, "Timestamp,Request tokens,Response tokens\n", "when,in,out\n1,2,3\n", "{\"a\": 1}\n{\"a\": 2}\n"]
    {
        assert!(is_recording(text), "{text}");
    }
    for text in [
        "",
        "kind: EndpointPickerConfig\nplugins:\n- type: a\n",
        "vllm serve Qwen/Qwen3-14B --tensor-parallel-size 2\n",
        "{\"topology\": {}}\n",
        "{\n  \"topology\": {}\n}\n",
        "https://x/#0.z.1.a.b",
        "title: a, b, c\nnote: d, e, f\n",
    ] {
        assert!(!is_recording(text), "{text}");
    }
}

/// A text that never ends.
struct Endless {
    line: &'static [u8],
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.line[self.at % self.line.len()];
            self.at += 1;
        }
        Ok(buffer.len())
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "that it takes no time is what is tested")]
fn ten_million_lines_are_cut_and_never_hang() {
    let start = Instant::now();
    let header = &b"at_s,input_tokens,output_tokens\n"[..];
    let mut endless = BufReader::new(header.chain(Endless { line: b"1.5,100,20\n", at: 0 }));
    let trace = read(&mut endless, None).expect("its beginning");
    assert_eq!(trace.requests.len(), REQUESTS_MAX);
    assert!(trace.notes.iter().any(|note| note.contains("stopped at line")), "{:?}", trace.notes);
    let mut nothing = BufReader::new(Endless { line: b"x", at: 0 });
    assert!(read(&mut nothing, None).is_err());
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn replayed(s: &Scenario, requests: Vec<Recorded>) -> Vec<Outcome> {
    let plan = resolve(s, &Catalog::builtin()).expect("sound");
    let mut sim = Sim::replay(&plan, Replay::new(requests, plan.classes().len() as u32).expect("sound"), None);
    while sim.advance(u32::MAX) == Progress::Running {}
    sim.into_outcomes().0
}

#[test]
fn a_run_that_is_written_down_is_the_same_run_again() {
    let mut s = Scenario::default();
    s.run.requests = 60;
    s.run.warmup_s = Some(1.0);
    s.workload.classes[0].output = Length::constant(20);
    s.workload.classes[0].prefix =
        Some(SharedPrefix { tokens: 300, groups: 3, prompts_per_group: 4, ..SharedPrefix::default() });
    let plan = resolve(&s, &Catalog::builtin()).expect("sound");
    let sent = of_run(&plan);
    assert!(sent.len() >= 30, "{}", sent.len());
    let first: Vec<Recorded> = sent.iter().map(|sent| sent.request).collect();
    let outcomes = replayed(&s, first.clone());
    let with: Vec<Sent> = first.iter().zip(&outcomes).map(|(r, o)| Sent { request: *r, outcome: Some(*o) }).collect();
    let text = write(&with, &["chat".into()], Form::Csv);
    let again = taken(&text);
    assert_eq!((again.kind, again.classes.as_slice()), (Kind::Own, &["chat".to_string()][..]));
    let times =
        |all: &[Recorded]| all.iter().map(|r| (r.at, r.prompt_tokens, r.output_tokens, r.prefix.1)).collect::<Vec<_>>();
    assert_eq!(times(&again.requests), times(&first));
    assert_eq!(replayed(&s, again.requests), outcomes, "names of contents do not matter, only which are alike");
    let objects = taken(&write(&with, &["chat".into()], Form::Jsonl));
    assert_eq!((objects.kind, times(&objects.requests)), (Kind::Own, times(&first)));
    assert_eq!(replayed(&s, objects.requests), outcomes);
    assert!(text.lines().nth(1).is_some_and(|line| line.ends_with("done")), "{text}");
}
