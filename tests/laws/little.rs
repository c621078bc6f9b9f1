//! Little's law as an identity of integers: requests in system, integrated, are times in system, summed.

use crate::{equal, in_random_fleets};

#[test]
fn area_is_the_sum_of_sojourns() {
    in_random_fleets(|record| equal("∫ N dt and Σ T, ps", record.in_system_area, record.sojourn_sum));
}

#[test]
fn engines_hold_no_more_than_the_system() {
    // Waiting or running in an engine is being in the system; being on the way to one is too.
    in_random_fleets(|record| {
        let inside: u128 =
            record.instances.iter().map(|i| i.waiting.area(record.over) + i.running.area(record.over)).sum();
        if inside > record.in_system_area {
            return Err(format!("{inside} ps in engines, {} in the system", record.in_system_area));
        }
        Ok(())
    });
}
