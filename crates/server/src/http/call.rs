//! A request to the API once it is let in, and the answer in the format it asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::auth::Caller;
use super::body::Payload;
use super::csv;
use super::error::{Answer, ApiError};
use super::memory::Reservation;
use super::params::{Params, Window};
use super::url::{AskedPath, RequestUrl};

/// The format of an answer. Errors are JSON in either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

impl Format {
    /// The format a URL asks for; its suffix counts more than its parameter.
    pub(super) fn asked(path: Option<&AskedPath>, params: &Params) -> Result<Self, ApiError> {
        match path.and_then(|path| path.suffix).or(params.get("format")) {
            None | Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(ApiError::NotFound),
        }
    }
}

/// What a handler knows about the request beside its path.
#[derive(Clone)]
pub(super) struct Call(Arc<CallData>);

/// The parts of a [`Call`].
pub(super) struct CallData {
    /// Who asks; may do what the endpoint's scopes say.
    pub(super) caller: Caller,
    /// The query string.
    pub(super) params: Params,
    /// The body.
    pub(super) payload: Payload,
    /// The format of the answer.
    pub(super) format: Format,
    /// The URL as it was asked for, absolute, without keys.
    pub(super) url: RequestUrl,
    /// The memory that the body and its values take.
    #[allow(dead_code, reason = "it is held as long as the request is worked on")]
    pub(super) room: Reservation,
}

impl std::ops::Deref for Call {
    type Target = CallData;

    fn deref(&self) -> &CallData {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Only a route without a gate has none, and such a route must not ask for one.
        parts.extensions.get().cloned().ok_or(ApiError::Internal)
    }
}

/// A list as it travels.
#[derive(Serialize)]
pub(super) struct Page<T> {
    pub(super) count: usize,
    pub(super) next: Option<String>,
    pub(super) previous: Option<String>,
    pub(super) results: T,
}

impl Call {
    /// A call for the handlers behind the gate.
    pub(super) fn new(data: CallData) -> Self {
        Self(Arc::new(data))
    }

    /// A page of a list of `count` rows, with links to its neighbours: none to an empty page.
    pub(super) fn page<T>(&self, window: Window, count: usize, results: T) -> Page<T> {
        let Window { offset, limit } = window;
        let after = offset.saturating_add(limit);
        Page {
            count,
            next: (after < count).then(|| self.link(after)),
            previous: (offset > 0).then(|| self.link(offset.saturating_sub(limit))),
            results,
        }
    }

    /// The URL that was asked for, at another place of the list.
    pub(super) fn link(&self, offset: usize) -> String {
        self.link_with(&[("offset", Some(offset.to_string()))])
    }

    /// The URL that was asked for, with other values of some parameters, or without them.
    pub(super) fn link_with(&self, changes: &[(&str, Option<String>)]) -> String {
        self.url.with(changes)
    }

    /// The parameters in the URL and in the body together.
    pub(super) fn all_params(&self) -> Result<Params, ApiError> {
        if self.payload.bytes.is_empty() {
            return Ok(self.params.clone());
        }
        Ok(self.params.and(self.payload.object()?))
    }

    /// An answer in the format asked for. `name` is what a saved file is called.
    pub(super) fn answer(&self, name: &str, body: &impl Serialize) -> Answer {
        match self.format {
            Format::Json => json(StatusCode::OK, body),
            Format::Csv => {
                let body = serde_json::to_value(body).map_err(internal)?;
                Ok(csv_response(name, csv::of_answer(&body).into()))
            }
        }
    }

    /// The answer to a request that made something.
    pub(super) fn created(&self, name: &str, body: &impl Serialize) -> Answer {
        let mut response = self.answer(name, body)?;
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    }
}

/// A JSON body.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    let bytes = serde_json::to_vec(body).map_err(internal)?;
    Ok(json_bytes(status, bytes))
}

/// A JSON body that is written already.
pub(super) fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], bytes).into_response()
}

/// A CSV body, to be saved as a file.
pub(super) fn csv_response(name: &str, body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, body).into_response()
}

/// Logs a failure that is this program's fault.
pub(super) fn internal(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "an answer could not be made");
    ApiError::Internal
}
