//! Rows of the data file that cannot be read. They stay in the file, and everything else works without them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use persons_api::Timestamp;

use super::StoreError;

/// Rows that are listed one by one for each table; more are only counted.
const MAX_LISTED: usize = 1_000;

/// Identifies a row within its table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    /// The integer primary key.
    Number(i64),
    /// Two integers, the primary key of [`cohort_members`](super::load).
    Pair(i64, i64),
    /// A text that is the primary key, as bytes because it may not be UTF-8.
    Text(Vec<u8>),
    /// The primary key as SQL literals, where it has the wrong type.
    Literal(String),
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Pair(first, second) => write!(f, "{first}, {second}"),
            Self::Text(text) => write!(f, "{:?}", String::from_utf8_lossy(text)),
            Self::Literal(literal) => f.write_str(literal),
        }
    }
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedRow {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub row: RowId,
    /// Why it cannot be read, as a clause without a full stop. May quote a filter; never a property value.
    pub reason: String,
    /// When that was noticed.
    pub noticed_at: Timestamp,
}

/// Damaged rows of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDamage {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub rows: BTreeMap<RowId, DamagedRow>,
}

/// The damaged rows that have been noticed since the file was opened, shared by all its connections.
#[derive(Debug, Default)]
pub struct DamageLog {
    /// Whether there are none, so that writes need not take the lock.
    is_damaged: AtomicBool,
    tables: Mutex<BTreeMap<&'static str, TableDamage>>,
    /// The rows that have been moved away since. They stay listed, and what took their place is sound.
    moved: Mutex<BTreeSet<(&'static str, RowId)>>,
}

impl DamageLog {
    /// Whether no damaged row has been noticed.
    pub fn is_empty(&self) -> bool {
        !self.is_damaged.load(Ordering::Acquire)
    }

    /// Records a damaged row, once however often it is read, and logs its table and number.
    pub(super) fn record(&self, table: &'static str, row: RowId, reason: impl Into<String>) {
        let mut tables = self.tables.lock();
        let damage = tables.entry(table).or_default();
        if damage.rows.contains_key(&row) {
            return;
        }
        damage.count += 1;
        if damage.rows.len() == MAX_LISTED {
            return;
        }
        tracing::warn!(
            table,
            %row,
            "a damaged row is set aside; `persons-server check` says why"
        );
        let damaged = DamagedRow {
            table,
            row: row.clone(),
            reason: reason.into(),
            noticed_at: crate::project::now(),
        };
        damage.rows.insert(row, damaged);
        self.is_damaged.store(true, Ordering::Release);
    }

    /// Notes that rows have been moved away for good.
    pub(super) fn note_moved(&self, rows: Vec<(&'static str, RowId)>) {
        self.moved.lock().extend(rows);
    }

    /// Whether a row has been found damaged and is still there. Rows beyond the limit of what is listed count as sound.
    pub(super) fn contains(&self, table: &'static str, row: &RowId) -> bool {
        if self.moved.lock().contains(&(table, row.clone())) {
            return false;
        }
        let tables = self.tables.lock();
        tables
            .get(table)
            .is_some_and(|damage| damage.rows.contains_key(row))
    }

    /// Passes on a value that was read from a row; records the row if it could not be read.
    ///
    /// # Errors
    /// Those that say nothing about the row: the file could not be read at all.
    pub(super) fn sift<T>(
        &self,
        table: &'static str,
        row: RowId,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Damaged(reason)) => {
                self.record(table, row, reason);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the damage of each table that has any, by name.
    pub fn tables(&self) -> BTreeMap<&'static str, TableDamage> {
        self.tables.lock().clone()
    }

    /// Returns the damaged rows that are listed, by table and row.
    pub fn rows(&self) -> Vec<DamagedRow> {
        let tables = self.tables.lock();
        let rows = tables.values().flat_map(|damage| damage.rows.values());
        rows.cloned().collect()
    }

    /// Returns how many rows are damaged.
    pub fn count(&self) -> u64 {
        self.tables.lock().values().map(|damage| damage.count).sum()
    }
}

/// An error that says that a row cannot be read.
pub(super) fn damaged(reason: impl fmt::Display) -> StoreError {
    StoreError::Damaged(reason.to_string())
}

/// The text that stands for a distinct id whose own text is lost. No client can send it: null characters are
/// replaced in everything that comes in.
pub(super) fn placeholder_id(number: i64) -> String {
    format!("\0unreadable distinct id {number}")
}

/// The text that stands for the distinct id of a person who was deleted with all events.
pub(super) fn deleted_id(number: i64) -> String {
    format!("\0deleted distinct id {number}")
}

/// A distinct id as it is shown: what stands for one is in parentheses.
pub(super) fn shown_id(text: String) -> String {
    match text.strip_prefix('\0') {
        Some(placeholder) => format!("({placeholder})"),
        None => text,
    }
}

/// The name of events whose own name is lost.
pub(super) fn placeholder_name(number: i64) -> String {
    format!("(unreadable event name {number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_once_and_listed_up_to_a_limit() {
        let log = DamageLog::default();
        assert!(log.is_empty());
        for number in 0..MAX_LISTED as i64 + 5 {
            log.record("events", RowId::Number(number), "why");
        }
        log.record("events", RowId::Number(3), "why");
        let tables = log.tables();
        assert_eq!(tables["events"].rows.len(), MAX_LISTED);
        assert_eq!(log.count(), MAX_LISTED as u64 + 5);
        assert!(!log.is_empty() && log.contains("events", &RowId::Number(3)));
        assert!(!log.contains("persons", &RowId::Number(3)));
    }

    #[test]
    fn errors_of_the_file_are_passed_on_and_those_of_a_row_are_recorded() {
        let log = DamageLog::default();
        let row = RowId::Number(1);
        assert_eq!(log.sift("a", row.clone(), Ok(7)).ok(), Some(Some(7)));
        assert!(
            log.sift::<()>("a", row.clone(), Err(StoreError::Full))
                .is_err()
        );
        assert!(log.is_empty());
        let read = log.sift::<()>("a", row, Err(damaged("bad")));
        assert_eq!(read.ok(), Some(None));
        assert_eq!(log.rows()[0].reason, "bad");
    }
}
