//! Ingestion warnings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// Something that was sent and not stored as sent, or stored and cannot be read, as `ingestion_warnings/` lists it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct IngestionWarning {
    /// Grows with time.
    pub id: i64,
    /// The kind, by PostHog's name where it has one: `cannot_merge_already_identified`, `damaged_row`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The particulars: an object whose keys depend on the kind.
    pub details: Value,
    /// When it was noticed.
    pub timestamp: Timestamp,
}
