//! Every file says what it is, none is too long, none is unfinished, and colours have one home.

use crate::{files, none, rust_files};

/// Lines of a file at most; generated tables are data, not Rust.
const LINES_MAX: usize = 700;
/// Lines of a function at most, its head and braces included: a screen.
const FUNCTION_LINES_MAX: usize = 62;

#[test]
fn every_file_says_what_it_is_in_its_first_line() {
    let silent = rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    none(&silent.map(|file| file.path).collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let long = rust_files().into_iter().filter(|file| file.text.lines().count() > LINES_MAX);
    none(&long.map(|file| format!("{}: {} lines", file.path, file.text.lines().count())).collect::<Vec<_>>());
}

#[test]
fn a_function_fits_a_screen() {
    let mut found = Vec::new();
    for file in rust_files() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            if !is_function(line) {
                continue;
            }
            // Formatted code closes a function at the indentation it began at; one without a body ends with its head.
            let indent = &line[..line.len() - line.trim_start().len()];
            let (close, head) = (format!("{indent}}}"), format!("{indent})"));
            let ends = |l: &str| l == close || (l.starts_with(&head) && l.ends_with(';'));
            let length = lines[start..].iter().position(|l| ends(l)).map_or(0, |end| end + 1);
            if length > FUNCTION_LINES_MAX {
                found.push(format!("{}:{}: {length} lines", file.path, start + 1));
            }
        }
    }
    none(&found);
}

fn is_function(line: &str) -> bool {
    let code = line.trim_start();
    let head = code.split('(').next().unwrap_or_default();
    !code.starts_with("//") && !code.ends_with([';', '}']) && (head.starts_with("fn ") || head.contains(" fn "))
}

#[test]
fn nothing_is_left_for_later() {
    // Spelled apart, or this file would find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
    ];
    let mut all = rust_files();
    all.extend(
        ["app", "styles", "tests", "docs", "public"]
            .iter()
            .flat_map(|f| files(f, &[".css", ".mjs", ".js", ".md", ".html"])),
    );
    let mut found = Vec::new();
    for file in all {
        for (number, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none(&found);
}

#[test]
fn colours_have_one_home() {
    let mut all: Vec<_> = files("styles", &[".css"]);
    all.extend(files("app", &[".rs", ".html", ".js", ".css"]));
    let mut found = Vec::new();
    for file in all.iter().filter(|file| file.path != "styles/tokens.css") {
        for (number, line) in file.text.lines().enumerate() {
            if has_hex_colour(line, file.path.ends_with(".css")) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none(&found);
}

/// Whether a line holds #rgb, #rgba, #rrggbb or #rrggbbaa; outside of style sheets only the long forms count, since
/// `#add` may be a place in a page and `#123` an issue.
fn has_hex_colour(line: &str, style_sheet: bool) -> bool {
    line.match_indices('#').any(|(at, _)| {
        let word: String = line[at + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let length = if style_sheet { [3, 4, 6, 8].as_slice() } else { [6, 8].as_slice() };
        length.contains(&word.len()) && word.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[test]
fn this_test_knows_a_colour_when_it_sees_one() {
    assert!(has_hex_colour("color: #fff;", true) && has_hex_colour("let c = \"#1f4e79\";", false));
    assert!(!has_hex_colour("#[derive(Debug)]", false) && !has_hex_colour("a #add link, issue #123", false));
    assert!(!has_hex_colour("#header { }", true));
}
