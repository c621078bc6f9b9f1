//! A timeline as it is looked at: indexed, so that what a moment or a pixel needs is found without visiting the rest.

use playground_core::base::Order;
use playground_core::base::{PS_PER_S, Time};
use playground_core::report::timeline::{Level, Lives, Miss, Stage, Timeline, What};

/// Values that one summary stands for.
const BLOCK: usize = 64;

/// A timeline and its indices. Times are seconds.
pub(super) struct Film {
    pub(super) timeline: Timeline,
    pub(super) lives: Lives,
    /// Until when it goes.
    pub(super) until: f64,
    /// When measuring begins.
    pub(super) begin: f64,
    /// Each instance.
    pub(super) engines: Vec<Engine>,
    /// Requests in queues and batches of all of them.
    pub(super) fleet: Track,
    /// Of those, the ones in queues.
    pub(super) waiting: Track,
    /// The first request that loses its blocks: when, and whose they were.
    pub(super) preempted: Option<(f64, u32)>,
    /// Misses of targets, in order of time: when, and whose.
    pub(super) misses: Vec<(f64, u32)>,
    /// Of each request: its first missed target.
    pub(super) missed: Vec<Option<Miss>>,
    arrivals: Vec<f64>,
    gone: Vec<f64>,
    /// The latest of those of each block.
    gone_max: Vec<f64>,
    stages: Vec<Stage>,
    /// Where the stages of each request begin; one more than there are requests.
    starts: Vec<u32>,
}

/// How an instance stands over time.
pub(super) struct Engine {
    pub(super) waiting: Track,
    pub(super) prompts: Track,
    /// Those whose prompts are computed, and those that decode.
    pub(super) batch: Track,
    pub(super) kv_used: Track,
    /// Of those, the share that was found in the cache.
    pub(super) kv_cached: Track,
    pub(super) transfers: Track,
    /// Counted from the beginning.
    pub(super) preemptions: Track,
}

/// A value that holds until it changes.
#[derive(Default)]
pub(super) struct Track {
    at: Vec<f64>,
    value: Vec<u32>,
    /// The highest of each block.
    most: Vec<u32>,
}

impl Track {
    fn of(rows: impl Iterator<Item = (f64, u32)>) -> Track {
        let mut track = Track::default();
        for (at, value) in rows {
            // What does not change need not be kept.
            if track.value.last() != Some(&value) {
                track.at.push(at);
                track.value.push(value);
            }
        }
        track.most = track.value.chunks(BLOCK).map(|block| block.iter().copied().max().unwrap_or(0)).collect();
        track
    }

    /// The value at a moment.
    pub(super) fn at(&self, t: f64) -> u32 {
        let after = self.at.partition_point(|at| *at <= t);
        if after == 0 { 0 } else { self.value[after - 1] }
    }

    /// The highest value from one moment to another.
    pub(super) fn most(&self, from: f64, to: f64) -> u32 {
        let first = self.at.partition_point(|at| *at <= from).saturating_sub(1);
        let end = self.at.partition_point(|at| *at < to);
        if end <= first {
            return self.at(from);
        }
        let start = if self.at[first] > from { self.at(from) } else { 0 };
        let (low, high) = (first.div_ceil(BLOCK), end / BLOCK);
        let most = |values: &[u32]| values.iter().copied().max().unwrap_or(0);
        if low >= high {
            return start.max(most(&self.value[first..end]));
        }
        let ends = most(&self.value[first..low * BLOCK]).max(most(&self.value[high * BLOCK..end]));
        start.max(ends).max(most(&self.most[low..high]))
    }

    /// The highest up to a moment.
    pub(super) fn peak(&self, until: f64) -> u32 {
        self.most(0.0, until).max(self.at(until))
    }

    /// When it is so high for the first time; none where it never is.
    pub(super) fn first_at(&self, value: u32) -> Option<f64> {
        self.value.iter().position(|v| *v == value).map(|place| self.at[place])
    }
}

/// A moment, s.
pub(super) fn seconds(at: Time) -> f64 {
    at.as_ps() as f64 / PS_PER_S as f64
}

impl Film {
    pub(super) fn new(timeline: Timeline) -> Film {
        let lives = Lives::of(&timeline);
        let until = seconds(timeline.until);
        let n = timeline.requests.len() as u32;
        let missed: Vec<Option<Miss>> = (0..n).map(|r| lives.miss(&timeline, r)).collect();
        let mut misses: Vec<(f64, u32)> =
            missed.iter().zip(0..).filter_map(|(m, r)| m.map(|m| (seconds(m.at), r))).collect();
        misses.order_by(|a, b| a.0.total_cmp(&b.0));
        let (mut stages, mut starts) = (Vec::new(), vec![0]);
        for r in 0..n {
            stages.extend(lives.stages(&timeline, r));
            starts.push(stages.len() as u32);
        }
        let arrivals: Vec<f64> = timeline.requests.iter().map(|r| seconds(r.at)).collect();
        let gone: Vec<f64> =
            (0..n).map(|r| lives.end(&timeline, r).map_or(f64::INFINITY, |(at, _)| seconds(at))).collect();
        let gone_max = gone.chunks(BLOCK).map(|block| block.iter().copied().fold(0.0, f64::max)).collect();
        Film {
            until,
            begin: seconds(timeline.begin).min(until),
            engines: engines(&timeline),
            fleet: over_all(&timeline, |l| l.stand.waiting + l.stand.running),
            waiting: over_all(&timeline, |l| l.stand.waiting),
            preempted: timeline.marks.iter().find(|m| m.what == What::Preempted).map(|m| (seconds(m.at), m.request)),
            misses,
            missed,
            arrivals,
            gone,
            gone_max,
            stages,
            starts,
            lives,
            timeline,
        }
    }

    /// Calls with everyone who has arrived by a moment and was not gone so long before it, in order of arrival.
    pub(super) fn present(&self, t: f64, before: f64, mut with: impl FnMut(u32)) {
        let arrived = self.arrivals.partition_point(|at| *at <= t);
        for (block, _) in self.gone_max.iter().enumerate().filter(|(_, last)| **last > t - before) {
            let first = block * BLOCK;
            if first >= arrived {
                return;
            }
            for r in first..(first + BLOCK).min(arrived) {
                if self.gone[r] > t - before {
                    with(r as u32);
                }
            }
        }
    }

    /// The stages of a request.
    pub(super) fn stages(&self, request: u32) -> &[Stage] {
        let of = |i: u32| self.starts.get(i as usize).map_or(0, |s| *s as usize);
        &self.stages[of(request)..of(request.saturating_add(1)).max(of(request))]
    }

    /// When a request arrived, and when it was gone, if it was.
    pub(super) fn life(&self, request: u32) -> (f64, f64) {
        (self.arrivals[request as usize], self.gone[request as usize])
    }

    /// What a request does at a moment, or did last where the run is over by then; none where it does nothing.
    pub(super) fn stage_at(&self, request: u32, t: f64) -> Option<&Stage> {
        let stays = t >= self.until && self.gone[request as usize] > t;
        let over = |s: &Stage| stays && seconds(s.to) >= self.until;
        self.stages(request).iter().find(|s| seconds(s.from) <= t && (t < seconds(s.to) || over(s)))
    }

    pub(super) fn requests(&self) -> u32 {
        self.arrivals.len() as u32
    }

    /// How many have arrived by a moment.
    pub(super) fn arrived_by(&self, t: f64) -> usize {
        self.arrivals.partition_point(|at| *at <= t)
    }

    /// The first miss after a moment, or the last one before it.
    pub(super) fn miss_beside(&self, t: f64, forward: bool) -> Option<(f64, u32)> {
        let after = self.misses.partition_point(|m| m.0 <= t);
        if forward { self.misses.get(after).copied() } else { self.misses[..after].iter().rfind(|m| m.0 < t).copied() }
    }

    /// How many have missed a target by a moment.
    pub(super) fn missed_by(&self, t: f64) -> usize {
        self.misses.partition_point(|m| m.0 <= t)
    }

    /// Whether a target is missed between two moments.
    pub(super) fn misses_in(&self, from: f64, to: f64) -> bool {
        self.misses.get(self.misses.partition_point(|m| m.0 < from)).is_some_and(|m| m.0 < to)
    }

    /// The moment of the next event, or of the last one.
    pub(super) fn event_beside(&self, t: f64, forward: bool) -> Option<f64> {
        let marks = &self.timeline.marks;
        let after = marks.partition_point(|m| seconds(m.at) <= t);
        if forward {
            marks.get(after).map(|m| seconds(m.at))
        } else {
            marks[..after].iter().rev().map(|m| seconds(m.at)).find(|at| *at < t)
        }
    }
}

fn engines(timeline: &Timeline) -> Vec<Engine> {
    let mut levels = vec![Vec::new(); timeline.about.instances.len()];
    for level in &timeline.levels {
        levels[level.instance as usize].push(*level);
    }
    let engine = |of: Vec<Level>| {
        let track = |value: fn(&Level) -> u32| Track::of(of.iter().map(|l| (seconds(l.at), value(l))));
        Engine {
            waiting: track(|l| l.stand.waiting),
            prompts: track(|l| l.stand.prompts),
            batch: track(|l| l.stand.prompts + l.stand.decodes),
            kv_used: track(|l| l.stand.kv_used),
            kv_cached: track(|l| (u64::from(l.stand.kv_used) * u64::from(l.cached_permille) / 1000) as u32),
            transfers: track(|l| l.transfers),
            preemptions: track(|l| l.preemptions),
        }
    };
    levels.into_iter().map(engine).collect()
}

/// The sum of a value over all instances.
fn over_all(timeline: &Timeline, value: fn(&Level) -> u32) -> Track {
    let mut of = vec![0u32; timeline.about.instances.len()];
    let mut sum = 0u32;
    Track::of(timeline.levels.iter().map(|l| {
        let held = &mut of[l.instance as usize];
        sum = sum + value(l) - *held;
        *held = value(l);
        (seconds(l.at), sum)
    }))
}

#[cfg(test)]
pub(in crate::live) mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Preset, resolve};
    use playground_core::study::RecordedRun;

    pub(in crate::live) fn timeline(preset: &str, rows_max: u32) -> Timeline {
        let s = Preset::find(preset).expect("there is one").scenario().expect("is sound");
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        let mut run = RecordedRun::new(&plan, plan.load(), rows_max);
        while !run.advance(1000) {}
        run.into_timeline()
    }

    #[test]
    fn the_highest_between_two_moments_is_what_a_look_at_every_change_finds() {
        let value = |i: u32| i.wrapping_mul(2_654_435_761) % 1000;
        let track = Track::of((0..1000).map(|i| (f64::from(i), value(i))));
        for (from, to) in [(0.0, 1.0), (0.5, 0.7), (3.0, 900.0), (62.5, 65.0), (10.2, 140.9), (500.0, 5000.0)] {
            let plain = (0..1000).filter(|i| f64::from(*i) < to && f64::from(i + 1) > from).map(value).max();
            assert_eq!(Some(track.most(from, to)), plain, "{from} to {to}");
        }
        assert_eq!((track.at(-1.0), track.at(7.5), track.most(-5.0, -1.0)), (0, value(7), 0));
        assert_eq!(Track::default().most(0.0, 1.0), 0);
        for until in [0.0, 63.0, 64.0, 700.5, 5000.0] {
            let plain = (0..1000).filter(|i| f64::from(*i) <= until).map(value).max();
            let peak = track.peak(until);
            let first = track.first_at(peak).expect("it is so high somewhere");
            assert!(Some(peak) == plain && first <= until && track.most(-1.0, first) <= peak);
        }
        assert_eq!((Track::default().peak(1.0), Track::default().first_at(1)), (0, None));
    }

    #[test]
    fn those_present_are_those_who_came_and_did_not_leave() {
        let film = Film::new(timeline("pd-chat", 60_000));
        for i in 0..40 {
            let t = film.until * f64::from(i) / 39.0;
            let mut found = Vec::new();
            film.present(t, 0.0, |r| found.push(r));
            let all = 0..film.requests();
            let plain: Vec<u32> = all.filter(|r| film.life(*r).0 <= t && film.life(*r).1 > t).collect();
            assert_eq!(found, plain, "at {t}");
            assert!(found.iter().all(|r| film.stage_at(*r, t).is_some()));
        }
    }

    #[test]
    fn misses_and_events_are_found_one_after_the_other() {
        let film = Film::new(timeline("pd-chat", 100_000));
        assert!(film.misses.len() > 1, "this preset misses targets");
        let (mut t, mut n) = (-1.0, 0);
        while let Some((at, r)) = film.miss_beside(t, true) {
            assert!(at > t && film.missed[r as usize].is_some() && film.misses_in(at, at + 1e-9));
            (t, n) = (at, n + 1);
        }
        assert!(n > 1 && film.miss_beside(film.misses[0].0, false).is_none());
        let first = film.event_beside(-1.0, true).expect("something happens");
        assert_eq!(film.event_beside(first, false), None);
        assert!(film.event_beside(film.until + 1.0, false).is_some_and(|at| at <= film.until));
    }
}
