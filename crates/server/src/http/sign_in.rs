//! The link that the server prints when it starts: whoever opens it is signed in.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::Shared;
use super::auth::{CSRF_COOKIE, SESSION_COOKIE};
use super::error::ApiError;
use super::host::{PublicUrl, peer};

/// Neither the page nor a cache on the way keeps what opens a session.
const NO_STORE: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// `GET /signin/:token`
pub(super) async fn open(
    State(shared): State<Shared>,
    Path(token): Path<String>,
    parts: Parts,
) -> Response {
    let settings = &shared.app.settings;
    let Some(session) = shared.app.access.sign_in(&token) else {
        let wrong = ApiError::AuthenticationFailed(String::new());
        let text = match shared.attempts.failed(peer(settings, &parts), wrong) {
            ApiError::AuthenticationFailed(_) => {
                "This sign-in link is not valid any more; use the one that persons-server printed when it last started.".to_owned()
            }
            throttled => return throttled.into_response(),
        };
        return (StatusCode::UNAUTHORIZED, [NO_STORE], text).into_response();
    };
    let is_https = settings
        .public_url
        .as_ref()
        .is_some_and(PublicUrl::is_https);
    let secure = if is_https { "; Secure" } else { "" };
    let attributes = format!(
        "Path=/; SameSite=Strict; Max-Age={}{secure}",
        session.max_age_seconds
    );
    let cookies = AppendHeaders([
        (
            SET_COOKIE,
            format!(
                "{SESSION_COOKIE}={}; {attributes}; HttpOnly",
                session.cookie
            ),
        ),
        (
            SET_COOKIE,
            format!("{CSRF_COOKIE}={}; {attributes}", session.csrf),
        ),
    ]);
    (
        StatusCode::SEE_OTHER,
        cookies,
        [NO_STORE],
        [(LOCATION, "/")],
    )
        .into_response()
}
