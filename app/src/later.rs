//! Parts of the page that are made once what is seen first is there, each in a task of its own: a browser compiles what is
//! called for the first time, and all at once that kept the page from answering for most of a second on a telephone.
//!
//! A part stands empty until its turn; turns come in the order of the page, so that nothing moves that is there already. Once
//! the page is whole, parts are made at once.

use crate::browser;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

/// Lets a part be made.
type Due = Box<dyn FnOnce()>;

/// Parts in their order.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Due>,
    /// Those that came since the last part was let through: they are within it, and before all that wait.
    within: Vec<Due>,
    /// Whether all was made that the page began with.
    whole: bool,
}

impl Line {
    fn next(&mut self) -> Option<Due> {
        for due in std::mem::take(&mut self.within).into_iter().rev() {
            self.waiting.push_front(due);
        }
        let next = self.waiting.pop_front();
        self.whole |= next.is_none();
        next
    }
}

thread_local! {
    static LINE: RefCell<Line> = RefCell::default();
}

/// A part of the page that is not seen first.
pub(crate) fn part(make: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    if LINE.with_borrow(|line| line.whole) {
        return make();
    }
    let due = RwSignal::new(false);
    let body = move || {
        if due.get() {
            return Some(untrack(&make));
        }
        // What it is part of may be gone when its turn comes.
        let call = move || {
            let _ = due.try_set(true);
        };
        LINE.with_borrow_mut(|line| line.within.push(Box::new(call)));
        None
    };
    body.into_any()
}

/// Makes all parts that there are, one a task; then the page is whole, and says so.
pub(crate) fn follow() {
    // A message to oneself is a task that nothing delays, unlike a timer.
    let channel = MessageChannel::new().expect("channels need nothing that could be missing");
    let (from, to) = (channel.port1(), channel.port2());
    let call = {
        let from = from.clone();
        // Both ends are open and ours.
        move || drop(from.post_message(&JsValue::NULL))
    };
    let again = call.clone();
    let work = Closure::<dyn FnMut()>::new(move || match LINE.with_borrow_mut(Line::next) {
        Some(due) => {
            due();
            again();
        }
        None => browser::set_root_data("boot", "ready"),
    });
    to.set_onmessage(Some(work.as_ref().unchecked_ref()));
    // Called until the page is whole.
    work.forget();
    call();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn parts_within_a_part_come_before_those_after_it() {
        let made: Rc<RefCell<Vec<&str>>> = Rc::default();
        let note = |name: &'static str| -> Due {
            let made = Rc::clone(&made);
            Box::new(move || made.borrow_mut().push(name))
        };
        let mut line = Line { within: vec![note("form"), note("table")], ..Line::default() };
        line.next().expect("two wait")();
        line.within = vec![note("field"), note("other field")];
        while let Some(due) = line.next() {
            due();
        }
        assert_eq!(*made.borrow(), ["form", "field", "other field", "table"]);
        assert!(line.whole);
    }
}
