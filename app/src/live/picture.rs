//! The cluster at a moment: the router, the instances, and every request as a dot where it is.
//!
//! While it plays, a dot takes some time for each leg of its way, so that ways that take a millisecond are seen too; it
//! lags behind by that. At rest every dot is where it was.

use super::film::{Film, seconds};
use super::lanes::SHOWN_MAX;
use super::paper::{self, Paper};
use crate::chart::Palette;
use crate::say;
use playground_core::report::timeline::{ROUTER, Stage, StageKind};
use std::f64::consts::TAU;
use web_sys::HtmlCanvasElement;

/// From dot to dot, and the size of one, px.
const PITCH: f64 = 8.0;
const RADIUS: f64 = 2.75;
/// Height of the router's strip and of an instance's box, px.
const STRIP: f64 = 44.0;
const BOX: f64 = 92.0;
/// Between them, and within them.
const GAP: f64 = 10.0;
const PAD: f64 = 6.0;
/// Height of a line of text, px.
const LINE: f64 = 15.0;
/// Width that a box wants, and how many lie side by side at most.
const BOX_WIDTH: f64 = 280.0;
const ABREAST_MAX: f64 = 4.0;
/// Part of a box that is for those who wait.
const WAITING_FRAC: f64 = 0.34;
/// How far from a dot it is still meant, px.
const REACH: f64 = 10.0;

/// A dot that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    x: f64,
    y: f64,
    request: u32,
    look: Look,
}

/// What a dot looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Waits,
    Prefill,
    Decode,
    Missed,
}

/// A place that holds dots in rows.
#[derive(Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Area {
    fn room(&self) -> u32 {
        ((self.width / PITCH).floor() * (self.height / PITCH).floor()).max(0.0) as u32
    }

    fn place(&self, slot: u32) -> (f64, f64) {
        let abreast = (self.width / PITCH).floor().max(1.0);
        let (row, column) = ((f64::from(slot) / abreast).floor(), f64::from(slot) % abreast);
        (self.x + (column + 0.5) * PITCH, self.y + (row + 0.5) * PITCH)
    }

    fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// Where everything is.
struct Layout {
    width: f64,
    abreast: f64,
    first: usize,
    shown: usize,
}

impl Layout {
    fn new(width: f64, film: &Film, first: usize) -> Layout {
        let shown = film.engines.len().saturating_sub(first).min(SHOWN_MAX);
        let abreast = ((width + GAP) / (BOX_WIDTH + GAP)).floor().clamp(1.0, ABREAST_MAX);
        Layout { width, abreast, first, shown }
    }

    fn height(&self) -> f64 {
        STRIP + (self.shown as f64 / self.abreast).ceil() * (BOX + GAP)
    }

    /// An instance's box; none where it is not shown.
    fn instance(&self, index: u32) -> Option<Area> {
        let place = (index as usize).checked_sub(self.first).filter(|p| *p < self.shown)? as f64;
        let width = (self.width - (self.abreast - 1.0) * GAP) / self.abreast;
        let (row, column) = ((place / self.abreast).floor(), place % self.abreast);
        Some(Area { x: column * (width + GAP), y: STRIP + GAP + row * (BOX + GAP), width, height: BOX })
    }

    fn router(&self) -> Area {
        Area { x: PAD, y: LINE + 3.0, width: self.width - 2.0 * PAD, height: STRIP - LINE - 5.0 }
    }

    /// Where those of a stage are; none where that is not shown.
    fn area(&self, stage: &Stage) -> Option<Area> {
        if stage.instance == ROUTER {
            return Some(self.router());
        }
        let inside = self.instance(stage.instance)?;
        let (top, room) = (inside.y + LINE + 12.0, inside.height - LINE - 12.0 - PAD);
        let split = inside.width * WAITING_FRAC;
        let waits = matches!(stage.kind, StageKind::Way | StageKind::Queue | StageKind::Transfer);
        Some(if waits {
            Area { x: inside.x + PAD, y: top, width: split - 2.0 * PAD, height: room }
        } else {
            Area { x: inside.x + split, y: top, width: inside.width - split - PAD, height: room }
        })
    }
}

/// Draws the cluster at a moment; a leg of a dot's way takes `leg` seconds. Returns the dots.
pub(super) fn draw(
    canvas: &HtmlCanvasElement,
    (width, first): (f64, usize),
    film: &Film,
    (t, leg): (f64, f64),
    picked: Option<u32>,
    palette: &Palette,
) -> Vec<Dot> {
    let layout = Layout::new(width, film, first);
    let Some(paper) = paper::begin(canvas, (width, layout.height()), palette) else { return Vec::new() };
    let (dots, more) = dots(film, &layout, t, leg);
    let at_router = more.iter().filter(|(i, _)| *i == ROUTER).count();
    frames(&paper, film, &layout, t, palette);
    let words = if at_router > 0 {
        format!("router: {} more than are drawn", say::count(at_router as u64))
    } else {
        "router".into()
    };
    paper.text(&words, (PAD, LINE - 2.0), "left", &palette.text);
    let looks = [
        (Look::Waits, &palette.muted),
        (Look::Prefill, &palette.series_b),
        (Look::Decode, &palette.series),
        (Look::Missed, &palette.slo),
    ];
    for (look, colour) in looks {
        shapes(&paper, dots.iter().filter(|d| d.look == look), look, colour);
    }
    if let Some(dot) = picked.and_then(|p| dots.iter().find(|d| d.request == p)) {
        paper.frame([dot.x - 6.0, dot.y - 6.0, 12.0, 12.0], &palette.text);
    }
    dots
}

/// All dots of one look in one stroke.
fn shapes<'a>(paper: &Paper, dots: impl Iterator<Item = &'a Dot>, look: Look, colour: &str) {
    let pen = &paper.pen;
    pen.begin_path();
    for dot in dots {
        match look {
            Look::Prefill => pen.rect(dot.x - RADIUS, dot.y - RADIUS, 2.0 * RADIUS, 2.0 * RADIUS),
            Look::Missed => {
                pen.move_to(dot.x, dot.y - RADIUS - 1.0);
                pen.line_to(dot.x + RADIUS + 1.0, dot.y + RADIUS);
                pen.line_to(dot.x - RADIUS - 1.0, dot.y + RADIUS);
                pen.close_path();
            }
            Look::Waits | Look::Decode => {
                pen.move_to(dot.x + RADIUS, dot.y);
                // A circle of a positive radius can be drawn.
                let _ = pen.arc(dot.x, dot.y, RADIUS, 0.0, TAU);
            }
        }
    }
    if look == Look::Waits {
        pen.set_stroke_style_str(colour);
        pen.set_line_width(1.25);
        pen.stroke();
    } else {
        pen.set_fill_style_str(colour);
        pen.fill();
    }
}

/// The router's strip and the instances' boxes, with how they stand in words.
fn frames(paper: &Paper, film: &Film, layout: &Layout, t: f64, palette: &Palette) {
    paper.frame([0.0, 0.0, paper.width, STRIP], &palette.grid);
    for (i, engine) in film.engines.iter().enumerate().skip(layout.first).take(layout.shown) {
        let Some(area) = layout.instance(i as u32) else { continue };
        let about = &film.timeline.about.instances[i];
        paper.frame([area.x, area.y, area.width, area.height], &palette.grid);
        let share = f64::from(engine.kv_used.at(t)) / f64::from(about.kv_blocks.max(1));
        let words = format!(
            "queue {} · batch {} · KV {}",
            engine.waiting.at(t),
            engine.batch.at(t),
            say::percent_whole(share.min(1.0))
        );
        paper.text(&about.name, (area.x + PAD, area.y + LINE), "left", &palette.text);
        paper.text(&words, (area.x + area.width - PAD, area.y + LINE), "right", &palette.muted);
        let bar = [area.x + PAD, area.y + LINE + 4.0, area.width - 2.0 * PAD, 3.0];
        paper.rect(bar, &palette.shade);
        paper.rect([bar[0], bar[1], bar[2] * share.min(1.0), bar[3]], &palette.muted);
    }
}

/// Where everyone is; and who found no room.
fn dots(film: &Film, layout: &Layout, t: f64, leg: f64) -> (Vec<Dot>, Vec<(u32, u32)>) {
    let (mut dots, mut more) = (Vec::new(), Vec::new());
    // By instance, the router last: slots taken by those who wait, and by those who run.
    let mut taken = vec![[0u32; 2]; film.engines.len() + 1];
    film.present(t, leg * LEGS_MAX, |request| {
        let stages = film.stages(request);
        let Some((now, since, gone)) = leg_of(stages, film.life(request).1, t, leg) else { return };
        let stage = stages[now];
        let Some(area) = layout.area(&stage) else { return };
        let runs = matches!(stage.kind, StageKind::Prefill | StageKind::Decode);
        let holder = (stage.instance as usize).min(film.engines.len());
        let slot = &mut taken[holder][usize::from(runs)];
        let here = if gone { (area.x + area.width, area.middle().1) } else { area.place(*slot) };
        if !gone {
            *slot += 1;
            if *slot > area.room() {
                more.push((stage.instance, request));
                return;
            }
        }
        let from = match (gone, now) {
            (true, _) => area.middle(),
            (false, 0) => (-PITCH, here.1),
            (false, _) => layout.area(&stages[now - 1]).map_or(here, |a| a.middle()),
        };
        let way = if leg > 0.0 { (since / leg).clamp(0.0, 1.0) } else { 1.0 };
        let missed = film.missed[request as usize].is_some_and(|m| seconds(m.at) <= t);
        let look = match stage.kind {
            _ if missed => Look::Missed,
            StageKind::Prefill => Look::Prefill,
            StageKind::Decode => Look::Decode,
            _ => Look::Waits,
        };
        dots.push(Dot { x: from.0 + (here.0 - from.0) * way, y: from.1 + (here.1 - from.1) * way, request, look });
    });
    (dots, more)
}

/// Legs that a dot may lag behind.
const LEGS_MAX: f64 = 6.0;

/// Which stage a dot is in, for how long, and whether it is on its way out. Each stage is entered no sooner than a leg after
/// the one before.
fn leg_of(stages: &[Stage], gone: f64, t: f64, leg: f64) -> Option<(usize, f64, bool)> {
    let (mut entered, mut found) = (f64::NEG_INFINITY, None);
    for (k, stage) in stages.iter().enumerate() {
        entered = seconds(stage.from).max(entered + leg);
        // Who lags too far behind catches up.
        entered = entered.min(seconds(stage.from) + leg * (LEGS_MAX - 2.0));
        if entered > t {
            return found;
        }
        found = Some((k, t - entered, false));
    }
    let left = gone.max(entered + leg);
    let (last, ..) = found?;
    if left > t { found } else { (t - left < leg).then_some((last, t - left, true)) }
}

/// The request at a place, if there is one.
pub(super) fn at(dots: &[Dot], x: f64, y: f64) -> Option<u32> {
    let far = |d: &Dot| (d.x - x).hypot(d.y - y);
    dots.iter().filter(|d| far(d) <= REACH).min_by(|a, b| far(a).total_cmp(&far(b))).map(|d| d.request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::film::tests::timeline;

    #[test]
    fn at_rest_everyone_present_is_where_it_is() {
        let film = Film::new(timeline("pd-chat", 60_000));
        let layout = Layout::new(1200.0, &film, 0);
        for i in 0..30 {
            let t = film.until * f64::from(i) / 30.0;
            let (dots, more) = dots(&film, &layout, t, 0.0);
            let mut present = 0;
            film.present(t, 0.0, |_| present += 1);
            assert_eq!(dots.len() + more.len(), present, "at {t}");
            for dot in &dots {
                let stage = film.stage_at(dot.request, t).expect("it is present");
                let area = layout.area(stage).expect("all are shown");
                assert!(dot.x >= area.x && dot.x <= area.x + area.width && dot.y >= area.y, "{dot:?}");
            }
        }
    }

    #[test]
    fn a_dot_takes_its_time_for_each_leg_and_never_goes_back() {
        let film = Film::new(timeline("interactive-chat", 20_000));
        for request in 0..50.min(film.requests()) {
            let (from, to) = film.life(request);
            let (mut before, mut t) = (0, from);
            while t < to.min(film.until) {
                if let Some((k, since, _)) = leg_of(film.stages(request), to, t, 0.18) {
                    assert!(k >= before && since >= 0.0);
                    before = k;
                }
                t += 0.05;
            }
            assert_eq!(leg_of(film.stages(request), to, from - 1.0, 0.18), None);
            assert_eq!(leg_of(film.stages(request), to, to + 60.0, 0.18), None);
        }
    }
}
