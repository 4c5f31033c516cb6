//! Finds values that do not have the type of their column. SQLite never stores one in a strict table, so only damage
//! puts it there, and SQLite refuses to write the rest of such a row.

use rusqlite::Row;

use super::damage::RowId;
use super::{Store, StoreError};

/// What identifies a row.
#[derive(Clone, Copy)]
enum Key {
    /// An integer.
    Number,
    /// This column, a text or bytes.
    Text(&'static str),
    /// These columns, integers.
    Pair(&'static str, &'static str),
}

/// All tables.
const TABLES: [(&str, Key); 18] = [
    ("project", Key::Number),
    ("persons", Key::Number),
    ("distinct_ids", Key::Number),
    ("event_names", Key::Number),
    ("events", Key::Number),
    ("event_keys", Key::Text("key")),
    ("cohorts", Key::Number),
    ("cohort_members", Key::Pair("cohort", "person")),
    ("warnings", Key::Number),
    ("imports", Key::Text("digest")),
    ("keys", Key::Text("id")),
    ("sessions", Key::Text("id")),
    ("history", Key::Number),
    ("merged", Key::Number),
    ("event_deletions", Key::Number),
    ("event_deletion_ids", Key::Pair("deletion", "distinct_id")),
    ("actions", Key::Number),
    ("quarantine", Key::Number),
];

/// Values of the right type that are wrong all the same, and are read only when they are needed.
const RULES: [(&str, &str, &str); 3] = [
    ("events", "length(uuid) <> 16", "its UUID has not 16 bytes"),
    (
        "history",
        "length(split_of) <> 16",
        "its UUID has not 16 bytes",
    ),
    (
        "event_deletion_ids",
        "distinct_id NOT BETWEEN 0 AND coalesce((SELECT max(number) FROM distinct_ids), -1)",
        "its distinct id does not exist",
    ),
];

impl Store {
    /// Records each row of any table with a value that its column cannot have.
    pub(super) fn scan_columns(&self) -> Result<(), StoreError> {
        for (table, key) in TABLES {
            self.scan_columns_of(table, key)?;
        }
        Ok(())
    }

    /// Does the same for the row of the project.
    pub(super) fn scan_columns_of_project(&self) -> Result<(), StoreError> {
        self.scan_columns_of("project", Key::Number)
    }

    fn scan_columns_of(&self, table: &'static str, key: Key) -> Result<(), StoreError> {
        let mut columns = self.connection.prepare(
            "SELECT name, lower(type), \"notnull\" OR pk > 0 FROM pragma_table_info(?1)",
        )?;
        let wrong = columns.query_map([table], |row| {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let null = if row.get(2)? { "" } else { ", 'null'" };
            Ok(format!(
                "WHEN typeof(\"{name}\") NOT IN ('{kind}'{null}) THEN 'its column {name} has the wrong type ' || typeof(\"{name}\")"
            ))
        })?;
        let mut wrong = wrong.collect::<Result<Vec<String>, _>>()?;
        if wrong.is_empty() {
            // Earlier formats do not have all tables.
            return Ok(());
        }
        let rules = RULES.iter().filter(|rule| rule.0 == table);
        wrong.extend(
            rules.map(|(_, condition, reason)| format!("WHEN {condition} THEN '{reason}'")),
        );
        let key_columns = match key {
            Key::Number => "rowid".to_owned(),
            Key::Text(key) => format!("\"{key}\", quote(\"{key}\")"),
            Key::Pair(first, second) => format!("{first}, {second}, {}", quoted(first, second)),
        };
        let mut statement = self.connection.prepare(&format!(
            "SELECT CASE {} END AS wrong_value, {key_columns} FROM {table} WHERE wrong_value IS NOT NULL",
            wrong.join(" ")
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let reason: String = row.get(0)?;
            let id = match key {
                Key::Number => RowId::Number(row.get(1)?),
                Key::Text(_) => text_id(row, 1)?,
                Key::Pair(..) => pair_id(row, 1)?,
            };
            self.damage.record(table, id, reason);
        }
        Ok(())
    }
}

/// The SQL expression of the literals of two columns.
pub(super) fn quoted(first: &str, second: &str) -> String {
    format!("quote({first}) || ', ' || quote({second})")
}

/// Returns what identifies a row by a text or bytes in one column, and the literal of these in the next one.
pub(super) fn text_id(row: &Row<'_>, column: usize) -> Result<RowId, StoreError> {
    Ok(match row.get_ref(column)?.as_bytes() {
        Ok(bytes) => RowId::Text(bytes.to_vec()),
        Err(_) => RowId::Literal(row.get(column + 1)?),
    })
}

/// Returns what identifies a row by integers in two columns, and the literals of these in the next one.
pub(super) fn pair_id(row: &Row<'_>, column: usize) -> Result<RowId, StoreError> {
    Ok(match (row.get(column), row.get(column + 1)) {
        (Ok(first), Ok(second)) => RowId::Pair(first, second),
        _ => RowId::Literal(row.get(column + 2)?),
    })
}
