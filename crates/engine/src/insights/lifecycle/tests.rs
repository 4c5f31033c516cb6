//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};

use persons_api::timestamp::DAY;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::insights::testing::{asked, assert_lists, calendar, entity, filter, range, times, zone};
use crate::testing::{HOUR, START, Step, World, history, person};

fn query() -> LifecycleQuery {
    LifecycleQuery {
        entity: Entity::event(Some("viewed")),
        filter: FilterTree::default(),
        range: DateRange {
            from: Timestamp(START + DAY),
            to: Timestamp(START + 5 * DAY - 1),
        },
        interval: Interval::Day,
    }
}

/// Person 1 is created on day 1 and views on days 1, 2 and 4; person 2 is created on day 3 and views on day 0
/// and day 3; nobody (id 3) views on day 2. The range is days 1 to 4.
fn small_world() -> World {
    let mut world = World::new();
    for (id, person) in [(0, 1), (1, 1), (2, 2)] {
        world.take(Step::Move(id, Some(person)));
    }
    for (id, day) in [(0, 1), (1, 1), (1, 2), (0, 4), (2, 0), (2, 3), (3, 2)] {
        world.event(id, day * 24, "viewed", json!({}));
    }
    world
}

#[test]
fn people_come_go_and_come_back() {
    let world = small_world();
    let lifecycle = asked(&world, zone(false), |source| query().prepare(source));
    let lifecycle = lifecycle.expect("a good query");
    let stop = Stop::default();
    let numbers = lifecycle.numbers(&stop).expect("an answer");
    let expected = [
        vec![1.0, 0.0, 0.0, 0.0],
        vec![0.0, 1.0, 0.0, 0.0],
        // Person 2 was created on this very day, but was active before it.
        vec![0.0, 0.0, 1.0, 1.0],
        vec![-1.0, 0.0, -1.0, -1.0],
    ];
    assert_eq!(numbers, expected);
    let people = |status, point| {
        let cell = LifecycleCell { status, point };
        lifecycle.people(&cell, &Page::first(10), &stop)
    };
    let resurrecting = people(Status::Resurrecting, 1).expect("a page");
    assert_lists(&resurrecting, &BTreeMap::from([(Err(3), ())]));
    let dormant = people(Status::Dormant, 2).expect("a page");
    assert_lists(&dormant, &BTreeMap::from([(Ok(1), ()), (Err(3), ())]));
    assert_eq!(
        people(Status::New, 4),
        Err(InsightError::NoSuchCell("point"))
    );
}

#[test]
fn a_date_is_in_the_interval_around_it() {
    let world = small_world();
    let lifecycle = asked(&world, zone(false), |source| query().prepare(source));
    let lifecycle = lifecycle.expect("a good query");
    let point = |day: i64, more: i64| lifecycle.point_of(Timestamp(START + day * DAY + more));
    assert_eq!(point(1, -1), None);
    assert_eq!(point(1, 0), Some(0));
    assert_eq!(point(2, -1), Some(0));
    assert_eq!(point(4, 7), Some(3));
    assert_eq!(point(5, 0), None);
}

/// The starts of the intervals in which somebody was active, and of the one in which they were created.
struct Seen {
    active: BTreeSet<Timestamp>,
    created: Option<Timestamp>,
}

impl Seen {
    /// What somebody is in an interval, given the start of the one before it.
    fn is(&self, status: Status, interval: Timestamp, before: Timestamp) -> bool {
        let is_active = self.active.contains(&interval);
        let was_active = self.active.contains(&before);
        let is_new = self.active.first() == Some(&interval) && self.created == Some(interval);
        match status {
            Status::New => is_active && is_new,
            Status::Returning => is_active && was_active,
            Status::Resurrecting => is_active && !is_new && !was_active,
            Status::Dormant => !is_active && was_active,
        }
    }
}

/// An interval, and a range that has not too many of them.
fn cut_range() -> impl Strategy<Value = (DateRange, Interval)> {
    let interval = prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week]);
    (range(), interval).prop_map(|(range, interval)| {
        let to = match interval {
            Interval::Hour => Timestamp(range.to.0.min(range.from.0 + 6 * HOUR)),
            _ => range.to,
        };
        (DateRange { to, ..range }, interval)
    })
}

proptest! {
    /// Every number is that of the slow way, its people are those of the slow way, and both agree.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6),
        entity in entity(),
        filter in filter(),
        (range, interval) in cut_range(),
        eastern in any::<bool>(),
    ) {
        let query = LifecycleQuery { entity, filter, range, interval };
        let lifecycle = asked(&world, zone(eastern), |source| query.prepare(source)).expect("a good query");
        let stop = Stop::default();
        let numbers = lifecycle.numbers(&stop).expect("an answer");
        let calendar = calendar(zone(eastern));
        let start = |at: i64| calendar.start_of(interval, Timestamp(at));
        let previous = |at: Timestamp| start(at.0 - 1);
        let first = previous(start(range.from.0));
        let seen: Vec<_> = world.everybody().into_iter().map(|(whose, events)| {
            let times = times(&query.entity, &query.filter, &whose, &events).into_iter();
            let active = times.filter(|at| (first.0..=range.to.0).contains(at)).map(start).collect();
            let created = whose.ok().map(|number| start(person(number).created_at.0));
            (whose, Seen { active, created })
        }).collect();
        let pieces = &lifecycle.points().pieces;
        let before = std::iter::once(first).chain(pieces.iter().map(|piece| piece.interval));
        let before: Vec<_> = before.collect();
        for (status, data) in Status::ALL.into_iter().zip(numbers) {
            prop_assert_eq!(data.len(), pieces.len());
            for (point, number) in data.into_iter().enumerate() {
                let of_cell = |seen: &Seen| seen.is(status, pieces[point].interval, before[point]);
                let expected = seen.iter().filter(|(_, seen)| of_cell(seen));
                let expected: BTreeMap<_, _> = expected.map(|(whose, _)| (*whose, ())).collect();
                let cell = LifecycleCell { status, point };
                let page = lifecycle.people(&cell, &Page::first(100), &stop).expect("a page");
                assert_lists(&page, &expected);
                prop_assert_eq!(number.abs(), page.count as f64);
                prop_assert!(number == 0.0 || (number < 0.0) == (status == Status::Dormant));
            }
        }
    }
}
