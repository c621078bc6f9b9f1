//! Runs in words.

use super::film::{Film, seconds};
use super::reels::{Find, Reel, Reels};
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

/// What is said of all runs before each is said.
pub(super) fn heading(reels: &Reels) -> String {
    format!("The first run of each at {}, at the same moment:", say::load(reels.load))
}

/// A run until all end, in a sentence.
pub(super) fn sentence(reels: &Reels, reel: &Reel) -> String {
    let (film, until) = (&reel.film, reels.until());
    let ends = (0..film.requests()).filter_map(|r| film.lives.end(&film.timeline, r));
    let away = match ends.filter(|(at, end)| *end != End::Done && seconds(*at) <= until).count() {
        0 => String::new(),
        n => format!(", {} ended without an answer", say::count(n as u64)),
    };
    let missed = match film.missed_by(until) {
        0 => "none misses a target".to_owned(),
        1 => "1 misses a target".to_owned(),
        n => format!("{} miss a target", say::count(n as u64)),
    };
    let there = match film.timeline.requests.iter().filter(|r| r.was_there).count() {
        0 => String::new(),
        n => format!(", {} of them there from the beginning, in the middle of their answers,", say::count(n as u64)),
    };
    let whose = match reel.side {
        None => format!("The first run at {}: ", say::load(reels.load)),
        Some(_) => String::new(),
    };
    format!(
        "{whose}{} requests{there} in {} of simulated time; {missed}{away}.",
        say::count(film.arrived_by(until) as u64),
        span(until)
    )
}

/// What is not shown of runs that are longer than what is kept.
pub(super) fn cut(reels: &Reels) -> Option<String> {
    let until = reels.until();
    let cut: Vec<&Reel> = reels.all().iter().filter(|r| r.film.timeline.cut && r.film.until <= until).collect();
    let first = cut.first()?;
    let whose = match first.side {
        None => "the run".to_owned(),
        Some(_) => {
            let sides: Vec<&str> = cut.iter().filter_map(|r| r.side).map(|side| side.name()).collect();
            format!("the run of {}", say::list(&sides))
        }
    };
    let rows = cut.iter().map(|r| r.film.timeline.rows()).max().unwrap_or(0);
    Some(format!(
        "These are the first {} events of {whose}, the first {}: the rest is not kept.",
        say::count(rows as u64),
        span(until)
    ))
}

/// How a run stands at a moment.
pub(super) fn stand(film: &Film, t: f64) -> String {
    let waiting = film.waiting.at(t);
    format!(
        "{} in queues · {} in batches · {} missed a target",
        say::count(waiting.into()),
        say::count(film.fleet.at(t).saturating_sub(waiting).into()),
        say::count(film.missed_by(t) as u64)
    )
}

/// The target that a request of a run misses first.
pub(super) fn miss(reel: &Reel, place: u32) -> Option<String> {
    let film = &reel.film;
    let missed = film.missed.get(place as usize).copied().flatten()?;
    let asked = film.timeline.requests[place as usize];
    let target = film.timeline.about.classes[asked.class as usize].targets_ps[missed.target as usize]?;
    Some(format!(
        "At {} {} misses its {} target of {}.",
        moment(seconds(missed.at)),
        name(reel.request(place)),
        missed.target.name(),
        say::target(target as f64 / PS_PER_MS as f64)
    ))
}

/// Before what happens on one of several sides: "B: ".
fn whose(reel: &Reel) -> String {
    reel.side.map_or_else(String::new, |side| format!("{}: ", side.name()))
}

/// A missed target that was looked for.
pub(super) fn miss_found(reels: &Reels, find: Find) -> String {
    let reel = &reels.all()[find.reel];
    let text = find.request.and_then(|request| miss(reel, reel.place(request)?));
    format!("{}{}", whose(reel), text.unwrap_or_default())
}

/// A request that loses its blocks, and was looked for.
pub(super) fn preempted_found(reels: &Reels, find: Find) -> String {
    let who = find.request.map(name).unwrap_or_default();
    format!("{}At {} {who} is the first to lose its blocks.", whose(&reels.all()[find.reel]), moment(find.at))
}

/// The longest queue, which was looked for.
pub(super) fn queue_found(reels: &Reels, find: Find) -> String {
    let reel = &reels.all()[find.reel];
    let most = say::count(reel.film.waiting.at(find.at).into());
    format!("{}At {} {most} requests are in queues, more than at any other moment.", whose(reel), moment(find.at))
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
    use crate::live::reels::tests::{alone, reels};
    use playground_core::report::timeline::ROWS_MAX;

    #[test]
    fn a_run_is_said_in_a_sentence_and_a_cut_one_says_so() {
        let short = alone("interactive-chat", 9_000);
        let text = sentence(&short, &short.all()[0]);
        assert!(text.starts_with("The first run at 30 req/s: ") && text.ends_with('.'), "{text}");
        let text = cut(&short).expect("it is cut");
        assert!(
            text.starts_with("These are the first 9,0") && text.contains(" events of the run, the first "),
            "{text}"
        );
        let whole = alone("pd-chat", ROWS_MAX);
        assert_eq!(cut(&whole), None);
        let find = whole.first_miss().expect("it misses targets");
        let text = miss_found(&whole, find);
        let who = name(find.request.expect("somebody's"));
        assert!(text.contains(" misses its ") && text.contains(" target of ") && text.contains(&who), "{text}");
    }

    #[test]
    fn of_several_it_is_said_whose_it_is() {
        let whole = reels(&[4, 1], ROWS_MAX);
        assert_eq!(heading(&whole), "The first run of each at 30 req/s, at the same moment:");
        let text = sentence(&whole, &whole.all()[1]);
        assert!(text.contains(" requests, ") && text.contains(" in ") && !text.starts_with("The"), "{text}");
        let (find, most) = whole.longest_queue().expect("one replica has a queue");
        assert!(queue_found(&whole, find).starts_with("B: At "), "{}", queue_found(&whole, find));
        let stand = stand(&whole.all()[1].film, find.at);
        assert!(stand.starts_with(&format!("{} in queues · ", say::count(most.into()))), "{stand}");
        let text = cut(&reels(&[4, 1], 3000)).expect("both are");
        assert!(text.contains(" events of the run of ") && text.contains(", the first "), "{text}");
    }

    #[test]
    fn all_are_said_of_the_same_time() {
        let whole = reels(&[4, 1], ROWS_MAX);
        let times = whole.all().iter().map(|reel| {
            let text = sentence(&whole, reel);
            text.split(" in ").last().and_then(|t| t.split(" of simulated time").next().map(str::to_owned))
        });
        assert_eq!(times.collect::<Vec<_>>(), vec![Some(span(whole.until())); 2]);
    }
}
