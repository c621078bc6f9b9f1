//! The worker's side: takes jobs, simulates them in slices, obeys the newest ticket.

mod bench;
mod inbox;

use crate::browser;
use crate::wire::{self, FromWorker, Job, ToWorker};
use bench::{Bench, Outside, work};
use inbox::Inbox;
use js_sys::{Promise, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

/// The worker as its jobs see it.
struct Browser {
    scope: DedicatedWorkerGlobalScope,
    inbox: RefCell<Inbox>,
    busy: Cell<bool>,
    /// Its two ends are ours: a message to ourselves comes back after those that wait, and unlike a timer
    /// it is never held back.
    channel: MessageChannel,
}

impl Outside for Browser {
    fn now_ms(&self) -> f64 {
        browser::now_ms()
    }

    fn wants(&self, job: &Job) -> bool {
        self.inbox.borrow().wants(job)
    }

    fn say(&self, message: FromWorker) {
        let sent = wire::to_js(&message).and_then(|m| self.scope.post_message(&m));
        if sent.is_err() {
            browser::complain("a worker's message could not be sent");
        }
    }

    async fn piece(&self, of: &Blob, from: f64, to: f64) -> Result<Vec<u8>, String> {
        let why = |error: JsValue| browser::reason(&error);
        let piece = of.slice_with_f64_and_f64(from, to).map_err(why)?;
        let read = JsFuture::from(piece.array_buffer()).await.map_err(why)?;
        Ok(Uint8Array::new(&read).to_vec())
    }

    async fn pause(&self) {
        let back = Promise::new(&mut |resolve, _| self.channel.port1().set_onmessage(Some(&resolve)));
        // Both ends are open as long as the worker lives, and the promise cannot fail.
        let _ = self.channel.port2().post_message(&JsValue::NULL);
        let _ = JsFuture::from(back).await;
    }
}

/// Starts the worker: from here on it reacts to messages.
pub(crate) fn start(scope: DedicatedWorkerGlobalScope) {
    let channel = MessageChannel::new().expect("channels need nothing that could be missing");
    let me = Rc::new(Browser { scope: scope.clone(), inbox: RefCell::default(), busy: Cell::new(false), channel });
    let bench = Rc::new(RefCell::new(Bench::new()));
    let this = Rc::clone(&me);
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Ok(message) = wire::from_js::<ToWorker>(event.data()) else {
            browser::complain("a worker got a message that is not ours");
            return;
        };
        let dropped = this.inbox.borrow_mut().take(message);
        dropped.into_iter().for_each(|message| this.say(message));
        if !this.busy.replace(true) {
            spawn_local(until_empty(Rc::clone(&this), Rc::clone(&bench)));
        }
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    // The worker listens as long as it lives.
    listen.forget();
    me.say(FromWorker::Ready);
}

async fn until_empty(me: Rc<Browser>, bench: Rc<RefCell<Bench>>) {
    loop {
        let Some(job) = me.inbox.borrow_mut().next() else { break };
        work(job, &bench, &*me).await;
    }
    me.busy.set(false);
}
