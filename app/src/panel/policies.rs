//! How requests are placed, with llm-d's own names.

use crate::form::{self, Choice, Select};
use crate::state::{Gesture, Store};
use leptos::prelude::*;
use playground_core::policy::{Meta, all, pick};
use playground_core::scenario::{Plugin, PluginRef, Policies};
use serde_json::Value;

pub(super) fn view(store: Store) -> AnyView {
    let choices = pick::PICKERS.iter().map(|kind| Choice::new(kind.meta.id, kind.meta.title)).collect();
    let chosen = Memo::new(move |_| store.scenario.with(|s| picker(&s.policies)));
    let shown = Signal::derive(move || Value::from(chosen.get().unwrap_or_default()));
    let choose = move |id: Value| {
        let policies = store.scenario.with_untracked(|s| with_picker(&s.policies, id.as_str().unwrap_or_default()));
        store.set("policies", serde_json::to_value(policies).unwrap_or_default(), Gesture::Done)
    };
    let about = move || chosen.get().and_then(|id| pick::find(&id)).map(|kind| describe(&kind.meta));
    view! {
        {Select::new("policies", choices).label("Picker").view_of(store, shown, choose)}
        {about}
        {others(store)}
        {form::findings_at(store, "policies.schedulingProfiles".into())}
    }
    .into_any()
}

/// The other plugins of the profile: scorers with their weights, and what has no control here.
fn others(store: Store) -> AnyView {
    let found = Memo::new(move |_| store.scenario.with(|s| besides_picker(&s.policies)));
    let list = move || {
        let found = found.get();
        (!found.is_empty()).then(|| {
            let rows = found.into_iter().map(|(kind, weight, badge)| {
                let weight = weight.map(|w| format!(" × {w}"));
                view! { <li><code>{kind}</code> {weight} " " <span class="badge">{badge}</span></li> }
            });
            view! { <ul class="plain" aria-label="Other plugins of the profile" data-testid="plugins">{rows.collect_view()}</ul> }
        })
    };
    view! { {list} }.into_any()
}

/// (type, weight, badge) of every plugin the first profile uses, but its picker.
fn besides_picker(policies: &Policies) -> Vec<(String, Option<f64>, &'static str)> {
    let Some(profile) = policies.scheduling_profiles.first() else { return Vec::new() };
    let badge = |kind: &str| all().find(|meta| meta.id == kind).map_or("not simulated", |meta| meta.badge.word());
    let plugins = profile.plugins.iter().filter_map(|r| Some((policies.plugin(&r.plugin_ref)?.kind.clone(), r.weight)));
    plugins.filter(|(kind, _)| pick::find(kind).is_none()).map(|(kind, w)| (kind.clone(), w, badge(&kind))).collect()
}

fn describe(meta: &Meta) -> AnyView {
    view! {
        <p class="policy" data-testid="policy-doc">
            <code>{meta.id}</code>
            " "
            <span class="badge">{meta.badge.word()}</span>
            <br />
            {meta.doc}
        </p>
    }
    .into_any()
}

/// Type of the picker in force: the first one the first profile names.
fn picker(policies: &Policies) -> Option<String> {
    let (_, plugin) = place(policies)?;
    Some(policies.plugins.get(plugin)?.kind.clone())
}

/// (reference within the first profile, plugin) of the picker.
fn place(policies: &Policies) -> Option<(usize, usize)> {
    let profile = policies.scheduling_profiles.first()?;
    profile.plugins.iter().enumerate().find_map(|(r, reference)| {
        let plugin = policies.plugins.iter().position(|p| p.name() == reference.plugin_ref)?;
        pick::find(&policies.plugins[plugin].kind).map(|_| (r, plugin))
    })
}

/// The same policies with another picker; everything else is kept.
fn with_picker(policies: &Policies, id: &str) -> Policies {
    let mut changed = policies.clone();
    let Some(profile) = changed.scheduling_profiles.first_mut() else { return Policies::single(id) };
    match place(policies) {
        Some((reference, plugin)) => {
            changed.plugins[plugin] = Plugin::new(id);
            profile.plugins[reference].plugin_ref = id.into();
        }
        None => {
            profile.plugins.push(PluginRef { plugin_ref: id.into(), ..PluginRef::default() });
            changed.plugins.push(Plugin::new(id));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_picker_keeps_everything_else() {
        let mut policies = Policies::single("random-picker");
        policies.plugins.push(Plugin::new("quantum-scorer"));
        let changed = with_picker(&policies, "max-score-picker");
        assert_eq!(picker(&changed).as_deref(), Some("max-score-picker"));
        assert!(changed.plugins.iter().any(|p| p.kind == "quantum-scorer"));
        assert!(!changed.plugins.iter().any(|p| p.kind == "random-picker"));
        assert_eq!(with_picker(&Policies::single("random-picker"), "round-robin-picker"), Policies::default());
    }

    #[test]
    fn every_other_plugin_of_the_profile_is_listed() {
        let mut policies = Policies::single("random-picker");
        assert_eq!(besides_picker(&policies), []);
        policies.plugins.push(Plugin::new("quantum-scorer"));
        let reference = PluginRef { plugin_ref: "quantum-scorer".into(), weight: Some(2.0), ..PluginRef::default() };
        policies.scheduling_profiles[0].plugins.push(reference);
        assert_eq!(besides_picker(&policies), [("quantum-scorer".into(), Some(2.0), "not simulated")]);
    }

    #[test]
    fn a_profile_without_a_picker_gets_one() {
        let mut policies = Policies::default();
        policies.plugins.clear();
        policies.scheduling_profiles[0].plugins.clear();
        assert_eq!(picker(&policies), None);
        assert_eq!(with_picker(&policies, "random-picker"), Policies::single("random-picker"));
    }
}
