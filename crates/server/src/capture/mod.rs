//! What SDKs send: from the bytes of a request to events.
//!
//! Nothing here changes anything: either the whole request becomes events, or it is refused with the
//! text that SDKs know.

mod decode;

use persons_api::Timestamp;
use persons_api::json::{self, MAX_DEPTH};
use persons_engine::{Arrival, CapturedEvent, EventError, OversizedEvent};
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The path without a trailing slash: `/engage` and `/s` have rules of their own.
    pub path: &'a str,
    /// The query string, without the question mark.
    pub query: &'a str,
    /// The `Content-Type` header.
    pub content_type: &'a str,
    /// The `Content-Encoding` header; only `deflate` needs it, gzip shows by itself.
    pub content_encoding: &'a str,
    /// The bearer token: the newest SDKs send the capture token there.
    pub bearer: Option<&'a str>,
    /// The body, as sent.
    pub body: &'a [u8],
    /// The server's clock.
    pub now: Timestamp,
}

/// What a request turned out to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The project's capture token, well-formed, not yet compared with ours.
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
    /// 400, 401 or 413.
    pub status: u16,
    /// One sentence.
    pub message: String,
}

/// Levels of a request around an event: the object of the batch, and its array. The depth of an event counts from the
/// event itself.
const ENVELOPE_DEPTH: usize = 2;

/// No single event is larger than this, in bytes of JSON.
const MAX_EVENT: usize = 1 << 20;

fn refused(status: u16, message: impl Into<String>) -> CaptureError {
    CaptureError {
        status,
        message: message.into(),
    }
}

impl From<EventError> for CaptureError {
    fn from(error: EventError) -> Self {
        refused(400, error.to_string())
    }
}

/// Reads a request. One malformed event refuses all of it; one that exceeds a limit is set aside if it is part of a
/// batch.
pub fn read(request: Request<'_>) -> Result<Decoded, CaptureError> {
    let payload = decode::payload(&request)?;
    let json = json::parse_pruned(&payload.bytes, MAX_DEPTH + ENVELOPE_DEPTH)
        .map_err(|error| refused(400, format!("failed to parse request: {error}")))?;
    let mut envelope = Envelope::open(json, &request)?;
    envelope.sent_at = envelope.sent_at.or(payload.sent_at);
    if envelope.items.is_empty() {
        return Err(refused(400, "request holds no event"));
    }
    if payload.bytes.len() > MAX_EVENT && envelope.items.iter().any(|item| size(item) > MAX_EVENT) {
        return Err(refused(400, "maximum event size exceeded"));
    }
    let token = token(
        &envelope,
        payload.token.or_else(|| request.bearer.map(str::to_owned)),
    )?;
    if request.path == "/s" {
        // Session recordings: taken, so that the SDK is content, and not kept.
        return Ok(Decoded {
            token,
            events: Vec::new(),
            oversized: Vec::new(),
        });
    }
    let arrival = Arrival {
        now: request.now,
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
    Ok(Decoded {
        token,
        events,
        oversized,
    })
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
    fn open(json: Value, request: &Request<'_>) -> Result<Self, CaptureError> {
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
                        if request.path == "/engage" && !map.contains_key("event") {
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
            _ => Err(refused(
                400,
                "failed to parse request: neither an object nor a list",
            )),
        }
    }
}

/// The token of the request: at its top, in the query, or in the events, which then must agree.
fn token(envelope: &Envelope, from_query: Option<String>) -> Result<String, CaptureError> {
    let mut token = envelope.token.clone().or(from_query);
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
            Some(token) if *token != own => {
                return Err(refused(
                    401,
                    "batch submitted with inconsistent api_key values",
                ));
            }
            Some(_) => {}
            None => token = Some(own),
        }
    }
    let token = token.ok_or_else(|| refused(401, "event submitted without an api_key"))?;
    let fault = if token.is_empty() {
        "empty"
    } else if token.len() > 64 {
        "too_long"
    } else if !token.is_ascii() {
        "not_ascii"
    } else if token.starts_with("phx_") {
        "personal_api_key"
    } else {
        return Ok(token);
    };
    Err(refused(401, format!("API key is not valid: {fault}")))
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

fn size(item: &Value) -> usize {
    serde_json::to_string(item).map_or(usize::MAX, |text| text.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(body: &[u8]) -> Request<'_> {
        Request {
            path: "/batch",
            query: "",
            content_type: "application/json",
            content_encoding: "",
            bearer: None,
            body,
            now: Timestamp(1_700_000_000_000_000),
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
                json!({"api_key": "phc_x", "batch": []}),
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
            path: "/engage",
            ..request(body.as_bytes())
        })
        .expect("valid");
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
}
