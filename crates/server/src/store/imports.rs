//! How far each imported file has been read, so that an interrupted import goes on where it stopped.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

impl Store {
    /// Bytes of the source that have been imported.
    pub fn import_done(&self, source: &str) -> Result<u64, StoreError> {
        let done: Option<i64> = self
            .connection
            .query_row(
                "SELECT done FROM imports WHERE source = ?1",
                [source],
                |row| row.get(0),
            )
            .optional()?;
        Ok(done.unwrap_or(0) as u64)
    }

    /// Notes how far a source has been imported.
    pub fn set_import_done(&self, source: &str, done: u64) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO imports (source, done) VALUES (?1, ?2)",
            params![source, done as i64],
        )?;
        Ok(())
    }
}
