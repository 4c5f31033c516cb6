//! The link that the server prints when it starts: whoever opens it is signed in.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::auth::{CSRF_COOKIE, SESSION_COOKIE};
use super::host::PublicUrl;
use super::{Settings, Shared};
use crate::access::Session;

/// Neither the page nor a cache on the way keeps what opens a session.
const NO_STORE: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// `GET /signin/:token`
pub(super) async fn open(
    State(shared): State<Shared>,
    Path(token): Path<String>,
    parts: Parts,
) -> Response {
    let settings = &shared.app.settings;
    let user_agent = parts.headers.get(USER_AGENT);
    let user_agent = user_agent.and_then(|value| value.to_str().ok());
    let Some(session) = shared.app.access.sign_in(&token, user_agent) else {
        let text = "This sign-in link is not valid any more; use the one that persons-server printed when it last started.";
        return (StatusCode::UNAUTHORIZED, [NO_STORE], text).into_response();
    };
    let cookies = cookies(settings, Some(&session));
    (
        StatusCode::SEE_OTHER,
        cookies,
        [NO_STORE],
        [(LOCATION, "/")],
    )
        .into_response()
}

/// Returns the headers that store a session in the browser, or that remove it.
pub(super) fn cookies(
    settings: &Settings,
    session: Option<&Session>,
) -> AppendHeaders<[(HeaderName, String); 2]> {
    let is_https = settings
        .public_url
        .as_ref()
        .is_some_and(PublicUrl::is_https);
    let secure = if is_https { "; Secure" } else { "" };
    let (cookie, csrf, max_age) = match session {
        Some(session) => (
            session.cookie.as_str(),
            session.csrf.as_str(),
            session.max_age_seconds,
        ),
        None => ("", "", 0),
    };
    let attributes = format!("Path=/; SameSite=Strict; Max-Age={max_age}{secure}");
    AppendHeaders([
        (
            SET_COOKIE,
            format!("{SESSION_COOKIE}={cookie}; {attributes}; HttpOnly"),
        ),
        (SET_COOKIE, format!("{CSRF_COOKIE}={csrf}; {attributes}")),
    ])
}
