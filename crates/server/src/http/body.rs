//! Request bodies: read once, within limits of size, time and memory.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt as _;
use persons_api::json;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::error::ApiError;
use super::memory::Reservation;
use super::off_thread;
use crate::capture::scan::cost_of;

/// The values of a body take no more memory than this, in estimated bytes.
const MAX_VALUES: usize = 96 << 20;

/// How long a body may take to arrive, in seconds.
const SECONDS: u64 = 30;

/// A body that is larger than this must keep arriving: as many bytes again in each period of as many seconds. Else
/// slow clients could hold the memory that others need.
const SMALL: usize = 64 << 10;
const PROGRESS_SECONDS: u64 = 5;

/// How much of the rest of a body that is not wanted is received, and for how long.
const MAX_DISCARDED: usize = 32 << 20;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads a body whole.
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    limit: usize,
    room: &mut Reservation,
) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    // What says itself that it is too large need not be received.
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    let deadline = Instant::now() + Duration::from_secs(SECONDS);
    let mut progress = Progress::new();
    // An announcement costs the client nothing, so memory is taken for what has arrived.
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default().min(SMALL));
    loop {
        let is_small = bytes.len() <= SMALL;
        let next = if is_small {
            deadline
        } else {
            deadline.min(progress.due)
        };
        match timeout_at(next, body.frame()).await {
            Ok(None) => return Ok(bytes.into()),
            Ok(Some(Err(_))) => return Err(ApiError::Malformed("The request body broke off.")),
            Ok(Some(Ok(frame))) => {
                // Trailers say nothing that matters here.
                let data = frame.into_data().unwrap_or_default();
                if bytes.len() + data.len() > limit {
                    return Err(ApiError::BodyTooLarge(limit));
                }
                room.grow(data.len()).await?;
                bytes.extend_from_slice(&data);
            }
            Err(_) => {}
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(ApiError::TooSlow(SECONDS));
        }
        if !progress.is_kept_up(now, bytes.len()) && bytes.len() > SMALL {
            return Err(ApiError::TooSlow(PROGRESS_SECONDS));
        }
    }
}

/// Discards what is left of a body while the response is sent. A client that is still sending would otherwise be cut
/// off and might never see why. Nothing is kept, and the connection closes when the time is over.
pub(super) fn discard(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    let discarding = async move {
        let mut left = MAX_DISCARDED;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.into_data().map_or(0, |data| data.len());
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    tokio::spawn(tokio::time::timeout(DISCARD_TIMEOUT, discarding));
}

/// How much of a body had arrived when its current period began.
struct Progress {
    due: Instant,
    before: usize,
}

impl Progress {
    fn new() -> Self {
        Self {
            due: Instant::now() + Duration::from_secs(PROGRESS_SECONDS),
            before: 0,
        }
    }

    /// Whether enough has arrived; at the end of a period the next one begins.
    fn is_kept_up(&mut self, now: Instant, arrived: usize) -> bool {
        if now < self.due {
            return true;
        }
        let is_kept_up = arrived - self.before >= SMALL;
        self.before = arrived;
        self.due = now + Duration::from_secs(PROGRESS_SECONDS);
        is_kept_up
    }
}

/// Returns a text field of a JSON object, if the bytes are one, without building the rest. The last of several counts;
/// an empty text counts as missing.
fn text_field(json: &[u8], name: &'static str) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let text = reader.deserialize_map(FieldVisitor(name)).ok()?;
    reader.end().ok()?;
    text.filter(|text| !text.is_empty())
}

/// [`text_field`], on another thread if the bytes are many.
pub(super) async fn find_text_field(
    json: &Bytes,
    name: &'static str,
) -> Result<Option<String>, ApiError> {
    if json.len() <= SMALL {
        return Ok(text_field(json, name));
    }
    let json = json.clone();
    off_thread(move || text_field(&json, name)).await
}

/// Finds the field of this name.
struct FieldVisitor(&'static str);

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<String>, A::Error> {
        let mut text = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                text = map.next_value::<TextOrOther>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(text)
    }
}

/// A text; `None` for any other value.
struct TextOrOther(Option<String>);

impl<'de> Deserialize<'de> for TextOrOther {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = TextOrOther;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<TextOrOther, E> {
        Ok(TextOrOther(Some(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<TextOrOther, E> {
        Ok(TextOrOther(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<TextOrOther, E> {
        Ok(TextOrOther(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<TextOrOther, E> {
        Ok(TextOrOther(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<TextOrOther, E> {
        Ok(TextOrOther(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<TextOrOther, E> {
        Ok(TextOrOther(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TextOrOther, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(TextOrOther(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextOrOther, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(TextOrOther(None))
    }
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
    /// Parses a body, reserving room for its values: on another thread if it is large.
    pub(super) async fn new(
        headers: &HeaderMap,
        bytes: Bytes,
        room: &mut Reservation,
    ) -> Result<Self, ApiError> {
        let is_large = bytes.len() > SMALL;
        if is_json(headers) {
            let cost = if is_large {
                let bytes = bytes.clone();
                off_thread(move || cost_of(&bytes, MAX_VALUES)).await?
            } else {
                cost_of(&bytes, MAX_VALUES)
            };
            if cost > MAX_VALUES {
                return Err(ApiError::TooManyValues);
            }
            room.grow(cost).await?;
        }
        if is_large {
            let headers = headers.clone();
            off_thread(move || Self::parse(&headers, bytes)).await
        } else {
            Ok(Self::parse(headers, bytes))
        }
    }

    /// Parses a body.
    fn parse(headers: &HeaderMap, bytes: Bytes) -> Self {
        let content_type = content_type(headers);
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

/// Whether a body says that it is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    media_type(&content_type(headers)) == "application/json"
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE);
    value
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
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
    use futures_util::{StreamExt as _, stream};

    use super::*;
    use crate::http::memory::MemoryBudget;

    /// Reads a body that arrives in these pieces and then not at all.
    async fn read_unfinished(pieces: Vec<Vec<u8>>) -> Result<Bytes, ApiError> {
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
        let mut body = Body::from_stream(pieces.chain(stream::pending()));
        let mut room = MemoryBudget::default().body(None);
        read(&HeaderMap::new(), &mut body, 10 << 20, &mut room).await
    }

    async fn read_whole(mut body: Body, limit: usize) -> Result<Bytes, ApiError> {
        let mut room = MemoryBudget::default().body(None);
        read(&HeaderMap::new(), &mut body, limit, &mut room).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_given_up() {
        let started = Instant::now();
        let read = read_unfinished(vec![vec![b'x'; SMALL]]).await;
        assert_eq!(read, Err(ApiError::TooSlow(SECONDS)));
        assert!(started.elapsed() >= Duration::from_secs(SECONDS));
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_that_stops_arriving_is_given_up_sooner() {
        let read = read_unfinished(vec![vec![b'x'; SMALL], vec![b'x'; SMALL]]).await;
        assert_eq!(read, Err(ApiError::TooSlow(PROGRESS_SECONDS)));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_malformed() {
        let broken = stream::iter([Ok(Bytes::from("x")), Err(std::io::Error::other("gone"))]);
        let read = read_whole(Body::from_stream(broken), 10).await;
        assert!(matches!(read, Err(ApiError::Malformed(_))));
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit() {
        assert_eq!(read_whole("abc".into(), 3).await, Ok(Bytes::from("abc")));
        assert_eq!(
            read_whole("abcd".into(), 3).await,
            Err(ApiError::BodyTooLarge(3))
        );
    }

    #[test]
    fn a_field_is_found_without_building_the_rest() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        for (json, expected) in [
            (r#"{"a":1,"key":"x","b":[{"key":"y"}]}"#, Some("x")),
            (r#"{"key":"x","key":"y"}"#, Some("y")),
            (r#"{"k\u0065y":"x"}"#, Some("x")),
            (&format!(r#"{{"a":{deep},"key":"x"}}"#), Some("x")),
            (&format!(r#"{{"key":{deep}}}"#), None),
            (r#"{"key":{"a":1}}"#, None),
            (r#"{"key":""}"#, None),
            (r#"{"key":"x"} 1"#, None),
            (r#"["key"]"#, None),
            ("{", None),
        ] {
            assert_eq!(text_field(json.as_bytes(), "key").as_deref(), expected);
        }
    }
}
