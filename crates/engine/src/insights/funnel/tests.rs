//! Worked cases, and the slow and obvious way to answer the same.

mod breakdown;
mod durations;
mod stretch;
mod trends;

use std::collections::BTreeMap;

use persons_api::timestamp::{DAY, SECOND};
use persons_api::{FilterTree, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::slow::{any_query, furthest, seen};
use super::*;
use crate::events::Stop;
use crate::insights::actors::Page;
use crate::insights::testing::{asked, assert_lists, days, zone};
use crate::testing::{HOUR, START, Step, World, history};

fn query(steps: &[&str], order: Order, hours: u32) -> FunnelQuery {
    FunnelQuery {
        steps: steps.iter().map(|name| Entity::event(Some(name))).collect(),
        exclusions: Vec::new(),
        filter: FilterTree::default(),
        range: days(5),
        order,
        window: Window {
            count: hours,
            unit: WindowUnit::Hour,
        },
        breakdown: None,
    }
}

fn cell(step: i64) -> FunnelCell {
    FunnelCell {
        progress: Progress::from_step(step),
        breakdown: None,
    }
}

/// The answer of a funnel that is one.
fn steps_of(funnel: &Funnel) -> Vec<StepCount> {
    let mut lines = funnel.numbers(&Stop::default()).expect("an answer");
    assert_eq!((lines.len(), &lines[0].breakdown), (1, &None));
    lines.remove(0).steps
}

fn prepare(world: &World, query: &FunnelQuery) -> Result<Funnel, InsightError> {
    asked(world, zone(false), |source| query.prepare(source))
}

fn exclusion(name: &str, from: usize, to: usize) -> Exclusion {
    Exclusion {
        event: Entity::event(Some(name)),
        from_step: Some(from),
        to_step: Some(to),
    }
}

/// People who do these things, one each hour.
fn people_doing(doing: &[&[&'static str]]) -> World {
    let mut world = World::new();
    for (id, names) in (0..).zip(doing) {
        world.take(Step::Move(id, Some(i64::from(id) + 1)));
        for (hour, name) in (0..).zip(*names) {
            world.event(id, hour, name, json!({}));
        }
    }
    world
}

/// How far each of them gets.
fn reach(query: &FunnelQuery, doing: &[&[&'static str]]) -> Vec<usize> {
    let funnel = prepare(&people_doing(doing), query).expect("a good query");
    let page = funnel.people(&cell(0), &Page::first(100), &Stop::default());
    let page = page.expect("a page");
    let of = |number| page.people.iter().find(|listed| listed.number == number);
    (1..=doing.len() as i64)
        .map(|number| of(number).map_or(0, |listed| listed.value))
        .collect()
}

#[test]
fn orders_differ_in_what_may_lie_between() {
    let doing: &[&[&str]] = &[
        &["viewed", "bought"],
        &["viewed", "left", "bought"],
        &["bought", "viewed"],
        &["left"],
    ];
    let of = |order| reach(&query(&["viewed", "bought"], order, 10), doing);
    assert_eq!(of(Order::Ordered), [2, 2, 1, 0]);
    assert_eq!(of(Order::Strict), [2, 1, 1, 0]);
    assert_eq!(of(Order::Unordered), [2, 2, 2, 0]);
}

#[test]
fn windows_include_their_last_moment_and_start_at_each_first_step() {
    let doing: &[&[&str]] = &[
        &["viewed", "left", "bought"],
        &["viewed", "left", "left", "bought"],
        &["viewed", "left", "viewed", "bought"],
        &["viewed", "viewed", "left", "bought"],
    ];
    let of = |order| reach(&query(&["viewed", "bought"], order, 2), doing);
    assert_eq!(of(Order::Ordered), [2, 1, 2, 2]);
    assert_eq!(of(Order::Unordered), [2, 1, 2, 2]);
}

#[test]
fn windows_count_from_the_first_step_not_from_the_one_before() {
    let doing: &[&[&str]] = &[&["viewed", "bought", "left"]];
    let steps = &["viewed", "bought", "left"];
    assert_eq!(reach(&query(steps, Order::Ordered, 1), doing), [2]);
    assert_eq!(reach(&query(steps, Order::Ordered, 2), doing), [3]);
}

#[test]
fn windows_are_as_long_as_they_say() {
    let ends = |count, unit| {
        let query = FunnelQuery {
            window: Window { count, unit },
            ..query(&["viewed"], Order::Ordered, 0)
        };
        let funnel = asked(&World::new(), zone(true), |source| query.prepare(source));
        funnel.expect("a good query").rules.end(START) - START
    };
    assert_eq!(ends(5, WindowUnit::Second), 5 * SECOND);
    assert_eq!(ends(2, WindowUnit::Minute), 120 * SECOND);
    assert_eq!(ends(3, WindowUnit::Hour), 3 * HOUR);
    // Clocks are changed in these days: they are 24 hours each all the same.
    assert_eq!(ends(14, WindowUnit::Day), 14 * DAY);
    assert_eq!(ends(2, WindowUnit::Week), 14 * DAY);
    // A month later the clocks show the same, so that it is an hour shorter.
    assert_eq!(ends(1, WindowUnit::Month), 31 * DAY - HOUR);
    let default = Window::default();
    assert_eq!((default.count, default.unit), (14, WindowUnit::Day));
}

#[test]
fn one_event_serves_one_step() {
    let doing: &[&[&str]] = &[&["viewed"], &["viewed", "viewed"]];
    for order in [Order::Ordered, Order::Strict, Order::Unordered] {
        let reach = reach(&query(&["viewed", "viewed"], order, 9), doing);
        assert_eq!(reach, [1, 2]);
    }
}

#[test]
fn steps_without_order_share_events_as_best_they_can() {
    let mut query = query(&["viewed", "bought"], Order::Unordered, 9);
    query.steps[0] = Entity::event(None);
    // "bought" comes first and could be "any event": it must leave that step to "viewed".
    assert_eq!(reach(&query, &[&["bought", "viewed"]]), [2]);
    assert_eq!(reach(&query, &[&["viewed", "viewed", "bought"]]), [2]);
    assert_eq!(reach(&query, &[&["viewed", "viewed"]]), [1]);
}

#[test]
fn who_does_what_is_excluded_is_left_out() {
    let mut query = query(&["viewed", "bought"], Order::Ordered, 2);
    query.exclusions = vec![exclusion("left", 0, 1)];
    let doing: &[&[&str]] = &[
        &["viewed", "bought", "left"],
        &["viewed", "left", "bought"],
        &["viewed", "left"],
        &["left", "viewed"],
        &["viewed", "bought", "viewed", "left"],
        &["viewed", "viewed", "viewed", "viewed", "bought"],
    ];
    assert_eq!(reach(&query, doing), [2, 0, 0, 1, 0, 2]);
    query.order = Order::Unordered;
    assert_eq!(reach(&query, &doing[..4]), [2, 0, 0, 1]);
}

#[test]
fn only_what_lies_in_the_range_counts() {
    let mut query = query(&["viewed", "bought"], Order::Ordered, 100);
    query.range.from = Timestamp(START + HOUR);
    query.range.to = Timestamp(START + 2 * HOUR);
    let doing: &[&[&str]] = &[
        &["viewed", "viewed", "bought"],
        &["viewed", "bought", "left"],
        &["left", "viewed", "left", "bought"],
    ];
    assert_eq!(reach(&query, doing), [2, 0, 1]);
}

#[test]
fn who_does_a_step_very_often_is_no_trouble() {
    let mut world = World::new();
    world.take(Step::Move(0, Some(1)));
    for second in 0..100_000 {
        let at = START + second * SECOND;
        world.take(Step::Event(0, at, "viewed", json!({})));
    }
    // Each event starts an attempt. If each looked at all events after it, nobody would wait for the end.
    for order in [Order::Ordered, Order::Strict, Order::Unordered] {
        let mut query = query(&["viewed", "viewed", "bought"], order, 100);
        for exclusions in [vec![], vec![exclusion("left", 0, 2)]] {
            query.exclusions = exclusions;
            let funnel = prepare(&world, &query).expect("a good query");
            let counts: Vec<_> = steps_of(&funnel).iter().map(|step| step.count).collect();
            assert_eq!(counts, [1, 1, 0]);
        }
    }
}

#[test]
fn times_count_from_the_step_before() {
    let mut world = World::new();
    for (id, hours) in [(0, 1), (1, 2), (2, 6), (3, 7)] {
        world.take(Step::Move(id, Some(i64::from(id) + 1)));
        world.event(id, 0, "viewed", json!({}));
        world.event(id, hours, "bought", json!({}));
    }
    let funnel = prepare(
        &world,
        &query(&["viewed", "bought", "left"], Order::Ordered, 10),
    );
    let steps = steps_of(&funnel.expect("a good query"));
    let step = |count, average_time, median_time| StepCount {
        count,
        average_time,
        median_time,
    };
    let hour = 3600.0;
    let expected = vec![
        step(4, None, None),
        step(4, Some(4.0 * hour), Some(4.0 * hour)),
        step(0, None, None),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn people_come_page_by_page_the_newest_first() {
    let world = people_doing(&[&["viewed"], &["viewed", "bought"], &["viewed"], &["viewed"]]);
    let funnel = prepare(&world, &query(&["viewed", "bought"], Order::Ordered, 1));
    let funnel = funnel.expect("a good query");
    let page = |cell, offset, limit| {
        let asked = Page {
            offset,
            ..Page::first(limit)
        };
        let page = funnel.people(&cell, &asked, &Stop::default());
        let page = page.expect("a page");
        let numbers: Vec<_> = page.people.iter().map(|one| one.number).collect();
        (numbers, page.count, page.has_more)
    };
    assert_eq!(page(cell(1), 0, 3), (vec![4, 3, 2], 4, true));
    assert_eq!(page(cell(1), 3, 3), (vec![1], 4, false));
    assert_eq!(page(cell(2), 0, 3), (vec![2], 1, false));
    assert_eq!(page(cell(-2), 0, 3), (vec![4, 3, 1], 3, false));
    assert_eq!(page(cell(-1), 0, 3), (vec![], 0, false));
    let furthest = FunnelCell {
        progress: Progress::Furthest(vec![2, 5]),
        breakdown: None,
    };
    assert_eq!(page(furthest, 0, 3), (vec![2], 1, false));
}

#[test]
fn what_makes_no_sense_is_said() {
    let error = |order, exclusion| {
        let query = FunnelQuery {
            exclusions: vec![exclusion],
            ..query(&["viewed", "bought", "viewed"], order, 1)
        };
        prepare(&World::new(), &query).err()
    };
    let placeless = Exclusion {
        from_step: None,
        ..exclusion("left", 0, 1)
    };
    for (order, exclusion, expected) in [
        (
            Order::Ordered,
            placeless,
            FunnelError::ExclusionWithoutSteps,
        ),
        (
            Order::Ordered,
            exclusion("left", 1, 1),
            FunnelError::ExclusionBackwards,
        ),
        (
            Order::Ordered,
            exclusion("left", 2, 3),
            FunnelError::ExclusionStart,
        ),
        (
            Order::Ordered,
            exclusion("left", 1, 3),
            FunnelError::ExclusionEnd,
        ),
        (
            Order::Ordered,
            exclusion("bought", 0, 1),
            FunnelError::ExclusionIsStep,
        ),
        (
            Order::Unordered,
            exclusion("left", 0, 1),
            FunnelError::PartialExclusion,
        ),
    ] {
        assert_eq!(error(order, exclusion), Some(expected.into()));
    }
    let none = prepare(&World::new(), &query(&[], Order::Ordered, 1));
    assert_eq!(none.err(), Some(FunnelError::NoSteps.into()));
    let many = prepare(&World::new(), &query(&["left"; 33], Order::Ordered, 1));
    assert_eq!(many.err(), Some(FunnelError::TooManySteps.into()));
}

proptest! {
    /// Everybody gets as far as in the slow way, and each number is the number of people in its list.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(world in history(6), query in any_query()) {
        let funnel = prepare(&world, &query).expect("a good query");
        // The times of the steps that everybody did.
        let expected: BTreeMap<_, Vec<i64>> = world.everybody().into_iter().map(|(whose, events)| {
            let seen = seen(&query, &whose, &events);
            let times = furthest(&query, &seen).into_iter().map(|index| seen[index].at);
            (whose, times.collect())
        }).collect();
        let people = |cell: FunnelCell, is_in: &dyn Fn(usize) -> bool| {
            let page = funnel.people(&cell, &Page::first(100), &Stop::default()).expect("a page");
            let expected = expected.iter().map(|(whose, times)| (*whose, times.len()));
            assert_lists(&page, &expected.filter(|&(_, done)| done > 0 && is_in(done)).collect());
            page.count
        };
        let numbers = steps_of(&funnel);
        prop_assert_eq!(numbers.len(), query.steps.len());
        prop_assert_eq!(people(cell(0), &|_| true), numbers[0].count);
        for (step, number) in (1..).zip(&numbers) {
            let reached = people(cell(step as i64), &|done| done >= step);
            prop_assert_eq!(reached, number.count);
            people(FunnelCell { progress: Progress::Furthest(vec![step, 9]), breakdown: None }, &|done| done == step);
            if step == 1 {
                prop_assert_eq!((number.average_time, number.median_time), (None, None));
                continue;
            }
            let dropped = people(cell(-(step as i64)), &|done| done + 1 == step);
            prop_assert_eq!(dropped, numbers[step - 2].count - number.count);
            let people = expected.iter().filter(|(whose, times)| whose.is_ok() && times.len() >= step);
            let mut seconds: Vec<f64> = people.map(|(_, times)| (times[step - 1] - times[step - 2]) as f64 / SECOND as f64).collect();
            seconds.sort_by(f64::total_cmp);
            let middle = |place: usize| seconds.get(place).copied();
            let median = middle(seconds.len() / 2).zip(middle(seconds.len().saturating_sub(1) / 2));
            let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-6 * (1.0 + b.abs()),
                (a, b) => a == b,
            };
            let average = Some(seconds.iter().sum::<f64>() / seconds.len() as f64).filter(|mean| !mean.is_nan());
            prop_assert!(close(number.average_time, average));
            prop_assert!(close(number.median_time, median.map(|(a, b)| (a + b) / 2.0)));
        }
    }
}
