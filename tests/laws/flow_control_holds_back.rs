//! With flow control, overload waits at the router: first tokens of high priority come soon, waiting counts in their time,
//! and what waits too long or finds no room ends there.

use playground_core::engine::Stepping;
use playground_core::report::{End, RunRecord};
use playground_core::scenario::{
    FLOW_CONTROL_GATE, FlowControl, Length, Plugin, PluginName, Scenario, StepLaw, TrafficClass,
};
use playground_tests::fleet;
use serde_json::json;

/// One engine with one place that serves a request in 100 ms: ten a second. Two classes of equal shares.
fn one_server(flow: FlowControl) -> Scenario {
    let mut s = Scenario::default();
    let pool = &mut s.topology.pools[0];
    pool.replicas = 1;
    pool.engine.max_num_seqs = Some(1);
    pool.engine.async_scheduling = Some(false);
    pool.engine.step_law = Some(StepLaw { step_us: 100_000.0, ..StepLaw::default() });
    let class = |name: &str, priority: i32| TrafficClass {
        name: name.into(),
        share: 0.5,
        priority,
        input: Length::constant(10),
        output: Length::constant(1),
        ..TrafficClass::default()
    };
    s.workload.classes = vec![class("first", 1), class("last", -1)];
    s.workload.arrival.rate_rps = 5.0;
    s.run.warmup_s = Some(0.0);
    s.policies.feature_gates = vec![FLOW_CONTROL_GATE.into()];
    s.policies.flow_control = Some(flow);
    s
}

fn overloaded(flow: FlowControl) -> RunRecord {
    // Fifteen a second for 100 s.
    fleet::record(&fleet::plan(&one_server(flow)), 15.0, 1500.0, Stepping::Jump)
}

fn ended(record: &RunRecord, class: usize, end: End) -> u64 {
    record.classes[class].ends[end as usize]
}

#[test]
fn the_first_class_is_served_and_the_last_waits_until_it_expires() {
    // By what is in flight, which is known at once; by what is scraped, fifty are sent between two scrapes.
    let detector = PluginName { plugin_ref: "concurrency-detector".into(), ..PluginName::default() };
    let default_request_ttl = Some("5s".into());
    let flow = FlowControl { saturation_detector: Some(detector), default_request_ttl, ..FlowControl::default() };
    let mut s = one_server(flow);
    let mut detector = Plugin::new("concurrency-detector");
    detector.parameters.insert("maxConcurrency".into(), 3.into());
    s.policies.plugins.push(detector);
    let record = fleet::record(&fleet::plan(&s), 15.0, 1500.0, Stepping::Jump);
    assert_eq!(ended(&record, 0, End::Done), record.classes[0].arrived);
    let expired = ended(&record, 1, End::Expired);
    assert!(expired > 400, "750 come, and 250 can be served: {expired} expired");
    assert_eq!(expired + ended(&record, 1, End::Done), record.classes[1].arrived);
    let p99 = |class: usize| record.classes[class].ttft.quantile_ms(0.99).expect("some are served");
    // Three in front of it at the engine take 300 ms, and three quarters of the server are its own.
    assert!(p99(0) < 2000.0, "{}", p99(0));
    assert!(p99(1) > 4000.0 && p99(1) < 8000.0, "waiting counts: {}", p99(1));
}

/// Who waits at the router gives up there, and makes room.
#[test]
fn clients_give_up_at_the_router_too() {
    let mut s = one_server(FlowControl::default());
    let mut detector = Plugin::new("concurrency-detector");
    detector.parameters.insert("maxConcurrency".into(), 1.into());
    s.policies.plugins.push(detector);
    let named = PluginName { plugin_ref: "concurrency-detector".into(), ..PluginName::default() };
    s.policies.flow_control = Some(FlowControl { saturation_detector: Some(named), ..FlowControl::default() });
    s.workload.classes.iter_mut().for_each(|class| class.timeout_s = Some(2.0));
    let record = fleet::record(&fleet::plan(&s), 30.0, 3000.0, Stepping::Jump);
    for class in &record.classes {
        assert_eq!(class.ends[End::Done as usize] + class.ends[End::TimedOut as usize], class.arrived);
    }
    let (done, gone) = (record.ends[End::Done as usize], record.ends[End::TimedOut as usize]);
    // Who is sent last before giving up is often given up in the engine, whose work of that long is lost.
    assert!(done > 300 && gone > 1500, "{done} served, {gone} gave up");
}

/// Ten places hold answers of ten seconds each of the last class. One of the first class that comes waits for one of them to
/// end, or takes a place from one. How many of the last class have to go is how many of the first come.
#[test]
fn who_comes_first_takes_the_place_of_who_comes_last() {
    let outcome = |evicts: bool| {
        let named = PluginName { plugin_ref: "concurrency-detector".into(), ..PluginName::default() };
        let flow = FlowControl {
            saturation_detector: Some(named),
            enable_eviction: Some(evicts),
            default_request_ttl: Some("3600s".into()),
            ..FlowControl::default()
        };
        let mut s = one_server(flow);
        let mut detector = Plugin::new("concurrency-detector");
        detector.parameters.insert("maxConcurrency".into(), 10.into());
        s.policies.plugins.push(detector);
        s.topology.pools[0].engine.max_num_seqs = Some(20);
        let [first, last] = &mut s.workload.classes[..] else { panic!("two classes") };
        (first.share, last.share) = (0.1, 0.9);
        last.output = Length::constant(100);
        fleet::record(&fleet::plan(&s), 1.1, 1000.0, Stepping::Jump)
    };
    let (without, with) = (outcome(false), outcome(true));
    let p90 = |record: &RunRecord| record.classes[0].ttft.quantile_ms(0.9).expect("some are served");
    assert!(p90(&without) > 2000.0, "a place is free once a second, and others wait: {}", p90(&without));
    // A step under way, the way back, the detector's 10 ms, and a step of its own.
    assert!(p90(&with) < 350.0, "{}", p90(&with));
    let (came, gone) = (with.classes[0].arrived, ended(&with, 1, End::Evicted));
    assert!(gone > came / 2 && gone <= came + 2, "{gone} of the last class gave their places to {came}");
    assert_eq!(ended(&with, 0, End::Evicted) + ended(&without, 1, End::Evicted), 0);
    assert_eq!(ended(&with, 0, End::Done), came);
}

#[test]
fn a_full_queue_turns_away() {
    let record = overloaded(FlowControl { max_requests: Some(json!(10)), ..FlowControl::default() });
    let full = ended(&record, 0, End::QueueFull) + ended(&record, 1, End::QueueFull);
    assert!(full > 400, "{full}");
    assert_eq!(record.ends[End::Expired as usize], 0);
}

#[test]
fn without_load_it_changes_little() {
    let with = fleet::record(&fleet::plan(&one_server(FlowControl::default())), 1.0, 500.0, Stepping::Jump);
    let mut s = one_server(FlowControl::default());
    s.policies.feature_gates.clear();
    let without = fleet::record(&fleet::plan(&s), 1.0, 500.0, Stepping::Jump);
    assert_eq!(with.classes, without.classes, "everyone is sent on arrival");
}

#[test]
fn who_may_never_be_sent_expires() {
    // Nobody is below a ceiling of 0, and the highest band is at 1.
    let mut usage = Plugin::new("priority-holdback-policy");
    usage.parameters.insert("minCeiling".into(), json!(0));
    let flow = FlowControl {
        usage_limit_policy_plugin_ref: Some("priority-holdback-policy".into()),
        default_request_ttl: Some("3s".into()),
        ..FlowControl::default()
    };
    let mut s = one_server(flow);
    s.policies.plugins.push(usage);
    let record = fleet::record(&fleet::plan(&s), 4.0, 400.0, Stepping::Jump);
    // The last band's is 0 once the first one is there; before, it is alone and has 1.
    assert!(ended(&record, 1, End::Expired) >= record.classes[1].arrived - 5, "{:?}", record.classes[1].ends);
    assert_eq!(ended(&record, 0, End::Done), record.classes[0].arrived);
}
