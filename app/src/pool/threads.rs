//! The workers themselves: fed with the compiled module, heard. `app/workers.js` starts them.

use crate::wire::{self, FromWorker};
use js_sys::{Object, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};

#[wasm_bindgen]
extern "C" {
    /// A worker that awaits the compiled module.
    #[wasm_bindgen(catch, js_name = newWorker)]
    fn new_worker() -> Result<Worker, JsValue>;
}

/// What happened to a worker.
pub(crate) enum Event {
    /// It says something.
    Message(FromWorker),
    /// It is no more, or cannot be understood any more.
    Death(String),
}

/// (place, generation, event).
type Listener = Rc<dyn Fn(usize, u32, Event)>;

struct Thread {
    worker: Worker,
    // Kept as long as the worker may call them.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// All workers of the page.
pub(crate) struct Threads {
    threads: Vec<Option<Thread>>,
    listener: Listener,
}

impl Threads {
    /// None yet; `listener` will hear of every event.
    pub(crate) fn new(listener: Listener) -> Self {
        Threads { threads: Vec::new(), listener }
    }

    /// Starts a worker in this place; the one that was there ends.
    ///
    /// # Errors
    /// When the browser does not let us.
    pub(crate) fn spawn(&mut self, place: usize, generation: u32) -> Result<(), JsValue> {
        if self.threads.len() <= place {
            self.threads.resize_with(place + 1, || None);
        }
        self.threads[place] = None;
        self.threads[place] = Some(self.start(place, generation)?);
        Ok(())
    }

    fn start(&self, place: usize, generation: u32) -> Result<Thread, JsValue> {
        let worker = new_worker()?;
        let listener = Rc::clone(&self.listener);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let event = match wire::from_js(event.data()) {
                Ok(message) => Event::Message(message),
                Err(_) => Event::Death("a worker's message could not be read".into()),
            };
            listener(place, generation, event);
        });
        let listener = Rc::clone(&self.listener);
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            // Handled: the pool replaces the worker and says so if that does not help.
            event.prevent_default();
            // Errors from a blob may come as a bare event, without a message.
            listener(place, generation, Event::Death(crate::browser::reason(&event)));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let thread = Thread { worker, _on_message: on_message, _on_error: on_error };
        let start = Object::new();
        Reflect::set(&start, &"module".into(), &wasm_bindgen::module())?;
        thread.worker.post_message(&start)?;
        Ok(thread)
    }

    /// Sends to the worker in this place.
    pub(crate) fn post(&self, place: usize, message: &wire::ToWorker) {
        let Some(Some(thread)) = self.threads.get(place) else { return };
        let sent = wire::to_js(message).and_then(|m| thread.worker.post_message(&m));
        if sent.is_err() {
            crate::browser::complain("a message to a worker could not be sent");
        }
    }
}
