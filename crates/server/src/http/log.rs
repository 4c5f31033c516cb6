//! One line in the log for each request. It names the route, never the path, a query string, a header or a body:
//! keys and people's data travel in all of them.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

/// The template of the route that a request matched. Goes along with the request as an extension, so that the
/// outermost layer learns what the router found.
#[derive(Clone, Default)]
struct MatchedRoute(Arc<OnceLock<String>>);

/// Writes the line when the response is ready to be sent.
pub(super) async fn requests(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = MatchedRoute::default();
    request.extensions_mut().insert(route.clone());
    let response = next.run(request).await;
    tracing::info!(
        method = loggable(&method),
        // Requests that are refused before routing have none.
        route = route.0.get().map_or("-", String::as_str),
        status = response.status().as_u16(),
        ms = started.elapsed().as_micros() as f64 / 1000.0,
        // Nothing for streams: they are as long as they turn out to be.
        bytes = response.body().size_hint().exact(),
        "request"
    );
    response
}

/// Middleware of all routes: notes which one was matched.
pub(super) async fn note_route(request: Request, next: Next) -> Response {
    if let Some(path) = request.extensions().get::<MatchedPath>() {
        note(&request, path.as_str());
    }
    next.run(request).await
}

/// Notes the route of a request.
pub(super) fn note(request: &Request, route: &str) {
    if let Some(matched) = request.extensions().get::<MatchedRoute>() {
        // A route that is noted twice is the same one.
        let _ = matched.0.set(route.to_owned());
    }
}

/// Returns the method, unless the client made it up.
fn loggable(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_method_is_not_logged() {
        let made_up = Method::from_bytes(b"phx_secret").expect("a token");
        assert_eq!(loggable(&made_up), "-");
        assert_eq!(loggable(&Method::GET), "GET");
    }
}
