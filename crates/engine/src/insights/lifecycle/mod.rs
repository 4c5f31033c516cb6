//! Lifecycle: who is new in each interval, who came back, and who stayed away.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use persons_api::{FilterTree, Timestamp};

use crate::dates::{DateRange, Interval};
use crate::events::census::{Actor, Census};
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop};
use crate::insights::activity::{Activity, page_of_members};
use crate::insights::actors::{Page, People};
use crate::insights::entity::Entity;
use crate::insights::matching::Preparation;
use crate::insights::points::{Points, Windows};
use crate::insights::{InsightError, Source};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct LifecycleQuery {
    /// What makes people active.
    pub entity: Entity,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// When. The interval in which it starts counts from its own start.
    pub range: DateRange,
    /// What the range is cut into.
    pub interval: Interval,
}

/// What somebody is in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Active for the first time that is looked at, in the interval in which the person was created.
    New,
    /// Active, and active in the interval before.
    Returning,
    /// Active, and neither of these.
    Resurrecting,
    /// Not active, but active in the interval before.
    Dormant,
}

impl Status {
    /// All of them, in the order of the answer.
    pub const ALL: [Self; 4] = [
        Self::New,
        Self::Returning,
        Self::Resurrecting,
        Self::Dormant,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Returning => "returning",
            Self::Resurrecting => "resurrecting",
            Self::Dormant => "dormant",
        }
    }
}

/// One number of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifecycleCell {
    /// What people are.
    pub status: Status,
    /// In which interval, from 0.
    pub point: usize,
}

/// A query that is ready to be answered.
pub struct Lifecycle {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    points: Points,
    /// Sorts events into the points and the interval before them, which is number 0.
    activity: Activity,
    /// Sorts moments in the same way; the last interval is whole, even if the range ends within it.
    intervals: Windows,
}

impl LifecycleQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Lifecycle, InsightError> {
        let Self {
            interval, range, ..
        } = *self;
        let calendar = source.calendar;
        let first = calendar.start_of(interval, range.from);
        let before = calendar.start_of(interval, calendar.shift(first, interval, -1));
        let last = calendar.start_of(interval, range.to);
        let next = calendar.start_of(interval, calendar.shift(last, interval, 1));
        let points = |from, to| Points::of_range(DateRange { from, to }, interval, calendar);
        let mut preparation = Preparation::new(source);
        let events = preparation.events_of(&self.entity, &self.filter)?;
        Ok(Lifecycle {
            frozen: preparation.freeze(),
            properties: preparation.properties,
            points: points(first, range.to)?,
            activity: Activity::new(events, &points(before, range.to)?),
            intervals: Windows::pieces(&points(before, Timestamp(next.0 - 1))?),
        })
    }
}

impl Lifecycle {
    /// The intervals.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// The point whose interval a moment is in.
    pub fn point_of(&self, at: Timestamp) -> Option<usize> {
        self.interval_of(at)?.checked_sub(1)
    }

    fn interval_of(&self, at: Timestamp) -> Option<usize> {
        let (from, to) = self.intervals.points(at.0);
        (from < to).then_some(from)
    }

    /// How many people are each [`Status`], in the order of [`Status::ALL`], at each point. Dormant people count
    /// below zero, as they are drawn.
    pub fn numbers(&self, stop: &Stop) -> Result<[Vec<f64>; 4], InsightError> {
        let view = self.frozen.view();
        let points = self.points.pieces.len();
        let (numbers, _) = view.fold(
            &self.properties,
            stop,
            || (Status::ALL.map(|_| vec![0.0; points]), Vec::new()),
            |(numbers, active), part, actor, events| {
                if actor.slot().is_none() {
                    return;
                }
                self.each(part, view.census(), actor, events, active, |cell| {
                    let sign = if cell.status == Status::Dormant {
                        -1.0
                    } else {
                        1.0
                    };
                    numbers[cell.status as usize][cell.point] += sign;
                });
            },
            |(all, _), (more, _)| {
                let pairs = all.iter_mut().flatten().zip(more.into_iter().flatten());
                pairs.for_each(|(all, more)| *all += more);
            },
        )?;
        Ok(numbers)
    }

    /// The people of one number, in the order of their UUIDs.
    pub fn people(
        &self,
        cell: &LifecycleCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<()>, InsightError> {
        if cell.point >= self.points.pieces.len() {
            return Err(InsightError::NoSuchCell("point"));
        }
        let view = self.frozen.view();
        let (found, _) = view.fold(
            &self.properties,
            stop,
            || (Vec::new(), Vec::new()),
            |(found, active), part, actor, events| {
                self.each(part, view.census(), actor, events, active, |own| {
                    if own == *cell {
                        found.push((actor, ()));
                    }
                });
            },
            |(all, _), (more, _)| all.extend(more),
        )?;
        Ok(page_of_members(found, &view, asked))
    }

    /// Calls `then` with each cell that an actor is in. Who is nobody was never created, so never new.
    fn each(
        &self,
        part: &Part<'_>,
        census: &Census,
        actor: Actor,
        events: Range<usize>,
        active: &mut Vec<usize>,
        mut then: impl FnMut(LifecycleCell),
    ) {
        self.activity.collect(part, actor, events, active);
        let created = actor.slot().map(|slot| census.person(slot).created_at);
        let created = created.and_then(|at| self.interval_of(at));
        for (place, &interval) in active.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| active[place]);
            let status = match before {
                None if created == Some(interval) => Status::New,
                Some(before) if before + 1 == interval => Status::Returning,
                _ => Status::Resurrecting,
            };
            // The interval before the range is only looked at for what follows from it.
            if let Some(point) = interval.checked_sub(1) {
                then(LifecycleCell { status, point });
            }
            let stays_away = active.get(place + 1) != Some(&(interval + 1));
            if stays_away && interval < self.points.pieces.len() {
                then(LifecycleCell {
                    status: Status::Dormant,
                    point: interval,
                });
            }
        }
    }
}
