//! Cohorts: saved sets of people, by a property tree (dynamic) or by hand (static).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// A cohort, in full or in the short form (`id`, `name`, `count`, `is_static`) of `persons/cohorts/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// The number other filters refer to.
    pub id: i64,
    /// The name people gave it.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// `{"properties": tree}` of a dynamic cohort.
    #[serde(default)]
    pub filters: Value,
    /// Whether the members were chosen by hand.
    #[serde(default)]
    pub is_static: bool,
    /// Soft-deleted.
    #[serde(default)]
    pub deleted: bool,
    /// Whether the server is still computing the members.
    #[serde(default)]
    pub is_calculating: bool,
    /// How many members. Absent on some servers.
    #[serde(default)]
    pub count: Option<u64>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// The answer to `persons/cohorts/?person_id=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonCohorts {
    /// The cohorts the person is in.
    pub results: Vec<Cohort>,
}
