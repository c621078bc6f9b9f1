//! Requests by name: those in the fleet at the moment, or those that missed a target; each leads to a close look.

use super::film::Film;
use super::{Live, words};
use crate::draw;
use crate::form::segments;
use leptos::prelude::*;
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
    state: String,
}

/// Those to list, and how many there are in all.
fn rows(film: &Film, who: Who, t: f64) -> (Vec<Row>, usize) {
    let mut all = Vec::new();
    match who {
        Who::Present => film.present(t, 0.0, |r| all.push(r)),
        Who::Missed => all.extend(film.misses.iter().map(|m| m.1)),
    }
    let row = |&request: &u32| {
        let asked = film.timeline.requests[request as usize];
        let state = match who {
            Who::Present => film.stage_at(request, t).map_or_else(String::new, |s| words::stage(film, s)),
            Who::Missed => film.missed[request as usize].map_or_else(String::new, |m| {
                format!("{} at {}", m.target.name(), words::moment(super::film::seconds(m.at)))
            }),
        };
        Row { request, class: film.timeline.about.classes[asked.class as usize].name.clone(), state }
    };
    (all.iter().take(ROWS_MAX).map(row).collect(), all.len())
}

/// The list.
pub(super) fn view(live: Live) -> AnyView {
    let who = RwSignal::new(Who::Present);
    let (moment, due) = (RwSignal::new(0.0), StoredValue::new(false));
    Effect::new(move |_| {
        live.film.track();
        live.at.track();
        if !due.get_value() {
            due.set_value(true);
            let catch_up = move || {
                due.set_value(false);
                moment.set(live.at.get_untracked());
            };
            set_timeout(catch_up, Duration::from_millis(LAG_MS));
        }
    });
    let found = Memo::new(move |_| live.with(|film| rows(film, who.get(), moment.get())).unwrap_or_default());
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
                <td>{row.state}</td>
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
    let most = move || live.with(Film::requests).unwrap_or(0).to_string();
    let pick = move |text: String| {
        let all = untrack(|| live.with(Film::requests)).unwrap_or(0);
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
                view! { <th scope="col">"Request"</th><th scope="col">"Class"</th><th scope="col">"Where"</th> },
                move || found.with(|(rows, _)| rows.clone()).into_iter().map(row).collect_view(),
            )}
            <p class="hint">{more}</p>
        </section>
    }
    .into_any()
}
