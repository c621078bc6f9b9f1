//! Files out of the page: figures as pictures, everything as data. Made in the browser; nothing is uploaded.
//!
//! `item` is one thing that can be saved, `menu` offers them, `image` makes pictures that say where they come from,
//! `sheet` is a table as data, `curve` that of an answer, `document` what other programs read, `trace` what a run sends,
//! `citation` a reference to it all, `file` hands bytes to the browser.

mod citation;
mod curve;
mod document;
mod file;
mod image;
mod item;
mod menu;
mod sheet;
mod stamp;
mod trace;

pub(crate) use curve::sheet as curve_sheet;
pub(crate) use document::items as documents;
#[cfg(test)]
pub(crate) use image::{with_metadata, with_text};
pub(crate) use item::Item;
pub(crate) use menu::{Menu, view as menu};
pub(crate) use sheet::{Cell, Sheet, markdown};
pub(crate) use stamp::Stamp;
