//! The people of a project in memory: rows, the columns of their properties, and their distinct ids.
//!
//! A person is a row in a slot; slots are reused, numbers never. A property key is a [`Column`]: the
//! dictionary of its values, and codes that say which value each slot has. Distinct ids are numbered in the
//! order of their first event, and the numbers stay, because events belong to them for ever; each belongs to
//! one person or to none.
//!
//! This state is changed only by [`People::apply`], with what a [`crate::draft::Draft`] decided, so that
//! the store can write the same changes first. A clone is a snapshot: it costs the same however many people
//! there are, needs no lock, and stays what it is. A change costs what it changes, plus one copy of each
//! piece (some kilobytes) that a snapshot still has.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use persons_api::{Properties, Timestamp};
use uuid::Uuid;

use crate::cohort::CohortState;
use crate::column_codes::ColumnCodes;
use crate::definitions::SeenDefinitions;
use crate::draft::{Changes, PersonState};
use crate::id_list::IdList;
use crate::key_sets::KeySets;
use crate::key_table::KeyTable;
use crate::name;
use crate::persistent::{CowVec, HashIndex, SortedChunks};
use crate::value::{Kind, ValueRef, text_of};
use crate::value_dictionary::ValueDictionary;

/// The namespace of person UUIDs.
const PERSON_NAMESPACE: Uuid = Uuid::from_u128(0x932979b4_65c3_4424_8467_0b66ec27bc22);

/// Nobody: the owner of a distinct id without a person.
const NOBODY: u32 = u32::MAX;

/// The UUID of a person created for a distinct id.
pub fn person_uuid(project: i64, distinct_id: &str) -> Uuid {
    Uuid::new_v5(
        &PERSON_NAMESPACE,
        format!("{project}:{distinct_id}").as_bytes(),
    )
}

/// Rows of people by slot.
pub(crate) type Rows = CowVec<Option<Row>, 64>;

/// The slot of each distinct id's person, by the number of the id.
pub(crate) type Owners = CowVec<u32, 1024>;

/// All people of one project.
#[derive(Clone)]
pub struct People {
    pub(crate) project: i64,
    /// The property keys that someone has.
    pub(crate) columns: KeyTable<Arc<Column>>,
    /// The sets of keys that people have.
    key_sets: KeySets,
    pub(crate) rows: Rows,
    /// The distinct ids of each person by slot, ascending: the order in which the ids were first seen.
    row_ids: CowVec<IdList, 64>,
    free_slots: CowVec<u32, 256>,
    by_number: HashIndex,
    by_uuid: HashIndex,
    hasher: DefaultHashBuilder,
    /// The distinct ids; entry numbers are distinct-id numbers.
    pub(crate) ids: ValueDictionary<true>,
    pub(crate) owners: Owners,
    /// The time of each distinct id's latest event.
    seen: CowVec<Option<Timestamp>, 256>,
    /// Slots by (created_at, number), oldest first.
    pub(crate) order: SortedChunks<u32, 1024>,
    next_number: i64,
    /// Grows when people or distinct ids come, go or move.
    census_version: u64,
    pub(crate) cohorts: Arc<BTreeMap<i64, Arc<CohortState>>>,
    /// What events and event properties there have been.
    pub(crate) definitions: SeenDefinitions,
    /// The keys names are taken from, best first.
    name_keys: Arc<Vec<String>>,
}

/// A property key: its values, and who has which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub(crate) values: ValueDictionary<true>,
    pub(crate) codes: ColumnCodes,
}

/// One person, without distinct ids and values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) uuid: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) is_identified: bool,
    pub(crate) version: i64,
    pub(crate) last_seen: Option<Timestamp>,
    /// The keys of the person's properties.
    key_set: u32,
}

impl Row {
    /// Where the person is in the order.
    fn order_key(&self) -> (Timestamp, i64) {
        (self.created_at, self.number)
    }
}

/// A distinct id as the store remembers it.
#[derive(Clone, Debug)]
pub struct StoredId {
    /// The id; empty if it was forgotten and only its number is left. An id that another one has already counts
    /// as forgotten.
    pub text: String,
    /// The number of its person, if it has one.
    pub person: Option<i64>,
    /// The time of its latest event.
    pub seen: Option<Timestamp>,
}

impl People {
    /// A project without people.
    pub fn new(project: i64) -> Self {
        Self {
            project,
            columns: KeyTable::default(),
            key_sets: KeySets::default(),
            rows: CowVec::default(),
            row_ids: CowVec::default(),
            free_slots: CowVec::default(),
            by_number: HashIndex::default(),
            by_uuid: HashIndex::default(),
            hasher: DefaultHashBuilder::default(),
            ids: ValueDictionary::default(),
            owners: CowVec::default(),
            seen: CowVec::default(),
            order: SortedChunks::default(),
            next_number: 1,
            // A census that was never taken has version 0.
            census_version: 1,
            cohorts: Arc::default(),
            definitions: SeenDefinitions::default(),
            name_keys: Arc::new(name::DEFAULT_KEYS.map(str::to_owned).to_vec()),
        }
    }

    /// Rebuilds the state from what was stored. `ids` come in the order of their numbers, from 0.
    /// `next_number` is the number the next new person gets, so that no number is ever used twice.
    pub fn restore(
        project: i64,
        persons: impl IntoIterator<Item = PersonState>,
        ids: impl IntoIterator<Item = StoredId>,
        next_number: i64,
    ) -> Self {
        let mut people = Self::new(project);
        for person in persons {
            if people.slot_of_number(person.number).is_none() {
                people.add(&person);
            }
        }
        for id in ids {
            let is_unknown = people.distinct_id_number(&id.text).is_none();
            let number = if is_unknown && !id.text.is_empty() {
                people.ids.hold(Kind::String, &id.text)
            } else {
                people.ids.push_erased()
            };
            let owner = id.person.and_then(|person| people.slot_of_number(person));
            people.owners.push(owner.unwrap_or(NOBODY));
            people.seen.push(id.seen);
            if let Some(row) = owner.and_then(|slot| people.row_mut(slot)) {
                row.last_seen = row.last_seen.max(id.seen);
            }
            if let Some(slot) = owner {
                people.row_ids.get_mut(slot as usize).push(number);
            }
        }
        people.next_number = people.next_number.max(next_number);
        let mut order: Vec<((Timestamp, i64), u32)> = people
            .alive()
            .map(|(slot, row)| (row.order_key(), slot))
            .collect();
        order.sort_unstable();
        let order: Vec<u32> = order.into_iter().map(|(_, slot)| slot).collect();
        people.order = SortedChunks::from_sorted(&order);
        people
    }

    /// The project's number.
    pub fn project(&self) -> i64 {
        self.project
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many distinct ids have ever been seen: the number of the next new one.
    pub fn distinct_id_count(&self) -> u32 {
        self.owners.len() as u32
    }

    /// The number the next new person gets.
    pub fn next_number(&self) -> i64 {
        self.next_number
    }

    /// Says which people there are, when they were first seen, and whose each distinct id is: while it is
    /// the same, so are these.
    pub(crate) fn census_version(&self) -> u64 {
        self.census_version
    }

    /// The person with this number.
    pub fn by_number(&self, number: i64) -> Option<PersonRef<'_>> {
        self.slot_of_number(number)
            .and_then(|slot| self.person(slot))
    }

    /// The person with this UUID.
    pub fn by_uuid(&self, uuid: Uuid) -> Option<PersonRef<'_>> {
        let has_uuid = |slot| self.row(slot).is_some_and(|row| row.uuid == uuid);
        self.by_uuid
            .find(self.hash(uuid), has_uuid)
            .and_then(|slot| self.person(slot))
    }

    /// The person a distinct id belongs to.
    pub fn by_distinct_id(&self, id: &str) -> Option<PersonRef<'_>> {
        let number = self.distinct_id_number(id)?;
        self.person(self.owners[number as usize])
    }

    /// The number of a distinct id that has been seen.
    pub fn distinct_id_number(&self, id: &str) -> Option<u32> {
        self.ids.lookup(Kind::String, id)
    }

    /// The text of a distinct id that has been seen.
    pub(crate) fn distinct_id_text(&self, number: u32) -> &str {
        self.ids.value(number).text
    }

    /// The person in a slot.
    pub(crate) fn person(&self, slot: u32) -> Option<PersonRef<'_>> {
        let row = self.row(slot)?;
        Some(PersonRef {
            people: self,
            slot,
            row,
        })
    }

    pub(crate) fn slot_of_number(&self, number: i64) -> Option<u32> {
        let has_number = |slot| self.row(slot).is_some_and(|row| row.number == number);
        self.by_number.find(self.hash(number), has_number)
    }

    /// The column of a property key that someone has.
    pub(crate) fn column(&self, key: &str) -> Option<&Column> {
        self.columns.get(key).map(|column| &**column)
    }

    /// The occupied slots with their rows.
    pub(crate) fn alive(&self) -> impl Iterator<Item = (u32, &Row)> {
        let rows = self.rows.iter().enumerate();
        rows.filter_map(|(slot, row)| Some((slot as u32, row.as_ref()?)))
    }

    fn row(&self, slot: u32) -> Option<&Row> {
        self.rows.get(slot as usize)?.as_ref()
    }

    fn row_mut(&mut self, slot: u32) -> Option<&mut Row> {
        self.row(slot)?;
        self.rows.get_mut(slot as usize).as_mut()
    }

    fn hash(&self, key: impl Hash) -> u32 {
        self.hasher.hash_one(key) as u32
    }

    /// How a slot compares to a place in the order.
    fn compare(rows: &Rows, slot: u32, key: (Timestamp, i64)) -> Ordering {
        let row = rows.get(slot as usize).and_then(Option::as_ref);
        row.map(Row::order_key).cmp(&Some(key))
    }

    /// Makes changes visible. They must come from a draft of this very state.
    pub fn apply(&mut self, changes: Changes) {
        self.next_number = self.next_number.max(changes.next_person);
        for (merged, into) in changes.merges {
            self.change_cohorts_with(merged, |cohort| cohort.replace_member(merged, into));
        }
        let moves_ids = !changes.new_ids.is_empty() || !changes.owners.is_empty();
        let removes = !changes.removed.is_empty();
        self.remove(&changes.removed);
        let mut moves_people = false;
        for person in changes.persons {
            moves_people |= self.put(&person);
        }
        for id in &changes.new_ids {
            self.ids.hold(Kind::String, id);
            self.owners.push(NOBODY);
            self.seen.push(None);
        }
        self.move_ids(&changes.owners);
        for event in &changes.events {
            self.see(event.distinct_id, event.timestamp);
        }
        self.definitions.apply(changes.definitions);
        for cohort in changes.cohorts {
            self.put_cohort(cohort);
        }
        if moves_ids || removes || moves_people {
            self.census_version += 1;
        }
    }

    /// Changes the cohorts that list a person.
    fn change_cohorts_with(&mut self, person: i64, mut change: impl FnMut(&mut CohortState)) {
        let lists = |cohort: &Arc<CohortState>| cohort.lists(person);
        if !self.cohorts.values().any(lists) {
            return;
        }
        let cohorts = Arc::make_mut(&mut self.cohorts).values_mut();
        for cohort in cohorts.filter(|cohort| lists(cohort)) {
            change(Arc::make_mut(cohort));
        }
    }

    /// Adds or replaces a person; says whether it is new or has another place in the order.
    fn put(&mut self, person: &PersonState) -> bool {
        let key = (person.created_at, person.number);
        let slot = match self.slot_of_number(person.number) {
            None => self.add(person),
            Some(slot) => {
                self.put_properties(slot, &person.properties);
                let Some(before) = self.row(slot).map(Row::order_key) else {
                    return false;
                };
                let moves = before != key;
                if moves {
                    let rows = &self.rows;
                    self.order
                        .remove(|&other| Self::compare(rows, other, before));
                }
                if let Some(row) = self.row_mut(slot) {
                    row.created_at = person.created_at;
                    row.is_identified = person.is_identified;
                    row.version = person.version;
                }
                if !moves {
                    return false;
                }
                slot
            }
        };
        let rows = &self.rows;
        self.order
            .insert(slot, |&other| Self::compare(rows, other, key));
        true
    }

    /// Adds a person that has no place in the order yet.
    fn add(&mut self, person: &PersonState) -> u32 {
        self.next_number = self.next_number.max(person.number + 1);
        let row = Row {
            number: person.number,
            uuid: person.uuid,
            created_at: person.created_at,
            is_identified: person.is_identified,
            version: person.version,
            last_seen: None,
            key_set: self.key_sets.hold(&[]),
        };
        let slot = match self.free_slots.pop() {
            Some(slot) => {
                *self.rows.get_mut(slot as usize) = Some(row);
                slot
            }
            None => {
                self.rows.push(Some(row));
                self.row_ids.push(IdList::default());
                (self.rows.len() - 1) as u32
            }
        };
        self.by_number.insert(self.hash(person.number), slot);
        self.by_uuid.insert(self.hash(person.uuid), slot);
        self.put_properties(slot, &person.properties);
        slot
    }

    /// Makes these the properties of the person in a slot.
    fn put_properties(&mut self, slot: u32, properties: &Properties) {
        let Some(row) = self.row(slot) else { return };
        let before = Arc::clone(self.key_sets.keys(row.key_set));
        let slots = self.rows.len();
        let mut keys = Vec::with_capacity(properties.len());
        for (key, value) in properties {
            let number = self.columns.number_or_add(key, |_| Arc::default());
            keys.push(number);
            let Some(column) = self.columns.value(number) else {
                continue;
            };
            let (kind, text) = (Kind::of(value), text_of(value));
            let current = column.codes.get(slot);
            let is_same = |entry| column.values.value(entry) == ValueRef { kind, text: &text };
            // What stays the same copies nothing that a snapshot still has.
            if current.is_some_and(is_same) {
                continue;
            }
            if let Some(column) = self.columns.value_mut(number) {
                let Column { values, codes } = Arc::make_mut(column);
                let entry = values.hold(kind, &text);
                if let Some(before) = codes.set(slot, entry, slots) {
                    values.release(before, 1);
                }
            }
        }
        if *before != *keys {
            let key_set = self.key_sets.hold(&keys);
            if let Some(row) = self.row_mut(slot) {
                let old = std::mem::replace(&mut row.key_set, key_set);
                self.key_sets.release(old, 1);
            }
        }
        keys.sort_unstable();
        for &key in before.iter() {
            if keys.binary_search(&key).is_err() {
                self.clear_code(slot, key);
            }
        }
    }

    /// Takes a value from the person in a slot. A key that no one has any more is forgotten.
    fn clear_code(&mut self, slot: u32, key: u32) {
        let Some(column) = self.columns.value_mut(key) else {
            return;
        };
        let Column { values, codes } = Arc::make_mut(column);
        if let Some(entry) = codes.clear(slot) {
            values.release(entry, 1);
        }
        if values.is_unused() {
            self.columns.remove(key);
        }
    }

    /// Whether the key of a property takes memory already.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.columns.get(key).is_some()
    }

    /// How many keys of properties take memory.
    pub(crate) fn key_count(&self) -> usize {
        self.columns.len()
    }

    /// Takes people out.
    fn remove(&mut self, numbers: &[i64]) {
        for &number in numbers {
            let Some(slot) = self.slot_of_number(number) else {
                continue;
            };
            let Some(row) = self.row(slot).copied() else {
                continue;
            };
            let (rows, key) = (&self.rows, row.order_key());
            self.order.remove(|&other| Self::compare(rows, other, key));
            self.by_number.remove(self.hash(number), slot);
            self.by_uuid.remove(self.hash(row.uuid), slot);
            *self.rows.get_mut(slot as usize) = None;
            let ids = std::mem::take(self.row_ids.get_mut(slot as usize));
            for &id in ids.as_slice() {
                *self.owners.get_mut(id as usize) = NOBODY;
            }
            let keys = Arc::clone(self.key_sets.keys(row.key_set));
            self.key_sets.release(row.key_set, 1);
            for &key in keys.iter() {
                self.clear_code(slot, key);
            }
            self.free_slots.push(slot);
            self.change_cohorts_with(number, |cohort| cohort.remove_member(number));
        }
    }

    /// Gives distinct ids to new owners.
    fn move_ids(&mut self, moves: &[(u32, Option<i64>)]) {
        let mut changed = Vec::new();
        for &(id, person) in moves {
            let owner = person
                .and_then(|number| self.slot_of_number(number))
                .unwrap_or(NOBODY);
            let before = self.owners[id as usize];
            if before == owner {
                continue;
            }
            *self.owners.get_mut(id as usize) = owner;
            changed.push(before);
            if self.row(owner).is_some() {
                self.row_ids.get_mut(owner as usize).push(id);
                changed.push(owner);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        for slot in changed {
            if self.row(slot).is_none() {
                continue;
            }
            let mut ids = self.row_ids[slot as usize].as_slice().to_vec();
            ids.retain(|&id| self.owners[id as usize] == slot);
            ids.sort_unstable();
            *self.row_ids.get_mut(slot as usize) = ids.into();
            self.correct_last_seen(slot);
        }
    }

    /// Finds out when the person in a slot was last seen.
    fn correct_last_seen(&mut self, slot: u32) {
        let Some(ids) = self.row_ids.get(slot as usize) else {
            return;
        };
        let seen = ids.as_slice().iter();
        let last_seen = seen.filter_map(|&id| self.seen[id as usize]).max();
        if let Some(row) = self.row_mut(slot) {
            row.last_seen = last_seen;
        }
    }

    /// Notes that a distinct id had an event.
    fn see(&mut self, id: u32, at: Timestamp) {
        if self.seen[id as usize] >= Some(at) {
            return;
        }
        *self.seen.get_mut(id as usize) = Some(at);
        let owner = self.owners[id as usize];
        if self.row(owner).is_some_and(|row| row.last_seen < Some(at))
            && let Some(row) = self.row_mut(owner)
        {
            row.last_seen = Some(at);
        }
    }

    /// Forgets the texts of distinct ids that have neither a person nor events any more. Their numbers stay
    /// taken; an event with the same id gets another one.
    pub fn forget_distinct_ids(&mut self, ids: &[u32]) {
        for &id in ids {
            if self.row(self.owners[id as usize]).is_none() {
                self.ids.erase(id);
            }
        }
    }

    /// Corrects when distinct ids had their latest events, after some of these were deleted.
    pub fn set_seen(&mut self, seen: &[(u32, Option<Timestamp>)]) {
        for &(id, at) in seen {
            *self.seen.get_mut(id as usize) = at;
        }
        let mut owners: Vec<u32> = seen
            .iter()
            .map(|&(id, _)| self.owners[id as usize])
            .collect();
        owners.sort_unstable();
        owners.dedup();
        for owner in owners {
            self.correct_last_seen(owner);
        }
    }

    /// The keys names are taken from.
    pub fn name_keys(&self) -> &[String] {
        &self.name_keys
    }

    /// Sets the keys names are taken from; an empty list means the defaults.
    pub fn set_name_keys(&mut self, keys: Vec<String>) {
        self.name_keys = Arc::new(if keys.is_empty() {
            name::DEFAULT_KEYS.map(str::to_owned).to_vec()
        } else {
            keys
        });
    }
}

/// A person, read in place.
#[derive(Clone, Copy)]
pub struct PersonRef<'a> {
    people: &'a People,
    slot: u32,
    row: &'a Row,
}

impl<'a> PersonRef<'a> {
    /// Where the person is in memory; stable only while nothing is applied.
    pub(crate) fn slot(&self) -> u32 {
        self.slot
    }

    /// The integer primary key.
    pub fn number(&self) -> i64 {
        self.row.number
    }

    /// The identity on the wire.
    pub fn uuid(&self) -> Uuid {
        self.row.uuid
    }

    /// When the person was first seen.
    pub fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Whether a merge ever touched the person.
    pub fn is_identified(&self) -> bool {
        self.row.is_identified
    }

    /// Grows with every change.
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// The time of the latest event of any of the person's distinct ids.
    pub fn last_seen_at(&self) -> Option<Timestamp> {
        self.row.last_seen
    }

    /// How many distinct ids the person has.
    pub fn distinct_id_count(&self) -> usize {
        self.distinct_id_numbers().len()
    }

    /// The distinct ids, first seen first.
    pub fn distinct_ids_as_seen(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let people = self.people;
        self.distinct_id_numbers()
            .iter()
            .map(move |&id| people.ids.value(id).text)
    }

    /// The distinct ids, real ones before anonymous ones, otherwise first seen first.
    pub fn distinct_ids(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let real = self
            .distinct_ids_as_seen()
            .filter(|id| !name::is_anonymous(id));
        real.chain(
            self.distinct_ids_as_seen()
                .filter(|id| name::is_anonymous(id)),
        )
    }

    /// The numbers of the distinct ids.
    pub fn distinct_id_numbers(&self) -> &'a [u32] {
        self.people.row_ids[self.slot as usize].as_slice()
    }

    /// The value of a property.
    pub fn property(&self, key: &str) -> Option<ValueRef<'a>> {
        let column = self.people.column(key)?;
        let entry = column.codes.get(self.slot)?;
        Some(column.values.value(entry))
    }

    /// All properties, by key.
    pub fn properties(&self) -> Vec<(&'a str, ValueRef<'a>)> {
        let people = self.people;
        let keys = people.key_sets.keys(self.row.key_set);
        let mut pairs: Vec<(&str, ValueRef<'_>)> = keys
            .iter()
            .filter_map(|&key| {
                let (key, column) = people.columns.pair(key)?;
                let entry = column.codes.get(self.slot)?;
                Some((key, column.values.value(entry)))
            })
            .collect();
        pairs.sort_unstable_by_key(|&(key, _)| key);
        pairs
    }

    /// The name to show.
    pub fn name(&self) -> serde_json::Value {
        name::name(
            self.people.name_keys.iter().map(String::as_str),
            |key| self.property(key),
            self.distinct_ids_as_seen(),
            self.row.number,
        )
    }

    /// A copy of the whole state.
    pub fn to_state(&self) -> PersonState {
        PersonState {
            number: self.row.number,
            uuid: self.row.uuid,
            created_at: self.row.created_at,
            is_identified: self.row.is_identified,
            version: self.row.version,
            properties: self
                .properties()
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_value()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_uuids_are_the_published_ones() {
        for (project, id, uuid) in [
            (1, "test", "246f7a43-5507-564f-b687-793ee3c2dd79"),
            (2, "test", "00ce873a-549c-548e-bbec-cc804a385dd8"),
            (1, "test2", "45c17302-ee44-5596-916a-0eba21f4b638"),
            (4711, "anon-1", "b88736c3-bde8-51a6-b69f-6bb8d2c25b0b"),
        ] {
            assert_eq!(person_uuid(project, id).to_string(), uuid);
        }
    }
}
