//! Reading everything into the engine at start.

use std::collections::BTreeMap;

use persons_api::{FilterTree, PropertyType, Subject, Timestamp};
use persons_engine::events::{EventLoader, LoggedEvent};
use persons_engine::{
    CohortState, Definitions, EventStat, Events, Membership, People, PersonState, StoredId,
};

use super::{Store, StoreError, json_of, uuid_of};

impl Store {
    /// The people of the project, as they were when the last change was acknowledged.
    pub fn load(&self) -> Result<People, StoreError> {
        let project = self.project()?;
        let next: i64 =
            self.connection
                .query_row("SELECT next_person FROM project", [], |row| row.get(0))?;
        let (definitions, seen) = self.seen()?;
        let mut statement = self.connection.prepare(
            "SELECT number, uuid, created_at, is_identified, version, properties FROM persons",
        )?;
        let mut persons = Stream::new(statement.query([])?, person_of);
        let mut statement = self
            .connection
            .prepare("SELECT number, text, person FROM distinct_ids ORDER BY number")?;
        let mut expected = 0;
        let mut ids = Stream::new(statement.query([])?, |row: &rusqlite::Row<'_>| {
            let number: i64 = row.get(0)?;
            if number != expected {
                return Err(StoreError::Damaged(format!(
                    "distinct id number {expected} is missing"
                )));
            }
            expected += 1;
            Ok(StoredId {
                text: row.get(1)?,
                person: row.get(2)?,
                seen: seen.get(&number).copied(),
            })
        });
        let mut people = People::restore(project.id, &mut persons, &mut ids, next);
        if let Some(error) = persons.failure.or(ids.failure) {
            return Err(error);
        }
        people.restore_definitions(definitions);
        for cohort in self.cohorts()? {
            people.put_cohort(cohort);
        }
        Ok(people)
    }

    /// The events of the project, in the order of their arrival. One thread reads, another one takes in.
    pub fn load_events(&self) -> Result<Events, StoreError> {
        let names = self.event_names()?;
        std::thread::scope(|scope| {
            let (sender, batches) = std::sync::mpsc::sync_channel::<Batch>(2);
            let names = &names;
            let taking = scope.spawn(move || -> Result<Events, StoreError> {
                let mut events = EventLoader::default();
                for batch in batches {
                    batch.append_to(&mut events, names)?;
                }
                Ok(events.finish())
            });
            let read = self.read_events(|batch| sender.send(batch).is_ok());
            drop(sender);
            let events = match taking.join() {
                Ok(events) => events?,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            read.map(|()| events)
        })
    }

    /// Reads all events, in batches, as long as somebody wants them.
    fn read_events(&self, mut take: impl FnMut(Batch) -> bool) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT number, distinct_id, name, timestamp, properties FROM events ORDER BY number",
        )?;
        let mut rows = statement.query([])?;
        let mut batch = Batch::default();
        while let Some(row) = rows.next()? {
            batch
                .properties
                .push_str(row.get_ref(4)?.as_str().map_err(damaged)?);
            batch.rows.push(EventRow {
                number: row.get(0)?,
                distinct_id: row.get(1)?,
                name: row.get(2)?,
                at: Timestamp(row.get(3)?),
                end: batch.properties.len(),
            });
            if batch.rows.len() == BATCH && !take(std::mem::take(&mut batch)) {
                return Ok(());
            }
        }
        take(batch);
        Ok(())
    }

    fn event_names(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT number, name FROM event_names")?;
        let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// From one pass over an index: which events there were, and when each distinct id had its latest.
    fn seen(&self) -> Result<(Definitions, BTreeMap<i64, Timestamp>), StoreError> {
        let mut definitions = Definitions::default();
        let names = self.event_names()?;
        let mut seen = BTreeMap::new();
        let mut statement = self.connection.prepare(
            "SELECT distinct_id, name, min(timestamp), max(timestamp) FROM events INDEXED BY events_seen GROUP BY distinct_id, name",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (first, last) = (Timestamp(row.get(2)?), Timestamp(row.get(3)?));
            let latest = seen.entry(row.get::<_, i64>(0)?).or_insert(last);
            *latest = last.max(*latest);
            if let Some(name) = names.get(&row.get::<_, i64>(1)?) {
                let stat = definitions
                    .events
                    .entry(name.clone())
                    .or_insert(EventStat { first, last });
                stat.first = stat.first.min(first);
                stat.last = stat.last.max(last);
            }
        }
        let mut statement = self
            .connection
            .prepare("SELECT key, type FROM event_keys")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind: Option<String> = row.get(1)?;
            definitions
                .event_keys
                .insert(row.get(0)?, kind.as_deref().and_then(type_of_name));
        }
        Ok((definitions, seen))
    }

    fn cohorts(&self) -> Result<Vec<CohortState>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, name, description, filters, is_static, deleted, created_at FROM cohorts",
        )?;
        let mut members = self
            .connection
            .prepare("SELECT person FROM cohort_members WHERE cohort = ?1")?;
        let mut rows = statement.query([])?;
        let mut cohorts = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let filters = json_of(row.get_ref(3)?.as_str().map_err(damaged)?)?;
            let membership = if row.get(4)? {
                Membership::Static(
                    members
                        .query_map([id], |row| row.get(0))?
                        .collect::<Result<_, _>>()?,
                )
            } else {
                let tree = filters
                    .get("properties")
                    .unwrap_or(&serde_json::Value::Null);
                Membership::Dynamic(FilterTree::from_json(tree, Subject::Person).map_err(damaged)?)
            };
            cohorts.push(CohortState {
                id,
                name: row.get(1)?,
                description: row.get(2)?,
                filters,
                membership,
                deleted: row.get(5)?,
                created_at: Timestamp(row.get(6)?),
            });
        }
        Ok(cohorts)
    }
}

/// Events in one batch: enough that handing it over costs nothing, and little memory.
const BATCH: usize = 1 << 12;

/// Some events as they were read.
#[derive(Default)]
struct Batch {
    rows: Vec<EventRow>,
    /// The properties of all of them as JSON, one behind the other.
    properties: String,
}

/// An event, and where its properties end.
struct EventRow {
    number: i64,
    distinct_id: u32,
    name: i64,
    at: Timestamp,
    end: usize,
}

impl Batch {
    fn append_to(
        &self,
        events: &mut EventLoader,
        names: &BTreeMap<i64, String>,
    ) -> Result<(), StoreError> {
        let mut start = 0;
        for row in &self.rows {
            let name = names
                .get(&row.name)
                .ok_or_else(|| damaged("an event has no name"))?;
            let event = LoggedEvent {
                number: row.number,
                distinct_id: row.distinct_id,
                name,
                at: row.at,
            };
            let properties = &self.properties[start..row.end];
            events.append_json(event, properties).map_err(damaged)?;
            start = row.end;
        }
        Ok(())
    }
}

/// Rows as they are read, so that a whole table never stands in memory beside the engine. Ends at the
/// first row that cannot be read and keeps the reason.
struct Stream<'s, F> {
    rows: rusqlite::Rows<'s>,
    read: F,
    failure: Option<StoreError>,
}

impl<'s, F> Stream<'s, F> {
    fn new(rows: rusqlite::Rows<'s>, read: F) -> Self {
        Self {
            rows,
            read,
            failure: None,
        }
    }
}

impl<T, F: FnMut(&rusqlite::Row<'_>) -> Result<T, StoreError>> Iterator for Stream<'_, F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let item = self
            .rows
            .next()
            .map_err(StoreError::from)
            .and_then(|row| row.map(&mut self.read).transpose());
        item.unwrap_or_else(|error| {
            self.failure = Some(error);
            None
        })
    }
}

fn person_of(row: &rusqlite::Row<'_>) -> Result<PersonState, StoreError> {
    let text = row.get_ref(5)?.as_str().map_err(damaged)?;
    Ok(PersonState {
        number: row.get(0)?,
        uuid: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        created_at: Timestamp(row.get(2)?),
        is_identified: row.get(3)?,
        version: row.get(4)?,
        properties: serde_json::from_str(text).map_err(damaged)?,
    })
}

pub(super) fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}

/// The names property types are stored under: those of the wire.
pub(super) fn name_of_type(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::String => "String",
        PropertyType::Numeric => "Numeric",
        PropertyType::Boolean => "Boolean",
        PropertyType::DateTime => "DateTime",
    }
}

fn type_of_name(name: &str) -> Option<PropertyType> {
    [
        PropertyType::String,
        PropertyType::Numeric,
        PropertyType::Boolean,
        PropertyType::DateTime,
    ]
    .into_iter()
    .find(|&kind| name_of_type(kind) == name)
}
