//! A figure as a picture: on a ground of its own, with its title above it, where it comes from below it, and the link that
//! makes it again inside the file.

use super::stamp::Stamp;
use crate::chart::Palette;
use crate::draw::plotly;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

/// Size of a picture, px; a PNG has twice as many in both directions.
pub(super) const SIZE: (i32, i32) = (960, 560);
const PNG_SCALE: f64 = 2.0;

/// Room above and below the figure, px.
const HEAD: f64 = 48.0;
const FOOT: f64 = 26.0;

/// What a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Svg,
}

/// The bytes of a picture.
///
/// # Errors
/// What plotly.js or the browser says when it cannot be made.
pub(super) async fn picture(
    figure: &str,
    format: Format,
    what: &str,
    stamp: &Stamp,
    palette: &Palette,
) -> Result<Vec<u8>, JsValue> {
    let figure = framed(figure, what, stamp, palette).ok_or("the figure cannot be read")?;
    match format {
        Format::Svg => {
            let url = plotly::image(&figure, "svg", SIZE, 1.0).await?;
            let text = url.split_once(',').map_or("", |(_, text)| text);
            let svg = String::from(js_sys::decode_uri_component(text)?);
            Ok(with_metadata(&svg, stamp).into_bytes())
        }
        Format::Png => {
            let url = plotly::image(&figure, "png", SIZE, PNG_SCALE).await?;
            let text = url.split_once(',').map_or("", |(_, text)| text);
            let bytes: Vec<u8> = crate::browser::window().atob(text)?.chars().map(|c| c as u8).collect();
            Ok(with_text(&bytes, &stamp.link).unwrap_or(bytes))
        }
    }
}

/// A figure with its words around it.
fn framed(figure: &str, what: &str, stamp: &Stamp, palette: &Palette) -> Option<String> {
    let mut figure: Value = serde_json::from_str(figure).ok()?;
    let layout = figure.get_mut("layout")?.as_object_mut()?;
    layout.insert("paper_bgcolor".into(), json!(palette.surface));
    layout.insert("plot_bgcolor".into(), json!(palette.surface));
    let margin = layout.get_mut("margin")?;
    let side = |margin: &Value, key: &str| margin.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let (left, top, bottom) = (side(margin, "l"), side(margin, "t"), side(margin, "b"));
    margin["t"] = json!(top + HEAD);
    margin["b"] = json!(bottom + FOOT);
    let words = |text: String, size: u32, colour: &str, y: f64, anchor: &str, shift: f64| {
        json!({
            "text": text, "showarrow": false, "align": "left", "font": { "size": size, "color": colour },
            "xref": "paper", "x": 0, "xanchor": "left", "xshift": 8.0 - left,
            "yref": "paper", "y": y, "yanchor": anchor, "yshift": shift,
        })
    };
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let title = format!("<b>{}</b><br>{}", escaped(&stamp.title), escaped(what));
    let all = layout.entry("annotations").or_insert_with(|| json!([])).as_array_mut()?;
    all.push(words(title, 15, &palette.text, 1.0, "bottom", top));
    all.push(words(escaped(&stamp.source), 11, &palette.muted, 0.0, "top", -bottom - 2.0));
    Some(figure.to_string())
}

/// An SVG that holds its link.
pub(crate) fn with_metadata(svg: &str, stamp: &Stamp) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let Some(open) = svg.find("<svg").and_then(|at| svg[at..].find('>').map(|end| at + end + 1)) else {
        return svg.to_owned();
    };
    let facts = format!("<title>{}</title><metadata>{}</metadata>", escaped(&stamp.title), escaped(&stamp.link));
    format!("{}{facts}{}", &svg[..open], &svg[open..])
}

/// A PNG with a chunk of text before its end: what programs for pictures call its source.
pub(crate) fn with_text(png: &[u8], link: &str) -> Option<Vec<u8>> {
    // The last chunk of every PNG: no data, its name, its checksum.
    const END: usize = 12;
    let body = png.len().checked_sub(END).filter(|at| png[*at + 4..].starts_with(b"IEND"))?;
    let mut chunk = b"tEXtSource\0".to_vec();
    chunk.extend(link.bytes().filter(u8::is_ascii));
    let length = u32::try_from(chunk.len() - 4).ok()?;
    let mut all = png[..body].to_vec();
    all.extend(length.to_be_bytes());
    all.extend(&chunk);
    all.extend(crc32(&chunk).to_be_bytes());
    all.extend(&png[body..]);
    Some(all)
}

/// The checksum of PNG's chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp { title: "a <b> & c".into(), source: "simulator 1".into(), link: "https://x/#0.j.a&b~1".into() }
    }

    #[test]
    fn a_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn pictures_hold_their_link() {
        let svg = with_metadata("<svg class=\"x\"><g/></svg>", &stamp());
        assert_eq!(
            svg,
            "<svg class=\"x\"><title>a &lt;b> &amp; c</title><metadata>https://x/#0.j.a&amp;b~1</metadata><g/></svg>"
        );
        let end = [0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82];
        let png = with_text(&[&[1, 2, 3][..], &end].concat(), &stamp().link).expect("ends as a PNG does");
        assert!(png.ends_with(&end) && png.starts_with(&[1, 2, 3, 0, 0, 0, 27]) && png.len() == 3 + 12 + 27 + 12);
        assert_eq!(with_text(b"not a picture", "x"), None);
    }

    #[test]
    fn words_around_a_figure_are_no_markup() {
        let palette = Palette { surface: "#fff".into(), ..Palette::default() };
        let figure = r##"{"data":[],"layout":{"margin":{"l":52,"t":24,"b":44},"annotations":[{"text":"x"}]}}"##;
        let text = framed(figure, "TTFT & p99", &stamp(), &palette).expect("is a figure");
        let made: Value = serde_json::from_str(&text).expect("is JSON");
        assert_eq!(made["layout"]["margin"], json!({ "l": 52, "t": 72.0, "b": 70.0 }));
        assert_eq!(made["layout"]["annotations"][1]["text"], "<b>a &lt;b&gt; &amp; c</b><br>TTFT &amp; p99");
        assert_eq!(made["layout"]["paper_bgcolor"], "#fff");
        assert_eq!(framed("{}", "x", &stamp(), &palette), None);
    }
}
