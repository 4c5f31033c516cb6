//! Funnels over time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::super::slow::{any_query, attempts, seen};
use super::super::trends::{Converted, FunnelTrends, FunnelTrendsCell, FunnelTrendsQuery};
use super::super::*;
use super::query;
use crate::dates::Interval;
use crate::insights::actors::Page;
use crate::insights::breakdown::BreakdownBy;
use crate::insights::testing::{asked, assert_lists, piece_of, zone};
use crate::testing::{Step, Whose, World, history};

fn daily(funnel: FunnelQuery) -> FunnelTrendsQuery {
    FunnelTrendsQuery {
        funnel,
        interval: Interval::Day,
        from_step: None,
        to_step: None,
    }
}

fn prepare(world: &World, query: &FunnelTrendsQuery) -> Result<FunnelTrends, InsightError> {
    asked(world, zone(false), |source| query.prepare(source))
}

fn points(trends: &FunnelTrends) -> Vec<(usize, usize)> {
    let lines = trends.numbers(&Stop::default()).expect("an answer");
    assert_eq!((lines.len(), &lines[0].breakdown), (1, &None));
    let points = lines[0].points.iter();
    points
        .map(|point| (point.entered, point.converted))
        .collect()
}

fn people(
    trends: &FunnelTrends,
    point: usize,
    is_drop_off: bool,
) -> Result<Vec<i64>, InsightError> {
    let cell = FunnelTrendsCell {
        point,
        is_drop_off,
        breakdown: None,
    };
    let page = trends.people(&cell, &Page::first(9), &Stop::default())?;
    Ok(page.people.iter().map(|one| one.number).collect())
}

/// Person 1 starts on two days and buys on the third, person 2 starts on the first day and leaves.
fn small_world() -> World {
    let mut world = World::new();
    world.take(Step::Move(0, Some(1)));
    world.take(Step::Move(1, Some(2)));
    for (id, hour, name) in [
        (0, 0, "viewed"),
        (0, 1, "viewed"),
        (0, 25, "viewed"),
        (0, 49, "bought"),
        (1, 23, "viewed"),
        (1, 24, "left"),
    ] {
        world.event(id, hour, name, json!({}));
    }
    world
}

#[test]
fn people_count_on_each_day_on_which_they_start() {
    let funnel = query(&["viewed", "bought"], Order::Ordered, 100);
    let trends = prepare(&small_world(), &daily(funnel)).expect("a good query");
    assert_eq!(points(&trends), [(2, 1), (1, 1), (0, 0), (0, 0), (0, 0)]);
    assert_eq!(people(&trends, 0, true), Ok(vec![2]));
    assert_eq!(people(&trends, 0, false), Ok(vec![1]));
    assert_eq!(people(&trends, 1, false), Ok(vec![1]));
    assert_eq!(people(&trends, 1, true), Ok(vec![]));
    let error = Err(InsightError::NoSuchCell("point"));
    assert_eq!(people(&trends, 5, true), error);
}

#[test]
fn windows_decide_on_each_day_anew() {
    let funnel = query(&["viewed", "bought"], Order::Ordered, 30);
    let trends = prepare(&small_world(), &daily(funnel)).expect("a good query");
    assert_eq!(points(&trends), [(2, 0), (1, 1), (0, 0), (0, 0), (0, 0)]);
    // Every day the furthest attempt counts: the later of the two on the first day just gets there.
    let funnel = query(&["viewed", "bought"], Order::Ordered, 48);
    let trends = prepare(&small_world(), &daily(funnel)).expect("a good query");
    assert_eq!(points(&trends)[0], (2, 1));
}

#[test]
fn conversions_are_between_any_two_steps() {
    let funnel = query(&["viewed", "left", "bought"], Order::Ordered, 100);
    let of = |from_step, to_step| {
        let query = FunnelTrendsQuery {
            from_step,
            to_step,
            ..daily(funnel.clone())
        };
        prepare(&small_world(), &query).map(|trends| points(&trends)[0])
    };
    assert_eq!(of(None, None), Ok((2, 0)));
    assert_eq!(of(Some(0), Some(1)), Ok((2, 1)));
    assert_eq!(of(Some(1), Some(2)), Ok((1, 0)));
    for (from, to) in [(1, 1), (2, 1), (0, 3)] {
        let error = Err(FunnelError::Conversion.into());
        assert_eq!(of(Some(from), Some(to)), error);
    }
}

#[test]
fn rates_are_percents_with_two_decimals() {
    let rate = |converted, entered| Converted { entered, converted }.rate();
    assert_eq!(rate(1, 3), 33.33);
    assert_eq!(rate(2, 3), 66.67);
    assert_eq!(rate(3, 3), 100.0);
    assert_eq!(rate(0, 0), 0.0);
}

proptest! {
    /// Every number is that of the slow way, its people are those of the slow way, and both agree.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6),
        mut funnel in any_query(),
        interval in prop::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week]),
        by_plan in any::<bool>(),
    ) {
        if funnel.steps.len() == 1 {
            funnel.steps.push(Entity::event(None));
        }
        if by_plan {
            let by = vec![BreakdownBy::Person("plan".into())];
            let attribution = Attribution::FirstTouch;
            funnel.breakdown = Some(FunnelBreakdown { by, limit: 9, attribution });
        }
        let query = FunnelTrendsQuery { interval, ..daily(funnel) };
        let trends = prepare(&world, &query).expect("a good query");
        // By interval: how far everybody comes who starts in it.
        let mut expected = vec![BTreeMap::<Whose, usize>::new(); trends.points().pieces.len()];
        for (whose, events) in world.everybody() {
            let seen = seen(&query.funnel, &whose, &events);
            for taken in attempts(&query.funnel, &seen) {
                let point = piece_of(trends.points(), seen[taken[0]].at).expect("in the range");
                let most = expected[point].entry(whose).or_default();
                *most = taken.len().max(*most);
            }
        }
        let lines = trends.numbers(&Stop::default()).expect("an answer");
        for line in &lines {
            prop_assert_eq!(line.points.len(), expected.len());
            let is_in = |whose: &Whose| line.breakdown.as_ref().is_none_or(|values| {
                let own = crate::insights::testing::properties_of(whose);
                let plan = own.get("plan").and_then(|plan| plan.as_str()).unwrap_or_default();
                values == &[BreakdownValue::from_text(plan)]
            });
            for (point, (number, far)) in line.points.iter().zip(&expected).enumerate() {
                for is_drop_off in [false, true] {
                    let cell = FunnelTrendsCell { point, is_drop_off, breakdown: line.breakdown.clone() };
                    let page = trends.people(&cell, &Page::first(100), &Stop::default()).expect("a page");
                    let is_last = |done: usize| done == query.funnel.steps.len();
                    let there = far.iter().filter(|(whose, done)| is_in(whose) && is_last(**done) != is_drop_off);
                    assert_lists(&page, &there.map(|(whose, done)| (*whose, *done)).collect());
                    let count = if is_drop_off { number.entered - number.converted } else { number.converted };
                    prop_assert_eq!(page.count, count);
                }
            }
        }
    }
}
