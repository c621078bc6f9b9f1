//! The door for a wasm host: run case n, then read the text it left. Nothing is imported.

// Names a host can find are, to the compiler, a matter of unsafe code; there is none behind them.
#![allow(unsafe_code)]

use crate::{cases, line};
use std::sync::Mutex;

static TEXT: Mutex<String> = Mutex::new(String::new());

/// Runs case number `index` and keeps its line; the line's length, 0 where there is no such case.
#[unsafe(no_mangle)]
pub extern "C" fn run(index: u32) -> u32 {
    let text = cases().get(index as usize).map(line).unwrap_or_default();
    let length = u32::try_from(text.len()).expect("a line is short");
    *TEXT.lock().expect("one thread") = text;
    length
}

/// Where the line of the last case begins; it stays until the next one runs.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.lock().expect("one thread").as_ptr()
}
