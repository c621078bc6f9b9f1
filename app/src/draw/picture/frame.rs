//! What a curve is seen against: axes with their grid, lines and regions.

use super::place::Place;
use super::words::escaped;
use super::{list, number, text};
use serde_json::Value;
use std::fmt::Write;

/// Both axes: grid, line, ticks, labels, title. Ticks are listed in every figure of ours.
pub(super) fn axes(out: &mut String, at: &Place, layout: &Value) -> Option<()> {
    let Place { left, top, right, bottom, .. } = *at;
    for (name, upright) in [("xaxis", false), ("yaxis", true)] {
        let axis = layout.get(name)?;
        let (grid, ink) = (escaped(text(axis, "/gridcolor")?), escaped(text(axis, "/tickfont/color")?));
        let values = axis.pointer("/tickvals")?.as_array()?;
        let labels = list(axis, "/ticktext");
        let (mut lines, mut words) = (String::new(), String::new());
        for (value, label) in values.iter().filter_map(Value::as_f64).zip(labels) {
            let label = escaped(label.as_str()?);
            if upright {
                let y = at.y(value);
                write!(lines, "M{left:.2},{y:.2}H{right:.2}M{:.2},{y:.2}h-4", left - 1.0).ok()?;
                write!(words, r#"<text x="{:.2}" y="{:.2}" text-anchor="end">{label}</text>"#, left - 7.4, y + 4.2)
                    .ok()?;
            } else {
                let x = at.x(value);
                write!(lines, "M{x:.2},{top:.2}V{bottom:.2}M{x:.2},{:.2}v4", bottom + 1.0).ok()?;
                write!(words, r#"<text x="{x:.2}" y="{:.2}" text-anchor="middle">{label}</text>"#, bottom + 19.4)
                    .ok()?;
            }
        }
        match (upright, text(axis, "/title/text")) {
            (true, _) => write!(lines, "M{:.2},{top:.2}V{bottom:.2}", left - 0.5).ok()?,
            (false, title) => {
                write!(lines, "M{:.2},{:.2}H{right:.2}", left - 1.0, bottom + 0.5).ok()?;
                let (middle, y) = ((left + right) / 2.0, bottom + 41.0);
                let title = escaped(title.unwrap_or_default());
                write!(words, r#"<text x="{middle:.2}" y="{y:.2}" text-anchor="middle">{title}</text>"#).ok()?;
            }
        }
        write!(
            out,
            r#"<path d="{lines}" fill="none" stroke="{grid}" shape-rendering="crispEdges"/><g fill="{ink}">{words}</g>"#
        )
        .ok()?;
    }
    Some(())
}

/// Lines and regions, those under the grid or those over the curve.
pub(super) fn shapes(out: &mut String, at: &Place, layout: &Value, below: bool) -> Option<()> {
    for shape in list(layout, "/shapes") {
        if (text(shape, "/layer") == Some("below")) != below {
            continue;
        }
        let (by_x, by_y) = (text(shape, "/xref")?, text(shape, "/yref")?);
        let x = |name: &str| Some(at.x_by(by_x, number(shape, name)?).clamp(at.left, at.right));
        let y = |name: &str| Some(at.y_by(by_y, number(shape, name)?).clamp(at.top, at.bottom));
        let (x0, x1, y0, y1) = (x("/x0")?, x("/x1")?, y("/y0")?, y("/y1")?);
        match text(shape, "/type")? {
            "line" => {
                let colour = escaped(text(shape, "/line/color")?);
                let width = number(shape, "/line/width")?;
                // As Plotly spaces them.
                let dash = match text(shape, "/line/dash")? {
                    "dot" => width.max(3.0),
                    "dash" => 3.0 * width.max(3.0),
                    _ => return None,
                };
                write!(
                    out,
                    r#"<path d="M{x0:.2},{y0:.2}L{x1:.2},{y1:.2}" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>"#
                )
                .ok()?;
            }
            "rect" => {
                let colour = escaped(text(shape, "/fillcolor")?);
                let (x, y, width, height) = (x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs());
                write!(out, r#"<rect x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{height:.2}" fill="{colour}"/>"#)
                    .ok()?;
            }
            _ => return None,
        }
    }
    Some(())
}
