//! Every error the API answers, and the one place where errors become responses.

use axum::http::header::{CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use persons_api::{ErrorBody, FilterError};
use persons_engine::EvaluationError;
use persons_engine::insights::InsightError;
use thiserror::Error;
use uuid::Uuid;

use super::call::json_bytes;
use super::memory::RETRY_AFTER_SECONDS;
use crate::secret;
use crate::store::StoreError;

/// What a handler answers.
pub(super) type Answer = Result<Response, ApiError>;

/// Why a request is not answered as asked. The texts are the wire's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum ApiError {
    /// A field or parameter, or the request as a whole, is not acceptable.
    #[error("{detail}")]
    Invalid {
        /// `invalid_input`, `required`, …
        code: &'static str,
        /// What is wrong, for people.
        detail: String,
        /// The field or parameter.
        attr: Option<&'static str>,
    },
    /// The body is not the JSON it claims to be.
    #[error("JSON parse error - {0}")]
    NotJson(String),
    /// The request is not proper HTTP. The connection is closed, because its other end may disagree
    /// about where the next request starts.
    #[error("{0}")]
    Malformed(&'static str),
    /// Nobody is named.
    #[error("Authentication credentials were not provided.")]
    NotAuthenticated,
    /// No key was found in the part of the body in which one is looked for.
    #[error(
        "Authentication credentials were not provided. In a body a key is found only within the first {0} bytes; send it in the Authorization header."
    )]
    KeyNotFound(usize),
    /// Somebody is named, and it is not true.
    #[error("{0}")]
    AuthenticationFailed(String),
    /// Known, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// No such thing.
    #[error("Not found.")]
    NotFound,
    /// No event with this id.
    #[error("No events exist for event UUID {0}.")]
    NoEvent(Uuid),
    /// No such project here.
    #[error("Project not found.")]
    NoProject,
    /// No such URL.
    #[error("Endpoint not found.")]
    NoEndpoint,
    /// The URL exists, the method on it does not. The router adds `Allow`.
    #[error("Method \"{0}\" not allowed.")]
    Method(Method),
    /// The URL exists, and says at length why the method does not.
    #[error("{0}")]
    Refused(&'static str),
    /// The request did not arrive in time.
    #[error("The request did not arrive within {0} seconds.")]
    TooSlow(u64),
    /// The body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes.")]
    BodyTooLarge(usize),
    /// The URL is longer than this many bytes.
    #[error("The URL is longer than {0} bytes.")]
    UrlTooLong(usize),
    /// Neither JSON nor whatever else the endpoint takes.
    #[error("Unsupported media type \"{0}\" in request.")]
    MediaType(String),
    /// The request was meant for another server, or comes from a page that pretends to be this one.
    #[error(
        "This server does not answer for the host \"{0}\". Start it with --public-url to name the host it is reached under."
    )]
    Misdirected(String),
    /// Too many requests at the same time.
    #[error("The server is busy; please try again.")]
    Busy,
    /// A JSON body that would take too much memory.
    #[error("The request body holds too many values; send less at once.")]
    TooManyValues,
    /// A bug. The log has the particulars.
    #[error("A server error occurred.")]
    Internal,
    /// The answer took too long.
    #[error("The answer took longer than {0} seconds; ask for less, or try again.")]
    Overloaded(u64),
    /// The data file could not be read or written.
    #[error("{0}")]
    Storage(String),
}

impl ApiError {
    /// A value that cannot be used, and the field or parameter it stands in.
    pub(super) fn invalid(attr: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid {
            code: "invalid_input",
            detail: detail.into(),
            attr: Some(attr),
        }
    }

    /// A field or parameter that is missing.
    pub(super) fn required(attr: &'static str) -> Self {
        Self::Invalid {
            code: "required",
            detail: "This field is required.".into(),
            attr: Some(attr),
        }
    }

    /// The status, the family and the case.
    fn class(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid { code, .. } => (StatusCode::BAD_REQUEST, "validation_error", code),
            Self::NotJson(_) => (StatusCode::BAD_REQUEST, "invalid_request", "parse_error"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request", "malformed"),
            Self::NotAuthenticated | Self::KeyNotFound(_) => (
                StatusCode::UNAUTHORIZED,
                "authentication_error",
                "not_authenticated",
            ),
            Self::AuthenticationFailed(_) => (
                StatusCode::UNAUTHORIZED,
                "authentication_error",
                "authentication_failed",
            ),
            Self::Forbidden(_) => (
                StatusCode::FORBIDDEN,
                "authentication_error",
                "permission_denied",
            ),
            Self::NotFound | Self::NoEvent(_) | Self::NoProject | Self::NoEndpoint => {
                (StatusCode::NOT_FOUND, "invalid_request", "not_found")
            }
            Self::Method(_) | Self::Refused(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_request",
                "method_not_allowed",
            ),
            Self::TooSlow(_) => (
                StatusCode::REQUEST_TIMEOUT,
                "invalid_request",
                "request_timeout",
            ),
            Self::BodyTooLarge(_) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "request_too_large",
            ),
            Self::UrlTooLong(_) => (StatusCode::URI_TOO_LONG, "invalid_request", "url_too_long"),
            Self::MediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid_request",
                "unsupported_media_type",
            ),
            Self::Misdirected(_) => (
                StatusCode::MISDIRECTED_REQUEST,
                "invalid_request",
                "misdirected_request",
            ),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "server_error", "busy"),
            Self::TooManyValues => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "request_too_large",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "error"),
            Self::Overloaded(_) => (StatusCode::SERVICE_UNAVAILABLE, "server_error", "timeout"),
            Self::Storage(_) => (StatusCode::SERVICE_UNAVAILABLE, "server_error", "storage"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, kind, code) = self.class();
        let body = ErrorBody {
            kind: kind.to_owned(),
            code: code.to_owned(),
            // A detail may repeat what was sent, such as a key pasted into the path.
            detail: secret::mask_keys(&self.to_string()).into_owned(),
            attr: match &self {
                Self::Invalid { attr, .. } => attr.map(str::to_owned),
                _ => None,
            },
        };
        // A struct of texts can always be written.
        let mut response = json_bytes(status, serde_json::to_vec(&body).unwrap_or_default());
        let headers = response.headers_mut();
        match self {
            Self::NotAuthenticated | Self::KeyNotFound(_) | Self::AuthenticationFailed(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Busy => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            Self::Malformed(_) => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        Self::invalid("properties", error.to_string())
    }
}

impl From<EvaluationError> for ApiError {
    fn from(error: EvaluationError) -> Self {
        Self::invalid("properties", error.to_string())
    }
}

impl From<InsightError> for ApiError {
    fn from(error: InsightError) -> Self {
        let (code, attr) = match error {
            InsightError::UnknownAction(_) => ("invalid_input", Some("actions")),
            InsightError::Condition(_) | InsightError::TooManyConditions(_) => {
                ("invalid_input", Some("properties"))
            }
            InsightError::TooManyPoints(_) => ("invalid_input", Some("date_from")),
            InsightError::PathCleaning { .. } => {
                ("invalid_input", Some("local_path_cleaning_filters"))
            }
            InsightError::TooManyCells(_)
            | InsightError::NoSuchCell(_)
            | InsightError::Funnel(_)
            | InsightError::Correlation(_) => ("invalid_input", None),
            InsightError::Stopped(_) => ("timeout", None),
        };
        Self::Invalid {
            code,
            detail: error.to_string(),
            attr,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the data file could not be used");
        if matches!(error, StoreError::Panic) {
            return Self::Internal;
        }
        Self::Storage(match error {
            // What to do about these two is the caller's business; paths and SQL are not.
            StoreError::Full | StoreError::Closed => error.to_string(),
            _ => "The data could not be read or written; please try again.".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_files_place_and_sql_stay_in_the_log() {
        let full = ApiError::from(StoreError::Full);
        assert_eq!(full.class().0, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            full.to_string()
                .starts_with("The disk with the data file is full")
        );
        for error in [
            StoreError::Sqlite("near \"SELEC\"".into()),
            StoreError::InUse("/home/ada/persons.sqlite".into()),
        ] {
            let detail = ApiError::from(error).to_string();
            assert!(
                !detail.contains("SELEC") && !detail.contains("ada"),
                "{detail}"
            );
        }
    }
}
