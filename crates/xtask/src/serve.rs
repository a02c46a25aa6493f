//! A small static server for the built page, for people and for the end-to-end tests.

use std::{net::Ipv4Addr, path::Path, thread};

use anyhow::{Result, anyhow, ensure};
use axum::{
    Router,
    http::{
        HeaderValue,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    },
};
use tokio::{net::TcpListener, runtime::Builder};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

/// Serves a folder until the program is ended.
///
/// # Errors
/// When the folder has no page or the port cannot be had.
pub fn serve(folder: &Path, port: u16) -> Result<()> {
    let port = start(folder, port)?;
    println!("Pareidolia is on http://localhost:{port} (Ctrl-C ends it)");
    loop {
        thread::park();
    }
}

/// Serves a folder on this machine from a thread that lives as long as the program; port 0 means
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
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime
        .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        .map_err(|error| anyhow!("cannot serve on port {port}: {error}; try another --port"))?;
    let port = listener.local_addr()?.port();
    let always_ask = HeaderValue::from_static("no-cache");
    // So that the widget can be tried in a page of another origin.
    let anybody = HeaderValue::from_static("*");
    let files = Router::new()
        .fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip())
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, always_ask))
        .layer(SetResponseHeaderLayer::overriding(ACCESS_CONTROL_ALLOW_ORIGIN, anybody));
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, files).await }));
    Ok(port)
}

#[cfg(test)]
mod tests {
    use std::{
        env, fs,
        io::{Read, Write},
        net::TcpStream,
        path::PathBuf,
        process,
        time::Duration,
    };

    use super::*;

    #[test]
    fn files_come_with_their_type_and_are_asked_for_again() -> Result<()> {
        let site = Site::new("files")?;
        for (path, content_type) in [
            ("/", "text/html"),
            ("/page.js?v=1", "text/javascript"),
            ("/page.wasm", "application/wasm"),
            ("/page.webmanifest", "application/manifest+json"),
        ] {
            let answer = site.get(path)?;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
            assert!(answer.contains(&format!("\r\ncontent-type: {content_type}\r\n")), "{answer}");
            assert!(answer.contains("\r\ncache-control: no-cache\r\n"), "{path}: {answer}");
            assert!(answer.contains("\r\naccess-control-allow-origin: *\r\n"), "{path}: {answer}");
            assert!(answer.ends_with("\r\n\r\ninside"), "{path}: {answer}");
        }
        Ok(())
    }

    #[test]
    fn what_is_missing_or_outside_is_not_found() -> Result<()> {
        let site = Site::new("outside")?;
        let secret = site.folder.join("secret.txt");
        assert!(secret.is_file());
        let absolute = format!("/{}", secret.display());
        for path in
            ["/nothing", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", &absolute]
        {
            let answer = site.get(path)?;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
            assert!(answer.contains("\r\ncache-control: no-cache\r\n"), "{path}: {answer}");
        }
        Ok(())
    }

    #[test]
    fn connections_that_are_kept_open_hold_nobody_up() -> Result<()> {
        let site = Site::new("idle")?;
        let silent: Vec<_> = (0..12).map(|_| site.connect()).collect::<Result<_>>()?;
        let mut asked: Vec<_> = (0..12).map(|_| site.connect()).collect::<Result<_>>()?;
        for connection in &mut asked {
            connection.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        }
        assert!(site.get("/page.wasm")?.ends_with("inside"));
        for mut connection in asked.into_iter().chain(silent) {
            connection.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            let mut answer = [0; 12];
            connection.read_exact(&mut answer)?;
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
        Ok(())
    }

    #[test]
    fn a_folder_without_a_page_and_a_port_in_use_are_refused() -> Result<()> {
        let site = Site::new("refused")?;
        let refusal =
            |folder: &Path, port| start(folder, port).err().map(|error| error.to_string());
        assert!(refusal(&site.folder, 0).is_some_and(|error| error.contains("no page")));
        let taken = refusal(&site.folder.join("site"), site.port);
        assert!(taken.is_some_and(|error| error.contains(&format!("port {}", site.port))));
        Ok(())
    }

    /// A served folder, and beside it a file that is nobody's business.
    struct Site {
        folder: PathBuf,
        port: u16,
    }

    impl Site {
        fn new(name: &str) -> Result<Self> {
            let folder = env::temp_dir().join(format!("pareidolia-{name}-{}", process::id()));
            let site = folder.join("site");
            fs::create_dir_all(&site)?;
            fs::write(folder.join("secret.txt"), "outside")?;
            for file in ["index.html", "page.js", "page.wasm", "page.webmanifest"] {
                fs::write(site.join(file), "inside")?;
            }
            Ok(Self { port: start(&site, 0)?, folder })
        }

        fn connect(&self) -> Result<TcpStream> {
            let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            connection.set_read_timeout(Some(Duration::from_secs(20)))?;
            Ok(connection)
        }

        /// The whole answer to a request on a connection of its own.
        fn get(&self, path: &str) -> Result<String> {
            let mut connection = self.connect()?;
            write!(
                connection,
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        }
    }

    impl Drop for Site {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
