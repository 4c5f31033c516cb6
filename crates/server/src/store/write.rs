//! Writing what a draft decided, all or nothing.

use std::cell::RefCell;
use std::collections::HashMap;

use persons_api::Timestamp;
use persons_engine::{Changes, CohortState, EventDeletion, EventRecord, Membership, StoredEvents};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::damage::{DamageLog, RowId};
use super::history::write_history;
use super::imports::write_import_checkpoint;
use super::load::name_of_type;
use super::quarantine::make_room;
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

/// A transaction of the writer. It is rolled back unless it is committed.
pub struct WriteTransaction<'s> {
    pub(super) transaction: Transaction<'s>,
    pub(super) damage: &'s DamageLog,
    /// The damaged rows that it moves away.
    pub(super) moved: RefCell<Vec<(&'static str, RowId)>>,
}

/// The numbers of the first new distinct id and the first new event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstNumbers {
    /// Of distinct ids.
    pub distinct_id: u32,
    /// Of events.
    pub event: i64,
}

impl Store {
    /// Begins a transaction that writes. Other connections can read meanwhile, but not write.
    pub fn begin_write(&mut self) -> Result<WriteTransaction<'_>, StoreError> {
        // A transaction that reads first could not write after another connection wrote in between.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(WriteTransaction {
            transaction,
            damage: &self.damage,
            moved: RefCell::default(),
        })
    }

    /// Returns the number of the next event: greater than that of every row, readable or not, that a counter gets to.
    pub fn next_event(&self) -> Result<i64, StoreError> {
        let greatest = self.greatest("events", "number")?;
        // What was captured before a deletion was asked for may be deleted by now.
        let deleted = self.greatest("event_deletions", "before_event")? - 1;
        Ok(self.counter("next_event")?.max(greatest.max(deleted) + 1))
    }
}

impl WriteTransaction<'_> {
    /// Returns a look-up of stored events, those of this transaction too.
    pub fn stored_events(&self) -> EventLookup<'_> {
        EventLookup {
            connection: &self.transaction,
            failure: RefCell::default(),
        }
    }

    /// Writes what a draft decided.
    pub fn write(
        &self,
        changes: &Changes,
        first: FirstNumbers,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = &self.transaction;
        make_room(self, changes, now)?;
        write_people(transaction, changes, first.distinct_id)?;
        write_history(transaction, changes)?;
        write_events(transaction, changes, first.event)?;
        transaction
            .prepare_cached(
                "UPDATE project SET next_person = max(next_person, ?1), next_event = ?2",
            )?
            .execute([
                changes.next_person,
                first.event + changes.events.len() as i64,
            ])?;
        write_definitions(transaction, changes)?;
        for cohort in &changes.cohorts {
            write_cohort(transaction, cohort)?;
        }
        let mut insert = transaction.prepare_cached(
            "INSERT INTO warnings (kind, details, created_at) VALUES (?1, ?2, ?3)",
        )?;
        for warning in &changes.warnings {
            insert.execute(params![warning.kind, warning.details.to_string(), now.0])?;
        }
        for checkpoint in &changes.import_checkpoints {
            write_import_checkpoint(transaction, checkpoint)?;
        }
        Ok(())
    }

    /// Puts everything on the disk. When it returns an error, nothing is.
    pub fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit()?;
        self.damage.note_moved(self.moved.into_inner());
        Ok(())
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
    first: i64,
) -> Result<(), StoreError> {
    if !changes.events.is_empty() {
        let mut events = EventWriter::new(transaction)?;
        for (number, event) in (first..).zip(&changes.events) {
            events.put(number, event)?;
        }
    }
    for deletion in &changes.event_deletions {
        let before = first + deletion.drafted_before as i64;
        write_event_deletion(transaction, deletion, before)?;
    }
    Ok(())
}

fn write_event_deletion(
    transaction: &Transaction<'_>,
    deletion: &EventDeletion,
    before_event: i64,
) -> Result<(), StoreError> {
    let number: i64 = transaction
        .prepare_cached(
            "INSERT INTO event_deletions (person, before_event, created_at, person_number) VALUES (?1, ?2, ?3, ?4) RETURNING number",
        )?
        .query_row(
            params![
                deletion.person.as_bytes(),
                before_event,
                deletion.at.0,
                deletion.number
            ],
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
                "INSERT INTO events (number, uuid, name, distinct_id, timestamp, properties, person, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            numbers: HashMap::new(),
        })
    }

    fn put(&mut self, number: i64, event: &'t EventRecord) -> Result<(), StoreError> {
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
        self.insert.execute(params![
            number,
            event.uuid.as_bytes(),
            name,
            event.distinct_id,
            event.timestamp.0,
            json(&event.properties),
            event.person.map(|(person, _)| person),
            event.person.map(|(_, version)| version),
        ])?;
        Ok(())
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
