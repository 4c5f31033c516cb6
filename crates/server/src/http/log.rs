//! One line in the log for each request: never a query string, a header or a body, because keys and
//! people's data travel in them.

use std::time::Instant;

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Writes the line when the answer is ready to be sent.
pub(super) async fn requests(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = loggable(request.uri().path()).to_owned();
    let response = next.run(request).await;
    tracing::info!(
        %method,
        path,
        status = response.status().as_u16(),
        ms = started.elapsed().as_micros() as f64 / 1000.0,
        // Nothing for streams: they are as long as they turn out to be.
        bytes = response.body().size_hint().exact(),
        "request"
    );
    response
}

/// The path, without the secret of a sign-in link.
fn loggable(path: &str) -> &str {
    if path.starts_with("/signin/") {
        "/signin/…"
    } else {
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_sign_in_link_is_not_logged() {
        assert_eq!(loggable("/signin/secret"), "/signin/…");
        assert_eq!(loggable("/api/person/"), "/api/person/");
    }
}
