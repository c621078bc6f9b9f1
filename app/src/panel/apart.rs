//! Prompts computed apart from decoding (P/D): who decides, and how keys and values travel. The roles are set with the pools.

use super::{plugin, profile};
use crate::form::{self, Choice, Number, Select, Toggle};
use crate::say;
use crate::state::{Experiment, Gesture, Store, catalogue};
use leptos::prelude::*;
use playground_core::policy::{decide, disagg};
use playground_core::scenario::{Edit, KvTransfer, Plugin, PluginRef, Policies, Profile, Scenario};
use serde_json::{Value, json};

/// The decider of llm-d's guide.
const DECIDER: &str = "prefix-based-pd-decider";
/// What it takes to compute a prompt, of all pools: one replica is enough to begin with.
const PREFILL: &str = "prefill";
const DECODE: &str = "decode";

/// What a pool does, as choices.
pub(super) fn roles() -> Vec<Choice> {
    [("both", "prompts and tokens"), (PREFILL, "prompts alone (prefill)"), (DECODE, "tokens (decode)")]
        .map(|(id, label)| Choice::new(id, label))
        .into()
}

/// Of the section on routing: the decider, or the way to have one.
pub(super) fn view(store: Store) -> AnyView {
    let apart = Memo::new(move |_| store.scenario.with(|s| is_on(&s.policies)));
    (move || if apart.get() { deciding(store) } else { offer(store) }).into_any()
}

fn offer(store: Store) -> AnyView {
    view! {
        <button type="button" class="quiet" data-testid="split-pd" on:click=move |_| switch(store)>"Compute prompts apart (P/D)"</button>
    }
    .into_any()
}

/// Whether prompts may be computed apart.
pub(super) fn is_on(policies: &Policies) -> bool {
    handler(policies).is_some()
}

/// Computes prompts apart from now on, or where tokens are.
pub(super) fn switch(store: Store) {
    let now = store.experiment();
    let (label, scenario) = if is_on(&now.scenario.policies) {
        ("Compute prompts where tokens are", without_apart(&now.scenario))
    } else {
        ("Compute prompts apart", with_apart(&now.scenario))
    };
    store.open(label, Experiment { scenario, ..now });
}

/// How keys and values get from one to the other: "Keys and values go from prefill to decode over …".
pub(super) fn way(scenario: &Scenario) -> String {
    let given = scenario.topology.kv_transfer.clone().unwrap_or_default();
    let network = catalogue().networks.iter().find(|n| n.id == given.network);
    let name = network.map_or(given.network.as_str(), |n| n.name.as_str());
    let rate = given.gb_s_per_gpu.or(network.map(|n| n.gb_s_per_gpu));
    let rate = rate.map_or_else(String::new, |gb_s| format!(", {} GB/s per GPU", say::plain(gb_s)));
    format!("Keys and values go from prefill to decode over {name}{rate}")
}

fn deciding(store: Store) -> AnyView {
    let deciders = decide::DECIDERS.iter().map(|kind| Choice::new(kind.meta.id, kind.meta.title)).collect();
    let used = Memo::new(move |_| store.scenario.with(|s| decider(&s.policies)));
    let id = Signal::derive(move || used.get().map_or(Value::Null, |(_, id)| Value::from(id)));
    let choose = move |id: Value| {
        let policies = store.scenario.with_untracked(|s| with_decider(&s.policies, id.as_str().unwrap_or_default()));
        let value = serde_json::to_value(policies).map_err(|e| e.to_string())?;
        store.apply(&Edit::new("P/D decider", "policies", value), Gesture::Done)
    };
    let about = move || {
        let (place, id) = used.get()?;
        let meta = profile::meta(id)?;
        Some(view! { {plugin::about(meta)} {plugin::parameters(store, place, meta)} })
    };
    view! {
        <fieldset class="card" data-testid="apart">
            <legend>"Prefill apart from decode"</legend>
            {Select::new("policies.decider", deciders)
                .label("Decider")
                .other("none that is known")
                .help("Says for each request whether its prompt is computed on a prefill instance.")
                .view_of(store, id, choose)}
            {about}
            {transfer(store)}
            <button type="button" class="quiet" data-testid="join-pd" on:click=move |_| switch(store)>"Compute prompts where tokens are"</button>
        </fieldset>
    }
    .into_any()
}

/// The way of keys and values: the usual one, or one of one's own.
fn transfer(store: Store) -> AnyView {
    let usual = KvTransfer::default();
    let added = serde_json::to_value(&usual).unwrap_or_default();
    let given = store.value("topology.kv_transfer");
    let networks: Vec<(String, String, f64)> =
        catalogue().networks.iter().map(|n| (n.id.clone(), n.name.clone(), n.gb_s_per_gpu)).collect();
    let fields = move || {
        given.with(|v| !v.is_null()).then(|| {
            let choices = networks.iter().map(|(id, name, _)| Choice::new(id.clone(), name.clone())).collect();
            let network = store.value("topology.kv_transfer.network");
            let rates = networks.clone();
            let rate = Signal::derive(move || {
                let id = network.get();
                rates.iter().find(|(known, ..)| id.as_str() == Some(known)).map_or_else(String::new, |(.., gb_s)| say::plain(*gb_s))
            });
            let number = |field: &str| Number::new(format!("topology.kv_transfer.{field}"));
            view! {
                {Select::new("topology.kv_transfer.network", choices).view(store)}
                {number("gb_s_per_gpu").unit("GB/s per GPU").within(0.001, 10_000.0).step("any").or_default(rate).help("Each way. Empty: the network's.").view(store)}
                <div class="row two">
                    {number("handshake_ms").unit("ms").within(0.0, 600_000.0).step("any").help("Before the first transfer of two engines.").view(store)}
                    {number("sidecar_ms").unit("ms").within(0.0, 60_000.0).step("any").help("Added by the sidecar to each of the two legs.").view(store)}
                    {number("lease_s").unit("s").within(0.0, 86_400.0).step("any").help("How long a prompt's blocks are held for the engine that reads them.").view(store)}
                    {number("jitter_frac").within(0.0, 1.0).step("0.05").help("By how much a transfer may take longer or shorter, as a share.").view(store)}
                </div>
            }
        })
    };
    view! {
        {Toggle::new("topology.kv_transfer", "Set how keys and values travel", added).view(store)}
        {fields}
        {form::findings_at(store, "topology.kv_transfer.network".into())}
    }
    .into_any()
}

/// Where the handler is among the plugins.
fn handler(policies: &Policies) -> Option<usize> {
    policies.plugins.iter().position(|p| p.kind == disagg::META.id)
}

/// The decider in force: its place among the plugins, and its type.
fn decider(policies: &Policies) -> Option<(usize, &'static str)> {
    let name = policies.plugins[handler(policies)?].parameters.get("deciders")?.get(PREFILL)?.as_str()?;
    let place = policies.plugins.iter().position(|p| p.name() == name)?;
    Some((place, decide::find(&policies.plugins[place].kind)?.meta.id))
}

/// Whether a filter keeps prompts and tokens apart here.
pub(super) fn is_role(policies: &Policies, id: &str) -> bool {
    handler(policies).is_some() && [disagg::DECODE_FILTER, disagg::PREFILL_FILTER].contains(&id)
}

/// Plugins of deciding and of roles: the profile's list of what has no effect leaves them out.
pub(super) fn at_work(policies: &Policies) -> Vec<usize> {
    let Some(handler) = handler(policies) else { return Vec::new() };
    let filters = [disagg::DECODE_FILTER, disagg::PREFILL_FILTER];
    let of = |id: &str| policies.plugins.iter().position(|p| p.kind == id);
    let all_profiles = policies.scheduling_profiles.iter().flat_map(|p| &p.plugins);
    let known = |p: &Plugin| profile::meta(&p.kind).is_some();
    let named = all_profiles.filter_map(|r| policies.plugins.iter().position(|p| p.name() == r.plugin_ref && known(p)));
    let decider = decider(policies).map(|(place, _)| place);
    let mut all: Vec<usize> =
        [handler].into_iter().chain(decider).chain(filters.into_iter().filter_map(of)).chain(named).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The same policies with another decider; the one before goes, unless something else is of its name.
fn with_decider(policies: &Policies, id: &str) -> Policies {
    let mut changed = policies.clone();
    let Some(place) = handler(policies) else { return changed };
    let old = decider(policies).map(|(i, _)| policies.plugins[i].name().to_owned());
    let declared = changed.plugins.iter().find(|p| p.kind == id).map(|p| p.name().to_owned());
    let name = declared.unwrap_or_else(|| {
        changed.plugins.push(Plugin::new(id));
        id.to_owned()
    });
    let deciders = changed.plugins[place].parameters.entry("deciders").or_insert_with(|| json!({}));
    if let Some(deciders) = deciders.as_object_mut() {
        deciders.insert(PREFILL.into(), name.clone().into());
    }
    if let Some(old) = old.filter(|old| *old != name) {
        changed.plugins.retain(|p| p.name() != old);
    }
    changed
}

/// Prompts on a pool of their own: where all pools do both, the first gives up one replica's worth to a new one.
fn with_apart(s: &Scenario) -> Scenario {
    let mut changed = s.clone();
    let pools = &mut changed.topology.pools;
    if pools.iter().all(|p| p.role != PREFILL)
        && let Some(first) = pools.first().cloned()
    {
        let mut prefill = first;
        (prefill.name, prefill.role, prefill.replicas) = (PREFILL.into(), PREFILL.into(), 1);
        for pool in pools.iter_mut() {
            pool.role = DECODE.into();
        }
        pools[0].replicas = pools[0].replicas.saturating_sub(1).max(1);
        if pools.len() == 1 {
            pools[0].name = DECODE.into();
        }
        pools.insert(0, prefill);
    }
    let policies = &mut changed.policies;
    let scorers: Vec<PluginRef> = policies.scheduling_profiles.first().map_or_else(Vec::new, |p| p.plugins.clone());
    let profile = |name: &str, filter: &str| {
        let filter = PluginRef { plugin_ref: filter.into(), ..PluginRef::default() };
        Profile {
            name: name.into(),
            plugins: [filter].into_iter().chain(scorers.clone()).collect(),
            ..Profile::default()
        }
    };
    policies.scheduling_profiles =
        vec![profile(DECODE, disagg::DECODE_FILTER), profile(PREFILL, disagg::PREFILL_FILTER)];
    for id in [disagg::DECODE_FILTER, disagg::PREFILL_FILTER, disagg::META.id] {
        policies.plugins.retain(|p| p.kind != id);
        policies.plugins.push(Plugin::new(id));
    }
    changed.policies = with_decider(&changed.policies, DECIDER);
    changed
}

/// Every pool does both again.
fn without_apart(s: &Scenario) -> Scenario {
    let mut changed = s.clone();
    for pool in &mut changed.topology.pools {
        pool.role = "both".into();
    }
    changed.topology.kv_transfer = None;
    let policies = &mut changed.policies;
    let decider = decider(policies).map(|(i, _)| policies.plugins[i].name().to_owned());
    let gone = |p: &Plugin| {
        [disagg::META.id, disagg::DECODE_FILTER, disagg::PREFILL_FILTER].contains(&p.kind.as_str())
            || decider.as_deref() == Some(p.name())
    };
    let names: Vec<String> = policies.plugins.iter().filter(|p| gone(p)).map(|p| p.name().to_owned()).collect();
    policies.plugins.retain(|p| !names.iter().any(|n| n == p.name()));
    policies.scheduling_profiles.truncate(1);
    for profile in &mut policies.scheduling_profiles {
        profile.name = "default".into();
        profile.plugins.retain(|r| !names.contains(&r.plugin_ref));
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::resolve;

    fn scenario() -> Scenario {
        Scenario { policies: profile::with_way(&Policies::default(), &profile::WAYS[2]), ..Scenario::default() }
    }

    #[test]
    fn prompts_go_to_a_pool_of_their_own_and_come_back() {
        let before = scenario();
        let apart = with_apart(&before);
        let roles: Vec<(&str, u32)> = apart.topology.pools.iter().map(|p| (p.role.as_str(), p.replicas)).collect();
        assert_eq!(roles, [(PREFILL, 1), (DECODE, 3)]);
        resolve(&apart, &Catalog::builtin()).expect("can be simulated");
        assert_eq!(decider(&apart.policies).map(|d| d.1), Some(DECIDER));
        let joined = without_apart(&apart);
        resolve(&joined, &Catalog::builtin()).expect("can be simulated");
        assert_eq!(joined.policies, before.policies);
        resolve(&with_apart(&Scenario::default()), &Catalog::builtin()).expect("also with one picker alone");
    }

    #[test]
    fn another_way_to_place_requests_leaves_prompts_apart() {
        let apart = with_apart(&scenario());
        let s = Scenario { policies: profile::with_way(&apart.policies, &profile::WAYS[0]), ..apart };
        assert!(s.policies.plugin(disagg::DECODE_FILTER).is_some());
        resolve(&s, &Catalog::builtin()).expect("can be simulated");
    }

    #[test]
    fn every_decider_can_be_chosen() {
        let mut policies = with_apart(&scenario()).policies;
        for kind in decide::DECIDERS {
            policies = with_decider(&policies, kind.meta.id);
            assert_eq!(decider(&policies).map(|d| d.1), Some(kind.meta.id));
            let deciders = policies.plugins.iter().filter(|p| decide::find(&p.kind).is_some()).count();
            assert_eq!(deciders, 1, "the one before is gone");
            let s = Scenario { policies: policies.clone(), ..with_apart(&scenario()) };
            resolve(&s, &Catalog::builtin()).unwrap_or_else(|found| panic!("{}: {found:?}", kind.meta.id));
        }
    }

    #[test]
    fn nothing_of_it_counts_as_without_effect() {
        let apart = with_apart(&scenario()).policies;
        assert_eq!(at_work(&apart).len(), apart.plugins.len());
        assert_eq!(at_work(&scenario().policies), Vec::<usize>::new());
    }
}
