//! `playground serve`: the page from a folder, as a static host would send it. Nothing else is answered, nothing is kept.

mod site;

use clap::Args;
use site::{Answer, Site};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use tiny_http::{Header, Request, Response, Server};

/// Requests that are answered at a time: a browser asks for six.
const THREADS: usize = 6;

/// How long a browser keeps what the page is made of without asking again, as GitHub Pages has it: long enough for the
/// workers, which ask for what the page has just fetched. The page itself is asked for anew.
const KEPT: &str = "max-age=600";

/// Which folder, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder of the page: what a release archive holds, or what `cargo x build` makes.
    #[arg(default_value = "dist")]
    folder: PathBuf,
    /// Where it listens; 0.0.0.0 lets other machines in.
    #[arg(long, default_value = "127.0.0.1")]
    address: String,
    /// Port; 0 is any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The path under which the page is.
    #[arg(long, default_value = "/")]
    base: String,
}

/// Serves until it is interrupted.
///
/// # Errors
/// When there is nothing to serve, or the port is taken.
pub(crate) fn serve(options: &Options) -> Result<(), String> {
    let Options { folder, address, port, base } = options;
    let site = Arc::new(Site::new(folder, base)?);
    let server = Server::http((address.as_str(), *port))
        .map_err(|error| format!("{address}:{port} cannot be listened on ({error}); choose another with --port"))?;
    let server = Arc::new(server);
    let at = server.server_addr().to_ip().map_or_else(|| format!("{address}:{port}"), |ip| ip.to_string());
    println!("llm-d Playground is at http://{at}{base} (Ctrl-C ends it)");
    let workers = (0..THREADS).map(|_| {
        let (server, site) = (Arc::clone(&server), Arc::clone(&site));
        thread::spawn(move || server.incoming_requests().for_each(|request| answer(&site, request)))
    });
    let workers: Vec<_> = workers.collect();
    workers.into_iter().for_each(|worker| worker.join().expect("answering does not panic"));
    Ok(())
}

fn answer(site: &Site, request: Request) {
    let accepted = request.headers().iter().find(|h| h.field.equiv("Accept-Encoding"));
    let accepted = accepted.map_or(String::new(), |h| h.value.to_string());
    let Answer { status, media_type, encoding, location, body } =
        site.answer(request.method().as_str(), request.url(), &accepted);
    let mut response = Response::from_data(body).with_status_code(status);
    // A frame without an origin of its own loads modules only so.
    let fixed = [("Content-Type", media_type), ("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding")];
    let kept = status == 200 && !media_type.starts_with("text/html");
    let more = [
        ("Content-Encoding", encoding),
        ("Location", location.as_deref()),
        ("Cache-Control", Some(if kept { KEPT } else { "no-cache" })),
    ];
    for (name, value) in fixed.into_iter().chain(more.into_iter().filter_map(|(name, value)| Some((name, value?)))) {
        response.add_header(Header::from_bytes(name, value).expect("names and values are plain"));
    }
    // Who hung up does not miss it.
    let _ = request.respond(response);
}
