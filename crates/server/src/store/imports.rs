//! How far the content of imported files is stored, so that an interrupted import resumes where it stopped.

use persons_engine::ImportCheckpoint;
use rusqlite::{Transaction, params};

use super::{Store, StoreError};

impl Store {
    /// Returns all checkpoints as the number of bytes and the SHA-256 digest of these bytes, shortest first.
    pub fn import_checkpoints(&self) -> Result<Vec<(u64, [u8; 32])>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes, digest FROM imports ORDER BY bytes")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (bytes, digest) = row?;
            Ok((bytes as u64, digest))
        })
        .collect()
    }
}

/// Writes a checkpoint in the transaction of the events that it covers.
pub(super) fn write_import_checkpoint(
    transaction: &Transaction<'_>,
    checkpoint: &ImportCheckpoint,
) -> Result<(), StoreError> {
    if let Some(replaced) = &checkpoint.replaces {
        transaction
            .prepare_cached("DELETE FROM imports WHERE digest = ?1")?
            .execute([replaced])?;
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO imports (digest, bytes) VALUES (?1, ?2)")?
        .execute(params![checkpoint.digest, checkpoint.bytes as i64])?;
    Ok(())
}
