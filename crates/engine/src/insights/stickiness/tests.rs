//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::insights::testing::{
    asked, assert_lists, days, entity, filter, piece_of, range, times, zone,
};
use crate::testing::{Step, World, history};

fn query() -> StickinessQuery {
    StickinessQuery {
        series: vec![Entity::event(Some("viewed"))],
        filter: FilterTree::default(),
        range: days(4),
        interval: Interval::Day,
    }
}

/// Person 1 views on three days through two distinct ids, person 2 on one, nobody (id 3) on one.
fn small_world() -> World {
    let mut world = World::new();
    for (id, person) in [(0, 1), (1, 1), (2, 2)] {
        world.take(Step::Move(id, Some(person)));
    }
    for (id, hour) in [(0, 0), (1, 23), (1, 24), (0, 95), (2, 30), (2, 31), (3, 5)] {
        world.event(id, hour, "viewed", json!({}));
    }
    world.event(2, 60, "bought", json!({}));
    world.event(2, 96, "viewed", json!({}));
    world
}

#[test]
fn people_count_by_their_exact_number_of_days() {
    let world = small_world();
    let stickiness = asked(&world, zone(false), |source| query().prepare(source));
    let stickiness = stickiness.expect("a good query");
    let stop = Stop::default();
    assert_eq!(
        stickiness.numbers(&stop),
        Ok(vec![vec![1.0, 0.0, 1.0, 0.0]])
    );
    let people = |series, intervals| {
        let cell = StickinessCell { series, intervals };
        stickiness.people(&cell, &Page::first(10), &stop)
    };
    let one = people(0, 1).expect("a page");
    assert_lists(&one, &BTreeMap::from([(Ok(2), ()), (Err(3), ())]));
    let three = people(0, 3).expect("a page");
    assert_lists(&three, &BTreeMap::from([(Ok(1), ())]));
    for intervals in [0, 5] {
        let error = InsightError::NoSuchCell("number of intervals");
        assert_eq!(people(0, intervals), Err(error));
    }
    assert_eq!(people(1, 1), Err(InsightError::NoSuchCell("series")));
}

proptest! {
    /// Every number is that of the slow way, its people are those of the slow way, and both agree.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6),
        series in prop::collection::vec(entity(), 1..3),
        filter in filter(),
        range in range(),
        interval in prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week]),
        eastern in any::<bool>(),
    ) {
        let query = StickinessQuery { series, filter, range, interval };
        let stickiness = asked(&world, zone(eastern), |source| query.prepare(source)).expect("a good query");
        let stop = Stop::default();
        let numbers = stickiness.numbers(&stop).expect("an answer");
        prop_assert_eq!(numbers.len(), query.series.len());
        for (series, data) in numbers.iter().enumerate() {
            let active: BTreeMap<_, usize> = world.everybody().into_iter().map(|(whose, events)| {
                let times = times(&query.series[series], &query.filter, &whose, &events);
                let pieces: BTreeSet<_> = times.into_iter().filter_map(|at| piece_of(stickiness.points(), at)).collect();
                (whose, pieces.len())
            }).collect();
            for (place, &number) in data.iter().enumerate() {
                let cell = StickinessCell { series, intervals: place + 1 };
                let expected = active.iter().filter(|(_, count)| **count == place + 1);
                let expected: BTreeMap<_, _> = expected.map(|(whose, _)| (*whose, ())).collect();
                let page = stickiness.people(&cell, &Page::first(100), &stop).expect("a page");
                assert_lists(&page, &expected);
                prop_assert!(page.people.is_sorted_by_key(|one| one.uuid));
                prop_assert_eq!(number, page.count as f64);
            }
        }
    }
}
