//! Moves rows that cannot be read into a table of their own, whole, so that nothing is lost.

use persons_api::Timestamp;
use persons_engine::Changes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::columns::quoted;
use super::damage::{RowId, placeholder_id, placeholder_name};
use super::load::MAX_NUMBER;
use super::{DamagedRow, Store, StoreError, WriteTransaction};

/// Rounds of looking for damage and moving it away: what refers to a row that was moved is found in the next one.
const MAX_ROUNDS: usize = 10;

impl Store {
    /// Moves all rows that cannot be read into the quarantine table, in one transaction, and returns them.
    /// What refers to them is moved, too, or refers to nothing afterwards.
    ///
    /// # Errors
    /// The file could not be read or written. Then nothing is changed.
    pub fn repair(&mut self, now: Timestamp) -> Result<Vec<DamagedRow>, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        match self.move_damage(now) {
            Ok(moved) => {
                self.connection.execute_batch("COMMIT")?;
                Ok(moved)
            }
            Err(error) => {
                // The error that is reported is the first one.
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Moves the rows that are listed as damaged, in one transaction.
    pub(super) fn move_listed(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let damage = self.damage.clone();
        let transaction = self.begin_write()?;
        for row in damage.rows() {
            move_row(&transaction.transaction, &row, now)?;
            transaction.moved.borrow_mut().push((row.table, row.row));
        }
        transaction.commit()
    }

    fn move_damage(&mut self, now: Timestamp) -> Result<Vec<DamagedRow>, StoreError> {
        let mut moved = Vec::new();
        let mut rounds = 0;
        loop {
            // A log of its own for each round: rows that were moved are not damaged any more.
            self.damage = Default::default();
            self.scan()?;
            let found = self.damage.rows();
            if found.is_empty() {
                return Ok(moved);
            }
            rounds += 1;
            for damaged in found {
                move_row(&self.connection, &damaged, now)?;
                moved.push(damaged);
            }
            // Each round moves at most a thousand rows of each table, so only rounds without end are an error.
            if rounds > MAX_ROUNDS && moved.len() < rounds * 100 {
                return Err(StoreError::Damaged(
                    "rows that were repaired are damaged again".into(),
                ));
            }
        }
    }
}

/// Makes room for what is going to be written: a damaged row whose place it takes is moved away first.
pub(super) fn make_room(
    write: &WriteTransaction<'_>,
    changes: &Changes,
    now: Timestamp,
) -> Result<(), StoreError> {
    if write.damage.is_empty() {
        return Ok(());
    }
    let connection = &write.transaction;
    let mut same_uuid =
        connection.prepare_cached("SELECT number FROM persons WHERE uuid = ?1 AND number <> ?2")?;
    for person in &changes.persons {
        let other = same_uuid
            .query_row(params![person.uuid.as_bytes(), person.number], |row| {
                row.get(0)
            })
            .optional()?;
        if let Some(other) = other {
            move_if_damaged(write, "persons", RowId::Number(other), now)?;
        }
    }
    for cohort in &changes.cohorts {
        move_if_damaged(write, "cohorts", RowId::Number(cohort.id), now)?;
    }
    for key in changes.definitions.event_keys.keys() {
        let row = RowId::Text(key.clone().into_bytes());
        move_if_damaged(write, "event_keys", row, now)?;
    }
    Ok(())
}

fn move_if_damaged(
    write: &WriteTransaction<'_>,
    table: &'static str,
    row: RowId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let moved = (table, row);
    if !write.damage.contains(table, &moved.1) || write.moved.borrow().contains(&moved) {
        return Ok(());
    }
    let damaged = DamagedRow {
        table,
        row: moved.1.clone(),
        reason: "a new row took its place".into(),
        noticed_at: now,
    };
    move_row(&write.transaction, &damaged, now)?;
    write.moved.borrow_mut().push(moved);
    Ok(())
}

/// Copies a row into the quarantine and takes away what is wrong with it.
fn move_row(
    connection: &Connection,
    damaged: &DamagedRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let place = Place::of(damaged)?;
    let content = place.content(connection)?;
    connection
        .prepare_cached(
            "INSERT INTO quarantine (source, row, reason, content, moved_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            damaged.table,
            damaged.row.to_string(),
            damaged.reason,
            // A row that is missing has nothing to keep.
            content.clone().unwrap_or(Value::Null).to_string(),
            now.0,
        ])?;
    match (damaged.table, &damaged.row) {
        ("distinct_ids", RowId::Number(number)) => {
            mend_distinct_id(connection, *number, content.as_ref())
        }
        ("event_names", RowId::Number(number)) => {
            connection.execute(
                "UPDATE event_names SET name = ?2 WHERE number = ?1",
                params![number, placeholder_name(*number)],
            )?;
            Ok(())
        }
        ("project", _) => mend_project(connection, content.as_ref()),
        _ => place.delete(connection),
    }
}

/// Events belong to the numbers of distinct ids for ever, so these rows stay, as placeholders if need be.
fn mend_distinct_id(
    connection: &Connection,
    number: i64,
    content: Option<&Value>,
) -> Result<(), StoreError> {
    let slots = super::load::distinct_id_slots(connection)?;
    if !(0..i64::from(slots)).contains(&number) {
        connection.execute("DELETE FROM distinct_ids WHERE number = ?1", [number])?;
        return Ok(());
    }
    let is_readable = content.is_some_and(|content| content["text"].is_string());
    let text = (!is_readable).then(|| placeholder_id(number));
    connection.execute(
        "INSERT INTO distinct_ids (number, text) VALUES (?1, coalesce(?2, ''))
         ON CONFLICT (number) DO UPDATE SET text = coalesce(?2, text), person = NULL",
        params![number, text],
    )?;
    Ok(())
}

/// Gives the columns that cannot be read the values of a new file, all at once: SQLite checks each of them whenever
/// the row is written.
fn mend_project(connection: &Connection, content: Option<&Value>) -> Result<(), StoreError> {
    let new = crate::project::new_project();
    let column = |name: &str| content.and_then(|content| content.get(name));
    let bytes = |name: &str| {
        column(name)
            .and_then(|value| value["hex"].as_str())
            .map(str::len)
    };
    let uuid = |name: &str, uuid: Uuid| (bytes(name) != Some(32)).then_some(uuid.into_bytes());
    let text = |name: &str, text| (!column(name).is_some_and(Value::is_string)).then_some(text);
    let number = |name: &str, range: std::ops::Range<i64>, number| {
        let found = column(name).and_then(Value::as_i64);
        (!found.is_some_and(|found| range.contains(&found))).then_some(number)
    };
    let any = i64::MIN..i64::MAX;
    connection.execute(
        "UPDATE project SET uuid = coalesce(?1, uuid), organization = coalesce(?2, organization),
            name = coalesce(?3, name), api_token = coalesce(?4, api_token), timezone = coalesce(?5, timezone),
            is_demo = coalesce(?6, is_demo), week_start_day = coalesce(?7, week_start_day),
            created_at = coalesce(?8, created_at), next_person = coalesce(?9, next_person),
            next_event = coalesce(?10, next_event), salt = CASE WHEN ?11 THEN randomblob(32) ELSE salt END",
        params![
            uuid("uuid", new.uuid),
            uuid("organization", new.organization),
            text("name", new.name),
            text("api_token", new.api_token),
            text("timezone", new.timezone),
            number("is_demo", any.clone(), new.is_demo.into()),
            number("week_start_day", 0..256, new.week_start_day.into()),
            number("created_at", any, new.created_at.0),
            // Whoever reads these counts the rows, too.
            number("next_person", 0..MAX_NUMBER, 1),
            number("next_event", 0..MAX_NUMBER, 1),
            bytes("salt") != Some(64),
        ],
    )?;
    Ok(())
}

/// Where a row is: its table and the condition that finds it.
struct Place {
    table: &'static str,
    condition: String,
    values: Vec<rusqlite::types::Value>,
}

impl Place {
    fn of(damaged: &DamagedRow) -> Result<Self, StoreError> {
        let (condition, values) = match (damaged.table, &damaged.row) {
            (_, RowId::Number(number)) => ("rowid = ?1".to_owned(), vec![(*number).into()]),
            (table, RowId::Pair(first, second)) => {
                let [a, b] = pair_columns(table)?;
                let values = vec![(*first).into(), (*second).into()];
                (format!("{a} = ?1 AND {b} = ?2"), values)
            }
            (table, RowId::Text(text)) => {
                let column = text_column(table)?;
                let condition = format!("CAST(\"{column}\" AS BLOB) = ?1");
                (condition, vec![text.clone().into()])
            }
            (table, RowId::Literal(literal)) => {
                let literals = match text_column(table) {
                    Ok(column) => format!("quote(\"{column}\")"),
                    Err(_) => pair_columns(table).map(|[a, b]| quoted(a, b))?,
                };
                (format!("{literals} = ?1"), vec![literal.clone().into()])
            }
        };
        Ok(Self {
            table: damaged.table,
            condition,
            values,
        })
    }

    /// All columns of the row, as they are; `None` if there is no such row.
    fn content(&self, connection: &Connection) -> Result<Option<Value>, StoreError> {
        let query = format!("SELECT * FROM {} WHERE {}", self.table, self.condition);
        let mut statement = connection.prepare_cached(&query)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query(params_from_iter(&self.values))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let mut content = Map::new();
        for (index, name) in names.into_iter().enumerate() {
            content.insert(name, value_of(row.get_ref(index)?));
        }
        Ok(Some(Value::Object(content)))
    }

    fn delete(&self, connection: &Connection) -> Result<(), StoreError> {
        let delete = format!("DELETE FROM {} WHERE {}", self.table, self.condition);
        connection
            .prepare_cached(&delete)?
            .execute(params_from_iter(&self.values))?;
        Ok(())
    }
}

/// The primary key of a table, if it is a text or bytes.
fn text_column(table: &str) -> Result<&'static str, StoreError> {
    match table {
        "event_keys" => Ok("key"),
        "imports" => Ok("digest"),
        "keys" | "sessions" => Ok("id"),
        _ => Err(immovable(table)),
    }
}

/// The primary key of a table, if it is two integers.
fn pair_columns(table: &str) -> Result<[&'static str; 2], StoreError> {
    match table {
        "cohort_members" => Ok(["cohort", "person"]),
        "event_deletion_ids" => Ok(["deletion", "distinct_id"]),
        _ => Err(immovable(table)),
    }
}

fn immovable(table: &str) -> StoreError {
    StoreError::Damaged(format!("rows of {table} cannot be moved"))
}

/// A value of SQLite as JSON, without loss.
fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => text.into(),
            Err(_) => json!({"hex_text": hex(text)}),
        },
        ValueRef::Blob(bytes) => json!({"hex": hex(bytes)}),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
