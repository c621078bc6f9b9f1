//! Requests by name: those in any fleet at the moment, or those that missed a target; each leads to a close look.

use super::film::seconds;
use super::reels::{Reel, Reels};
use super::{Live, words};
use crate::draw;
use crate::form::segments;
use crate::say;
use leptos::prelude::*;
use playground_core::study::compare::Side;
use std::time::Duration;

/// Rows at most.
const ROWS_MAX: usize = 12;
/// While time moves, the list follows so much later, ms: nobody reads faster.
const LAG_MS: u64 = 250;

/// Who is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Present,
    Missed,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    request: u32,
    class: String,
    /// On every side.
    states: Vec<String>,
}

/// Those to list, and how many there are in all.
fn rows(reels: &Reels, who: Who, t: f64) -> (Vec<Row>, usize) {
    let all = match who {
        Who::Present => reels.present(t),
        Who::Missed => reels.missed(),
    };
    let row = |&request: &u32| {
        let class = reels.all().iter().find_map(|reel| {
            let asked = reel.film.timeline.requests[reel.place(request)? as usize];
            Some(reel.film.timeline.about.classes[asked.class as usize].name.clone())
        });
        let state = |reel: &Reel| state(reel, request, who, t).unwrap_or_else(|| say::NOTHING.into());
        Row { request, class: class.unwrap_or_default(), states: reels.all().iter().map(state).collect() }
    };
    (all.iter().take(ROWS_MAX).map(row).collect(), all.len())
}

/// Where a request is in a run, or the target it misses there.
fn state(reel: &Reel, request: u32, who: Who, t: f64) -> Option<String> {
    let (film, place) = (&reel.film, reel.place(request)?);
    match who {
        Who::Present => film.stage_at(place, t).map(|stage| words::stage(film, stage)),
        Who::Missed => {
            film.missed[place as usize].map(|m| format!("{} at {}", m.target.name(), words::moment(seconds(m.at))))
        }
    }
}

/// The list.
pub(super) fn view(live: Live) -> AnyView {
    let who = RwSignal::new(Who::Present);
    let (moment, due) = (RwSignal::new(0.0), StoredValue::new(false));
    Effect::new(move |_| {
        live.reels.track();
        live.clock.at.track();
        if !due.get_value() {
            due.set_value(true);
            let catch_up = move || {
                due.set_value(false);
                moment.set(live.clock.at.get_untracked());
            };
            set_timeout(catch_up, Duration::from_millis(LAG_MS));
        }
    });
    let found = Memo::new(move |_| live.with(|reels| rows(reels, who.get(), moment.get())).unwrap_or_default());
    let row = move |row: Row| {
        let request = row.request;
        view! {
            <tr>
                <th scope="row">
                    <button
                        type="button"
                        class="link"
                        data-testid="live-request"
                        aria-label=format!("Look closely at {}", words::name(request))
                        on:click=move |_| live.picked.set(Some(request))
                    >
                        {(request + 1).to_string()}
                    </button>
                </th>
                <td>{row.class}</td>
                {row.states.into_iter().map(|state| view! { <td>{state}</td> }).collect_view()}
            </tr>
        }
    };
    let more = move || {
        let (shown, all) = found.with(|(rows, all)| (rows.len(), *all));
        match all {
            0 => "Nobody.".to_owned(),
            _ if all > shown => format!("The first {shown} of {all}."),
            _ => String::new(),
        }
    };
    let most = move || live.with(Reels::requests).unwrap_or(0).to_string();
    let pick = move |text: String| {
        let all = untrack(|| live.with(Reels::requests)).unwrap_or(0);
        if let Some(n) = text.parse::<u32>().ok().filter(|n| (1..=all).contains(n)) {
            live.picked.set(Some(n - 1));
        }
    };
    let choices = [
        (Who::Present, "live-list-present".into(), "In the fleet now"),
        (Who::Missed, "live-list-missed".into(), "Missed a target"),
    ];
    view! {
        <section class="live-list" aria-labelledby="live-list-title">
            <h2 id="live-list-title">"Requests"</h2>
            <div class="live-pick">
                {segments::view("Which requests", "live-list", choices, who)}
                <label>
                    "Number "
                    <input
                        type="number"
                        data-testid="live-number"
                        min="1"
                        max=most
                        prop:value={move || live.picked.get().map(|r| (r + 1).to_string()).unwrap_or_default()}
                        on:change:target=move |e| pick(e.target().value())
                    />
                </label>
            </div>
            {draw::table(
                "Table: requests",
                "live-list",
                view! { <th scope="col">"Request"</th><th scope="col">"Class"</th>{heads(live)} },
                move || found.with(|(rows, _)| rows.clone()).into_iter().map(row).collect_view(),
            )}
            <p class="hint">{more}</p>
        </section>
    }
    .into_any()
}

/// What stands above where they are: of several runs, their letters.
fn heads(live: Live) -> AnyView {
    let sides = Memo::new(move |_| {
        live.with(|reels| reels.all().iter().map(|reel| reel.side).collect::<Vec<_>>()).unwrap_or_default()
    });
    let head = |side: Option<Side>| match side {
        None => view! { <th scope="col">"Where"</th> }.into_any(),
        Some(side) => {
            view! { <th scope="col"><span class=format!("side-{}", side.name())>{side.name()}</span></th> }.into_any()
        }
    };
    (move || sides.get().into_iter().map(head).collect_view()).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::reels::tests::{alone, reels};

    #[test]
    fn a_request_has_a_state_on_every_side() {
        let both = reels(&[1, 4], 250_000);
        let (find, _) = both.longest_queue().expect("somebody waits");
        let (rows, all) = rows(&both, Who::Present, find.at);
        assert!(rows.len() == ROWS_MAX && all > ROWS_MAX);
        assert!(rows.iter().all(|row| row.states.len() == 2 && row.class == "chat"), "{rows:?}");
        assert!(rows.iter().all(|row| row.states.iter().any(|state| state != say::NOTHING)), "{rows:?}");
        let (rows, all) = super::rows(&both, Who::Missed, 0.0);
        assert_eq!(all, both.missed().len());
        assert!(rows.iter().all(|row| row.states.iter().any(|state| state.contains(" at "))), "{rows:?}");
        let (rows, _) = super::rows(&alone("pd-chat", 250_000), Who::Missed, 0.0);
        assert!(!rows.is_empty() && rows.iter().all(|row| row.states.len() == 1));
    }
}
