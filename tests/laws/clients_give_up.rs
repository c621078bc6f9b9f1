//! Clients that give up: no answer counts that came too late, nothing of who is gone stays behind, and patience that is never
//! needed changes nothing.

use crate::equal;
use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::{End, RunRecord};
use playground_core::scenario::{Load, Scenario, encode};
use playground_tests::fleet;
use playground_tests::swarm::{even_capacity_rps, hurried, small_scenario};

/// Overloaded three times, with clients that wait ten seconds.
fn overloaded() -> Scenario {
    let mut s = Scenario::default();
    s.topology.pools[0].replicas = 1;
    s.topology.pools[0].engine.max_num_seqs = Some(16);
    s.workload.classes[0].timeout_s = Some(10.0);
    s
}

fn run(s: &Scenario) -> RunRecord {
    let plan = fleet::plan(s);
    fleet::record(&plan, 3.0 * plan.capacity_rps(), 3000.0, Stepping::Jump)
}

#[test]
fn who_is_served_is_served_in_time_and_the_rest_gave_up() {
    let record = run(&overloaded());
    let class = &record.classes[0];
    let (done, gone) = (class.ends[End::Done as usize], class.ends[End::TimedOut as usize]);
    assert_eq!(done + gone, class.arrived);
    assert!(gone > class.arrived / 2, "{gone} of {} gave up", class.arrived);
    let slowest = class.e2e.quantile_ms(1.0).expect("some were served");
    // The sketch is exact to a hundredth.
    assert!(done > 0 && slowest < 10_100.0, "{done} served, the slowest in {slowest} ms");
    assert!(record.instances[0].waiting.area(record.over) > 0, "they waited");
}

/// Whoever waits for ever in an overloaded fleet waits longer and longer; where clients give up, the queue has an end.
#[test]
fn the_queue_of_an_overloaded_fleet_has_an_end() {
    let mut patient = overloaded();
    patient.workload.classes[0].timeout_s = None;
    let [hurried, patient] = [overloaded(), patient].map(|s| run(&s));
    assert!(hurried.in_system[1] * 2 < patient.in_system[1], "{:?} {:?}", hurried.in_system, patient.in_system);
}

#[test]
fn patience_that_nobody_needs_changes_nothing() {
    let mut same = 0;
    for seed in 0..100 {
        let s = small_scenario(seed);
        let mut patient = s.clone();
        patient.workload.classes.iter_mut().for_each(|class| class.timeout_s = Some(86_400.0));
        let rate = 0.5 * even_capacity_rps(&s);
        let [a, b] = [s, patient].map(|s| fleet::record(&fleet::plan(&s), rate, 50.0, Stepping::Jump));
        // How often the calendar rang is no result.
        let b = RunRecord { events: a.events, ..b };
        // Some of these engines take more than a day.
        if b.ends[End::TimedOut as usize] == 0 {
            assert!(a == b, "seed {seed}: {:?} {:?}", a.ends, b.ends);
            same += 1;
        }
    }
    assert!(same > 80, "only {same} fleets answer within a day");
}

#[test]
fn ends_add_up_wherever_clients_give_up() {
    let mut gone = 0;
    for seed in 0..300 {
        let s = hurried(small_scenario(seed), seed);
        let rate = even_capacity_rps(&s);
        let load = if seed % 3 == 0 { Load::Concurrency(30) } else { Load::Rate(2.0 * rate) };
        let record = fleet::record_at(&fleet::plan(&s), load, 0, Dur::from_secs_f64(100.0 / rate), Stepping::Jump);
        let sound = || {
            equal("all", record.ends.iter().sum(), record.arrived)?;
            record.classes.iter().try_for_each(|class| {
                equal("measured", class.ends.iter().sum(), class.arrived)?;
                // At overload the least important wait for ever.
                let followed =
                    !s.topology.pools.iter().any(|p| p.engine.scheduling_policy.as_deref() == Some("priority"));
                equal("cut", class.ends[End::Cut as usize] > 0 && followed, false)?;
                equal("with an end-to-end time", class.e2e.n(), class.ends[End::Done as usize])
            })
        };
        sound().unwrap_or_else(|broken| panic!("seed {seed} at {load:?}, #{}: {broken}", encode(&s)));
        gone += record.ends[End::TimedOut as usize];
    }
    assert!(gone > 3000, "only {gone} gave up");
}
