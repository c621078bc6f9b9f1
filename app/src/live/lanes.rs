//! What the engines do over time, an instance below the other: queue, batch, KV cache, transfers. Every pixel shows the
//! most of its time, so what is drawn depends on the pixels and not on how much happened.

use super::film::{Engine, Film, Track};
use super::paper::{self, Paper};
use super::reels::{Reel, Reels};
use crate::chart::{Palette, round_step};
use crate::say;
use web_sys::HtmlCanvasElement;

/// Instances shown at once.
pub(super) const SHOWN_MAX: usize = 8;
/// Height of the row of missed targets, px.
const MISSES: f64 = 12.0;
/// Heights of an instance's parts, px.
const NAME: f64 = 15.0;
const QUEUE: f64 = 16.0;
const BATCH: f64 = 24.0;
const KV: f64 = 16.0;
const TRANSFERS: f64 = 8.0;
const GAP: f64 = 2.0;
/// Height of the axis, px.
const AXIS: f64 = 16.0;
/// Width from which there is room for words on the right, px.
const ROOMY: f64 = 460.0;
/// Room that a label of the axis needs, px.
const LABEL: f64 = 70.0;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sight {
    /// From when to when, s.
    pub(super) from: f64,
    pub(super) to: f64,
    /// The first instance shown.
    pub(super) first: usize,
}

impl Sight {
    /// The moment at a pixel of so many.
    fn moment(self, x: u32, width: f64) -> f64 {
        self.from + (self.to - self.from) * f64::from(x) / width.max(1.0)
    }
}

/// Height of an instance's lanes.
fn row(film: &Film) -> f64 {
    let transfers = if film.timeline.about.apart { TRANSFERS + GAP } else { 0.0 };
    NAME + QUEUE + GAP + BATCH + GAP + KV + GAP + transfers + 3.0 * GAP
}

/// Height of all lanes that are shown.
pub(super) fn height(film: &Film, first: usize) -> f64 {
    let shown = film.engines.len().saturating_sub(first).min(SHOWN_MAX);
    MISSES + shown as f64 * row(film) + AXIS
}

/// Draws them, on the scales of the highest queue, batch and number of transfers.
pub(super) fn draw(
    canvas: &HtmlCanvasElement,
    width: f64,
    film: &Film,
    sight: Sight,
    scales: [u32; 3],
    palette: &Palette,
) {
    let Some(paper) = paper::begin(canvas, (width, height(film, sight.first)), palette) else { return };
    axis(&paper, sight, palette);
    misses(&paper, film, sight, palette);
    let shown = film.engines.iter().enumerate().skip(sight.first).take(SHOWN_MAX);
    for (place, (i, engine)) in shown.enumerate() {
        let top = MISSES + place as f64 * row(film);
        instance(&paper, film, (i, engine), (top, scales), sight, palette);
    }
}

/// Times, and where they are.
fn axis(paper: &Paper, sight: Sight, palette: &Palette) {
    let span = (sight.to - sight.from).max(f64::MIN_POSITIVE);
    let step = round_step(span, paper.width / LABEL);
    let bottom = paper.height - AXIS;
    let mut n = (sight.from / step).ceil();
    while n * step <= sight.to {
        let x = ((n * step - sight.from) / span * paper.width).round();
        paper.rect([x, 0.0, 1.0, bottom], &palette.grid);
        if x < paper.width - LABEL / 2.0 {
            paper.text(&format!("{} s", say::plain(n * step)), (x + 3.0, paper.height - 4.0), "left", &palette.muted);
        }
        n += 1.0;
    }
}

/// Where targets are missed.
fn misses(paper: &Paper, film: &Film, sight: Sight, palette: &Palette) {
    let missed = |x: u32| film.misses_in(sight.moment(x, paper.width), sight.moment(x + 1, paper.width));
    paper.area(MISSES - 2.0, MISSES - 4.0, &palette.slo, missed, |_| 1.0);
}

fn instance(
    paper: &Paper,
    film: &Film,
    (i, engine): (usize, &Engine),
    (top, [queue, batch, transfers]): (f64, [u32; 3]),
    sight: Sight,
    palette: &Palette,
) {
    let about = &film.timeline.about.instances[i];
    paper.text(&about.name, (0.0, top + NAME - 4.0), "left", &palette.text);
    if paper.width > ROOMY {
        let scale = format!(
            "queue to {} · batch to {} · KV cache to 100 %",
            say::count(queue.into()),
            say::count(batch.into())
        );
        paper.text(&scale, (paper.width, top + NAME - 4.0), "right", &palette.muted);
    }
    let of = |track: &Track, x: u32, scale: u32| {
        let (from, to) = (sight.moment(x, paper.width), sight.moment(x + 1, paper.width));
        if from >= film.until { 0.0 } else { f64::from(track.most(from, to)) / f64::from(scale.max(1)) }
    };
    let all = |_: u32| true;
    let mut base = top + NAME;
    let mut lane = |high: f64| {
        paper.rect([0.0, base, paper.width, high], &palette.shade);
        base += high + GAP;
        base - GAP
    };
    let under = lane(QUEUE);
    paper.area(under, QUEUE, &palette.muted, all, |x| of(&engine.waiting, x, queue));
    let under = lane(BATCH);
    paper.area(under, BATCH, &palette.series, all, |x| of(&engine.batch, x, batch));
    paper.area(under, BATCH, &palette.series_b, all, |x| of(&engine.prompts, x, batch));
    let lost = |x: u32| {
        let (from, to) = (sight.moment(x, paper.width), sight.moment(x + 1, paper.width));
        engine.preemptions.at(to) > engine.preemptions.at(from)
    };
    paper.area(under - BATCH + 5.0, 5.0, &palette.slo, lost, |_| 1.0);
    let under = lane(KV);
    paper.area(under, KV, &palette.own, all, |x| of(&engine.kv_used, x, about.kv_blocks));
    paper.area(under, KV, &palette.surface, |x| x % 4 < 2, |x| of(&engine.kv_cached, x, about.kv_blocks));
    if film.timeline.about.apart {
        let under = lane(TRANSFERS);
        paper.area(under, TRANSFERS, &palette.series_b, all, |x| of(&engine.transfers, x, transfers));
    }
}

/// Heights at a glance: of a run that is alone, and of each of several, px.
const GLANCE: f64 = 40.0;
const GLANCE_EACH: f64 = 28.0;

/// Draws whole runs at a glance, one below the other: requests in the fleet, and where targets are missed.
pub(super) fn draw_glance(canvas: &HtmlCanvasElement, width: f64, reels: &Reels, palette: &Palette) {
    let all = reels.all();
    let each = if all.len() > 1 { GLANCE_EACH } else { GLANCE };
    let Some(paper) = paper::begin(canvas, (width, each * all.len() as f64), palette) else { return };
    let until = reels.until().max(f64::MIN_POSITIVE);
    paper.rect([0.0, 0.0, reels.begin() / until * width, paper.height], &palette.shade);
    let sight = Sight { from: 0.0, to: until, first: 0 };
    for (i, reel) in all.iter().enumerate() {
        at_a_glance(&paper, reel, (i as f64 * each, each), sight, f64::from(reels.fleet_peak()), palette);
    }
}

fn at_a_glance(paper: &Paper, reel: &Reel, (top, high): (f64, f64), sight: Sight, scale: f64, palette: &Palette) {
    let film = &reel.film;
    let of =
        |x: u32| f64::from(film.fleet.most(sight.moment(x, paper.width), sight.moment(x + 1, paper.width))) / scale;
    paper.area(top + high, high - 8.0, &palette.series_faint, |_| true, of);
    let missed = |x: u32| film.misses_in(sight.moment(x, paper.width), sight.moment(x + 1, paper.width));
    paper.area(top + 6.0, 6.0, &palette.slo, missed, |_| 1.0);
    if let Some(side) = reel.side {
        paper.text(side.name(), (3.0, top + high - 6.0), "left", &palette.text);
        paper.rect([0.0, top + high - 1.0, paper.width, 1.0], &palette.grid);
    }
}
