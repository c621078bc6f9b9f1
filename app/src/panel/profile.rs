//! Edits of the routing profile. Each keeps whatever it is not about, known or not.

use crate::say;
use playground_core::policy::{self, Meta, admit, pick, produce, score};
use playground_core::scenario::{Plugin, PluginRef, Policies, Profile};

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
    [&produce::APPROX_PREFIX, &admit::UTILIZATION_DETECTOR]
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
    let at_work: Vec<usize> = scorers(policies).into_iter().chain(picker(policies)).map(|u| u.plugin).collect();
    let kinds = policies.plugins.iter().enumerate().map(|(i, p)| (i, p.kind.as_str()));
    let others = kinds.filter(|(i, kind)| !at_work.contains(i) && !added().iter().any(|meta| meta.id == *kind));
    others.map(|(i, kind)| (i, meta(kind).is_some())).collect()
}

/// The way in force, if it is one of [`WAYS`].
pub(super) fn way(policies: &Policies) -> Option<&'static Way> {
    let profile = policies.scheduling_profiles.first()?;
    let weights: Vec<(&str, f64)> =
        scorers(policies).iter().map(|u| (u.id, profile.plugins[u.reference].weight.unwrap_or(1.0))).collect();
    WAYS.iter().find(|way| way.picker == picker_id(policies) && way.scorers == weights)
}

/// How requests are placed, in a few words: the way, or the scorers with their weights and the picker.
pub(crate) fn summary(policies: &Policies) -> String {
    if let Some(way) = way(policies) {
        return way.title.to_owned();
    }
    let title = |id: &str| meta(id).map_or(id, |m| m.title).to_owned();
    let weight = |u: &Used| policies.scheduling_profiles[0].plugins[u.reference].weight.unwrap_or(1.0);
    let mut parts: Vec<String> =
        scorers(policies).iter().map(|u| format!("{} ×{}", title(u.id), say::plain(weight(u)))).collect();
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
    let mut old: Vec<Used> = scorers(policies).into_iter().chain(pickers(policies)).collect();
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

/// The same policies with one scorer more.
pub(super) fn with_scorer(policies: &Policies, id: &str) -> Policies {
    let mut changed = policies.clone();
    let place = scorers(policies).last().map_or(0, |u| u.reference + 1);
    let added = reference(&mut changed, id, Some(1.0));
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
