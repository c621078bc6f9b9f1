//! How much is simulated when: drafts while a control moves, the settled answer once it rests.
//!
//! A draft is asked for at the next frame after an edit. While one is under way further edits only note
//! that another is due: one in flight, one pending, the latest value wins, and a curve is drawn even if the
//! control never stops. The settled question is asked when no edit came for [`REST_MS`] and no draft is
//! under way or due.

use playground_core::study::Fidelity;

/// Pause after the last edit before the settled answer is asked for, ms.
pub(crate) const REST_MS: i32 = 150;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Call [`Ladder::frame`] at the next frame.
    ArmFrame,
    /// Call [`Ladder::rested`] after [`REST_MS`], counted anew.
    ArmRest,
    /// Ask for the scenario as it is now.
    Ask(Fidelity),
}

/// Where an edit stands on its way to the settled answer.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    /// An edit waits for its draft.
    draft_due: bool,
    /// An edit waits for its settled answer.
    settle_due: bool,
    frame_armed: bool,
    rested: bool,
    running: Option<Fidelity>,
}

impl Ladder {
    /// The scenario changed.
    pub(crate) fn edited(&mut self) -> Vec<Step> {
        (self.draft_due, self.settle_due, self.rested) = (true, true, false);
        let frame = (!std::mem::replace(&mut self.frame_armed, true)).then_some(Step::ArmFrame);
        frame.into_iter().chain([Step::ArmRest]).collect()
    }

    /// A frame began.
    pub(crate) fn frame(&mut self) -> Option<Step> {
        self.frame_armed = false;
        self.next()
    }

    /// No edit came for a while.
    pub(crate) fn rested(&mut self) -> Option<Step> {
        self.rested = true;
        if self.frame_armed { None } else { self.next() }
    }

    /// Whether the draft under way answers what is not wanted any more, since another is due.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.draft_due && self.running == Some(Fidelity::Draft)
    }

    /// The answer is there, or as much of it as is needed, or it cannot be had.
    pub(crate) fn finished(&mut self) -> Option<Step> {
        self.running = None;
        if self.frame_armed { None } else { self.next() }
    }

    /// Nothing is to be simulated any more, until the next edit.
    pub(crate) fn stop(&mut self) {
        (self.draft_due, self.settle_due, self.running) = (false, false, None);
    }

    fn next(&mut self) -> Option<Step> {
        if self.draft_due && self.running != Some(Fidelity::Draft) {
            self.draft_due = false;
            self.running = Some(Fidelity::Draft);
            return Some(Step::Ask(Fidelity::Draft));
        }
        if self.settle_due && self.rested && self.running.is_none() {
            self.settle_due = false;
            self.running = Some(Fidelity::Settled);
            return Some(Step::Ask(Fidelity::Settled));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Fidelity::{Draft, Settled};

    #[test]
    fn one_edit_is_drafted_then_settled() {
        let mut l = Ladder::default();
        assert_eq!(l.edited(), [Step::ArmFrame, Step::ArmRest]);
        assert_eq!(l.frame(), Some(Step::Ask(Draft)));
        assert_eq!(l.finished(), None);
        assert_eq!(l.rested(), Some(Step::Ask(Settled)));
        assert_eq!(l.finished(), None);
        assert_eq!(l.rested(), None, "nothing is asked twice");
    }

    #[test]
    fn edits_between_two_frames_are_one_draft() {
        let mut l = Ladder::default();
        l.edited();
        assert_eq!(l.edited(), [Step::ArmRest]);
        assert_eq!(l.frame(), Some(Step::Ask(Draft)));
    }

    #[test]
    fn while_a_draft_is_under_way_one_more_is_due() {
        let mut l = Ladder::default();
        l.edited();
        l.frame();
        for _ in 0..5 {
            l.edited();
            assert_eq!(l.frame(), None);
        }
        assert!(l.is_overtaken());
        assert_eq!(l.finished(), Some(Step::Ask(Draft)));
        assert!(!l.is_overtaken());
        assert_eq!(l.finished(), None, "not rested yet");
        assert_eq!(l.rested(), Some(Step::Ask(Settled)));
    }

    #[test]
    fn settling_waits_for_the_draft() {
        let mut l = Ladder::default();
        l.edited();
        l.frame();
        assert_eq!(l.rested(), None);
        assert_eq!(l.finished(), Some(Step::Ask(Settled)));
    }

    #[test]
    fn an_edit_overtakes_the_settled_run() {
        let mut l = Ladder::default();
        l.edited();
        l.frame();
        l.finished();
        l.rested();
        l.edited();
        assert_eq!(l.frame(), Some(Step::Ask(Draft)));
        l.rested();
        assert_eq!(l.finished(), Some(Step::Ask(Settled)));
    }

    #[test]
    fn after_a_stop_nothing_runs_until_the_next_edit() {
        let mut l = Ladder::default();
        l.edited();
        l.frame();
        l.stop();
        assert_eq!(l.rested(), None);
        l.edited();
        assert_eq!(l.frame(), Some(Step::Ask(Draft)));
    }
}
