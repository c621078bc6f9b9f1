//! What is in a recording: how much, how long, what was mended, what cannot be a request; and that a workload like it is
//! applied, not the recording.

use super::read;
use super::reader::Reader;
use super::recording::Seen;
use super::view::found;
use crate::{draw, say};
use leptos::prelude::*;
use playground_interop::trace::{Role, Scan, Spread, Traffic};

/// What somebody has to know before it is applied, said once.
const APPLIED: &str =
    "Applied is a workload like it, not the recording: lengths drawn from its own, arrivals at its mean rate.";

/// How far it is, with a way to stop.
pub(super) fn scanning(reader: Reader, done_frac: f64) -> AnyView {
    view! {
        <div class="scanning" data-testid="trace-scanning">
            <progress aria-label="Read" max="1" prop:value=done_frac></progress>
            <span>{format!("Reading the recording: {}", say::percent_whole(done_frac))}</span>
            <button type="button" class="quiet" data-testid="trace-cancel" on:click=move |_| reader.stop_scanning()>"Cancel"</button>
        </div>
    }
    .into_any()
}

/// Everything that was seen of it.
pub(super) fn view(reader: Reader, seen: &Seen) -> AnyView {
    let name = read::called(&seen.name).to_owned();
    let kind = seen.scan.mapping.as_ref().map_or("", |mapping| mapping.kind.title());
    let command = if seen.name.is_empty() { "FILE".into() } else { seen.name.clone() };
    let outcome = seen.outcome.clone().map(|outcome| {
        view! {
            <p class="hint" data-testid="trace-applied">
                {APPLIED} " Request by request it is replayed by " <code>{format!("playground run SCENARIO --trace {command}")}</code> "."
            </p>
            {found(reader, outcome, "Use as workload")}
        }
    });
    view! {
        <section class="import-part" data-testid="trace-seen">
            <h3>{name} " " <span class="muted">{kind}</span></h3>
            {seen.traffic.as_ref().map(summary)}
            {trouble(&seen.scan)}
            {refused(&seen.scan)}
            {list("trace-notes", "Mended", &seen.scan.notes)}
        </section>
        {outcome}
    }
    .into_any()
}

/// Why there is nothing to apply.
fn trouble(scan: &Scan) -> Option<AnyView> {
    let trouble = scan.trouble.as_ref()?;
    let needed = |role: &Role| match role {
        Role::Time => "when a request is due",
        Role::Input => "how long its prompt is",
        _ => "how long its answer is",
    };
    let message = if scan.missing.is_empty() {
        format!("It {}.", trouble.message)
    } else {
        let missing: Vec<&str> = scan.missing.iter().map(needed).collect();
        format!("No column is known to say {}: choose above.", missing.join(", nor "))
    };
    let place = trouble.at.map(|at| format!("Line {}. ", at.line));
    Some(
        view! { <div class="problems" role="alert" data-testid="trace-trouble"><p>{place} {message} " Nothing was changed."</p></div> }
            .into_any(),
    )
}

fn refused(scan: &Scan) -> Option<AnyView> {
    (scan.refused > 0).then(|| {
        let line =
            |p: &playground_interop::report::Problem| p.at.map_or_else(String::new, |at| format!("line {}: ", at.line));
        let reasons: Vec<String> = scan.refusals.iter().map(|p| format!("{}{}", line(p), p.message)).collect();
        let more = scan.refused - reasons.len() as u64;
        let more = (more > 0).then(|| view! { <p class="muted">{format!("and {} more", say::count(more))}</p> });
        let title = format!("Left out, {} of {} rows", say::count(scan.refused), say::count(scan.rows));
        view! { <div data-testid="trace-refused">{list("trace-refusals", &title, &reasons)} {more}</div> }.into_any()
    })
}

/// A list under a title; nothing where it is empty.
fn list(id: &'static str, title: &str, lines: &[String]) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let items: Vec<AnyView> = lines.iter().map(|line| view! { <li>{line.clone()}</li> }.into_any()).collect();
        view! {
            <details class="fates" open data-testid=id>
                <summary>{title.to_owned()}</summary>
                <ul>{items}</ul>
            </details>
        }
        .into_any()
    })
}

fn summary(traffic: &Traffic) -> AnyView {
    let heads =
        ["Tokens", "mean", "p50", "p90", "p99", "max"].map(|head| view! { <th scope="col">{head}</th> }.into_any());
    let row = |title: &'static str, spread: &Spread| {
        let whole = [spread.p50, spread.p90, spread.p99, spread.max].map(|n| say::count(u64::from(n)));
        let cells = [say::number(spread.mean)].into_iter().chain(whole);
        let cells: Vec<AnyView> = cells.map(|cell| view! { <td>{cell}</td> }.into_any()).collect();
        view! { <tr><th scope="row">{title}</th>{cells}</tr> }.into_any()
    };
    let rows = vec![row("Prompts", &traffic.input), row("Answers", &traffic.output)];
    view! {
        <p data-testid="trace-summary">{sentence(traffic)}</p>
        {draw::table("Lengths", "trace-lengths", heads.into_iter().collect::<Vec<_>>(), rows)}
    }
    .into_any()
}

/// How many requests in what time, and what their prompts have in common.
fn sentence(traffic: &Traffic) -> String {
    let plural = if traffic.requests == 1 { "" } else { "s" };
    let mut text = format!("{} request{plural}", say::count(traffic.requests));
    match traffic.rate_rps {
        Some(rate) => text += &format!(" in {}: {} on average", say::span(traffic.span_s * 1e3), say::rate(rate)),
        None => text += ", all due at once",
    }
    if let Some(busiest) = traffic.busiest_rps {
        text += &format!(", {} in the busiest minute", say::rate(busiest));
    }
    let named: Vec<String> = traffic
        .classes
        .iter()
        .filter(|class| !class.name.is_empty())
        .map(|class| format!("{} {}", class.name, say::percent(class.requests as f64 / traffic.requests as f64)))
        .collect();
    if !named.is_empty() {
        text += &format!(". Classes: {}", named.join(", "));
    }
    text += &match traffic.shared_frac {
        0.0 => ". No prompt begins as an earlier one.".to_owned(),
        frac => format!(". Of the prompts' tokens, {} repeat the beginning of an earlier prompt.", say::percent(frac)),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_interop::trace::read;

    #[test]
    fn a_recording_is_summed_up_in_a_sentence() {
        let of = |text: &str| sentence(&Traffic::of(&read(&mut text.as_bytes(), None).expect("sound")));
        let head = "at_s,class,input_tokens,output_tokens,prefix,prefix_tokens\n";
        let text = format!("{head}0,chat,100,1,p,50\n1,chat,100,1,p,50\n2,bulk,100,1,,\n300,bulk,200,1,,\n");
        assert_eq!(
            of(&text),
            "4 requests in 300 s: 0.01 req/s on average, 0.05 req/s in the busiest minute. Classes: chat 50 %, bulk 50 %. Of the prompts' tokens, 10.0 % repeat the beginning of an earlier prompt."
        );
        assert_eq!(
            of("at_s,input_tokens,output_tokens\n5,1,1\n"),
            "1 request, all due at once. No prompt begins as an earlier one."
        );
    }
}
