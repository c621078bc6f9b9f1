//! A run as a recording of traffic: a worker simulates it and writes it down.

use super::file;
use super::item::{Item, mime, told};
use crate::pool::{Errand, Word};
use crate::state::{Store, Tone};
use crate::wire::{Simulated, Task};
use leptos::prelude::*;
use playground_interop::trace::Form;
use std::sync::Arc;

/// What is offered: its name in tests, what the button says, its form and its file's extension.
const OFFERS: [(&str, &str, Form, &str); 2] = [
    ("trace", "First run as a trace (CSV)", Form::Csv, "csv"),
    ("trace-jsonl", "First run as a trace (JSONL)", Form::Jsonl, "jsonl"),
];

/// The first run in every form.
pub(super) fn items(store: Store) -> impl Iterator<Item = Item> {
    OFFERS.into_iter().map(move |(id, label, form, extension)| {
        let save = move || write(store, form, extension);
        Item { id, label, save: Arc::new(save) }
    })
}

fn write(store: Store, form: Form, extension: &'static str) {
    let (title, scenario) = store.scenario.with_untracked(|s| (s.title.clone(), s.to_value().to_string()));
    let name = file::name(&title, "trace", extension);
    let tell = move |word| match word {
        Word::Progress(_) => {}
        Word::Done(Simulated::Trace(text)) => told(store, file::save(&name, mime(extension), &text.0)),
        Word::Done(_) => unreachable!("nothing but a recording is asked for"),
        Word::Failed(why) => store.announce("export", Tone::Problem, format!("The trace cannot be written: {why}.")),
    };
    let note = "The first run is being simulated, to write down what it sends.";
    store.announce("export", Tone::Note, note.into());
    Errand::start(scenario, Task::Trace { form }, tell);
}
