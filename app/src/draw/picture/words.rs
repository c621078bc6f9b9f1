//! Words in a figure, where Plotly puts them.

use super::place::Place;
use super::{list, number, text};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write;

/// Plotly sets 12 px words in a box 18 px high; from its upper edge to the line that they stand on …
const RISE: f64 = 13.0;
/// … from there to its lower edge …
const DROP: f64 = 5.0;
/// … and from its sides to the words.
const SIDE: f64 = 1.0;

/// Every annotation.
pub(super) fn draw(out: &mut String, at: &Place, layout: &Value) -> Option<()> {
    for word in list(layout, "/annotations") {
        let (by_x, by_y) = (text(word, "/xref")?, text(word, "/yref")?);
        let x = at.words_x_by(by_x, number(word, "/x")?) + number(word, "/xshift").unwrap_or(0.0);
        let y = at.words_y_by(by_y, number(word, "/y")?) - number(word, "/yshift").unwrap_or(0.0);
        let colour = escaped(text(word, "/font/color")?);
        let (words, weight) = styled(text(word, "/text")?);
        let words = escaped(&words);
        let top = text(word, "/yanchor")? == "top";
        // What stands behind words keeps the lines away from them.
        let behind = text(word, "/bgcolor").map_or_else(String::new, |colour| {
            let colour = escaped(colour);
            format!(r#" stroke="{colour}" stroke-width="4" stroke-linejoin="round" paint-order="stroke""#)
        });
        let (anchor, turned) = (text(word, "/xanchor")?, number(word, "/textangle").is_some_and(|a| a != 0.0));
        let place = match (anchor, turned) {
            // Upwards, to the left of the line, up to its upper end or from its lower one.
            ("right", true) => {
                let (y, anchor) = if top { (y + SIDE, "end") } else { (y - SIDE, "start") };
                let x = x - DROP;
                format!(r#"x="{x:.2}" y="{y:.2}" transform="rotate(-90 {x:.2} {y:.2})" text-anchor="{anchor}""#)
            }
            (_, true) => return None,
            (anchor, false) => {
                let y = if top { y + RISE } else { y - DROP };
                let (x, anchor) = match anchor {
                    "left" => (x + SIDE, "start"),
                    "right" => (x - SIDE, "end"),
                    _ => (x, "middle"),
                };
                format!(r#"x="{x:.2}" y="{y:.2}" text-anchor="{anchor}""#)
            }
        };
        write!(out, r#"<text {place} fill="{colour}" font-weight="{weight}"{behind}>{words}</text>"#).ok()?;
    }
    Some(())
}

/// Plotly's markup undone, as far as our figures use it: the words and their weight.
fn styled(markup: &str) -> (String, &'static str) {
    let bold = markup.strip_prefix("<b>").and_then(|m| m.strip_suffix("</b>"));
    let plain = bold.unwrap_or(markup).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    (plain, if bold.is_some() { "bold" } else { "normal" })
}

/// Text that stands for itself in SVG, between tags and in attributes.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    Cow::Owned(text)
}
