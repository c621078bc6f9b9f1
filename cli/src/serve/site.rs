//! What a static host answers: a file of the folder, or why not.

use std::fs;
use std::path::{Path, PathBuf};

/// Media types of what a page is made of, by the end of the name.
const TYPES: [(&str, &str); 13] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("json", "application/json; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
    ("txt", "text/plain; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
];
const TEXT: &str = "text/plain; charset=utf-8";
/// Encodings in which a file may lie beside itself, best first: the name in HTTP, and the end of the file's.
const PACKED: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// A folder under a path.
pub(super) struct Site {
    root: PathBuf,
    base: String,
}

/// What is sent.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    /// How the body is packed.
    pub(super) encoding: Option<&'static str>,
    /// Where else it is.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    fn words(status: u16, words: &str) -> Self {
        Answer { status, media_type: TEXT, encoding: None, location: None, body: words.into() }
    }
}

impl Site {
    /// The page of a folder, under a path that begins and ends with a slash.
    ///
    /// # Errors
    /// When there is no page, or the path is none.
    pub(super) fn new(root: &Path, base: &str) -> Result<Self, String> {
        if !base.starts_with('/') || !base.ends_with('/') {
            return Err(format!("--base {base} does not begin and end with a slash; write it as in /playground/"));
        }
        if !root.join("index.html").is_file() {
            let root = root.display();
            return Err(format!(
                "{root} holds no index.html; name the folder of a release, or make one with `cargo x build`"
            ));
        }
        Ok(Site { root: root.to_owned(), base: base.to_owned() })
    }

    /// What a request for `url` gets of a client that accepts these encodings.
    pub(super) fn answer(&self, method: &str, url: &str, accepted: &str) -> Answer {
        if !matches!(method, "GET" | "HEAD") {
            return Answer::words(405, "only GET and HEAD are answered\n");
        }
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if !path.is_empty() && self.base.strip_suffix('/') == Some(path) {
            return Answer { location: Some(self.base.clone()), ..Answer::words(301, "") };
        }
        let Some(file) = self.file(path) else { return Answer::words(404, "not found\n") };
        let end = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let media_type = TYPES.iter().find(|(of, _)| *of == end).map_or("application/octet-stream", |(_, name)| name);
        let packed = PACKED.iter().filter(|(name, _)| accepts(accepted, name)).find_map(|(name, end)| {
            let beside = PathBuf::from(format!("{}.{end}", file.display()));
            Some((Some(*name), fs::read(beside).ok()?))
        });
        match packed.or_else(|| Some((None, fs::read(&file).ok()?))) {
            Some((encoding, body)) => Answer { status: 200, media_type, encoding, location: None, body },
            None => Answer::words(404, "not found\n"),
        }
    }

    /// The file that a path names; none outside of the folder.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let name = decoded(path.strip_prefix(&self.base)?)?;
        let leaves = |part: &str| part == ".." || part == "." || part.contains(['\\', '\0', ':']);
        if name.starts_with('/') || name.split('/').any(leaves) {
            return None;
        }
        let is_folder = name.is_empty() || name.ends_with('/');
        Some(self.root.join(if is_folder { format!("{name}index.html") } else { name }))
    }
}

/// Whether a client accepts an encoding, which it may also name to refuse it.
fn accepts(accepted: &str, name: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some(name) && !parts.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// A path with its %-escapes undone; none where they are no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            (digit()? * 16 + digit()?) as u8
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page in a folder of its own.
    fn site(name: &str, base: &str) -> Site {
        let root = std::env::temp_dir().join(format!("playground-serve-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("vendor")).expect("a folder can be made");
        for (file, text) in
            [("index.html", "page"), ("a-1.wasm", "code"), ("a-1.wasm.br", "packed"), ("vendor/b c.js", "script")]
        {
            fs::write(root.join(file), text).expect("a file can be written");
        }
        Site::new(&root, base).expect("holds a page")
    }

    fn got(site: &Site, url: &str, accepted: &str) -> (u16, String, Option<&'static str>) {
        let Answer { status, body, encoding, .. } = site.answer("GET", url, accepted);
        (status, String::from_utf8(body).expect("text"), encoding)
    }

    #[test]
    fn files_are_found_under_the_path_with_their_types() {
        let site = site("types", "/org/repo/");
        assert_eq!(got(&site, "/org/repo/?embed=1#s=x", ""), (200, "page".into(), None));
        assert_eq!(got(&site, "/org/repo/vendor/b%20c.js", ""), (200, "script".into(), None));
        assert_eq!(site.answer("GET", "/org/repo/a-1.wasm", "").media_type, "application/wasm");
        assert_eq!(site.answer("GET", "/org/repo", "").location.as_deref(), Some("/org/repo/"));
        assert_eq!(got(&site, "/", "").0, 404);
        assert_eq!(site.answer("POST", "/org/repo/", "").status, 405);
    }

    #[test]
    fn what_lies_packed_beside_is_sent_to_who_accepts_it() {
        let site = site("packed", "/");
        assert_eq!(got(&site, "/a-1.wasm", "gzip, deflate, br;q=0.9"), (200, "packed".into(), Some("br")));
        assert_eq!(site.answer("GET", "/a-1.wasm", "br").media_type, "application/wasm");
        assert_eq!(got(&site, "/a-1.wasm", "gzip"), (200, "code".into(), None));
        assert_eq!(got(&site, "/a-1.wasm", "br;q=0, gzip"), (200, "code".into(), None));
    }

    #[test]
    fn nothing_outside_the_folder_is_sent() {
        let site = site("outside", "/");
        let outside = ["/../Cargo.toml", "/%2e%2e/x", "/vendor/../index.html", "//etc/passwd", "/%2Fetc/passwd"];
        for url in outside.into_iter().chain(["/a%00", "/%zz", "/%", "/c:/x", "/..\\x", "/vendor", "/nothing", ""]) {
            assert_eq!(got(&site, url, "br").0, 404, "{url}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_mending() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(Site::new(here, "/").err().expect("no page").contains("cargo x build"));
        assert!(Site::new(here, "repo").err().expect("no path").contains("/playground/"));
    }
}
