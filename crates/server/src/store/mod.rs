//! The data file: SQLite in WAL mode. The only place with SQL.
//!
//! - [`schema`] opens a file, or says why it cannot be used.
//! - [`load`] reads everything into the engine at start.
//! - [`write`] writes what a draft decided, in one transaction; [`history`] what happened to whom.
//! - [`damage`] lists rows that cannot be read; [`check`] looks for them, [`quarantine`] moves them away.
//! - [`events`] shows events as they were stored.
//! - [`deletions`] takes away the events that somebody wants deleted, [`erase`] what else names their person.
//! - [`actions`] keeps what people call which events.
//! - [`keys`] and [`sessions`] hold who may come in, as digests.

mod actions;
mod check;
mod columns;
mod damage;
mod deletions;
mod erase;
mod events;
mod history;
mod imports;
mod keys;
mod load;
mod quarantine;
mod schema;
mod sessions;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persons_api::{Properties, Timestamp};
use rusqlite::Connection;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

pub use actions::StoredAction;
pub use check::CheckReport;
pub use damage::{DamageLog, DamagedRow, RowId, TableDamage};
pub use deletions::{DeletionState, StoredDeletion, WaitingDeletion};
pub use events::StoredEvent;
pub use history::{HistoryQuery, StoredEntry};
pub use keys::StoredKey;
pub use sessions::StoredSession;
pub use write::{EventLookup, FirstNumbers, WriteTransaction};

/// Where the data are.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In a file, which is made if it is not there.
    File(PathBuf),
    /// In memory: gone when the process ends.
    Memory,
    /// In a file on a simulated disk, for tests of power failures.
    #[doc(hidden)]
    Simulated {
        /// The file.
        path: PathBuf,
        /// How.
        disk: SimulatedDisk,
    },
}

/// A disk that is a VFS of SQLite, for tests.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct SimulatedDisk {
    /// The name of the VFS.
    pub vfs: String,
    /// Whether writes are synced, as they always are elsewhere.
    pub is_synchronous: bool,
}

/// What can go wrong with the data file. Each text is one sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The file is something else.
    #[error("{0} is not a Persons data file; name another one with --data.")]
    Foreign(PathBuf),
    /// The file comes from the future.
    #[error(
        "{path} was written by a newer version of persons-server (format {found}, this one reads up to {known}); update persons-server."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this version reads.
        known: i64,
    },
    /// A running server works on a file of an older format.
    #[error(
        "{path} has format {found} and is in use by an older persons-server; this version needs format {known}. Use that server's own version, or stop the server and try again."
    )]
    OlderInUse {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format this version needs.
        known: i64,
    },
    /// Another process works on it.
    #[error(
        "{0} is in use by another persons-server; stop that one or name another file with --data."
    )]
    InUse(PathBuf),
    /// The folder or file cannot be opened.
    #[error("{path} cannot be opened: {reason}.")]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// No space left. Nothing of the write was kept.
    #[error("The disk with the data file is full; nothing was written. Make room and try again.")]
    Full,
    /// The writer is gone: the process is ending.
    #[error("The server is shutting down; nothing was written.")]
    Closed,
    /// The request ran into a bug. Nothing of it was kept.
    #[error("The request failed inside the server; nothing was written.")]
    Panic,
    /// Something SQLite refused.
    #[error("The data file could not be read or written: {0}.")]
    Sqlite(String),
    /// A row that cannot be read. Where rows are read one by one it is recorded as damaged instead.
    #[error("The data file is damaged: {0}.")]
    Damaged(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::*;
        match &error {
            // One row is not what its table says; the file itself could be read.
            InvalidColumnType(_, name, kind) => {
                return Self::Damaged(format!("its column {name} has the wrong type {kind}"));
            }
            Utf8Error(..) => return Self::Damaged("it has a text that is not UTF-8".into()),
            FromSqlConversionFailure(..) => {
                return Self::Damaged("it has a value that cannot be read".into());
            }
            IntegralValueOutOfRange(..) => {
                return Self::Damaged("it has a number that is out of range".into());
            }
            _ => {}
        }
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error.to_string()),
        }
    }
}

/// What the data file says about its project.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectInfo {
    /// The number in URLs, and part of what person UUIDs are derived from.
    pub id: i64,
    /// Another name for it.
    pub uuid: Uuid,
    /// The organisation it would belong to on PostHog.
    pub organization: Uuid,
    /// What people call it.
    pub name: String,
    /// The capture token, `phc_…`.
    pub api_token: String,
    /// IANA time zone.
    pub timezone: String,
    /// Whether the data are invented.
    pub is_demo: bool,
    /// 0 for Sunday, 1 for Monday.
    pub week_start_day: u8,
    /// When the file was made.
    pub created_at: Timestamp,
}

/// A refused event or merge, kept for people to see.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredWarning {
    /// Grows with time.
    pub id: i64,
    /// The kind, as PostHog names it.
    pub kind: String,
    /// The particulars.
    pub details: Value,
    /// When it was refused.
    pub created_at: Timestamp,
}

/// Memory for pages that are written to, in KiB.
const WRITE_CACHE_KIB: i64 = 64 * 1024;

/// An open data file.
pub struct Store {
    connection: Connection,
    /// Held as long as the file is open, so that no second process works on it.
    _lock: Option<std::fs::File>,
    path: Option<PathBuf>,
    simulated: Option<SimulatedDisk>,
    damage: Arc<DamageLog>,
}

impl Store {
    /// The number of warnings, and a page of them, newest first.
    pub fn warnings(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<StoredWarning>), StoreError> {
        let count = self
            .connection
            .query_row("SELECT count(*) FROM warnings", [], |row| {
                row.get::<_, i64>(0)
            })?;
        let mut statement = self.connection.prepare_cached(
            "SELECT number, kind, details, created_at FROM warnings ORDER BY number DESC LIMIT ?1 OFFSET ?2",
        )?;
        let mut rows = statement.query([limit as i64, offset as i64])?;
        let mut warnings = Vec::new();
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            warnings.extend(self.damage.sift("warnings", id, warning_of(row))?);
        }
        Ok((count as u64, warnings))
    }

    /// The damaged rows that have been noticed since the file was opened.
    pub fn damage(&self) -> &Arc<DamageLog> {
        &self.damage
    }

    /// How many events are stored.
    pub fn event_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM events", [], |row| row.get(0))?;
        Ok(count as u64)
    }

    /// Lets the data grow to at most this many pages, for tests of a full disk.
    pub fn limit_size(&self, pages: u32) -> Result<(), StoreError> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// A second connection to the same data, for reading beside the writer. In memory there is none.
    pub fn reader(&self) -> Result<Option<Self>, StoreError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let mut beside = schema::open(path, schema::Lock::Share, self.simulated.clone())?;
        beside.damage = self.damage.clone();
        Ok(Some(beside))
    }

    /// Keeps the pages at hand in which writes look whether an event is there already: with random UUIDs these
    /// are all over the file. Reading everything once, as at the start, needs no such memory.
    pub fn expect_writes(&self) -> Result<(), StoreError> {
        self.connection
            .pragma_update(None, "cache_size", -WRITE_CACHE_KIB)?;
        Ok(())
    }

    /// Opens a file that this or another process already works on: for keys and for reading.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        schema::open(path, schema::Lock::Share, None)
    }
}

fn warning_of(row: &rusqlite::Row<'_>) -> Result<StoredWarning, StoreError> {
    Ok(StoredWarning {
        id: row.get(0)?,
        kind: row.get(1)?,
        details: json_of(row.get_ref(2)?.as_str().map_err(damage::damaged)?)?,
        created_at: Timestamp(row.get(3)?),
    })
}

fn json_of(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

fn properties_of(text: &str) -> Result<Properties, StoreError> {
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

/// Why a text is not the JSON that it has to be, without quoting it.
fn not_json(error: &serde_json::Error) -> StoreError {
    StoreError::Damaged(match error.classify() {
        serde_json::error::Category::Data => "its JSON has another shape than expected".into(),
        _ => format!("its JSON cannot be read: {error}"),
    })
}

fn uuid_of(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| StoreError::Damaged("its UUID has not 16 bytes".into()))
}
