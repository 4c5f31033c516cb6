//! What stands before every endpoint of the API: body, format, credentials, scopes, project, time limit.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body::{self, Payload};
use super::call::{self, Call, CallData, Format};
use super::error::ApiError;
use super::host::Site;
use super::params::Params;
use super::url::AskedUrl;
use super::{Shared, auth, path};

/// How long an answer may take to be ready. Streams only have to begin.
const SECONDS: u64 = 30;

/// What one endpoint asks for.
#[derive(Clone)]
pub(super) struct Gate {
    /// Everything shared.
    pub(super) shared: Shared,
    /// The scopes that a key needs, all of them.
    pub(super) scopes: &'static [&'static str],
    /// The largest body, in bytes.
    pub(super) body_limit: usize,
}

/// Lets a request through to its handler, or not.
pub(super) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match gate.open(request).await {
        Ok(request) => within_time(next.run(request)).await,
        Err(error) => error.into_response(),
    }
}

impl Gate {
    /// Checks a request and hangs a [`Call`] on it.
    async fn open(&self, request: Request) -> Result<Request, ApiError> {
        let (mut parts, body) = request.into_parts();
        let params = Params::new(parts.uri.query().unwrap_or_default());
        let asked = parts.extensions.get::<AskedUrl>();
        let format = Format::asked(asked, &params)?;
        let site = parts.extensions.get::<Site>();
        let url = format!(
            "{}{}",
            site.map_or("", |site| &site.base),
            asked.map_or("/", |asked| &asked.path_and_query)
        );
        // Links in answers are made of this, and no link holds a key.
        let url = call::with(&url, &[("personal_api_key", None)]);
        let payload = if matches!(parts.method, Method::GET | Method::HEAD) {
            Payload::default()
        } else {
            let bytes = body::read(&parts.headers, body, self.body_limit).await?;
            Payload::new(&parts.headers, bytes)
        };
        let caller = auth::authenticate(&self.shared, &parts, &params, &payload)?;
        caller.require(self.scopes)?;
        if !auth::names_project(&self.shared, &params, &payload)? {
            self.check_project(path::project(&mut parts).await?)?;
        }
        parts.extensions.insert(Call::new(CallData {
            caller,
            params,
            payload,
            format,
            url,
        }));
        Ok(Request::from_parts(parts, axum::body::Body::empty()))
    }

    /// Whether the number in the URL is this server's project.
    fn check_project(&self, named: Option<String>) -> Result<(), ApiError> {
        let id = self.shared.app.project.info().id;
        match named.as_deref() {
            None | Some("@current") => Ok(()),
            Some(named) if named == id.to_string() => Ok(()),
            Some(_) => Err(ApiError::NoProject),
        }
    }
}

/// Gives up on an answer that takes too long.
async fn within_time(answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(Duration::from_secs(SECONDS), answer).await {
        Ok(response) => response,
        Err(_) => ApiError::Overloaded(SECONDS).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_too_long_is_given_up() {
        let response = within_time(std::future::pending()).await;
        assert_eq!(response.status(), 503);
    }
}
