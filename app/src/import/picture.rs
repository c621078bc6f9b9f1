//! The link inside a picture that was saved here: a PNG's text, an SVG's metadata.

/// How a PNG begins.
const PNG: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// What stands before the link in its text.
const SOURCE: &[u8] = b"Source\0";

/// What bytes are, as far as pictures go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Picture {
    /// No picture that could hold a link.
    None,
    /// One without a link.
    Bare,
    /// One of ours.
    Linked(String),
}

/// Looks for a link.
pub(super) fn read(bytes: &[u8]) -> Picture {
    if let Some(chunks) = bytes.strip_prefix(&PNG) {
        return png(chunks).map_or(Picture::Bare, Picture::Linked);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Picture::None };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_svg = start.starts_with("<svg") || (start.starts_with("<?xml") && start.contains("<svg"));
    if !is_svg {
        return Picture::None;
    }
    svg(start).map_or(Picture::Bare, Picture::Linked)
}

/// Goes from chunk to chunk: length, kind, data, checksum.
fn png(mut rest: &[u8]) -> Option<String> {
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, data) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let text = data.get(..length)?;
        if kind == b"tEXt"
            && let Some(link) = text.strip_prefix(SOURCE)
        {
            return String::from_utf8(link.to_vec()).ok();
        }
        rest = data.get(length.checked_add(4)?..)?;
    }
}

fn svg(text: &str) -> Option<String> {
    let (_, after) = text.split_once("<metadata>")?;
    let (link, _) = after.split_once("</metadata>")?;
    Some(link.replace("&lt;", "<").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Stamp, with_metadata, with_text};

    const LINK: &str = "https://x/#0.j.a&b=0.j.c<d";

    /// A PNG of nothing but its end.
    fn empty_png() -> Vec<u8> {
        [&PNG[..], &[0, 0, 0, 0], b"IEND", &[0xAE, 0x42, 0x60, 0x82]].concat()
    }

    #[test]
    fn what_is_written_into_a_picture_is_found_again() {
        let png = with_text(&empty_png(), LINK).expect("ends as a PNG does");
        assert_eq!(read(&png), Picture::Linked(LINK.into()));
        let stamp = Stamp { title: "<metadata>".into(), source: String::new(), link: LINK.into() };
        let svg = with_metadata("<svg class=\"x\"><g/></svg>", &stamp);
        assert_eq!(read(svg.as_bytes()), Picture::Linked(LINK.into()));
        assert_eq!(read(format!("<?xml version=\"1.0\"?>\n{svg}").as_bytes()), Picture::Linked(LINK.into()));
    }

    #[test]
    fn pictures_of_others_and_broken_ones_hold_none() {
        assert_eq!(read(&empty_png()), Picture::Bare);
        assert_eq!(read(&PNG), Picture::Bare);
        let mut endless = PNG.to_vec();
        endless.extend([0xff; 64]);
        assert_eq!(read(&endless), Picture::Bare);
        assert_eq!(read(b"<svg><g/></svg>"), Picture::Bare);
        assert_eq!(read(b"kind: EndpointPickerConfig"), Picture::None);
        assert_eq!(read(b"\xff\xfe"), Picture::None);
    }
}
