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
use super::query::{FunnelQuery, Order, Window};
use crate::dates::{Calendar, Interval};

/// What attempts must keep to.
pub(super) struct Rules {
    pub(super) steps: usize,
    order: Order,
    window: Window,
    /// How long the window is in microseconds, if all are.
    length: Option<i64>,
    calendar: Calendar,
    /// Between which steps each exclusion is.
    places: Vec<(usize, usize)>,
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
    pub(super) fn new(
        query: &FunnelQuery,
        places: Vec<(usize, usize)>,
        calendar: &Calendar,
    ) -> Self {
        let count = i64::from(query.window.count);
        Self {
            steps: query.steps.len(),
            order: query.order,
            window: query.window,
            length: (query.window.unit.length()).map(|length| length.saturating_mul(count)),
            calendar: calendar.clone(),
            places,
        }
    }

    /// The steps that start an attempt, a bit each.
    pub(super) fn opening(&self) -> u32 {
        match self.order {
            Order::Unordered => u32::MAX,
            Order::Ordered | Order::Strict => 1,
        }
    }

    /// The last moment of an attempt that starts at `from`.
    pub(super) fn end(&self, from: i64) -> i64 {
        match self.length {
            Some(length) => from.saturating_add(length),
            None => {
                let months = i64::from(self.window.count);
                self.calendar
                    .shift(Timestamp(from), Interval::Month, months)
                    .0
            }
        }
    }

    /// The hits of the attempt that reaches furthest, the earliest such; none if there is no attempt, or if
    /// an exclusion lies in any.
    pub(super) fn furthest<'r>(&self, hits: &[Hit], room: &'r mut Room) -> &'r [usize] {
        room.best.clear();
        if self.order == Order::Ordered && self.places.is_empty() {
            self.furthest_in_order(hits, room);
            return &room.best;
        }
        let all = hits.iter().fold(0, |all, hit| all | hit.steps);
        if all & self.opening() == 0 {
            return &room.best;
        }
        let mut best = std::mem::take(&mut room.best);
        let counts = self.each(hits, room, |taken| {
            if taken.len() > best.len() {
                best.clear();
                best.extend_from_slice(taken);
            }
            // What nobody did, no attempt does.
            if best.len() == all.count_ones() as usize && self.places.is_empty() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if !counts {
            best.clear();
        }
        room.best = best;
        &room.best
    }

    /// [`Self::furthest`] of steps in order without exclusions: attempts that cannot reach further than
    /// those before are left out.
    fn furthest_in_order(&self, hits: &[Hit], room: &mut Room) {
        room.enter(self, hits);
        // What the attempt before lacked comes then or later: an attempt that ends before it is no better.
        let mut lacked = i64::MIN;
        for (first, hit) in hits.iter().enumerate() {
            if hit.steps & 1 == 0 {
                continue;
            }
            let end = self.end(hit.at);
            if end < lacked {
                continue;
            }
            let lacks = self.ordered(hits, room, first, end);
            if room.taken.len() > room.best.len() {
                std::mem::swap(&mut room.taken, &mut room.best);
            }
            match lacks.and_then(|step| hits.get(room.steps[step])) {
                Some(hit) => lacked = hit.at,
                None => return,
            }
        }
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
            match self.order {
                Order::Ordered => {
                    self.ordered(hits, room, first, end);
                }
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

    /// Takes the hits of an attempt; says which step it lacks, to which the next hit in `room` may be too late.
    fn ordered(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) -> Option<usize> {
        room.taken.clear();
        room.taken.push(first);
        let mut last = first;
        for step in 1..self.steps {
            let is_it = |hit: &Hit| hit.steps & 1 << step != 0;
            let next = look(hits, &mut room.steps[step], last, hits.len(), is_it);
            let Some(next) = next.filter(|&next| hits[next].at <= end) else {
                return Some(step);
            };
            room.taken.push(next);
            last = next;
        }
        None
    }

    fn strict(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) {
        room.taken.clear();
        let hits = hits.iter().enumerate().skip(first).take(self.steps);
        let consecutive = hits
            .zip(0..)
            .take_while(|((_, hit), step)| hit.at <= end && hit.steps & 1 << step != 0);
        room.taken.extend(consecutive.map(|((index, _), _)| index));
    }

    /// Gives each event to a step, moving others to another step where that makes room. What has once
    /// been done stays done, so the events that are taken are the earliest.
    fn unordered(&self, hits: &[Hit], room: &mut Room, first: usize, end: i64) {
        room.taken.clear();
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
            look(hits, next, start, until, is_it).is_some_and(|next| hits[next].at <= end)
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

/// The first hit after one and before another that is looked for. `from` says how far earlier calls looked,
/// which were after an earlier hit, and is moved on.
fn look(
    hits: &[Hit],
    from: &mut usize,
    after: usize,
    before: usize,
    is_it: impl Fn(&Hit) -> bool,
) -> Option<usize> {
    *from = (*from).max(after + 1);
    while *from < before {
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
