//! A run that is written down is the same run, and the timeline tells all of it.

use crate::equal;
use playground_core::base::{Dur, Time};
use playground_core::cluster::{Progress, Sim};
use playground_core::report::timeline::{Lives, ROUTER, Timeline, What};
use playground_core::report::{End, RunRecord};
use playground_core::scenario::{Load, Plan, Scenario, encode};
use playground_tests::swarm::{even_capacity_rps, small_scenario};
use playground_tests::{Dice, fleet};

/// Rows that no run here needs.
const ALL: u32 = u32::MAX;

fn told(plan: &Plan, load: Load, horizon: Dur, rows_max: u32) -> Timeline {
    let mut sim = Sim::new(plan, load, 0, horizon).recorded(plan, rows_max);
    while sim.advance(10_000) == Progress::Running && !sim.is_told() {}
    sim.into_timeline().expect("it is written down")
}

fn record(plan: &Plan, load: Load, horizon: Dur, recorded: bool) -> RunRecord {
    let sim = Sim::new(plan, load, 0, horizon);
    let mut sim = if recorded { sim.recorded(plan, ALL) } else { sim };
    while sim.advance(u32::MAX) == Progress::Running {}
    sim.into_record()
}

/// Random fleets at random loads, and what each law says of them.
fn in_fleets(seeds: std::ops::Range<u64>, law: impl Fn(&Plan, Load, Dur) -> Result<(), String>) {
    for seed in seeds {
        let s: Scenario = small_scenario(seed);
        let capacity = even_capacity_rps(&s);
        let rate = capacity * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]);
        let load = if seed % 3 == 0 { Load::Concurrency(20) } else { Load::Rate(rate) };
        let horizon = Dur::from_secs_f64(150.0 / rate);
        if let Err(broken) = law(&fleet::plan(&s), load, horizon) {
            panic!("seed {seed} at {load:?}, #{}: {broken}", encode(&s));
        }
    }
}

#[test]
fn writing_a_run_down_changes_nothing_of_it() {
    in_fleets(0..120, |plan, load, horizon| {
        equal("the record", record(plan, load, horizon, true), record(plan, load, horizon, false))
    });
}

#[test]
fn everyone_who_ended_is_told_once_and_last() {
    in_fleets(0..120, |plan, load, horizon| {
        let (t, run) = (told(plan, load, horizon, ALL), record(plan, load, horizon, false));
        let lives = Lives::of(&t);
        equal("arrivals", t.requests.len() as u64, run.arrived)?;
        equal("the end", (t.until, t.cut), (run.over, false))?;
        let mut ends = [0u64; End::COUNT];
        for request in 0..t.requests.len() as u32 {
            let marks: Vec<What> = lives.marks(&t, request).map(|mark| mark.what).collect();
            let ended = marks.iter().filter(|what| matches!(what, What::Ended(_))).count();
            let last = lives.end(&t, request);
            equal("ends of one request", ended, usize::from(last.is_some()))?;
            ends[last.map_or(End::Cut, |(_, end)| end) as usize] += 1;
            let place = |of: fn(&What) -> bool| marks.iter().position(of);
            let order = [
                place(|w| *w == What::Placed),
                place(|w| *w == What::Queued),
                place(|w| matches!(w, What::Admitted { .. })),
                place(|w| matches!(w, What::FirstToken { .. })),
            ];
            let happened: Vec<usize> = order.into_iter().flatten().collect();
            let in_order = happened.is_sorted() && order.iter().is_sorted_by_key(|place| place.is_none());
            equal("whether causes come first", in_order, true)?;
        }
        equal("ends", ends, run.ends)?;
        equal("whether time goes on", t.marks.is_sorted_by_key(|m| m.at) && t.levels.is_sorted_by_key(|l| l.at), true)
    });
}

#[test]
fn who_misses_no_target_is_who_the_report_counts_as_good() {
    in_fleets(0..120, |plan, load, horizon| {
        let (t, run) = (told(plan, load, horizon, ALL), record(plan, load, horizon, false));
        let lives = Lives::of(&t);
        let measured = |at: Time| t.begin <= at && at < t.end;
        let good = (0..t.requests.len() as u32).filter(|&r| {
            let done = lives.end(&t, r).is_some_and(|(_, end)| end == End::Done);
            measured(t.requests[r as usize].at) && done && lives.miss(&t, r).is_none()
        });
        equal("good requests", good.count() as u64, run.classes.iter().map(|c| c.good).sum())
    });
}

#[test]
fn the_levels_add_up_to_the_averages() {
    in_fleets(0..120, |plan, load, horizon| {
        let (t, run) = (told(plan, load, horizon, ALL), record(plan, load, horizon, false));
        for (index, instance) in (0u32..).zip(&run.instances) {
            let mut area = [0u128; 2];
            let mut before = (Time::ZERO, [0u32; 2]);
            for level in t.levels.iter().filter(|l| l.instance == index) {
                let span = u128::from(level.at.since(before.0).as_ps());
                (0..2).for_each(|i| area[i] += span * u128::from(before.1[i]));
                before = (level.at, [level.stand.waiting, level.stand.running]);
            }
            let rest = u128::from(run.over.since(before.0).as_ps());
            (0..2).for_each(|i| area[i] += rest * u128::from(before.1[i]));
            equal("time in queue and batch", area, [instance.waiting.area(run.over), instance.running.area(run.over)])?;
            let last = t.levels.iter().rfind(|l| l.instance == index);
            equal("preemptions", last.map_or(0, |l| u64::from(l.preemptions)), instance.preemptions)?;
            equal(
                "blocks beyond the cache",
                last.is_some_and(|l| u64::from(l.stand.kv_used) > instance.kv_blocks),
                false,
            )?;
        }
        Ok(())
    });
}

#[test]
fn who_was_chosen_was_considered() {
    in_fleets(0..120, |plan, load, horizon| {
        let t = told(plan, load, horizon, ALL);
        let placed = t.marks.iter().filter(|m| matches!(m.what, What::Placed | What::PlacedApart)).count();
        equal("choices", t.choices.len(), placed)?;
        for choice in &t.choices {
            let all: Vec<(u32, i64)> = t.considered(choice).map(|(c, p)| (c.instance, p.iter().sum())).collect();
            equal("instances considered", all.len(), choice.count as usize)?;
            let chosen = all.iter().find(|(instance, _)| *instance == choice.chosen);
            if chosen.is_none() {
                return Err(format!("{choice:?} is not among {all:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_timeline_that_is_cut_is_the_beginning_of_the_whole() {
    in_fleets(0..60, |plan, load, horizon| {
        let whole = told(plan, load, horizon, ALL);
        for rows_max in [0, 1, 300] {
            let cut = told(plan, load, horizon, rows_max);
            equal("whether it is cut", cut.cut, whole.rows() > cut.rows())?;
            // A moment that began is told to its end: nobody happens twice in one.
            equal("rows beyond what may be", cut.rows() > rows_max as usize + 400, false)?;
            equal("requests", &cut.requests[..], &whole.requests[..cut.requests.len()])?;
            equal("marks", &cut.marks[..], &whole.marks[..cut.marks.len()])?;
            equal("levels", &cut.levels[..], &whole.levels[..cut.levels.len()])?;
            let later = whole.marks.get(cut.marks.len()).map_or(whole.until, |m| m.at);
            equal("whether what follows is later", later >= cut.until, true)?;
        }
        Ok(())
    });
}

#[test]
fn whoever_the_router_turns_away_is_nowhere() {
    in_fleets(0..60, |plan, load, horizon| {
        let t = told(plan, load, horizon, ALL);
        let turned_away = |m: &&playground_core::report::timeline::Mark| {
            matches!(m.what, What::Ended(End::Shed | End::Unroutable | End::Expired | End::QueueFull))
        };
        equal("places of those turned away", t.marks.iter().filter(turned_away).all(|m| m.instance == ROUTER), true)
    });
}
