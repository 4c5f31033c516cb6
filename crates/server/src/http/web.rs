//! The web app's files, and the headers that keep its page to itself.

use std::path::Path;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// File names with a hash in them never change their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What is not an API path: a file of the app, or the app itself.
pub(super) async fn serve(web: Option<&Path>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().to_owned();
    let Some(web) = web else {
        return match path.as_str() {
            "/" => "This is persons-server. The API is under /api/projects/@current/persons/; \
                    there is no web app, because none was given with --web."
                .into_response(),
            _ => not_found(),
        };
    };
    let is_page = accepts_html(request.headers());
    if path == "/" || path == "/index.html" {
        return index(web).await;
    }
    let files = ServeDir::new(web)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(response) = files.oneshot(request).await;
    let mut response = response.map(Body::new);
    match response.status() {
        // Every screen of the app has a URL of its own; the app finds out what it means.
        StatusCode::NOT_FOUND if is_page => return index(web).await,
        StatusCode::NOT_FOUND => return not_found(),
        status if status.is_client_error() || status.is_server_error() => return response,
        _ => {}
    }
    let age = if is_hashed(&path) {
        FOR_EVER
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(age));
    response
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found.").into_response()
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.contains("text/html"))
}

/// Whether a name ends in `-` and sixteen hexadecimal digits before its extension, as Trunk writes them.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    // wasm-bindgen adds a suffix of its own behind the hash.
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 16
            && hash
                .bytes()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    })
}

/// The page. It is read each time (it is small), so that its policy fits its scripts after a rebuild.
async fn index(web: &Path) -> Response {
    let html = match tokio::fs::read_to_string(web.join("index.html")).await {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "index.html could not be read");
            return (StatusCode::NOT_FOUND, "The web app is not there.").into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (CONTENT_SECURITY_POLICY, policy(&html)),
        (REFERRER_POLICY, "same-origin".to_owned()),
        (OPENER_POLICY, "same-origin".to_owned()),
    ];
    (headers, html).into_response()
}

/// What the page may do: run its own scripts, among them exactly the inline ones it came with, and talk
/// to servers of the user's choice, which may be other ones than this.
fn policy(html: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
         connect-src 'self' https: http://localhost:* http://127.0.0.1:*; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        scripts = hashes(html, "script"),
        styles = hashes(html, "style"),
    )
}

/// The hashes of the inline elements of a kind, each with a space before it.
fn hashes(html: &str, element: &str) -> String {
    inline(html, element)
        .map(|content| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(content))))
        .collect()
}

/// The contents of elements that have any. The page is our own and well-formed: no tag is written in
/// capitals, and no attribute holds a `>`.
fn inline<'h>(html: &'h str, element: &str) -> impl Iterator<Item = &'h str> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once(open.as_str())?;
            let (attributes, after) = after.split_once('>')?;
            let (content, after) = after.split_once(close.as_str())?;
            rest = after;
            if (attributes.is_empty() || attributes.starts_with(char::is_whitespace))
                && !content.is_empty()
            {
                return Some(content);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_kept_for_ever() {
        for path in [
            "/persons-0123456789abcdef.js",
            "/x/persons-0123456789abcdef_bg.wasm",
            "/app-0123456789abcdef.css",
        ] {
            assert!(is_hashed(path), "{path}");
        }
        for path in [
            "/favicon.svg",
            "/icons-0123.svg",
            "/a-0123456789ABCDEF.js",
            "/",
        ] {
            assert!(!is_hashed(path), "{path}");
        }
    }

    #[test]
    fn the_policy_names_inline_scripts_and_styles_by_hash() {
        let html = "<style>a{}</style><script type=\"module\">\nlet x = 1 < 2;\n</script><script src=\"x.js\"></script><scripty>no</scripty>";
        assert_eq!(
            inline(html, "script").collect::<Vec<_>>(),
            ["\nlet x = 1 < 2;\n"]
        );
        let policy = policy(html);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"));
        assert!(policy.contains("style-src 'self' 'sha256-"));
        assert!(!policy.contains("unsafe-inline"));
    }
}
