//! Events as they were stored, to be shown.

use persons_api::{Properties, Timestamp};
use rusqlite::{OptionalExtension as _, Row};
use uuid::Uuid;

use super::load::damaged;
use super::{Store, StoreError, uuid_of};

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Its id.
    pub uuid: Uuid,
    /// What happened.
    pub name: String,
    /// Whose, as the client said.
    pub distinct_id: String,
    /// When.
    pub timestamp: Timestamp,
    /// Its properties.
    pub properties: Properties,
}

const SELECT: &str = "
    SELECT events.uuid, event_names.name, distinct_ids.text, events.timestamp, events.properties
    FROM events JOIN event_names ON event_names.number = events.name
    JOIN distinct_ids ON distinct_ids.number = events.distinct_id";

impl Store {
    /// The events with these numbers, in this order. Some may have been deleted.
    pub fn events(&self, numbers: &[i64]) -> Result<Vec<StoredEvent>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE events.number = ?1"))?;
        let mut events = Vec::with_capacity(numbers.len());
        for number in numbers {
            let event = statement.query_row([number], |row| Ok(event_of(row)));
            events.extend(event.optional()?.transpose()?);
        }
        Ok(events)
    }

    /// The first event with this id.
    pub fn event(&self, uuid: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{SELECT} WHERE events.uuid = ?1 ORDER BY events.number LIMIT 1"
        ))?;
        let event = statement.query_row([uuid.as_bytes()], |row| Ok(event_of(row)));
        event.optional()?.transpose()
    }
}

fn event_of(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    let properties = row.get_ref(4)?.as_str().map_err(damaged)?;
    Ok(StoredEvent {
        uuid: uuid_of(row.get_ref(0)?.as_blob().map_err(damaged)?)?,
        name: row.get(1)?,
        distinct_id: row.get(2)?,
        timestamp: Timestamp(row.get(3)?),
        properties: serde_json::from_str(properties).map_err(damaged)?,
    })
}
