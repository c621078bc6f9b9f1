//! The scenario as a form, section by section.

mod apart;
mod arrival;
mod choices;
mod engine;
mod facts;
mod length;
mod map;
mod own;
mod plugin;
mod policies;
mod profile;
mod response;
mod run;
mod sharing;
mod spark;
mod topology;
mod unshown;
mod workload;

pub(crate) use profile::{rival, summary};

use crate::compare;
use crate::form::{self, Text};
use crate::later;
use crate::state::Store;
use leptos::prelude::*;

/// The form.
pub(crate) fn view(store: Store) -> AnyView {
    view! {
        <form class="panel" aria-label="Scenario" data-testid="panel" on:submit=|e| e.prevent_default()>
            {move || compare::which_side(store).map(|side| view! {
                <p class="in-hand" data-testid="in-hand">"Editing " <b>{side.name()}</b> ". The load and the simulation are set for all sides."</p>
            })}
            {section(store, "Deployment", "topology", topology::view)}
            {section(store, "Traffic", "workload", workload::view)}
            {section(store, "Routing", "policies", policies::view)}
            {section(store, "Simulation", "run", run::view)}
            {section(store, "About this scenario", "about", about)}
            {later::part(move || unshown::view(store))}
        </form>
    }
    .into_any()
}

/// A section, in its turn.
fn section(store: Store, title: &'static str, id: &'static str, body: fn(Store) -> AnyView) -> AnyView {
    later::part(move || {
        view! {
            <section class="section" aria-labelledby=format!("section-{id}")>
                <h2 id=format!("section-{id}")>{title}</h2>
                {body(store)}
                {form::findings_at(store, id.to_owned())}
            </section>
        }
        .into_any()
    })
}

fn about(store: Store) -> AnyView {
    view! {
        {Text::new("title").view(store)}
        {Text::new("note").help("What the reader should know; it travels with the link.").view(store)}
    }
    .into_any()
}
