//! One task for a worker of its own, which ends with it: what is seldom asked for, and takes memory that the worker would keep.

use super::{Crew, News};
use crate::wire::{Simulated, Task};
use leptos::prelude::set_timeout;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A task under way, or done.
#[derive(Clone)]
pub(crate) struct Errand {
    crew: Rc<RefCell<Option<Rc<Crew>>>>,
}

impl Errand {
    /// Starts a worker and gives it the task; `tell` is told how far it is, and what comes of it or why nothing does.
    pub(crate) fn start(scenario: String, task: Task, tell: impl Fn(Word) + 'static) -> Self {
        let errand = Errand { crew: Rc::default() };
        let me = errand.clone();
        let crew = Crew::new(1, move |news| {
            // What was given up is not spoken of.
            if me.crew.borrow().is_none() {
                return;
            }
            let word = match news {
                News::Finished { .. } => return,
                News::Progress { done_frac, .. } => return tell(Word::Progress(done_frac)),
                News::Answered { answer, .. } => Word::Done(answer),
                News::GaveUp { why, .. } => Word::Failed(why.reason()),
            };
            me.end();
            tell(word);
        });
        *errand.crew.borrow_mut() = Some(Rc::clone(&crew));
        crew.put(std::iter::once((scenario, task)), |_| ());
        errand
    }

    /// Ends it, whatever became of it.
    pub(crate) fn end(&self) {
        let crew = self.crew.borrow_mut().take();
        // Its worker may be speaking right now.
        set_timeout(move || drop(crew), Duration::ZERO);
    }
}

/// What is heard of an errand.
pub(crate) enum Word {
    /// So much of it is done.
    Progress(f64),
    /// It is done.
    Done(Simulated),
    /// It cannot be done, in words that follow what it was.
    Failed(String),
}
