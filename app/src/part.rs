//! Parts of the page whose code comes when they are first used: the build splits the module at functions marked
//! `wasm_split` (tests/xtask/src/parts.rs). Such a function gives a function of its part; this fetches it and shows, meanwhile,
//! that something is on its way, or that it cannot come.
//!
//! Natively and in tests nothing is split, and everything is there at once.

use crate::state::{Store, Tone};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;
use wasm_split_helpers::SplitLoaderError;

/// A part could not be fetched; it is fetched anew when it is asked for again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Missing
    }
}

/// What will be a function of a part.
pub(crate) type Coming<F> = Pin<Box<dyn Future<Output = Result<F, Missing>>>>;

/// Begins to fetch a function of a part.
type Fetch<F> = fn() -> Coming<F>;
/// Makes what is seen of a part.
type Make<A> = fn(A) -> AnyView;

/// Where a part stands.
#[derive(Clone, Copy)]
enum Stand<F> {
    Coming,
    There(F),
    Missing,
}

/// What the function that `fetch` gives makes of `args`, once it is there, among other things.
pub(crate) fn view<A: Clone + Send + 'static>(fetch: Fetch<Make<A>>, args: A) -> AnyView {
    fetched(fetch, args, false)
}

/// The same where it is all of the page's middle, and so what is said meanwhile is what the page is about.
pub(crate) fn tab<A: Clone + Send + 'static>(fetch: Fetch<Make<A>>, args: A) -> AnyView {
    fetched(fetch, args, true)
}

fn fetched<A: Clone + Send + 'static>(fetch: Fetch<Make<A>>, args: A, alone: bool) -> AnyView {
    let stand = RwSignal::new(Stand::Coming);
    let begin = move || {
        stand.set(Stand::Coming);
        spawn_local(async move {
            let came = fetch().await.map_or(Stand::Missing, Stand::There);
            // Nobody may look any more.
            let _ = stand.try_set(came);
        });
    };
    begin();
    (move || match stand.get() {
        Stand::There(make) => untrack(|| make(args.clone())),
        Stand::Coming => coming(alone),
        Stand::Missing => missing(alone, begin),
    })
    .into_any()
}

fn coming(alone: bool) -> AnyView {
    let said = headline(alone, "Fetching this part of the page…");
    view! { <div class="coming" role="status" data-testid="part-coming">{said}</div> }.into_any()
}

fn missing(alone: bool, again: impl Fn() + 'static) -> AnyView {
    view! {
        <div class="problems" role="alert" data-testid="part-missing">
            {headline(alone, "This part of the page could not be fetched")}
            <p>"The network does not answer, or the page has been replaced by a newer one."</p>
            <p>
                <button type="button" class="quiet" data-testid="part-again" on:click=move |_| again()>"Try again"</button>
                " Everything else goes on working; reloading the page gets the newest."
            </p>
        </div>
    }
    .into_any()
}

/// What stands there now: the heading of the page where there is nothing else.
fn headline(alone: bool, text: &'static str) -> AnyView {
    if alone { view! { <h1>{text}</h1> }.into_any() } else { view! { <p>{text}</p> }.into_any() }
}

/// Calls with the function that `fetch` gives, once it is there; says so where it cannot come.
pub(crate) fn call<F: 'static>(store: Store, fetch: Fetch<F>, then: impl FnOnce(F) + 'static) {
    spawn_local(async move {
        match fetch().await {
            Ok(part) => {
                store.dismiss("part");
                then(part);
            }
            Err(Missing) => {
                let why = "What this needs could not be fetched: the network does not answer, or the page has been replaced by a newer one. Try it again.";
                store.announce("part", Tone::Problem, why.into());
            }
        }
    });
}
