//! Events as they were stored, to be shown.

use persons_api::{Properties, Timestamp};
use rusqlite::{OptionalExtension as _, Row};
use uuid::Uuid;

use super::damage::{RowId, damaged, placeholder_id, placeholder_name, shown_id};
use super::{Store, StoreError, properties_of, uuid_of};

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

/// An event whose name or distinct id is missing is shown all the same.
const SELECT: &str = "
    SELECT events.number, events.uuid, event_names.name, distinct_ids.text, events.timestamp, events.properties,
        events.name, events.distinct_id
    FROM events LEFT JOIN event_names ON event_names.number = events.name
    LEFT JOIN distinct_ids ON distinct_ids.number = events.distinct_id";

impl Store {
    /// Returns the events with these numbers, in this order. Some may have been deleted; those that cannot be read
    /// are recorded as damaged and left out.
    pub fn events(&self, numbers: &[i64]) -> Result<Vec<StoredEvent>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE events.number = ?1"))?;
        let mut events = Vec::with_capacity(numbers.len());
        for number in numbers {
            let event = statement.query_row([number], |row| Ok(event_of(row)));
            if let Some(event) = event.optional()? {
                events.extend(self.damage.sift("events", RowId::Number(*number), event)?);
            }
        }
        Ok(events)
    }

    /// Returns the first readable event with this id.
    pub fn event(&self, uuid: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{SELECT} WHERE events.uuid = ?1 ORDER BY events.number"
        ))?;
        let mut rows = statement.query([uuid.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            if let Some(event) = self.damage.sift("events", id, event_of(row))? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }
}

fn event_of(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    let (name, distinct_id) = (row.get(6)?, row.get(7)?);
    Ok(StoredEvent {
        uuid: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        name: row.get(2).unwrap_or_else(|_| placeholder_name(name)),
        distinct_id: shown_id(row.get(3).unwrap_or_else(|_| placeholder_id(distinct_id))),
        timestamp: Timestamp(row.get(4)?),
        properties: properties_of(row.get_ref(5)?.as_str().map_err(damaged)?)?,
    })
}
