//! What happened to people: written with every change, read for activity and timelines.

use std::collections::HashMap;

use persons_api::{Properties, Timestamp};
use persons_engine::{Act, Actor, CapturedEvent, Cause, Changes, HistoryEntry, Seen, Step};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension as _, Row, Transaction, params, params_from_iter};
use serde_json::Value;
use uuid::Uuid;

use super::damage::{RowId, damaged, placeholder_id, placeholder_name, shown_id};
use super::write::json;
use super::{Store, StoreError, uuid_of};

/// A person and everybody who became part of it.
pub(super) const LIVES: &str = "WITH RECURSIVE lives (person) AS (
    VALUES (?1) UNION SELECT merged.person FROM merged JOIN lives ON merged.into_person = lives.person)";

/// The lists of distinct ids in what an entry says.
const NAMED_IDS: [&str; 2] = ["distinct_ids", "distinct_ids_to_split"];

/// Reads all entries, see [`entry_of`].
pub(super) const EVERY_ENTRY: &str = "
    SELECT number, person, version, act, at, actor, actor_name, event, event_name, split_of, before, after, details, uuid
    FROM history";

/// An entry with its number, which grows with every change.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    /// Its number.
    pub number: i64,
    /// What happened.
    pub entry: HistoryEntry,
    /// Whether the values are not known any more, because the person was deleted.
    pub is_forgotten: bool,
}

/// Whose history, and which part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryQuery {
    /// The person's number; without it everybody's.
    pub person: Option<i64>,
    /// Only what somebody asked for, or only what events did.
    pub by_actor: Option<bool>,
    /// Only this kind.
    pub act: Option<Act>,
}

impl Store {
    /// How many entries there are, and some of them, newest first.
    pub fn history(
        &self,
        query: &HistoryQuery,
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<StoredEntry>), StoreError> {
        let mut values: Vec<Sql> = Vec::new();
        let mut conditions = vec!["true"];
        let lives = match query.person {
            Some(person) => {
                values.push(person.into());
                conditions.push("person IN lives");
                LIVES
            }
            None => "",
        };
        match query.by_actor {
            Some(true) => conditions.push("actor IS NOT NULL"),
            Some(false) => conditions.push("actor IS NULL"),
            None => {}
        }
        if let Some(act) = query.act {
            values.push(act.name().to_owned().into());
            conditions.push(if query.person.is_some() {
                "act = ?2"
            } else {
                "act = ?1"
            });
        }
        let conditions = conditions.join(" AND ");
        let count: i64 = self
            .connection
            .prepare_cached(&format!(
                "{lives} SELECT count(*) FROM history WHERE {conditions}"
            ))?
            .query_row(params_from_iter(&values), |row| row.get(0))?;
        let mut statement = self.connection.prepare_cached(&format!(
            "{lives} SELECT number, person, version, act, at, actor, actor_name, event, event_name, split_of, before, after, details, uuid
             FROM history WHERE {conditions} ORDER BY at DESC, number DESC LIMIT {limit} OFFSET {offset}",
            offset = offset.min(i64::MAX as usize),
        ))?;
        let mut rows = statement.query(params_from_iter(&values))?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            let entry = self.damage.sift("history", id, entry_of(row))?;
            if let Some(mut entry) = entry {
                self.name_ids(&mut entry.entry.details)?;
                entries.push(entry);
            }
        }
        Ok((count as u64, entries))
    }

    /// Puts distinct ids in the place of their numbers.
    fn name_ids(&self, details: &mut Properties) -> Result<(), StoreError> {
        let mut text = self
            .connection
            .prepare_cached("SELECT text FROM distinct_ids WHERE number = ?1")?;
        for list in NAMED_IDS {
            let Some(Value::Array(ids)) = details.get_mut(list) else {
                continue;
            };
            for id in ids {
                let Some(number) = id.as_i64() else {
                    continue;
                };
                let read = text.query_row([number], |row| Ok(row.get(0).ok()));
                let read: Option<String> = read.optional()?.flatten();
                *id = shown_id(read.unwrap_or_else(|| placeholder_id(number))).into();
            }
        }
        Ok(())
    }

    /// The events of some distinct ids between two moments, both included, in the order of their time and,
    /// if that is the same, of their arrival. `names` are the events wanted; none of them means all.
    pub fn seen_events(
        &self,
        ids: &[u32],
        names: &[String],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Seen>, StoreError> {
        let mut wanted = Vec::new();
        let mut name = self
            .connection
            .prepare_cached("SELECT number FROM event_names WHERE name = ?1")?;
        for text in names {
            match name.query_row([text], |row| row.get::<_, i64>(0)) {
                Err(rusqlite::Error::QueryReturnedNoRows) => {}
                number => wanted.push(number?),
            }
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT timestamp, number, name, person, version FROM events
             WHERE distinct_id = ?1 AND timestamp BETWEEN ?2 AND ?3 AND person IS NOT NULL",
        )?;
        let mut found = Vec::new();
        for id in ids {
            let mut rows = statement.query(params![id, from.0, to.0])?;
            while let Some(row) = rows.next()? {
                let number = row.get(1)?;
                let seen = self
                    .damage
                    .sift("events", RowId::Number(number), seen_of(row))?;
                let seen = seen.filter(|(name, _)| names.is_empty() || wanted.contains(name));
                found.extend(seen.map(|(_, seen)| (number, seen)));
            }
        }
        found.sort_by_key(|(number, seen)| (seen.at, *number));
        Ok(found.into_iter().map(|(_, seen)| seen).collect())
    }

    /// How the values of people changed, oldest first.
    pub fn steps(
        &self,
        people: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Vec<Step>>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, version, before, after FROM history WHERE person = ?1 ORDER BY version, number",
        )?;
        let mut steps = HashMap::new();
        for person in people {
            if steps.contains_key(&person) {
                continue;
            }
            let mut rows = statement.query([person])?;
            let mut life = Vec::new();
            while let Some(row) = rows.next()? {
                let id = RowId::Number(row.get(0)?);
                life.extend(self.damage.sift("history", id, step_of(row))?);
            }
            steps.insert(person, life);
        }
        Ok(steps)
    }

    /// The events of some distinct ids up to a moment, in the order of their time.
    pub fn events_until(
        &self,
        ids: &[(u32, &str)],
        until: Timestamp,
    ) -> Result<Vec<CapturedEvent>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT events.number, uuid, event_names.name, timestamp, properties, events.name
             FROM events LEFT JOIN event_names ON event_names.number = events.name
             WHERE distinct_id = ?1 AND timestamp <= ?2",
        )?;
        let mut found = Vec::new();
        for (id, text) in ids {
            let mut rows = statement.query(params![id, until.0])?;
            while let Some(row) = rows.next()? {
                let number = row.get(0)?;
                let event = captured_event_of(row, text);
                let event = self.damage.sift("events", RowId::Number(number), event)?;
                found.extend(event.map(|event| (number, event)));
            }
        }
        found.sort_by_key(|(number, event)| (event.timestamp, *number));
        Ok(found.into_iter().map(|(_, event)| event).collect())
    }
}

/// Writes what happened, and forgets what may not be remembered.
pub(super) fn write_history(
    transaction: &Transaction<'_>,
    changes: &Changes,
) -> Result<(), StoreError> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO history (person, version, act, at, actor, actor_name, event, event_name, split_of, before, after, details, uuid)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let mut number_of =
        transaction.prepare_cached("SELECT number FROM distinct_ids WHERE text = ?1")?;
    for entry in &changes.history {
        // What names people and their ids has a place of its own, where it can be erased.
        let mut details = entry.details.clone();
        let uuid = details.get("uuid").and_then(Value::as_str);
        let uuid = uuid.and_then(|text| Uuid::parse_str(text).ok());
        if uuid.is_some() {
            details.remove("uuid");
        }
        for list in NAMED_IDS {
            let Some(Value::Array(ids)) = details.get_mut(list) else {
                continue;
            };
            for id in ids {
                let number = number_of.query_row([id.as_str()], |row| row.get::<_, i64>(0));
                if let Some(number) = number.optional()? {
                    *id = number.into();
                }
            }
        }
        let (actor, event, split_of) = match &entry.cause {
            Cause::Actor(actor) => (Some(actor), None, None),
            Cause::Event { uuid, name } => (None, Some((uuid, name)), None),
            Cause::SplitOf(uuid) => (None, None, Some(uuid)),
            Cause::Unknown => (None, None, None),
        };
        insert.execute(params![
            entry.person,
            entry.version,
            entry.act.name(),
            entry.at.0,
            actor.map(|actor| &actor.id),
            actor.map(|actor| &actor.name),
            event.map(|(uuid, _)| uuid.as_bytes()),
            event.map(|(_, name)| name),
            split_of.map(|uuid| uuid.as_bytes()),
            json(&entry.before),
            json(&entry.after),
            json(&details),
            uuid.as_ref().map(Uuid::as_bytes),
        ])?;
    }
    let mut join = transaction
        .prepare_cached("INSERT OR REPLACE INTO merged (person, into_person) VALUES (?1, ?2)")?;
    for (person, into) in &changes.merges {
        join.execute([person, into])?;
    }
    if !changes.forgotten.is_empty() {
        // What a split or a merge says of ids is about the person, too.
        let mut forget = transaction.prepare_cached(&format!(
            "{LIVES} UPDATE history SET before = 'null', after = 'null',
                details = CASE WHEN json_valid(details) THEN json_remove(details, '$.distinct_ids', '$.distinct_ids_to_split') ELSE '{{}}' END
             WHERE person IN lives",
        ))?;
        for person in &changes.forgotten {
            forget.execute([person])?;
        }
    }
    Ok(())
}

fn seen_of(row: &Row<'_>) -> Result<(i64, Seen), StoreError> {
    let seen = Seen {
        at: Timestamp(row.get(0)?),
        person: row.get(3)?,
        version: row.get(4)?,
    };
    Ok((row.get(2)?, seen))
}

fn step_of(row: &Row<'_>) -> Result<Step, StoreError> {
    Ok(Step {
        version: row.get(1)?,
        before: map_of(row, 2)?,
        after: map_of(row, 3)?,
    })
}

fn captured_event_of(row: &Row<'_>, distinct_id: &str) -> Result<CapturedEvent, StoreError> {
    let name = row.get(5)?;
    Ok(CapturedEvent {
        uuid: uuid_of(row.get_ref(1)?.as_blob().map_err(damaged)?)?,
        name: row.get(2).unwrap_or_else(|_| placeholder_name(name)),
        distinct_id: distinct_id.to_owned(),
        timestamp: Timestamp(row.get(3)?),
        properties: map_of(row, 4)?,
    })
}

pub(super) fn entry_of(row: &Row<'_>) -> Result<StoredEntry, StoreError> {
    let act: String = row.get(3)?;
    let actor: Option<String> = row.get(5)?;
    let event: Option<Vec<u8>> = row.get(7)?;
    let split_of: Option<Vec<u8>> = row.get(9)?;
    let cause = match (actor, event, split_of) {
        (Some(id), _, _) => Cause::Actor(Actor {
            id,
            name: row.get(6)?,
        }),
        (_, Some(uuid), _) => Cause::Event {
            uuid: uuid_of(&uuid)?,
            name: row.get(8)?,
        },
        (_, _, Some(uuid)) => Cause::SplitOf(uuid_of(&uuid)?),
        _ => Cause::Unknown,
    };
    let entry = HistoryEntry {
        person: row.get(1)?,
        version: row.get(2)?,
        act: Act::from_name(&act).ok_or_else(|| damaged("its act is unknown"))?,
        cause,
        at: Timestamp(row.get(4)?),
        before: map_of(row, 10)?,
        after: map_of(row, 11)?,
        details: details_of(row)?,
    };
    Ok(StoredEntry {
        number: row.get(0)?,
        entry,
        is_forgotten: row.get_ref(10)?.as_str().map_err(damaged)? == "null",
    })
}

/// What an entry says beside values; distinct ids are numbers in it.
fn details_of(row: &Row<'_>) -> Result<Properties, StoreError> {
    let mut details = map_of(row, 12)?;
    if let Some(uuid) = row.get::<_, Option<Vec<u8>>>(13)? {
        details.insert("uuid".into(), uuid_of(&uuid)?.to_string().into());
    }
    Ok(details)
}

fn map_of(row: &Row<'_>, column: usize) -> Result<Properties, StoreError> {
    match super::json_of(row.get_ref(column)?.as_str().map_err(damaged)?)? {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Properties::new()),
        _ => Err(damaged("its JSON has another shape than expected")),
    }
}
