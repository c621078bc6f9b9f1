//! Undo and redo: what was before and after each edit, a drag being one edit.

/// Most edits remembered.
const DEPTH: usize = 100;

/// A state, and what was done to leave it.
#[derive(Clone, Debug, PartialEq)]
struct Step<T> {
    state: T,
    label: String,
}

/// What can be undone and redone.
pub(crate) struct History<T> {
    undo: Vec<Step<T>>,
    redo: Vec<Step<T>>,
    /// The field edited last, whether it was let go, and when: edits of it belong together while it is held,
    /// and when they follow each other closely, as keys and step buttons do.
    last: Option<(String, bool, f64)>,
}

/// Pause that separates two edits of one field, ms.
const PAUSE_MS: f64 = 1000.0;

impl<T> Default for History<T> {
    fn default() -> Self {
        History { undo: Vec::new(), redo: Vec::new(), last: None }
    }
}

impl<T: Clone> History<T> {
    /// Notes an edit of `path` at a time, which leaves `before` behind.
    pub(crate) fn note(&mut self, before: &T, path: &str, label: &str, now_ms: f64) {
        self.redo.clear();
        let belongs = |(last, held, at): &(String, bool, f64)| last == path && (*held || now_ms - at < PAUSE_MS);
        let same_step = self.last.as_ref().is_some_and(belongs) && !self.undo.is_empty();
        self.last = Some((path.to_owned(), true, now_ms));
        if same_step {
            return;
        }
        if self.undo.len() == DEPTH {
            self.undo.remove(0);
        }
        self.undo.push(Step { state: before.clone(), label: label.to_owned() });
    }

    /// The control was let go.
    pub(crate) fn let_go(&mut self) {
        if let Some((_, held, _)) = &mut self.last {
            *held = false;
        }
    }

    /// What follows is another step, whatever it is of.
    pub(crate) fn part(&mut self) {
        self.last = None;
    }

    /// What was before the last edit; `now` becomes what redo leads back to.
    pub(crate) fn undo(&mut self, now: &T) -> Option<T> {
        self.last = None;
        travel(&mut self.undo, &mut self.redo, now)
    }

    /// What was after the last undone edit.
    pub(crate) fn redo(&mut self, now: &T) -> Option<T> {
        self.last = None;
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

fn travel<T: Clone>(from: &mut Vec<Step<T>>, to: &mut Vec<Step<T>>, now: &T) -> Option<T> {
    let Step { state, label } = from.pop()?;
    to.push(Step { state: now.clone(), label });
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::scenario::Scenario;

    fn with_rate(rate: f64) -> Scenario {
        let mut s = Scenario::default();
        s.workload.arrival.rate_rps = rate;
        s
    }

    #[test]
    fn what_was_done_is_taken_back_and_done_again() {
        let mut h = History::default();
        h.note(&with_rate(1.0), "rate", "Offered load", 0.0);
        assert_eq!(h.undo_label(), Some("Offered load"));
        assert_eq!(h.undo(&with_rate(2.0)), Some(with_rate(1.0)));
        assert_eq!(h.undo(&with_rate(1.0)), None);
        assert_eq!(h.redo_label(), Some("Offered load"));
        assert_eq!(h.redo(&with_rate(1.0)), Some(with_rate(2.0)));
    }

    #[test]
    fn a_drag_and_what_follows_closely_is_one_step() {
        let mut h = History::default();
        for rate in [1.0, 2.0, 3.0] {
            h.note(&with_rate(rate), "rate", "", 5000.0 * rate);
        }
        h.let_go();
        h.note(&with_rate(3.5), "rate", "", 15_900.0);
        h.let_go();
        h.note(&with_rate(4.0), "rate", "", 17_000.0);
        assert_eq!(h.undo(&with_rate(5.0)), Some(with_rate(4.0)));
        assert_eq!(h.undo(&with_rate(4.0)), Some(with_rate(1.0)));
    }

    #[test]
    fn a_parting_separates_edits_of_one_field() {
        let mut h = History::default();
        h.note(&with_rate(1.0), "rate", "", 0.0);
        h.part();
        h.note(&with_rate(2.0), "rate", "", 1.0);
        assert_eq!(h.undo(&with_rate(3.0)), Some(with_rate(2.0)));
        assert_eq!(h.undo(&with_rate(2.0)), Some(with_rate(1.0)));
    }

    #[test]
    fn an_edit_ends_the_way_forward() {
        let mut h = History::default();
        h.note(&with_rate(1.0), "a", "", 0.0);
        h.undo(&with_rate(2.0));
        h.note(&with_rate(1.0), "b", "", 0.0);
        assert_eq!(h.redo(&with_rate(3.0)), None);
    }

    #[test]
    fn the_oldest_steps_are_forgotten() {
        let mut h = History::default();
        for i in 0..150 {
            h.note(&with_rate(f64::from(i)), &i.to_string(), "", 0.0);
        }
        let mut back = 0;
        while h.undo(&with_rate(0.0)).is_some() {
            back += 1;
        }
        assert_eq!(back, DEPTH);
    }
}
