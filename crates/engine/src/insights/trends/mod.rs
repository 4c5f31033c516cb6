//! Trends: how often something happens over time, and who the people behind each point are.

mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use persons_api::FilterTree;

use crate::dates::{DateRange, Interval};
use crate::events::census::Actor;
use crate::events::dictionary::MISSING;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop, Stopped, View};
use crate::insights::actors::{OrderKey, Page, People, page};
use crate::insights::breakdown::{Breakdown, BreakdownValue, Groups, Values};
use crate::insights::entity::Entity;
use crate::insights::matching::{EventMatcher, Preparation};
use crate::insights::math::{Math, Numbers};
use crate::insights::points::{Points, Windows};
use crate::insights::{InsightError, MOST_CELLS, Source};
use tally::{Cells, Counts, Distinct, Measured, PerPerson, Tally, Unique};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendsQuery {
    /// What is counted.
    pub series: Vec<Entity>,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// When.
    pub range: DateRange,
    /// What the range is cut into.
    pub interval: Interval,
    /// What a point is.
    pub shape: Shape,
    /// What each series is cut by.
    pub breakdown: Option<Breakdown>,
}

/// What a point is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// An interval.
    #[default]
    Line,
    /// Everything from the start of the range to the end of an interval.
    Cumulative,
    /// The whole range.
    Total,
}

/// One number of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendsCell {
    /// Which series, from 0.
    pub series: usize,
    /// Which value of the breakdown, if there is one.
    pub breakdown: Option<BreakdownValue>,
    /// Which point, from 0.
    pub point: usize,
}

/// A line of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Which series, from 0.
    pub series: usize,
    /// Which value of the breakdown, if there is one.
    pub breakdown: Option<BreakdownValue>,
    /// A number for each point.
    pub data: Vec<f64>,
}

/// What a person adds to a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonPart {
    /// Their part of the number, by the math of the series.
    pub value: f64,
    /// How many of their events count, whatever the math.
    pub events: u64,
}

/// A query that is ready to be answered.
pub struct Trends {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    points: Points,
    breakdown: Option<Breakdown>,
    values: Values,
    series: Vec<Series>,
}

struct Series {
    events: EventMatcher,
    math: Math,
    windows: Windows,
    /// Where the property that the math reads is, if any event has it.
    column: Option<usize>,
    /// What the codes of that property are as numbers, for maths that need it.
    numbers: Vec<f64>,
}

impl TrendsQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Trends, InsightError> {
        let points = match self.shape {
            Shape::Total => Points::whole(self.range),
            Shape::Line | Shape::Cumulative => {
                Points::of_range(self.range, self.interval, source.calendar)?
            }
        };
        let mut preparation = Preparation::new(source);
        let by = self.breakdown.as_ref().map(|breakdown| &breakdown.by);
        let values = Values::new(by, &mut preparation)?;
        let series = self.series.iter().map(|entity| {
            let events = preparation.events_of(entity, &self.filter)?;
            let column = entity
                .math
                .property()
                .and_then(|key| preparation.column(key));
            let numbers = match (&entity.math, column) {
                (Math::Property(..), Some(column)) => {
                    preparation.properties[column].known().values.numbers()
                }
                _ => Vec::new(),
            };
            let windows = match (&entity.math, self.shape) {
                (Math::ActivePeople(days), _) => Windows::trailing(&points, *days, source.calendar),
                (_, Shape::Cumulative) => Windows::cumulative(&points),
                _ => Windows::pieces(&points),
            };
            Ok(Series {
                events,
                math: entity.math.clone(),
                windows,
                column,
                numbers,
            })
        });
        let series = series.collect::<Result<_, InsightError>>()?;
        Ok(Trends {
            frozen: preparation.freeze(),
            properties: preparation.properties,
            points,
            breakdown: self.breakdown.clone(),
            values,
            series,
        })
    }
}

impl Series {
    /// Whether the distinct ids that belong to nobody count.
    fn counts(&self, actor: Actor) -> bool {
        actor.slot().is_some() || !self.math.counts_people()
    }

    /// What an event that matches counts as, if it counts.
    fn measure(&self, part: &Part<'_>, event: usize) -> Option<f64> {
        match &self.math {
            Math::Property(..) => {
                let code = part.columns[self.column?][event];
                Some(self.numbers[code as usize]).filter(|number| !number.is_nan())
            }
            Math::DistinctValues(_) => {
                let code = part.columns[self.column?][event];
                (code != MISSING).then_some(f64::from(code))
            }
            _ => Some(1.0),
        }
    }

    /// Calls `then` with each event of an actor that counts: the points that look at it, what it counts as,
    /// and where it is.
    fn each_event(
        &self,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        mut then: impl FnMut((usize, usize), f64, usize),
    ) {
        if !self.events.admits(actor) {
            return;
        }
        for event in events {
            if !self.events.matches(part, actor, event) {
                continue;
            }
            let (from, to) = self.windows.points(part.times[event]);
            if from < to
                && let Some(measure) = self.measure(part, event)
            {
                then((from, to), measure, event);
            }
        }
    }
}

impl Trends {
    /// The points, in the order of the data.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// All lines: by series, and in each by how frequent the value of the breakdown is.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<Line>, InsightError> {
        let view = self.frozen.view();
        let mut lines = Vec::new();
        for (number, series) in self.series.iter().enumerate() {
            let groups = self.groups(&view, series, stop)?;
            let cells = Cells {
                groups: groups.len(),
                points: self.points.pieces.len(),
            };
            if lines.len() * cells.points + cells.count() > MOST_CELLS {
                return Err(InsightError::TooManyCells(MOST_CELLS));
            }
            let data = match &series.math {
                Math::Total => self.tally(&view, series, &groups, Counts::new(cells), stop),
                Math::UniquePeople | Math::ActivePeople(_) => {
                    self.tally(&view, series, &groups, Unique::new(cells), stop)
                }
                Math::DistinctValues(_) => {
                    self.tally(&view, series, &groups, Distinct::new(cells), stop)
                }
                Math::Property(aggregation, _) => {
                    let tally = Measured::new(cells, *aggregation);
                    self.tally(&view, series, &groups, tally, stop)
                }
                Math::CountPerPerson(aggregation) => {
                    let tally = PerPerson::new(cells, *aggregation);
                    self.tally(&view, series, &groups, tally, stop)
                }
            }?;
            for group in 0..groups.len() {
                lines.push(Line {
                    series: number,
                    breakdown: groups.value(group).cloned(),
                    data: data[cells.row(group)].to_vec(),
                });
            }
        }
        Ok(lines)
    }

    fn tally<T: Tally>(
        &self,
        view: &View,
        series: &Series,
        groups: &Groups,
        empty: T,
        stop: &Stop,
    ) -> Result<Vec<f64>, Stopped> {
        let all = view.fold(
            &self.properties,
            stop,
            || empty.clone(),
            |tally, part, actor, events| {
                if !series.counts(actor) {
                    return;
                }
                series.each_event(part, actor, events, |points, measure, event| {
                    groups.each(&self.values, part, actor, event, |group| {
                        tally.take(group, points, measure);
                    });
                });
                tally.leave();
            },
            T::join,
        )?;
        Ok(all.results())
    }

    /// What events are grouped by.
    fn groups(&self, view: &View, series: &Series, stop: &Stop) -> Result<Groups, Stopped> {
        let breakdown = self.breakdown.as_ref();
        let count = |counts: &mut Vec<u64>, part: &Part<'_>, actor: Actor, events: Range<usize>| {
            if series.counts(actor) {
                series.each_event(part, actor, events, |_, _, event| {
                    counts[self.values.code(part, actor, event) as usize] += 1;
                });
            }
        };
        self.values
            .groups(breakdown, view, &self.properties, stop, count)
    }

    /// The people of one number, each with their part of it, greatest first.
    pub fn people(
        &self,
        cell: &TrendsCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<f64>, InsightError> {
        let parts = self.parts(cell, asked, stop)?;
        Ok(parts.map(|part| part.value))
    }

    /// The same people, each with the number of their events, too, which the list can be sorted by.
    pub fn parts(
        &self,
        cell: &TrendsCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<PersonPart>, InsightError> {
        let series = self
            .series
            .get(cell.series)
            .ok_or(InsightError::NoSuchCell("series"))?;
        if cell.point >= self.points.pieces.len() {
            return Err(InsightError::NoSuchCell("point"));
        }
        let view = self.frozen.view();
        let (groups, wanted) = match &cell.breakdown {
            None => (None, 0),
            Some(value) => {
                let groups = match self.values.only(value) {
                    Some(groups) => groups,
                    None => self.groups(&view, series, stop)?,
                };
                let wanted = groups.find(value);
                let wanted = wanted.ok_or(InsightError::NoSuchCell("breakdown value"))?;
                (Some(groups), wanted)
            }
        };
        let found = view.fold(
            &self.properties,
            stop,
            Vec::new,
            |found, part, actor, events| {
                let mut own = Own::default();
                series.each_event(part, actor, events, |(from, to), measure, event| {
                    if !(from..to).contains(&cell.point) {
                        return;
                    }
                    match &groups {
                        None => own.take(measure, &series.math),
                        Some(groups) => groups.each(&self.values, part, actor, event, |group| {
                            if group == wanted {
                                own.take(measure, &series.math);
                            }
                        }),
                    }
                });
                let events = own.events;
                if let Some(value) = own.value(&series.math) {
                    found.push((actor, PersonPart { value, events }));
                }
            },
            |all, more| all.extend(more),
        )?;
        Ok(page(found, view.census(), asked, |a, b| {
            if asked.order.by == OrderKey::Events {
                let by_events = b.1.events.cmp(&a.1.events);
                return by_events.then_with(|| asked.order.ids(a.0.uuid, b.0.uuid));
            }
            let by_value = b.1.value.total_cmp(&a.1.value);
            by_value.then_with(|| b.0.uuid.cmp(&a.0.uuid))
        }))
    }
}

/// What one actor did in a cell.
#[derive(Default)]
struct Own {
    events: u64,
    numbers: Numbers,
    distinct: BTreeSet<u64>,
}

impl Own {
    fn take(&mut self, measure: f64, math: &Math) {
        self.events += 1;
        match math {
            Math::Property(aggregation, _) => self.numbers.add(measure, *aggregation),
            Math::DistinctValues(_) => {
                self.distinct.insert(measure.to_bits());
            }
            _ => {}
        }
    }

    /// The actor's part of the number, if they are in the cell at all.
    fn value(mut self, math: &Math) -> Option<f64> {
        match math {
            Math::Property(aggregation, _) => self.numbers.result(*aggregation),
            _ if self.events == 0 => None,
            Math::DistinctValues(_) => Some(self.distinct.len() as f64),
            _ => Some(self.events as f64),
        }
    }
}
