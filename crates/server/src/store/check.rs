//! Looks for damage in a data file without changing it.

use std::path::Path;

use persons_api::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};

use super::damage::{DamageLog, RowId};
use super::deletions::deletion_of;
use super::history::{EVERY_ENTRY, entry_of};
use super::{DamagedRow, Store, StoreError, schema, warning_of};

/// Lines of SQLite's own check that are reported.
const MAX_PROBLEMS: usize = 100;

/// What is wrong with a data file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// What SQLite says about its pages and indexes, one sentence each.
    pub problems: Vec<String>,
    /// The rows that cannot be read; only the first thousand of a table.
    pub rows: Vec<DamagedRow>,
    /// How many rows cannot be read.
    pub damaged: u64,
    /// How many rows are in the quarantine table.
    pub quarantined: u64,
}

impl CheckReport {
    /// Whether nothing is wrong. Rows in quarantine are not: whoever moved them there knows.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.damaged == 0
    }
}

impl Store {
    /// Checks a file of any format up to this one, also while a server works on it. Nothing is written to the file.
    ///
    /// # Errors
    /// The file is not a data file, or its pages are too damaged to be read at all.
    pub fn check(path: &Path) -> Result<CheckReport, StoreError> {
        let store = open_read_only(path)?;
        let problems = match store.integrity_problems() {
            // Not even the list of tables can be read.
            Err(StoreError::Sqlite(problem)) => vec![problem],
            problems => problems?,
        };
        let scanned = store.scan();
        // Broken pages may stop the scan; what it has found until then is reported all the same.
        if problems.is_empty() {
            scanned?;
        }
        let quarantined = store.quarantined();
        let quarantined = match problems.is_empty() {
            true => quarantined?,
            false => quarantined.unwrap_or_default(),
        };
        Ok(CheckReport {
            problems,
            rows: store.damage.rows(),
            damaged: store.damage.count(),
            quarantined,
        })
    }

    fn integrity_problems(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare(&format!("PRAGMA integrity_check({MAX_PROBLEMS})"))?;
        let mut rows = statement.query([])?;
        let mut problems = Vec::new();
        while let Some(row) = rows.next()? {
            problems.push(
                String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default())
                    .into_owned(),
            );
        }
        problems.retain(|problem| problem != "ok");
        Ok(problems)
    }

    /// Reads every row of every table the way that the server does, and records those that cannot be read.
    pub(super) fn scan(&self) -> Result<(), StoreError> {
        self.load()?;
        self.load_events()?;
        self.keys()?;
        if self.has_table("actions")? {
            self.actions()?;
        }
        self.scan_table(
            "warnings",
            "SELECT number, kind, details, created_at FROM warnings",
            |row| warning_of(row).map(drop),
        )?;
        if self.has_table("history")? {
            self.next_event()?;
            let mut entries = EVERY_ENTRY.to_owned();
            if !self.has_column("history", "uuid")? {
                entries = entries.replace("details, uuid", "details, NULL");
            }
            self.scan_table("history", &entries, |row| entry_of(row).map(drop))?;
            self.scan_table(
                "event_deletions",
                "SELECT number, person, created_at, done_at FROM event_deletions",
                |row| deletion_of(row).map(drop),
            )?;
        }
        if self.has_column("sessions", "label")? {
            self.sessions(Timestamp(i64::MIN))?;
        }
        if self.has_column("imports", "digest")? {
            self.import_checkpoints()?;
        }
        self.scan_columns()
    }

    fn scan_table(
        &self,
        table: &'static str,
        query: &str,
        read: impl Fn(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            self.damage.sift(table, id, read(row))?;
        }
        Ok(())
    }

    pub(super) fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
            [name],
            |row| row.get(0),
        )?)
    }

    fn has_column(&self, table: &str, name: &str) -> Result<bool, StoreError> {
        Ok(self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)",
            [table, name],
            |row| row.get(0),
        )?)
    }

    /// How many rows are in quarantine. Earlier formats have none.
    fn quarantined(&self) -> Result<u64, StoreError> {
        if !self.has_table("quarantine")? {
            return Ok(0);
        }
        let count: i64 =
            self.connection
                .query_row("SELECT count(*) FROM quarantine", [], |row| row.get(0))?;
        Ok(count as u64)
    }
}

/// Opens a file so that nothing can be written to it, and makes sure that it is ours.
fn open_read_only(path: &Path) -> Result<Store, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    // The write-ahead log is there as long as the file is in use. Without it nothing changes, and SQLite need not
    // make files to tell readers and writers apart.
    let immutable = if Path::new(&log).exists() {
        ""
    } else {
        "?immutable=1"
    };
    let uri = format!("file:{}{immutable}", escaped(path));
    let connection =
        Connection::open_with_flags(uri, flags).map_err(|error| StoreError::Unreachable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    let found = schema::recognize(&connection, path)?;
    if found == 0 {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    // One moment for everything that is read, whatever a server writes meanwhile.
    connection.execute_batch("BEGIN")?;
    Ok(Store {
        connection,
        _lock: None,
        path: None,
        simulated: None,
        damage: std::sync::Arc::<DamageLog>::default(),
    })
}

/// A path as it is written in a URI.
fn escaped(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    let escaped = bytes.map(|&byte| match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}
