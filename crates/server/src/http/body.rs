//! Request bodies: read once, within limits of size and time.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use persons_api::json;
use serde_json::{Map, Value};

use super::error::ApiError;

/// How long a body may take to arrive.
const SECONDS: u64 = 30;

/// Reads a body whole.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    // What says itself that it is too large need not be received.
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    let read = Limited::new(body, limit).collect();
    match tokio::time::timeout(Duration::from_secs(SECONDS), read).await {
        Err(_) => Err(ApiError::TooSlow(SECONDS)),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_length_error(error.as_ref()) => Err(ApiError::BodyTooLarge(limit)),
        Ok(Err(_)) => Err(ApiError::Malformed("The request body broke off.")),
    }
}

fn is_length_error(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_length_error)
}

/// What an API request brought along.
#[derive(Clone, Debug, Default)]
pub(super) struct Payload {
    /// The bytes, for everything that is not JSON.
    pub(super) bytes: Bytes,
    /// The `Content-Type` header.
    pub(super) content_type: String,
    /// The JSON value, if it says that it is JSON. No body is an empty object.
    json: Option<Result<Value, ApiError>>,
}

impl Payload {
    /// Looks at a body.
    pub(super) fn new(headers: &HeaderMap, bytes: Bytes) -> Self {
        let content_type = headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default();
        let json = if bytes.is_empty() {
            Some(Ok(Value::Object(Map::new())))
        } else if media_type(&content_type) == "application/json" {
            let read = json::parse(&bytes);
            Some(read.map_err(|error| ApiError::NotJson(error.to_string())))
        } else {
            None
        };
        Self {
            bytes,
            content_type,
            json,
        }
    }

    /// Whether it is a form with files.
    pub(super) fn is_multipart(&self) -> bool {
        media_type(&self.content_type) == "multipart/form-data"
    }

    /// The JSON object in it.
    pub(super) fn object(&self) -> Result<&Map<String, Value>, ApiError> {
        match &self.json {
            Some(Ok(Value::Object(map))) => Ok(map),
            Some(Ok(other)) => Err(ApiError::Invalid {
                code: "invalid_input",
                detail: format!("Invalid data. Expected an object, but got {}.", kind(other)),
                attr: None,
            }),
            Some(Err(error)) => Err(error.clone()),
            None => Err(ApiError::MediaType(self.content_type.clone())),
        }
    }

    /// A text field of the object, if there is an object with such a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        match &self.json {
            Some(Ok(Value::Object(map))) => {
                map.get(name)?.as_str().filter(|value| !value.is_empty())
            }
            _ => None,
        }
    }
}

/// The media type without its parameters, in lower case.
fn media_type(content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_given_up() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let read = read(&HeaderMap::new(), body, 10).await;
        assert_eq!(read, Err(ApiError::TooSlow(SECONDS)));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_malformed() {
        let broken = stream::iter([Ok(Bytes::from("x")), Err(std::io::Error::other("gone"))]);
        let read = read(&HeaderMap::new(), Body::from_stream(broken), 10).await;
        assert!(matches!(read, Err(ApiError::Malformed(_))));
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit() {
        let read = async |body: &'static str| read(&HeaderMap::new(), body.into(), 3).await;
        assert_eq!(read("abc").await, Ok(Bytes::from("abc")));
        assert_eq!(read("abcd").await, Err(ApiError::BodyTooLarge(3)));
    }
}
