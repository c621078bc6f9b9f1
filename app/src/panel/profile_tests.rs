//! Edits of the profile lose nothing.

use super::*;
use playground_core::scenario::PRESETS;
use serde_json::json;

fn way_of(id: &str) -> &'static Way {
    WAYS.iter().find(|w| w.id == id).expect("is listed")
}

/// Policies with what this page does not know in every place.
fn strange() -> Policies {
    let mut policies = Policies::default();
    policies.extra.insert("somethingNew".into(), json!(["a"]));
    policies
        .plugins
        .push(Plugin { extra: [("x".to_owned(), json!(1))].into_iter().collect(), ..Plugin::new("quantum") });
    policies.scheduling_profiles[0].plugins.push(PluginRef { plugin_ref: "quantum".into(), ..PluginRef::default() });
    policies.scheduling_profiles[0].name = "mine".into();
    policies
}

fn keeps_the_strange(changed: &Policies) {
    let old = strange();
    assert_eq!(changed.extra, old.extra);
    assert_eq!(changed.plugin("quantum"), old.plugin("quantum"));
    assert_eq!(changed.scheduling_profiles[0].name, "mine");
    assert!(changed.scheduling_profiles[0].plugins.iter().any(|r| r.plugin_ref == "quantum"));
}

#[test]
fn every_way_is_recognised_and_left_without_a_trace() {
    for to in &WAYS {
        for from in &WAYS {
            let there = with_way(&with_way(&strange(), from), to);
            assert_eq!(way(&there), Some(to));
            keeps_the_strange(&there);
        }
    }
    assert_eq!(with_way(&with_way(&Policies::default(), way_of("llm-d")), way_of("round-robin")), Policies::default());
    assert_eq!(with_way(&Policies::default(), way_of("random")), Policies::single("random-picker"));
}

#[test]
fn llmds_default_profile_is_the_baseline_presets() {
    let preset = PRESETS.iter().find(|p| p.name == "optimized-baseline").expect("is listed");
    let policies = preset.scenario().expect("reads").policies;
    assert_eq!(way(&policies).map(|w| w.id), Some("llm-d"));
    assert_eq!(with_way(&Policies::default(), way_of("llm-d")).scheduling_profiles, policies.scheduling_profiles);
}

#[test]
fn scorers_come_before_the_picker_and_go_with_their_plugin() {
    let one = with_plugin(&strange(), "load-aware-scorer");
    let two = with_plugin(&one, "queue-scorer");
    assert_eq!(scorers(&two).iter().map(|u| u.id).collect::<Vec<_>>(), ["load-aware-scorer", "queue-scorer"]);
    assert!(scorers(&two).iter().all(|u| u.reference < picker(&two).expect("is there").reference));
    let back = without(&two, scorers(&two)[0]);
    assert!(back.plugin("load-aware-scorer").is_none() && back.plugin("queue-scorer").is_some());
    keeps_the_strange(&back);
    assert_eq!(way(&two), None);
}

#[test]
fn a_profile_without_a_picker_has_llmds() {
    let mut policies = Policies::default();
    policies.plugins.clear();
    policies.scheduling_profiles.clear();
    assert_eq!(picker_id(&policies), "max-score-picker");
    assert_eq!(with_picker(&policies, "random-picker"), Policies::single("random-picker"));
}

#[test]
fn a_name_that_is_taken_is_not_taken_again() {
    let mut policies = Policies::default();
    policies.plugins.push(Plugin { name: Some("queue-scorer".into()), ..Plugin::new("quantum") });
    let changed = with_plugin(&policies, "queue-scorer");
    assert_eq!(scorers(&changed).len(), 1);
    assert_eq!(changed.plugins.last().map(Plugin::name), Some("queue-scorer-2"));
}

#[test]
fn what_changes_nothing_is_listed() {
    let mut policies = strange();
    policies.plugins.push(Plugin::new("queue-scorer"));
    policies.plugins.push(Plugin::new("utilization-detector"));
    assert_eq!(idle(&policies), [(1, false), (2, true)], "what llm-d adds by itself is at work");
}

#[test]
fn filters_come_first_and_admitters_need_no_profile() {
    let scored = with_plugin(&strange(), "queue-scorer");
    let filtered = with_plugin(&with_plugin(&scored, "decode-filter"), "session-affinity-filter");
    assert_eq!(
        filters(&filtered).iter().map(|u| u.id).collect::<Vec<_>>(),
        ["decode-filter", "session-affinity-filter"]
    );
    assert!(filters(&filtered).iter().all(|u| u.reference < scorers(&filtered)[0].reference));
    assert_eq!(filtered.scheduling_profiles[0].plugins[0].weight, None);
    let admitted = with_plugin(&filtered, "probabilistic-admitter");
    assert_eq!(admitters(&admitted).len(), 1);
    assert_eq!(idle(&admitted), idle(&strange()));
    assert_eq!(without_declared(&admitted, admitters(&admitted)[0].0), filtered);
    assert_eq!(way(&with_way(&filtered, way_of("llm-d"))), Some(way_of("llm-d")));
    keeps_the_strange(&admitted);
}

#[test]
fn the_queue_is_switched_on_and_off() {
    let on = with_queue(&strange(), true);
    assert!(on.has_flow_control() && with_queue(&on, true) == on);
    assert_eq!(with_queue(&on, false), strange());
    assert!(summary(&on).contains("flow control"));
}
