//! Who there was at a moment, and whose each distinct id was: what a question about events needs of the
//! people.

use persons_api::Timestamp;
use uuid::Uuid;

use crate::people::{Owners, People, Rows};

/// Marks an actor that is a distinct id without a person.
const WITHOUT_PERSON: u32 = 1 << 31;

/// Whoever did something: a person (by slot), or a distinct id that belongs to nobody.
///
/// People come before distinct ids, each in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(u32);

impl Actor {
    /// The person in a slot.
    pub(crate) fn person(slot: u32) -> Self {
        Self(slot)
    }

    /// A distinct id that belongs to nobody.
    pub(crate) fn nobody(id: u32) -> Self {
        Self(id | WITHOUT_PERSON)
    }

    /// The slot of the person, if it is one.
    pub fn slot(self) -> Option<u32> {
        (self.0 & WITHOUT_PERSON == 0).then_some(self.0)
    }

    /// The number of the distinct id, if it belongs to nobody.
    pub(crate) fn id(self) -> Option<u32> {
        (self.0 & WITHOUT_PERSON != 0).then_some(self.0 & !WITHOUT_PERSON)
    }
}

/// The people of a moment.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Which state of the people it is, see [`People::census_version`].
    version: u64,
    /// The slot of each distinct id's person.
    owners: Owners,
    people: Rows,
}

/// A person of a census.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The integer primary key; 0 where there is nobody.
    pub number: i64,
    /// The identity on the wire.
    pub uuid: Uuid,
    /// When the person was first seen.
    pub created_at: Timestamp,
}

impl Census {
    /// Takes what a question needs of the people, which costs the same however many there are.
    pub(crate) fn take(people: &People) -> Self {
        Self {
            version: people.census_version(),
            owners: people.owners.clone(),
            people: people.rows.clone(),
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// How many slots there are.
    pub(crate) fn slots(&self) -> usize {
        self.people.len()
    }

    /// How many distinct ids there are.
    pub(crate) fn ids(&self) -> usize {
        self.owners.len()
    }

    /// Whose events those of a distinct id are.
    pub(crate) fn actor(&self, id: u32) -> Actor {
        match self.owners.get(id as usize) {
            Some(&slot) if (slot as usize) < self.people.len() => Actor::person(slot),
            _ => Actor::nobody(id),
        }
    }

    /// Whose events those of each distinct id are.
    pub(crate) fn actors(&self) -> Vec<Actor> {
        let mut actors = Vec::with_capacity(self.ids());
        let slots = self.people.len();
        for &slot in self.owners.leaves().flatten() {
            actors.push(if (slot as usize) < slots {
                Actor::person(slot)
            } else {
                Actor::nobody(actors.len() as u32)
            });
        }
        actors
    }

    /// The distinct ids that may belong to someone else than in another census.
    pub(crate) fn ids_that_may_differ(&self, other: &Self) -> impl Iterator<Item = u32> {
        let ranges = self.owners.ranges_not_shared(&other.owners);
        ranges.into_iter().flatten().map(|id| id as u32)
    }

    /// The person in a slot.
    pub fn person(&self, slot: u32) -> Counted {
        let row = self.people[slot as usize].as_ref();
        row.map_or_else(Counted::default, |row| Counted {
            number: row.number,
            uuid: row.uuid,
            created_at: row.created_at,
        })
    }
}
