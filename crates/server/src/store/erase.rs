//! Erases what is left of a person once its events are deleted: names, ids and values in other rows, and the bytes
//! of the file that held them.
//!
//! What stays is what others need: the number of the person and of its distinct ids, the fact that it was deleted
//! and by whom, and in place of its UUID a pseudonym: a digest with a secret of the file, so that a receipt can
//! still be looked up by whoever has the UUID. (A person's UUID is a digest of a distinct id without a secret, so
//! it would tell who has guessed the id that the guess is right.)

use std::collections::BTreeSet;

use persons_engine::{People, person_uuid};
use rusqlite::{OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use super::damage::{RowId, deleted_id};
use super::deletions::WaitingDeletion;
use super::history::LIVES;
use super::{Store, StoreError, WriteTransaction};

/// Erases what identifies a person from all rows, unless the person is still there. Returns the distinct ids whose
/// texts are erased.
pub(super) fn erase(
    write: &WriteTransaction<'_>,
    deletion: &WaitingDeletion,
    ids: &[u32],
    people: &People,
) -> Result<Vec<u32>, StoreError> {
    let transaction = &write.transaction;
    let (project, salt): (i64, Vec<u8>) =
        transaction.query_row("SELECT id, salt FROM project", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut erased = Vec::new();
    let mut uuids = BTreeSet::new();
    for &id in ids {
        if let Some(text) = erase_id(transaction, id, deletion.before)? {
            uuids.insert(person_uuid(project, &text));
            erased.push(id);
        }
    }
    if let Some(number) = deletion.person
        && !exists(
            transaction,
            "SELECT 1 FROM persons WHERE number = ?1",
            number,
        )?
    {
        erase_history(transaction, number, &salt, &mut uuids)?;
    }
    let stored: Vec<u8> = transaction.query_row(
        "SELECT person FROM event_deletions WHERE number = ?1",
        [deletion.number],
        |row| row.get(0),
    )?;
    uuids.extend(Uuid::from_slice(&stored).ok());
    for uuid in uuids {
        erase_uuid(transaction, uuid, &salt)?;
    }
    erase_definitions(write, people)?;
    Ok(erased)
}

/// Deletes the names of events and the keys of properties that no event has. Rows that cannot be read stay, and so
/// do all names while there are events that cannot be read, because they may have these.
fn erase_definitions(write: &WriteTransaction<'_>, people: &People) -> Result<(), StoreError> {
    let damage = write.damage.tables();
    if damage.contains_key("events") || damage.contains_key("event_names") {
        return Ok(());
    }
    let names: BTreeSet<&str> = people.event_stats().map(|(name, _)| name).collect();
    let keys: BTreeSet<&str> = people.event_keys().map(|(key, _)| key).collect();
    for (table, column, used) in [("event_names", "name", names), ("event_keys", "key", keys)] {
        let transaction = &write.transaction;
        let mut select = transaction.prepare_cached(&format!("SELECT {column} FROM {table}"))?;
        let texts = select.query_map([], |row| row.get::<_, String>(0))?;
        // A key that cannot be read is recorded as damaged, and its text may not be one.
        let texts: Vec<String> = texts.filter_map(Result::ok).collect();
        let mut delete =
            transaction.prepare_cached(&format!("DELETE FROM {table} WHERE {column} = ?1"))?;
        for text in texts {
            let row = RowId::Text(text.clone().into_bytes());
            if !used.contains(text.as_str()) && !write.damage.contains(table, &row) {
                delete.execute([text])?;
            }
        }
    }
    Ok(())
}

/// Replaces the text of a distinct id that belongs to no person and no event, and returns what it was.
fn erase_id(
    transaction: &Transaction<'_>,
    id: u32,
    before: i64,
) -> Result<Option<String>, StoreError> {
    transaction
        .prepare_cached(
            "DELETE FROM quarantine WHERE source = 'events' AND CASE WHEN json_valid(content)
                THEN json_extract(content, '$.distinct_id') = ?1 AND json_extract(content, '$.number') < ?2 END",
        )?
        .execute([id.into(), before])?;
    let text: Option<String> = transaction
        .prepare_cached(
            "SELECT text FROM distinct_ids WHERE number = ?1 AND person IS NULL
                AND NOT EXISTS (SELECT 1 FROM events INDEXED BY events_seen WHERE distinct_id = ?1)",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(text) = text else {
        return Ok(None);
    };
    transaction
        .prepare_cached("UPDATE distinct_ids SET text = ?2 WHERE number = ?1")?
        .execute(params![id, deleted_id(id.into())])?;
    transaction
        .prepare_cached(
            "DELETE FROM quarantine WHERE source = 'distinct_ids'
                AND CASE WHEN json_valid(content) THEN json_extract(content, '$.number') = ?1 END",
        )?
        .execute([id])?;
    // A warning quotes the event that it is about; whatever it says is gone, that there was one is not.
    let quoted = serde_json::Value::from(text.as_str()).to_string();
    transaction
        .prepare_cached(
            "UPDATE warnings SET details = '{\"erased\":true}' WHERE instr(details, ?1) > 0
                AND CASE WHEN json_valid(details) THEN EXISTS (SELECT 1 FROM json_tree(details) WHERE atom = ?2) ELSE true END",
        )?
        .execute([&quoted, &text])?;
    Ok(Some(text))
}

/// Erases what the history of a deleted person says of its events, and replaces the UUIDs in it. Adds them to
/// `uuids`.
fn erase_history(
    transaction: &Transaction<'_>,
    number: i64,
    salt: &[u8],
    uuids: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let named = {
        let mut statement = transaction.prepare_cached(&format!(
            "{LIVES} SELECT DISTINCT uuid FROM history WHERE person IN lives AND uuid IS NOT NULL"
        ))?;
        let rows = statement.query_map([number], |row| row.get::<_, Vec<u8>>(0))?;
        rows.collect::<Result<Vec<_>, _>>()?
    };
    for uuid in named
        .iter()
        .filter_map(|bytes| Uuid::from_slice(bytes).ok())
    {
        transaction
            .prepare_cached(&format!(
                "{LIVES} UPDATE history SET uuid = ?3 WHERE person IN lives AND uuid = ?2"
            ))?
            .execute(params![
                number,
                uuid.as_bytes(),
                pseudonym(salt, uuid).as_bytes()
            ])?;
        uuids.insert(uuid);
    }
    transaction
        .prepare_cached(&format!(
            "{LIVES} UPDATE history SET event = NULL, event_name = NULL, split_of = NULL, before = 'null', after = 'null', details = '{{}}'
             WHERE person IN lives"
        ))?
        .execute([number])?;
    for source in ["persons", "history"] {
        let column = if source == "persons" {
            "number"
        } else {
            "person"
        };
        transaction
            .prepare_cached(&format!(
                "{LIVES} DELETE FROM quarantine WHERE source = '{source}'
                    AND CASE WHEN json_valid(content) THEN json_extract(content, '$.{column}') IN lives END"
            ))?
            .execute([number])?;
    }
    Ok(())
}

/// Replaces a UUID by its pseudonym wherever it is named, unless a person has it.
fn erase_uuid(transaction: &Transaction<'_>, uuid: Uuid, salt: &[u8]) -> Result<(), StoreError> {
    let is_taken = transaction
        .prepare_cached("SELECT 1 FROM persons WHERE uuid = ?1")?
        .exists([uuid.as_bytes()])?;
    if is_taken {
        return Ok(());
    }
    let other = pseudonym(salt, uuid);
    for (table, column) in [
        ("history", "uuid"),
        ("history", "split_of"),
        ("event_deletions", "person"),
    ] {
        transaction
            .prepare_cached(&format!(
                "UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"
            ))?
            .execute([uuid.as_bytes(), other.as_bytes()])?;
    }
    Ok(())
}

fn exists(transaction: &Transaction<'_>, query: &str, value: i64) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached(query)?.exists([value])?)
}

/// What stands for the UUID of a person that is deleted, a UUID of version 8 itself. A pseudonym is its own.
pub(super) fn pseudonym(salt: &[u8], uuid: Uuid) -> Uuid {
    if uuid.get_version_num() == 8 {
        return uuid;
    }
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(uuid.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

impl Store {
    /// Rewrites the file without what was deleted, and empties the write-ahead log: until then the bytes of deleted
    /// rows may be left between those of others.
    ///
    /// # Errors
    /// There is no room for a second copy of the file, or other connections keep the log in use.
    pub(super) fn compact(&self) -> Result<(), StoreError> {
        if self.path.is_none() {
            return Ok(());
        }
        self.connection.execute_batch("VACUUM")?;
        self.empty_log()
    }

    fn empty_log(&self) -> Result<(), StoreError> {
        let is_busy: bool =
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy {
            return Err(StoreError::Sqlite(
                "another program reads it, so the write-ahead log cannot be emptied".into(),
            ));
        }
        Ok(())
    }

    /// What stands for a person's UUID once it is erased.
    pub(super) fn pseudonym(&self, uuid: Uuid) -> Result<Uuid, StoreError> {
        let salt: Vec<u8> = self
            .connection
            .query_row("SELECT salt FROM project", [], |row| row.get(0))?;
        Ok(pseudonym(&salt, uuid))
    }
}
