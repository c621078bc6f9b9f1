//! Random routers: filters, scorers, pickers, producers, admitters and flow control in any mixture.

use crate::Dice;
use playground_core::policy::{admit, detect, filter, flow, pick, score};
use playground_core::scenario::{
    BandSettings, FLOW_CONTROL_GATE, FlowControl, Plugin, PluginName, PluginRef, Policies, PriorityBand,
};
use serde_json::json;

/// A plugin of this type with parameters that make it do something in a small fleet.
fn plugin(dice: &mut Dice, id: &str) -> Plugin {
    let mut plugin = Plugin::new(id);
    let given = match id {
        "prefix-cache-scorer" | "no-hit-lru-scorer" => {
            json!({ "prefixMatchInfoProducerName": dice.pick(&["", "precise-prefix-cache-producer"]) })
        }
        "prefix-cache-affinity-filter" => json!({
            "affinityThreshold": dice.pick(&[0.3, 0.8]),
            "explorationProbability": 0.1,
            "maxTTFTPenaltyMs": dice.pick(&[0.0, 5.0, 18_000.0]),
            "ttftSource": dice.pick(&["prefillThroughput", "latencyPredictor"]),
        }),
        "session-affinity-filter" | "session-affinity-scorer" => json!({
            "strategy": dice.pick(&["encoded_endpoint_header", "session_id"]),
            "sessionIdConfig": { "evictionTtlSeconds": 1, "evictionSweepSeconds": 0.5 },
        }),
        "utilization-filter" => json!({
            "conditions": [{ "metric": "active-requests", "maxValue": dice.pick(&[0, 1, 5]) }],
            "fallbackOnEmpty": dice.chance(0.3),
        }),
        "concurrency-detector" => json!({
            "maxConcurrency": dice.pick(&[1, 4, 100]),
            "concurrencyMode": dice.pick(&["requests", "tokens", "hybrid"]),
            "maxTokenConcurrency": dice.pick(&[50, 10_000]),
        }),
        "precise-prefix-cache-producer" => json!({ "speculativeIndexing": dice.chance(0.5) }),
        "predicted-latency-producer" => json!({ "streamingMode": dice.chance(0.5) }),
        "inflight-load-producer" => json!({ "addEstimatedOutputTokens": dice.chance(0.5) }),
        _ => json!({}),
    };
    plugin.parameters = given.as_object().expect("an object").clone();
    plugin
}

/// Policies that are sound, whatever they do.
///
/// # Panics
/// Never: the registries are not empty.
#[must_use]
pub fn random_policies(dice: &mut Dice) -> Policies {
    let mut policies = Policies::single(dice.pick(&ids(pick::PICKERS.iter().map(|kind| kind.meta.id))));
    let mut use_one = |dice: &mut Dice, id: &str, place: usize| {
        if policies.plugin(id).is_none() {
            policies.plugins.push(plugin(dice, id));
            let weight = Some(dice.pick(&[0.5, 1.0, 3.0]));
            let reference = PluginRef { plugin_ref: id.into(), weight, ..PluginRef::default() };
            policies.scheduling_profiles[0].plugins.insert(place, reference);
        }
    };
    // Without labels nobody encodes, and a selector chooses all.
    let filters = filter::FILTERS.iter().map(|kind| kind.meta.id).chain(detect::DETECTORS.iter().map(|k| k.meta.id));
    let filters = ids(filters.filter(|id| *id != "encode-filter"));
    let scorers = ids(score::SCORERS.iter().map(|kind| kind.meta.id));
    for place in 0..dice.below(3) {
        let id = dice.pick(&filters);
        use_one(dice, id, place as usize);
    }
    for _ in 0..dice.below(4) {
        let id = dice.pick(&scorers);
        use_one(dice, id, 0);
    }
    for id in ["precise-prefix-cache-producer", "predicted-latency-producer", "inflight-load-producer"] {
        if policies.plugin(id).is_none() && dice.chance(0.7) {
            policies.plugins.push(plugin(dice, id));
        }
    }
    if dice.chance(0.4) {
        let id = dice.pick(&ids(admit::ADMITTERS.iter().map(|kind| kind.meta.id)));
        policies.plugins.push(plugin(dice, id));
    }
    if dice.chance(0.5) {
        policies.feature_gates = vec![FLOW_CONTROL_GATE.into()];
        policies.flow_control = Some(flow_control(dice));
    }
    policies
}

fn ids<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    all.collect()
}

fn flow_control(dice: &mut Dice) -> FlowControl {
    let name = |dice: &mut Dice, all: Vec<&str>| dice.chance(0.7).then(|| dice.pick(&all).to_owned());
    let band = |dice: &mut Dice| BandSettings {
        max_requests: dice.chance(0.5).then(|| dice.pick(&[json!(1), json!("20"), json!("1k")])),
        fairness_policy_ref: name(dice, ids(flow::FAIRNESS.iter().map(|kind| kind.meta.id))),
        ordering_policy_ref: name(dice, ids(flow::ORDERING.iter().map(|kind| kind.meta.id))),
        ..BandSettings::default()
    };
    let priority_bands = (0..dice.below(3) as i32).map(|i| PriorityBand { priority: 1 - i, settings: band(dice) });
    FlowControl {
        priority_bands: priority_bands.collect(),
        default_priority_band: dice.chance(0.3).then(|| band(dice)),
        max_requests: dice.chance(0.3).then(|| json!("30")),
        default_request_ttl: dice.chance(0.5).then(|| dice.pick(&["5ms", "1s", "60s"]).to_owned()),
        usage_limit_policy_plugin_ref: name(dice, ids(flow::USAGE_LIMITS.iter().map(|kind| kind.meta.id))),
        saturation_detector: name(dice, ids(detect::DETECTORS.iter().map(|kind| kind.meta.id)))
            .map(|plugin_ref| PluginName { plugin_ref, ..PluginName::default() }),
        enable_eviction: dice.chance(0.5).then_some(true),
        ..FlowControl::default()
    }
}
