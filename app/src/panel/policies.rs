//! How requests are placed, with llm-d's own names: a way to start from, its scorers, its picker.

use super::plugin;
use super::profile::{self, Used, WAYS};
use crate::compare;
use crate::form::{self, Choice, Number, Select};
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_core::policy::{Meta, pick, score};
use playground_core::scenario::{Edit, Plugin, Policies};
use serde_json::Value;
use web_sys::HtmlSelectElement;

pub(super) fn view(store: Store) -> AnyView {
    let ways = WAYS.iter().map(|w| Choice::new(w.id, w.title).within(w.group)).collect();
    let way = read(store, |p| profile::way(p).map_or("own", |w| w.id));
    let choose_way = move |id: Value| match WAYS.iter().find(|w| id == w.id) {
        Some(way) => put(store, way.title, profile::with_way(&now(store), way)),
        None => Ok(()),
    };
    let pickers = pick::PICKERS.iter().map(|kind| Choice::new(kind.meta.id, kind.meta.title)).collect();
    let picker = read(store, profile::picker_id);
    let named = read(store, profile::picker);
    let choose_picker =
        move |id: Value| put(store, "Picker", profile::with_picker(&now(store), id.as_str().unwrap_or_default()));
    let scorers = read(store, profile::scorers);
    view! {
        {Select::new("policies", ways)
            .label("Policy")
            .other("A profile of your own")
            .help("One picker needs to know nothing. A profile adds up what its scorers say of each server, by weight, and its picker chooses.")
            .view_of(store, Signal::derive(move || way.get().into()), choose_way)}
        {other_routing(store)}
        <For each={move || scorers.get()} key=|used| *used children={move |used| scorer(store, used)} />
        <p class="policy" hidden={move || !scorers.get().is_empty()}>"No scorers: the picker alone decides."</p>
        {add_scorer(store, scorers)}
        {Select::new("policies.picker", pickers)
            .view_of(store, Signal::derive(move || picker.get().into()), choose_picker)}
        {move || picker_about(store, picker.get(), named.get())}
        {profile::added().map(|meta| added(store, meta)).collect_view()}
        {idle(store)}
        {dangling(store)}
        {form::findings_at(store, "policies.schedulingProfiles".into())}
    }
    .into_any()
}

/// One click to what another way to route would do; not while something else is compared.
fn other_routing(store: Store) -> AnyView {
    let label = Memo::new(move |_| store.scenario.with(|s| compare::routing_offer(s).0));
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="compare-routing-panel"
            hidden={move || compare::which_side(store).is_some()}
            on:click=move |_| compare::with_other_routing(store)
        >
            {move || label.get()}
        </button>
    }
    .into_any()
}

/// Something that follows from the policies.
fn read<T: PartialEq + Send + Sync + 'static>(store: Store, f: fn(&Policies) -> T) -> Memo<T> {
    Memo::new(move |_| store.scenario.with(|s| f(&s.policies)))
}

fn now(store: Store) -> Policies {
    store.scenario.with_untracked(|s| s.policies.clone())
}

fn put(store: Store, label: &str, policies: Policies) -> Result<(), String> {
    let value = serde_json::to_value(policies).unwrap_or_default();
    store.apply(&Edit::new(label, "policies", value), Gesture::Done)
}

/// As [`put`], for buttons, which have no place for a complaint.
fn press(store: Store, label: &str, policies: Policies) {
    if let Err(reason) = put(store, label, policies) {
        crate::browser::complain(&reason);
    }
}

fn scorer(store: Store, used: Used) -> AnyView {
    let Some(meta) = profile::meta(used.id) else { return ().into_any() };
    let weight = format!("policies.schedulingProfiles[0].plugins[{}].weight", used.reference);
    let remove = move |_| press(store, &format!("Remove {}", meta.title), profile::without(&now(store), used));
    view! {
        <fieldset class="card" data-testid=format!("scorer-{}", meta.id)>
            <legend>{meta.title}</legend>
            <div class="row weight">
                {Number::new(weight).within(0.0, 1000.0).step("0.5").or_default(Signal::stored("1".into())).view(store)}
                <button type="button" class="quiet" aria-label=format!("Remove {}", meta.title) on:click=remove>"Remove"</button>
            </div>
            {plugin::about(meta)}
            {plugin::parameters(store, used.plugin, meta)}
        </fieldset>
    }
    .into_any()
}

/// A list of the scorers that are not used yet, and a button: a list alone would add while one looks through it.
fn add_scorer(store: Store, scorers: Memo<Vec<Used>>) -> AnyView {
    let offers = Memo::new(move |_| {
        let absent = |id: &str| !scorers.with(|all| all.iter().any(|u| u.id == id));
        let metas = score::SCORERS.iter().map(|kind| (kind.meta.id, kind.meta.title));
        metas.filter(|(id, _)| absent(id)).collect::<Vec<_>>()
    });
    let chosen = RwSignal::new(String::new());
    // What is chosen may be used by now; then it is the first of the rest.
    let current = Memo::new(move |_| {
        let all = offers.get();
        let chosen = chosen.get();
        all.iter().find(|(id, _)| *id == chosen).or(all.first()).copied()
    });
    let add = move |_| {
        if let Some((id, title)) = current.get_untracked() {
            press(store, &format!("Add {title}"), profile::with_scorer(&now(store), id));
        }
    };
    let options = move || {
        let selected = current.get_untracked();
        let each = offers.get().into_iter();
        each.map(
            |(id, title)| view! { <option value=id selected={selected.is_some_and(|s| s.0 == id)}>{title}</option> },
        )
        .collect_view()
    };
    view! {
        <div class="row weight" hidden={move || offers.get().is_empty()}>
            <div class="field">
                <div class="field-head"><label for="add-scorer">"Another scorer"</label></div>
                <select
                    id="add-scorer"
                    data-testid="add-scorer"
                    prop:value={move || current.get().map_or("", |c| c.0)}
                    on:change:target={move |e: Targeted<Event, HtmlSelectElement>| chosen.set(e.target().value())}
                >
                    {options}
                </select>
            </div>
            <button type="button" class="quiet" data-testid="add-scorer-button" on:click=add>"Add"</button>
        </div>
    }
    .into_any()
}

fn picker_about(store: Store, id: &str, named: Option<Used>) -> AnyView {
    let Some(meta) = profile::meta(id) else { return ().into_any() };
    let parameters = named.map(|used| plugin::parameters(store, used.plugin, meta));
    view! { {plugin::about(meta)} {parameters} }.into_any()
}

/// A plugin that llm-d adds with its defaults, unless it is declared.
fn added(store: Store, meta: &'static Meta) -> AnyView {
    let place = Memo::new(move |_| store.scenario.with(|s| s.policies.plugins.iter().position(|p| p.kind == meta.id)));
    let declare = move |_| {
        let mut policies = now(store);
        policies.plugins.push(Plugin::new(meta.id));
        press(store, meta.title, policies);
    };
    let leave = move |_| {
        let mut policies = now(store);
        policies.plugins.retain(|p| p.kind != meta.id);
        press(store, meta.title, policies);
    };
    let body = move || match place.get() {
        Some(plugin) => view! {
            {plugin::parameters(store, plugin, meta)}
            <button type="button" class="quiet" on:click=leave>"Back to llm-d's defaults"</button>
        }
        .into_any(),
        None => view! { <button type="button" class="quiet" on:click=declare>"Set its parameters"</button> }.into_any(),
    };
    let word = move || if place.get().is_some() { "declared" } else { "as llm-d adds it" };
    view! {
        <details class="more" data-testid=format!("added-{}", meta.id)>
            <summary>{meta.title} " " <span class="muted">{word}</span></summary>
            {plugin::about(meta)}
            {body}
        </details>
    }
    .into_any()
}

/// Plugins that are declared and change nothing.
fn idle(store: Store) -> AnyView {
    let all = Memo::new(move |_| {
        store.scenario.with(|s| {
            let plugins = &s.policies.plugins;
            let name = |i: usize| plugins[i].name().to_owned();
            profile::idle(&s.policies).into_iter().map(|(i, known)| (i, name(i), known)).collect::<Vec<_>>()
        })
    });
    let one = move |(i, name, known): (usize, String, bool)| {
        let why = if known { "kept, not in the profile: no effect" } else { "kept, no effect" };
        view! {
            <li><code>{name}</code> " " <span class="muted">{why}</span> {form::findings_at(store, format!("policies.plugins[{i}].type"))}</li>
        }
    };
    view! {
        <ul class="idle" aria-label="Plugins without effect" data-testid="idle-plugins" hidden={move || all.get().is_empty()}>
            {move || all.get().into_iter().map(one).collect_view()}
        </ul>
    }
    .into_any()
}

/// References that lead nowhere, with their mends.
fn dangling(store: Store) -> AnyView {
    let count = read(store, |p| p.scheduling_profiles.first().map_or(0, |profile| profile.plugins.len()));
    let at = |j| format!("policies.schedulingProfiles[0].plugins[{j}].pluginRef");
    (move || (0..count.get()).map(|j| form::findings_at(store, at(j))).collect_view()).into_any()
}
