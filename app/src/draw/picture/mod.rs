//! A figure as a picture: the part of a Plotly figure that load curves use, as SVG of our own.
//!
//! Plotly takes some 20 ms for a redraw, whatever is changed, and a page has two figures; while a control moves that is most
//! of the time from the hand to the curve. A picture takes 1 ms. It stands where Plotly's drawing will: as long as the answer
//! still changes, and until Plotly is there. It is laid out as Plotly lays out, so that nothing jumps when the two change
//! places; what it cannot draw it refuses, and Plotly draws that.

mod frame;
mod place;
mod trace;
mod words;

use crate::chart::Figure;
use place::Place;
use serde_json::Value;
use std::fmt::Write;

/// The figure in a place so wide and high, px; none where it holds something that pictures do not.
pub(crate) fn svg(figure: &Figure, (width, height): (i32, i32)) -> Option<String> {
    let figure = serde_json::to_value(figure).ok()?;
    let (data, layout) = (figure.get("data")?.as_array()?, figure.get("layout")?);
    let place = Place::new(layout, f64::from(width), f64::from(height))?;
    let font = words::escaped(text(layout, "/font/family")?);
    let mut out = String::with_capacity(8 * 1024);
    write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" style="font:12px {font}">"#
    )
    .ok()?;
    frame::shapes(&mut out, &place, layout, true)?;
    frame::axes(&mut out, &place, layout)?;
    for one in data {
        trace::draw(&mut out, &place, one)?;
    }
    frame::shapes(&mut out, &place, layout, false)?;
    words::draw(&mut out, &place, layout)?;
    out.push_str("</svg>");
    Some(out)
}

/// Text at a path.
fn text<'a>(of: &'a Value, path: &str) -> Option<&'a str> {
    of.pointer(path)?.as_str()
}

/// A number at a path.
fn number(of: &Value, path: &str) -> Option<f64> {
    of.pointer(path)?.as_f64()
}

/// A list at a path; empty where there is none.
fn list<'a>(of: &'a Value, path: &str) -> &'a [Value] {
    of.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
