//! Moves rows that cannot be read into a table of their own, whole, so that nothing is lost.

use persons_api::Timestamp;
use persons_engine::Changes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};
use serde_json::{Map, Value, json};

use super::damage::{DamageLog, RowId, placeholder_id, placeholder_name};
use super::{DamagedRow, Store, StoreError};

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
    connection: &Connection,
    damage: &DamageLog,
    changes: &Changes,
    now: Timestamp,
) -> Result<(), StoreError> {
    if damage.is_empty() {
        return Ok(());
    }
    let mut same_uuid =
        connection.prepare_cached("SELECT number FROM persons WHERE uuid = ?1 AND number <> ?2")?;
    for person in &changes.persons {
        let other = same_uuid
            .query_row(params![person.uuid.as_bytes(), person.number], |row| {
                row.get(0)
            })
            .optional()?;
        if let Some(other) = other {
            move_if_damaged(connection, damage, "persons", RowId::Number(other), now)?;
        }
    }
    for cohort in &changes.cohorts {
        move_if_damaged(connection, damage, "cohorts", RowId::Number(cohort.id), now)?;
    }
    for key in changes.definitions.event_keys.keys() {
        let row = RowId::Text(key.clone().into_bytes());
        move_if_damaged(connection, damage, "event_keys", row, now)?;
    }
    Ok(())
}

fn move_if_damaged(
    connection: &Connection,
    damage: &DamageLog,
    table: &'static str,
    row: RowId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !damage.contains(table, &row) {
        return Ok(());
    }
    let damaged = DamagedRow {
        table,
        row,
        reason: "a new row took its place".into(),
        noticed_at: now,
    };
    move_row(connection, &damaged, now)
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

/// Gives the columns that cannot be read the values of a new file.
fn mend_project(connection: &Connection, content: Option<&Value>) -> Result<(), StoreError> {
    let new = crate::project::new_project();
    let is_uuid = |name: &str| {
        let hex = content.and_then(|content| content[name]["hex"].as_str());
        hex.is_some_and(|hex| hex.len() == 32)
    };
    let is_text = |name: &str| content.is_some_and(|content| content[name].is_string());
    let is_small = |name: &str, max: i64| {
        let number = content.and_then(|content| content[name].as_i64());
        number.is_some_and(|number| (0..=max).contains(&number))
    };
    let uuids = [("uuid", new.uuid), ("organization", new.organization)];
    for (name, uuid) in uuids.into_iter().filter(|(name, _)| !is_uuid(name)) {
        let mend = format!("UPDATE project SET {name} = ?1");
        connection.execute(&mend, [uuid.as_bytes()])?;
    }
    let texts = [
        ("name", new.name),
        ("api_token", new.api_token),
        ("timezone", new.timezone),
    ];
    for (name, text) in texts.into_iter().filter(|(name, _)| !is_text(name)) {
        connection.execute(&format!("UPDATE project SET {name} = ?1"), [text])?;
    }
    if !is_small("week_start_day", u8::MAX.into()) {
        connection.execute(
            "UPDATE project SET week_start_day = ?1",
            [new.week_start_day],
        )?;
    }
    Ok(())
}

/// Where a row is: its table and the condition that finds it.
struct Place {
    table: &'static str,
    condition: &'static str,
    values: Vec<rusqlite::types::Value>,
}

impl Place {
    fn of(damaged: &DamagedRow) -> Result<Self, StoreError> {
        let (condition, values) = match (damaged.table, &damaged.row) {
            ("cohort_members", RowId::Pair(cohort, person)) => (
                "cohort = ?1 AND person = ?2",
                vec![(*cohort).into(), (*person).into()],
            ),
            ("event_keys", RowId::Text(key)) => {
                ("CAST(key AS BLOB) = ?1", vec![key.clone().into()])
            }
            ("keys", RowId::Text(id)) => ("CAST(id AS BLOB) = ?1", vec![id.clone().into()]),
            (_, RowId::Number(number)) => ("rowid = ?1", vec![(*number).into()]),
            (table, row) => {
                return Err(StoreError::Damaged(format!(
                    "row {row} of {table} cannot be moved"
                )));
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
