//! One person's attempts to go through a funnel.
//!
//! An attempt starts at each event that may open it: one that does step 1, or any step where these have no
//! order. From there the earliest events that do the next steps are taken, each event for one step. Taking
//! the earliest is never worse: whatever follows a later one follows it too.
//!
//! Some people do a step very often. So nothing here looks at all events for each attempt: later attempts go
//! on from where earlier ones came.

use std::ops::ControlFlow;

use persons_api::Timestamp;

use super::hits::Hit;
use super::query::{Order, Window};
use crate::dates::{Calendar, Interval};

/// What attempts must keep to.
pub(super) struct Rules {
    pub(super) steps: usize,
    pub(super) order: Order,
    pub(super) window: Window,
    pub(super) calendar: Calendar,
    /// Between which steps each exclusion is.
    pub(super) places: Vec<(usize, usize)>,
}

/// Room for the attempts of one actor, which the next one uses again.
#[derive(Default)]
pub(super) struct Room {
    /// The hits of the attempt that is looked at.
    taken: Vec<usize>,
    /// The hits of the attempt that reaches furthest, the earliest such.
    best: Vec<usize>,
    /// Up to where the next hit of each step has been looked for.
    steps: Vec<usize>,
    /// Up to where the next hit of each exclusion has been looked for.
    exclusions: Vec<usize>,
    /// For steps in any order: the next hit of each step, at or after each hit.
    following: Vec<usize>,
    /// For steps in any order: the hit that does each step.
    doers: Vec<Option<usize>>,
}

impl Rules {
    /// The steps that start an attempt, a bit each.
    pub(super) fn opening(&self) -> u32 {
        match self.order {
            Order::Unordered => u32::MAX,
            Order::Ordered | Order::Strict => 1,
        }
    }

    /// The last moment of an attempt that starts at `from`.
    pub(super) fn end(&self, from: i64) -> i64 {
        let count = i64::from(self.window.count);
        match self.window.unit.length() {
            Some(length) => from.saturating_add(length.saturating_mul(count)),
            None => {
                self.calendar
                    .shift(Timestamp(from), Interval::Month, count)
                    .0
            }
        }
    }

    /// The hits of the attempt that reaches furthest, the earliest such; none if there is no attempt, or if
    /// an exclusion lies in any.
    pub(super) fn furthest<'r>(&self, hits: &[Hit], room: &'r mut Room) -> &'r [usize] {
        let mut best = std::mem::take(&mut room.best);
        best.clear();
        let is_valid = self.each(hits, room, |taken| {
            if taken.len() > best.len() {
                best.clear();
                best.extend_from_slice(taken);
            }
            if best.len() == self.steps && self.places.is_empty() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if !is_valid {
            best.clear();
        }
        room.best = best;
        &room.best
    }

    /// Calls `then` with the hits of each attempt; whether they count, that is, whether no exclusion lies in
    /// them. Steps in any order are an exception: every event that does one starts an attempt, also after
    /// everything is done. So there only the attempt that reaches furthest is looked at.
    pub(super) fn each(
        &self,
        hits: &[Hit],
        room: &mut Room,
        mut then: impl FnMut(&[usize]) -> ControlFlow<()>,
    ) -> bool {
        let opening = self.opening();
        room.enter(self, hits);
        let (mut most, mut is_valid) = (0, true);
        for (first, hit) in hits.iter().enumerate() {
            if hit.steps & opening == 0 {
                continue;
            }
            let end = self.end(hit.at);
            room.taken.clear();
            match self.order {
                Order::Ordered => self.ordered(hits, room, first, end),
                Order::Strict => self.strict(hits, room, first, end),
                Order::Unordered => self.unordered(hits, room, first, end),
            }
            if self.order != Order::Unordered || room.taken.len() > most {
                most = room.taken.len();
                is_valid = !self.is_excluded(hits, room, end);
            }
            if !is_valid && self.order != Order::Unordered {
                return false;
            }
            if then(&room.taken).is_break() {
                break;
            }
        }
        is_valid
    }

    fn ordered(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) {
        room.taken.push(first);
        let mut last = first;
        for step in 1..self.steps {
            let is_it = |hit: &Hit| hit.steps & 1 << step != 0;
            let next = look(hits, &mut room.steps[step], last, hits.len(), end, is_it);
            let Some(next) = next else {
                return;
            };
            room.taken.push(next);
            last = next;
        }
    }

    fn strict(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) {
        let hits = hits.iter().enumerate().skip(first).take(self.steps);
        let consecutive = hits
            .zip(0..)
            .take_while(|((_, hit), step)| hit.at <= end && hit.steps & 1 << step != 0);
        room.taken.extend(consecutive.map(|((index, _), _)| index));
    }

    /// Gives each event to a step, moving others to another step where that makes room. What has once
    /// been done stays done, so the events that are taken are the earliest.
    fn unordered(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) {
        room.doers.clear();
        room.doers.resize(self.steps, None);
        // Steps that are done by events which can do no other than these steps: no event makes room there.
        let mut closed = 0u32;
        let mut from = first;
        while room.taken.len() < self.steps {
            let open = (0..self.steps).filter(|step| closed & 1 << step == 0);
            let next = open.map(|step| room.following[from * self.steps + step]);
            let next = next.min().unwrap_or(hits.len());
            if next == hits.len() || hits[next].at > end {
                break;
            }
            let mut tried = 0;
            if give(hits, &mut room.doers, next, &mut tried) {
                room.taken.push(next);
            } else {
                closed |= tried;
            }
            from = next + 1;
        }
    }

    fn is_excluded(&self, hits: &[Hit], room: &mut Room, end: i64) -> bool {
        let Room {
            taken, exclusions, ..
        } = room;
        let mut places = self.places.iter().zip(exclusions).enumerate();
        places.any(|(number, (&(from, to), next))| {
            let Some(&start) = taken.get(from) else {
                return false;
            };
            let until = taken.get(to).copied().unwrap_or(hits.len());
            let is_it = |hit: &Hit| hit.exclusions & 1 << number != 0;
            look(hits, next, start, until, end, is_it).is_some()
        })
    }
}

impl Room {
    fn enter(&mut self, rules: &Rules, hits: &[Hit]) {
        self.steps.clear();
        self.steps.resize(rules.steps, 0);
        self.exclusions.clear();
        self.exclusions.resize(rules.places.len(), 0);
        if rules.order == Order::Unordered {
            let (steps, none) = (rules.steps, hits.len());
            self.following.clear();
            self.following.resize((hits.len() + 1) * steps, none);
            for (index, hit) in hits.iter().enumerate().rev() {
                for step in 0..steps {
                    self.following[index * steps + step] = if hit.steps & 1 << step != 0 {
                        index
                    } else {
                        self.following[(index + 1) * steps + step]
                    };
                }
            }
        }
    }
}

/// The first hit after one and before another, not later than `end`, that is looked for. `from` says how far
/// earlier calls looked, which were after an earlier hit, and is moved on.
fn look(
    hits: &[Hit],
    from: &mut usize,
    after: usize,
    before: usize,
    end: i64,
    is_it: impl Fn(&Hit) -> bool,
) -> Option<usize> {
    *from = (*from).max(after + 1);
    while *from < before && hits[*from].at <= end {
        if is_it(&hits[*from]) {
            return Some(*from);
        }
        *from += 1;
    }
    None
}

/// Lets a hit do a step, if need be by moving others; `tried` are the steps that were thought of.
fn give(hits: &[Hit], doers: &mut [Option<usize>], hit: usize, tried: &mut u32) -> bool {
    for step in 0..doers.len() {
        let bit = 1 << step;
        if hits[hit].steps & bit == 0 || *tried & bit != 0 {
            continue;
        }
        *tried |= bit;
        let is_free = match doers[step] {
            None => true,
            Some(other) => give(hits, doers, other, tried),
        };
        if is_free {
            doers[step] = Some(hit);
            return true;
        }
    }
    false
}
