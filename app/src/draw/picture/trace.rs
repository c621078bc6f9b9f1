//! One series: its line, the intervals of its points, its points.

use super::place::Place;
use super::words::escaped;
use super::{list, number, text};
use serde_json::Value;
use std::fmt::Write;

/// Half the width of an interval's ends over its width in the figure.
const CAP: f64 = 3.0;

/// Draws a trace, and keeps its data beside it as they are.
pub(super) fn draw(out: &mut String, at: &Place, trace: &Value) -> Option<()> {
    if text(trace, "/type") != Some("scatter") {
        return None;
    }
    let (xs, ys) = (list(trace, "/x"), list(trace, "/y"));
    let points: Vec<(usize, f64, f64)> = xs
        .iter()
        .zip(ys)
        .enumerate()
        .filter_map(|(i, (x, y))| Some((i, x.as_f64()?, y.as_f64().filter(|y| at.y(*y).is_finite())?)))
        .collect();
    let said = |all: &[Value]| serde_json::to_string(all).unwrap_or_default();
    write!(out, r#"<g data-x="{}" data-y="{}""#, said(xs), said(ys)).ok()?;
    if let Some(bars) = bars(trace) {
        let (above, below) = (said(list(bars, "/array")), said(list(bars, "/arrayminus")));
        write!(out, r#" data-above="{above}" data-below="{below}""#).ok()?;
    }
    out.push('>');
    match text(trace, "/mode")? {
        "lines" => {
            intervals(out, at, trace, &points)?;
            line(out, at, trace, &points, ys)?;
        }
        "markers" => marks(out, at, trace.get("marker")?, &points)?,
        "lines+markers" => {
            intervals(out, at, trace, &points)?;
            line(out, at, trace, &points, ys)?;
            marks(out, at, trace.get("marker")?, &points)?;
        }
        _ => return None,
    }
    out.push_str("</g>");
    Some(())
}

/// The line, cut at the edge of the plot and open where a value is missing.
fn line(out: &mut String, at: &Place, trace: &Value, points: &[(usize, f64, f64)], ys: &[Value]) -> Option<()> {
    let (colour, width) = (escaped(text(trace, "/line/color")?), number(trace, "/line/width")?);
    let mut path = String::new();
    for &(i, x, y) in points {
        let begins = i == 0 || ys[i - 1].is_null();
        let (x, y) = (at.x(x) - at.left, at.y(y) - at.top);
        write!(path, "{}{x:.2},{y:.2}", if begins { "M" } else { "L" }).ok()?;
    }
    // As Plotly spaces them.
    let dash = match text(trace, "/line/dash") {
        None | Some("solid") => String::new(),
        Some("dot") => format!(r#" stroke-dasharray="{}""#, width.max(3.0)),
        Some("dash") => format!(r#" stroke-dasharray="{}""#, 3.0 * width.max(3.0)),
        Some("dashdot") => {
            let dot = width.max(3.0);
            format!(r#" stroke-dasharray="{},{dot},{dot},{dot}""#, 3.0 * dot)
        }
        Some(_) => return None,
    };
    let Place { left, top, .. } = *at;
    let (w, h) = (at.width(), at.height());
    write!(
        out,
        r#"<svg x="{left}" y="{top}" width="{w:.2}" height="{h:.2}" overflow="hidden"><path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/></svg>"#
    )
    .ok()
}

/// The intervals of a trace, where they are seen.
fn bars(trace: &Value) -> Option<&Value> {
    trace.get("error_y").filter(|b| b.get("visible").and_then(Value::as_bool) == Some(true))
}

fn intervals(out: &mut String, at: &Place, trace: &Value, points: &[(usize, f64, f64)]) -> Option<()> {
    let Some(bars) = bars(trace) else { return Some(()) };
    let (above, below) = (list(bars, "/array"), list(bars, "/arrayminus"));
    let mut path = String::new();
    for &(i, x, y) in points {
        let (up, down) = (above.get(i)?.as_f64()?, below.get(i)?.as_f64()?);
        let inside = |y: f64| at.y(y).clamp(at.top, at.bottom);
        let (x, high, low) = (at.x(x), inside(y + up), inside(y - down));
        let (l, r) = (x - CAP, x + CAP);
        write!(path, "M{l:.2},{high:.2}H{r:.2}M{x:.2},{high:.2}V{low:.2}M{l:.2},{low:.2}H{r:.2}").ok()?;
    }
    let colour = escaped(text(bars, "/color")?);
    write!(out, r#"<path d="{path}" fill="none" stroke="{colour}"/>"#).ok()
}

/// Half the diagonal of a diamond over half its size, as Plotly draws it.
const DIAMOND: f64 = 1.3;
/// Outer radius of a star over half its size, as Plotly draws it; and the inner one over that.
const STAR: f64 = 1.4;
const STAR_INNER: f64 = 0.382;
/// Half the side of a triangle over half its size, and how far it reaches below its middle.
const TRIANGLE: f64 = 1.154_700_5;
const TRIANGLE_BELOW: f64 = 0.5;

fn marks(out: &mut String, at: &Place, marker: &Value, points: &[(usize, f64, f64)]) -> Option<()> {
    // Points that only the pointer finds have no symbol.
    let Some(symbol) = text(marker, "/symbol") else { return Some(()) };
    let (shape, open) = symbol.strip_suffix("-open").map_or((symbol, false), |shape| (shape, true));
    let edge = number(marker, "/line/width")?;
    // One for all points, or one for each.
    let size = |i: usize| list(marker, "/size").get(i).and_then(Value::as_f64).or_else(|| number(marker, "/size"));
    let colour = |i: usize| list(marker, "/color").get(i).and_then(Value::as_str).or_else(|| text(marker, "/color"));
    let opacity = number(marker, "/opacity").filter(|o| *o < 1.0);
    let opacity = opacity.map_or_else(String::new, |o| format!(r#" opacity="{o}""#));
    write!(out, r#"<g stroke-width="{edge}"{opacity}>"#).ok()?;
    for &(i, x, y) in points {
        let (x, y, r) = (at.x(x), at.y(y), size(i)? / 2.0);
        let colour = escaped(colour(i)?);
        // What is open has its colour at its edge; what is not may have another one there.
        let edge = if open { None } else { text(marker, "/line/color") };
        let edge = edge.map_or_else(|| colour.clone(), escaped);
        let fill = if open { "none" } else { &*colour };
        write!(out, r#"<g fill="{fill}" stroke="{edge}">"#).ok()?;
        match shape {
            "circle" => write!(out, r#"<circle cx="{x:.2}" cy="{y:.2}" r="{r}"/>"#).ok()?,
            "square" => {
                write!(out, r#"<rect x="{:.2}" y="{:.2}" width="{2}" height="{2}"/>"#, x - r, y - r, 2.0 * r).ok()?;
            }
            "diamond" => {
                let d = DIAMOND * r;
                write!(out, r#"<path d="M{:.2},{y:.2}l-{d:.2},{d:.2}l-{d:.2},-{d:.2}l{d:.2},-{d:.2}Z"/>"#, x + d)
                    .ok()?;
            }
            "triangle-up" => {
                let (half, below) = (TRIANGLE * r, TRIANGLE_BELOW * r);
                write!(out, r#"<path d="M{:.2},{:.2}h{:.2}L{x:.2},{:.2}Z"/>"#, x - half, y + below, 2.0 * half, y - r)
                    .ok()?;
            }
            "star" => {
                let corner = |k: usize| {
                    let far = STAR * r * if k.is_multiple_of(2) { 1.0 } else { STAR_INNER };
                    let (east, north) = TENTHS[k];
                    format!("{:.2},{:.2}", x + far * east, y - far * north)
                };
                let corners: Vec<String> = (0..TENTHS.len()).map(corner).collect();
                write!(out, r#"<path d="M{}Z"/>"#, corners.join("L")).ok()?;
            }
            _ => return None,
        }
        out.push_str("</g>");
    }
    out.push_str("</g>");
    Some(())
}

/// Ten directions from the top around, east and north of the middle.
const TENTHS: [(f64, f64); 10] = [
    (0.0, 1.0),
    (0.588, 0.809),
    (0.951, 0.309),
    (0.951, -0.309),
    (0.588, -0.809),
    (0.0, -1.0),
    (-0.588, -0.809),
    (-0.951, -0.309),
    (-0.951, 0.309),
    (-0.588, 0.809),
];
