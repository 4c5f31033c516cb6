//! Retention: how many of those who did something did something again, interval by interval after it.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use persons_api::{FilterTree, Timestamp};

use crate::dates::{DateRange, Interval};
use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop, Stopped, View};
use crate::insights::activity::Activity;
use crate::insights::actors::{Page, People, page};
use crate::insights::breakdown::{Breakdown, BreakdownValue, Groups, Values};
use crate::insights::entity::Entity;
use crate::insights::matching::Preparation;
use crate::insights::points::Points;
use crate::insights::{InsightError, MOST_CELLS, Source};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionQuery {
    /// What puts people into a row.
    pub target: Entity,
    /// What makes them appear in it later.
    pub returning: Entity,
    /// Which targets count.
    pub kind: RetentionKind,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// A moment in the last interval, all of which counts.
    pub until: Timestamp,
    /// What time is cut into.
    pub interval: Interval,
    /// How many intervals there are, at least one.
    pub intervals: usize,
    /// Whether every row has a column for as many intervals, also those after the last interval.
    pub is_square: bool,
    /// What the rows are; each interval is one if it is not said.
    pub breakdown: Option<Breakdown>,
}

/// Which targets put people into a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetentionKind {
    /// All of them.
    #[default]
    Recurring,
    /// The first one ever, also before the first interval.
    FirstTime,
}

impl RetentionKind {
    /// The kind with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "retention_recurring" => Self::Recurring,
            "retention_first_time" => Self::FirstTime,
            _ => return None,
        })
    }
}

/// The people of a row, all of whom are in its first column.
#[derive(Clone, Debug, PartialEq)]
pub enum RetentionCell {
    /// Those who did the target in this interval, from 0.
    Interval(usize),
    /// Those whose target has this value.
    Value(BreakdownValue),
}

/// A row of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionRow {
    /// The value, if the rows are those of a breakdown.
    pub breakdown: Option<BreakdownValue>,
    /// How many people did the target, and how many of them came back one interval later, two, and so on.
    pub values: Vec<f64>,
}

/// A query that is ready to be answered.
pub struct Retention {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    points: Points,
    /// How many intervals put people into rows: the first ones.
    intervals: usize,
    is_square: bool,
    kind: RetentionKind,
    breakdown: Option<Breakdown>,
    values: Values,
    target: Activity,
    /// Nothing if it is the target, and the intervals of that are found anyway.
    returning: Option<Activity>,
}

impl RetentionQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Retention, InsightError> {
        let intervals = self.intervals.max(1);
        let cells = match self.is_square {
            true => intervals.saturating_mul(intervals),
            // Each row is one shorter than the one before it.
            false => intervals.saturating_mul(intervals.saturating_add(1)) / 2,
        };
        if cells > MOST_CELLS {
            return Err(InsightError::TooManyCells(MOST_CELLS));
        }
        let points = self.points(intervals, source)?;
        let mut preparation = Preparation::new(source);
        let by = self.breakdown.as_ref().map(|breakdown| &breakdown.by);
        let values = Values::new(by, &mut preparation)?;
        let mut activity = |entity| {
            let events = preparation.events_of(entity, &self.filter)?;
            Ok::<_, InsightError>(Activity::new(events, &points))
        };
        let target = activity(&self.target)?;
        let is_same = (&self.target.occurrence, &self.target.filter)
            == (&self.returning.occurrence, &self.returning.filter);
        let finds_all = self.kind == RetentionKind::Recurring && by.is_none();
        let returning = if is_same && finds_all {
            None
        } else {
            Some(activity(&self.returning)?)
        };
        Ok(Retention {
            frozen: preparation.freeze(),
            properties: preparation.properties,
            points,
            intervals,
            is_square: self.is_square,
            kind: self.kind,
            breakdown: self.breakdown.clone(),
            values,
            target,
            returning,
        })
    }

    /// So many whole intervals, the last of which has the moment that was asked for. A square table goes on until
    /// its last row has all columns.
    fn points(&self, intervals: usize, source: Source<'_>) -> Result<Points, InsightError> {
        let calendar = source.calendar;
        let last = calendar.start_of(self.interval, self.until);
        let ahead = if self.is_square { intervals } else { 1 };
        let ahead = i32::try_from(ahead).unwrap_or(i32::MAX);
        let next = calendar.shift(last, self.interval, ahead.into());
        let end = calendar.start_of(self.interval, next);
        let first = (1..intervals).fold(last, |start, _| {
            calendar.start_of(self.interval, Timestamp(start.0 - 1))
        });
        let range = DateRange {
            from: first,
            to: Timestamp(end.0 - 1),
        };
        Points::of_range(range, self.interval, calendar)
    }
}

/// What one actor did. Kept from actor to actor.
#[derive(Default)]
struct Own {
    /// The intervals with a target, each once, ascending; with a breakdown, (row, interval) in `of_rows`.
    targets: Vec<usize>,
    of_rows: Vec<(usize, usize)>,
    /// The intervals with something that makes them appear, each once, ascending.
    returned: Vec<usize>,
    /// The columns of a row in which they appear later, ascending.
    columns: Vec<usize>,
}

/// Where an actor appears in a row: in the first column, and in later ones.
struct Appearances<'a> {
    row: usize,
    /// The later columns, ascending, each with this much on top.
    later: &'a [usize],
    offset: usize,
}

/// The actors of a row, and where their columns are among all.
#[derive(Default)]
struct Found {
    actors: Vec<(Actor, Range<usize>)>,
    columns: Vec<usize>,
}

impl Found {
    fn take(&mut self, actor: Actor, own: &Appearances<'_>) {
        let start = self.columns.len();
        self.columns.push(0);
        let later = own.later.iter().map(|column| column - own.offset);
        self.columns.extend(later);
        self.actors.push((actor, start..self.columns.len()));
    }

    fn join(&mut self, other: Self) {
        let before = self.columns.len();
        let shift = |range: Range<usize>| range.start + before..range.end + before;
        let actors = other.actors.into_iter();
        self.actors
            .extend(actors.map(|(actor, range)| (actor, shift(range))));
        self.columns.extend(other.columns);
    }
}

impl Retention {
    /// The intervals.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// All rows: by interval, or by how frequent the value of the breakdown is among targets. A row has a value
    /// for every interval from its own on; that of a breakdown for every interval.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<RetentionRow>, InsightError> {
        let view = self.frozen.view();
        let groups = self.groups(&view, stop)?;
        let rows = match self.breakdown {
            Some(_) => groups.len(),
            None => self.intervals,
        };
        let cells: usize = (0..rows).map(|row| self.columns(row)).sum();
        if cells > MOST_CELLS {
            return Err(InsightError::TooManyCells(MOST_CELLS));
        }
        // Where the values of each row start; one more than there are rows.
        let mut starts = vec![0];
        starts.extend((0..rows).scan(0, |end, row| {
            *end += self.columns(row);
            Some(*end)
        }));
        let (numbers, _) = view.fold(
            &self.properties,
            stop,
            || (vec![0u32; cells], Own::default()),
            |(numbers, own), part, actor, events| {
                if actor.slot().is_some() {
                    self.each_row(&groups, part, actor, events, own, |own| {
                        let row = &mut numbers[starts[own.row]..];
                        row[0] += 1;
                        for column in own.later {
                            row[column - own.offset] += 1;
                        }
                    });
                }
            },
            |(all, _), (more, _)| {
                all.iter_mut()
                    .zip(more)
                    .for_each(|(all, more)| *all += more);
            },
        )?;
        let rows = starts.windows(2).enumerate();
        let rows = rows.map(|(row, range)| RetentionRow {
            breakdown: groups.value(row).cloned(),
            values: numbers[range[0]..range[1]]
                .iter()
                .map(|&count| f64::from(count))
                .collect(),
        });
        Ok(rows.collect())
    }

    /// The people of a row, each with the columns in which they appear: those who do in most of them first, then
    /// in the order of their UUIDs.
    pub fn people(
        &self,
        cell: &RetentionCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<Vec<bool>>, InsightError> {
        let view = self.frozen.view();
        let (groups, wanted) = match (cell, &self.breakdown) {
            (RetentionCell::Interval(row), None) if *row < self.intervals => {
                (self.values.fixed(), *row)
            }
            (RetentionCell::Value(value), Some(_)) => {
                let groups = match self.values.only(value) {
                    Some(groups) => groups,
                    None => self.groups(&view, stop)?,
                };
                let wanted = groups.find(value);
                let wanted = wanted.ok_or(InsightError::NoSuchCell("breakdown value"))?;
                (groups, wanted)
            }
            _ => return Err(InsightError::NoSuchCell("row")),
        };
        let (found, _) = view.fold(
            &self.properties,
            stop,
            || (Found::default(), Own::default()),
            |(found, own), part, actor, events| {
                self.each_row(&groups, part, actor, events, own, |own| {
                    if own.row == wanted {
                        found.take(actor, &own);
                    }
                });
            },
            |(all, _), (more, _)| all.join(more),
        )?;
        let Found { actors, columns } = found;
        let page = page(actors, view.census(), asked, |a, b| {
            let by_appearances = Reverse(a.1.len()).cmp(&Reverse(b.1.len()));
            by_appearances.then_with(|| asked.order.ids(a.0.uuid, b.0.uuid))
        });
        Ok(page.map(|range| {
            let mut appearances = vec![false; self.columns(wanted)];
            for &column in &columns[range] {
                appearances[column] = true;
            }
            appearances
        }))
    }

    /// How many columns a row has.
    fn columns(&self, row: usize) -> usize {
        match self.breakdown {
            Some(_) => self.intervals,
            None if self.is_square => self.intervals,
            None => self.intervals - row,
        }
    }

    /// What the rows of a breakdown are.
    fn groups(&self, view: &View, stop: &Stop) -> Result<Groups, Stopped> {
        let breakdown = self.breakdown.as_ref();
        let count = |counts: &mut Vec<u64>, part: &Part<'_>, actor: Actor, events: Range<usize>| {
            if actor.slot().is_some() {
                self.each_target(part, actor, events, |_, event| {
                    counts[self.values.code(part, actor, event) as usize] += 1;
                });
            }
        };
        self.values
            .groups(breakdown, view, &self.properties, stop, count)
    }

    /// Calls `then` with each target of an actor that counts: the interval it is in, and where it is.
    fn each_target(
        &self,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        mut then: impl FnMut(usize, usize),
    ) {
        let targets = self.target.events(part, actor, events);
        let targets = targets.take(match self.kind {
            RetentionKind::Recurring => usize::MAX,
            RetentionKind::FirstTime => 1,
        });
        for event in targets {
            if let Some(interval) = self.target.piece_of(part, event)
                && interval < self.intervals
            {
                then(interval, event);
            }
        }
    }

    /// Calls `then` with each row that an actor is in.
    fn each_row(
        &self,
        groups: &Groups,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        own: &mut Own,
        mut then: impl FnMut(Appearances<'_>),
    ) {
        own.targets.clear();
        own.of_rows.clear();
        match (self.kind, &self.breakdown) {
            (RetentionKind::Recurring, None) => {
                let targets = &mut own.targets;
                self.target.collect(part, actor, events.clone(), targets);
            }
            (RetentionKind::FirstTime, None) => {
                self.each_target(part, actor, events.clone(), |interval, _| {
                    own.targets.push(interval);
                });
            }
            (_, Some(_)) => {
                self.each_target(part, actor, events.clone(), |interval, event| {
                    groups.each(&self.values, part, actor, event, |row| {
                        own.of_rows.push((row, interval));
                    });
                });
                own.of_rows.sort_unstable();
                own.of_rows.dedup();
            }
        }
        let rows = own
            .targets
            .partition_point(|&interval| interval < self.intervals);
        if rows == 0 && own.of_rows.is_empty() {
            return;
        }
        let returned = match &self.returning {
            None => &own.targets,
            Some(returning) => {
                returning.collect(part, actor, events, &mut own.returned);
                &own.returned
            }
        };
        let (mut place, mut end) = (0, 0);
        for &interval in &own.targets[..rows] {
            while returned.get(place).is_some_and(|&other| other <= interval) {
                place += 1;
            }
            let after = interval + self.intervals;
            while returned.get(end).is_some_and(|&other| other < after) {
                end += 1;
            }
            then(Appearances {
                row: interval,
                later: &returned[place..end],
                offset: interval,
            });
        }
        for targets in own.of_rows.chunk_by(|a, b| a.0 == b.0) {
            own.columns.clear();
            for &(_, interval) in targets {
                let place = returned.partition_point(|&other| other <= interval);
                let later = returned[place..].iter().map(|other| other - interval);
                own.columns
                    .extend(later.take_while(|&column| column < self.intervals));
            }
            own.columns.sort_unstable();
            own.columns.dedup();
            then(Appearances {
                row: targets[0].0,
                later: &own.columns,
                offset: 0,
            });
        }
    }
}
