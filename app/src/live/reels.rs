//! Runs that are looked at together, one or several: what is found over all of them, and who is who.
//!
//! They are of the same time, so a moment is a moment of all. Requests are told apart by the numbers under which they are
//! drawn, which are the same on every side; people count them from 1, in the order in which they come to any side.

use super::ask::{Ask, Cast};
use super::film::{Engine, Film, Track};
use super::lanes::SHOWN_MAX;
use playground_core::base::{Order, Time};
use playground_core::report::timeline::TracedRequest;
use playground_core::scenario::Load;
use playground_core::study::compare::Side;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs of the same time.
pub(super) struct Reels {
    /// At least one.
    reels: Vec<Reel>,
    /// Under what they are.
    pub(super) load: Load,
    /// Requests of all of them together.
    requests: u32,
}

/// One of them.
pub(super) struct Reel {
    /// Its place among several; none of one that is alone.
    pub(super) side: Option<Side>,
    /// What it is called, by what differs.
    pub(super) name: String,
    pub(super) film: Arc<Film>,
    /// Of each of its requests: which of all it is.
    requests: Vec<u32>,
    /// Of each of all: its place here, where it came here.
    places: Vec<Option<u32>>,
}

/// Something worth a look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Find {
    /// When, s.
    pub(super) at: f64,
    /// Where: place among the runs.
    pub(super) reel: usize,
    /// Whom it happens to, of all requests; of some things nobody.
    pub(super) request: Option<u32>,
}

impl Reel {
    /// Which of all a request of this run is.
    pub(super) fn request(&self, place: u32) -> u32 {
        self.requests.get(place as usize).copied().unwrap_or(place)
    }

    /// The place in this run of one of all requests.
    pub(super) fn place(&self, request: u32) -> Option<u32> {
        self.places.get(request as usize).copied().flatten()
    }
}

impl Reels {
    /// The runs that were asked for, in their order.
    pub(super) fn new(ask: &Ask, films: Vec<Arc<Film>>) -> Reels {
        let numbers = numbers(&films);
        let reel = |(cast, film): (&Cast, Arc<Film>)| {
            let of = |r: &TracedRequest| numbers.get(&r.number).copied().unwrap_or(0);
            let mine: Vec<u32> = film.timeline.requests.iter().map(of).collect();
            let mut places = vec![None; numbers.len()];
            for (place, number) in (0..).zip(&mine) {
                places[*number as usize] = Some(place);
            }
            Reel { side: cast.side, name: cast.name.clone(), film, requests: mine, places }
        };
        let requests = numbers.len() as u32;
        Reels { reels: ask.cast.iter().zip(films).map(reel).collect(), load: ask.load, requests }
    }

    pub(super) fn all(&self) -> &[Reel] {
        &self.reels
    }

    fn films(&self) -> impl Iterator<Item = &Film> {
        self.reels.iter().map(|reel| &*reel.film)
    }

    /// Until when they are looked at, s: the end of the first that is over, or is not written down any further. Whoever
    /// keeps up is done soon after the last measured request has come; beyond that there is nothing to set beside the others.
    pub(super) fn until(&self) -> f64 {
        self.films().map(|f| f.until).reduce(f64::min).unwrap_or(0.0)
    }

    /// When measuring begins, s.
    pub(super) fn begin(&self) -> f64 {
        self.films().map(|f| f.begin).fold(0.0, f64::max).min(self.until())
    }

    /// Rows of all of them.
    pub(super) fn rows(&self) -> usize {
        self.films().map(|f| f.timeline.rows()).sum()
    }

    /// Requests of all of them together: one that comes to several sides counts once.
    pub(super) fn requests(&self) -> u32 {
        self.requests
    }

    /// Instances of the one that has most.
    pub(super) fn instances(&self) -> usize {
        self.films().map(|f| f.engines.len()).max().unwrap_or(0)
    }

    /// The highest queue, batch and number of transfers of all instances shown: one scale for all, so that they can be
    /// compared.
    pub(super) fn scales(&self, first: usize) -> [u32; 3] {
        let until = self.until();
        let shown = || self.films().flat_map(|f| f.engines.iter().skip(first).take(SHOWN_MAX));
        let most = |of: fn(&Engine) -> &Track| shown().map(|e| of(e).peak(until)).max().unwrap_or(0).max(1);
        [most(|e| &e.waiting), most(|e| &e.batch), most(|e| &e.transfers)]
    }

    /// Most requests in a fleet, of all of them.
    pub(super) fn fleet_peak(&self) -> u32 {
        let until = self.until();
        self.films().map(|f| f.fleet.peak(until)).max().unwrap_or(0).max(1)
    }

    /// The nearest of what each of the runs has, after a moment or before it; none is beyond the end.
    fn nearest(&self, forward: bool, of: impl Fn(&Film) -> Option<(f64, Option<u32>)>) -> Option<Find> {
        let until = self.until();
        let mut best: Option<Find> = None;
        for (reel, one) in self.reels.iter().enumerate() {
            let Some((at, place)) = of(&one.film).filter(|(at, _)| *at <= until) else { continue };
            if best.is_none_or(|best| if forward { at < best.at } else { at > best.at }) {
                best = Some(Find { at, reel, request: place.map(|place| one.request(place)) });
            }
        }
        best
    }

    /// The next missed target on any side, or the one before.
    pub(super) fn miss_beside(&self, t: f64, forward: bool) -> Option<Find> {
        self.nearest(forward, |film| film.miss_beside(t, forward).map(|(at, place)| (at, Some(place))))
    }

    /// The first missed target on any side.
    pub(super) fn first_miss(&self) -> Option<Find> {
        self.nearest(true, |film| film.misses.first().map(|(at, place)| (*at, Some(*place))))
    }

    /// The first request on any side that loses its blocks.
    pub(super) fn first_preempted(&self) -> Option<Find> {
        self.nearest(true, |film| film.preempted.map(|(at, place)| (at, Some(place))))
    }

    /// When most requests of any side are in queues, and how many.
    pub(super) fn longest_queue(&self) -> Option<(Find, u32)> {
        let until = self.until();
        let most = self.films().map(|f| f.waiting.peak(until)).max().filter(|most| *most > 0)?;
        let find = self.nearest(true, |film| film.waiting.first_at(most).map(|at| (at, None)));
        find.map(|find| (find, most))
    }

    /// The next event on any side, or the one before.
    pub(super) fn event_beside(&self, t: f64, forward: bool) -> Option<f64> {
        self.nearest(forward, |film| film.event_beside(t, forward).map(|at| (at, None))).map(|find| find.at)
    }

    /// Everyone who is in any fleet at a moment.
    pub(super) fn present(&self, t: f64) -> Vec<u32> {
        let mut there = Vec::new();
        for reel in &self.reels {
            reel.film.present(t, 0.0, |place| there.push(reel.request(place)));
        }
        there.order_by_key(|request| *request);
        there.dedup();
        there
    }

    /// Everyone who misses a target on any side, in the order in which they first do.
    pub(super) fn missed(&self) -> Vec<u32> {
        let until = self.until();
        let of =
            |reel: &Reel| reel.film.misses.iter().map(|(at, place)| (*at, reel.request(*place))).collect::<Vec<_>>();
        let mut all: Vec<(f64, u32)> = self.reels.iter().flat_map(of).collect();
        all.retain(|(at, _)| *at <= until);
        all.order_by(|a, b| a.0.total_cmp(&b.0));
        let mut seen = vec![false; self.requests as usize];
        all.retain(|(_, request)| !std::mem::replace(&mut seen[*request as usize], true));
        all.into_iter().map(|(_, request)| request).collect()
    }
}

/// Which of all each request is, by the number under which it was drawn.
fn numbers(films: &[Arc<Film>]) -> BTreeMap<u64, u32> {
    let mut first: BTreeMap<u64, (Time, u32)> = BTreeMap::new();
    for film in films {
        for (place, request) in (0..).zip(&film.timeline.requests) {
            let here = (request.at, place);
            first.entry(request.number).and_modify(|there| *there = here.min(*there)).or_insert(here);
        }
    }
    let mut all: Vec<((Time, u32), u64)> = first.into_iter().map(|(number, came)| (came, number)).collect();
    all.order_by_key(|(came, _)| *came);
    all.into_iter().zip(0..).map(|((_, number), which)| (number, which)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::live::ask::tests::variants;
    use crate::live::film::seconds;
    use crate::live::film::tests::timeline;
    use playground_core::report::timeline::ROWS_MAX;
    use playground_core::study::RecordedRun;

    /// Sides that differ in replicas, each written down to so many rows.
    pub(in crate::live) fn reels(replicas: &[u32], rows_max: u32) -> Reels {
        let all = variants(replicas);
        let ask = Ask::together(&all, |side| format!("variant {}", side.name()), all.plans[0].load());
        let film = |plan| {
            let mut run = RecordedRun::within(plan, ask.load, ask.window, rows_max);
            while !run.advance(1000) {}
            Arc::new(Film::new(run.into_timeline()))
        };
        Reels::new(&ask, all.plans.iter().map(film).collect())
    }

    /// A preset alone, written down to so many rows.
    pub(in crate::live) fn alone(preset: &str, rows_max: u32) -> Reels {
        let all = variants(&[4]);
        let ask = Ask::alone(all.scenarios[0].clone(), &all.plans[0], all.plans[0].load());
        Reels::new(&ask, vec![Arc::new(Film::new(timeline(preset, rows_max)))])
    }

    #[test]
    fn a_request_is_the_same_one_on_every_side() {
        let reels = reels(&[4, 1], ROWS_MAX);
        let [a, b] = reels.all() else { panic!("two") };
        assert_ne!(a.film.timeline.marks, b.film.timeline.marks);
        let mut both = 0;
        for request in 0..reels.requests() {
            let Some((x, y)) = a.place(request).zip(b.place(request)) else { continue };
            assert_eq!((a.request(x), b.request(y)), (request, request));
            let [x, y] = [(a, x), (b, y)].map(|(reel, place)| reel.film.timeline.requests[place as usize]);
            assert_eq!(
                (x.at, x.number, x.prompt_tokens, x.output_tokens),
                (y.at, y.number, y.prompt_tokens, y.output_tokens)
            );
            both += 1;
        }
        let arrivals = |reel: &Reel| reel.film.timeline.requests.iter().filter(|r| !r.was_there).count();
        assert!(arrivals(a).min(arrivals(b)) > 200 && both >= arrivals(a).min(arrivals(b)), "{both}");
        assert_eq!(a.film.begin, b.film.begin);
    }

    #[test]
    fn one_that_is_alone_counts_its_requests_as_it_has_them() {
        for preset in ["pd-chat", "interactive-chat"] {
            let reels = alone(preset, ROWS_MAX);
            let film = &reels.all()[0].film;
            assert_eq!((reels.requests(), reels.until(), reels.begin()), (film.requests(), film.until, film.begin));
            assert!((0..film.requests()).all(|r| reels.all()[0].request(r) == r && reels.all()[0].place(r) == Some(r)));
            assert_eq!(reels.missed(), film.misses.iter().map(|m| m.1).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_found_is_the_nearest_of_all_sides() {
        let reels = reels(&[1, 2, 4], ROWS_MAX);
        let films: Vec<&Film> = reels.films().collect();
        let first = reels.first_miss().expect("a single replica misses targets");
        assert!(films.iter().all(|f| f.misses.first().is_none_or(|m| m.0 >= first.at)));
        assert!(films[first.reel].misses.iter().any(|m| m.0 == first.at));
        let (mut t, mut found) = (-1.0, 0);
        while let Some(find) = reels.miss_beside(t, true) {
            assert!(find.at > t && find.request.is_some());
            assert!(films.iter().all(|f| !f.misses.iter().any(|m| m.0 > t && m.0 < find.at)), "none is left out");
            (t, found) = (find.at, found + 1);
        }
        assert!(found > 1 && reels.miss_beside(first.at, false).is_none());
        let (queue, most) = reels.longest_queue().expect("somebody waits");
        assert!(films.iter().all(|f| f.waiting.peak(reels.until()) <= most));
        assert_eq!((films[queue.reel].waiting.at(queue.at), queue.request), (most, None));
        let step = reels.event_beside(queue.at, true).expect("it goes on");
        assert!(films.iter().all(|f| f.event_beside(queue.at, true).is_none_or(|at| at >= step)));
        assert!(reels.event_beside(queue.at, false).is_some_and(|at| at < queue.at));
    }

    #[test]
    fn who_loses_blocks_first_is_found_where_anybody_does() {
        assert_eq!(reels(&[4, 8], ROWS_MAX).first_preempted(), None);
        let full = Film::new(timeline("pd-chat", ROWS_MAX));
        let (at, place) = full.preempted.unwrap_or((f64::INFINITY, 0));
        let lost = full.engines.iter().map(|e| e.preemptions.peak(full.until)).sum::<u32>();
        assert_eq!(lost > 0, at.is_finite(), "{lost} lost, the first at {at}, request {place}");
    }

    #[test]
    fn they_end_together_where_the_first_does() {
        let whole = reels(&[4, 1], ROWS_MAX);
        let ends: Vec<f64> = whole.films().map(|f| f.until).collect();
        assert!(ends[0] != ends[1] && whole.until() == ends[0].min(ends[1]));
        let measured = whole.films().map(|f| seconds(f.timeline.end)).fold(0.0, f64::max);
        assert!(whole.until() >= measured, "every measured request comes before the end");
        let cut = reels(&[4, 1], 3000);
        assert!(cut.films().any(|f| f.timeline.cut));
        let first = cut.films().map(|f| f.until).fold(f64::INFINITY, f64::min);
        assert!(cut.until() == first && cut.begin() <= first);
        assert!(cut.miss_beside(first, true).is_none() && cut.event_beside(first, true).is_none());
    }

    #[test]
    fn scales_are_those_of_the_fullest_side() {
        let reels = reels(&[1, 4], ROWS_MAX);
        let films: Vec<&Film> = reels.films().collect();
        let [queue, batch, _] = reels.scales(0);
        let until = reels.until();
        let most = |of: fn(&Engine) -> &Track| films.iter().flat_map(|f| &f.engines).map(|e| of(e).peak(until)).max();
        assert_eq!((Some(queue), Some(batch)), (most(|e| &e.waiting), most(|e| &e.batch)));
        assert_eq!((reels.instances(), reels.scales(4)), (4, [1, 1, 1]));
        assert_eq!(reels.fleet_peak(), films.iter().map(|f| f.fleet.peak(until)).max().unwrap_or(0));
    }

    #[test]
    fn those_present_are_those_of_any_side_once() {
        let reels = reels(&[1, 4], ROWS_MAX);
        for i in 0..20 {
            let t = reels.until() * f64::from(i) / 20.0;
            let there = reels.present(t);
            assert!(there.windows(2).all(|two| two[0] < two[1]), "in order, each once");
            let of = |reel: &Reel| {
                let mut here = Vec::new();
                reel.film.present(t, 0.0, |place| here.push(reel.request(place)));
                here
            };
            assert!(reels.all().iter().flat_map(of).all(|r| there.contains(&r)));
        }
    }
}
