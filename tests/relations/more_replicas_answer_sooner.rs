//! At the same total load, more replicas bring the first token sooner.

use playground_core::engine::Stepping;
use playground_core::policy::pick::PICKERS;
use playground_core::scenario::{Policies, Scenario};
use playground_tests::fleet;

#[test]
fn under_every_picker() {
    for kind in PICKERS {
        let mut s = Scenario { policies: Policies::single(kind.meta.id), ..Scenario::default() };
        s.topology.pools[0].replicas = 2;
        s.run.warmup_s = Some(60.0);
        let rate = 0.85 * fleet::plan(&s).capacity_rps();
        let mut last = f64::INFINITY;
        for replicas in [2, 3, 4, 8] {
            s.topology.pools[0].replicas = replicas;
            let record = fleet::record(&fleet::plan(&s), rate, 3000.0, Stepping::Jump);
            let ttft = fleet::total(&record).ttft.mean_ms().expect("measured");
            assert!(ttft < last, "{}: {replicas} replicas: {last} then {ttft} ms", kind.meta.id);
            last = ttft;
        }
    }
}
