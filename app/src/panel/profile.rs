//! Edits of the routing profile. Each keeps whatever it is not about, known or not.

use super::apart;
use crate::say;
use playground_core::policy::{self, Meta, admit, detect, filter, pick, produce, score};
use playground_core::scenario::{FLOW_CONTROL_GATE, Plugin, PluginRef, Policies, Profile};

/// The picker llm-d adds to a profile that names none.
const PICKER_ADDED: &str = "max-score-picker";

/// A whole way to place requests.
#[derive(Debug, PartialEq)]
pub(super) struct Way {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) group: &'static str,
    scorers: &'static [(&'static str, f64)],
    picker: &'static str,
}

/// The ways one chooses from; everything else is made out of one of them.
pub(super) const WAYS: [Way; 3] = [
    Way { id: "round-robin", title: "Round robin", group: "one picker", scorers: &[], picker: "round-robin-picker" },
    Way { id: "random", title: "Random", group: "one picker", scorers: &[], picker: "random-picker" },
    Way {
        id: "llm-d",
        title: "llm-d's default profile",
        group: "scorers and a picker",
        scorers: &[("queue-scorer", 2.0), ("kv-cache-utilization-scorer", 2.0), ("prefix-cache-scorer", 3.0)],
        picker: PICKER_ADDED,
    },
];

/// A plugin that the first profile uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Used {
    /// Which of the profile's references.
    pub(super) reference: usize,
    /// Which of the declared plugins.
    pub(super) plugin: usize,
    /// Its type.
    pub(super) id: &'static str,
}

/// The description of a registered plugin.
pub(super) fn meta(id: &str) -> Option<&'static Meta> {
    policy::all().find(|meta| meta.id == id)
}

/// Plugins that llm-d adds by itself where they are not declared.
pub(super) fn added() -> [&'static Meta; 2] {
    let detector = detect::find(detect::DEFAULT).expect("the default is registered");
    [&produce::APPROX_PREFIX, &detector.meta]
}

/// Filters that are nothing else besides.
pub(super) fn is_filter(id: &str) -> bool {
    filter::FILTERS.iter().any(|kind| kind.meta.id == id)
}

/// What may be added: (what it does in a profile, its type, its title). An admitter is at work once it is declared.
pub(super) fn offers() -> Vec<(&'static str, &'static str, &'static str)> {
    let scorers = score::SCORERS.iter().map(|kind| ("Scorer", kind.meta.id, kind.meta.title));
    let filters = filter::FILTERS.iter().map(|kind| ("Filter", kind.meta.id, kind.meta.title));
    let admitters = admit::ADMITTERS.iter().map(|kind| ("Admission", kind.meta.id, kind.meta.title));
    scorers.chain(filters).chain(admitters).collect()
}

/// The filters of the profile, in their order.
pub(super) fn filters(policies: &Policies) -> Vec<Used> {
    used(policies, |id| meta(id).map(|m| m.id).filter(|id| is_filter(id)))
}

/// Declared admitters: (place among the plugins, type).
pub(super) fn admitters(policies: &Policies) -> Vec<(usize, &'static str)> {
    let plugins = policies.plugins.iter().enumerate();
    plugins.filter_map(|(place, plugin)| Some((place, admit::find(&plugin.kind)?.meta.id))).collect()
}

/// Whether plugins of this type are at work without a place in a profile.
fn needs_no_profile(id: &str) -> bool {
    let producer = produce::PRODUCERS.iter().any(|meta| meta.id == id);
    let flow = policy::flow::all().any(|meta| meta.id == id);
    producer || flow || detect::find(id).is_some() || admit::find(id).is_some()
}

/// The scorers of the profile.
pub(super) fn scorers(policies: &Policies) -> Vec<Used> {
    used(policies, |kind| score::find(kind).map(|k| k.meta.id))
}

/// The picker in force: the first that the profile names.
pub(super) fn picker(policies: &Policies) -> Option<Used> {
    pickers(policies).first().copied()
}

/// Its type, with the one llm-d adds.
pub(super) fn picker_id(policies: &Policies) -> &'static str {
    picker(policies).map_or(PICKER_ADDED, |p| p.id)
}

/// Declared plugins that change nothing: (place, whether their type is known).
pub(super) fn idle(policies: &Policies) -> Vec<(usize, bool)> {
    let in_profile = filters(policies).into_iter().chain(scorers(policies)).chain(picker(policies));
    let at_work: Vec<usize> = in_profile.map(|u| u.plugin).chain(apart::at_work(policies)).collect();
    let kinds = policies.plugins.iter().enumerate().map(|(i, p)| (i, p.kind.as_str()));
    let others = kinds.filter(|(i, kind)| !at_work.contains(i) && !needs_no_profile(kind));
    others.map(|(i, kind)| (i, meta(kind).is_some())).collect()
}

/// The way in force, if it is one of [`WAYS`].
pub(super) fn way(policies: &Policies) -> Option<&'static Way> {
    let profile = policies.scheduling_profiles.first()?;
    let weights: Vec<(&str, f64)> =
        scorers(policies).iter().map(|u| (u.id, profile.plugins[u.reference].weight.unwrap_or(1.0))).collect();
    let plain = filters(policies).is_empty() && admitters(policies).is_empty() && !policies.has_flow_control();
    WAYS.iter().find(|way| plain && way.picker == picker_id(policies) && way.scorers == weights)
}

/// How requests are placed, in a few words: the way, or the scorers with their weights and the picker.
pub(crate) fn summary(policies: &Policies) -> String {
    if let Some(way) = way(policies) {
        return way.title.to_owned();
    }
    let title = |id: &str| meta(id).map_or(id, |m| m.title).to_owned();
    let weight = |u: &Used| policies.scheduling_profiles[0].plugins[u.reference].weight.unwrap_or(1.0);
    let filters = filters(policies);
    let filters = filters.iter().map(|u| title(u.id));
    let scored = scorers(policies);
    let scored = scored.iter().map(|u| format!("{} ×{}", title(u.id), say::plain(weight(u))));
    let admitters = admitters(policies);
    let admitted = admitters.iter().map(|(_, id)| title(id));
    let queued = policies.has_flow_control().then(|| "flow control".to_owned());
    let mut parts: Vec<String> = filters.chain(scored).chain(admitted).chain(queued).collect();
    if parts.is_empty() || picker_id(policies) != PICKER_ADDED {
        parts.push(format!("{} picker", title(picker_id(policies)).to_lowercase()));
    }
    parts.join(" + ")
}

/// The same policies in another way, to be compared with: round robin for a profile with scorers, llm-d's default
/// profile for a picker alone. The second part says whether the other way is the baseline.
pub(crate) fn rival(policies: &Policies) -> (Policies, bool) {
    let scored = !scorers(policies).is_empty();
    let id = if scored { "round-robin" } else { "llm-d" };
    let way = WAYS.iter().find(|w| w.id == id).expect("both are among the ways");
    (with_way(policies, way), scored)
}

/// The same policies with another way to place requests.
pub(super) fn with_way(policies: &Policies, way: &Way) -> Policies {
    let mut changed = policies.clone();
    // Who decodes is no way to place requests.
    let filters = filters(policies).into_iter().filter(|u| !apart::is_role(policies, u.id));
    let mut old: Vec<Used> = filters.chain(scorers(policies)).chain(pickers(policies)).collect();
    old.sort_unstable_by_key(|u| u.reference);
    for u in old.iter().rev() {
        first(&mut changed).plugins.remove(u.reference);
    }
    let weighted = way.scorers.iter().map(|&(id, weight)| (id, Some(weight)));
    let references: Vec<PluginRef> =
        weighted.chain([(way.picker, None)]).map(|(id, weight)| reference(&mut changed, id, weight)).collect();
    first(&mut changed).plugins.splice(0..0, references);
    for u in old {
        drop_unused(&mut changed, policies.plugins[u.plugin].name());
    }
    changed
}

/// The same policies with one plugin more: a filter behind the filters, a scorer behind the scorers, an admitter.
pub(super) fn with_plugin(policies: &Policies, id: &str) -> Policies {
    let mut changed = policies.clone();
    if admit::find(id).is_some() {
        changed.plugins.push(Plugin::new(id));
        return changed;
    }
    let behind = |all: Vec<Used>| all.last().map_or(0, |u| u.reference + 1);
    let filtered = behind(filters(policies));
    let place = if is_filter(id) { filtered } else { behind(scorers(policies)).max(filtered) };
    let weight = (!is_filter(id)).then_some(1.0);
    let added = reference(&mut changed, id, weight);
    first(&mut changed).plugins.insert(place, added);
    changed
}

/// The same policies with another picker.
pub(super) fn with_picker(policies: &Policies, id: &str) -> Policies {
    let mut changed = policies.clone();
    let new = reference(&mut changed, id, None);
    match picker(policies) {
        Some(old) => {
            first(&mut changed).plugins[old.reference].plugin_ref = new.plugin_ref;
            drop_unused(&mut changed, policies.plugins[old.plugin].name());
        }
        None => first(&mut changed).plugins.push(new),
    }
    changed
}

/// The same policies without one of the declared plugins.
pub(super) fn without_declared(policies: &Policies, plugin: usize) -> Policies {
    let mut changed = policies.clone();
    changed.plugins.remove(plugin);
    changed
}

/// The same policies with the router's own queue, or without it.
pub(super) fn with_queue(policies: &Policies, on: bool) -> Policies {
    let mut changed = policies.clone();
    changed.feature_gates.retain(|gate| gate != FLOW_CONTROL_GATE);
    if on {
        changed.feature_gates.push(FLOW_CONTROL_GATE.to_owned());
    }
    changed
}

/// The same policies without one of the profile's plugins.
pub(super) fn without(policies: &Policies, used: Used) -> Policies {
    let mut changed = policies.clone();
    first(&mut changed).plugins.remove(used.reference);
    drop_unused(&mut changed, policies.plugins[used.plugin].name());
    changed
}

fn pickers(policies: &Policies) -> Vec<Used> {
    used(policies, |kind| pick::find(kind).map(|k| k.meta.id))
}

fn used(policies: &Policies, find: fn(&str) -> Option<&'static str>) -> Vec<Used> {
    let references = policies.scheduling_profiles.first().map_or(&[][..], |profile| &profile.plugins);
    let each = references.iter().enumerate().filter_map(|(reference, r)| {
        let plugin = policies.plugins.iter().position(|p| p.name() == r.plugin_ref)?;
        Some(Used { reference, plugin, id: find(&policies.plugins[plugin].kind)? })
    });
    each.collect()
}

/// The first profile, made where there is none.
fn first(policies: &mut Policies) -> &mut Profile {
    if policies.scheduling_profiles.is_empty() {
        policies.scheduling_profiles.push(Profile { name: "default".into(), ..Profile::default() });
    }
    &mut policies.scheduling_profiles[0]
}

/// A reference to a plugin of this type, which is declared if it is not yet.
fn reference(policies: &mut Policies, id: &str, weight: Option<f64>) -> PluginRef {
    let declared = policies.plugins.iter().find(|p| p.kind == id).map(|p| p.name().to_owned());
    let plugin_ref = declared.unwrap_or_else(|| {
        // Another plugin may bear the name already.
        let taken = policies.plugin(id).is_some();
        let name =
            taken.then(|| (2..).map(|n| format!("{id}-{n}")).find(|name| policies.plugin(name).is_none())).flatten();
        policies.plugins.push(Plugin { name: name.clone(), ..Plugin::new(id) });
        name.unwrap_or_else(|| id.to_owned())
    });
    PluginRef { plugin_ref, weight, ..PluginRef::default() }
}

/// Takes away a plugin that no profile names any more.
fn drop_unused(policies: &mut Policies, name: &str) {
    let named = policies.scheduling_profiles.iter().flat_map(|p| &p.plugins).any(|r| r.plugin_ref == name);
    if !named {
        policies.plugins.retain(|p| p.name() != name);
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
