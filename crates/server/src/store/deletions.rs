//! Events that somebody wants deleted: a queue that survives everything, worked off in pieces.

use persons_api::Timestamp;
use rusqlite::params;
use uuid::Uuid;

use super::{Store, StoreError, uuid_of};

/// Events that are deleted in one transaction; captures go in between.
const PIECE: usize = 5_000;

/// Which deletions are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletionState {
    /// All.
    #[default]
    All,
    /// Those that wait.
    Pending,
    /// Those that are done.
    Completed,
}

/// A deletion of one person's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDeletion {
    /// The person whose events they are.
    pub person: Uuid,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the last event was gone.
    pub done_at: Option<Timestamp>,
}

/// How far a deletion came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// There was nothing to delete.
    Nothing,
    /// Some events are gone, and some may be left.
    Some,
    /// The last events are gone.
    Last {
        /// The distinct ids that they were of.
        ids: Vec<u32>,
        /// The number of the first event that stays.
        before: i64,
    },
}

impl Store {
    /// How many deletions there are, and some of them, newest first.
    pub fn deletions(
        &self,
        state: DeletionState,
        person: Option<Uuid>,
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<StoredDeletion>), StoreError> {
        let state = match state {
            DeletionState::All => "true",
            DeletionState::Pending => "done_at IS NULL",
            DeletionState::Completed => "done_at IS NOT NULL",
        };
        let conditions = format!("{state} AND (?1 IS NULL OR person = ?1)");
        let person = person.map(|uuid| uuid.as_bytes().to_vec());
        let count: i64 = self.connection.query_row(
            &format!("SELECT count(*) FROM event_deletions WHERE {conditions}"),
            [&person],
            |row| row.get(0),
        )?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT person, created_at, done_at FROM event_deletions WHERE {conditions}
             ORDER BY number DESC LIMIT {limit} OFFSET {offset}",
            offset = offset.min(i64::MAX as usize),
        ))?;
        let mut rows = statement.query([&person])?;
        let mut deletions = Vec::new();
        while let Some(row) = rows.next()? {
            deletions.push(StoredDeletion {
                person: uuid_of(&row.get::<_, Vec<u8>>(0)?)?,
                created_at: Timestamp(row.get(1)?),
                done_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
            });
        }
        Ok((count as u64, deletions))
    }

    /// When the oldest waiting deletion was asked for, and whether one is to be done at once.
    pub fn waiting_deletions(&self) -> Result<Option<(Timestamp, bool)>, StoreError> {
        let (oldest, is_urgent) = self
            .connection
            .prepare_cached(
                "SELECT min(created_at), max(is_urgent) FROM event_deletions WHERE done_at IS NULL",
            )?
            .query_row([], |row| {
                Ok((
                    row.get::<_, Option<i64>>(0)?,
                    row.get::<_, Option<bool>>(1)?,
                ))
            })?;
        Ok(oldest.map(|oldest| (Timestamp(oldest), is_urgent.unwrap_or(false))))
    }

    /// Asks for the waiting deletions to be done at once by whoever serves the file. Says how many there are.
    pub fn hurry_deletions(&self) -> Result<usize, StoreError> {
        Ok(self.connection.execute(
            "UPDATE event_deletions SET is_urgent = 1 WHERE done_at IS NULL",
            [],
        )?)
    }

    /// Deletes a piece of what waits, in one transaction. A crash in the middle leaves the rest waiting.
    pub fn delete_piece(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let transaction = self.connection.transaction()?;
        let waiting = transaction.query_row(
            "SELECT number, before_event FROM event_deletions WHERE done_at IS NULL ORDER BY number LIMIT 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
        );
        let (number, before) = match waiting {
            Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(Piece::Nothing),
            waiting => waiting?,
        };
        let deleted = transaction.execute(
            &format!(
                "DELETE FROM events WHERE number IN (
                    SELECT events.number FROM event_deletion_ids CROSS JOIN events INDEXED BY events_seen
                    ON events.distinct_id = event_deletion_ids.distinct_id
                    WHERE event_deletion_ids.deletion = ?1 AND events.number < ?2 LIMIT {PIECE})"
            ),
            params![number, before],
        )?;
        if deleted == PIECE {
            transaction.commit()?;
            return Ok(Piece::Some);
        }
        transaction.execute(
            "UPDATE event_deletions SET done_at = ?2 WHERE number = ?1",
            params![number, now.0],
        )?;
        // Which ids they were need not be known any more.
        let ids = transaction
            .prepare_cached(
                "DELETE FROM event_deletion_ids WHERE deletion = ?1 RETURNING distinct_id",
            )?
            .query_map([number], |row| row.get(0))?
            .collect::<Result<Vec<u32>, _>>()?;
        transaction.commit()?;
        Ok(Piece::Last { ids, before })
    }

    /// When each of some distinct ids had its latest event, if it still has one.
    pub fn last_events(&self, ids: &[u32]) -> Result<Vec<(u32, Option<Timestamp>)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT max(timestamp) FROM events WHERE distinct_id = ?1")?;
        let last = |id: &u32| -> Result<_, StoreError> {
            let at: Option<i64> = statement.query_row([id], |row| row.get(0))?;
            Ok((*id, at.map(Timestamp)))
        };
        ids.iter().map(last).collect()
    }
}
