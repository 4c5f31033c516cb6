//! The events themselves, in the order of their times, page by page: which of them, not what is in them.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use persons_api::{FilterTree, Timestamp};

use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::{Frozen, Stop};
use crate::insights::entity::Entity;
use crate::insights::matching::{EventMatcher, Preparation};
use crate::insights::{InsightError, Source};

/// Which events. By default all, oldest first, and a page of none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingQuery {
    /// Which ones; its math is not looked at.
    pub entity: Entity,
    /// What else must hold of events and their people.
    pub filter: FilterTree,
    /// Whose.
    pub whose: Whose,
    /// Only later ones than this.
    pub after: Option<Place>,
    /// Only earlier ones than this.
    pub before: Option<Place>,
    /// Whether the latest come first.
    pub newest_first: bool,
    /// How many come before the page.
    pub offset: usize,
    /// How many the page has at most.
    pub limit: usize,
}

/// Whose events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's.
    #[default]
    Anybody,
    /// Those of the person with this number.
    Person(i64),
    /// Those with this distinct id.
    DistinctId(String),
}

/// Where an event stands among all: no two stand in the same place, and later ones stand behind earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened.
    pub at: Timestamp,
    /// Its number in the store.
    pub number: i64,
}

impl Place {
    /// Before all events of a moment.
    pub fn start_of(at: Timestamp) -> Self {
        Self {
            at,
            number: i64::MIN,
        }
    }

    /// Behind all events of a moment.
    pub fn end_of(at: Timestamp) -> Self {
        Self {
            at,
            number: i64::MAX,
        }
    }
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The events of the page, in order.
    pub places: Vec<Place>,
    /// Whether there is another page.
    pub has_more: bool,
}

/// A query that is ready to be answered.
pub struct Listing {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    events: EventMatcher,
    whose: Only,
    query: ListingQuery,
}

/// Whose events, looked up.
enum Only {
    All,
    Nothing,
    Actor(Actor),
    Id(u32),
}

impl ListingQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Listing, InsightError> {
        let people = source.people;
        let mut preparation = Preparation::new(source);
        let events = preparation.events_of(&self.entity, &self.filter)?;
        let whose = match &self.whose {
            Whose::Anybody => Only::All,
            Whose::Person(number) => people.by_number(*number).map_or(Only::Nothing, |person| {
                Only::Actor(Actor::person(person.slot()))
            }),
            Whose::DistinctId(id) => people
                .distinct_id_number(id)
                .map_or(Only::Nothing, Only::Id),
        };
        Ok(Listing {
            frozen: source.events.freeze(people),
            properties: preparation.properties,
            events,
            whose,
            query: self.clone(),
        })
    }
}

impl Listing {
    /// The page.
    pub fn page(&self, stop: &Stop) -> Result<Listed, InsightError> {
        let query = &self.query;
        let view = self.frozen.view();
        let census = view.census();
        let (actor, id) = match self.whose {
            Only::Nothing => {
                return Ok(Listed {
                    places: Vec::new(),
                    has_more: false,
                });
            }
            Only::All => (None, None),
            Only::Actor(actor) => (Some(actor), None),
            Only::Id(id) => (Some(census.actor(id)), Some(id)),
        };
        // One more than are shown says whether there are more.
        let most = query.offset.saturating_add(query.limit).saturating_add(1);
        let nearest = || Nearest {
            places: Vec::new(),
            most,
            newest_first: query.newest_first,
        };
        let nearest = view.fold(
            &self.properties,
            stop,
            nearest,
            |nearest, part, whose, events| {
                if actor.is_some_and(|actor| actor != whose) || !self.events.admits(whose) {
                    return;
                }
                for event in events {
                    let (own, number) = self.frozen.id_and_number(part.rows[event]);
                    let place = Place {
                        at: Timestamp(part.times[event]),
                        number,
                    };
                    if id.is_none_or(|id| id == own)
                        && query.after.is_none_or(|after| after < place)
                        && query.before.is_none_or(|before| place < before)
                        && self.events.matches(part, whose, event)
                    {
                        nearest.take(place);
                    }
                }
            },
            |all, more| more.places.into_iter().for_each(|place| all.take(place)),
        )?;
        Ok(nearest.page(query.offset, query.limit))
    }
}

/// The first events of a list, and some others that are not thrown away yet.
struct Nearest {
    places: Vec<Place>,
    most: usize,
    newest_first: bool,
}

impl Nearest {
    fn take(&mut self, place: Place) {
        self.places.push(place);
        if self.places.len() >= self.most.saturating_mul(2).saturating_add(1024) {
            self.sort();
            self.places.truncate(self.most);
        }
    }

    fn sort(&mut self) {
        if self.newest_first {
            self.places.sort_unstable_by(|a, b| b.cmp(a));
        } else {
            self.places.sort_unstable();
        }
    }

    fn page(mut self, offset: usize, limit: usize) -> Listed {
        self.sort();
        let rest = self.places.get(offset..).unwrap_or_default();
        Listed {
            places: rest.iter().take(limit).copied().collect(),
            has_more: rest.len() > limit,
        }
    }
}
