//! The slow and obvious way through a funnel: every event is tried for every step.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::{Exclusion, FunnelQuery, Order, Window, WindowUnit};
use crate::insights::entity::Entity;
use crate::insights::testing::{entity, filter, is_of, range};
use crate::testing::{HOUR, Happened, Whose};

/// What one of a person's events is to a funnel.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) at: i64,
    pub(crate) steps: Vec<bool>,
    pub(crate) exclusions: Vec<bool>,
}

/// All events in the range of a query.
pub(crate) fn seen(query: &FunnelQuery, whose: &Whose, events: &[Happened]) -> Vec<Seen> {
    let is_inside =
        |event: &&Happened| query.range.from.0 <= event.at && event.at <= query.range.to.0;
    let seen = events.iter().filter(is_inside).map(|event| {
        let is_of = |entity: &Entity| is_of(entity, &query.filter, whose, event);
        Seen {
            at: event.at,
            steps: query.steps.iter().map(is_of).collect(),
            exclusions: query
                .exclusions
                .iter()
                .map(|one| is_of(&one.event))
                .collect(),
        }
    });
    seen.collect()
}

/// The last moment of the attempt that starts at a moment. Windows are in hours here.
pub(crate) fn end(query: &FunnelQuery, from: i64) -> i64 {
    assert_eq!(query.window.unit, WindowUnit::Hour);
    from + i64::from(query.window.count) * HOUR
}

/// The attempt that starts at an event, as places in `seen`: of all ways to do steps the one with most of
/// them, and of these the earliest.
pub(crate) fn attempt(query: &FunnelQuery, seen: &[Seen], first: usize) -> Vec<usize> {
    let mut best = Vec::new();
    let mut taken = Vec::new();
    let end = end(query, seen[first].at);
    go_on(query, seen, first, end, &mut taken, 0, &mut best);
    best
}

fn go_on(
    query: &FunnelQuery,
    seen: &[Seen],
    from: usize,
    end: i64,
    taken: &mut Vec<usize>,
    done: u32,
    best: &mut Vec<usize>,
) {
    let order = |taken: &[usize]| (taken.len(), Reverse(taken.to_vec()));
    if order(taken) > order(best) {
        best.clone_from(taken);
    }
    for index in from..seen.len() {
        let is_free = query.order != Order::Strict && !taken.is_empty();
        if seen[index].at > end || index > from && !is_free {
            return;
        }
        for step in 0..query.steps.len() {
            let is_next = query.order == Order::Unordered || done.count_ones() as usize == step;
            if is_next && done & 1 << step == 0 && seen[index].steps[step] {
                taken.push(index);
                go_on(query, seen, index + 1, end, taken, done | 1 << step, best);
                taken.pop();
            }
        }
    }
}

/// All attempts, by the event that they start at; none if an exclusion lies in one; in the
/// one that reaches furthest, if steps have no order.
pub(crate) fn attempts(query: &FunnelQuery, seen: &[Seen]) -> Vec<Vec<usize>> {
    let all = (0..seen.len()).map(|first| attempt(query, seen, first));
    let all: Vec<_> = all.filter(|taken| !taken.is_empty()).collect();
    let is_excluded = |taken: &Vec<usize>| {
        query
            .exclusions
            .iter()
            .enumerate()
            .any(|(number, exclusion)| {
                let (from, to) = (
                    exclusion.from_step.expect("given"),
                    exclusion.to_step.expect("given"),
                );
                let Some(&start) = taken.get(from) else {
                    return false;
                };
                let until = taken.get(to).copied().unwrap_or(seen.len());
                (start + 1..until).any(|index| {
                    seen[index].exclusions[number]
                        && seen[index].at <= end(query, seen[taken[0]].at)
                })
            })
    };
    let furthest = all.iter().min_by_key(|taken| Reverse(taken.len()));
    let is_any_excluded = match query.order {
        Order::Unordered => furthest.is_some_and(is_excluded),
        Order::Ordered | Order::Strict => all.iter().any(is_excluded),
    };
    if is_any_excluded { Vec::new() } else { all }
}

/// The attempt that reaches furthest, the earliest such.
pub(crate) fn furthest(query: &FunnelQuery, seen: &[Seen]) -> Vec<usize> {
    let all = attempts(query, seen).into_iter();
    all.min_by_key(|taken| Reverse(taken.len()))
        .unwrap_or_default()
}

/// Any funnel of up to three steps.
pub(crate) fn any_query() -> impl Strategy<Value = FunnelQuery> {
    let order = prop::sample::select(vec![Order::Ordered, Order::Strict, Order::Unordered]);
    let exclusion = prop::option::weighted(0.3, (entity(), 0..3usize, 1..3usize));
    let window = prop_oneof![Just(0), 1..60u32, Just(14 * 24)];
    (
        prop::collection::vec(entity(), 1..4),
        exclusion,
        filter(),
        range(),
        order,
        window,
    )
        .prop_map(|(steps, exclusion, filter, range, order, count)| {
            let last = steps.len() - 1;
            let exclusion = exclusion.map(|(event, from, length)| {
                let from = from.min(last.saturating_sub(1));
                let to = (from + length).min(last);
                let (from, to) = if order == Order::Unordered {
                    (0, last)
                } else {
                    (from, to)
                };
                Exclusion {
                    event,
                    from_step: Some(from),
                    to_step: Some(to),
                }
            });
            let mut query = FunnelQuery {
                steps,
                exclusions: exclusion.into_iter().collect(),
                filter,
                range,
                order,
                window: Window {
                    count,
                    unit: WindowUnit::Hour,
                },
                breakdown: None,
            };
            if query.places().is_err() {
                query.exclusions.clear();
            }
            query
        })
}
