//! The tabs that come when they are first opened.

use super::{Parts, looks, rate};
use crate::compare;
use crate::details::{self, Details};
use crate::live::{self, Live};
use crate::part::{self, Missing};
use crate::sweep::{self, Sweep};
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

/// Tells controls of other tabs from those of the answer.
const COMPARE: &str = "compare";
const DETAILS: &str = "details";

/// What a tab is made of.
type Args = (Parts, Details);
/// Makes a tab.
type Make = fn(Args) -> AnyView;

pub(super) fn details(args: Args) -> AnyView {
    part::tab(|| Box::pin(details_part()), args)
}

pub(super) fn compare(args: Args) -> AnyView {
    part::tab(|| Box::pin(compare_part()), args)
}

/// The comparison in somebody else's page.
pub(super) fn embedded_compare(parts: Parts) -> AnyView {
    part::tab(|| Box::pin(embedded_part()), parts)
}

pub(super) fn sweep(args: Args) -> AnyView {
    part::tab(|| Box::pin(sweep_part()), args)
}

pub(super) fn live(args: Args) -> AnyView {
    part::tab(|| Box::pin(live_part()), args)
}

#[wasm_split(tabs, fallible)]
fn details_part() -> Result<Make, Missing> {
    Ok(|(Parts { store, bundle, palette, .. }, details)| {
        details::view(details, bundle, palette, looks::view(store, DETAILS))
    })
}

#[wasm_split(tabs, fallible)]
fn compare_part() -> Result<Make, Missing> {
    Ok(|(Parts { store, compare, bundle, palette, .. }, _)| {
        let controls = view! { {rate::view(store, COMPARE)} {looks::view(store, COMPARE)} }.into_any();
        compare::view(compare, bundle, palette, controls)
    })
}

#[wasm_split(tabs, fallible)]
fn embedded_part() -> Result<fn(Parts) -> AnyView, Missing> {
    Ok(|Parts { compare, bundle, palette, .. }| compare::embedded(compare, bundle, palette))
}

#[wasm_split(tabs, fallible)]
fn sweep_part() -> Result<Make, Missing> {
    Ok(|(Parts { store, bundle, palette, .. }, _)| sweep::view(Sweep::new(store), bundle, palette))
}

#[wasm_split(tabs, fallible)]
fn live_part() -> Result<Make, Missing> {
    Ok(|(Parts { store, compare, palette, .. }, details)| live::view(Live::new(store, details, compare), palette))
}
