//! The people of a project in memory: rows, the columns of their properties, and their distinct ids.
//!
//! A person is a row in a slot; slots are reused, numbers never. A property key is a [`Column`], the
//! dictionary of its values, with [`Cells`] that say which value each slot has. Distinct ids are numbered in the order of their first event and never
//! forgotten, because events belong to them for ever; each belongs to one person or to nobody.
//!
//! This state is changed only by [`People::apply`], with what a [`crate::draft::Draft`] decided, so that
//! the store can write the same changes first.

use std::collections::{BTreeMap, HashMap};

use persons_api::{Properties, Timestamp};
use uuid::Uuid;

use crate::cells::Cells;
use crate::cohort::CohortState;
use crate::column::Column;
use crate::definitions::Definitions;
use crate::draft::{Changes, PersonState};
use crate::name;
use crate::value::{Kind, ValueRef, text_of};

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

/// All people of one project.
#[derive(Clone)]
pub struct People {
    pub(crate) project: i64,
    pub(crate) keys: Vec<Box<str>>,
    key_numbers: HashMap<Box<str>, u32>,
    pub(crate) columns: Vec<Column>,
    pub(crate) cells: Vec<Cells>,
    pub(crate) rows: Vec<Option<Row>>,
    free_slots: Vec<u32>,
    by_number: HashMap<i64, u32>,
    by_uuid: HashMap<Uuid, u32>,
    /// The distinct ids; entry numbers are distinct-id numbers.
    pub(crate) ids: Column,
    /// The slot of each distinct id's person.
    pub(crate) owners: Vec<u32>,
    /// The time of each distinct id's latest event.
    seen: Vec<Option<Timestamp>>,
    /// Slots by (created_at, number), oldest first.
    pub(crate) order: Vec<u32>,
    next_number: i64,
    /// Grows when people or distinct ids come, go or move.
    census_version: u64,
    pub(crate) cohorts: BTreeMap<i64, CohortState>,
    /// What events and event properties there have been.
    pub(crate) definitions: Definitions,
    /// The keys names are taken from, best first.
    name_keys: Vec<String>,
}

/// One person.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) uuid: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) is_identified: bool,
    pub(crate) version: i64,
    pub(crate) last_seen: Option<Timestamp>,
    /// Distinct-id numbers, ascending: the order in which the ids were first seen.
    pub(crate) ids: Vec<u32>,
    /// The keys of the person's properties.
    keys: Vec<u32>,
}

/// A distinct id as the store remembers it.
#[derive(Clone, Debug)]
pub struct StoredId {
    /// The id.
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
            keys: Vec::new(),
            key_numbers: HashMap::new(),
            columns: Vec::new(),
            cells: Vec::new(),
            rows: Vec::new(),
            free_slots: Vec::new(),
            by_number: HashMap::new(),
            by_uuid: HashMap::new(),
            ids: Column::default(),
            owners: Vec::new(),
            seen: Vec::new(),
            order: Vec::new(),
            next_number: 1,
            // A census that was never taken has version 0.
            census_version: 1,
            cohorts: BTreeMap::new(),
            definitions: Definitions::default(),
            name_keys: name::DEFAULT_KEYS.map(str::to_owned).to_vec(),
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
            people.put(person);
        }
        for id in ids {
            let number = people.ids.hold(Kind::String, &id.text);
            let owner = id.person.and_then(|person| people.slot_of_number(person));
            people.owners.push(owner.unwrap_or(NOBODY));
            people.seen.push(id.seen);
            if let Some(row) = owner.and_then(|slot| people.rows[slot as usize].as_mut()) {
                row.ids.push(number);
                row.last_seen = row.last_seen.max(id.seen);
            }
        }
        people.next_number = people.next_number.max(next_number);
        people.sort_order();
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
        self.by_uuid.get(&uuid).and_then(|&slot| self.person(slot))
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
        let row = self.rows.get(slot as usize)?.as_ref()?;
        Some(PersonRef {
            people: self,
            slot,
            row,
        })
    }

    pub(crate) fn slot_of_number(&self, number: i64) -> Option<u32> {
        self.by_number.get(&number).copied()
    }

    /// The number of a property key that has been seen on somebody.
    pub(crate) fn key_number(&self, key: &str) -> Option<u32> {
        self.key_numbers.get(key).copied()
    }

    /// Makes changes visible. They must come from a draft of this very state.
    pub fn apply(&mut self, changes: Changes) {
        for (merged, into) in changes.merges {
            self.cohorts
                .values_mut()
                .for_each(|cohort| cohort.replace_member(merged, into));
        }
        let moves_ids = !changes.new_ids.is_empty() || !changes.owners.is_empty();
        let removes = !changes.removed.is_empty();
        self.remove(&changes.removed);
        let mut out_of_order = false;
        for person in changes.persons {
            out_of_order |= self.put(person);
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
        if out_of_order {
            self.sort_order();
        }
        if moves_ids || removes || out_of_order {
            self.census_version += 1;
        }
    }

    /// Adds or replaces a person; says whether the order must be restored.
    fn put(&mut self, person: PersonState) -> bool {
        self.next_number = self.next_number.max(person.number + 1);
        if let Some(slot) = self.slot_of_number(person.number) {
            self.put_properties(slot, &person.properties);
            let Some(row) = self.rows[slot as usize].as_mut() else {
                return false;
            };
            let moved = row.created_at != person.created_at;
            row.created_at = person.created_at;
            row.is_identified = person.is_identified;
            row.version = person.version;
            return moved;
        }
        let row = Row {
            number: person.number,
            uuid: person.uuid,
            created_at: person.created_at,
            is_identified: person.is_identified,
            version: person.version,
            last_seen: None,
            ids: Vec::new(),
            keys: Vec::new(),
        };
        let is_newest = self
            .order
            .last()
            .is_none_or(|&last| self.order_key(last) < (row.created_at, row.number));
        let slot = match self.free_slots.pop() {
            Some(slot) => {
                self.rows[slot as usize] = Some(row);
                slot
            }
            None => {
                self.rows.push(Some(row));
                (self.rows.len() - 1) as u32
            }
        };
        self.by_number.insert(person.number, slot);
        self.by_uuid.insert(person.uuid, slot);
        self.order.push(slot);
        self.put_properties(slot, &person.properties);
        !is_newest
    }

    /// Makes these the properties of the person in a slot.
    fn put_properties(&mut self, slot: u32, properties: &Properties) {
        let keys: Vec<u32> = properties.keys().map(|key| self.key(key)).collect();
        let slots = self.rows.len();
        for (&key, value) in keys.iter().zip(properties.values()) {
            let column = &mut self.columns[key as usize];
            let entry = column.hold(Kind::of(value), &text_of(value));
            if let Some(before) = self.cells[key as usize].set(slot, entry, slots) {
                column.release(before);
            }
        }
        let Some(row) = self.rows[slot as usize].as_mut() else {
            return;
        };
        let before = std::mem::replace(&mut row.keys, keys);
        for key in before {
            if !properties.contains_key(&*self.keys[key as usize]) {
                self.clear_cell(slot, key);
            }
        }
    }

    fn clear_cell(&mut self, slot: u32, key: u32) {
        if let Some(entry) = self.cells[key as usize].clear(slot) {
            self.columns[key as usize].release(entry);
        }
    }

    /// The number of a property key, given out now if it is new.
    fn key(&mut self, key: &str) -> u32 {
        if let Some(&number) = self.key_numbers.get(key) {
            return number;
        }
        let number = self.keys.len() as u32;
        self.keys.push(key.into());
        self.columns.push(Column::default());
        self.cells.push(Cells::default());
        self.key_numbers.insert(key.into(), number);
        number
    }

    /// Takes people out.
    fn remove(&mut self, numbers: &[i64]) {
        if numbers.is_empty() {
            return;
        }
        for number in numbers {
            let Some(slot) = self.by_number.remove(number) else {
                continue;
            };
            let Some(row) = self.rows[slot as usize].take() else {
                continue;
            };
            self.by_uuid.remove(&row.uuid);
            for id in row.ids {
                self.owners[id as usize] = NOBODY;
            }
            for key in row.keys {
                self.clear_cell(slot, key);
            }
            self.cohorts
                .values_mut()
                .for_each(|cohort| cohort.remove_member(*number));
        }
        let rows = &self.rows;
        // Slots are freed only after the order forgot them, so that a reused slot is in it once.
        let free_slots = &mut self.free_slots;
        self.order.retain(|&slot| {
            let alive = rows[slot as usize].is_some();
            if !alive {
                free_slots.push(slot);
            }
            alive
        });
    }

    /// Gives distinct ids to new owners.
    fn move_ids(&mut self, moves: &[(u32, Option<i64>)]) {
        let mut losers = Vec::new();
        let mut winners = Vec::new();
        for &(id, person) in moves {
            let owner = person
                .and_then(|number| self.slot_of_number(number))
                .unwrap_or(NOBODY);
            let before = std::mem::replace(&mut self.owners[id as usize], owner);
            if before == owner {
                continue;
            }
            losers.push(before);
            if let Some(row) = self.rows.get_mut(owner as usize).and_then(Option::as_mut) {
                row.ids.push(id);
                winners.push(owner);
            }
        }
        for slots in [&mut losers, &mut winners] {
            slots.sort_unstable();
            slots.dedup();
        }
        for &slot in losers.iter().chain(&winners) {
            let Some(row) = self.rows.get_mut(slot as usize).and_then(Option::as_mut) else {
                continue;
            };
            row.ids.retain(|&id| self.owners[id as usize] == slot);
            row.ids.sort_unstable();
            row.last_seen = row
                .ids
                .iter()
                .filter_map(|&id| self.seen[id as usize])
                .max();
        }
    }

    /// Notes that a distinct id had an event.
    fn see(&mut self, id: u32, at: Timestamp) {
        let seen = &mut self.seen[id as usize];
        *seen = (*seen).max(Some(at));
        if let Some(row) = self
            .rows
            .get_mut(self.owners[id as usize] as usize)
            .and_then(Option::as_mut)
        {
            row.last_seen = row.last_seen.max(Some(at));
        }
    }

    /// Corrects when distinct ids had their latest events, after some of these were deleted.
    pub fn set_seen(&mut self, seen: &[(u32, Option<Timestamp>)]) {
        for &(id, at) in seen {
            self.seen[id as usize] = at;
        }
        for &(id, _) in seen {
            let owner = self.owners[id as usize];
            if let Some(row) = self.rows.get_mut(owner as usize).and_then(Option::as_mut) {
                row.last_seen = row
                    .ids
                    .iter()
                    .filter_map(|&id| self.seen[id as usize])
                    .max();
            }
        }
    }

    fn order_key(&self, slot: u32) -> (Timestamp, i64) {
        self.rows[slot as usize]
            .as_ref()
            .map_or((Timestamp(i64::MAX), i64::MAX), |row| {
                (row.created_at, row.number)
            })
    }

    /// Nearly sorted input is the rule (new people come last), which the standard sort detects.
    fn sort_order(&mut self) {
        let mut order = std::mem::take(&mut self.order);
        order.sort_by_key(|&slot| self.order_key(slot));
        self.order = order;
    }

    /// The keys names are taken from.
    pub fn name_keys(&self) -> &[String] {
        &self.name_keys
    }

    /// Sets the keys names are taken from; an empty list means the defaults.
    pub fn set_name_keys(&mut self, keys: Vec<String>) {
        self.name_keys = if keys.is_empty() {
            name::DEFAULT_KEYS.map(str::to_owned).to_vec()
        } else {
            keys
        };
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
        self.row.ids.len()
    }

    /// The distinct ids, first seen first.
    pub fn distinct_ids_as_seen(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let people = self.people;
        self.row
            .ids
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
        &self.row.ids
    }

    /// The value of a property.
    pub fn property(&self, key: &str) -> Option<ValueRef<'a>> {
        let number = self.people.key_number(key)?;
        let entry = self.people.cells[number as usize].get(self.slot)?;
        Some(self.people.columns[number as usize].value(entry))
    }

    /// All properties, by key.
    pub fn properties(&self) -> Vec<(&'a str, ValueRef<'a>)> {
        let people = self.people;
        let mut pairs: Vec<(&str, ValueRef<'_>)> = self
            .row
            .keys
            .iter()
            .filter_map(|&key| {
                let entry = people.cells[key as usize].get(self.slot)?;
                Some((
                    &*people.keys[key as usize],
                    people.columns[key as usize].value(entry),
                ))
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
