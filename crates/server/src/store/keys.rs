//! Personal API keys, as digests.

use persons_api::Timestamp;
use rusqlite::{Row, params};

use super::columns::text_id;
use super::{Store, StoreError};

/// A key as it is stored. The key itself is nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredKey {
    /// What `key list` and `key revoke` call it.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the key. A key is 256 random bits, so a fast digest gives nothing away.
    pub digest: Vec<u8>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// The keys that have not been revoked, oldest first.
    pub fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, quote(id), name, digest, scopes, created_at FROM keys WHERE revoked_at IS NULL ORDER BY created_at, id",
        )?;
        let mut rows = statement.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let id = text_id(row, 0)?;
            keys.extend(self.damage.sift("keys", id, key_of(row))?);
        }
        Ok(keys)
    }

    /// Stores a key.
    pub fn put_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO keys (id, name, digest, scopes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                key.id,
                key.name,
                key.digest,
                key.scopes.join(" "),
                key.created_at.0
            ],
        )?;
        Ok(())
    }

    /// Revokes a key; says whether there was one.
    pub fn revoke_key(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = self.connection.execute(
            "UPDATE keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
            params![id, now.0],
        )?;
        Ok(revoked > 0)
    }

    /// A number that changes whenever another connection has written.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

fn key_of(row: &Row<'_>) -> Result<StoredKey, StoreError> {
    let scopes: String = row.get(4)?;
    Ok(StoredKey {
        id: row.get(0)?,
        name: row.get(2)?,
        digest: row.get(3)?,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: Timestamp(row.get(5)?),
    })
}
