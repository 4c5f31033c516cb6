//! Sessions of signed-in browsers, as digests of their cookies.

use persons_api::Timestamp;
use rusqlite::{Row, params};

use super::columns::text_id;
use super::{Store, StoreError};

/// A session as it is stored. The cookie itself is stored nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// Names the session in lists; not secret.
    pub id: String,
    /// SHA-256 of the cookie.
    pub digest: Vec<u8>,
    /// The token that writes repeat in a header.
    pub csrf: String,
    /// The family of the browser.
    pub label: String,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// A time shortly before the latest request; see [`crate::access`] for how coarse it is.
    pub last_used_at: Timestamp,
    /// The time from which the session is refused.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "id, quote(id), digest, csrf, label, created_at, last_used_at, expires_at";

fn session_of(row: &Row<'_>) -> Result<StoredSession, StoreError> {
    Ok(StoredSession {
        id: row.get(0)?,
        digest: row.get(2)?,
        csrf: row.get(3)?,
        label: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
        last_used_at: Timestamp(row.get(6)?),
        expires_at: Timestamp(row.get(7)?),
    })
}

impl Store {
    /// Stores a session and removes expired ones.
    pub fn put_session(&self, session: &StoredSession, now: Timestamp) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM sessions WHERE expires_at <= ?1", [now.0])?;
        self.connection.execute(
            "INSERT INTO sessions (id, digest, csrf, label, created_at, last_used_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                session.id,
                session.digest,
                session.csrf,
                session.label,
                session.created_at.0,
                session.last_used_at.0,
                session.expires_at.0
            ],
        )?;
        Ok(())
    }

    /// Returns the session with this digest of its cookie, unless it has expired.
    pub fn session(
        &self,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<Option<StoredSession>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sessions WHERE digest = ?1 AND expires_at > ?2"
        ))?;
        let mut rows = statement.query(params![digest, now.0])?;
        match rows.next()? {
            Some(row) => self.sift_session(row),
            None => Ok(None),
        }
    }

    /// Returns the sessions that have not expired, newest first.
    pub fn sessions(&self, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sessions WHERE expires_at > ?1 ORDER BY created_at DESC, id"
        ))?;
        let mut rows = statement.query([now.0])?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            sessions.extend(self.sift_session(row)?);
        }
        Ok(sessions)
    }

    /// Reads a session; one that cannot be read is recorded as damaged, and no session.
    fn sift_session(&self, row: &Row<'_>) -> Result<Option<StoredSession>, StoreError> {
        let id = text_id(row, 0)?;
        self.damage.sift("sessions", id, session_of(row))
    }

    /// Stores when a session was last used.
    pub fn touch_session(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE sessions SET last_used_at = ?2 WHERE id = ?1",
            params![id, now.0],
        )?;
        Ok(())
    }

    /// Removes a session; returns whether it existed and had not expired.
    pub fn revoke_session(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = self.connection.execute(
            "DELETE FROM sessions WHERE id = ?1 AND expires_at > ?2",
            params![id, now.0],
        )?;
        Ok(revoked > 0)
    }

    /// Removes all sessions; returns how many had not expired.
    pub fn revoke_all_sessions(&self, now: Timestamp) -> Result<usize, StoreError> {
        let live = self.sessions(now)?.len();
        self.connection.execute("DELETE FROM sessions", [])?;
        Ok(live)
    }
}
