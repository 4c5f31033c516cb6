//! Stickiness: in how many intervals of a range people did something, and who did so in exactly that many.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use persons_api::FilterTree;

use crate::dates::{DateRange, Interval};
use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop};
use crate::insights::activity::{Activity, page_of_members};
use crate::insights::actors::{Page, People};
use crate::insights::entity::Entity;
use crate::insights::matching::Preparation;
use crate::insights::points::Points;
use crate::insights::{InsightError, MOST_CELLS, Source};

/// What is asked. The maths of the series are not looked at: people are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct StickinessQuery {
    /// What people do.
    pub series: Vec<Entity>,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// When.
    pub range: DateRange,
    /// What the range is cut into.
    pub interval: Interval,
}

/// One number of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StickinessCell {
    /// Which series, from 0.
    pub series: usize,
    /// In how many intervals exactly, from 1.
    pub intervals: usize,
}

/// A query that is ready to be answered.
pub struct Stickiness {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    points: Points,
    series: Vec<Activity>,
}

impl StickinessQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Stickiness, InsightError> {
        let points = Points::of_range(self.range, self.interval, source.calendar)?;
        if self.series.len() * points.pieces.len() > MOST_CELLS {
            return Err(InsightError::TooManyCells(MOST_CELLS));
        }
        let mut preparation = Preparation::new(source);
        let series = self.series.iter().map(|entity| {
            let events = preparation.events_of(entity, &self.filter)?;
            Ok(Activity::new(events, &points))
        });
        let series = series.collect::<Result<_, InsightError>>()?;
        Ok(Stickiness {
            frozen: preparation.freeze(),
            properties: preparation.properties,
            points,
            series,
        })
    }
}

impl Stickiness {
    /// The intervals.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// For each series, how many people were active in exactly one interval, in two, and so on up to all.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<Vec<f64>>, InsightError> {
        let view = self.frozen.view();
        let series = self.series.iter().map(|series| {
            let start = || (vec![0.0; self.points.pieces.len()], Vec::new());
            let (data, _) = view.fold(
                &self.properties,
                stop,
                start,
                |(data, active), part, actor, events| {
                    let intervals = intervals(series, part, actor, events, active);
                    if intervals > 0 && actor.slot().is_some() {
                        data[intervals - 1] += 1.0;
                    }
                },
                |(all, _), (more, _)| {
                    all.iter_mut()
                        .zip(more)
                        .for_each(|(all, more)| *all += more);
                },
            )?;
            Ok(data)
        });
        series.collect()
    }

    /// The people of one number, in the order of their UUIDs.
    pub fn people(
        &self,
        cell: &StickinessCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<()>, InsightError> {
        let series = self.series.get(cell.series);
        let series = series.ok_or(InsightError::NoSuchCell("series"))?;
        if !(1..=self.points.pieces.len()).contains(&cell.intervals) {
            return Err(InsightError::NoSuchCell("number of intervals"));
        }
        let view = self.frozen.view();
        let (found, _) = view.fold(
            &self.properties,
            stop,
            || (Vec::new(), Vec::new()),
            |(found, active), part, actor, events| {
                if intervals(series, part, actor, events, active) == cell.intervals {
                    found.push((actor, ()));
                }
            },
            |(all, _), (more, _)| all.extend(more),
        )?;
        Ok(page_of_members(found, &view, asked))
    }
}

/// In how many intervals an actor was active.
fn intervals(
    series: &Activity,
    part: &Part<'_>,
    actor: Actor,
    events: Range<usize>,
    active: &mut Vec<usize>,
) -> usize {
    series.collect(part, actor, events, active);
    active.len()
}
