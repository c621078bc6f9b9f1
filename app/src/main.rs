//! The page and its workers, in one wasm module: compiled once, and the same code on both sides.
//!
//! `main` branches on where it runs: on the page it draws and never simulates; in a worker it only
//! simulates. What crosses between them is in `wire`; `pool` decides who simulates what; `state` holds the
//! scenario and its answer; `chart` turns answers into figures and `draw` puts figures on the page.

mod browser;
mod chart;
mod commands;
mod compare;
mod details;
mod dialog;
mod draw;
mod export;
mod form;
mod glossary;
mod import;
mod later;
mod live;
mod next;
mod page;
mod panel;
mod part;
mod pool;
mod say;
mod state;
mod sweep;
mod wire;
mod worker;

fn main() {
    browser::report_panics();
    match browser::worker_scope() {
        Some(scope) => worker::start(scope),
        None => page::mount(),
    }
}
