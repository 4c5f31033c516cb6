//! Browsers that signed in through the printed link, as digests of their cookies.

use persons_api::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

/// A session as it is stored. The cookie itself is nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// SHA-256 of the cookie.
    pub digest: Vec<u8>,
    /// What writes must repeat in a header.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Store {
    /// Stores a session and forgets those that have ended.
    pub fn put_session(&self, session: &StoredSession, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM sessions WHERE expires_at <= ?1", [now.0])?;
        self.connection.execute(
            "INSERT INTO sessions (digest, csrf, expires_at) VALUES (?1, ?2, ?3)",
            params![session.digest, session.csrf, session.expires_at.0],
        )?;
        Ok(())
    }

    /// The session of a cookie's digest, if it has not ended.
    pub fn session(
        &self,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<StoredSession>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT csrf, expires_at FROM sessions WHERE digest = ?1 AND expires_at > ?2",
        )?;
        let found = statement
            .query_row(params![digest, now.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.map(|(csrf, expires_at)| StoredSession {
            digest: digest.to_vec(),
            csrf,
            expires_at: Timestamp(expires_at),
        }))
    }
}
