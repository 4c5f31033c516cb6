//! The time around steps.

use std::ops::RangeInclusive;

use super::super::*;
use super::{people_doing, prepare, query};
use crate::testing::{HOUR, START};

/// The hours around a step, of someone who views, looks around, buys, and leaves two hours later.
fn around(stretch: Stretch, step: i64) -> Option<RangeInclusive<i64>> {
    let world = people_doing(&[&["viewed", "looked", "bought", "looked", "left"]]);
    let query = query(&["viewed", "bought", "viewed"], Order::Ordered, 10);
    let funnel = prepare(&world, &query).expect("a good query");
    let view = funnel.frozen.view();
    let (_, found) = view
        .fold(
            &funnel.properties,
            &Stop::default(),
            || (Room::default(), None),
            |(room, found), part, actor, events| {
                *found = funnel.stretch(stretch, step, room, part, actor, events);
            },
            |(_, all), (_, more)| *all = all.take().or(more),
        )
        .expect("nobody stopped it");
    found.map(|times| {
        let hours = |time: i64| match time {
            i64::MIN | i64::MAX => time,
            time => (time - START) / HOUR,
        };
        hours(*times.start())..=hours(*times.end())
    })
}

#[test]
fn time_lies_before_between_and_after_steps() {
    assert_eq!(around(Stretch::Before, 2), Some(i64::MIN..=2));
    assert_eq!(around(Stretch::Between, 2), Some(0..=2));
    assert_eq!(around(Stretch::After, 2), Some(2..=i64::MAX));
    assert_eq!(around(Stretch::After, 1), Some(0..=i64::MAX));
    assert_eq!(around(Stretch::Between, 1), None);
}

#[test]
fn who_drops_off_does_so_at_the_end_of_the_window() {
    assert_eq!(around(Stretch::Before, -3), Some(i64::MIN..=10));
    assert_eq!(around(Stretch::Between, -3), Some(2..=10));
    assert_eq!(around(Stretch::After, -3), Some(10..=i64::MAX));
}

#[test]
fn who_is_not_meant_has_no_such_time() {
    for stretch in [Stretch::Before, Stretch::Between, Stretch::After] {
        for step in [3, 4, 0, -1, -2, -4] {
            assert_eq!(around(stretch, step), None, "{step}");
        }
    }
}
