//! One time for all that is looked at: the moment, what is seen around it, and how fast it passes. Frame after frame while it
//! plays, and in steps for whoever wants no motion.

use crate::browser;
use leptos::prelude::*;

/// Length of what is seen of a run at first, s.
const WINDOW_S: f64 = 20.0;
/// The shortest that can be seen, s.
const WINDOW_MIN_S: f64 = 0.01;
/// Where in what is seen the present stands when that moves on.
const LEFT_FRAC: f64 = 0.1;
/// A frame that took longer than this, ms, was one in which nobody looked.
const FRAME_MAX_MS: f64 = 100.0;
/// Without motion, time goes on in steps of so many ms.
const STEP_MS: f64 = 500.0;
/// Time that a dot takes for a leg of its way, s.
const LEG_S: f64 = 0.16;

/// A moment, and what is seen around it. Seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) at: f64,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Place {
    /// Where a run until `until` is looked at first: where measuring begins.
    fn first(begin: f64, until: f64) -> Place {
        let from = (begin - WINDOW_S * LEFT_FRAC).max(0.0);
        Place { at: begin, from, to: (from + WINDOW_S).min(until.max(WINDOW_MIN_S)) }
    }

    /// At another moment, which is seen.
    fn sought(self, t: f64, until: f64) -> Place {
        let t = t.clamp(0.0, until);
        let Place { from, to, .. } = self;
        if t >= from && t <= to && (t < to || to >= until) {
            return Place { at: t, ..self };
        }
        let length = to - from;
        let from = (t - length * LEFT_FRAC).min(until - length).max(0.0);
        Place { at: t, from, to: from + length }
    }

    /// With so many times as much seen; the present stays where it is on the screen.
    fn zoomed(self, by: f64, until: f64) -> Place {
        let Place { at, from, to } = self;
        let longest = until.max(WINDOW_MIN_S);
        let length = ((to - from) * by).clamp(WINDOW_MIN_S.min(longest), longest);
        let part = ((at - from) / (to - from)).clamp(0.0, 1.0);
        let from = (at - length * part).min(until - length).max(0.0);
        Place { at, from, to: from + length }
    }
}

/// The time. Copied freely.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    /// The moment, s.
    pub(super) at: RwSignal<f64>,
    /// What is seen, s.
    pub(super) window: RwSignal<(f64, f64)>,
    /// The end, s; none while there is nothing to look at.
    pub(super) until: RwSignal<Option<f64>>,
    pub(super) playing: RwSignal<bool>,
    /// Simulated time in a second.
    pub(super) speed: RwSignal<f64>,
}

impl Clock {
    pub(super) fn new() -> Clock {
        Clock {
            at: RwSignal::new(0.0),
            window: RwSignal::new((0.0, WINDOW_S)),
            until: RwSignal::new(None),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
        }
    }

    /// Time passes from now on whenever it plays, and stops where nobody looks.
    pub(super) fn start(self, looked_at: impl Fn() -> bool + Copy + 'static) {
        Effect::new(move |_| {
            if self.playing.get() {
                let now = browser::now_ms();
                request_animation_frame(move || self.frame(looked_at, now));
            }
        });
    }

    /// Other runs, from `begin` on.
    pub(super) fn rewind(self, begin: f64, until: f64) {
        self.playing.set(false);
        self.until.set(Some(until));
        self.put(Place::first(begin, until));
    }

    /// Goes to a moment.
    pub(super) fn seek(self, t: f64) {
        if let Some(until) = self.until.get_untracked() {
            self.put(self.place().sought(t, until));
        }
    }

    /// Goes so much further.
    pub(super) fn step(self, by: f64) {
        self.seek(self.at.get_untracked() + by);
    }

    /// Sees so many times as much.
    pub(super) fn zoom(self, by: f64) {
        if let Some(until) = self.until.get_untracked() {
            self.put(self.place().zoomed(by, until));
        }
    }

    /// Plays or pauses; from the beginning where it is over.
    pub(super) fn toggle(self) {
        let Some(until) = self.until.get_untracked() else { return };
        if !self.playing.get_untracked() && self.at.get_untracked() >= until {
            self.seek(0.0);
        }
        self.playing.update(|playing| *playing = !*playing);
    }

    /// Simulated time that a dot takes for a leg of its way, s: none at rest.
    pub(super) fn leg(self) -> f64 {
        if self.playing.get() && !is_still() { LEG_S * self.speed.get() } else { 0.0 }
    }

    fn place(self) -> Place {
        let (from, to) = self.window.get_untracked();
        Place { at: self.at.get_untracked(), from, to }
    }

    /// What is drawn of a window is drawn anew only where it is another one.
    fn put(self, Place { at, from, to }: Place) {
        if self.window.get_untracked() != (from, to) {
            self.window.set((from, to));
        }
        self.at.set(at);
    }

    fn frame(self, looked_at: impl Fn() -> bool + Copy + 'static, before: f64) {
        if !self.playing.get_untracked() {
            return;
        }
        let Some(until) = self.until.get_untracked().filter(|_| untrack(looked_at)) else {
            return self.playing.set(false);
        };
        let now = browser::now_ms();
        let passed = now - before;
        if is_still() && passed < STEP_MS {
            return request_animation_frame(move || self.frame(looked_at, before));
        }
        let passed = if is_still() { STEP_MS } else { passed.min(FRAME_MAX_MS) };
        let at = self.at.get_untracked() + passed / 1000.0 * self.speed.get_untracked();
        self.seek(at);
        if at >= until {
            return self.playing.set(false);
        }
        request_animation_frame(move || self.frame(looked_at, now));
    }
}

/// Whether the person wants no motion.
fn is_still() -> bool {
    let asked = browser::window().match_media("(prefers-reduced-motion: reduce)");
    asked.ok().flatten().is_some_and(|query| query.matches())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: f64 = 60.0;

    #[test]
    fn it_begins_where_measuring_does_with_something_before_it() {
        assert_eq!(Place::first(10.0, UNTIL), Place { at: 10.0, from: 8.0, to: 28.0 });
        assert_eq!(Place::first(0.5, 5.0), Place { at: 0.5, from: 0.0, to: 5.0 });
        assert_eq!(Place::first(0.0, 0.0), Place { at: 0.0, from: 0.0, to: 0.01 });
    }

    #[test]
    fn a_moment_that_is_seen_moves_nothing_else() {
        let place = Place::first(10.0, UNTIL);
        for t in [8.0, 8.5, 27.999] {
            assert_eq!(place.sought(t, UNTIL), Place { at: t, ..place });
        }
        // The end of all is seen at the right edge.
        let last = Place { at: 50.0, from: 40.0, to: UNTIL };
        assert_eq!(last.sought(1e9, UNTIL), Place { at: UNTIL, ..last });
    }

    #[test]
    fn one_that_is_not_seen_comes_into_sight_with_as_much_around_it() {
        let place = Place::first(10.0, UNTIL);
        assert_eq!(place.sought(28.0, UNTIL), Place { at: 28.0, from: 26.0, to: 46.0 });
        assert_eq!(place.sought(-3.0, UNTIL), Place { at: 0.0, from: 0.0, to: 20.0 });
        assert_eq!(place.sought(59.0, UNTIL), Place { at: 59.0, from: 40.0, to: 60.0 });
        for t in 0..=60 {
            let there = place.sought(f64::from(t), UNTIL);
            assert!(there.from >= 0.0 && there.to <= UNTIL && (there.from..=there.to).contains(&there.at));
        }
    }

    #[test]
    fn zooming_keeps_the_present_where_it_is_and_goes_from_everything_to_a_hundredth_of_a_second() {
        let place = Place { at: 30.0, from: 20.0, to: 40.0 };
        assert_eq!(place.zoomed(0.5, UNTIL), Place { at: 30.0, from: 25.0, to: 35.0 });
        assert_eq!(place.zoomed(f64::INFINITY, UNTIL), Place { at: 30.0, from: 0.0, to: UNTIL });
        let close = (0..60).fold(place, |place, _| place.zoomed(0.5, UNTIL));
        assert!((close.to - close.from - WINDOW_MIN_S).abs() < 1e-9 && close.from < 30.0 && close.to > 30.0);
        let short = Place::first(0.0, 0.001).zoomed(2.0, 0.001);
        assert!(short.to - short.from <= WINDOW_MIN_S);
    }
}
