//! Changes being decided: an overlay over [`People`] in which each decision sees the ones before it.
//!
//! The writer drafts each request on its own copy of the state, stores the resulting [`Changes`], and applies
//! them to the copy, which readers see once it is on the disk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use persons_api::{Properties, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::cohort::CohortState;
use crate::definitions::Definitions;
use crate::event::{MAX_KEY, OversizedEvent};
use crate::history::{Act, Cause, HistoryEntry};
use crate::member_set::MemberSet;
use crate::people::{People, person_uuid};

/// A person, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonState {
    /// The integer primary key.
    pub number: i64,
    /// The identity on the wire.
    pub uuid: Uuid,
    /// When the person was first seen.
    pub created_at: Timestamp,
    /// Whether a merge ever touched the person.
    pub is_identified: bool,
    /// Grows with every change.
    pub version: i64,
    /// All properties.
    pub properties: Properties,
}

/// An event to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// Its id.
    pub uuid: Uuid,
    /// What happened.
    pub name: String,
    /// The number of its distinct id.
    pub distinct_id: u32,
    /// The number and the version of the person it belonged to when it arrived, if it had one.
    pub person: Option<(i64, i64)>,
    /// When.
    pub timestamp: Timestamp,
    /// Its properties.
    pub properties: Properties,
}

/// Something that was sent and not done, kept for people to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// The kind, as PostHog names it: `cannot_merge_already_identified`, …
    pub kind: &'static str,
    /// The particulars.
    pub details: Value,
}

/// Events that somebody wants deleted: all of these distinct ids that were captured before.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDeletion {
    /// The UUID of the person they belong to.
    pub person: Uuid,
    /// Its number.
    pub number: i64,
    /// The numbers of the distinct ids.
    pub ids: Vec<u32>,
    /// How many of the draft's own events were captured before the request.
    pub drafted_before: usize,
    /// When it was asked for.
    pub at: Timestamp,
}

/// How far the content of a file is imported, to be stored together with the events it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCheckpoint {
    /// SHA-256 of the first `bytes` bytes of the content.
    pub digest: [u8; 32],
    /// Bytes of the content that the stored events come from.
    pub bytes: u64,
    /// The digest of the checkpoint before this one, which it replaces.
    pub replaces: Option<[u8; 32]>,
}

/// Everything that a draft decided.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// People created or changed, as they are afterwards.
    pub persons: Vec<PersonState>,
    /// Numbers of people that are gone: deleted, or merged away.
    pub removed: Vec<i64>,
    /// (merged, into): whose place in static cohorts goes to whom.
    pub merges: Vec<(i64, i64)>,
    /// Distinct ids never seen before; their numbers continue where the state's end.
    pub new_ids: Vec<String>,
    /// Distinct ids with a new person, or with none.
    pub owners: Vec<(u32, Option<i64>)>,
    /// Events to be stored, in order of arrival.
    pub events: Vec<EventRecord>,
    /// What was refused.
    pub warnings: Vec<Warning>,
    /// What happened to whom, in order.
    pub history: Vec<HistoryEntry>,
    /// Numbers of people whose values are to be forgotten, in history too.
    pub forgotten: Vec<i64>,
    /// Events to be deleted later.
    pub event_deletions: Vec<EventDeletion>,
    /// Names and keys that are new or changed.
    pub definitions: Definitions,
    /// Cohorts that are new or changed.
    pub cohorts: Vec<CohortState>,
    /// The number that the next new person gets; 0 if that has not changed.
    pub next_person: i64,
    /// How far files are imported, once the events are stored.
    pub import_checkpoints: Vec<ImportCheckpoint>,
}

impl Changes {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The events that are stored already.
pub trait StoredEvents {
    /// Whether an event with this UUID, name, and distinct id is stored.
    fn contains(&self, uuid: Uuid, name: &str, distinct_id: u32) -> bool;
}

/// An overlay over the people.
pub struct Draft<'a> {
    base: &'a People,
    /// `None` stands for no stored events.
    stored_events: Option<&'a dyn StoredEvents>,
    /// The events of this draft: their UUIDs with their indexes in `changes.events`.
    drafted_events: BTreeSet<(Uuid, usize)>,
    /// People touched, by number; `None` for those that are gone.
    persons: BTreeMap<i64, Option<PersonState>>,
    new_ids: HashMap<String, u32>,
    changes: Changes,
    /// New owners of distinct ids.
    owners: BTreeMap<u32, Option<i64>>,
    /// Distinct ids that people gained, by person: to find them again without a search.
    gained: HashMap<i64, Vec<u32>>,
    /// The numbers of people created in this draft, by UUID.
    new_uuids: HashMap<Uuid, i64>,
    next_number: i64,
    /// Property keys that no person had before.
    new_keys: HashSet<String>,
}

/// Keys of people's properties in a project, at most: each takes memory, and most projects have some hundred.
pub(crate) const MAX_PERSON_KEYS: usize = 20_000;

impl<'a> Draft<'a> {
    /// Returns an empty draft for a project without stored events.
    pub fn new(base: &'a People) -> Self {
        Self {
            base,
            stored_events: None,
            drafted_events: BTreeSet::new(),
            persons: BTreeMap::new(),
            new_ids: HashMap::new(),
            changes: Changes::default(),
            owners: BTreeMap::new(),
            gained: HashMap::new(),
            new_uuids: HashMap::new(),
            next_number: base.next_number(),
            new_keys: HashSet::new(),
        }
    }

    /// Returns an empty draft that ignores captured events that are stored already.
    pub fn with_stored_events(base: &'a People, stored_events: &'a dyn StoredEvents) -> Self {
        Self {
            stored_events: Some(stored_events),
            ..Self::new(base)
        }
    }

    /// All that was decided.
    pub fn finish(self) -> Changes {
        let mut changes = self.changes;
        for (number, person) in self.persons {
            match person {
                Some(person) => changes.persons.push(person),
                // Somebody who came and went within the draft was never anywhere.
                None if number >= self.base.next_number() => {}
                None => changes.removed.push(number),
            }
        }
        changes.owners = self.owners.into_iter().collect();
        // A person that came and went within the draft has used a number, too.
        if self.next_number > self.base.next_number() {
            changes.next_person = self.next_number;
        }
        changes
    }

    /// Whether an event with this UUID, name, and distinct id is stored, or was recorded in this draft.
    pub(crate) fn has_event(&self, uuid: Uuid, name: &str, distinct_id: &str) -> bool {
        let Some(id) = self.known_distinct_id(distinct_id) else {
            return false;
        };
        let mut drafted = self.drafted_events.range((uuid, 0)..=(uuid, usize::MAX));
        let is_drafted = drafted.any(|&(_, index)| {
            let event = &self.changes.events[index];
            event.distinct_id == id && event.name == name
        });
        let is_new_id = id >= self.base.distinct_id_count();
        is_drafted
            || !is_new_id
                && self
                    .stored_events
                    .is_some_and(|stored| stored.contains(uuid, name, id))
    }

    /// The number of a distinct id that has been seen, in this draft at the latest.
    fn known_distinct_id(&self, id: &str) -> Option<u32> {
        let known = self.base.distinct_id_number(id);
        known.or_else(|| self.new_ids.get(id).copied())
    }

    /// The number of events that are recorded so far.
    pub fn recorded_events(&self) -> usize {
        self.changes.events.len()
    }

    /// The warnings so far.
    pub fn warnings(&self) -> &[Warning] {
        &self.changes.warnings
    }

    /// Records how far a file is imported. It is stored in the same transaction as the events of the draft.
    pub fn record_import(&mut self, checkpoint: ImportCheckpoint) {
        self.changes.import_checkpoints.push(checkpoint);
    }

    /// The number of a distinct id, given out now if it is new.
    pub(crate) fn distinct_id(&mut self, id: &str) -> u32 {
        if let Some(number) = self.known_distinct_id(id) {
            return number;
        }
        let number = self.base.distinct_id_count() + self.changes.new_ids.len() as u32;
        self.new_ids.insert(id.to_owned(), number);
        self.changes.new_ids.push(id.to_owned());
        number
    }

    /// The person a distinct id belongs to at this point of the draft.
    pub(crate) fn owner(&self, id: u32) -> Option<i64> {
        if let Some(owner) = self.owners.get(&id) {
            return *owner;
        }
        let slot = *self.base.owners.get(id as usize)?;
        self.base.person(slot).map(|person| person.number())
    }

    /// Gives a distinct id to a person.
    pub(crate) fn give(&mut self, id: u32, person: i64) {
        self.owners.insert(id, Some(person));
        self.gained.entry(person).or_default().push(id);
    }

    /// A new person for a distinct id, which it gets.
    pub(crate) fn create(
        &mut self,
        id: u32,
        id_text: &str,
        created_at: Timestamp,
        is_identified: bool,
        properties: Properties,
        cause: Cause,
    ) -> i64 {
        let uuid = self.free_uuid(id_text, self.next_number);
        let person = PersonState {
            number: self.next_number,
            uuid,
            created_at,
            is_identified,
            version: 0,
            properties,
        };
        self.create_as(id, person, cause)
    }

    /// [`Self::create`] of a person that is complete but for its number.
    pub(crate) fn create_as(&mut self, id: u32, mut person: PersonState, cause: Cause) -> i64 {
        let number = self.next_number;
        self.next_number += 1;
        self.new_uuids.insert(person.uuid, number);
        person.number = number;
        self.changes.history.push(HistoryEntry {
            person: number,
            version: person.version,
            act: Act::Created,
            cause,
            at: person.created_at,
            before: Properties::new(),
            after: person.properties.clone(),
            details: Properties::new(),
        });
        self.persons.insert(number, Some(person));
        self.give(id, number);
        number
    }

    /// The UUID of the distinct id, unless somebody has it still (a person keeps its UUID when the id it
    /// came from moves on): then one derived from the new person's number as well.
    fn free_uuid(&self, id_text: &str, number: i64) -> Uuid {
        let project = self.base.project();
        let uuid = person_uuid(project, id_text);
        // A UUID of this draft stays taken even if its person is gone again: both are in its history.
        if self.new_uuids.contains_key(&uuid) || self.number_of(uuid).is_some() {
            person_uuid(project, &format!("{id_text}\0{number}"))
        } else {
            uuid
        }
    }

    /// The number of the person with this UUID at this point of the draft.
    pub fn number_of(&self, uuid: Uuid) -> Option<i64> {
        let stored = self.base.by_uuid(uuid).map(|person| person.number());
        let drafted = self.new_uuids.get(&uuid).copied();
        [drafted, stored]
            .into_iter()
            .flatten()
            .find(|&number| self.exists(number))
    }

    /// The number of the person a distinct id belongs to at this point of the draft.
    pub fn number_of_id(&self, id: &str) -> Option<i64> {
        self.owner(self.known_distinct_id(id)?)
    }

    /// Whether there is a person with this number at this point of the draft.
    pub fn exists(&self, number: i64) -> bool {
        match self.persons.get(&number) {
            Some(person) => person.is_some(),
            None => self.base.by_number(number).is_some(),
        }
    }

    /// The version of a person at this point of the draft.
    pub(crate) fn version(&self, number: i64) -> Option<i64> {
        match self.persons.get(&number) {
            Some(person) => person.as_ref().map(|person| person.version),
            None => self.base.by_number(number).map(|person| person.version()),
        }
    }

    /// The text of a distinct id.
    pub(crate) fn id_text(&self, id: u32) -> &str {
        let known = self.base.distinct_id_count();
        match id.checked_sub(known) {
            Some(new) => &self.changes.new_ids[new as usize],
            None => self.base.distinct_id_text(id),
        }
    }

    /// Compares a property with a value: `None` if the person lacks the key, else whether it is equal.
    pub(crate) fn property_equals(&self, person: i64, key: &str, value: &Value) -> Option<bool> {
        match self.persons.get(&person) {
            Some(touched) => touched
                .as_ref()?
                .properties
                .get(key)
                .map(|current| current == value),
            None => self
                .base
                .by_number(person)?
                .property(key)
                .map(|current| current.equals(value)),
        }
    }

    /// Whether a person is identified at this point of the draft.
    pub(crate) fn is_identified(&self, person: i64) -> bool {
        match self.persons.get(&person) {
            Some(touched) => touched.as_ref().is_some_and(|person| person.is_identified),
            None => self
                .base
                .by_number(person)
                .is_some_and(|person| person.is_identified()),
        }
    }

    /// A person to be changed. `None` only for numbers that nobody has.
    pub(crate) fn person_mut(&mut self, person: i64) -> Option<&mut PersonState> {
        let base = self.base;
        self.persons
            .entry(person)
            .or_insert_with(|| base.by_number(person).map(|person| person.to_state()))
            .as_mut()
    }

    /// Moves everything of `other` to `target` and removes it: the target's properties win, the older
    /// creation date stays.
    pub(crate) fn merge(&mut self, target: i64, other: i64, cause: Cause, at: Timestamp) {
        let moved = self.ids_of(other);
        let Some(merged) = self.person_mut(other).map(|person| person.clone()) else {
            return;
        };
        self.persons.insert(other, None);
        let texts = moved.iter().map(|&id| Value::from(self.id_text(id)));
        let mut details = Properties::new();
        details.insert("uuid".into(), merged.uuid.to_string().into());
        details.insert("distinct_ids".into(), texts.collect());
        for id in moved {
            self.give(id, target);
        }
        self.changes.merges.push((other, target));
        for cohort in &mut self.changes.cohorts {
            cohort.replace_member(other, target);
        }
        let Some(person) = self.person_mut(target) else {
            return;
        };
        let mut after = Properties::new();
        for (key, value) in merged.properties {
            if !person.properties.contains_key(&key) {
                person.properties.insert(key.clone(), value.clone());
                after.insert(key, value);
            }
        }
        person.created_at = person.created_at.min(merged.created_at);
        person.version = person.version.max(merged.version) + 1;
        person.is_identified = true;
        let version = person.version;
        self.changes.history.push(HistoryEntry {
            person: target,
            version,
            act: Act::Merged,
            cause,
            at,
            before: Properties::new(),
            after,
            details,
        });
    }

    /// Changes a person's properties: first `set`, then `unset`. What is the same already is left out of
    /// what is told. The version grows if anything changed or `is_forced`.
    pub(crate) fn put_properties(
        &mut self,
        number: i64,
        set: impl IntoIterator<Item = (String, Value)>,
        unset: impl IntoIterator<Item = String>,
        is_forced: bool,
        tell: impl FnOnce(i64, Properties, Properties) -> Option<HistoryEntry>,
    ) {
        let Some(person) = self.person_mut(number) else {
            return;
        };
        let mut before = Properties::new();
        let mut after = Properties::new();
        for (key, value) in set {
            match person.properties.insert(key.clone(), value.clone()) {
                Some(old) if old == value => continue,
                Some(old) => {
                    before.entry(key.clone()).or_insert(old);
                }
                None => {}
            }
            after.insert(key, value);
        }
        for key in unset {
            if let Some(old) = person.properties.remove(&key)
                && after.remove(&key).is_none()
            {
                before.insert(key, old);
            }
        }
        if is_forced || !before.is_empty() || !after.is_empty() {
            person.version += 1;
        }
        let version = person.version;
        self.changes.history.extend(tell(version, before, after));
    }

    /// Takes a person out; its distinct ids belong to nobody.
    pub(crate) fn take_out(&mut self, number: i64) {
        for id in self.ids_of(number) {
            self.owners.insert(id, None);
        }
        self.persons.insert(number, None);
        for cohort in &mut self.changes.cohorts {
            cohort.remove_member(number);
        }
    }

    /// The distinct ids of a person at this point of the draft.
    pub(crate) fn ids_of(&self, person: i64) -> Vec<u32> {
        let stored = self
            .base
            .by_number(person)
            .map_or(&[][..], |person| person.distinct_id_numbers());
        let gained = self.gained.get(&person).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<u32> = stored
            .iter()
            .chain(gained)
            .copied()
            .filter(|&id| self.owner(id) == Some(person))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The cohorts that were added or changed in this draft.
    pub(crate) fn drafted_cohorts(&self) -> &[CohortState] {
        &self.changes.cohorts
    }

    /// Adds or replaces a cohort.
    pub(crate) fn put_cohort(&mut self, cohort: CohortState) {
        self.changes.cohorts.retain(|other| other.id != cohort.id);
        self.changes.cohorts.push(cohort);
    }

    /// Turns members of a stored cohort into what they are at this point of the draft.
    pub(crate) fn bring_up_to_date(&self, members: &mut MemberSet) {
        for (merged, into) in &self.changes.merges {
            if members.remove(merged) {
                members.insert(*into);
            }
        }
        members.retain(|&member| self.exists(member));
    }

    /// The people as they were before the draft.
    pub(crate) fn base(&self) -> &'a People {
        self.base
    }

    /// Whether a person may get a property with this key: it is not too long, and known or among the first
    /// [`MAX_PERSON_KEYS`] of the project.
    pub(crate) fn admits_person_key(&mut self, key: &str) -> bool {
        if key.chars().nth(MAX_KEY).is_some() {
            return false;
        }
        if self.base.has_key(key) || self.new_keys.contains(key) {
            return true;
        }
        let has_room = self.base.key_count() + self.new_keys.len() < MAX_PERSON_KEYS;
        if has_room {
            self.new_keys.insert(key.to_owned());
        }
        has_room
    }

    /// The names and keys that this draft adds or changes.
    pub(crate) fn drafted_definitions(&self) -> &Definitions {
        &self.changes.definitions
    }

    /// Turns an event that exceeds a limit into a warning.
    pub fn refuse(&mut self, event: &OversizedEvent) {
        let (kind, details) = event.warning();
        self.warn(kind, details);
    }

    pub(crate) fn warn(&mut self, kind: &'static str, details: Value) {
        self.changes.warnings.push(Warning { kind, details });
    }

    /// Decides that events are deleted later.
    pub(crate) fn delete_events(
        &mut self,
        person: Uuid,
        number: i64,
        ids: Vec<u32>,
        at: Timestamp,
    ) {
        self.changes.event_deletions.push(EventDeletion {
            person,
            number,
            ids,
            drafted_before: self.changes.events.len(),
            at,
        });
    }

    /// Notes what happened.
    pub(crate) fn tell(&mut self, entry: HistoryEntry) {
        self.changes.history.push(entry);
    }

    /// Decides that no value of a person is kept.
    pub(crate) fn forget(&mut self, number: i64) {
        self.changes.forgotten.push(number);
    }

    pub(crate) fn record(&mut self, event: EventRecord) {
        self.changes.definitions.note(
            &self.base.definitions,
            &event.name,
            event.timestamp,
            &event.properties,
        );
        let index = self.changes.events.len();
        self.drafted_events.insert((event.uuid, index));
        self.changes.events.push(event);
    }
}
