//! How long people take.

use std::collections::BTreeMap;

use persons_api::timestamp::SECOND;
use proptest::prelude::*;
use serde_json::json;

use super::super::durations::{Bin, FunnelDurations, TimeToConvertQuery};
use super::super::slow::{any_query, furthest, seen};
use super::super::*;
use super::query;
use crate::insights::actors::Page;
use crate::insights::testing::{asked, assert_lists, zone};
use crate::testing::{HOUR, START, Step, World, history};

fn asking(funnel: FunnelQuery, bins: Option<usize>) -> TimeToConvertQuery {
    TimeToConvertQuery {
        funnel,
        from_step: None,
        to_step: None,
        bins,
    }
}

fn prepare(world: &World, query: &TimeToConvertQuery) -> Result<FunnelDurations, InsightError> {
    asked(world, zone(false), |source| query.prepare(source))
}

/// People who buy some seconds after they viewed, and leave an hour later.
fn world(seconds: &[i64]) -> World {
    let mut world = World::new();
    for (id, seconds) in (0..).zip(seconds) {
        world.take(Step::Move(id, Some(i64::from(id) + 1)));
        let bought = START + seconds * SECOND;
        for (at, name) in [
            (START, "viewed"),
            (bought, "bought"),
            (bought + HOUR, "left"),
        ] {
            world.take(Step::Event(id, at, name, json!({})));
        }
    }
    world
}

fn bin(from: i64, to: i64, count: usize) -> Bin {
    Bin { from, to, count }
}

#[test]
fn times_lie_in_bins_of_equal_width() {
    let world = world(&[10, 12, 13, 40, 69]);
    let funnel = query(&["viewed", "bought"], Order::Ordered, 10);
    let durations = prepare(&world, &asking(funnel.clone(), Some(3))).expect("a good query");
    let answer = durations.numbers(&Stop::default()).expect("an answer");
    assert_eq!(
        answer.bins,
        [bin(10, 30, 3), bin(30, 50, 1), bin(50, 70, 1)]
    );
    assert_eq!(answer.average, Some(28.8));
    let page = durations.people(0, &Page::first(9), &Stop::default());
    let expected = BTreeMap::from([(Ok(1), 10.0), (Ok(2), 12.0), (Ok(3), 13.0)]);
    assert_lists(&page.expect("a page"), &expected);
    let none = durations.people(3, &Page::first(9), &Stop::default());
    assert_eq!(none, Err(InsightError::NoSuchCell("bin")));
    // Two bins for five people, if nobody says how many.
    let durations = prepare(&world, &asking(funnel, None)).expect("a good query");
    let answer = durations.numbers(&Stop::default()).expect("an answer");
    assert_eq!(answer.bins, [bin(10, 40, 3), bin(40, 70, 2)]);
}

#[test]
fn times_are_between_any_two_steps() {
    let query = TimeToConvertQuery {
        from_step: Some(1),
        ..asking(
            query(&["viewed", "bought", "left"], Order::Ordered, 10),
            None,
        )
    };
    let durations = prepare(&world(&[7, 9]), &query).expect("a good query");
    let answer = durations.numbers(&Stop::default()).expect("an answer");
    assert_eq!(answer.average, Some(3600.0));
    assert_eq!(answer.bins, [bin(3600, 3601, 2), bin(3601, 3602, 0)]);
}

#[test]
fn nobody_is_in_no_bin() {
    let funnel = query(&["bought", "viewed"], Order::Ordered, 10);
    let durations = prepare(&world(&[10]), &asking(funnel.clone(), Some(3)));
    let answer = durations.expect("a good query").numbers(&Stop::default());
    let answer = answer.expect("an answer");
    assert_eq!((answer.bins.len(), answer.average), (0, None));
    for bins in [0, 91] {
        let error = prepare(&World::new(), &asking(funnel.clone(), Some(bins))).err();
        assert_eq!(error, Some(FunnelError::Bins.into()));
    }
}

proptest! {
    /// Everybody who goes through the funnel is in one bin, with the time of the slow way.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6),
        mut funnel in any_query(),
        bins in prop::option::of(1..9usize),
    ) {
        if funnel.steps.len() == 1 {
            funnel.steps.push(Entity::event(None));
        }
        let steps = funnel.steps.len();
        let query = asking(funnel, bins);
        let durations = prepare(&world, &query).expect("a good query");
        let answer = durations.numbers(&Stop::default()).expect("an answer");
        let everybody = world.everybody().into_iter().filter_map(|(whose, events)| {
            let seen = seen(&query.funnel, &whose, &events);
            let taken = furthest(&query.funnel, &seen);
            (taken.len() == steps).then(|| (whose, (seen[taken[steps - 1]].at - seen[taken[0]].at) as f64 / SECOND as f64))
        });
        let everybody: BTreeMap<_, _> = everybody.collect();
        for (place, bin) in answer.bins.iter().enumerate() {
            let page = durations.people(place, &Page::first(100), &Stop::default()).expect("a page");
            prop_assert_eq!(page.count, bin.count);
            let inside = everybody.iter().filter(|(_, time)| (bin.from as f64..bin.to as f64).contains(*time));
            assert_lists(&page, &inside.map(|(whose, time)| (*whose, *time)).collect());
        }
        let people: Vec<f64> = everybody.iter().filter(|(whose, _)| whose.is_ok()).map(|(_, time)| *time).collect();
        prop_assert_eq!(answer.bins.iter().map(|bin| bin.count).sum::<usize>(), people.len());
        match answer.average {
            None => prop_assert!(people.is_empty()),
            Some(average) => prop_assert!((average - people.iter().sum::<f64>() / people.len() as f64).abs() < 1e-6),
        }
        if !people.is_empty() {
            prop_assert_eq!(answer.bins.len(), bins.unwrap_or((people.len() as f64).cbrt().ceil() as usize));
            prop_assert!(answer.bins.windows(2).all(|pair| pair[0].to == pair[1].from));
        }
    }
}
