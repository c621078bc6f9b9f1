//! A run in words.

use super::film::{Film, seconds};
use crate::say;
use playground_core::base::PS_PER_MS;
use playground_core::report::End;
use playground_core::report::timeline::{ROUTER, Stage};

/// A moment: "12.480 s".
pub(super) fn moment(t: f64) -> String {
    format!("{t:.3} s")
}

/// A span of simulated time.
pub(super) fn span(s: f64) -> String {
    say::span(s * 1000.0)
}

/// A request as people count: from 1.
pub(super) fn name(request: u32) -> String {
    format!("request {}", say::count(u64::from(request) + 1))
}

/// A place by its name.
pub(super) fn place(film: &Film, instance: u32) -> &str {
    if instance == ROUTER {
        "router"
    } else {
        film.timeline.about.instances.get(instance as usize).map_or("", |i| &i.name)
    }
}

/// The whole run, in a sentence.
pub(super) fn sentence(film: &Film, load: Option<String>) -> String {
    let all = film.requests();
    let turned_away = (0..all).filter_map(|r| film.lives.end(&film.timeline, r)).filter(|(_, end)| *end != End::Done);
    let away = match turned_away.count() {
        0 => String::new(),
        n => format!(", {} ended without an answer", say::count(n as u64)),
    };
    let missed = match film.misses.len() {
        0 => "none misses a target".to_owned(),
        1 => "1 misses a target".to_owned(),
        n => format!("{} miss a target", say::count(n as u64)),
    };
    let there = match film.timeline.requests.iter().filter(|r| r.was_there).count() {
        0 => String::new(),
        n => format!(", {} of them there from the beginning, in the middle of their answers,", say::count(n as u64)),
    };
    format!(
        "The first run{}: {} requests{there} in {} of simulated time; {missed}{away}.",
        load.map(|l| format!(" at {l}")).unwrap_or_default(),
        say::count(all.into()),
        span(film.until)
    )
}

/// What is not shown of a run that is longer than what is kept.
pub(super) fn cut(film: &Film) -> Option<String> {
    let rows = film.timeline.rows() as u64;
    film.timeline.cut.then(|| {
        format!(
            "These are the first {} events of the run, its first {}: the rest is not kept.",
            say::count(rows),
            span(film.until)
        )
    })
}

/// The target that a request misses first.
pub(super) fn miss(film: &Film, request: u32) -> Option<String> {
    let missed = film.missed.get(request as usize).copied().flatten()?;
    let asked = film.timeline.requests[request as usize];
    let target = film.timeline.about.classes[asked.class as usize].targets_ps[missed.target as usize]?;
    Some(format!(
        "At {} {} misses its {} target of {}.",
        moment(seconds(missed.at)),
        name(request),
        missed.target.name(),
        say::target(target as f64 / PS_PER_MS as f64)
    ))
}

/// A stage and where it is: "queue of default 2".
pub(super) fn stage(film: &Film, stage: &Stage) -> String {
    if stage.instance == ROUTER {
        "router".into()
    } else {
        format!("{}, {}", place(film, stage.instance), stage.kind.name())
    }
}

/// How a request ended.
pub(super) fn end(end: End) -> &'static str {
    match end {
        End::Done => "answered",
        End::Refused => "refused: its prompt is too long",
        End::Unroutable => "no instance could take it",
        End::Shed => "turned away by the router",
        End::Cut => "cut off",
        End::KvLost => "its keys and values were lost",
        End::TimedOut => "its client gave up",
        End::Expired => "waited in the router's queue for too long",
        End::QueueFull => "the router's queue was full",
        End::Busy => "the engine's queue was full",
        End::Evicted => "taken back by the router for one that waited",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::film::tests::timeline;

    #[test]
    fn a_run_is_said_in_a_sentence_and_a_cut_one_says_so() {
        let film = Film::new(timeline("interactive-chat", 9_000));
        let text = sentence(&film, Some("50 req/s".into()));
        assert!(text.starts_with("The first run at 50 req/s: ") && text.ends_with('.'), "{text}");
        assert!(cut(&film).is_some_and(|t| t.starts_with("These are the first 9,0")), "{:?}", cut(&film));
        let film = Film::new(timeline("pd-chat", 100_000));
        let missed = film.misses[0].1;
        let text = miss(&film, missed).expect("it misses one");
        assert!(
            text.contains(" misses its ") && text.contains(" target of ") && text.contains(&name(missed)),
            "{text}"
        );
    }
}
