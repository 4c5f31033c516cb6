//! What events and property keys a project has seen.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertyDefinition {
    /// Stable for the key and its kind.
    pub id: Uuid,
    /// The key.
    pub name: String,
    /// Whether its values are numbers.
    #[serde(default)]
    pub is_numerical: bool,
    /// The type of its values; null where nothing can be said.
    #[serde(default)]
    pub property_type: Option<PropertyType>,
}
