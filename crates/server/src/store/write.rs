//! Writing what a draft decided, all or nothing.

use std::cell::RefCell;
use std::collections::HashMap;

use persons_api::Timestamp;
use persons_engine::{Changes, CohortState, EventDeletion, EventRecord, Membership, StoredEvents};
use rusqlite::{CachedStatement, Connection, Transaction, params};
use uuid::Uuid;

use super::history::write_history;
use super::load::name_of_type;
use super::{Store, StoreError};

/// Looks up in the data file which events are stored.
pub struct EventLookup<'s> {
    connection: &'s Connection,
    failure: RefCell<Option<StoreError>>,
}

impl EventLookup<'_> {
    /// Returns the first error of a look-up. After one, what was decided is worth nothing.
    pub fn finish(self) -> Result<(), StoreError> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }

    fn find(&self, uuid: Uuid, name: &str, distinct_id: u32) -> Result<bool, StoreError> {
        // A UUID has one event, rarely a few: the name is compared last, without a search of its own.
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM events CROSS JOIN event_names ON event_names.number = events.name
             WHERE events.uuid = ?1 AND events.distinct_id = ?2 AND event_names.name = ?3)",
        )?;
        let found = statement.query_row(params![uuid.as_bytes(), distinct_id, name], |row| {
            row.get(0)
        });
        Ok(found?)
    }
}

impl StoredEvents for EventLookup<'_> {
    fn contains(&self, uuid: Uuid, name: &str, distinct_id: u32) -> bool {
        self.find(uuid, name, distinct_id).unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            false
        })
    }
}

impl Store {
    /// Returns a look-up of stored events, for a draft.
    pub fn event_lookup(&self) -> EventLookup<'_> {
        EventLookup {
            connection: &self.connection,
            failure: RefCell::default(),
        }
    }

    /// Writes changes in one transaction. When it returns, they are on the disk; when it fails, nothing is.
    /// `first_id` is the number of the first new distinct id, `next_person` the next person's number.
    /// Returns the numbers of the events; those that were stored before have none.
    pub fn commit(
        &mut self,
        changes: &Changes,
        first_id: u32,
        next_person: i64,
        now: Timestamp,
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let transaction = self.connection.transaction()?;
        write_people(&transaction, changes, first_id)?;
        transaction
            .prepare_cached("UPDATE project SET next_person = max(next_person, ?1)")?
            .execute([next_person])?;
        write_history(&transaction, changes)?;
        let numbers = write_events(&transaction, changes)?;
        write_definitions(&transaction, changes)?;
        for cohort in &changes.cohorts {
            write_cohort(&transaction, cohort)?;
        }
        let mut insert = transaction.prepare_cached(
            "INSERT INTO warnings (kind, details, created_at) VALUES (?1, ?2, ?3)",
        )?;
        for warning in &changes.warnings {
            insert.execute(params![warning.kind, warning.details.to_string(), now.0])?;
        }
        drop(insert);
        transaction.commit()?;
        Ok(numbers)
    }
}

fn write_people(
    transaction: &Transaction<'_>,
    changes: &Changes,
    first_id: u32,
) -> Result<(), StoreError> {
    let mut take_place = transaction
        .prepare_cached("UPDATE OR REPLACE cohort_members SET person = ?2 WHERE person = ?1")?;
    for (merged, into) in &changes.merges {
        take_place.execute([merged, into])?;
    }
    let mut leave = transaction.prepare_cached("DELETE FROM cohort_members WHERE person = ?1")?;
    let mut remove = transaction.prepare_cached("DELETE FROM persons WHERE number = ?1")?;
    for number in &changes.removed {
        leave.execute([number])?;
        remove.execute([number])?;
    }
    let mut put = transaction.prepare_cached(
        "INSERT INTO persons (number, uuid, created_at, is_identified, version, properties)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (number) DO UPDATE SET created_at = excluded.created_at,
            is_identified = excluded.is_identified, version = excluded.version, properties = excluded.properties",
    )?;
    for person in &changes.persons {
        put.execute(params![
            person.number,
            person.uuid.as_bytes(),
            person.created_at.0,
            person.is_identified,
            person.version,
            json(&person.properties),
        ])?;
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO distinct_ids (number, text) VALUES (?1, ?2)")?;
    for (number, text) in (first_id..).zip(&changes.new_ids) {
        insert.execute(params![number, text])?;
    }
    let mut give =
        transaction.prepare_cached("UPDATE distinct_ids SET person = ?2 WHERE number = ?1")?;
    for (number, person) in &changes.owners {
        give.execute(params![number, person])?;
    }
    Ok(())
}

/// Writes events in the order of their arrival, and notes between them which of them are to be deleted.
fn write_events(
    transaction: &Transaction<'_>,
    changes: &Changes,
) -> Result<Vec<Option<i64>>, StoreError> {
    let mut numbers = Vec::with_capacity(changes.events.len());
    if changes.events.is_empty() && changes.event_deletions.is_empty() {
        return Ok(numbers);
    }
    let mut next: i64 =
        transaction.query_row("SELECT next_event FROM project", [], |row| row.get(0))?;
    let mut events = EventWriter::new(transaction)?;
    let mut written = 0;
    for deletion in &changes.event_deletions {
        for event in &changes.events[written..deletion.drafted_before] {
            numbers.push(events.put(next, event)?.then_some(next));
            next += 1;
        }
        written = deletion.drafted_before;
        write_event_deletion(transaction, deletion, next)?;
    }
    for event in &changes.events[written..] {
        numbers.push(events.put(next, event)?.then_some(next));
        next += 1;
    }
    transaction
        .prepare_cached("UPDATE project SET next_event = ?1")?
        .execute([next])?;
    Ok(numbers)
}

fn write_event_deletion(
    transaction: &Transaction<'_>,
    deletion: &EventDeletion,
    before_event: i64,
) -> Result<(), StoreError> {
    let number: i64 = transaction
        .prepare_cached(
            "INSERT INTO event_deletions (person, before_event, created_at) VALUES (?1, ?2, ?3) RETURNING number",
        )?
        .query_row(
            params![deletion.person.as_bytes(), before_event, deletion.at.0],
            |row| row.get(0),
        )?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO event_deletion_ids (deletion, distinct_id) VALUES (?1, ?2)")?;
    for id in &deletion.ids {
        insert.execute([number, i64::from(*id)])?;
    }
    Ok(())
}

/// Writes events one by one; a group holds few names and many events.
struct EventWriter<'t> {
    name: CachedStatement<'t>,
    new_name: CachedStatement<'t>,
    insert: CachedStatement<'t>,
    numbers: HashMap<&'t str, i64>,
}

impl<'t> EventWriter<'t> {
    fn new(transaction: &'t Transaction<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            name: transaction.prepare_cached("SELECT number FROM event_names WHERE name = ?1")?,
            new_name: transaction
                .prepare_cached("INSERT INTO event_names (name) VALUES (?1) RETURNING number")?,
            insert: transaction.prepare_cached(
                "INSERT OR IGNORE INTO events (number, uuid, name, distinct_id, timestamp, properties, person, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            numbers: HashMap::new(),
        })
    }

    /// Says whether the event is new.
    fn put(&mut self, number: i64, event: &'t EventRecord) -> Result<bool, StoreError> {
        let name = match self.numbers.get(event.name.as_str()) {
            Some(&name) => name,
            None => {
                let stored = self.name.query_row([&event.name], |row| row.get(0));
                let name = match stored {
                    Err(rusqlite::Error::QueryReturnedNoRows) => {
                        self.new_name.query_row([&event.name], |row| row.get(0))?
                    }
                    stored => stored?,
                };
                self.numbers.insert(&event.name, name);
                name
            }
        };
        let inserted = self.insert.execute(params![
            number,
            event.uuid.as_bytes(),
            name,
            event.distinct_id,
            event.timestamp.0,
            json(&event.properties),
            event.person.map(|(person, _)| person),
            event.person.map(|(_, version)| version),
        ])?;
        Ok(inserted > 0)
    }
}

fn write_definitions(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), StoreError> {
    let mut put = transaction
        .prepare_cached("INSERT OR REPLACE INTO event_keys (key, type) VALUES (?1, ?2)")?;
    for (key, kind) in &changes.definitions.event_keys {
        put.execute(params![key, kind.map(name_of_type)])?;
    }
    Ok(())
}

fn write_cohort(transaction: &Transaction<'_>, cohort: &CohortState) -> Result<(), StoreError> {
    let members = match &cohort.membership {
        Membership::Static(members) => Some(members),
        Membership::Dynamic(_) => None,
    };
    transaction
        .prepare_cached("INSERT OR REPLACE INTO cohorts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            cohort.id,
            cohort.name,
            cohort.description,
            cohort.filters.to_string(),
            members.is_some(),
            cohort.deleted,
            cohort.created_at.0,
        ])?;
    transaction
        .prepare_cached("DELETE FROM cohort_members WHERE cohort = ?1")?
        .execute([cohort.id])?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO cohort_members (cohort, person) VALUES (?1, ?2)")?;
    for person in members.into_iter().flatten() {
        insert.execute([cohort.id, *person])?;
    }
    Ok(())
}

pub(super) fn json(properties: &persons_api::Properties) -> String {
    serde_json::to_string(properties).expect("a JSON map with text keys can always be printed")
}
