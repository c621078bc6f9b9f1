//! A request closely: what it was, each stage of its way, and why the router sent it where it went; on every side that it
//! came to.

use super::film::{Film, seconds};
use super::reels::{Reel, Reels};
use super::{Live, words};
use crate::draw;
use crate::say;
use leptos::prelude::*;
use playground_core::report::timeline::{Choice, Stage, What};

/// The panel.
pub(super) fn view(live: Live) -> AnyView {
    let body = move || {
        let request = live.picked.get()?;
        live.with(|reels| (request < reels.requests()).then(|| of(live, request, reels))).flatten()
    };
    let none = Memo::new(move |_| live.picked.with(Option::is_none));
    view! {
        <section class="live-trace" aria-labelledby="live-trace-title" data-testid="live-trace">
            <h2 id="live-trace-title">
                {move || live.picked.get().map_or_else(|| "A request closely".into(), |r| format!("Request {}", say::count(u64::from(r) + 1)))}
            </h2>
            <p class="hint" hidden={move || !none.get()}>
                "Press a dot, choose one of the list, or type a number: its way from arrival to end, and why it went there."
            </p>
            {body}
        </section>
    }
    .into_any()
}

fn of(live: Live, request: u32, reels: &Reels) -> AnyView {
    let places: Vec<(&Reel, Option<u32>)> = reels.all().iter().map(|reel| (reel, reel.place(request))).collect();
    let arrival = places.iter().find_map(|(reel, place)| place.map(|place| reel.film.life(place).0));
    // One scale for all, so that ways can be compared.
    let longest = places.iter().filter_map(|(reel, place)| place.map(|place| length(&reel.film, place)));
    let longest = longest.fold(f64::MIN_POSITIVE, f64::max);
    let on_a_side = |(reel, place): (&Reel, Option<u32>)| {
        let head = reel.side.map(|side| {
            view! { <h3><b class=format!("side-{}", side.name())>{side.name()}</b> " " <span class="side-name">{reel.name.clone()}</span></h3> }
        });
        let body = match place {
            Some(place) => closely(reel, place, longest),
            None => view! { <p class="hint">"It is not among the requests of this side."</p> }.into_any(),
        };
        view! { <div class="live-screen">{head} {body}</div> }
    };
    view! {
        <div class="live-steps">
            <button
                type="button"
                class="quiet"
                data-testid="live-to-arrival"
                on:click=move |_| if let Some(arrival) = arrival { live.clock.seek(arrival) }
            >
                "Go to its arrival"
            </button>
            <button type="button" class="quiet" data-testid="live-trace-close" on:click=move |_| live.picked.set(None)>"Close"</button>
        </div>
        {places.into_iter().map(on_a_side).collect_view()}
    }
    .into_any()
}

/// What it did in a run.
fn closely(reel: &Reel, place: u32, longest: f64) -> AnyView {
    let film = &reel.film;
    let about_id = id(reel, "live-trace-about");
    let choices: Vec<AnyView> = film.lives.choices(&film.timeline, place).map(|choice| why(reel, choice)).collect();
    view! {
        <p data-testid=about_id>{about(reel, place)}</p>
        {stages(reel, place, longest)}
        {choices}
    }
    .into_any()
}

/// A name in tests, of something that there is on every side.
fn id(reel: &Reel, what: &str) -> String {
    reel.side.map_or_else(|| what.to_owned(), |side| format!("{what}-{}", side.name()))
}

/// What a table is called, for the ear.
fn label(reel: &Reel, what: &str) -> String {
    reel.side.map_or_else(|| format!("Table: {what}"), |side| format!("Table of {}: {what}", side.name()))
}

/// From its arrival to the end of its last stage, s.
fn length(film: &Film, place: u32) -> f64 {
    film.stages(place).last().map_or(0.0, |s| seconds(s.to)) - film.life(place).0
}

/// What it was, and how it ended.
fn about(reel: &Reel, request: u32) -> String {
    let film = &reel.film;
    let asked = film.timeline.requests[request as usize];
    let t = &film.timeline;
    let ended = match film.lives.end(t, request) {
        Some((_, end)) => words::end(end).to_owned(),
        None => "still there at the end".to_owned(),
    };
    let ttft = film.lives.first_token(t, request).map_or_else(String::new, |(at, after)| {
        let after = words::span(seconds(at + after) - seconds(asked.at));
        match asked.was_there {
            true => format!(" The next token of its answer was at the client {after} later."),
            false => format!(" Its first token was at the client {after} after it arrived."),
        }
    });
    let cached = film.lives.marks(t, request).find_map(|m| match m.what {
        What::Admitted { cached_tokens } if cached_tokens > 0 => Some(cached_tokens),
        _ => None,
    });
    let cached = cached.map_or_else(String::new, |n| format!(", {} of them found in the cache", say::count(n.into())));
    let lost = film.lives.marks(t, request).filter(|m| m.what == What::Preempted).count();
    let lost = if lost > 0 { format!(" It lost its blocks {lost} times.") } else { String::new() };
    let missed = words::miss(reel, request).map_or_else(String::new, |text| format!(" {text}"));
    format!(
        "{}, turn {}: {} prompt tokens{cached}, {} output tokens. It {}; {ended}.{ttft}{lost}{missed}",
        t.about.classes[asked.class as usize].name,
        asked.turn + 1,
        say::count(asked.prompt_tokens.into()),
        say::count(asked.output_tokens.into()),
        match asked.was_there {
            true => "was there when the run began, what was written of its answer by then in its prompt".into(),
            false => format!("arrived at {}", words::moment(seconds(asked.at))),
        },
    )
}

/// Its way, as a table of bars, of which the longest may be so many seconds.
fn stages(reel: &Reel, request: u32, whole: f64) -> AnyView {
    let film = &reel.film;
    let all = film.stages(request);
    let begin = film.life(request).0;
    let row = |stage: &Stage| {
        let (from, to) = (seconds(stage.from) - begin, seconds(stage.to) - begin);
        let bar = format!("left: {:.2}%; width: {:.2}%", from / whole * 100.0, ((to - from) / whole * 100.0).max(0.5));
        view! {
            <tr>
                <th scope="row">{stage.kind.name()}</th>
                <td>{words::place(film, stage.instance).to_owned()}</td>
                <td>{words::span(from)}</td>
                <td>{words::span(to - from)}</td>
                <td class="live-way" aria-hidden="true"><span class=format!("live-{}", stage.kind.name().replace(' ', "-")) style=bar></span></td>
            </tr>
        }
    };
    draw::table(
        label(reel, "its way"),
        id(reel, "live-stages"),
        view! {
            <th scope="col">"Stage"</th>
            <th scope="col">"Where"</th>
            <th scope="col">"After"</th>
            <th scope="col">"Took"</th>
            <th scope="col" aria-hidden="true"></th>
        },
        all.iter().map(row).collect_view(),
    )
}

/// Why it went where it went: everyone who was considered, and the scores.
fn why(reel: &Reel, choice: &Choice) -> AnyView {
    let film = &reel.film;
    let names = &film.timeline.about.scorers[usize::from(choice.apart)];
    let considered: Vec<_> = film.timeline.considered(choice).collect();
    let removed = film.engines.len() - considered.len().min(film.engines.len());
    let score = |micro: i64| say::number(micro as f64 / 1e6);
    let row = |(c, parts): &(&playground_core::report::timeline::Considered, &[i64])| {
        let chosen = c.instance == choice.chosen;
        let cells: Vec<String> = [
            c.waiting.to_string(),
            c.running.to_string(),
            say::percent_whole(f64::from(c.kv_permyriad) / 1e4),
            say::count(c.matched_tokens.into()),
        ]
        .into_iter()
        .chain(parts.iter().map(|part| score(*part)))
        .collect();
        view! {
            <tr class:chosen=chosen>
                <th scope="row">{if chosen { "✓ " } else { "" }} {words::place(film, c.instance).to_owned()} {if chosen { " (chosen)" } else { "" }}</th>
                {cells.into_iter().map(|c| view! { <td>{c}</td> }).collect_view()}
                <td>{score(parts.iter().sum())}</td>
            </tr>
        }
    };
    let heads = names.iter().map(|(name, weight)| {
        view! { <th scope="col">{name.clone()} " " <span class="unit">{format!("×{}", say::plain(*weight))}</span></th> }
    });
    let what = if choice.apart { "computes its prompt" } else { "serves it" };
    let others = match (removed, names.is_empty()) {
        (0, false) => String::new(),
        (0, true) => " No scores: the picker alone decides.".to_owned(),
        (n, _) => format!(" The filters removed {n} others."),
    };
    view! {
        <h3>{format!("Why {} {what}", words::place(film, choice.chosen))}</h3>
        <p class="hint">{format!("What the router knew, as of its last look at them, and what each scorer gave.{others}")}</p>
        {draw::table(
            label(reel, &format!("who {what}")),
            id(reel, "live-why"),
            view! {
                <th scope="col">"Instance"</th>
                <th scope="col">"Queue"</th>
                <th scope="col">"Batch"</th>
                <th scope="col">"KV"</th>
                <th scope="col">"Prompt held " <span class="unit">"tokens"</span></th>
                {heads.collect_view()}
                <th scope="col">"Total"</th>
            },
            considered.iter().map(row).collect_view(),
        )}
    }
    .into_any()
}
