//! Every request that arrives ends exactly once, in exactly one way, and no measured one is cut off.

use crate::{equal, in_random_fleets};
use playground_core::engine::Stepping;
use playground_core::report::End;
use playground_core::scenario::{Length, Scenario};
use playground_tests::fleet;

#[test]
fn ends_add_up_to_arrivals() {
    in_random_fleets(|record| {
        equal("all", record.ends.iter().sum(), record.arrived)?;
        for class in &record.classes {
            equal("measured", class.ends.iter().sum(), class.arrived)?;
            equal("cut", class.ends[End::Cut as usize], 0)?;
            equal("with an end-to-end time", class.e2e.n(), class.ends[End::Done as usize])?;
            equal("with a first token", class.ttft.n(), class.ends[End::Done as usize])?;
        }
        let sent: u64 = record.instances.iter().map(|i| i.requests).sum();
        let elsewhere = record.ends[End::Refused as usize] + record.ends[End::Unroutable as usize];
        // Those on their way to an engine when the run is over were not sent yet, and are cut.
        let cut = record.ends[End::Cut as usize];
        if sent + elsewhere > record.arrived || sent + elsewhere + cut < record.arrived {
            return Err(format!("{sent} sent, {elsewhere} turned away, {cut} cut of {}", record.arrived));
        }
        Ok(())
    });
}

#[test]
fn prompts_that_are_too_long_are_refused_and_counted() {
    let mut s = Scenario::default();
    s.topology.pools[0].engine.max_model_len = Some(512);
    s.workload.classes[0].input = Length::lognormal(400.0, 300.0, 1, 2000);
    let record = fleet::record(&fleet::plan(&s), 40.0, 2000.0, Stepping::Jump);
    let class = &record.classes[0];
    let refused = class.ends[End::Refused as usize];
    assert!(refused > 300, "a quarter of these prompts is longer than 512 tokens: {refused} refused");
    assert_eq!(refused + class.ends[End::Done as usize], class.arrived);
    assert_eq!(class.ttft.n(), class.arrived - refused);
}
