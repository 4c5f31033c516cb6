//! What somebody asks to be done to a person: edit, split, delete.
//!
//! An edit is also an event (`$set`, or `$delete_person_property`), as on PostHog, so that the events alone
//! tell how a person's properties came to be.

use persons_api::{Properties, Timestamp};
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use crate::draft::{Draft, EventRecord, MAX_PERSON_KEYS, PersonState};
use crate::event::MAX_KEY;
use crate::history::{Act, Actor, Cause, HistoryEntry};
use crate::identity::MAX_KEYS;
use crate::people::person_uuid;

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EditError {
    /// Nobody has this number or UUID, or not any more.
    #[error("Not found.")]
    Nobody,
    /// More keys than a person may have.
    #[error("A person has at most {MAX_KEYS} properties.")]
    TooManyKeys,
    /// More keys than the people of a project may have.
    #[error(
        "The people of a project have at most {MAX_PERSON_KEYS} different properties. Delete some that are not needed."
    )]
    TooManyProjectKeys,
    /// A key with too many characters. Holds its beginning.
    #[error("The name of a property has at most {MAX_KEY} characters: {0}…")]
    LongKey(String),
    /// The id that should stay is not the person's.
    #[error("not on this person: ['{0}']")]
    NotMain(String),
    /// Ids that should move are not the person's.
    #[error("not on this person: [{}]", quoted(.0))]
    NotTheirs(Vec<String>),
    /// Nothing would be left.
    #[error("must leave the person at least one distinct id")]
    NothingLeft,
}

fn quoted(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    ids.join(", ")
}

/// Who asks, when, and new ids in case they are needed.
pub struct Edited<'f> {
    /// Who asks.
    pub actor: Actor,
    /// The server's clock.
    pub now: Timestamp,
    /// Makes an id that nobody has.
    pub fresh: &'f mut dyn FnMut() -> Uuid,
}

/// Which of a person's distinct ids move to people of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parting {
    /// All but the one that was seen first.
    AllButFirst,
    /// All but this one.
    AllBut(String),
    /// These.
    Only(Vec<String>),
}

/// What is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletionWish {
    /// The person's events too, later.
    pub events: bool,
    /// Not the person.
    pub keep_person: bool,
}

impl Draft<'_> {
    /// Sets properties; others stay. Told even if nothing changes, because it was asked for.
    pub fn set_properties(
        &mut self,
        person: i64,
        set: Properties,
        by: &mut Edited<'_>,
    ) -> Result<(), EditError> {
        let state = self.person_mut(person).ok_or(EditError::Nobody)?;
        let new = set
            .keys()
            .filter(|key| !state.properties.contains_key(*key));
        if state.properties.len() + new.count() > MAX_KEYS {
            return Err(EditError::TooManyKeys);
        }
        if let Some(key) = set.keys().find(|key| key.chars().nth(MAX_KEY).is_some()) {
            return Err(EditError::LongKey(key.chars().take(50).collect()));
        }
        if !set.keys().all(|key| self.admits_person_key(key)) {
            return Err(EditError::TooManyProjectKeys);
        }
        let event = Properties::from_iter([("$set".to_owned(), Value::Object(set.clone()))]);
        self.change(person, set, Vec::new(), Act::Updated, by);
        self.record_edit(person, "$set", event, by);
        Ok(())
    }

    /// Takes properties away. Those that are not there already are no error.
    pub fn unset_properties(
        &mut self,
        person: i64,
        keys: Vec<String>,
        by: &mut Edited<'_>,
    ) -> Result<(), EditError> {
        if !self.exists(person) {
            return Err(EditError::Nobody);
        }
        let event = Properties::from_iter([("$unset".to_owned(), json!(keys))]);
        self.change(person, Properties::new(), keys, Act::PropertyDeleted, by);
        self.record_edit(person, "$delete_person_property", event, by);
        Ok(())
    }

    fn change(
        &mut self,
        person: i64,
        set: Properties,
        unset: Vec<String>,
        act: Act,
        by: &Edited<'_>,
    ) {
        let details = self.named(person);
        self.put_properties(person, set, unset, false, |version, before, after| {
            Some(HistoryEntry {
                person,
                version,
                act,
                cause: Cause::Actor(by.actor.clone()),
                at: by.now,
                before,
                after,
                details,
            })
        });
    }

    /// Records the event that an edit is, for the id that was seen first.
    fn record_edit(
        &mut self,
        person: i64,
        name: &str,
        properties: Properties,
        by: &mut Edited<'_>,
    ) {
        let Some(&distinct_id) = self.ids_of(person).first() else {
            return;
        };
        let record = EventRecord {
            uuid: (by.fresh)(),
            name: name.into(),
            distinct_id,
            person: self.version(person).map(|version| (person, version)),
            timestamp: by.now,
            properties,
        };
        self.record(record);
    }

    /// Gives distinct ids to people of their own, who start without properties. The person keeps its own.
    pub fn split(
        &mut self,
        person: i64,
        parting: &Parting,
        by: &mut Edited<'_>,
    ) -> Result<(), EditError> {
        let ids = self.ids_of(person);
        let moved = self.parted(&ids, parting)?;
        let mut details = self.named(person);
        let texts = ids.iter().map(|&id| Value::from(self.id_text(id)));
        details.insert("distinct_ids".into(), texts.collect());
        if let Parting::Only(only) = parting {
            details.insert("distinct_ids_to_split".into(), json!(only));
        }
        let state = self.person_mut(person).ok_or(EditError::Nobody)?;
        state.version += 1;
        let (uuid, version) = (state.uuid, state.version);
        for id in moved {
            self.part(id, uuid, version + 1, by);
        }
        self.tell(HistoryEntry {
            person,
            version,
            act: Act::Split,
            cause: Cause::Actor(by.actor.clone()),
            at: by.now,
            before: Properties::new(),
            after: Properties::new(),
            details,
        });
        Ok(())
    }

    /// The distinct ids that move.
    fn parted(&self, ids: &[u32], parting: &Parting) -> Result<Vec<u32>, EditError> {
        let find = |text: &str| ids.iter().copied().find(|&id| self.id_text(id) == text);
        let stays = match parting {
            Parting::AllButFirst => ids.first().copied(),
            Parting::AllBut(main) => {
                Some(find(main).ok_or_else(|| EditError::NotMain(main.clone()))?)
            }
            Parting::Only(texts) => {
                let strangers: Vec<String> = texts
                    .iter()
                    .filter(|text| find(text).is_none())
                    .cloned()
                    .collect();
                if !strangers.is_empty() {
                    return Err(EditError::NotTheirs(strangers));
                }
                let mut moved: Vec<u32> = texts.iter().filter_map(|text| find(text)).collect();
                moved.sort_unstable();
                moved.dedup();
                if moved.len() == ids.len() {
                    return Err(EditError::NothingLeft);
                }
                return Ok(moved);
            }
        };
        Ok(ids
            .iter()
            .copied()
            .filter(|&id| Some(id) != stays)
            .collect())
    }

    /// Gives one distinct id to the person its UUID belongs to: somebody who has it still, or a new one.
    fn part(&mut self, id: u32, from: Uuid, version: i64, by: &mut Edited<'_>) {
        let derived = person_uuid(self.base().project(), self.id_text(id));
        // The UUID of the person that is split cannot be given away.
        let uuid = if derived == from {
            (by.fresh)()
        } else {
            derived
        };
        if let Some(known) = self.number_of(uuid) {
            if let Some(person) = self.person_mut(known) {
                person.version += 1;
            }
            return self.give(id, known);
        }
        let person = PersonState {
            number: 0,
            uuid,
            created_at: by.now,
            is_identified: false,
            version,
            properties: Properties::new(),
        };
        self.create_as(id, person, Cause::SplitOf(from));
    }

    /// Deletes a person, or only what is known of it, and says who it was.
    pub fn delete(
        &mut self,
        person: i64,
        wish: DeletionWish,
        by: &Edited<'_>,
    ) -> Result<Uuid, EditError> {
        let state = self.person_mut(person).ok_or(EditError::Nobody)?;
        let (uuid, version) = (state.uuid, state.version);
        if wish.events {
            let ids = self.ids_of(person);
            self.delete_events(uuid, person, ids, by.now);
        }
        if wish.keep_person {
            return Ok(uuid);
        }
        let details = self.named(person);
        self.take_out(person);
        self.forget(person);
        self.tell(HistoryEntry {
            person,
            version: version + 1,
            act: Act::Deleted,
            cause: Cause::Actor(by.actor.clone()),
            at: by.now,
            before: Properties::new(),
            after: Properties::new(),
            details,
        });
        Ok(uuid)
    }

    /// The UUID of a person, for its history.
    fn named(&mut self, person: i64) -> Properties {
        let uuid = self.person_mut(person).map(|state| state.uuid.to_string());
        Properties::from_iter(uuid.map(|uuid| ("uuid".to_owned(), Value::from(uuid))))
    }
}
