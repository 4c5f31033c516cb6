//! Events that somebody wants deleted: a queue that survives everything, worked off in pieces.

use persons_api::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::damage::{RowId, damaged};
use super::{Store, StoreError, WriteTransaction, uuid_of};

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

/// A deletion that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingDeletion {
    /// Its number.
    pub number: i64,
    /// The number of the first event that stays.
    pub before: i64,
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
            "SELECT number, person, created_at, done_at FROM event_deletions WHERE {conditions}
             ORDER BY number DESC LIMIT {limit} OFFSET {offset}",
            offset = offset.min(i64::MAX as usize),
        ))?;
        let mut rows = statement.query([&person])?;
        let mut deletions = Vec::new();
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            deletions.extend(self.damage.sift("event_deletions", id, deletion_of(row))?);
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
}

impl WriteTransaction<'_> {
    /// Returns the oldest deletion that waits.
    pub fn next_deletion(&self) -> Result<Option<WaitingDeletion>, StoreError> {
        let waiting = self.transaction.query_row(
            "SELECT number, before_event FROM event_deletions WHERE done_at IS NULL ORDER BY number LIMIT 1",
            [],
            |row| {
                Ok(WaitingDeletion {
                    number: row.get(0)?,
                    before: row.get(1)?,
                })
            },
        );
        Ok(waiting.optional()?)
    }

    /// Returns the numbers of the distinct ids whose events are to be deleted.
    pub fn deletion_ids(&self, deletion: &WaitingDeletion) -> Result<Vec<u32>, StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT distinct_id FROM event_deletion_ids WHERE deletion = ?1")?;
        let ids = statement.query_map([deletion.number], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Deletes a piece of the events. With the last one the deletion is done. A crash leaves the rest waiting.
    pub fn delete_piece(
        &self,
        deletion: &WaitingDeletion,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let deleted = self.transaction.execute(
            &format!(
                "DELETE FROM events WHERE number IN (
                    SELECT events.number FROM event_deletion_ids CROSS JOIN events INDEXED BY events_seen
                    ON events.distinct_id = event_deletion_ids.distinct_id
                    WHERE event_deletion_ids.deletion = ?1 AND events.number < ?2 LIMIT {PIECE})"
            ),
            params![deletion.number, deletion.before],
        )?;
        if deleted == PIECE {
            return Ok(());
        }
        self.transaction.execute(
            "UPDATE event_deletions SET done_at = ?2 WHERE number = ?1",
            params![deletion.number, now.0],
        )?;
        // Which ids they were need not be known any more.
        self.transaction.execute(
            "DELETE FROM event_deletion_ids WHERE deletion = ?1",
            [deletion.number],
        )?;
        Ok(())
    }

    /// Returns when each of some distinct ids had the latest event that a deletion leaves, if there is one.
    pub fn last_events(
        &self,
        ids: &[u32],
        deletion: &WaitingDeletion,
    ) -> Result<Vec<(u32, Option<Timestamp>)>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT max(timestamp) FROM events WHERE distinct_id = ?1 AND number >= ?2",
        )?;
        let last = |id: &u32| -> Result<_, StoreError> {
            let at: Option<i64> =
                statement.query_row(params![id, deletion.before], |row| row.get(0))?;
            Ok((*id, at.map(Timestamp)))
        };
        ids.iter().map(last).collect()
    }
}

pub(super) fn deletion_of(row: &Row<'_>) -> Result<StoredDeletion, StoreError> {
    Ok(StoredDeletion {
        person: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        created_at: Timestamp(row.get(2)?),
        done_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
    })
}
