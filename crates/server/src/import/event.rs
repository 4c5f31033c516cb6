//! Turns a record into an event, and refuses what capture would adjust: a file is read once, and what is
//! wrong in it can be corrected.

use persons_api::{Timestamp, json};
use persons_engine::{Arrival, CapturedEvent};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The fields of an event. All others are counted and reported.
const FIELDS: [&str; 9] = [
    "event",
    "distinct_id",
    "$distinct_id",
    "timestamp",
    "uuid",
    "properties",
    "$set",
    "$set_once",
    "$unset",
];

/// The most characters of a name or id. Capture cuts longer ones, which could make two of them equal.
const MAX_CHARACTERS: usize = 200;
/// The longest a time may be ahead of the clock, in microseconds. Capture replaces later ones by the current time.
const MAX_AHEAD: i64 = 23 * 3600 * 1_000_000;

/// An event of a file.
pub(super) struct ImportedEvent {
    /// The event. Its UUID is nil if `fingerprint` is there.
    pub event: CapturedEvent,
    /// Identifies the content of an event that came without a UUID.
    pub fingerprint: Option<[u8; 32]>,
    /// Whether the record states when the event happened.
    pub has_time: bool,
    /// Top-level fields that are not part of an event.
    pub ignored_fields: Vec<String>,
}

/// Reads an event, or says what is wrong with it.
pub(super) fn read_event(
    mut item: Map<String, Value>,
    now: Timestamp,
) -> Result<ImportedEvent, String> {
    item.retain(|_, value| !value.is_null());
    let ignored_fields: Vec<String> = item
        .keys()
        .filter(|key| !FIELDS.contains(&key.as_str()))
        .cloned()
        .collect();
    for field in &ignored_fields {
        item.remove(field);
    }
    for key in ["$set", "$set_once"] {
        if item.get(key).is_some_and(|value| !value.is_object()) {
            return Err(format!("{key} is not an object"));
        }
    }
    let properties = item
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    let inner_id = properties.get("distinct_id").cloned();
    for (key, value) in [
        ("event", item.get("event")),
        ("distinct_id", item.get("distinct_id")),
        ("$distinct_id", item.get("$distinct_id")),
        ("distinct_id", inner_id.as_ref()),
    ] {
        if let Some(Value::String(text)) = value
            && text.chars().count() > MAX_CHARACTERS
        {
            return Err(format!("{key} is longer than {MAX_CHARACTERS} characters"));
        }
    }
    let has_time = check_time(&mut item, now)?;
    let is_empty = |uuid: &Value| uuid.as_str().is_some_and(str::is_empty);
    if item.get("uuid").is_some_and(is_empty) {
        item.remove("uuid");
    }
    let item = Value::Object(item);
    if !json::check_depth(&item) {
        return Err(format!("nested deeper than {} levels", json::MAX_DEPTH));
    }
    let fingerprint = item.get("uuid").is_none().then(|| fingerprint(&item));
    let arrival = Arrival { now, sent_at: None };
    let event = CapturedEvent::read(item, arrival, Uuid::nil).map_err(|error| {
        let reason = error.to_string();
        // What capture calls a request is a record here.
        let prefix = "failed to parse request: ";
        reason.strip_prefix(prefix).unwrap_or(&reason).to_owned()
    })?;
    Ok(ImportedEvent {
        event,
        fingerprint,
        has_time,
        ignored_fields,
    })
}

/// Makes sure that the time is one, and writes it in one form. Returns whether there is one.
fn check_time(item: &mut Map<String, Value>, now: Timestamp) -> Result<bool, String> {
    let text = match item.get("timestamp") {
        None => return Ok(false),
        Some(Value::String(text)) if text.is_empty() => {
            item.remove("timestamp");
            return Ok(false);
        }
        Some(Value::String(text)) => text.as_str(),
        Some(other) => {
            return Err(format!(
                "timestamp {other} is not text like 2026-05-01T12:00:00Z"
            ));
        }
    };
    let Some(time) = Timestamp::parse(text) else {
        let shown: String = text.chars().take(40).collect();
        return Err(format!(
            "timestamp \"{shown}\" is not a time like 2026-05-01T12:00:00Z"
        ));
    };
    if time.0 > now.0.saturating_add(MAX_AHEAD) {
        return Err(format!("timestamp {time} is in the future"));
    }
    item.insert("timestamp".into(), time.to_string().into());
    Ok(true)
}

/// The UUID of an event that came without one: derived from its content, and from how many equal events
/// come before it in the same file. So the same file gives the same UUIDs whatever it is called, also after
/// it has grown or a line of it was corrected.
pub(super) fn derived_uuid(fingerprint: &[u8; 32], earlier: u32) -> Uuid {
    /// Keeps these UUIDs apart from all others that are derived.
    const NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_4d0e_52aa_4b9b_9a53_3b7d_1f60_2c11);
    let mut name = [0; 36];
    name[..32].copy_from_slice(fingerprint);
    name[32..].copy_from_slice(&earlier.to_be_bytes());
    Uuid::new_v5(&NAMESPACE, &name)
}

/// A digest of a value that depends neither on the order of keys nor on spaces.
fn fingerprint(item: &Value) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hash(item, &mut hasher);
    hasher.finalize().into()
}

fn hash(value: &Value, hasher: &mut Sha256) {
    let hash_text = |text: &str, hasher: &mut Sha256| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    };
    match value {
        Value::Null => hasher.update(b"0"),
        Value::Bool(value) => hasher.update(if *value { b"t" } else { b"f" }),
        Value::Number(number) => {
            hasher.update(b"n");
            hash_text(&number.to_string(), hasher);
        }
        Value::String(text) => {
            hasher.update(b"s");
            hash_text(text, hasher);
        }
        Value::Array(items) => {
            hasher.update(b"a");
            hasher.update((items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| hash(item, hasher));
        }
        Value::Object(map) => {
            hasher.update(b"o");
            hasher.update((map.len() as u64).to_be_bytes());
            let mut members: Vec<_> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in members {
                hash_text(key, hasher);
                hash(value, hasher);
            }
        }
    }
}
