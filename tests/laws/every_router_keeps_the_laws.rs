//! Whatever the router is made of: every request ends once, what is written down adds up, and jumping over steps changes
//! nothing.

use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::End;
use playground_core::scenario::{Load, Plan, Pool, Scenario, SharedPrefix, Turns, encode};
use playground_tests::routers::random_policies;
use playground_tests::swarm::{even_capacity_rps, hurried, small_scenario};
use playground_tests::{Dice, fleet};

const FLEETS: u64 = 400;

#[test]
fn in_random_fleets() {
    let mut seen = [0u64; End::COUNT];
    for seed in 0..FLEETS {
        let mut dice = Dice::new(seed ^ 0x0726_7574);
        let mut s = small_scenario(seed);
        s.policies = random_policies(&mut dice);
        for pool in &mut s.topology.pools {
            *pool = Pool { replicas: pool.replicas + dice.below(3), ..pool.clone() };
        }
        for class in &mut s.workload.classes {
            class.priority = dice.pick(&[-1, 0, 0, 1]);
        }
        let load = dice.pick(&[0.3, 1.0, 3.0]) * even_capacity_rps(&s);
        let plan = fleet::plan(&s);
        let record = fleet::record(&plan, load, 150.0, Stepping::Jump);
        let single = fleet::record(&plan, load, 150.0, Stepping::Single);
        assert_eq!(record.ends.iter().sum::<u64>(), record.arrived, "seed {seed} #{}", encode(&s));
        for class in &record.classes {
            assert_eq!(class.ends.iter().sum::<u64>(), class.arrived, "seed {seed} #{}", encode(&s));
            let [done, evicted] = [End::Done, End::Evicted].map(|end| class.ends[end as usize]);
            assert!((done..=done + evicted).contains(&class.ttft.n()), "seed {seed} #{}", encode(&s));
            assert_eq!(class.e2e.n(), done, "seed {seed} #{}", encode(&s));
        }
        assert_eq!(record.in_system_area, record.sojourn_sum, "seed {seed} #{}: Little", encode(&s));
        assert!(record.classes == single.classes && record.ends == single.ends, "seed {seed} #{}", encode(&s));
        record.ends.iter().zip(&mut seen).for_each(|(n, sum)| *sum += n);
    }
    for end in [End::Done, End::Shed, End::Expired, End::QueueFull, End::Unroutable] {
        assert!(seen[end as usize] > 40, "{}: the fleets have become tame: {seen:?}", end.name());
    }
    assert!(seen[End::Evicted as usize] > 5, "nobody is taken back any more: {seen:?}");
}

#[test]
fn where_clients_give_up_too() {
    let (mut gone, mut expired) = (0, 0);
    for seed in 0..FLEETS {
        let mut dice = Dice::new(seed ^ 0x676f_6e65);
        let mut s = hurried(small_scenario(seed), seed);
        s.policies = random_policies(&mut dice);
        // Who is of the least priority and waits for ever keeps a run from its end.
        let request_s = 1.0 / even_capacity_rps(&s);
        for class in &mut s.workload.classes {
            class.timeout_s = class.timeout_s.or(Some((300.0 * request_s).clamp(0.001, 86_400.0)));
        }
        let load = if seed % 3 == 0 { Load::Concurrency(30) } else { Load::Rate(3.0 / request_s) };
        let plan = fleet::plan(&s);
        let horizon = bounded(&plan, load, Dur::from_secs_f64(100.0 * request_s));
        let record = fleet::record_at(&plan, load, 0, horizon, Stepping::Jump);
        let single = fleet::record_at(&plan, load, 0, horizon, Stepping::Single);
        assert_eq!(record.ends.iter().sum::<u64>(), record.arrived, "seed {seed} #{}", encode(&s));
        for class in &record.classes {
            assert_eq!(class.ends.iter().sum::<u64>(), class.arrived, "seed {seed} #{}", encode(&s));
            assert_eq!(class.e2e.n(), class.ends[End::Done as usize], "seed {seed} #{}", encode(&s));
        }
        assert_eq!(record.in_system_area, record.sojourn_sum, "seed {seed} #{}: Little", encode(&s));
        assert!(record.classes == single.classes && record.ends == single.ends, "seed {seed} #{}", encode(&s));
        gone += record.ends[End::TimedOut as usize];
        expired += record.ends[End::Expired as usize];
    }
    assert!(gone > 3000 && expired > 40, "the fleets have become tame: {gone} gave up, {expired} expired");
}

/// A horizon in which no millions arrive: clients whose requests are refused at once send others at once.
fn bounded(plan: &Plan, load: Load, horizon: Dur) -> Dur {
    let begin = Dur::from_ps(horizon.as_ps() / 50);
    let crowded = fleet::record_at(plan, load, 0, begin, Stepping::Jump).arrived > 4000;
    if crowded { begin } else { horizon }
}

#[test]
fn conversations_with_shared_prefixes_too() {
    for seed in 0..60 {
        let mut dice = Dice::new(seed ^ 0x6368_6174);
        let mut s = Scenario { policies: random_policies(&mut dice), ..Scenario::default() };
        s.workload.classes[0].prefix = Some(SharedPrefix { tokens: 700, groups: 3, ..SharedPrefix::default() });
        s.workload.classes[0].conversation = Some(Turns::default());
        // What comes before is followed as closely as the rest: a few hundred fill the caches.
        s.run.warmup_s = Some(10.0);
        let plan = fleet::plan(&s);
        let record = fleet::record(&plan, 60.0, 300.0, Stepping::Jump);
        let single = fleet::record(&plan, 60.0, 300.0, Stepping::Single);
        assert!(record.classes == single.classes && record.ends == single.ends, "seed {seed} #{}", encode(&s));
        assert_eq!(record.ends.iter().sum::<u64>(), record.arrived, "seed {seed}");
    }
}
