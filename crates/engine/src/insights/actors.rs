//! The people of a cell: in order, page by page.

use std::cmp::Ordering;

use uuid::Uuid;

use crate::events::census::{Actor, Census, Counted};
use crate::select::Selection;

/// Which part of a list is asked for.
pub struct Page {
    /// How many come before it.
    pub offset: usize,
    /// How many it has at most.
    pub limit: usize,
    /// Only these people, and nobody who is not one of them: found under the same locks as the query was
    /// prepared under.
    pub among: Selection,
    /// The order of the list.
    pub order: PeopleOrder,
}

/// The order of a list of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleOrder {
    /// What is compared first.
    pub by: OrderKey,
    /// Whether UUIDs, which are compared last, descend.
    pub ids_descend: bool,
}

/// What a list of people is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderKey {
    /// The order that the insight documents for its people, whatever the order of UUIDs.
    #[default]
    Insight,
    /// UUIDs alone.
    Id,
    /// The time of creation, latest first.
    CreatedAt,
    /// The number of events, highest first; in trends only.
    Events,
    /// The number of appearances, highest first; in retention only.
    Appearances,
}

impl PeopleOrder {
    /// Compares two UUIDs.
    pub(crate) fn ids(self, a: Uuid, b: Uuid) -> Ordering {
        if self.ids_descend {
            b.cmp(&a)
        } else {
            a.cmp(&b)
        }
    }
}

impl Page {
    /// The first page of everybody.
    pub fn first(limit: usize) -> Self {
        Self {
            offset: 0,
            limit,
            among: Selection::All,
            order: PeopleOrder::default(),
        }
    }
}

/// Somebody in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Listed<T> {
    /// The integer primary key.
    pub number: i64,
    /// The identity on the wire.
    pub uuid: Uuid,
    /// What there is to say of the person in this cell.
    pub value: T,
}

/// A page of the people in a cell. Distinct ids that belong to nobody come after all people; of these a page
/// only says how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct People<T> {
    /// The people of the page.
    pub people: Vec<Listed<T>>,
    /// How many distinct ids without a person are on the page.
    pub missing: usize,
    /// Whether there is another page.
    pub has_more: bool,
    /// How many people there are on all pages: the number of the cell.
    pub count: usize,
}

impl<T> People<T> {
    /// The same people, of whom something else is said.
    pub(crate) fn map<U>(self, mut say: impl FnMut(T) -> U) -> People<U> {
        let people = self.people.into_iter().map(|listed| Listed {
            number: listed.number,
            uuid: listed.uuid,
            value: say(listed.value),
        });
        People {
            people: people.collect(),
            missing: self.missing,
            has_more: self.has_more,
            count: self.count,
        }
    }
}

/// Cuts a page out of all actors in a cell. `own_order` is the order of the insight, and any that only it knows.
pub(crate) fn page<T: Clone>(
    found: Vec<(Actor, T)>,
    census: &Census,
    page: &Page,
    own_order: impl Fn(&(Counted, T), &(Counted, T)) -> Ordering,
) -> People<T> {
    let order = |a: &(Counted, T), b: &(Counted, T)| {
        let ids = || page.order.ids(a.0.uuid, b.0.uuid);
        match page.order.by {
            OrderKey::Id => ids(),
            OrderKey::CreatedAt => b.0.created_at.cmp(&a.0.created_at).then_with(ids),
            OrderKey::Insight | OrderKey::Events | OrderKey::Appearances => own_order(a, b),
        }
    };
    let (mut people, mut missing) = (Vec::with_capacity(found.len()), 0);
    for (actor, value) in found {
        let is_wanted = match (&page.among, actor.slot()) {
            (Selection::All, _) => true,
            (Selection::Slots(slots), Some(slot)) => slots.contains(slot),
            (Selection::Slots(_), None) => false,
        };
        match actor.slot().filter(|_| is_wanted) {
            Some(slot) => people.push((census.person(slot), value)),
            None => missing += usize::from(is_wanted),
        }
    }
    let count = people.len();
    let from = page.offset.min(count);
    let to = page.offset.saturating_add(page.limit).min(count);
    if to < count {
        // Only the part that is shown needs an order.
        people.select_nth_unstable_by(to, &order);
        people.truncate(to);
    }
    people.sort_unstable_by(&order);
    let listed = people[from..].iter().map(|(person, value)| Listed {
        number: person.number,
        uuid: person.uuid,
        value: value.clone(),
    });
    let all = count + missing;
    let end = page.offset.saturating_add(page.limit).min(all);
    People {
        people: listed.collect(),
        missing: end.saturating_sub(page.offset.max(count)),
        has_more: end < all,
        count,
    }
}
