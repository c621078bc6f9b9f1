//! How requests are placed, with llm-d's own names: a way to start from, its scorers, its picker.

use super::profile::{self, Used, WAYS};
use super::{apart, plugin};
use crate::compare;
use crate::form::{self, Choice, Number, Select};
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_core::policy::{Meta, pick};
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
    let filters = read(store, profile::filters);
    let admitters = read(store, profile::admitters);
    let queue = read(store, Policies::has_flow_control);
    let choose_queue = move |on: Value| {
        put(store, "Requests wait at the router", profile::with_queue(&now(store), on == Value::Bool(true)))
    };
    let queues = vec![Choice::new(false, "no: the servers queue them"), Choice::new(true, "yes: llm-d's flow control")];
    view! {
        {Select::new("policies", ways)
            .label("Policy")
            .other("A profile of your own")
            .help("One picker needs to know nothing. A profile adds up what its scorers say of each server, by weight, and its picker chooses.")
            .view_of(store, Signal::derive(move || way.get().into()), choose_way)}
        {other_routing(store)}
        <For each={move || filters.get()} key=|used| *used children={move |used| card(store, used, false)} />
        <For each={move || scorers.get()} key=|used| *used children={move |used| card(store, used, true)} />
        <p class="policy" hidden={move || !scorers.get().is_empty()}>"No scorers: the picker alone decides."</p>
        <For each={move || admitters.get()} key=|used| *used children={move |used| admitter(store, used)} />
        {add_plugin(store)}
        {Select::new("policies.picker", pickers)
            .view_of(store, Signal::derive(move || picker.get().into()), choose_picker)}
        {move || picker_about(store, picker.get(), named.get())}
        {Select::new("policies.featureGates", queues)
            .label("Requests wait at the router")
            .help("Off, requests go to a server at once. On, they wait at the router by priority until the fleet has room.")
            .view_of(store, Signal::derive(move || queue.get().into()), choose_queue)}
        {apart::view(store)}
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

/// A plugin of the profile; scorers have weights.
fn card(store: Store, used: Used, weighted: bool) -> AnyView {
    let Some(meta) = profile::meta(used.id) else { return ().into_any() };
    let weight = format!("policies.schedulingProfiles[0].plugins[{}].weight", used.reference);
    let remove = move |_| press(store, &format!("Remove {}", meta.title), profile::without(&now(store), used));
    let weight = weighted.then(|| {
        Number::new(weight).within(0.0, 1000.0).step("0.5").or_default(Signal::stored("1".into())).view(store)
    });
    let kind = if weighted { "scorer" } else { "filter" };
    view! {
        <fieldset class="card" data-testid=format!("{kind}-{}", meta.id)>
            <legend>{meta.title}</legend>
            <div class="row weight">
                {weight}
                <button type="button" class="quiet" aria-label=format!("Remove {}", meta.title) on:click=remove>"Remove"</button>
            </div>
            {plugin::about(meta)}
            {plugin::parameters(store, used.plugin, meta)}
        </fieldset>
    }
    .into_any()
}

/// A declared admitter.
fn admitter(store: Store, (place, id): (usize, &'static str)) -> AnyView {
    let Some(meta) = profile::meta(id) else { return ().into_any() };
    let remove =
        move |_| press(store, &format!("Remove {}", meta.title), profile::without_declared(&now(store), place));
    view! {
        <fieldset class="card" data-testid=format!("admitter-{}", meta.id)>
            <legend>{meta.title}</legend>
            <div class="row weight">
                <button type="button" class="quiet" aria-label=format!("Remove {}", meta.title) on:click=remove>"Remove"</button>
            </div>
            {plugin::about(meta)}
            {plugin::parameters(store, place, meta)}
        </fieldset>
    }
    .into_any()
}

/// A list of the plugins that are not used yet, and a button: a list alone would add while one looks through it.
fn add_plugin(store: Store) -> AnyView {
    let offers = Memo::new(move |_| {
        let declared = |id: &str| store.scenario.with(|s| s.policies.plugins.iter().any(|p| p.kind == id));
        profile::offers().into_iter().filter(|(_, id, _)| !declared(id)).collect::<Vec<_>>()
    });
    let chosen = RwSignal::new(String::new());
    // What is chosen may be used by now; then it is the first of the rest.
    let current = Memo::new(move |_| {
        let all = offers.get();
        let chosen = chosen.get();
        all.iter().find(|(_, id, _)| *id == chosen).or(all.first()).copied()
    });
    let add = move |_| {
        if let Some((_, id, title)) = current.get_untracked() {
            press(store, &format!("Add {title}"), profile::with_plugin(&now(store), id));
        }
    };
    let options = move || {
        let selected = current.get_untracked();
        let each = offers.get().into_iter();
        each.map(|(kind, id, title)| {
            view! {
                <option value=id selected={selected.is_some_and(|s| s.1 == id)}>{format!("{kind}: {title}")}</option>
            }
        })
        .collect_view()
    };
    view! {
        <div class="row weight" hidden={move || offers.get().is_empty()}>
            <div class="field">
                <div class="field-head"><label for="add-scorer">"Another plugin"</label></div>
                <select
                    id="add-scorer"
                    data-testid="add-scorer"
                    prop:value={move || current.get().map_or("", |c| c.1)}
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
