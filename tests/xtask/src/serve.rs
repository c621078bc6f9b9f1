//! `cargo x serve`: the page on this machine, rebuilt when a file changes.

use crate::{Outcome, paths::Paths, trunk};
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

const PORT: u16 = 8080;
/// How many ports to try after the usual one, when nobody asked for a certain one.
const TRIES: u16 = 20;

/// What the command line says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    port: Option<u16>,
    release: bool,
}

impl Options {
    /// Reads `[--port N] [--release]`.
    pub(crate) fn parse(words: &[String]) -> Outcome<Options> {
        let mut options = Options::default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let number = match word {
                "--release" => {
                    options.release = true;
                    continue;
                }
                "--port" => words.next().unwrap_or_default(),
                _ => word
                    .strip_prefix("--port=")
                    .ok_or_else(|| format!("`{word}` is not an option of serve; see `cargo x help`"))?,
            };
            options.port = Some(
                number.parse().map_err(|_| format!("`{number}` is not a port: --port takes a number below 65536"))?,
            );
        }
        Ok(options)
    }
}

/// Builds and serves until interrupted.
pub(crate) fn serve(paths: &Paths, options: &Options) -> Outcome {
    let port = choose(options.port)?;
    // A folder of its own: a development page must never be taken for the release in dist/.
    let dist = paths.wasm_target().join("serve");
    // Missing files are missing, as on a static host. Trunk's reloading needs an inline script,
    // which the page's security policy forbids.
    let run = trunk::trunk(paths, "serve", options.release)?
        .words("--no-spa true --no-autoreload true --disable-address-lookup true --serve-base / --address 127.0.0.1 --port")
        .arg(port.to_string())
        .arg("--dist")
        .arg(dist);
    let address = format!("http://127.0.0.1:{port}/");
    println!("\nBuilding the page; the first time takes a few minutes. Then it is at {address}\n");
    let mut child = run.start()?;
    thread::spawn(move || announce(port, &address));
    let status = child.wait().map_err(|error| format!("trunk could not be waited for: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("trunk ended ({status})")) }
}

/// Says that the page is there, once it is.
fn announce(port: u16, address: &str) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        thread::sleep(Duration::from_millis(200));
    }
    println!(
        "\n  llm-d Playground is at {address}\n  It is rebuilt when a file changes: then reload the page. Ctrl-C ends it.\n"
    );
}

fn choose(asked: Option<u16>) -> Outcome<u16> {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match asked {
        Some(port) if free(&port) => Ok(port),
        Some(port) => Err(format!("port {port} is in use; choose another with --port")),
        None => (PORT..=PORT + TRIES)
            .find(free)
            .ok_or_else(|| format!("ports {PORT} to {} are in use; choose one with --port", PORT + TRIES)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Options> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_any_order() {
        assert_eq!(parse(""), Ok(Options { port: None, release: false }));
        assert_eq!(parse("--release --port 9000"), Ok(Options { port: Some(9000), release: true }));
        assert_eq!(parse("--port=9000"), Ok(Options { port: Some(9000), release: false }));
    }

    #[test]
    fn wrong_options_are_named() {
        assert!(parse("--prot 9000").is_err_and(|error| error.contains("`--prot`")));
        assert!(parse("--port 99999").is_err_and(|error| error.contains("99999")));
        assert!(parse("--port").is_err());
    }
}
