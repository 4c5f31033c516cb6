//! What events and property keys a project has seen.

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::Timestamp;
use crate::fields::Fields;

/// An event name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventDefinition {
    /// Stable for the name.
    pub id: Uuid,
    /// The event's name.
    pub name: String,
    /// When it was first captured.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// The time of its latest event.
    #[serde(default)]
    pub last_seen_at: Option<Timestamp>,
}

/// The type most values under a key have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PropertyType {
    /// Text.
    String,
    /// A number, or text that is one.
    Numeric,
    /// True or false.
    Boolean,
    /// A date, or a date and time.
    DateTime,
}

/// A property key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PropertyDefinition {
    /// Stable for the key and its kind; nil where a server has no such id.
    pub id: Uuid,
    /// The key.
    pub name: String,
    /// Whether its values are numbers.
    pub is_numerical: bool,
    /// The type of its values; null where nothing can be said, or a newer server knows one more.
    pub property_type: Option<PropertyType>,
}

impl<'de> Deserialize<'de> for PropertyDefinition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::read(deserializer)?;
        Ok(Self {
            // Keys that a server invents on the fly come without an id.
            id: fields
                .parsed("id", |id| Uuid::try_parse(id).ok())
                .unwrap_or_default(),
            name: fields.text("name"),
            is_numerical: fields.flag("is_numerical").unwrap_or_default(),
            property_type: fields.parsed("property_type", PropertyType::named),
        })
    }
}

impl PropertyType {
    /// The type of this name. One that a newer server knows is no type.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "String" => Self::String,
            "Numeric" => Self::Numeric,
            "Boolean" => Self::Boolean,
            "DateTime" => Self::DateTime,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_newer_server_is_still_a_key() {
        let text = r#"[{"id":"$virt_revenue","name":"$virt_revenue","property_type":"Duration"},
            {"id":null,"name":"plan","property_type":"String","tags":[]}]"#;
        let keys: Vec<PropertyDefinition> = serde_json::from_str(text).expect("tolerated");
        assert_eq!((keys[0].id, keys[0].property_type), (Uuid::nil(), None));
        assert_eq!(keys[1].property_type, Some(PropertyType::String));
    }
}
