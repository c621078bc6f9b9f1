//! Lets time pass while a run plays: a frame after the other, and in steps for whoever wants no motion.

use super::Live;
use crate::browser;
use crate::state::Tab;
use leptos::prelude::*;

/// A frame that took longer than this, ms, was one in which nobody looked.
const FRAME_MAX_MS: f64 = 100.0;
/// Without motion, time goes on in steps of so many ms.
const STEP_MS: f64 = 500.0;
/// Time that a dot takes for a leg of its way, s.
const LEG_S: f64 = 0.16;

/// Whether the person wants no motion.
fn is_still() -> bool {
    let asked = browser::window().match_media("(prefers-reduced-motion: reduce)");
    asked.ok().flatten().is_some_and(|query| query.matches())
}

/// Simulated time that a dot takes for a leg of its way, s: none at rest.
pub(super) fn leg(live: Live) -> f64 {
    if live.playing.get() && !is_still() { LEG_S * live.speed.get() } else { 0.0 }
}

/// Time passes from now on whenever the run plays.
pub(super) fn start(live: Live) {
    Effect::new(move |_| {
        if live.playing.get() {
            let now = browser::now_ms();
            request_animation_frame(move || frame(live, now));
        }
    });
}

fn frame(live: Live, before: f64) {
    if !live.playing.get_untracked() {
        return;
    }
    let Some(until) = untrack(|| live.with(|film| film.until)) else { return live.playing.set(false) };
    if live.store.tab.get_untracked() != Tab::Live {
        return live.playing.set(false);
    }
    let now = browser::now_ms();
    let passed = now - before;
    if is_still() && passed < STEP_MS {
        return request_animation_frame(move || frame(live, before));
    }
    let passed = if is_still() { STEP_MS } else { passed.min(FRAME_MAX_MS) };
    let at = live.at.get_untracked() + passed / 1000.0 * live.speed.get_untracked();
    live.seek(at);
    if at >= until {
        return live.playing.set(false);
    }
    request_animation_frame(move || frame(live, now));
}
