//! Who there was at a moment, and whose each distinct id was: what a question about events needs of the
//! people, copied, so that it can be answered while people change.

use persons_api::Timestamp;
use uuid::Uuid;

use crate::people::People;

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
#[derive(Debug, Default)]
pub struct Census {
    /// Which state of the people it is, see [`People::census_version`].
    version: u64,
    /// The slot of each distinct id's person.
    owners: Vec<u32>,
    people: Vec<Counted>,
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
    /// Counts the people.
    pub(crate) fn take(people: &People) -> Self {
        let counted = people.rows.iter().map(|row| {
            row.as_ref().map_or_else(Counted::default, |row| Counted {
                number: row.number,
                uuid: row.uuid,
                created_at: row.created_at,
            })
        });
        Self {
            version: people.census_version(),
            owners: people.owners.clone(),
            people: counted.collect(),
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

    /// The person in a slot.
    pub fn person(&self, slot: u32) -> Counted {
        self.people[slot as usize]
    }
}
