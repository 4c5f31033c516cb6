//! Who asks, and whether they may.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::Shared;
use super::body::{self, Payload};
use super::error::ApiError;
use super::host::Site;
use super::params::Params;
use super::url::KEY_PARAMETER;
use crate::access::KeyInfo;
use crate::secret;

/// The cookie that holds the session.
pub(super) const SESSION_COOKIE: &str = "persons_session";
/// The cookie that the app's own scripts read and repeat in a header.
pub(super) const CSRF_COOKIE: &str = "persons_csrf";
/// That header.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrftoken");
/// The fields that may name the project.
const PROJECT_TOKENS: [&str; 2] = ["token", "api_key"];
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// The holder of a personal API key.
    Key(Arc<KeyInfo>),
    /// A signed-in browser, which may do everything.
    Session {
        /// Names the session in lists.
        id: String,
    },
}

impl Caller {
    /// What the caller is known by, and called.
    pub(super) fn name(&self) -> (&str, &str) {
        match self {
            Self::Session { .. } => ("session", "You"),
            Self::Key(key) => (&key.id, &key.name),
        }
    }

    /// Whether all of these scopes are covered.
    pub(super) fn require(&self, scopes: &[&str]) -> Result<(), ApiError> {
        let Self::Key(key) = self else { return Ok(()) };
        match scopes.iter().find(|scope| !key.scopes.allows(scope)) {
            Some(missing) => Err(ApiError::Forbidden(format!(
                "API key missing required scope '{missing}'"
            ))),
            None => Ok(()),
        }
    }
}

/// Finds out who asks from the head of a request, before its body is read. The first credential found decides, valid
/// or not: the `Authorization` header, the query, the session's cookie. `None` without any of them; the key may still
/// be in the body.
pub(super) fn authenticate(
    shared: &Shared,
    parts: &Parts,
    params: &Params,
) -> Result<Option<Caller>, ApiError> {
    if let Some((key, place)) = presented_key(&parts.headers, params) {
        return with_key(shared, key, place).map(Some);
    }
    match cookie(&parts.headers, SESSION_COOKIE).filter(|_| is_own_page(parts)) {
        Some(cookie) => with_session(shared, parts, cookie).map(Some),
        None => Ok(None),
    }
}

/// Finds out who asks from a body that may hold a key.
pub(super) async fn authenticate_body(shared: &Shared, body: &Bytes) -> Result<Caller, ApiError> {
    match body::find_text_field(body, KEY_PARAMETER).await? {
        Some(key) => with_key(shared, &key, "body"),
        None => Err(ApiError::NotAuthenticated),
    }
}

fn with_key(shared: &Shared, key: &str, place: &str) -> Result<Caller, ApiError> {
    match shared.app.access.key(key) {
        Some(info) => Ok(Caller::Key(info)),
        None => Err(ApiError::AuthenticationFailed(format!(
            "Personal API key found in request {place} is invalid."
        ))),
    }
}

/// A personal API key in the head of a request, and the place where it was found.
pub(super) fn presented_key<'a>(
    headers: &'a HeaderMap,
    params: &'a Params,
) -> Option<(&'a str, &'static str)> {
    bearer(headers)
        .map(|key| (key, "Authorization header"))
        .or_else(|| params.get(KEY_PARAMETER).map(|key| (key, "query string")))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    // A key that is not even ASCII is there all the same, and wrong.
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or("Bearer ?");
    let (scheme, key) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim())
        .filter(|key| !key.is_empty())
}

/// The browser's session. It counts only in requests that this server's own pages make, and a write
/// must show that its page can read this server's cookies.
fn with_session(shared: &Shared, parts: &Parts, cookie: &str) -> Result<Caller, ApiError> {
    let session = shared.app.access.session(cookie);
    let session = session.ok_or(ApiError::NotAuthenticated)?;
    let caller = Caller::Session { id: session.id };
    if parts.method.is_safe() {
        return Ok(caller);
    }
    let Some(token) = parts.headers.get(CSRF_HEADER) else {
        return Err(ApiError::Forbidden(
            "CSRF Failed: CSRF token missing.".into(),
        ));
    };
    if !secret::equal(token.as_bytes(), session.csrf.as_bytes()) {
        return Err(ApiError::Forbidden(
            "CSRF Failed: CSRF token incorrect.".into(),
        ));
    }
    Ok(caller)
}

/// Whether the browser says that a page of this server, or nobody but the user, makes the request.
fn is_own_page(parts: &Parts) -> bool {
    let site = parts.headers.get(SEC_FETCH_SITE);
    let own_site = site.is_none_or(|site| site == "same-origin" || site == "none");
    let own_origin = parts.headers.get(ORIGIN).is_none_or(|origin| {
        let site = parts.extensions.get::<Site>();
        origin
            .to_str()
            .is_ok_and(|origin| site.is_some_and(|site| site.is_own(origin)))
    });
    own_site && own_origin
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
}

/// Whether the query names the project by its capture token, which counts more than the number in the URL.
pub(super) fn query_names_project(shared: &Shared, params: &Params) -> Result<bool, ApiError> {
    let named = PROJECT_TOKENS.into_iter().find_map(|name| params.get(name));
    names_project(shared, named)
}

/// Whether the body names the project by its capture token.
pub(super) fn body_names_project(shared: &Shared, payload: &Payload) -> Result<bool, ApiError> {
    let mut names = PROJECT_TOKENS.into_iter();
    names_project(shared, names.find_map(|name| payload.field(name)))
}

fn names_project(shared: &Shared, token: Option<&str>) -> Result<bool, ApiError> {
    match token {
        None => Ok(false),
        Some(token) if shared.app.access.capture_token_matches(token) => Ok(true),
        Some(_) => Err(ApiError::AuthenticationFailed(
            "Incorrect authentication credentials.".into(),
        )),
    }
}
