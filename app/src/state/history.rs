//! Undo and redo: the scenarios before and after each edit, a drag being one edit.

use playground_core::scenario::Scenario;

/// Most edits remembered.
const DEPTH: usize = 100;

/// A scenario, and what was done to leave it.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    scenario: Scenario,
    label: String,
}

/// What can be undone and redone.
#[derive(Default)]
pub(crate) struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// The field being dragged or typed into: further edits of it belong to the same step.
    open: Option<String>,
}

impl History {
    /// Notes an edit of `path` that leaves `before`; the same path again is the same step until it is closed.
    pub(crate) fn note(&mut self, before: &Scenario, path: &str, label: &str) {
        self.redo.clear();
        if self.open.as_deref() == Some(path) && !self.undo.is_empty() {
            return;
        }
        self.open = Some(path.to_owned());
        if self.undo.len() == DEPTH {
            self.undo.remove(0);
        }
        self.undo.push(Step { scenario: before.clone(), label: label.to_owned() });
    }

    /// The control was let go.
    pub(crate) fn close(&mut self) {
        self.open = None;
    }

    /// The scenario before the last edit; `now` becomes what redo leads back to.
    pub(crate) fn undo(&mut self, now: &Scenario) -> Option<Scenario> {
        self.close();
        travel(&mut self.undo, &mut self.redo, now)
    }

    /// The scenario after the last undone edit.
    pub(crate) fn redo(&mut self, now: &Scenario) -> Option<Scenario> {
        self.close();
        travel(&mut self.redo, &mut self.undo, now)
    }

    /// What undo would take back, in words.
    pub(crate) fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|s| s.label.as_str())
    }

    /// What redo would do again, in words.
    pub(crate) fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|s| s.label.as_str())
    }
}

fn travel(from: &mut Vec<Step>, to: &mut Vec<Step>, now: &Scenario) -> Option<Scenario> {
    let Step { scenario, label } = from.pop()?;
    to.push(Step { scenario: now.clone(), label });
    Some(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_rate(rate: f64) -> Scenario {
        let mut s = Scenario::default();
        s.workload.arrival.rate_rps = rate;
        s
    }

    #[test]
    fn what_was_done_is_taken_back_and_done_again() {
        let mut h = History::default();
        h.note(&with_rate(1.0), "rate", "Offered load");
        assert_eq!(h.undo_label(), Some("Offered load"));
        assert_eq!(h.undo(&with_rate(2.0)), Some(with_rate(1.0)));
        assert_eq!(h.undo(&with_rate(1.0)), None);
        assert_eq!(h.redo_label(), Some("Offered load"));
        assert_eq!(h.redo(&with_rate(1.0)), Some(with_rate(2.0)));
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut h = History::default();
        for rate in [1.0, 2.0, 3.0] {
            h.note(&with_rate(rate), "rate", "");
        }
        h.close();
        h.note(&with_rate(4.0), "rate", "");
        assert_eq!(h.undo(&with_rate(5.0)), Some(with_rate(4.0)));
        assert_eq!(h.undo(&with_rate(4.0)), Some(with_rate(1.0)));
    }

    #[test]
    fn an_edit_ends_the_way_forward() {
        let mut h = History::default();
        h.note(&with_rate(1.0), "a", "");
        h.undo(&with_rate(2.0));
        h.note(&with_rate(1.0), "b", "");
        assert_eq!(h.redo(&with_rate(3.0)), None);
    }

    #[test]
    fn the_oldest_steps_are_forgotten() {
        let mut h = History::default();
        for i in 0..150 {
            h.note(&with_rate(f64::from(i)), &i.to_string(), "");
        }
        let mut back = 0;
        while h.undo(&with_rate(0.0)).is_some() {
            back += 1;
        }
        assert_eq!(back, DEPTH);
    }
}
