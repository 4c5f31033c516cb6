//! Opening a data file: making it, recognising it, refusing what is not ours.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persons_api::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, MAIN_DB, OpenFlags, Row, params};
use uuid::Uuid;

use super::damage::{RowId, damaged};
use super::{ProjectInfo, SimulatedDisk, Storage, Store, StoreError};

/// Marks a SQLite file as ours ("PERS").
const APPLICATION_ID: i64 = 0x5045_5253;
/// The format this version writes: one for each step that leads to it.
const FORMAT: i64 = STEPS.len() as i64;

/// What turns the format before into each format; a new file takes all steps.
const STEPS: [&str; 7] = [
    TABLES,
    HISTORY,
    ACTIONS,
    IMPORTS_BY_CONTENT,
    SESSIONS,
    QUARANTINE,
    ERASURE,
];

const TABLES: &str = "
CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL,
    organization BLOB NOT NULL,
    name TEXT NOT NULL,
    api_token TEXT NOT NULL,
    timezone TEXT NOT NULL,
    is_demo INTEGER NOT NULL,
    week_start_day INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- Numbers of people are never used twice, not even after a deletion.
    next_person INTEGER NOT NULL
) STRICT;
CREATE TABLE persons (
    number INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    is_identified INTEGER NOT NULL,
    version INTEGER NOT NULL,
    properties TEXT NOT NULL
) STRICT;
-- Numbered from 0 in the order of the first event, without gaps, and never deleted.
CREATE TABLE distinct_ids (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    person INTEGER
) STRICT;
CREATE TABLE event_names (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
-- In the order of arrival. Times are microseconds since 1970.
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL,
    name INTEGER NOT NULL,
    distinct_id INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    properties TEXT NOT NULL
) STRICT;
-- An event that a client sends again is the same event.
CREATE UNIQUE INDEX events_once ON events (uuid, distinct_id, name);
-- Answers who was seen when, and which events there are, without touching the events.
CREATE INDEX events_seen ON events (distinct_id, name, timestamp);
CREATE TABLE event_keys (
    key TEXT PRIMARY KEY,
    type TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE cohorts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    filters TEXT NOT NULL,
    is_static INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE cohort_members (
    cohort INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (cohort, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX cohort_members_by_person ON cohort_members (person);
CREATE TABLE warnings (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- How far each imported file has been read, in bytes.
CREATE TABLE imports (
    source TEXT PRIMARY KEY,
    done INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    csrf TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What happened to people. A file from before knows of each person only how it is now.
const HISTORY: &str = "
-- Numbers of events are never used twice: they say what was captured before a deletion was asked for.
ALTER TABLE project ADD COLUMN next_event INTEGER NOT NULL DEFAULT 1;
UPDATE project SET next_event = 1 + coalesce((SELECT max(number) FROM events), 0);
-- Whose an event was when it arrived, and that person's version after it; null without a person.
ALTER TABLE events ADD COLUMN person INTEGER;
ALTER TABLE events ADD COLUMN version INTEGER;
UPDATE events SET person = persons.number, version = persons.version
    FROM distinct_ids JOIN persons ON persons.number = distinct_ids.person
    WHERE distinct_ids.number = events.distinct_id;
CREATE TABLE history (
    number INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,
    version INTEGER NOT NULL,
    act TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Who asked for it; null if nobody did.
    actor TEXT,
    actor_name TEXT,
    -- The event that did it.
    event BLOB,
    event_name TEXT,
    -- The UUID of the person whose split did it.
    split_of BLOB,
    -- The properties that changed. Emptied when the person is deleted.
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_person ON history (person, at);
CREATE INDEX history_of_actors ON history (at) WHERE actor IS NOT NULL;
INSERT INTO history (person, version, act, at, before, after, details)
    SELECT number, version, 'created', created_at, '{}', properties, '{}' FROM persons;
-- Who became part of whom.
CREATE TABLE merged (
    person INTEGER PRIMARY KEY,
    into_person INTEGER NOT NULL
) STRICT;
CREATE INDEX merged_by_target ON merged (into_person);
-- Events to be deleted: those of some distinct ids that have smaller numbers.
CREATE TABLE event_deletions (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL,
    before_event INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- Somebody asked for it to be done at once.
    is_urgent INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER
) STRICT;
CREATE INDEX event_deletions_waiting ON event_deletions (number) WHERE done_at IS NULL;
CREATE TABLE event_deletion_ids (
    deletion INTEGER NOT NULL,
    distinct_id INTEGER NOT NULL,
    PRIMARY KEY (deletion, distinct_id)
) STRICT, WITHOUT ROWID;
";

/// Conditions on events under a name.
const ACTIONS: &str = "
CREATE TABLE actions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    steps TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
";

/// How far the content of imported files is stored. The formats before noted paths, which say nothing about
/// what a file holds.
const IMPORTS_BY_CONTENT: &str = "
DROP TABLE imports;
CREATE TABLE imports (
    -- SHA-256 of the first `bytes` bytes of a file, decompressed.
    digest BLOB PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Gives sessions an id, a label and times, so that they can be listed and revoked.
const SESSIONS: &str = "
ALTER TABLE sessions RENAME TO old_sessions;
CREATE TABLE sessions (
    -- Not secret: names the session in lists and in `session revoke`.
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    csrf TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Sessions used to last 30 days, so the end says when they began. Their last use is unknown.
INSERT INTO sessions (id, digest, csrf, label, created_at, last_used_at, expires_at)
    SELECT lower(hex(randomblob(8))), digest, csrf, 'Unknown browser',
        expires_at - 2592000000000, expires_at - 2592000000000, expires_at FROM old_sessions;
DROP TABLE old_sessions;
";

/// Rows that could not be read, moved away by `persons-server check --repair`.
const QUARANTINE: &str = "
CREATE TABLE quarantine (
    number INTEGER PRIMARY KEY,
    -- The table that the row comes from, and its primary key in words.
    source TEXT NOT NULL,
    row TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- All columns as a JSON object; bytes and texts that are not UTF-8 as {\"hex\": …} and {\"hex_text\": …}.
    content TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT;
";

/// What complete deletion needs.
const ERASURE: &str = "
-- What makes digests of this file unlike those of any other.
ALTER TABLE project ADD COLUMN salt BLOB NOT NULL DEFAULT x'';
UPDATE project SET salt = randomblob(32);
-- The UUID that an entry names; distinct ids are in `details` by number, so that their texts are in one place.
ALTER TABLE history ADD COLUMN uuid BLOB;
UPDATE history SET uuid = unhex(json_extract(details, '$.uuid'), '-'), details = json_remove(details, '$.uuid')
    WHERE CASE WHEN json_valid(details) THEN length(unhex(json_extract(details, '$.uuid'), '-')) = 16 END;
UPDATE history SET details = json_set(details, '$.distinct_ids', json((
        SELECT json_group_array(coalesce(distinct_ids.number, ids.value))
        FROM json_each(details, '$.distinct_ids') AS ids LEFT JOIN distinct_ids ON distinct_ids.text = ids.value)))
    WHERE CASE WHEN json_valid(details) THEN json_type(details, '$.distinct_ids') = 'array' END;
UPDATE history SET details = json_set(details, '$.distinct_ids_to_split', json((
        SELECT json_group_array(coalesce(distinct_ids.number, ids.value))
        FROM json_each(details, '$.distinct_ids_to_split') AS ids LEFT JOIN distinct_ids ON distinct_ids.text = ids.value)))
    WHERE CASE WHEN json_valid(details) THEN json_type(details, '$.distinct_ids_to_split') = 'array' END;
-- Distinct ids of people whose events earlier versions have deleted.
UPDATE distinct_ids SET text = char(0) || 'deleted distinct id ' || number
    WHERE person IS NULL AND number NOT IN (SELECT distinct_id FROM events);
CREATE INDEX history_of_uuid ON history (uuid) WHERE uuid IS NOT NULL;
CREATE INDEX history_of_split ON history (split_of) WHERE split_of IS NOT NULL;
-- The person's number; and when its events and what else names it were gone, but perhaps not their bytes.
ALTER TABLE event_deletions ADD COLUMN person_number INTEGER;
ALTER TABLE event_deletions ADD COLUMN erased_at INTEGER;
UPDATE event_deletions SET erased_at = done_at;
CREATE INDEX event_deletions_of_person ON event_deletions (person);
";

/// How a file is opened.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Lock {
    /// As the only process that changes people.
    Own,
    /// Beside such a process.
    Share,
}

impl Store {
    /// Opens the data for the one process that changes people. `first` says what a new file starts with.
    pub fn open(
        storage: &Storage,
        first: impl FnOnce() -> ProjectInfo,
    ) -> Result<Self, StoreError> {
        let mut store = match storage {
            Storage::File(path) => open(path, Lock::Own, None)?,
            Storage::Simulated { path, disk } => open(path, Lock::Own, Some(disk.clone()))?,
            Storage::Memory => prepare(Connection::open_in_memory()?, None, None)?,
        };
        store.begin_project(first)?;
        store.mend_project()?;
        Ok(store)
    }

    /// Opens a file for the one process that changes people. It must exist.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        open(path, Lock::Own, None)
    }

    /// Gives the columns of the project's row that cannot be read the values of a new file, and moves the row as it
    /// was into the quarantine. Nothing works without that row: every write changes it, and its token lets events in.
    fn mend_project(&mut self) -> Result<(), StoreError> {
        self.project()?;
        self.counter("next_person")?;
        self.counter("next_event")?;
        self.scan_columns_of_project()?;
        if !self.damage.is_empty() {
            self.move_listed(crate::project::now())?;
        }
        Ok(())
    }

    /// Writes the project's row into a new file.
    fn begin_project(&self, first: impl FnOnce() -> ProjectInfo) -> Result<(), StoreError> {
        if self
            .connection
            .query_row("SELECT count(*) FROM project", [], |row| {
                row.get::<_, i64>(0)
            })?
            > 0
        {
            return Ok(());
        }
        let info = first();
        self.connection.execute(
            "INSERT INTO project (id, uuid, organization, name, api_token, timezone, is_demo, week_start_day, created_at, next_person, salt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, randomblob(32))",
            params![
                info.id,
                info.uuid.as_bytes(),
                info.organization.as_bytes(),
                info.name,
                info.api_token,
                info.timezone,
                info.is_demo,
                info.week_start_day,
                info.created_at.0,
            ],
        )?;
        Ok(())
    }

    /// Returns the project's row. A column that cannot be read is recorded as damaged and has the value that a new
    /// file has.
    pub fn project(&self) -> Result<ProjectInfo, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, uuid, organization, name, api_token, timezone, is_demo, week_start_day, created_at FROM project",
        )?;
        let mut rows = statement.query([])?;
        let row = rows
            .next()?
            .ok_or_else(|| damaged("the project is missing"))?;
        let fallback = crate::project::new_project();
        let id: i64 = row.get(0)?;
        Ok(ProjectInfo {
            id,
            uuid: self.column_of_project(id, uuid_column(row, 1), fallback.uuid)?,
            organization: self.column_of_project(id, uuid_column(row, 2), fallback.organization)?,
            name: self.column_of_project(id, column(row, 3), fallback.name)?,
            api_token: self.column_of_project(id, column(row, 4), fallback.api_token)?,
            timezone: self.column_of_project(id, column(row, 5), fallback.timezone)?,
            is_demo: self.column_of_project(id, column(row, 6), fallback.is_demo)?,
            week_start_day: self.column_of_project(id, column(row, 7), fallback.week_start_day)?,
            created_at: Timestamp(self.column_of_project(
                id,
                column(row, 8),
                fallback.created_at.0,
            )?),
        })
    }

    fn column_of_project<T>(
        &self,
        id: i64,
        read: Result<T, StoreError>,
        fallback: T,
    ) -> Result<T, StoreError> {
        let read = self.damage.sift("project", RowId::Number(id), read)?;
        Ok(read.unwrap_or(fallback))
    }

    /// Names the project and says whether its data are invented.
    pub fn rename_project(&self, name: &str, is_demo: bool) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE project SET name = ?1, is_demo = ?2",
            params![name, is_demo],
        )?;
        Ok(())
    }
}

fn column<T: FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    Ok(row.get(index)?)
}

fn uuid_column(row: &Row<'_>, index: usize) -> Result<Uuid, StoreError> {
    super::uuid_of(row.get_ref(index)?.as_blob().map_err(damaged)?)
}

/// Opens a file and makes sure that it is ours.
pub(super) fn open(
    path: &Path,
    lock: Lock,
    simulated: Option<SimulatedDisk>,
) -> Result<Store, StoreError> {
    let unreachable = |reason: String| StoreError::Unreachable {
        path: path.to_owned(),
        reason,
    };
    let is_new = !path.exists();
    let folders = folders_to_create(path);
    if let Some(folder) = folders.first() {
        std::fs::create_dir_all(folder).map_err(|error| unreachable(error.to_string()))?;
    }
    let held = match lock {
        Lock::Own => Some(lock_file(path)?),
        Lock::Share => None,
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match &simulated {
        None => Connection::open_with_flags(path, flags),
        Some(disk) => Connection::open_with_flags_and_vfs(path, flags, disk.vfs.as_str()),
    };
    let connection = connection.map_err(|error| unreachable(error.to_string()))?;
    // SQLite opens a file that it may not write for reading only.
    if connection.is_readonly(MAIN_DB)? {
        return Err(unreachable("it is read-only".into()));
    }
    let mut store = match lock {
        Lock::Own => prepare(connection, held, Some(path.to_owned())),
        Lock::Share => prepare_shared(connection, path),
    }?;
    if is_new {
        sync_folders(path, &folders).map_err(|error| unreachable(error.to_string()))?;
    }
    if simulated.as_ref().is_some_and(|disk| !disk.is_synchronous) {
        store.connection.pragma_update(None, "synchronous", "OFF")?;
    }
    store.simulated = simulated;
    Ok(store)
}

/// Opens a file that another process may own. A file of an older format is migrated only while no process owns
/// it: a running server of an older version would not understand the new tables.
fn prepare_shared(connection: Connection, path: &Path) -> Result<Store, StoreError> {
    let found = recognize(&connection, path)?;
    // Released at the end of this function: other processes may own the file while it is open here.
    let _migration_lock = match found == FORMAT {
        true => None,
        false => match lock_file(path) {
            Ok(lock) => Some(lock),
            // The owner may have migrated the file since its format was read.
            Err(StoreError::InUse(_)) if recognize(&connection, path)? == FORMAT => None,
            Err(StoreError::InUse(_)) => {
                return Err(StoreError::OlderInUse {
                    path: path.to_owned(),
                    found,
                    known: FORMAT,
                });
            }
            Err(error) => return Err(error),
        },
    };
    prepare(connection, None, Some(path.to_owned()))
}

/// The folders of a file that do not exist yet, the innermost first.
fn folders_to_create(path: &Path) -> Vec<PathBuf> {
    let folders = path.ancestors().skip(1);
    let folders = folders.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    folders.map(Path::to_owned).collect()
}

/// Makes sure that a new file, and the folders that were made for it, are found again after a power failure.
#[cfg(unix)]
fn sync_folders(path: &Path, made: &[PathBuf]) -> std::io::Result<()> {
    for entry in std::iter::once(path).chain(made.iter().map(PathBuf::as_path)) {
        let folder = entry
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Elsewhere folders cannot be synced.
#[cfg(not(unix))]
fn sync_folders(_: &Path, _: &[PathBuf]) -> std::io::Result<()> {
    Ok(())
}

/// A lock beside the data file, given back by the operating system however the process ends.
fn lock_file(path: &Path) -> Result<std::fs::File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|error| StoreError::Unreachable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::Unreachable {
            path: path.to_owned(),
            reason: error.to_string(),
        }),
    }
}

fn prepare(
    connection: Connection,
    lock: Option<std::fs::File>,
    path: Option<PathBuf>,
) -> Result<Store, StoreError> {
    let found = recognize(&connection, path.as_deref().unwrap_or(Path::new("memory")))?;
    // FULL: a commit is on the disk, not only with the operating system, before it is acknowledged.
    // Secure deletion: what is deleted or replaced is overwritten with zeros.
    connection.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&connection, found)?;
    Ok(Store {
        connection,
        _lock: lock,
        path,
        simulated: None,
        damage: Arc::default(),
    })
}

/// Returns the format of a file, 0 if it is empty.
///
/// # Errors
/// The file belongs to another program or to a newer version of this one.
pub(super) fn recognize(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let pragma = |name: &str| -> Result<i64, StoreError> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign(path.to_owned()),
                _ => error.into(),
            })
    };
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let is_empty = pragma("schema_version")? == 0 && pragma("application_id")? == 0;
    if !is_empty && pragma("application_id")? != APPLICATION_ID {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let found = pragma("user_version")?;
    if found > FORMAT {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    Ok(found)
}

/// Brings the tables from an older format to this one, all or nothing.
fn migrate(connection: &Connection, found: i64) -> Result<(), StoreError> {
    if found == FORMAT {
        return Ok(());
    }
    let steps = STEPS[found as usize..].concat();
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {steps} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT;"
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a file of an older format.
    fn old_file(name: &str, format: usize) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("persons-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(format!("format-{format}.sqlite"));
        let _ = std::fs::remove_file(&path);
        let file = Connection::open(&path).expect("opens");
        let steps = STEPS[..format].concat();
        file.execute_batch(&format!(
            "{steps} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {format};"
        ))
        .expect("works");
        path
    }

    fn format_of(path: &Path) -> i64 {
        let file = Connection::open(path).expect("opens");
        file.query_row("PRAGMA user_version", [], |row| row.get(0))
            .expect("a number")
    }

    #[test]
    fn a_file_of_an_older_format_is_not_migrated_while_a_server_owns_it() {
        for format in 1..STEPS.len() {
            let path = old_file("owned", format);
            let server = lock_file(&path).expect("free");
            let error = Store::open_beside(&path).err().expect("refused");
            assert!(
                matches!(error, StoreError::OlderInUse { found, .. } if found == format as i64),
                "{error}"
            );
            assert_eq!(format_of(&path), format as i64);
            drop(server);
            let beside = Store::open_beside(&path).expect("opens");
            assert_eq!(format_of(&path), FORMAT);
            // The lock was only held for the migration.
            let server = lock_file(&path).expect("free");
            drop((beside, server));
        }
    }

    #[test]
    fn sessions_from_before_they_had_ids_still_work_and_can_be_revoked() {
        let path = old_file("sessions", 3);
        let file = Connection::open(&path).expect("opens");
        let end = 40 * 24 * 3600 * 1_000_000_i64;
        file.execute(
            "INSERT INTO sessions (digest, csrf, expires_at) VALUES (x'01', 'c', ?1)",
            [end],
        )
        .expect("works");
        drop(file);
        let store = Store::open_beside(&path).expect("opens");
        let session = store.session(&[1], Timestamp(0)).expect("readable");
        let session = session.expect("there");
        assert_eq!(session.csrf, "c");
        assert_eq!(session.created_at, Timestamp(10 * 24 * 3600 * 1_000_000));
        assert_eq!(store.revoke_session(&session.id, Timestamp(0)), Ok(true));
        assert_eq!(store.sessions(Timestamp(0)), Ok(Vec::new()));
    }

    #[test]
    fn files_of_all_formats_can_be_checked_and_are_not_changed_by_that() {
        for format in 1..=STEPS.len() {
            let path = old_file("checked", format);
            let file = Connection::open(&path).expect("opens");
            file.execute_batch(
                "INSERT INTO project (id, uuid, organization, name, api_token, timezone, is_demo, week_start_day, created_at, next_person)
                 VALUES (1, zeroblob(16), zeroblob(16), 'n', 't', 'UTC', 0, 1, 0, 1);
                 INSERT INTO persons VALUES (1, zeroblob(16), 0, 0, 0, '{');",
            )
            .expect("rows");
            drop(file);
            let report = Store::check(&path).expect("can be checked");
            assert_eq!(
                (report.damaged, report.problems.len()),
                (1, 0),
                "{report:?}"
            );
            assert_eq!(format_of(&path), format as i64);
        }
    }

    #[test]
    fn a_file_with_damaged_rows_gets_what_complete_deletion_needs() {
        let connection = Connection::open_in_memory().expect("opens");
        let step = STEPS.iter().position(|step| *step == ERASURE);
        let step = step.expect("one of the steps");
        connection
            .execute_batch(&STEPS[..step].concat())
            .expect("the format before");
        connection
            .execute_batch(&format!(
                r#"
                INSERT INTO project VALUES (1, zeroblob(16), zeroblob(16), 'n', 't', 'UTC', 0, 1, 0, 1, 1);
                INSERT INTO persons VALUES (1, zeroblob(16), 0, 0, 0, '{{}}');
                INSERT INTO distinct_ids VALUES (0, 'a', 1), (1, 'b', 1), (2, 'gone', NULL), (3, 'kept', NULL);
                INSERT INTO event_names VALUES (1, 'view'), (2, 'unused');
                INSERT INTO event_keys VALUES ('k', 'Numeric'), ('j', NULL), ('unused', NULL);
                INSERT INTO events (number, uuid, name, distinct_id, timestamp, properties) VALUES
                    (1, x'01', 1, 0, 0, '{{"k":1,"j":2}}'), (2, x'02', 1, 0, 0, '{{"k":1'), (3, x'03', 1, 3, 0, '{{"k":1}}');
                INSERT INTO history (person, version, act, at, before, after, details) VALUES
                    (1, 1, 'split_person', 0, '{{}}', '{{}}',
                     '{{"uuid":"246f7a43-5507-564f-b687-793ee3c2dd79","distinct_ids":["b","a"],"distinct_ids_to_split":["a"]}}'),
                    (1, 1, 'updated', 0, '{{}}', '{{}}', '{{'),
                    (1, 1, 'updated', 0, '{{}}', '{{}}', '{{"uuid":5,"distinct_ids":"x"}}');
                PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {step};
                "#
            ))
            .expect("rows");
        let store = prepare(connection, None, None).expect("is migrated");
        let rows = |query: &str| -> Vec<String> {
            let mut statement = store.connection.prepare(query).expect("a query");
            let rows = statement.query_map([], |row| row.get(0));
            rows.and_then(Iterator::collect).expect("rows")
        };
        assert_eq!(
            rows("SELECT details || coalesce(hex(uuid), '') FROM history ORDER BY number"),
            [
                r#"{"distinct_ids":[1,0],"distinct_ids_to_split":[0]}246F7A435507564FB687793EE3C2DD79"#,
                "{",
                r#"{"uuid":5,"distinct_ids":"x"}"#
            ]
        );
        assert_eq!(
            rows("SELECT text FROM distinct_ids ORDER BY number"),
            ["a", "b", "\0deleted distinct id 2", "kept"]
        );
        assert_eq!(
            rows("SELECT CAST(length(salt) AS TEXT) FROM project"),
            ["32"]
        );
        assert!(store.load().is_ok() && store.load_events().is_ok());
    }
}
