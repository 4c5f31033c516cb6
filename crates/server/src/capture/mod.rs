//! What SDKs send: from the bytes of a request to events.
//!
//! Nothing here changes anything: either the whole request becomes events, or it is refused with the
//! text that SDKs know.

mod decode;
mod lz64;
pub(crate) mod scan;

use std::borrow::Cow;
use std::io;

use persons_api::Timestamp;
use persons_api::json::{self, MAX_DEPTH};
use persons_engine::{Arrival, CapturedEvent, EventError, OversizedEvent};
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

use scan::{FoundToken, Scanner, Stop};

/// The newest endpoint: it responds with a result for each event, and its token is in the header.
pub const NEWEST_PATH: &str = "/i/v1/analytics/events";

/// No request is larger than this once it is decoded, in bytes of JSON: what 20 MB of `/batch` may hold unpacked.
pub const MAX_TEXT: usize = 32 << 20;

/// The values of a request take no more memory than this, in estimated bytes. A batch of 20 MB of ordinary events
/// stays below.
pub const MAX_VALUES: usize = 112 << 20;

/// No single event is larger than this, in bytes of JSON.
const MAX_EVENT: usize = 1 << 20;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// The path without a trailing slash: `/engage` and `/s` have rules of their own.
    pub path: String,
    /// The query string, without the question mark.
    pub query: String,
    /// The `Content-Type` header.
    pub content_type: String,
    /// The `Content-Encoding` header; only `deflate` needs it, gzip shows by itself.
    pub content_encoding: String,
    /// The bearer token: the newest SDKs send the capture token there.
    pub bearer: Option<String>,
    /// The body, as sent.
    pub body: Vec<u8>,
    /// The server's clock.
    pub now: Timestamp,
}

/// What decoding a request leads to.
#[derive(Debug)]
pub enum Decoded {
    /// Events to be read.
    Text(JsonText),
    /// The request names another project. Nothing else of it was read.
    OtherProject,
}

/// The JSON of a request, decoded and not yet parsed.
#[derive(Debug)]
pub struct JsonText {
    path: String,
    /// The token in the query or the header.
    token: Option<String>,
    sent_at: Option<Timestamp>,
    now: Timestamp,
    bytes: Vec<u8>,
    /// The memory that its values take, in estimated bytes.
    pub cost: usize,
}

/// The events of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The project's capture token.
    pub token: String,
    /// The events, in order.
    pub events: Vec<CapturedEvent>,
    /// Events of a batch that exceed a limit.
    pub oversized: Vec<OversizedEvent>,
}

/// A refused request: a status and the plain text SDKs know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct CaptureError {
    /// 400, 401, 413 or 503.
    pub status: u16,
    /// One sentence.
    pub message: String,
}

/// Levels of a request around an event: the object of the batch, and its array. The depth of an event counts from the
/// event itself.
const ENVELOPE_DEPTH: usize = 2;

fn refused(status: u16, message: impl Into<String>) -> CaptureError {
    CaptureError {
        status,
        message: message.into(),
    }
}

fn inconsistent_tokens() -> CaptureError {
    refused(401, "batch submitted with inconsistent api_key values")
}

fn missing_token() -> CaptureError {
    refused(401, "event submitted without an api_key")
}

impl From<EventError> for CaptureError {
    fn from(error: EventError) -> Self {
        refused(400, error.to_string())
    }
}

/// Returns the capture token that is known before the body is: in the query, or at the newest endpoint in the header.
///
/// # Errors
/// A token that cannot be one.
pub fn token_in_head(
    path: &str,
    query: &str,
    bearer: Option<&str>,
) -> Result<Option<String>, CaptureError> {
    let from_query = ["token", "api_key"]
        .into_iter()
        .filter_map(|name| parameter(query.as_bytes(), name))
        .find(|token| !token.trim().is_empty());
    let token = from_query.or_else(|| bearer.filter(|_| path == NEWEST_PATH).map(Cow::Borrowed));
    token
        .map(|token| checked_token(token.trim().to_owned()))
        .transpose()
}

impl Request {
    /// Decodes the body to at most `max_text` bytes of JSON and looks whose events it holds, without parsing it. Stops
    /// at the first token that `is_project_token` does not accept.
    ///
    /// # Errors
    /// A body that cannot be decoded, that is larger than the limits, or that has no token.
    pub fn decode(
        self,
        max_text: usize,
        is_project_token: &dyn Fn(&str) -> bool,
    ) -> Result<Decoded, CaptureError> {
        let known = token_in_head(&self.path, &self.query, self.bearer.as_deref())?;
        if known.as_ref().is_some_and(|token| !is_project_token(token)) {
            return Ok(Decoded::OtherProject);
        }
        let mut scanner = Scanner::new(is_project_token, MAX_VALUES);
        let text = match decode::decode(&self, &mut scanner, max_text) {
            Ok(text) => text,
            Err(Stop::Refused(error)) => return Err(error),
            Err(Stop::OtherProject) => return Ok(Decoded::OtherProject),
        };
        let sent_at = parameter(self.query.as_bytes(), "_")
            .and_then(|millis| millis.parse::<i64>().ok())
            .filter(|millis| (0..1 << 43).contains(millis))
            .map(|millis| Timestamp(millis * 1000));
        let (found, cost) = (scanner.token(), scanner.cost());
        let text = JsonText {
            path: self.path,
            token: known.or(self.bearer),
            sent_at,
            now: self.now,
            bytes: text.unwrap_or(self.body),
            cost,
        };
        if found == FoundToken::Absent && text.token.is_none() {
            // No values are built for a request that cannot be accepted.
            text.check_is_json()?;
            return Err(missing_token());
        }
        Ok(Decoded::Text(text))
    }
}

impl JsonText {
    /// Whether the text is JSON with events in it.
    fn check_is_json(&self) -> Result<(), CaptureError> {
        json::check_syntax(&self.bytes).map_err(|error| parse_error(&error))?;
        match self.bytes.trim_ascii_start().first() {
            Some(b'{' | b'[') => Ok(()),
            _ => Err(no_events()),
        }
    }

    /// Parses the text. One malformed event refuses all of it; one that exceeds a limit is set aside if it is part of a
    /// batch.
    ///
    /// # Errors
    /// Text that is not JSON, or holds something else than events of one project.
    pub fn parse(self) -> Result<Batch, CaptureError> {
        let json = json::parse_pruned(&self.bytes, MAX_DEPTH + ENVELOPE_DEPTH)
            .map_err(|error| parse_error(&error))?;
        let is_large = self.bytes.len() > MAX_EVENT;
        drop(self.bytes);
        let mut envelope = Envelope::open(json, &self.path)?;
        envelope.sent_at = envelope.sent_at.or(self.sent_at);
        if envelope.items.is_empty() {
            return Err(refused(400, "request holds no event"));
        }
        if is_large && envelope.items.iter().any(|item| size(item) > MAX_EVENT) {
            return Err(refused(400, "maximum event size exceeded"));
        }
        let token = token(&envelope, self.token)?;
        if self.path == "/s" {
            // Session recordings: taken, so that the SDK is content, and not kept.
            return Ok(Batch {
                token,
                events: Vec::new(),
                oversized: Vec::new(),
            });
        }
        let arrival = Arrival {
            now: self.now,
            sent_at: envelope.sent_at,
        };
        let (mut events, mut oversized) = (Vec::new(), Vec::new());
        for item in envelope.items {
            let item = with_options(item);
            match OversizedEvent::check(&item) {
                Some(event) if envelope.is_batch => oversized.push(event),
                _ => events.push(CapturedEvent::read(item, arrival, Uuid::now_v7)?),
            }
        }
        Ok(Batch {
            token,
            events,
            oversized,
        })
    }
}

fn parse_error(error: &dyn std::fmt::Display) -> CaptureError {
    refused(400, format!("failed to parse request: {error}"))
}

fn no_events() -> CaptureError {
    refused(400, "failed to parse request: neither an object nor a list")
}

/// The first field of this name in a form or a query string.
fn parameter<'t>(text: &'t [u8], name: &str) -> Option<Cow<'t, str>> {
    form_urlencoded::parse(text)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// The newest form has settings beside the properties: `options: {process_person_profile: false}`, and
/// the session's id. They mean the properties of the same names.
fn with_options(mut item: Value) -> Value {
    let Some(map) = item.as_object_mut() else {
        return item;
    };
    let session = map
        .remove("session_id")
        .map(|session| ("$session_id".to_owned(), session));
    let options = match map.remove("options") {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    };
    let moved = options
        .into_iter()
        .map(|(key, value)| (format!("${key}"), value))
        .chain(session);
    let properties = map
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(properties) = properties.as_object_mut() {
        for (key, value) in moved {
            properties.entry(key).or_insert(value);
        }
    }
    item
}

/// The parts of a request that are about all of its events.
struct Envelope {
    token: Option<String>,
    sent_at: Option<Timestamp>,
    items: Vec<Value>,
    /// Whether the request is a list of events, even if it is a list of one.
    is_batch: bool,
}

impl Envelope {
    fn open(json: Value, path: &str) -> Result<Self, CaptureError> {
        match json {
            Value::Array(items) => Ok(Self {
                token: None,
                sent_at: None,
                items,
                is_batch: true,
            }),
            Value::Object(mut map) => {
                // The newest form says `created_at` of the request.
                let sent_at = map
                    .get("sent_at")
                    .or_else(|| map.get("batch").and(map.get("created_at")));
                let sent_at = sent_at.and_then(Value::as_str).and_then(Timestamp::parse);
                let token = token_in(&map)?;
                let items = ["batch", "data"].iter().find_map(|key| map.remove(*key));
                let is_batch = matches!(items, Some(Value::Array(_)));
                let items = match items {
                    Some(Value::Array(items)) => items,
                    Some(Value::Object(single)) => vec![Value::Object(single)],
                    Some(_) => {
                        return Err(refused(400, "failed to parse request: batch is not a list"));
                    }
                    None => {
                        if path == "/engage" && !map.contains_key("event") {
                            map.insert("event".into(), "$identify".into());
                        }
                        vec![Value::Object(map)]
                    }
                };
                Ok(Self {
                    token,
                    sent_at,
                    items,
                    is_batch,
                })
            }
            _ => Err(no_events()),
        }
    }
}

/// The token of the request: at its top, in the query or header, or in the events, which then must agree.
fn token(envelope: &Envelope, from_outside: Option<String>) -> Result<String, CaptureError> {
    let mut token = envelope.token.clone().or(from_outside);
    for item in &envelope.items {
        let Value::Object(item) = item else { continue };
        let in_properties = || {
            item.get("properties")
                .and_then(Value::as_object)
                .map_or(Ok(None), token_in_properties)
        };
        let Some(own) = token_in(item)?.map_or_else(in_properties, |own| Ok(Some(own)))? else {
            continue;
        };
        match &token {
            Some(token) if *token != own => return Err(inconsistent_tokens()),
            Some(_) => {}
            None => token = Some(own),
        }
    }
    checked_token(token.ok_or_else(missing_token)?)
}

fn checked_token(token: String) -> Result<String, CaptureError> {
    match token_fault(&token) {
        Some(fault) => Err(fault),
        None => Ok(token),
    }
}

/// Why a text cannot be a capture token.
fn token_fault(token: &str) -> Option<CaptureError> {
    let fault = if token.is_empty() {
        "empty"
    } else if token.len() > 64 {
        "too_long"
    } else if !token.is_ascii() {
        "not_ascii"
    } else if token.starts_with("phx_") {
        "personal_api_key"
    } else {
        return None;
    };
    Some(refused(401, format!("API key is not valid: {fault}")))
}

fn token_in(map: &Map<String, Value>) -> Result<Option<String>, CaptureError> {
    text_token(
        ["token", "$token", "api_key"]
            .iter()
            .find_map(|key| map.get(*key)),
    )
}

fn token_in_properties(map: &Map<String, Value>) -> Result<Option<String>, CaptureError> {
    text_token(map.get("token"))
}

fn text_token(value: Option<&Value>) -> Result<Option<String>, CaptureError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) => Ok(Some(token.trim().to_owned())),
        Some(_) => Err(refused(401, "API key is not valid: not_string")),
    }
}

/// The length of an item as JSON.
fn size(item: &Value) -> usize {
    let mut counter = ByteCounter(0);
    match serde_json::to_writer(&mut counter, item) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

struct ByteCounter(usize);

impl io::Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(body: &[u8]) -> Request {
        Request {
            path: "/batch".into(),
            query: String::new(),
            content_type: "application/json".into(),
            content_encoding: String::new(),
            bearer: None,
            body: body.to_vec(),
            now: Timestamp(1_700_000_000_000_000),
        }
    }

    /// Reads a request of the project with the token `a`.
    fn read(request: Request) -> Result<Option<Batch>, CaptureError> {
        match request.decode(MAX_TEXT, &|token| token == "a")? {
            Decoded::Text(text) => text.parse().map(Some),
            Decoded::OtherProject => Ok(None),
        }
    }

    fn refusal(body: Value) -> (u16, String) {
        let error = read(request(body.to_string().as_bytes())).expect_err("refused");
        (error.status, error.message)
    }

    #[test]
    fn bad_requests_are_refused_in_the_words_sdks_know() {
        let event = json!({"event": "e", "distinct_id": "a"});
        for (body, status, message) in [
            (
                json!({"api_key": "a", "batch": []}),
                400,
                "request holds no event",
            ),
            (
                json!({"batch": [event]}),
                401,
                "event submitted without an api_key",
            ),
            (
                json!({"api_key": "", "batch": [event]}),
                401,
                "API key is not valid: empty",
            ),
            (
                json!({"api_key": "x".repeat(65), "batch": [event]}),
                401,
                "API key is not valid: too_long",
            ),
            (
                json!({"api_key": "é", "batch": [event]}),
                401,
                "API key is not valid: not_ascii",
            ),
            (
                json!({"api_key": "phx_x", "batch": [event]}),
                401,
                "API key is not valid: personal_api_key",
            ),
            (
                json!({"api_key": "a", "batch": [{"event": "e"}]}),
                400,
                "event submitted without a distinct_id",
            ),
            (
                json!({"api_key": "a", "batch": [{"distinct_id": "e"}]}),
                400,
                "event submitted with an empty event name",
            ),
            (
                json!([{"event": "e", "distinct_id": "a", "token": "a"}, {"event": "e", "distinct_id": "a", "token": "b"}]),
                401,
                "batch submitted with inconsistent api_key values",
            ),
            (
                json!(7),
                400,
                "failed to parse request: neither an object nor a list",
            ),
            (
                json!({"api_key": "a", "batch": [{"event": "e", "distinct_id": "a", "properties": {"x": "y".repeat(MAX_EVENT)}}]}),
                400,
                "maximum event size exceeded",
            ),
        ] {
            assert_eq!(refusal(body), (status, message.to_owned()));
        }
    }

    #[test]
    fn one_bad_event_refuses_its_whole_request() {
        let body =
            json!({"api_key": "a", "batch": [{"event": "e", "distinct_id": "a"}, {"event": "e"}]});
        assert_eq!(refusal(body).0, 400);
    }

    #[test]
    fn engage_without_an_event_identifies() {
        let body =
            json!({"token": "a", "$distinct_id": "ada", "$set": {"plan": "pro"}}).to_string();
        let decoded = read(Request {
            path: "/engage".into(),
            ..request(body.as_bytes())
        });
        let decoded = decoded.expect("valid").expect("ours");
        assert_eq!(decoded.events[0].name, "$identify");
        assert_eq!(decoded.events[0].properties["$set"], json!({"plan": "pro"}));
    }

    #[test]
    fn garbage_never_panics() {
        for body in [
            &b"\x1f\x8bnot gzip"[..],
            b"data=%%%",
            b"",
            b"{",
            b"\xff\xfe",
            b"data=eyJ",
            b"[[[[",
        ] {
            assert!(read(request(body)).is_err());
        }
    }

    #[test]
    fn a_request_of_another_project_is_read_up_to_its_token() {
        for body in [
            r#"{"api_key":"b","batch":[{"event":"#,
            r#"[{"event":"e","distinct_id":"a","properties":{"token":"b"}},nonsense"#,
        ] {
            assert_eq!(read(request(body.as_bytes())), Ok(None));
        }
        let by_query = Request {
            query: "token=b".into(),
            ..request(b"nonsense")
        };
        assert_eq!(read(by_query), Ok(None));
    }

    #[test]
    fn a_token_that_the_scanner_cannot_read_is_compared_after_parsing() {
        let event = r#"[{"event":"e","distinct_id":"a","api\u005fkey":"b"}]"#;
        let batch = read(request(event.as_bytes())).expect("valid");
        assert_eq!(batch.map(|batch| batch.token), Some("b".to_owned()));
    }

    #[test]
    fn values_without_a_token_are_refused_before_they_are_built() {
        let objects = format!("[{}0]", r#"{"":0},"#.repeat(1000));
        assert_eq!(
            read(request(objects.as_bytes())),
            Err(refused(401, "event submitted without an api_key"))
        );
        let many = format!(r#"{{"token":"a","x":[{}0]}}"#, "{},".repeat(200_000));
        assert_eq!(
            read(request(many.as_bytes())).expect_err("refused").status,
            413
        );
    }
}
