//! Has a run written down: by a worker of its own, a run at a time.

use super::film::Film;
use super::pack;
use crate::browser;
use crate::pool::{Crew, News, Stage};
use crate::wire::{Simulated, Task};
use leptos::prelude::*;
use playground_core::scenario::{Load, Scenario};
use std::cell::OnceCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// One per page; its worker starts with the first run.
pub(super) struct Runner {
    film: RwSignal<Option<Arc<Film>>>,
    stage: RwSignal<Option<Stage>>,
    crew: OnceCell<Rc<Crew>>,
    me: Weak<Runner>,
}

impl Runner {
    pub(super) fn new(film: RwSignal<Option<Arc<Film>>>, stage: RwSignal<Option<Stage>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Runner { film, stage, crew: OnceCell::new(), me: me.clone() })
    }

    /// Writes the first run of a scenario at a load down; one under way ends.
    pub(super) fn start(&self, scenario: &Scenario, load: Load) {
        let me = self.me.clone();
        let tell = move |news| {
            if let Some(this) = me.upgrade() {
                this.hear(news);
            }
        };
        let crew = self.crew.get_or_init(|| Crew::new(1, tell));
        let task = (scenario.to_value().to_string(), Task::Record { load });
        crew.put(std::iter::once(task), |_| self.stage.set(Some(Stage::Running)));
    }

    fn hear(&self, news: News) {
        match news {
            News::Answered { answer: Simulated::Recorded { about, rows }, .. } => match pack::unpack(*about, &rows.0) {
                Some(timeline) => {
                    let (rows, film) = (timeline.rows(), Film::new(timeline));
                    self.film.set(Some(Arc::new(film)));
                    self.stage.set(Some(Stage::Done));
                    browser::mark("live-recorded", &[("rows", rows as f64)]);
                }
                None => self.stage.set(Some(Stage::Failed("a worker's message could not be read".into()))),
            },
            News::Answered { .. } => unreachable!("nothing but runs to be written down is asked for"),
            News::Progress { .. } | News::Finished { .. } => {}
            News::GaveUp { why, .. } => self.stage.set(Some(Stage::Failed(why.reason()))),
        }
    }
}
