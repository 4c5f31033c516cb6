//! A person on the wire, written straight from where the engine keeps it.

use persons_engine::PersonRef;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

/// Distinct ids shown of one person; `distinct_id_count` has the true number.
pub(super) const MAX_DISTINCT_IDS: usize = 1000;

/// A person, to be serialised without a copy. [`persons_api::Person`] is what the other side reads.
pub(super) struct Wire<'a>(pub(super) PersonRef<'a>);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let person = self.0;
        let mut fields = serializer.serialize_struct("Person", 9)?;
        fields.serialize_field("id", &person.number())?;
        fields.serialize_field("uuid", &person.uuid())?;
        fields.serialize_field("name", &person.name())?;
        fields.serialize_field("distinct_ids", &DistinctIds(person))?;
        fields.serialize_field("distinct_id_count", &person.distinct_id_count())?;
        fields.serialize_field("properties", &PropertyMap(person))?;
        fields.serialize_field("created_at", &person.created_at())?;
        fields.serialize_field("is_identified", &person.is_identified())?;
        fields.serialize_field("last_seen_at", &person.last_seen_at())?;
        fields.end()
    }
}

/// A person as PostHog's `ActorsQuery` has them: the id is the UUID, and there is no name.
pub(super) struct ActorJson<'a>(pub(super) PersonRef<'a>);

impl Serialize for ActorJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let person = self.0;
        let mut fields = serializer.serialize_struct("Actor", 6)?;
        fields.serialize_field("id", &person.uuid())?;
        fields.serialize_field("properties", &PropertyMap(person))?;
        fields.serialize_field("is_identified", &person.is_identified())?;
        fields.serialize_field("created_at", &person.created_at())?;
        fields.serialize_field("distinct_ids", &DistinctIds(person))?;
        fields.serialize_field("last_seen_at", &person.last_seen_at())?;
        fields.end()
    }
}

/// A person behind a number.
#[derive(Serialize)]
pub(super) struct Listed<'a> {
    #[serde(flatten)]
    person: Wire<'a>,
    /// There are no recordings here.
    matched_recordings: [(); 0],
    value_at_data_point: Option<f64>,
}

impl<'a> Listed<'a> {
    /// `value` is the person's part of the number.
    pub(super) fn new(person: PersonRef<'a>, value: Option<f64>) -> Self {
        Self {
            person: Wire(person),
            matched_recordings: [],
            value_at_data_point: value,
        }
    }
}

struct DistinctIds<'a>(PersonRef<'a>);

impl Serialize for DistinctIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.distinct_ids().take(MAX_DISTINCT_IDS))
    }
}

struct PropertyMap<'a>(PersonRef<'a>);

impl Serialize for PropertyMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let properties = self.0.properties();
        let mut map = serializer.serialize_map(Some(properties.len()))?;
        for (key, value) in &properties {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use persons_api::{Person, Timestamp};
    use persons_engine::{CapturedEvent, Draft, People};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::http::csv::{Columns, of_answer};

    fn people(events: Vec<CapturedEvent>) -> People {
        let mut people = People::new(1);
        let mut draft = Draft::new(&people);
        events.into_iter().for_each(|event| draft.ingest(event));
        let changes = draft.finish();
        people.apply(changes);
        people
    }

    fn event(distinct_id: &str, properties: Value) -> CapturedEvent {
        let Value::Object(properties) = properties else {
            panic!("an object")
        };
        CapturedEvent {
            uuid: Uuid::nil(),
            name: "$identify".into(),
            distinct_id: distinct_id.into(),
            timestamp: Timestamp::parse("2024-05-01T10:00:00Z").expect("valid"),
            properties,
        }
    }

    #[test]
    fn what_is_written_reads_back_as_the_shared_type() {
        let properties = json!({"email": "ada@example.com", "n": 1.50, "big": 9007199254740993_u64,
            "list": [1, {"a": null}], "yes": true, "none": null, "\"quoted\"": "<b>\u{1F980}\n"});
        let people = people(vec![event("ada", json!({"$set": properties}))]);
        let person = people.by_distinct_id("ada").expect("exists");
        let text = serde_json::to_string(&Wire(person)).expect("serialises");
        let read: Person = serde_json::from_str(&text).expect("parses");
        let mut kept = read.properties.clone();
        kept.remove("$creator_event_uuid");
        assert_eq!(Value::Object(kept), properties);
        assert_eq!(read.name, "ada@example.com");
        assert_eq!(read.distinct_ids, ["ada"]);
        assert_eq!(read.distinct_id_count, Some(1));
        assert_eq!(read.last_seen_at, read.created_at);
        assert_eq!(read.is_identified, Some(false));
    }

    #[test]
    fn a_thousand_ids_are_shown_and_all_are_counted() {
        let merges = (0..1005).map(|n| CapturedEvent {
            uuid: Uuid::from_u128(n),
            ..event("ada", json!({"$anon_distinct_id": format!("d{n}")}))
        });
        let people = people(merges.collect());
        let person = people.by_distinct_id("ada").expect("exists");
        let read: Person =
            serde_json::from_value(serde_json::to_value(Wire(person)).expect("serialises"))
                .expect("parses");
        assert_eq!(read.distinct_ids.len(), 1000);
        assert_eq!(read.distinct_id_count, Some(1006));
    }

    #[test]
    fn a_person_has_the_same_cells_with_and_without_json_in_between() {
        let set = json!({"plan": {"tier": "pro", "tags": []}, "ok": false, "none": null, "n": 1.5});
        let people = people(vec![event("ada", json!({"$set": set}))]);
        let person = people.by_distinct_id("ada").expect("exists");
        let table = Columns::find(|columns| columns.note(&person));
        let mut direct = table.header();
        direct.extend(table.lines([&person].into_iter()));
        let json = serde_json::to_value(Wire(person)).expect("serialises");
        assert_eq!(direct, of_answer(&json));
    }
}
