//! The web app's files.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::{Method, header};
use persons_server::http::Settings;

use crate::server::{Answer, Server, bare};

const HASHED: &str = "persons-0123456789abcdef.js";

/// A built app in a folder that is removed at the end.
struct Built(PathBuf);

impl Built {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("persons-web-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("icons")).expect("made");
        let html = "<!doctype html><script type=\"module\">import init from '/x.js';</script>";
        for (file, content) in [
            ("index.html", html),
            (HASHED, "let plain = 1;"),
            ("persons-0123456789abcdef.js.br", "brotli"),
            ("persons-0123456789abcdef.js.gz", "gzip"),
            ("persons-0123456789abcdef_bg.wasm", "\0asm"),
            ("icons/sprite.svg", "<svg/>"),
        ] {
            std::fs::write(folder.join(file), content).expect("written");
        }
        Self(folder)
    }

    fn server(&self) -> Server {
        Server::with(Settings {
            web: Some(self.0.clone()),
            ..Settings::default()
        })
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn open(server: &Server, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let mut request = bare(Method::GET, path, Body::empty());
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(name, value.parse().expect("valid"));
    }
    server.send(request).await
}

#[tokio::test]
async fn the_page_comes_with_a_policy_that_fits_its_scripts() {
    let built = Built::new("page");
    let answer = open(&built.server(), "/", &[]).await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert_eq!(
        answer.header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-")
    );
    assert!(policy.ends_with("frame-ancestors 'none'"));
}

#[tokio::test]
async fn every_screen_of_the_app_is_the_page() {
    let built = Built::new("screens");
    let server = built.server();
    let html = [(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")];
    for path in [
        "/persons",
        "/person/ada%40example.com",
        "/a/b/c.d",
        "/icons",
    ] {
        let answer = open(&server, path, &html).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
        assert!(answer.text().starts_with("<!doctype html>"));
    }
    for path in ["/missing.js", "/persons", "/static/array.js"] {
        assert_eq!(
            open(&server, path, &[(header::ACCEPT, "*/*")])
                .await
                .status
                .as_u16(),
            404,
            "{path}"
        );
    }
    let api = open(&server, "/api/nothing", &html).await;
    api.is_error(404, "invalid_request", "not_found", "Endpoint not found.");
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_others_are_asked_for_again() {
    let built = Built::new("ages");
    let server = built.server();
    for path in [HASHED, "persons-0123456789abcdef_bg.wasm"] {
        let answer = open(&server, &format!("/{path}"), &[]).await;
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
    }
    let wasm = open(&server, "/persons-0123456789abcdef_bg.wasm", &[]).await;
    assert_eq!(wasm.header("content-type"), Some("application/wasm"));
    let answer = open(&server, "/icons/sprite.svg", &[]).await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn compressed_files_are_sent_to_those_who_take_them() {
    let built = Built::new("compressed");
    let server = built.server();
    for (accepted, encoding, body) in [
        ("gzip, br", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("identity", None, "let plain = 1;"),
    ] {
        let answer = open(
            &server,
            &format!("/{HASHED}"),
            &[(header::ACCEPT_ENCODING, accepted)],
        )
        .await;
        assert_eq!(
            (answer.header("content-encoding"), answer.text().as_str()),
            (encoding, body)
        );
        assert_eq!(answer.header("content-type"), Some("text/javascript"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let built = Built::new("outside");
    let server = built.server();
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/icons/../../x",
    ] {
        assert_eq!(
            open(&server, path, &[]).await.status.as_u16(),
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_an_app_the_front_door_says_so() {
    let server = Server::new();
    let answer = open(&server, "/", &[]).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(answer.text().starts_with("This is persons-server."));
    assert_eq!(
        open(&server, "/persons", &[(header::ACCEPT, "text/html")])
            .await
            .status
            .as_u16(),
        404
    );
}
