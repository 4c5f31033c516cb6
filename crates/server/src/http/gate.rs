//! What every endpoint of the API checks first: credentials, scopes, format, body, project, time limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::auth::Caller;
use super::body::{self, Payload};
use super::call::{Call, CallData, Format};
use super::error::ApiError;
use super::host::{Site, peer};
use super::params::Params;
use super::url::{AskedPath, KEY_PARAMETER, RequestUrl};
use super::{Shared, auth, path};

/// How long an answer may take to be ready. Streams only have to begin.
const SECONDS: u64 = 30;

/// Parameters in a query. The longest filters are one parameter.
const MAX_PARAMETERS: usize = 300;

/// The part of a body in which a key is looked for, in bytes: all of it for most endpoints.
const MAX_KEY_BODY: usize = 1 << 20;

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
    let (parts, mut body) = request.into_parts();
    match gate.open(parts, &mut body).await {
        // What has begun to be changed is finished even if the client leaves, so that the memory of the request stays
        // reserved until the writer has stored the change. Questions end with their client.
        Ok(request) if gate.changes_something() => within_time(run_to_end(next.run(request))).await,
        Ok(request) => within_time(next.run(request)).await,
        Err(error) => {
            body::discard(body);
            error.into_response()
        }
    }
}

impl Gate {
    /// Checks a request and attaches a [`Call`] to it. Everything that the head says is checked before the body is read.
    async fn open(&self, mut parts: Parts, body: &mut Body) -> Result<Request, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        if query.bytes().filter(|&byte| byte == b'&').count() >= MAX_PARAMETERS {
            return Err(ApiError::Malformed("The query has too many parameters."));
        }
        let params = Params::new(query);
        let caller = auth::authenticate(&self.shared, &parts, &params)?;
        if let Some(caller) = &caller {
            caller.require(self.scopes)?;
        }
        let query_names_project = auth::query_names_project(&self.shared, &params)?;
        let asked = parts.extensions.get::<AskedPath>().cloned();
        let format = Format::asked(asked.as_ref(), &params)?;
        let has_body = !parts.method.is_safe();
        let mut room = self.shared.memory.trusted();
        let (caller, payload) = match caller {
            Some(caller) if has_body => {
                let bytes = body::read(&parts.headers, body, self.body_limit, &mut room).await?;
                let payload = Payload::new(&parts.headers, bytes, &mut room).await?;
                (caller, payload)
            }
            Some(caller) => (caller, Payload::default()),
            None if has_body && body::is_json(&parts.headers) => {
                let (caller, bytes) = self.find_key(&parts, body).await?;
                caller.require(self.scopes)?;
                room.grow(bytes.len()).await?;
                let payload = Payload::new(&parts.headers, bytes, &mut room).await?;
                (caller, payload)
            }
            None => return Err(ApiError::NotAuthenticated),
        };
        let body_names_project = auth::body_names_project(&self.shared, &payload)?;
        let path = if query_names_project || body_names_project {
            // The project in the path was not looked at and could hold anything.
            let project = self.shared.app.project.info().id;
            asked.map(|asked| asked.in_project(project))
        } else {
            self.check_project(path::project(&mut parts).await?)?;
            asked.map(|asked| asked.path)
        };
        let site = parts.extensions.get::<Site>();
        let base = site.map_or("", |site| &site.base);
        let base = format!("{base}{}", path.as_deref().unwrap_or("/"));
        let key = auth::presented_key(&parts.headers, &params).map(|(key, _)| key);
        let key = key.or_else(|| payload.field(KEY_PARAMETER));
        let url = RequestUrl::new(base, &params, key);
        parts.extensions.insert(Call::new(CallData {
            caller,
            params,
            payload,
            format,
            url,
            room,
        }));
        Ok(Request::from_parts(parts, Body::empty()))
    }

    /// Reads the body of a request without credentials in its head, within the budget of anonymous requests, and finds
    /// the key in it.
    async fn find_key(&self, parts: &Parts, body: &mut Body) -> Result<(Caller, Bytes), ApiError> {
        let memory = &self.shared.memory;
        let _turn = memory.key_search().await?;
        let mut room = memory.body(peer(&self.shared.app.settings, parts));
        let limit = MAX_KEY_BODY.min(self.body_limit);
        let bytes = match body::read(&parts.headers, body, limit, &mut room).await {
            Ok(bytes) => bytes,
            Err(ApiError::BodyTooLarge(_)) => return Err(ApiError::KeyNotFound(limit)),
            Err(ApiError::TooSlow(_)) => return Err(ApiError::NotAuthenticated),
            Err(error) => return Err(error),
        };
        let caller = auth::authenticate_body(&self.shared, &bytes).await?;
        Ok((caller, bytes))
    }

    /// Whether the endpoint changes the project. Some that only read are POST, because their parameters are long.
    fn changes_something(&self) -> bool {
        self.scopes.iter().any(|scope| scope.ends_with(":write"))
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

/// Runs a handler on a task of its own.
async fn run_to_end(answer: impl Future<Output = Response> + Send + 'static) -> Response {
    let answer = tokio::spawn(answer).await;
    // The panic of a handler is logged by the panic hook.
    answer.unwrap_or_else(|_| ApiError::Internal.into_response())
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

    #[tokio::test]
    async fn a_change_is_finished_after_its_client_has_left() {
        let (begin, begun) = tokio::sync::oneshot::channel();
        let (go_on, when_to_go_on) = tokio::sync::oneshot::channel::<()>();
        let (finish, finished) = tokio::sync::oneshot::channel();
        let request = tokio::spawn(run_to_end(async move {
            let _ = begin.send(());
            let _ = when_to_go_on.await;
            let _ = finish.send(());
            Response::default()
        }));
        assert_eq!(begun.await, Ok(()));
        request.abort();
        assert!(request.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(go_on.send(()), Ok(()));
        assert_eq!(finished.await, Ok(()));
    }

    #[tokio::test]
    async fn a_change_that_panics_is_an_error() {
        let response = run_to_end(async { panic!("on purpose") }).await;
        assert_eq!(response.status(), 500);
    }
}
