//! How far the content of imported files is stored, so that an interrupted import resumes where it stopped.

use persons_engine::ImportCheckpoint;
use rusqlite::{Row, Transaction, params};

use super::columns::text_id;
use super::damage::damaged;
use super::{Store, StoreError};

impl Store {
    /// Returns all checkpoints as the number of bytes and the SHA-256 digest of these bytes, shortest first.
    pub fn import_checkpoints(&self) -> Result<Vec<(u64, [u8; 32])>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT digest, quote(digest), bytes FROM imports ORDER BY bytes")?;
        let mut rows = statement.query([])?;
        let mut checkpoints = Vec::new();
        while let Some(row) = rows.next()? {
            let id = text_id(row, 0)?;
            checkpoints.extend(self.damage.sift("imports", id, checkpoint_of(row))?);
        }
        Ok(checkpoints)
    }
}

fn checkpoint_of(row: &Row<'_>) -> Result<(u64, [u8; 32]), StoreError> {
    let bytes: i64 = row.get(2)?;
    let bytes = u64::try_from(bytes).map_err(|_| damaged("its length is negative"))?;
    Ok((bytes, row.get(0)?))
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
