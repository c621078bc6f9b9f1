//! The workers themselves: started from a blob, fed with the compiled module, heard.
//!
//! A classic worker from a blob address and a dynamic `import()` of the page's own glue is the one way that
//! also works in a sandboxed frame, whose origin is opaque. The module was compiled for the page and is
//! posted, so a worker starts in milliseconds and nothing is fetched twice.

use crate::wire::{self, FromWorker};
use js_sys::{Array, Object, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Url, Worker};

/// What the worker runs first. Whatever goes wrong there is thrown out of a timer, because a rejected
/// promise would not reach the page as an `error` event.
const BOOTSTRAP: &str = "self.onmessage = async ({ data: { glue, module } }) => {
  try {
    await (await import(glue)).default({ module_or_path: module });
  } catch (error) {
    setTimeout(() => { throw error; });
  }
};";

#[wasm_bindgen]
extern "C" {
    /// Address of the glue that loaded this module.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static GLUE_URL: String;
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
        let worker = Worker::new(&bootstrap_url()?)?;
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
        Reflect::set(&start, &"glue".into(), &GLUE_URL.with(Clone::clone).into())?;
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

/// Address of the bootstrap, made once and kept: a worker may have to be replaced.
fn bootstrap_url() -> Result<String, JsValue> {
    thread_local! {
        static URL: std::cell::OnceCell<String> = const { std::cell::OnceCell::new() };
    }
    URL.with(|url| {
        if let Some(url) = url.get() {
            return Ok(url.clone());
        }
        let options = BlobPropertyBag::new();
        options.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&BOOTSTRAP.into()), &options)?;
        let made = Url::create_object_url_with_blob(&blob)?;
        Ok(url.get_or_init(|| made).clone())
    })
}
