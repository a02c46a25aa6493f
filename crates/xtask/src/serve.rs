//! A small static server for the built page, for people and for the end-to-end tests.

use std::{
    fs::File,
    net::Ipv4Addr,
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread,
};

use anyhow::{Result, anyhow, ensure};
use tiny_http::{Header, Request, Response, Server};

/// Serves a folder until the program is ended.
///
/// # Errors
/// When the port cannot be had.
pub fn serve(folder: &Path, port: u16) -> Result<()> {
    let port = start(folder, port)?;
    println!("Pareidolia is on http://localhost:{port} (Ctrl-C ends it)");
    loop {
        thread::park();
    }
}

/// Serves a folder on this machine from threads that live as long as the program; port 0 means
/// any free one. Returns the port.
///
/// # Errors
/// When the folder has no page or the port cannot be had.
pub fn start(folder: &Path, port: u16) -> Result<u16> {
    ensure!(
        folder.join("index.html").is_file(),
        "there is no page in {}: build it with `cargo xtask build`",
        folder.display()
    );
    let server = Server::http((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| anyhow!("cannot serve on port {port}: {error}; try another --port"))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let server = Arc::new(server);
    for _ in 0..4 {
        let (server, folder) = (Arc::clone(&server), folder.to_owned());
        thread::spawn(move || {
            for request in server.incoming_requests() {
                answer(request, &folder);
            }
        });
    }
    Ok(port)
}

/// Answers one request; a browser that hangs up early is not our concern.
fn answer(request: Request, folder: &Path) {
    let file = locate(folder, request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
    let _ = match file {
        Some((file, path)) => request.respond(
            Response::from_file(file)
                .with_header(header("Content-Type", content_type(&path)))
                .with_header(header("Cache-Control", "no-cache")),
        ),
        None => request.respond(Response::from_string("not found").with_status_code(404)),
    };
}

/// The file that a URL means, never one outside the folder.
fn locate(folder: &Path, url: &str) -> Option<PathBuf> {
    let relative = Path::new(url.split(['?', '#']).next()?.trim_start_matches('/'));
    let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(relative);
    let path = if path.is_dir() { path.join("index.html") } else { path };
    (inside && path.is_file()).then_some(path)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).unwrap_or_else(|()| unreachable!("both are plain ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_stay_inside_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(locate(folder, "/Cargo.toml?x=1"), Some(folder.join("Cargo.toml")));
        assert_eq!(locate(folder, "/src/../Cargo.toml"), None);
        assert_eq!(locate(folder, "/../../Cargo.toml"), None);
        assert_eq!(locate(folder, "//etc/passwd"), None);
        assert_eq!(locate(folder, "/nothing"), None);
    }
}
