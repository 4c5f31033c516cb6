//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use persons_api::Subject;
use persons_api::timestamp::DAY;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::insights::breakdown::BreakdownBy;
use crate::insights::testing::{
    asked, assert_lists, breakdown, entity, filter, is_in_group, is_of, piece_of, zone,
};
use crate::testing::{HOUR, Happened, START, Step, Whose, World, history};

fn prepare(world: &World, query: &RetentionQuery, zone: TimeZone) -> Retention {
    asked(world, zone, |source| query.prepare(source)).expect("a good query")
}

/// Eleven days from [`START`] on.
fn query() -> RetentionQuery {
    RetentionQuery {
        target: Entity::event(Some("viewed")),
        returning: Entity::event(Some("viewed")),
        kind: RetentionKind::Recurring,
        filter: FilterTree::default(),
        until: Timestamp(START + 10 * DAY + 7 * HOUR),
        interval: Interval::Day,
        intervals: 11,
        is_square: false,
        breakdown: None,
    }
}

fn rows(world: &World, query: &RetentionQuery) -> Vec<Vec<f64>> {
    let retention = prepare(world, query, TimeZone::UTC);
    let rows = retention.numbers(&Stop::default()).expect("an answer");
    rows.into_iter().map(|row| row.values).collect()
}

/// The people of a row: their numbers, and where they appear.
fn people(world: &World, query: &RetentionQuery, cell: RetentionCell) -> Vec<(i64, Vec<u8>)> {
    let retention = prepare(world, query, TimeZone::UTC);
    let page = retention.people(&cell, &Page::first(10), &Stop::default());
    let people = page.expect("a page").people.into_iter();
    let bits = |bits: Vec<bool>| bits.into_iter().map(u8::from).collect();
    people.map(|one| (one.number, bits(one.value))).collect()
}

/// Person n has the distinct id n; id 4 belongs to nobody.
fn world(events: &[(u32, i64, &'static str)]) -> World {
    let mut world = World::new();
    for number in 1..4 {
        world.take(Step::Move(number, Some(i64::from(number))));
    }
    for &(id, hours, name) in events {
        world.event(id, hours, name, json!({"n": hours / 24}));
    }
    world
}

#[test]
fn a_row_lists_those_who_came_back_most_first() {
    let views = |id, days: &[i64]| {
        days.iter()
            .map(move |day| (id, day * 24, "viewed"))
            .collect()
    };
    let events: Vec<Vec<_>> = vec![
        views(1, &[2, 5, 6]),
        views(2, &[2, 3, 6, 7]),
        views(3, &[1, 3]),
        views(4, &[2, 3]),
    ];
    let world = world(&events.concat());
    assert_eq!(
        people(&world, &query(), RetentionCell::Interval(2)),
        [
            (2, vec![1, 1, 0, 0, 1, 1, 0, 0, 0]),
            (1, vec![1, 0, 0, 1, 1, 0, 0, 0, 0]),
        ]
    );
    let rows = rows(&world, &query());
    assert_eq!(rows[2], [2.0, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(rows[10], [0.0]);
    let lengths: Vec<_> = rows.iter().map(Vec::len).collect();
    assert_eq!(lengths, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_square_row_goes_on_after_the_last_interval() {
    let world = world(&[
        (1, 0, "viewed"),
        (1, 24, "viewed"),
        (1, 48, "viewed"),
        (2, 25, "viewed"),
        (2, 50, "viewed"),
        // Neither in a row nor in a column of one.
        (3, 72, "viewed"),
        (1, 96, "viewed"),
    ]);
    let query = RetentionQuery {
        until: Timestamp(START + DAY),
        intervals: 2,
        is_square: true,
        ..query()
    };
    assert_eq!(rows(&world, &query), [[1.0, 1.0], [2.0, 2.0]]);
    assert_eq!(people(&world, &query, RetentionCell::Interval(1)).len(), 2);
    let beyond = prepare(&world, &query, TimeZone::UTC);
    let page = beyond.people(
        &RetentionCell::Interval(2),
        &Page::first(10),
        &Stop::default(),
    );
    assert_eq!(page, Err(InsightError::NoSuchCell("row")));
}

#[test]
fn coming_back_is_later_than_the_interval_of_the_target() {
    let world = world(&[
        (1, 0, "viewed"),
        (1, 1, "bought"),
        (1, 24, "bought"),
        (2, 23, "bought"),
        (2, 24, "viewed"),
    ]);
    let query = RetentionQuery {
        returning: Entity::event(Some("bought")),
        until: Timestamp(START + DAY),
        intervals: 2,
        ..query()
    };
    assert_eq!(rows(&world, &query), [vec![1.0, 1.0], vec![1.0]]);
}

#[test]
fn the_first_time_is_the_first_ever() {
    let world = world(&[
        (1, -48, "viewed"),
        (1, 0, "viewed"),
        (1, 24, "viewed"),
        (2, 1, "viewed"),
        (2, 25, "viewed"),
        (2, 49, "viewed"),
    ]);
    let query = |kind| RetentionQuery {
        kind,
        until: Timestamp(START + 2 * DAY),
        intervals: 3,
        ..query()
    };
    let first_time = query(RetentionKind::FirstTime);
    let expected = [vec![1.0, 1.0, 1.0], vec![0.0, 0.0], vec![0.0]];
    assert_eq!(rows(&world, &first_time), expected);
    let recurring = query(RetentionKind::Recurring);
    let expected = [vec![2.0, 2.0, 1.0], vec![2.0, 1.0], vec![1.0]];
    assert_eq!(rows(&world, &recurring), expected);
}

#[test]
fn the_first_time_is_that_of_what_passes_the_filter() {
    let world = world(&[(1, 0, "viewed"), (1, 24, "viewed"), (1, 48, "viewed")]);
    let later = json!([{"key": "n", "operator": "gt", "value": 0}]);
    let query = RetentionQuery {
        kind: RetentionKind::FirstTime,
        filter: FilterTree::from_json(&later, Subject::Event).expect("a good filter"),
        until: Timestamp(START + 2 * DAY),
        intervals: 3,
        ..query()
    };
    let expected = [vec![0.0, 0.0, 0.0], vec![1.0, 1.0], vec![0.0]];
    assert_eq!(rows(&world, &query), expected);
}

#[test]
fn rows_may_be_values() {
    let mut world = world(&[(1, 72, "viewed")]);
    for (id, day, plan) in [(1, 0, "pro"), (1, 1, "free"), (2, 1, "pro"), (2, 3, "pro")] {
        world.event(id, day * 24, "viewed", json!({"plan": plan}));
    }
    let query = RetentionQuery {
        until: Timestamp(START + 3 * DAY),
        intervals: 4,
        breakdown: Some(Breakdown {
            by: BreakdownBy::Event("plan".into()),
            limit: 10,
        }),
        ..query()
    };
    let text = |text: &str| BreakdownValue::Text(text.into());
    let retention = prepare(&world, &query, TimeZone::UTC);
    let rows = retention.numbers(&Stop::default()).expect("an answer");
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.breakdown.expect("a value"), row.values))
        .collect();
    let expected = [
        // Person 1 comes back one day and three days later, person 2 two days later.
        (text("pro"), vec![2.0, 1.0, 1.0, 1.0]),
        (BreakdownValue::Missing, vec![1.0, 0.0, 0.0, 0.0]),
        (text("free"), vec![1.0, 0.0, 1.0, 0.0]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(
        people(&world, &query, RetentionCell::Value(text("pro"))),
        [(1, vec![1, 1, 0, 1]), (2, vec![1, 0, 1, 0])]
    );
    let page = |cell| retention.people(&cell, &Page::first(10), &Stop::default());
    let other = RetentionCell::Value(BreakdownValue::Other);
    assert_eq!(
        page(other),
        Err(InsightError::NoSuchCell("breakdown value"))
    );
    let row = RetentionCell::Interval(0);
    assert_eq!(page(row), Err(InsightError::NoSuchCell("row")));
}

#[test]
fn intervals_are_whole_and_end_with_the_one_that_is_asked_for() {
    let world = world(&[]);
    let starts = |interval, intervals, until: &str| {
        let query = RetentionQuery {
            interval,
            intervals,
            until: Timestamp::parse(until).expect("a moment"),
            ..query()
        };
        let retention = prepare(&world, &query, TimeZone::UTC);
        let pieces = &retention.points().pieces;
        let end = pieces.last().expect("a piece").range.to;
        let starts: Vec<_> = pieces.iter().map(|piece| piece.interval).collect();
        (starts, end)
    };
    let at = |text: &str| Timestamp::parse(text).expect("a moment");
    assert_eq!(
        starts(Interval::Week, 2, "2024-05-15T12:00:00Z"),
        (
            vec![at("2024-05-06"), at("2024-05-13")],
            Timestamp(at("2024-05-20").0 - 1)
        )
    );
    assert_eq!(
        starts(Interval::Month, 3, "2024-03-31T12:00:00Z"),
        (
            vec![at("2024-01-01"), at("2024-02-01"), at("2024-03-01")],
            Timestamp(at("2024-04-01").0 - 1)
        )
    );
    assert_eq!(
        starts(Interval::Hour, 1, "2024-03-31T12:34:56Z").0,
        [at("2024-03-31T12:00:00Z")]
    );
}

#[test]
fn kinds_have_names_on_the_wire() {
    for (name, kind) in [
        ("retention_recurring", Some(RetentionKind::Recurring)),
        ("retention_first_time", Some(RetentionKind::FirstTime)),
        ("retention", None),
    ] {
        assert_eq!(RetentionKind::from_name(name), kind);
    }
}

#[test]
fn more_than_anybody_can_look_at_is_refused() {
    let query = RetentionQuery {
        intervals: usize::MAX,
        ..query()
    };
    let prepared = asked(&world(&[]), zone(false), |source| query.prepare(source));
    assert_eq!(prepared.err(), Some(InsightError::TooManyCells(MOST_CELLS)));
}

fn any_query() -> impl Strategy<Value = RetentionQuery> {
    let interval = prop::sample::select(vec![
        Interval::Hour,
        Interval::Day,
        Interval::Day,
        Interval::Week,
        Interval::Month,
    ]);
    let kind = prop::sample::select(vec![RetentionKind::Recurring, RetentionKind::FirstTime]);
    // Clocks are changed in the last of these hours.
    let time = (interval, 1..8usize, 0..7 * 24i64, any::<bool>());
    let breakdown = prop::option::of(breakdown());
    (
        (entity(), prop::option::of(entity())),
        filter(),
        kind,
        time,
        breakdown,
    )
        .prop_map(|((target, returning), filter, kind, time, breakdown)| {
            let (interval, intervals, until, is_square) = time;
            RetentionQuery {
                returning: returning.unwrap_or_else(|| target.clone()),
                target,
                kind,
                filter,
                until: Timestamp(START + until * HOUR),
                interval,
                intervals,
                is_square,
                breakdown,
            }
        })
}

/// Where somebody appears in a row, if they are in it.
fn appearances(
    query: &RetentionQuery,
    points: &Points,
    cell: &RetentionCell,
    others: &[BreakdownValue],
    whose: &Whose,
    events: &[Happened],
) -> Option<Vec<bool>> {
    let mut targets: Vec<&Happened> = events
        .iter()
        .filter(|event| is_of(&query.target, &query.filter, whose, event))
        .collect();
    if query.kind == RetentionKind::FirstTime {
        targets.truncate(1);
    }
    let returning = events
        .iter()
        .filter(|event| is_of(&query.returning, &query.filter, whose, event));
    let returned: BTreeSet<usize> = returning
        .filter_map(|event| piece_of(points, event.at))
        .collect();
    let starts = targets.into_iter().filter_map(|target| {
        let interval =
            piece_of(points, target.at).filter(|interval| *interval < query.intervals)?;
        let is_in_row = match (cell, &query.breakdown) {
            (RetentionCell::Value(value), Some(breakdown)) => {
                is_in_group(&breakdown.by, value, others, whose, target)
            }
            (cell, _) => *cell == RetentionCell::Interval(interval),
        };
        is_in_row.then_some(interval)
    });
    let starts: BTreeSet<usize> = starts.collect();
    let length = match cell {
        RetentionCell::Interval(row) if !query.is_square => query.intervals - row,
        _ => query.intervals,
    };
    let appears = |column: usize| {
        column == 0
            || starts
                .iter()
                .any(|start| returned.contains(&(start + column)))
    };
    (!starts.is_empty()).then(|| (0..length).map(appears).collect())
}

proptest! {
    /// Every row has the people of the slow way, and its numbers are how many of them appear.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6), query in any_query(), eastern in any::<bool>(),
    ) {
        let retention = prepare(&world, &query, zone(eastern));
        let ahead = if query.is_square { query.intervals - 1 } else { 0 };
        prop_assert_eq!(retention.points().pieces.len(), query.intervals + ahead);
        let stop = Stop::default();
        let rows = retention.numbers(&stop).expect("an answer");
        let others: Vec<_> = rows.iter().filter_map(|row| row.breakdown.clone()).collect();
        let everybody = world.everybody();
        for (place, row) in rows.into_iter().enumerate() {
            let cell = row.breakdown.map_or(RetentionCell::Interval(place), RetentionCell::Value);
            let expected = everybody.iter().filter_map(|(whose, events)| {
                Some((*whose, appearances(&query, retention.points(), &cell, &others, whose, events)?))
            });
            let expected: BTreeMap<_, _> = expected.collect();
            let page = retention.people(&cell, &Page::first(100), &stop).expect("a page");
            assert_lists(&page, &expected);
            let active = |bits: &[bool]| Reverse(bits.iter().filter(|bit| **bit).count());
            prop_assert!(page.people.is_sorted_by_key(|one| (active(&one.value), one.uuid)));
            prop_assert_eq!(row.values[0], page.count as f64);
            for (column, &number) in row.values.iter().enumerate() {
                let appear = page.people.iter().filter(|one| one.value[column]);
                prop_assert_eq!(number, appear.count() as f64);
            }
        }
    }
}
