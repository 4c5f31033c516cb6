//! Events that somebody wants deleted: a queue that survives everything, worked off in pieces.

use persons_api::Timestamp;
use persons_engine::People;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use uuid::Uuid;

use super::damage::{RowId, damaged};
use super::erase::erase;
use super::{Store, StoreError, WriteTransaction, uuid_of};

/// Events that are deleted in one transaction; captures go in between.
const PIECE: usize = 5_000;

/// The deletions whose row can be read and written. The others must not keep these from being done; `check` reports
/// them.
const SOUND: &str = "typeof(person) = 'blob' AND typeof(before_event) = 'integer' AND typeof(created_at) = 'integer'
    AND typeof(is_urgent) = 'integer' AND typeof(person_number) IN ('integer', 'null')
    AND typeof(erased_at) IN ('integer', 'null')";

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
    /// The person whose events they are; a pseudonym once everything else of the person is gone, unless the
    /// deletion was looked up by the person's own UUID.
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
    /// The number of the person; unknown for what earlier versions recorded.
    pub person: Option<i64>,
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
        let conditions = format!("{state} AND (?1 IS NULL OR person IN (?1, ?2))");
        let asked = person;
        // A deletion that is done knows only the pseudonym of its person.
        let pseudonym = asked.map(|uuid| self.pseudonym(uuid)).transpose()?;
        let person = [asked, pseudonym].map(|uuid| uuid.map(|uuid| uuid.as_bytes().to_vec()));
        let count: i64 = self.connection.query_row(
            &format!("SELECT count(*) FROM event_deletions WHERE {conditions}"),
            params![person[0], person[1]],
            |row| row.get(0),
        )?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT number, person, created_at, done_at FROM event_deletions WHERE {conditions}
             ORDER BY number DESC LIMIT {limit} OFFSET {offset}",
            offset = offset.min(i64::MAX as usize),
        ))?;
        let mut rows = statement.query(params![person[0], person[1]])?;
        let mut deletions = Vec::new();
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            let deletion = self.damage.sift("event_deletions", id, deletion_of(row))?;
            deletions.extend(deletion.map(|deletion| StoredDeletion {
                person: asked.unwrap_or(deletion.person),
                ..deletion
            }));
        }
        Ok((count as u64, deletions))
    }

    /// When the oldest waiting deletion was asked for, and whether one is to be done at once.
    pub fn waiting_deletions(&self) -> Result<Option<(Timestamp, bool)>, StoreError> {
        let (oldest, is_urgent) = self
            .connection
            .prepare_cached(
                &format!("SELECT min(created_at), max(is_urgent) FROM event_deletions WHERE done_at IS NULL AND {SOUND}"),
            )?
            .query_row([], |row| {
                Ok((
                    row.get::<_, Option<i64>>(0)?,
                    row.get::<_, Option<bool>>(1)?,
                ))
            })?;
        Ok(oldest.map(|oldest| (Timestamp(oldest), is_urgent.unwrap_or(false))))
    }

    /// Takes the bytes of what was deleted out of the file; then the deletions whose events are gone are done. Says
    /// whether there were any.
    pub fn finish_deletions(&self, now: Timestamp) -> Result<bool, StoreError> {
        let is_waiting: bool = self.connection.query_row(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM event_deletions WHERE done_at IS NULL AND erased_at IS NOT NULL AND {SOUND})"
            ),
            [],
            |row| row.get(0),
        )?;
        if !is_waiting {
            return Ok(false);
        }
        self.compact()?;
        self.connection.execute(
            &format!(
                "UPDATE event_deletions SET done_at = ?1 WHERE done_at IS NULL AND erased_at IS NOT NULL AND {SOUND}"
            ),
            [now.0],
        )?;
        Ok(true)
    }

    /// Asks for the waiting deletions to be done at once by whoever serves the file. Says how many there are.
    pub fn hurry_deletions(&self) -> Result<usize, StoreError> {
        Ok(self.connection.execute(
            &format!("UPDATE event_deletions SET is_urgent = 1 WHERE done_at IS NULL AND {SOUND}"),
            [],
        )?)
    }
}

impl WriteTransaction<'_> {
    /// Returns the oldest deletion whose events are not deleted yet.
    pub fn next_deletion(&self) -> Result<Option<WaitingDeletion>, StoreError> {
        let waiting = self.transaction.query_row(
            &format!(
                "SELECT number, before_event, person_number FROM event_deletions
                 WHERE done_at IS NULL AND erased_at IS NULL AND {SOUND} ORDER BY number LIMIT 1"
            ),
            [],
            |row| {
                Ok(WaitingDeletion {
                    number: row.get(0)?,
                    before: row.get(1)?,
                    person: row.get(2)?,
                })
            },
        );
        Ok(waiting.optional()?)
    }

    /// Returns the numbers of the distinct ids whose events are to be deleted.
    pub fn deletion_ids(&self, deletion: &WaitingDeletion) -> Result<Vec<u32>, StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT distinct_id FROM event_deletion_ids WHERE deletion = ?1 AND typeof(distinct_id) = 'integer' AND distinct_id BETWEEN 0 AND 4294967295")?;
        let ids = statement.query_map([deletion.number], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Deletes a piece of the events, and with the last one all that names the person. `people` know which names and
    /// keys events have without these. Returns the distinct ids whose texts are erased. A crash leaves the rest
    /// waiting.
    pub fn delete_piece(
        &self,
        deletion: &WaitingDeletion,
        people: &People,
        now: Timestamp,
    ) -> Result<Vec<u32>, StoreError> {
        if delete_events(&self.transaction, deletion)? {
            return Ok(Vec::new());
        }
        // Which ids they were need not be known any more.
        let ids = self
            .transaction
            .prepare_cached(
                "DELETE FROM event_deletion_ids WHERE deletion = ?1 AND typeof(distinct_id) = 'integer' AND distinct_id BETWEEN 0 AND 4294967295 RETURNING distinct_id",
            )?
            .query_map([deletion.number], |row| row.get(0))?
            .collect::<Result<Vec<u32>, _>>()?;
        let count = people.distinct_id_count();
        let ids: Vec<u32> = ids.into_iter().filter(|id| *id < count).collect();
        let erased = erase(self, deletion, &ids, people)?;
        self.transaction.execute(
            "UPDATE event_deletions SET erased_at = ?2 WHERE number = ?1",
            params![deletion.number, now.0],
        )?;
        Ok(erased)
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

/// Deletes a piece of the events of a deletion. Says whether there may be more.
fn delete_events(
    transaction: &Transaction<'_>,
    deletion: &WaitingDeletion,
) -> Result<bool, StoreError> {
    let mut piece = transaction.prepare_cached(&format!(
        "SELECT events.number, person, timestamp, uuid
         FROM event_deletion_ids CROSS JOIN events INDEXED BY events_seen
         ON events.distinct_id = event_deletion_ids.distinct_id
         WHERE event_deletion_ids.deletion = ?1 AND events.number < ?2 LIMIT {PIECE}"
    ))?;
    // The history says which event changed a person, which may be another one than the event belongs to now.
    let mut forget = transaction.prepare_cached(
        "UPDATE history SET event = NULL, event_name = NULL WHERE person = ?1 AND at = ?2 AND event = ?3",
    )?;
    let mut numbers = Vec::new();
    let mut rows = piece.query(params![deletion.number, deletion.before])?;
    while let Some(row) = rows.next()? {
        numbers.push(row.get::<_, i64>(0)?);
        let [person, at, uuid] = [1, 2, 3].map(|column| row.get::<_, Value>(column));
        forget.execute([person?, at?, uuid?])?;
    }
    drop(rows);
    let mut delete = transaction.prepare_cached("DELETE FROM events WHERE number = ?1")?;
    for number in &numbers {
        delete.execute([number])?;
    }
    Ok(numbers.len() == PIECE)
}

pub(super) fn deletion_of(row: &Row<'_>) -> Result<StoredDeletion, StoreError> {
    Ok(StoredDeletion {
        person: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        created_at: Timestamp(row.get(2)?),
        done_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
    })
}
