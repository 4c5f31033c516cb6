//! A person as it travels.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use uuid::Uuid;

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

/// By hand: what serde brings for guessing among shapes weighs five kilobytes in the web app.
impl<'de> Deserialize<'de> for PersonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            number => match number.as_i64() {
                Some(number) => Ok(Self::Number(number)),
                None => Err(de::Error::custom("a person's id is a number or a text")),
            },
        }
    }
}

/// A person, in every shape servers of all ages use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Number or UUID, depending on the endpoint and the server's age.
    pub id: PersonId,
    /// The identity to join on.
    pub uuid: Uuid,
    /// The name to show, already chosen by the server. Not always text.
    #[serde(default, deserialize_with = "text_of_any")]
    pub name: String,
    /// At most a thousand; [`Person::distinct_id_count`] holds the true number.
    #[serde(default)]
    pub distinct_ids: Vec<String>,
    /// How many distinct ids there are, where the server says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct_id_count: Option<u64>,
    /// The properties as they are now.
    #[serde(default)]
    pub properties: Properties,
    /// When the person was first seen.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// Whether an identify or alias ever merged into this person. Absent in some shapes.
    #[serde(default)]
    pub is_identified: Option<bool>,
    /// When the latest event arrived for the person. Absent on older servers.
    #[serde(default)]
    pub last_seen_at: Option<Timestamp>,
}

impl Person {
    /// The number of distinct ids, as far as the server told.
    pub fn ids(&self) -> u64 {
        self.distinct_id_count
            .unwrap_or(self.distinct_ids.len() as u64)
    }
}

/// A name is a property's value and may be a number or an object.
fn text_of_any<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    })
}
