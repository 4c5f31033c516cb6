//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use persons_api::{FilterTree, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::dates::Calendar;
use crate::insights::breakdown::BreakdownBy;
use crate::insights::entity::Occurrence;
use crate::insights::math::{Aggregation, quantile};
use crate::insights::testing::{
    asked, breakdown, calendar, days, entity, filter, is_in_group, is_of, number, range, zone,
};
use crate::testing::{HOUR, Happened, START, Step, Whose, World, history};

fn prepare(world: &World, query: &TrendsQuery, zone: TimeZone) -> Result<Trends, InsightError> {
    asked(world, zone, |source| query.prepare(source))
}

fn query(math: Math) -> TrendsQuery {
    TrendsQuery {
        series: vec![Entity {
            math,
            ..Entity::event(Some("viewed"))
        }],
        filter: FilterTree::default(),
        range: days(3),
        interval: Interval::Day,
        shape: Shape::Line,
        breakdown: None,
    }
}

fn numbers(world: &World, query: &TrendsQuery) -> Vec<Line> {
    let trends = prepare(world, query, TimeZone::UTC).expect("a good query");
    trends.numbers(&Stop::default()).expect("an answer")
}

fn data(world: &World, query: &TrendsQuery) -> Vec<f64> {
    numbers(world, query).remove(0).data
}

/// Person 1 has the distinct ids 0 and 1, person 2 has 2, nobody has 3.
fn small_world() -> World {
    let mut world = World::new();
    for (id, person) in [(0, 1), (1, 1), (2, 2)] {
        world.take(Step::Move(id, Some(person)));
    }
    world.event(0, 0, "viewed", json!({"n": 1, "$session_id": "s"}));
    world.event(1, 23, "viewed", json!({"n": "4", "$session_id": "s"}));
    world.event(2, 5, "viewed", json!({"n": 2}));
    world.event(3, 6, "viewed", json!({"n": 10}));
    world.event(2, 24, "viewed", json!({"n": "none"}));
    world.event(0, 30, "bought", json!({}));
    world.event(1, 72, "viewed", json!({}));
    world
}

#[test]
fn every_math_has_its_number() {
    let world = small_world();
    let property = |aggregation| Math::Property(aggregation, "n".into());
    for (math, expected) in [
        (Math::Total, [4.0, 1.0, 0.0]),
        (Math::UniquePeople, [2.0, 1.0, 0.0]),
        (Math::ActivePeople(7), [2.0, 2.0, 2.0]),
        (Math::ActivePeople(2), [2.0, 2.0, 1.0]),
        (Math::DistinctValues("$session_id".into()), [1.0, 0.0, 0.0]),
        (property(Aggregation::Sum), [17.0, 0.0, 0.0]),
        (property(Aggregation::Avg), [4.25, 0.0, 0.0]),
        (property(Aggregation::Min), [1.0, 0.0, 0.0]),
        (property(Aggregation::Max), [10.0, 0.0, 0.0]),
        (property(Aggregation::Quantile(0.5)), [3.0, 0.0, 0.0]),
        (Math::CountPerPerson(Aggregation::Avg), [1.5, 1.0, 0.0]),
        (Math::CountPerPerson(Aggregation::Max), [2.0, 1.0, 0.0]),
    ] {
        assert_eq!(data(&world, &query(math.clone())), expected, "{math:?}");
    }
}

#[test]
fn a_cell_lists_people_by_their_part_of_it() {
    let world = small_world();
    let people = |math, point| {
        let query = query(math);
        let trends = prepare(&world, &query, TimeZone::UTC).expect("a good query");
        let cell = TrendsCell {
            series: 0,
            breakdown: None,
            point,
        };
        let page = trends
            .people(&cell, &Page::first(10), &Stop::default())
            .expect("an answer");
        let listed = page
            .people
            .iter()
            .map(|listed| (listed.number, listed.value));
        (listed.collect::<Vec<_>>(), page.missing, page.count)
    };
    assert_eq!(people(Math::Total, 0), (vec![(1, 2.0), (2, 1.0)], 1, 2));
    let sum = Math::Property(Aggregation::Sum, "n".into());
    assert_eq!(people(sum.clone(), 0), (vec![(1, 5.0), (2, 2.0)], 1, 2));
    // Nobody has a number on the second day.
    assert_eq!(people(sum, 1), (vec![], 0, 0));
    assert_eq!(
        people(Math::ActivePeople(7), 1),
        (vec![(2, 2.0), (1, 2.0)], 1, 2)
    );
}

#[test]
fn shapes_count_intervals_or_everything_so_far_or_everything() {
    let world = small_world();
    let shaped = |shape, math| {
        data(
            &world,
            &TrendsQuery {
                shape,
                ..query(math)
            },
        )
    };
    assert_eq!(shaped(Shape::Cumulative, Math::Total), [4.0, 5.0, 5.0]);
    assert_eq!(
        shaped(Shape::Cumulative, Math::UniquePeople),
        [2.0, 2.0, 2.0]
    );
    assert_eq!(shaped(Shape::Total, Math::Total), [5.0]);
    assert_eq!(shaped(Shape::Total, Math::UniquePeople), [2.0]);
}

#[test]
fn breakdowns_have_a_limit_and_a_rest() {
    let mut world = small_world();
    for (hour, browser) in ["Chrome", "Chrome", "Safari", "Opera"].iter().enumerate() {
        world.event(0, hour as i64, "viewed", json!({"browser": browser}));
    }
    let by = BreakdownBy::Event("browser".into());
    let lines = |limit| {
        let breakdown = Some(Breakdown {
            by: by.clone(),
            limit,
        });
        let lines = numbers(
            &world,
            &TrendsQuery {
                breakdown,
                ..query(Math::Total)
            },
        );
        let line = |line: Line| (line.breakdown.expect("a value"), line.data[0]);
        lines.into_iter().map(line).collect::<Vec<_>>()
    };
    let text = |text: &str| BreakdownValue::Text(text.into());
    assert_eq!(
        lines(10),
        [
            (BreakdownValue::Missing, 4.0),
            (text("Chrome"), 2.0),
            (text("Opera"), 1.0),
            (text("Safari"), 1.0)
        ]
    );
    assert_eq!(
        lines(2),
        [
            (BreakdownValue::Missing, 4.0),
            (text("Chrome"), 2.0),
            (BreakdownValue::Other, 2.0)
        ]
    );
}

#[test]
fn ranges_hold_about_as_many_events_each() {
    let mut world = World::new();
    for n in 0..10 {
        world.event(0, 1, "viewed", json!({"n": n}));
    }
    world.event(0, 1, "viewed", json!({"n": "none"}));
    let breakdown = Some(Breakdown {
        by: BreakdownBy::EventRanges("n".into(), 3),
        limit: 25,
    });
    let lines = numbers(
        &world,
        &TrendsQuery {
            breakdown,
            ..query(Math::Total)
        },
    );
    let found: Vec<_> = lines
        .iter()
        .map(|line| (line.breakdown.clone().expect("a range"), line.data[0]))
        .collect();
    let range = BreakdownValue::Range;
    assert_eq!(
        found,
        [
            (range(0.0, 4.0), 4.0),
            (range(4.0, 7.0), 3.0),
            (range(7.0, 9.0_f64.next_up()), 3.0)
        ]
    );
}

#[test]
fn days_are_those_of_the_projects_zone() {
    let mut world = World::new();
    world.take(Step::Move(0, Some(1)));
    // Clocks are put forward on Sunday 2024-03-10 at two: that day has 23 hours.
    let zone = zone(true);
    let midnight = 6 * 24 + 5;
    for hour in [midnight - 1, midnight, midnight + 22, midnight + 23] {
        world.event(0, hour, "viewed", json!({}));
    }
    let range = DateRange {
        from: Timestamp(START + (midnight - 24) * HOUR),
        to: Timestamp(START + (midnight + 47) * HOUR - 1),
    };
    let query = TrendsQuery {
        range,
        ..query(Math::Total)
    };
    let trends = prepare(&world, &query, zone).expect("a good query");
    let lines = trends.numbers(&Stop::default()).expect("an answer");
    assert_eq!(lines[0].data, [1.0, 2.0, 1.0]);
}

#[test]
fn what_cannot_be_answered_is_said() {
    let world = small_world();
    let unknown = Entity {
        occurrence: Occurrence::Action(12),
        ..Entity::event(None)
    };
    let prepared = prepare(
        &world,
        &TrendsQuery {
            series: vec![unknown],
            ..query(Math::Total)
        },
        TimeZone::UTC,
    );
    let error = prepared.err().expect("an error").to_string();
    assert_eq!(error, "Action ID 12 does not exist!");
    let hourly = TrendsQuery {
        interval: Interval::Hour,
        range: days(10_000),
        ..query(Math::Total)
    };
    let prepared = prepare(&world, &hourly, TimeZone::UTC);
    assert_eq!(prepared.err(), Some(InsightError::TooManyPoints(10_000)));
    let trends = prepare(&world, &query(Math::Total), TimeZone::UTC).expect("a good query");
    let cell = TrendsCell {
        series: 0,
        breakdown: None,
        point: 3,
    };
    let page = trends.people(&cell, &Page::first(10), &Stop::default());
    assert_eq!(page, Err(InsightError::NoSuchCell("point")));
}

fn any_query() -> impl Strategy<Value = TrendsQuery> {
    let property = || Just("n".to_owned());
    let aggregation = || {
        prop::sample::select(vec![
            Aggregation::Sum,
            Aggregation::Avg,
            Aggregation::Min,
            Aggregation::Max,
            Aggregation::Quantile(0.5),
            Aggregation::Quantile(0.9),
        ])
    };
    let math = prop_oneof![
        Just(Math::Total),
        Just(Math::UniquePeople),
        (1..4u16).prop_map(Math::ActivePeople),
        Just(Math::DistinctValues("$session_id".into())),
        (aggregation(), property()).prop_map(|(aggregation, key)| Math::Property(aggregation, key)),
        aggregation().prop_map(Math::CountPerPerson),
    ];
    let entity = (entity(), math).prop_map(|(entity, math)| Entity { math, ..entity });
    let interval = prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week]);
    let shape = prop::sample::select(vec![Shape::Line, Shape::Cumulative, Shape::Total]);
    (
        prop::collection::vec(entity, 1..3),
        filter(),
        range(),
        interval,
        shape,
        prop::option::of(breakdown()),
    )
        .prop_map(
            |(series, filter, range, interval, shape, breakdown)| TrendsQuery {
                series,
                filter,
                range,
                interval,
                shape,
                breakdown,
            },
        )
}

/// The slow and obvious way: the events of one cell, by whom.
struct Reference<'a> {
    query: &'a TrendsQuery,
    trends: &'a Trends,
    calendar: Calendar,
    everybody: BTreeMap<Whose, Vec<Happened>>,
}

impl Reference<'_> {
    fn is_counted(&self, series: usize, whose: &Whose, event: &Happened) -> bool {
        let entity = &self.query.series[series];
        let measures = match &entity.math {
            Math::Property(..) => number(event).is_some(),
            Math::DistinctValues(key) => event.properties.contains_key(key),
            _ => true,
        };
        measures && is_of(entity, &self.query.filter, whose, event)
    }

    fn window(&self, series: usize, point: usize) -> (i64, i64) {
        let piece = self.trends.points().pieces[point].range;
        match (&self.query.series[series].math, self.query.shape) {
            (Math::ActivePeople(days), _) => (
                self.calendar
                    .shift(Timestamp(piece.to.0 + 1), Interval::Day, -i64::from(*days))
                    .0,
                piece.to.0,
            ),
            (_, Shape::Cumulative) => (self.trends.points().pieces[0].range.from.0, piece.to.0),
            _ => (piece.from.0, piece.to.0),
        }
    }

    /// The events of a cell by whom they are.
    fn cell(
        &self,
        cell: &TrendsCell,
        others: &[BreakdownValue],
    ) -> BTreeMap<Whose, Vec<&Happened>> {
        let (from, to) = self.window(cell.series, cell.point);
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for (whose, events) in &self.everybody {
            for event in events
                .iter()
                .filter(|event| (from..=to).contains(&event.at))
            {
                let by = self.query.breakdown.as_ref().map(|breakdown| &breakdown.by);
                let is_in_group = by
                    .zip(cell.breakdown.as_ref())
                    .is_none_or(|(by, value)| is_in_group(by, value, others, whose, event));
                if is_in_group && self.is_counted(cell.series, whose, event) {
                    found.entry(*whose).or_default().push(event);
                }
            }
        }
        found
    }

    fn number_of<'e>(math: &Math, events: impl IntoIterator<Item = &'e Happened>) -> f64 {
        let events: Vec<_> = events.into_iter().collect();
        match math {
            Math::Property(aggregation, _) => aggregate(
                *aggregation,
                events.iter().filter_map(|event| number(event)).collect(),
            ),
            Math::DistinctValues(key) => events
                .iter()
                .filter_map(|event| event.properties.get(key).map(Value::to_string))
                .collect::<BTreeSet<_>>()
                .len() as f64,
            _ => events.len() as f64,
        }
    }
}

fn aggregate(aggregation: Aggregation, mut numbers: Vec<f64>) -> f64 {
    if numbers.is_empty() {
        return 0.0;
    }
    match aggregation {
        Aggregation::Sum => numbers.iter().sum(),
        Aggregation::Avg => numbers.iter().sum::<f64>() / numbers.len() as f64,
        Aggregation::Min => numbers.into_iter().fold(f64::INFINITY, f64::min),
        Aggregation::Max => numbers.into_iter().fold(f64::NEG_INFINITY, f64::max),
        Aggregation::Quantile(part) => quantile(&mut numbers, part),
    }
}

proptest! {
    /// Every number is that of the slow way, its people are those of the slow way, and both agree.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(world in history(6), query in any_query(), eastern in any::<bool>()) {
        let zone = zone(eastern);
        let trends = prepare(&world, &query, zone.clone()).expect("a good query");
        let reference = Reference { query: &query, trends: &trends, calendar: calendar(zone), everybody: world.everybody() };
        let lines = trends.numbers(&Stop::default()).expect("an answer");
        for line in &lines {
            let math = &query.series[line.series].math;
            let others: Vec<_> = lines.iter().filter(|other| other.series == line.series).filter_map(|other| other.breakdown.clone()).collect();
            for (point, &number) in line.data.iter().enumerate() {
                let cell = TrendsCell { series: line.series, breakdown: line.breakdown.clone(), point };
                let expected = reference.cell(&cell, &others);
                let people: BTreeMap<_, _> = expected.iter().filter_map(|(whose, events)| Some(((*whose).ok()?, events.clone()))).collect();
                let all = || expected.values().flatten().copied();
                let wanted = match math {
                    Math::UniquePeople | Math::ActivePeople(_) => people.len() as f64,
                    Math::CountPerPerson(aggregation) => aggregate(*aggregation, people.values().map(|events| events.len() as f64).collect()),
                    math => Reference::number_of(math, all()),
                };
                prop_assert!((number - wanted).abs() < 1e-9, "{:?}: {} is not {}", cell, number, wanted);
                let page = trends.people(&cell, &Page::first(100), &Stop::default()).expect("a page");
                prop_assert_eq!(page.missing, expected.len() - people.len());
                prop_assert_eq!(page.count, people.len());
                let listed: BTreeMap<_, _> = page.people.iter().map(|listed| (listed.number, listed.value)).collect();
                prop_assert_eq!(listed.len(), page.people.len());
                prop_assert!(page.people.is_sorted_by(|a, b| (a.value, a.uuid) > (b.value, b.uuid)));
                prop_assert!(listed.keys().eq(people.keys()));
                for (number, events) in people {
                    let wanted = Reference::number_of(math, events);
                    prop_assert!((listed[&number] - wanted).abs() < 1e-9);
                }
            }
        }
        // Every event is in one group, but for numbers, which some events lack, and cohorts, which overlap.
        let is_partition = query.breakdown.as_ref().is_none_or(|breakdown| {
            matches!(breakdown.by, BreakdownBy::Event(_) | BreakdownBy::Person(_))
        });
        let totals = query.series.iter().enumerate().filter(|(_, entity)| entity.math == Math::Total);
        for (series, _) in totals.filter(|_| is_partition) {
            for point in 0..trends.points().pieces.len() {
                let cell = TrendsCell { series, breakdown: None, point };
                let all: usize = reference.cell(&cell, &[]).values().map(Vec::len).sum();
                let lines = lines.iter().filter(|line| line.series == series);
                prop_assert_eq!(lines.map(|line| line.data[point]).sum::<f64>(), all as f64);
            }
        }
    }

    /// Pages put together are the whole list.
    #[test]
    fn pages_are_the_list(world in history(3), limit in 1..4usize) {
        let trends = prepare(&world, &query(Math::Total), TimeZone::UTC).expect("a good query");
        let cell = TrendsCell { series: 0, breakdown: None, point: 1 };
        let page = |offset, limit| {
            let page = Page { offset, ..Page::first(limit) };
            trends.people(&cell, &page, &Stop::default()).expect("a page")
        };
        let whole = page(0, 100);
        let (mut people, mut missing, mut offset) = (Vec::new(), 0, 0);
        loop {
            let page = page(offset, limit);
            prop_assert!(page.people.len() + page.missing <= limit);
            prop_assert_eq!(page.count, whole.count);
            people.extend(page.people);
            missing += page.missing;
            offset += limit;
            if !page.has_more {
                break;
            }
        }
        prop_assert_eq!((people, missing), (whole.people, whole.missing));
    }
}
