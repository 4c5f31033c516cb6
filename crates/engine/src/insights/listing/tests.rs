//! The slow and obvious way to answer the same, and pages that follow each other.

use proptest::prelude::*;

use super::*;
use crate::insights::testing::{asked, entity, filter, is_of, zone};
use crate::testing::{HOUR, START, World, history};

/// All events that are asked for, in order.
fn expected(world: &World, query: &ListingQuery) -> Vec<Place> {
    let mut places = Vec::new();
    for (whose, events) in world.everybody() {
        for event in events {
            let place = Place {
                at: Timestamp(event.at),
                number: event.number,
            };
            let is_theirs = match &query.whose {
                Whose::Anybody => true,
                Whose::Person(number) => whose == Ok(*number),
                Whose::DistinctId(id) => *id == format!("id{}", event.id),
            };
            let in_time = query.after.is_none_or(|after| after < place)
                && query.before.is_none_or(|before| place < before);
            if is_theirs && in_time && is_of(&query.entity, &query.filter, &whose, &event) {
                places.push(place);
            }
        }
    }
    places.sort();
    if query.newest_first {
        places.reverse();
    }
    places
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![
        2 => Just(Whose::Anybody),
        1 => (1..6i64).prop_map(Whose::Person),
        1 => (0..8u32).prop_map(|id| Whose::DistinctId(format!("id{id}"))),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    let place = |(hours, number): (i64, Option<i64>)| {
        let at = Timestamp(START + hours * HOUR);
        number.map_or(Place::end_of(at), |number| Place { at, number })
    };
    (0..6 * 24i64, prop::option::of(0..80i64)).prop_map(place)
}

proptest! {
    /// Pages are pieces of the whole list; so are those that begin behind the last event of the page before.
    #[test]
    fn pages_agree_with_the_slow_way(
        world in history(6),
        entity in entity(),
        filter in filter(),
        whose in whose(),
        after in prop::option::weighted(0.3, place()),
        before in prop::option::weighted(0.3, place()),
        newest_first in any::<bool>(),
        limit in 1..6usize,
    ) {
        let mut query = ListingQuery { entity, filter, whose, after, before, newest_first, offset: 0, limit };
        let expected = expected(&world, &query);
        let page = |query: &ListingQuery| {
            let listing = asked(&world, zone(false), |source| query.prepare(source)).expect("a good query");
            listing.page(&Stop::default()).expect("an answer")
        };
        let mut all = Vec::new();
        loop {
            query.offset = all.len();
            let listed = page(&query);
            all.extend(listed.places);
            prop_assert_eq!(listed.has_more, all.len() < expected.len());
            if !listed.has_more {
                break;
            }
        }
        prop_assert_eq!(&all, &expected);
        query.offset = 0;
        all.clear();
        loop {
            let listed = page(&query);
            all.extend(listed.places);
            if !listed.has_more {
                break;
            }
            *if newest_first { &mut query.before } else { &mut query.after } = all.last().copied();
        }
        prop_assert_eq!(&all, &expected);
    }
}
