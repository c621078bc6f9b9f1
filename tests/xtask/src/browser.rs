//! The browser for the tests.

use crate::{Outcome, apt, sh::which};
use std::{
    env,
    path::{Path, PathBuf},
};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Finds a Chromium, or installs the distribution's.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() { Ok(path) } else { Err(format!("CHROMIUM={} is not a file", path.display())) };
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    if !apt::present() {
        return Err("no Chromium or Chrome found: install one, or set CHROMIUM to its path".to_owned());
    }
    apt::install("chromium", "the browser for the tests")?;
    find().ok_or_else(|| "chromium was installed, but is not on PATH; set CHROMIUM to its path".to_owned())
}

fn find() -> Option<PathBuf> {
    let mac = || MAC.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_path_buf);
    NAMES.iter().find_map(|name| which(name)).or_else(mac)
}
