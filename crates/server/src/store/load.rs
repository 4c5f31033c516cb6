//! Reading everything into the engine at start.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use persons_api::{FilterTree, PropertyType, Subject, Timestamp};
use persons_engine::events::{EventLoader, LoggedEvent};
use persons_engine::{
    CohortState, Definitions, EventStat, Events, Membership, People, PersonState, StoredId,
};

use rusqlite::{Connection, Row};

use super::columns::{pair_id, quoted};
use super::damage::{DamageLog, RowId, damaged, deleted_id, placeholder_id, placeholder_name};
use super::{Store, StoreError, json_of, not_json, properties_of, uuid_of};

/// Missing numbers of distinct ids that are filled at one place. A number farther away is damage itself.
const MAX_GAP: i64 = 10_000;

/// Numbers of people and events beyond this are damage: no counter gets that far.
pub(super) const MAX_NUMBER: i64 = 1 << 53;

impl Store {
    /// Returns the people of the project, as they were when the last change was acknowledged. Rows that cannot be
    /// read are recorded as damaged and left out.
    pub fn load(&self) -> Result<People, StoreError> {
        let project = self.project()?;
        let next = self.next_person()?;
        let (definitions, seen) = self.seen()?;
        let known = RefCell::new(HashSet::new());
        let mut statement = self.connection.prepare(
            "SELECT number, uuid, created_at, is_identified, version, properties FROM persons",
        )?;
        let mut persons = Stream::new(statement.query([])?, |row: &Row<'_>| {
            let number = row.get(0)?;
            let person = self
                .damage
                .sift("persons", RowId::Number(number), person_of(row))?;
            known
                .borrow_mut()
                .extend(person.as_ref().map(|person| person.number));
            Ok(person)
        });
        let mut statement = self
            .connection
            .prepare("SELECT number, text, person FROM distinct_ids ORDER BY number")?;
        let mut ids = DistinctIds {
            rows: statement.query([])?,
            damage: &self.damage,
            seen: &seen,
            known: &known,
            count: distinct_id_slots(&self.connection)?,
            next: 0,
            ahead: None,
            failure: None,
        };
        let mut people = People::restore(project.id, &mut persons, &mut ids, next);
        if let Some(error) = persons.failure.or(ids.failure) {
            return Err(error);
        }
        people.restore_definitions(definitions);
        for cohort in self.cohorts(&known.borrow())? {
            people.put_cohort(cohort);
        }
        Ok(people)
    }

    /// The number that the next new person gets: greater than that of every row, readable or not.
    fn next_person(&self) -> Result<i64, StoreError> {
        let mut next = self.counter("next_person")?;
        // People who were deleted or merged have only their history.
        for (table, column) in [
            ("persons", "number"),
            ("history", "person"),
            ("merged", "person"),
        ] {
            if self.has_table(table)? {
                next = next.max(self.greatest(table, column)? + 1);
            }
        }
        Ok(next)
    }

    /// Returns a counter of the project. One that cannot be read, or that no counting leads to, is damage, and counts
    /// as 1.
    pub(super) fn counter(&self, column: &'static str) -> Result<i64, StoreError> {
        let (id, read) =
            self.connection
                .query_row(&format!("SELECT id, {column} FROM project"), [], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)))
                })?;
        let read = read.map_err(StoreError::from).and_then(|number| {
            if (0..MAX_NUMBER).contains(&number) {
                return Ok(number);
            }
            Err(damaged(format!("its column {column} is out of range")))
        });
        let read = self.damage.sift("project", RowId::Number(id), read)?;
        Ok(read.unwrap_or(1))
    }

    /// Returns the greatest number in a column that a counter can have led to, 0 if there is none.
    pub(super) fn greatest(&self, table: &str, column: &str) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT coalesce(max({column}), 0) FROM {table} WHERE {column} BETWEEN 0 AND ?1"
        );
        Ok(self
            .connection
            .query_row(&sql, [MAX_NUMBER - 1], |row| row.get(0))?)
    }

    /// The events of the project, in the order of their arrival. One thread reads, another one takes in.
    pub fn load_events(&self) -> Result<Events, StoreError> {
        let names = self.event_names()?;
        let ids = distinct_id_slots(&self.connection)?;
        let damage = &self.damage;
        std::thread::scope(|scope| {
            let (sender, batches) = std::sync::mpsc::sync_channel::<Batch>(2);
            let names = &names;
            let taking = scope.spawn(move || -> Result<Events, StoreError> {
                let mut events = EventLoader::default();
                for batch in batches {
                    batch.append_to(&mut events, names, ids, damage)?;
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
            let id = RowId::Number(row.get(0)?);
            let read = batch.push(row);
            self.damage.sift("events", id, read)?;
            if batch.rows.len() == BATCH && !take(std::mem::take(&mut batch)) {
                return Ok(());
            }
        }
        take(batch);
        Ok(())
    }

    /// The names of events. One that cannot be read gets another, so that its events are still there.
    fn event_names(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT number, name FROM event_names")?;
        let mut rows = statement.query([])?;
        let mut names = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let read = row.get(1).map_err(StoreError::from);
            let name = self
                .damage
                .sift("event_names", RowId::Number(number), read)?;
            names.insert(number, name.unwrap_or_else(|| placeholder_name(number)));
        }
        Ok(names)
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
            // Rows that cannot be read are recorded where events are loaded.
            let Ok((id, name, first, last)) = <(i64, i64, i64, i64)>::try_from(row) else {
                continue;
            };
            let (first, last) = (Timestamp(first), Timestamp(last));
            let latest = seen.entry(id).or_insert(last);
            *latest = last.max(*latest);
            if let Some(name) = names.get(&name) {
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
            let id = RowId::Text(row.get_ref(0)?.as_bytes().unwrap_or_default().to_vec());
            if let Some((key, kind)) = self.damage.sift("event_keys", id, event_key_of(row))? {
                definitions.event_keys.insert(key, kind);
            }
        }
        Ok((definitions, seen))
    }

    /// The cohorts. `known` are the numbers of the people that could be read.
    fn cohorts(&self, known: &HashSet<i64>) -> Result<Vec<CohortState>, StoreError> {
        let mut members: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        let mut statement = self.connection.prepare(&format!(
            "SELECT cohort, person, {}, EXISTS (SELECT 1 FROM cohorts WHERE id = cohort) FROM cohort_members",
            quoted("cohort", "person")
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = pair_id(row, 0)?;
            let RowId::Pair(cohort, person) = id else {
                self.damage
                    .record("cohort_members", id, "its numbers have the wrong type");
                continue;
            };
            let reason = if !row.get::<_, bool>(3)? {
                "its cohort does not exist"
            } else if !known.contains(&person) {
                "its person does not exist or cannot be read"
            } else {
                members.entry(cohort).or_default().insert(person);
                continue;
            };
            self.damage.record("cohort_members", id, reason);
        }
        let mut statement = self.connection.prepare(
            "SELECT id, name, description, filters, is_static, deleted, created_at FROM cohorts",
        )?;
        let mut rows = statement.query([])?;
        let mut cohorts = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            let cohort = cohort_of(row, members.remove(&id).unwrap_or_default());
            cohorts.extend(self.damage.sift("cohorts", RowId::Number(id), cohort)?);
        }
        Ok(cohorts)
    }
}

/// How many numbers of distinct ids are taken: by rows, or by events whose row is missing.
pub(super) fn distinct_id_slots(connection: &Connection) -> Result<u32, StoreError> {
    let (count, last): (i64, Option<i64>) = connection.query_row(
        "SELECT count(*), max(number) FROM distinct_ids WHERE number >= 0",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut taken = last.map_or(0, |last| last.saturating_add(1));
    if count != taken {
        taken = 0;
        let mut statement = connection
            .prepare("SELECT number FROM distinct_ids WHERE number >= 0 ORDER BY number")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            if number - taken > MAX_GAP {
                break;
            }
            taken = number + 1;
        }
    }
    let last: Option<i64> = connection.query_row(
        "SELECT max(distinct_id) FROM events INDEXED BY events_seen WHERE distinct_id < ?1",
        [taken + MAX_GAP],
        |row| row.get(0),
    )?;
    let taken = taken.max(last.map_or(0, |last| last + 1));
    u32::try_from(taken).map_err(|_| damaged("there are too many distinct ids"))
}

/// Distinct ids in the order of their numbers, without gaps: those whose row is missing or cannot be read are
/// placeholders without a person.
struct DistinctIds<'s> {
    rows: rusqlite::Rows<'s>,
    damage: &'s DamageLog,
    seen: &'s BTreeMap<i64, Timestamp>,
    known: &'s RefCell<HashSet<i64>>,
    /// How many there will have been.
    count: u32,
    /// The number of the next one.
    next: i64,
    /// The row that was read and comes later.
    ahead: Option<(i64, Option<StoredId>)>,
    failure: Option<StoreError>,
}

impl DistinctIds<'_> {
    /// Reads rows up to one whose number comes next or later.
    fn read(&mut self) -> Result<Option<(i64, Option<StoredId>)>, StoreError> {
        while let Some(row) = self.rows.next()? {
            let number: i64 = row.get(0)?;
            let id = RowId::Number(number);
            if number < self.next || number >= i64::from(self.count) {
                let reason = "its number is out of order";
                self.damage.record("distinct_ids", id, reason);
                continue;
            }
            let read = row.get(1).map_err(StoreError::from);
            let text: Option<String> = self.damage.sift("distinct_ids", id.clone(), read)?;
            let is_lost = |text: &String| {
                text.starts_with('\0')
                    && [deleted_id(number), placeholder_id(number)].contains(text)
            };
            // Its number stays, because events belong to it for ever; the engine never finds it by a text.
            let text = text.map(|text| if is_lost(&text) { String::new() } else { text });
            let read = row.get(2).map_err(StoreError::from);
            let person = self.damage.sift("distinct_ids", id.clone(), read)?;
            let person: Option<i64> = person.flatten();
            let person = person.filter(|person| {
                let is_known = self.known.borrow().contains(person);
                if !is_known {
                    let reason = "its person does not exist or cannot be read";
                    self.damage.record("distinct_ids", id, reason);
                }
                is_known
            });
            let seen = self.seen.get(&number).copied();
            return Ok(Some((
                number,
                text.map(|text| StoredId { text, person, seen }),
            )));
        }
        Ok(None)
    }
}

impl Iterator for DistinctIds<'_> {
    type Item = StoredId;

    fn next(&mut self) -> Option<StoredId> {
        if self.ahead.is_none() {
            self.ahead = self.read().unwrap_or_else(|error| {
                self.failure = Some(error);
                None
            });
        }
        if self.failure.is_some() || self.next == i64::from(self.count) {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let stored = match self.ahead.take_if(|(ahead, _)| *ahead == number) {
            Some((_, stored)) => stored,
            None => {
                let id = RowId::Number(number);
                self.damage.record("distinct_ids", id, "it is missing");
                None
            }
        };
        Some(stored.unwrap_or_else(|| StoredId {
            text: String::new(),
            person: None,
            seen: self.seen.get(&number).copied(),
        }))
    }
}

fn event_key_of(row: &Row<'_>) -> Result<(String, Option<PropertyType>), StoreError> {
    let kind: Option<String> = row.get(1)?;
    let kind = kind.map(|name| type_of_name(&name).ok_or_else(|| damaged("its type is unknown")));
    Ok((row.get(0)?, kind.transpose()?))
}

/// A cohort; `members` are its members if it is static.
pub(super) fn cohort_of(row: &Row<'_>, members: BTreeSet<i64>) -> Result<CohortState, StoreError> {
    let filters = json_of(row.get_ref(3)?.as_str().map_err(damaged)?)?;
    let membership = if row.get(4)? {
        Membership::Static(members.into_iter().collect())
    } else {
        let tree = filters
            .get("properties")
            .unwrap_or(&serde_json::Value::Null);
        let tree = FilterTree::from_json(tree, Subject::Person);
        let tree = tree.map_err(|error| damaged(format!("its filter cannot be used: {error}")))?;
        Membership::Dynamic(tree)
    };
    let id = row.get(0)?;
    if !(1..MAX_NUMBER).contains(&id) {
        return Err(damaged("its number is out of range"));
    }
    Ok(CohortState {
        id,
        name: row.get(1)?,
        description: row.get(2)?,
        filters,
        membership,
        deleted: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
    })
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
    fn push(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let start = self.properties.len();
        self.properties
            .push_str(row.get_ref(4)?.as_str().map_err(damaged)?);
        let read = |end| -> Result<EventRow, StoreError> {
            Ok(EventRow {
                number: row.get(0)?,
                distinct_id: row.get(1)?,
                name: row.get(2)?,
                at: Timestamp(row.get(3)?),
                end,
            })
        };
        let read = read(self.properties.len());
        if read.is_err() {
            self.properties.truncate(start);
        }
        self.rows.push(read?);
        Ok(())
    }

    /// Adds the events, but for those that name what does not exist. `ids` is the number of distinct ids.
    fn append_to(
        &self,
        events: &mut EventLoader,
        names: &BTreeMap<i64, String>,
        ids: u32,
        damage: &DamageLog,
    ) -> Result<(), StoreError> {
        let mut start = 0;
        for row in &self.rows {
            let properties = &self.properties[start..row.end];
            start = row.end;
            let appended = match names.get(&row.name) {
                None => Err(damaged("its event name does not exist")),
                Some(_) if row.distinct_id >= ids => Err(damaged("its distinct id does not exist")),
                Some(name) => {
                    let event = LoggedEvent {
                        number: row.number,
                        distinct_id: row.distinct_id,
                        name,
                        at: row.at,
                    };
                    let appended = events.append_json(event, properties);
                    appended.map_err(|error| not_json(&error))
                }
            };
            damage.sift("events", RowId::Number(row.number), appended)?;
        }
        Ok(())
    }
}

/// Rows as they are read, so that a whole table is never in memory beside the engine. `read` returns nothing for
/// rows that are left out. Ends when the file cannot be read and keeps the reason.
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

impl<T, F: FnMut(&Row<'_>) -> Result<Option<T>, StoreError>> Iterator for Stream<'_, F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            let item = match self.rows.next() {
                Ok(row) => (self.read)(row?),
                Err(error) => Err(error.into()),
            };
            match item {
                Ok(None) => {}
                Ok(item) => return item,
                Err(error) => {
                    self.failure = Some(error);
                    return None;
                }
            }
        }
    }
}

fn person_of(row: &Row<'_>) -> Result<PersonState, StoreError> {
    let number = row.get(0)?;
    if !(1..MAX_NUMBER).contains(&number) {
        return Err(damaged("its number is out of range"));
    }
    let version = row.get(4)?;
    if !(0..MAX_NUMBER).contains(&version) {
        return Err(damaged("its version is out of range"));
    }
    let text = row.get_ref(5)?.as_str().map_err(damaged)?;
    Ok(PersonState {
        number,
        uuid: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        created_at: Timestamp(row.get(2)?),
        is_identified: row.get(3)?,
        version,
        properties: properties_of(text)?,
    })
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
