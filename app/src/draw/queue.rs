//! Redraws in tasks of their own, short ones together, so that none keeps the page from reacting; and the marks by which it
//! is measured.

use crate::browser;
use std::borrow::Cow;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

/// Which result a redraw shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// The edit it answers.
    pub(crate) revision: u32,
    pub(crate) settled: bool,
    /// Whether every load is there.
    pub(crate) whole: bool,
    /// Loads drawn.
    pub(crate) loads: usize,
}

/// Draws, and says whether a result is on the page now.
type Draw = Box<dyn FnOnce() -> bool>;

struct Queue {
    waiting: Vec<(Cow<'static, str>, Draw)>,
    armed: bool,
    drawn: bool,
    stamp: Option<Stamp>,
    first_marked: bool,
    channel: MessageChannel,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::new(Queue::new());
}

impl Queue {
    fn new() -> Self {
        let channel = MessageChannel::new().expect("channels need nothing that could be missing");
        let work = Closure::<dyn FnMut()>::new(work);
        channel.port1().set_onmessage(Some(work.as_ref().unchecked_ref()));
        // The queue lives as long as the page.
        work.forget();
        Queue { waiting: Vec::new(), armed: false, drawn: false, stamp: None, first_marked: false, channel }
    }

    fn arm(&mut self) {
        if !self.armed {
            self.armed = true;
            // Both ends are ours and open.
            let _ = self.channel.port2().post_message(&JsValue::NULL);
        }
    }
}

/// Draws soon, in a task of its own; instead of what still waits under the same name.
pub(crate) fn push(name: impl Into<Cow<'static, str>>, draw: impl FnOnce() -> bool + 'static) {
    let name = name.into();
    QUEUE.with_borrow_mut(|q| {
        q.waiting.retain(|(n, _)| *n != name);
        q.waiting.push((name, Box::new(draw)));
        q.arm();
    });
}

thread_local! {
    /// Ways to draw every figure again, at once.
    static REDRAWS: RefCell<Vec<Box<dyn Fn()>>> = const { RefCell::new(Vec::new()) };
}

/// Makes a figure known that can be drawn again at any time.
pub(crate) fn register(redraw: impl Fn() + 'static) {
    REDRAWS.with_borrow_mut(|all| all.push(Box::new(redraw)));
}

/// Draws every figure now: for the printer, which does not wait for tasks.
pub(crate) fn redraw_now() {
    REDRAWS.with_borrow(|all| all.iter().for_each(|redraw| redraw()));
}

/// What is being pushed shows this result.
pub(crate) fn stamp(stamp: Stamp) {
    QUEUE.with_borrow_mut(|q| q.stamp = Some(stamp));
}

/// A task goes on to the next redraw as long as it has taken no more than this, ms: what Plotly draws has a task for
/// itself, pictures share one.
const SHARED_MS: f64 = 6.0;

fn work() {
    let began_ms = browser::now_ms();
    loop {
        let next = QUEUE.with_borrow_mut(|q| {
            q.armed = false;
            (!q.waiting.is_empty()).then(|| q.waiting.remove(0).1)
        });
        let Some(draw) = next else { return };
        let drawn = draw();
        let is_over = QUEUE.with_borrow_mut(|q| {
            q.drawn |= drawn;
            if q.waiting.is_empty() {
                q.mark();
                return true;
            }
            let is_over = browser::now_ms() - began_ms > SHARED_MS;
            if is_over {
                q.arm();
            }
            is_over
        });
        if is_over {
            return;
        }
    }
}

impl Queue {
    /// Everything that waited is drawn: say so once.
    fn mark(&mut self) {
        if !std::mem::take(&mut self.drawn) {
            return;
        }
        let Some(stamp) = self.stamp.take() else { return };
        let detail = [
            ("revision", f64::from(stamp.revision)),
            ("loads", stamp.loads as f64),
            ("whole", f64::from(u8::from(stamp.whole))),
        ];
        if !std::mem::replace(&mut self.first_marked, true) {
            browser::mark("first-result", &detail);
        }
        browser::mark(if stamp.settled { "settled-drawn" } else { "draft-drawn" }, &detail);
    }
}
