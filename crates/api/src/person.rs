//! A person as it travels.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use uuid::Uuid;

use crate::fields::Fields;
use crate::{Properties, Timestamp};

/// What a server puts into a person's `id`: a number in one shape, the UUID in the other.
/// Join on [`Person::uuid`], never on this.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum PersonId {
    /// The numeric primary key.
    Number(i64),
    /// The UUID, or whatever text a server chose.
    Text(String),
}

/// None for what is neither.
fn person_id(id: Value) -> Option<PersonId> {
    match id {
        Value::String(text) => Some(PersonId::Text(text)),
        number => number.as_i64().map(PersonId::Number),
    }
}

/// A person, in every shape servers of all ages use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Person {
    /// Number or UUID, depending on the endpoint and the server's age.
    pub id: PersonId,
    /// The identity to join on.
    pub uuid: Uuid,
    /// The name to show, already chosen by the server. Not always text.
    pub name: String,
    /// At most a thousand; [`Person::distinct_id_count`] holds the true number.
    pub distinct_ids: Vec<String>,
    /// How many distinct ids there are, where the server says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct_id_count: Option<u64>,
    /// The properties as they are now.
    pub properties: Properties,
    /// When the person was first seen.
    pub created_at: Option<Timestamp>,
    /// Whether an identify or alias ever merged into this person. Absent in some shapes.
    pub is_identified: Option<bool>,
    /// When the latest event arrived for the person. Absent on older servers.
    pub last_seen_at: Option<Timestamp>,
}

impl Person {
    /// The number of distinct ids, as far as the server told.
    pub fn ids(&self) -> u64 {
        self.distinct_id_count
            .unwrap_or(self.distinct_ids.len() as u64)
    }
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::read(deserializer)?;
        let id = person_id(fields.take("id"));
        let uuid = fields.parsed("uuid", |uuid| Uuid::try_parse(uuid).ok());
        let (Some(id), Some(uuid)) = (id, uuid) else {
            return Err(de::Error::custom("a person has an id and a uuid"));
        };
        Ok(Self {
            id,
            uuid,
            name: text_of_any(fields.take("name")),
            distinct_ids: fields.texts("distinct_ids").unwrap_or_default(),
            distinct_id_count: fields.number("distinct_id_count"),
            properties: match fields.take("properties") {
                Value::Object(properties) => properties,
                _ => Properties::new(),
            },
            created_at: fields.parsed("created_at", Timestamp::parse),
            is_identified: fields.flag("is_identified"),
            last_seen_at: fields.parsed("last_seen_at", Timestamp::parse),
        })
    }
}

/// A name is a property's value and may be a number or an object.
fn text_of_any(name: Value) -> String {
    match name {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "c700ab54-ecc6-5305-953f-89c0f2b7264b";

    #[test]
    fn a_number_and_a_uuid_are_ids_and_a_person_needs_both() {
        let read = |id: &str| serde_json::from_str::<Person>(id);
        let person = read(&format!(r#"{{"id":90210,"uuid":"{UUID}"}}"#)).expect("tolerated");
        assert_eq!(person.id, PersonId::Number(90210));
        let person = read(&format!(r#"{{"id":"{UUID}","uuid":"{UUID}"}}"#)).expect("tolerated");
        assert_eq!(person.id, PersonId::Text(UUID.into()));
        for text in [
            "{}",
            "[]",
            r#"{"id":1,"uuid":"1"}"#,
            &format!(r#"{{"id":null,"uuid":"{UUID}"}}"#),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn odd_fields_do_not_take_the_person_away() {
        let text = format!(
            r#"{{"type":"person","id":1,"uuid":"{UUID}","name":7,"distinct_ids":null,"properties":null,
            "created_at":"yesterday","is_identified":null,"value_at_data_point":null}}"#
        );
        let person: Person = serde_json::from_str(&text).expect("tolerated");
        assert_eq!(person.name, "7");
        assert_eq!((person.created_at, person.is_identified), (None, None));
        assert!(person.properties.is_empty() && person.distinct_ids.is_empty());
    }
}
