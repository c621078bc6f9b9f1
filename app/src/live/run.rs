//! Has runs written down: by a worker of its own, one after the other; those that are there already are kept.

use super::ask::Ask;
use super::film::Film;
use super::pack;
use super::reels::Reels;
use crate::browser;
use crate::pool::{Crew, News, Stage};
use crate::wire::{Simulated, Task};
use leptos::prelude::*;
use playground_core::report::timeline::Timeline;
use playground_core::study::compare::Side;
use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// One per page; its worker starts with the first run.
pub(super) struct Runner {
    reels: RwSignal<Option<Arc<Reels>>>,
    stage: RwSignal<Option<Stage>>,
    crew: OnceCell<Rc<Crew>>,
    asked: RefCell<Option<Asked>>,
    me: Weak<Runner>,
}

/// What was asked last, and what is there of it.
struct Asked {
    ask: Ask,
    films: Vec<Option<Arc<Film>>>,
}

impl Asked {
    /// A question, with what is known of it from the one before.
    fn after(before: Option<Asked>, ask: Ask) -> Asked {
        let known = |scenario| {
            let before = before.as_ref().filter(|b| b.ask.has(&ask, scenario))?;
            let place = before.ask.cast.iter().position(|c| c.scenario == *scenario)?;
            before.films[place].clone()
        };
        let films = ask.cast.iter().map(|cast| known(&cast.scenario)).collect();
        Asked { ask, films }
    }

    /// All of it, once it is there.
    fn whole(&self) -> Option<Vec<Arc<Film>>> {
        self.films.iter().cloned().collect()
    }
}

impl Runner {
    pub(super) fn new(reels: RwSignal<Option<Arc<Reels>>>, stage: RwSignal<Option<Stage>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Runner { reels, stage, crew: OnceCell::new(), asked: RefCell::new(None), me: me.clone() })
    }

    /// Writes these runs down; those under way end.
    pub(super) fn start(&self, ask: Ask) {
        let me = self.me.clone();
        let tell = move |news| {
            if let Some(this) = me.upgrade() {
                this.hear(news);
            }
        };
        let crew = self.crew.get_or_init(|| Crew::new(1, tell));
        let asked = Asked::after(self.asked.take(), ask);
        let missing = asked.ask.cast.iter().zip(&asked.films).filter(|(_, film)| film.is_none());
        let (load, window) = (asked.ask.load, asked.ask.window);
        let task = |side| Task::Record { side, load, window };
        let tasks: Vec<_> = missing.map(|(c, _)| (c.scenario.to_value().to_string(), task(c.side))).collect();
        self.asked.replace(Some(asked));
        if tasks.is_empty() {
            crew.cancel();
            return self.show();
        }
        crew.put(tasks.into_iter(), |_| self.stage.set(Some(Stage::Running)));
    }

    fn hear(&self, news: News) {
        match news {
            News::Answered { answer: Simulated::Recorded { side, about, rows }, .. } => {
                match pack::unpack(*about, &rows.0) {
                    Some(timeline) => self.take(side, timeline),
                    None => self.stage.set(Some(Stage::Failed("a worker's message could not be read".into()))),
                }
            }
            News::Answered { .. } => unreachable!("nothing but runs to be written down is asked for"),
            News::Progress { .. } | News::Finished { .. } => {}
            News::GaveUp { why, .. } => self.stage.set(Some(Stage::Failed(why.reason()))),
        }
    }

    fn take(&self, side: Option<Side>, timeline: Timeline) {
        if let Some(asked) = self.asked.borrow_mut().as_mut()
            && let Some(place) = asked.ask.cast.iter().position(|c| c.side == side)
        {
            asked.films[place] = Some(Arc::new(Film::new(timeline)));
        }
        self.show();
    }

    /// Puts all of them on the page, once all are there.
    fn show(&self) {
        let reels = {
            let asked = self.asked.borrow();
            let Some(asked) = asked.as_ref() else { return };
            asked.whole().map(|films| Reels::new(&asked.ask, films))
        };
        if let Some(reels) = reels {
            browser::mark("live-recorded", &[("rows", reels.rows() as f64), ("runs", reels.all().len() as f64)]);
            self.reels.set(Some(Arc::new(reels)));
            self.stage.set(Some(Stage::Done));
        }
    }
}
