//! A captured event: read from the wire, made sane, not yet applied to anybody.

use persons_api::json::{self, MAX_DEPTH};
use persons_api::{Properties, Timestamp};
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use crate::value::text_of;

/// Event names and distinct ids are cut to this many characters.
const MAX_CHARACTERS: usize = 200;

/// Properties of one event, at most, and keys in its `$set` and its `$set_once`. Clients that send more mistake
/// values for keys.
pub(crate) const MAX_PROPERTIES: usize = 1_000;

/// The same once what stands beside `properties` is merged into it.
const MAX_MERGED_PROPERTIES: usize = 2 * MAX_PROPERTIES;

/// Characters of a property key, at most.
pub(crate) const MAX_KEY: usize = 400;

/// Clocks may be this far ahead before an event's time is not believed.
const MAX_AHEAD: i64 = 23 * 3600 * 1_000_000;

/// An event as the engine takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct CapturedEvent {
    /// Identifies the event; a second event with the same id, name and distinct id is the same event.
    pub uuid: Uuid,
    /// What happened, at most 200 characters.
    pub name: String,
    /// Who it happened to, at most 200 characters.
    pub distinct_id: String,
    /// When, in the server's time.
    pub timestamp: Timestamp,
    /// Everything else, with `$set`, `$set_once` and `$unset` of both levels merged into it.
    pub properties: Properties,
}

/// The moments that decide what an event's own time means.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The server's clock.
    pub now: Timestamp,
    /// The client's clock when it sent the request, if it said so.
    pub sent_at: Option<Timestamp>,
}

/// Why an event is refused. The texts are the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// Not an object, or a field of a wrong type.
    #[error("failed to parse request: {0}")]
    Malformed(&'static str),
    /// No `event`, or an empty one.
    #[error("event submitted with an empty event name")]
    EmptyName,
    /// No distinct id anywhere.
    #[error("event submitted without a distinct_id")]
    NoDistinctId,
    /// A distinct id without a character.
    #[error("event submitted with an empty distinct_id")]
    EmptyDistinctId,
    /// Nested deeper than [`MAX_DEPTH`] levels, counted from the event itself.
    #[error("event is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// More properties, or more keys in `$set` or `$set_once`, than an event may have.
    #[error("event has more than {MAX_PROPERTIES} properties")]
    TooManyProperties,
}

/// An event of a batch that exceeds a limit. It becomes an ingestion warning, and the rest of the batch is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct OversizedEvent {
    error: EventError,
    name: String,
    distinct_id: String,
}

impl OversizedEvent {
    /// Checks one item of a batch against the limits.
    pub fn check(item: &Value) -> Option<Self> {
        let error = check_limits(item).err()?;
        let properties = item.get("properties").and_then(Value::as_object);
        let name = item.get("event").and_then(Value::as_str);
        let none = Properties::new();
        let id = item
            .as_object()
            .and_then(|item| distinct_id(item, properties.unwrap_or(&none)).ok());
        Some(Self {
            error,
            name: name.map(cut).unwrap_or_default(),
            distinct_id: id.unwrap_or_default(),
        })
    }

    /// Checks an event that did not come from a request, for what is stored must be within the limits, too.
    pub(crate) fn of(event: &CapturedEvent) -> Option<Self> {
        let properties = &event.properties;
        let maps = ["$set", "$set_once"].into_iter();
        let maps = maps.filter_map(|key| properties.get(key).and_then(Value::as_object));
        let mut maps = maps.chain([properties]);
        let has_levels = |value: &Value| json::has_at_most(MAX_DEPTH - 1, value);
        let error = if !properties.values().all(has_levels) {
            EventError::TooDeep
        } else if maps.any(|map| map.len() > MAX_MERGED_PROPERTIES) {
            EventError::TooManyProperties
        } else {
            return None;
        };
        Some(Self {
            error,
            name: event.name.clone(),
            distinct_id: event.distinct_id.clone(),
        })
    }

    /// The kind and the details of the warning.
    pub(crate) fn warning(&self) -> (&'static str, Value) {
        let (kind, limit) = match self.error {
            EventError::TooDeep => ("event_nested_too_deeply", MAX_DEPTH),
            _ => ("event_with_too_many_properties", MAX_PROPERTIES),
        };
        let details = json!({"event": self.name, "distinct_id": self.distinct_id, "limit": limit, "message": self.error.to_string()});
        (kind, details)
    }
}

/// Checks the depth of an event as it was sent, and how many properties it has.
fn check_limits(item: &Value) -> Result<(), EventError> {
    if !json::check_depth(item) {
        return Err(EventError::TooDeep);
    }
    let properties = item.get("properties").and_then(Value::as_object);
    let parts = item.as_object().into_iter().chain(properties);
    let maps = parts.flat_map(|part| ["$set", "$set_once"].map(|key| part.get(key)));
    let maps = maps.flatten().filter_map(Value::as_object);
    let has_too_many = |map: &Properties| map.len() > MAX_PROPERTIES;
    if properties.into_iter().chain(maps).any(has_too_many) {
        return Err(EventError::TooManyProperties);
    }
    Ok(())
}

impl CapturedEvent {
    /// Reads one item of a batch. `new_uuid` names events that came without an id.
    pub fn read(
        item: Value,
        arrival: Arrival,
        new_uuid: impl FnOnce() -> Uuid,
    ) -> Result<Self, EventError> {
        check_limits(&item)?;
        let Value::Object(mut item) = item else {
            return Err(EventError::Malformed("an event is not an object"));
        };
        let mut properties = match item.remove("properties") {
            Some(Value::Object(properties)) => properties,
            None | Some(Value::Null) => Properties::new(),
            Some(_) => return Err(EventError::Malformed("properties is not an object")),
        };
        let name = match item.get("event") {
            Some(Value::String(name)) if !name.trim().is_empty() => cut(name),
            None | Some(Value::String(_) | Value::Null) => return Err(EventError::EmptyName),
            Some(_) => return Err(EventError::Malformed("event is not text")),
        };
        let distinct_id = distinct_id(&item, &properties)?;
        let uuid = match item.get("uuid") {
            Some(Value::String(text)) if !text.is_empty() => {
                Uuid::parse_str(text).map_err(|_| EventError::Malformed("uuid is not a UUID"))?
            }
            None | Some(Value::String(_) | Value::Null) => new_uuid(),
            Some(_) => return Err(EventError::Malformed("uuid is not text")),
        };
        let timestamp = event_time(&item, &properties, arrival);
        for key in ["$set", "$set_once"] {
            merge_maps(&mut properties, key, item.remove(key));
        }
        if let Some(unset) = item.remove("$unset") {
            properties.insert("$unset".into(), unset);
        }
        Ok(Self {
            uuid,
            name,
            distinct_id,
            timestamp,
            properties,
        })
    }
}

/// Returns the first [`MAX_CHARACTERS`] characters of a name or an id. A null character becomes U+FFFD, so that ids
/// that differ in one stay different.
pub(crate) fn cut(text: &str) -> String {
    let characters = text.chars().take(MAX_CHARACTERS);
    characters
        .map(|c| {
            if c == '\0' {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

fn distinct_id(item: &Properties, properties: &Properties) -> Result<String, EventError> {
    let given = [
        item.get("distinct_id"),
        item.get("$distinct_id"),
        properties.get("distinct_id"),
    ]
    .into_iter()
    .flatten()
    .find(|value| !value.is_null())
    .ok_or(EventError::NoDistinctId)?;
    let id = cut(&text_of(given));
    if id.trim().is_empty() {
        return Err(EventError::EmptyDistinctId);
    }
    Ok(id)
}

/// Merges a top-level map into the map of that key in the properties; the top level wins.
fn merge_maps(properties: &mut Properties, key: &str, top: Option<Value>) {
    let Some(Value::Object(top)) = top else {
        return;
    };
    match properties.get_mut(key) {
        Some(Value::Object(map)) => map.extend(top),
        _ => {
            properties.insert(key.to_owned(), Value::Object(top));
        }
    }
}

/// When the event happened, in the server's time.
fn event_time(item: &Properties, properties: &Properties, arrival: Arrival) -> Timestamp {
    let Arrival { now, sent_at } = arrival;
    let stated = item
        .get("timestamp")
        .and_then(Value::as_str)
        .and_then(Timestamp::parse);
    let offset = item
        .get("offset")
        .and_then(Value::as_f64)
        .filter(|offset| offset.abs() < 1e15);
    let trusts_own_clock = properties.get("$ignore_sent_at") == Some(&Value::Bool(true));
    let time = match (stated, sent_at, offset) {
        (Some(time), Some(sent_at), _) if !trusts_own_clock => {
            now.0.saturating_add(time.0.saturating_sub(sent_at.0))
        }
        (Some(time), _, _) => time.0,
        (None, _, Some(offset)) => now.0.saturating_sub((offset * 1000.0) as i64),
        (None, _, None) => now.0,
    };
    if time > now.0.saturating_add(MAX_AHEAD) {
        now
    } else {
        Timestamp(time)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn read(item: Value, sent_at: Option<Timestamp>) -> Result<CapturedEvent, EventError> {
        CapturedEvent::read(item, Arrival { now: NOW, sent_at }, Uuid::nil)
    }

    #[test]
    fn a_clients_wrong_clock_is_corrected_by_the_time_of_sending() {
        let sent_at = Timestamp(NOW.0 - 3_600_000_000);
        let an_hour_slow = Timestamp(sent_at.0 - 5_000_000).to_string();
        let event = json!({"event": "e", "distinct_id": "a", "timestamp": an_hour_slow});
        assert_eq!(
            read(event.clone(), Some(sent_at))
                .expect("valid")
                .timestamp
                .0,
            NOW.0 - 5_000_000
        );
        let mut trusted = event;
        trusted["properties"] = json!({"$ignore_sent_at": true});
        assert_eq!(
            read(trusted, Some(sent_at)).expect("valid").timestamp.0,
            sent_at.0 - 5_000_000
        );
    }

    #[test]
    fn offsets_count_back_and_the_far_future_is_now() {
        let time = |extra: Value| {
            let mut item = json!({"event": "e", "distinct_id": "a"});
            item.as_object_mut()
                .expect("object")
                .extend(extra.as_object().expect("object").clone());
            read(item, None).expect("valid").timestamp
        };
        assert_eq!(time(json!({"offset": 1500})).0, NOW.0 - 1_500_000);
        assert_eq!(time(json!({"timestamp": "2999-01-01T00:00:00Z"})), NOW);
        assert_eq!(time(json!({"timestamp": "not a time"})), NOW);
    }

    #[test]
    fn ids_are_found_in_all_places_and_cut() {
        let id = |item: Value| read(item, None).map(|event| event.distinct_id);
        assert_eq!(
            id(json!({"event": "e", "properties": {"distinct_id": 42}})),
            Ok("42".into())
        );
        assert_eq!(
            id(json!({"event": "e", "$distinct_id": "x"})),
            Ok("x".into())
        );
        assert_eq!(
            id(json!({"event": "e", "distinct_id": "é".repeat(400)})),
            Ok("é".repeat(200))
        );
        assert_eq!(id(json!({"event": "e"})), Err(EventError::NoDistinctId));
        assert_eq!(
            id(json!({"event": "e", "distinct_id": " "})),
            Err(EventError::EmptyDistinctId)
        );
        assert_eq!(
            id(json!({"event": "", "distinct_id": "a"})),
            Err(EventError::EmptyName)
        );
    }

    #[test]
    fn ids_that_differ_in_a_null_character_stay_different() {
        let id = |id: &str| {
            let event = read(json!({"event": "e\0", "distinct_id": id}), None);
            event.expect("valid").distinct_id
        };
        assert_eq!(id("a\0b"), "a\u{fffd}b");
        assert_ne!(id("a\0b"), id("ab"));
    }

    #[test]
    fn deep_and_wide_events_are_refused() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let keys = |count: usize| {
            let keys = (0..count).map(|key| (key.to_string(), json!(1)));
            Value::Object(keys.collect())
        };
        for (fits, exceeds, error) in [
            (nested(62), nested(63), EventError::TooDeep),
            (
                keys(MAX_PROPERTIES),
                keys(MAX_PROPERTIES + 1),
                EventError::TooManyProperties,
            ),
        ] {
            for place in ["$set", "$set_once"] {
                let event = |value: &Value| json!({"event": "e", "distinct_id": "a", place: if value.is_object() { value.clone() } else { json!({"x": value}) }});
                assert!(read(event(&fits), None).is_ok());
                assert_eq!(read(event(&exceeds), None), Err(error));
                let refused = OversizedEvent::check(&event(&exceeds)).expect("refused");
                assert_eq!(refused.warning().1["distinct_id"], "a");
            }
        }
        let wide =
            json!({"event": "e", "distinct_id": "a", "properties": keys(MAX_PROPERTIES + 1)});
        assert_eq!(read(wide, None), Err(EventError::TooManyProperties));
    }

    #[test]
    fn the_top_level_wins_over_properties() {
        let event = read(
            json!({"event": "$set", "distinct_id": "a", "$set": {"plan": "pro"},
                   "properties": {"$set": {"plan": "free", "seats": 2}}}),
            None,
        );
        assert_eq!(
            event.expect("valid").properties["$set"],
            json!({"plan": "pro", "seats": 2})
        );
    }
}
