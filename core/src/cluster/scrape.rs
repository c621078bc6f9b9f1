//! What the router knows of the engines' gauges: as of the last scrape, and no later.
//!
//! llm-d's router scrapes every instance each 50 ms. Nothing has to happen at those moments: an instance's gauges are
//! noted just before it changes for the first time after one, or when the router looks, whichever comes first.

use crate::base::{Dur, Time};
use crate::engine::Instance;
use crate::policy::{Endpoint, Engines, FleetView};
use alloc::vec;
use alloc::vec::Vec;

/// llm-d-router's `--refresh-metrics-interval`, its default and its minimum.
pub(super) const INTERVAL: Dur = Dur::from_us(50_000);

/// Number of the last scrape up to a moment.
fn number(now: Time) -> u64 {
    now.as_ps() / INTERVAL.as_ps()
}

/// When a scrape is due.
fn due(scrape: u64) -> Time {
    Time::from_ps(scrape * INTERVAL.as_ps())
}

pub(super) struct Scrape {
    /// Number of the scrape each instance's columns are of.
    scraped: Vec<u64>,
    /// Number of the last scrape at which the router looked: every column is of it, or of a later one.
    caught_up: u64,
    waiting: Vec<u32>,
    running: Vec<u32>,
    kv_usage: Vec<f64>,
    /// What does not change about each instance.
    endpoints: Vec<Endpoint>,
}

impl Scrape {
    pub(super) fn new(endpoints: Vec<Endpoint>) -> Self {
        let instances = endpoints.len();
        Scrape {
            endpoints,
            scraped: vec![0; instances],
            caught_up: 0,
            waiting: vec![0; instances],
            running: vec![0; instances],
            kv_usage: vec![0.0; instances],
        }
    }

    /// The instance is about to change: if a scrape fell due since its last one, this is what it saw.
    pub(super) fn before_change(&mut self, now: Time, index: u32, instance: &Instance) {
        self.note(number(now), index as usize, instance);
    }

    /// The router looks at all of them.
    pub(super) fn catch_up(&mut self, now: Time, instances: &[Instance]) {
        let scrape = number(now);
        if self.caught_up == scrape {
            return;
        }
        self.caught_up = scrape;
        for (i, instance) in instances.iter().enumerate() {
            self.note(scrape, i, instance);
        }
    }

    /// An instance as scrape number `scrape` sees it, unless it was seen.
    fn note(&mut self, scrape: u64, i: usize, instance: &Instance) {
        if self.scraped[i] == scrape {
            return;
        }
        let gauges = instance.gauges(due(scrape));
        self.scraped[i] = scrape;
        self.waiting[i] = gauges.waiting;
        self.running[i] = gauges.running;
        self.kv_usage[i] = gauges.kv_usage;
    }

    /// The router looks at all of them as they are, at a moment at which a scrape falls due.
    pub(super) fn look(&mut self, now: Time, instances: &[Instance]) {
        self.scraped.fill(u64::MAX);
        self.caught_up = u64::MAX;
        self.catch_up(now, instances);
    }

    /// What was scraped, without what the router counts itself.
    pub(super) fn view<'a>(&'a self, now: Time, engines: &'a dyn Engines) -> FleetView<'a> {
        FleetView {
            now,
            scraped_at: due(number(now)),
            endpoints: &self.endpoints,
            engines,
            waiting: &self.waiting,
            running: &self.running,
            kv_usage: &self.kv_usage,
            ..FleetView::EMPTY
        }
    }
}
