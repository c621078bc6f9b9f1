//! Laws: nothing is lost, nothing comes early, nobody idles while there is work.

mod a_timeline_tells_the_run;
mod apart;
mod blocks_add_up;
mod causes_precede_effects;
mod clients_give_up;
mod drafts;
mod draws_are_independent;
mod every_request_ends_once;
mod every_router_keeps_the_laws;
mod every_token_is_delivered;
mod flow_control_holds_back;
mod full_queues;
mod little;
mod near_their_decoders;
mod never_idle_with_work;
mod offload;
mod ranks_step_together;
mod small_worlds;
mod turning_away_is_not_bearing;

use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::RunRecord;
use playground_core::scenario::{Load, Scenario, encode};
use playground_tests::swarm::{even_capacity_rps, small_scenario};
use playground_tests::{Dice, fleet};

/// Runs random fleets of all kinds, from nearly idle to three times overloaded, and with clients that wait, and holds a law against each.
fn in_random_fleets(law: impl Fn(&RunRecord) -> Result<(), String>) {
    for seed in 0..200 {
        let s = small_scenario(seed);
        let rate = even_capacity_rps(&s) * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]);
        hold(&law, &s, seed, Load::Rate(rate), 150.0 / rate);
    }
    for seed in 200..300 {
        let s = small_scenario(seed);
        let clients = Dice::new(!seed).pick(&[1, 2, 30, 300]);
        hold(&law, &s, seed, Load::Concurrency(clients), 150.0 / even_capacity_rps(&s));
    }
}

fn hold(law: &impl Fn(&RunRecord) -> Result<(), String>, s: &Scenario, seed: u64, load: Load, horizon_s: f64) {
    let record = fleet::record_at(&fleet::plan(s), load, 0, Dur::from_secs_f64(horizon_s), Stepping::Jump);
    if let Err(broken) = law(&record) {
        panic!("seed {seed} at {load:?}, #{}: {broken}", encode(s));
    }
}

/// An error that shows both sides, unless they are equal.
fn equal<T: PartialEq + std::fmt::Debug>(what: &str, a: T, b: T) -> Result<(), String> {
    if a == b { Ok(()) } else { Err(format!("{what}: {a:?} is not {b:?}")) }
}
