//! How the part of people who go through a funnel changes over time.

use std::ops::ControlFlow;

use super::attempt;
use super::groups::Groups;
use super::hits::Hit;
use super::query::{Conversion, FunnelQuery};
use super::steps::newest_first;
use super::{Funnel, Room};
use crate::dates::Interval;
use crate::events::Stop;
use crate::insights::actors::{Page, People, page};
use crate::insights::breakdown::BreakdownValue;
use crate::insights::points::{Points, Windows};
use crate::insights::{InsightError, MOST_CELLS, Source};

/// What is asked: of the people who start in an interval, who comes from a step to a later one. Each start of
/// a person counts, once in each interval: with the attempt that reaches furthest.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelTrendsQuery {
    /// The funnel.
    pub funnel: FunnelQuery,
    /// What the range is cut into.
    pub interval: Interval,
    /// The step that people come from, from 0; the first if not given.
    pub from_step: Option<usize>,
    /// The step that they come to, from 0; the last if not given.
    pub to_step: Option<usize>,
}

/// The people of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelTrendsCell {
    /// The interval in which they start, from 0.
    pub point: usize,
    /// Whether they are those who do not come to the later step.
    pub is_drop_off: bool,
    /// Their values of the breakdown; without, nobody is told apart.
    pub breakdown: Option<Vec<BreakdownValue>>,
}

/// A line of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelTrendsLine {
    /// The values of the breakdown, if there is one: one for each property.
    pub breakdown: Option<Vec<BreakdownValue>>,
    /// The people who start in each interval.
    pub points: Vec<Converted>,
}

/// How many people come from a step to a later one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Who did the earlier step.
    pub entered: usize,
    /// Who did the later one too.
    pub converted: usize,
}

impl Converted {
    /// The second in percent of the first, with two decimals; 0 if there is nobody.
    pub fn rate(self) -> f64 {
        if self.entered == 0 {
            return 0.0;
        }
        let percent = self.converted as f64 / self.entered as f64 * 100.0;
        (percent * 100.0).round() / 100.0
    }
}

/// A query that is ready to be answered.
pub struct FunnelTrends {
    funnel: Funnel,
    points: Points,
    windows: Windows,
    conversion: Conversion,
}

impl FunnelTrendsQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<FunnelTrends, InsightError> {
        let conversion = self.funnel.conversion(self.from_step, self.to_step)?;
        let points = Points::of_range(self.funnel.range, self.interval, source.calendar)?;
        Ok(FunnelTrends {
            funnel: self.funnel.prepare(source)?,
            windows: Windows::pieces(&points),
            points,
            conversion,
        })
    }
}

impl FunnelTrends {
    /// The intervals, in the order of the data.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// Puts the intervals in which someone starts into `starts`, with how many steps they did from there.
    fn starts(&self, hits: &[Hit], room: &mut attempt::Room, starts: &mut Vec<(usize, usize)>) {
        starts.clear();
        let counts = self.funnel.rules.each(hits, room, |taken| {
            let (point, _) = self.windows.points(hits[taken[0]].at);
            match starts.last_mut() {
                Some((last, most)) if *last == point => *most = taken.len().max(*most),
                _ => starts.push((point, taken.len())),
            }
            ControlFlow::Continue(())
        });
        if !counts {
            starts.clear();
        }
    }

    /// The line; with a breakdown, one for each value, the most frequent first.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<FunnelTrendsLine>, InsightError> {
        let funnel = &self.funnel;
        let view = funnel.frozen.view();
        let groups = funnel.groups(&view, stop)?;
        let values = groups.as_ref().map(Groups::values);
        let (lines, points) = (values.map_or(1, <[_]>::len), self.points.pieces.len());
        if lines * points > MOST_CELLS {
            return Err(InsightError::TooManyCells(MOST_CELLS));
        }
        let (.., all) = view.fold(
            &funnel.properties,
            stop,
            || {
                let none = vec![Converted::default(); lines * points];
                (Room::default(), Vec::new(), none)
            },
            |(room, starts, all), part, actor, events| {
                if actor.slot().is_none() {
                    return;
                }
                let groups = groups.as_ref();
                funnel.visit(
                    room,
                    part,
                    actor,
                    events,
                    groups,
                    |group, hits, attempts| {
                        self.starts(hits, attempts, starts);
                        for &(point, steps) in &*starts {
                            let point = &mut all[group * points + point];
                            point.entered += usize::from(steps > self.conversion.from);
                            point.converted += usize::from(steps > self.conversion.to);
                        }
                    },
                );
            },
            |(.., all), (.., more)| {
                for (all, more) in all.iter_mut().zip(more) {
                    all.entered += more.entered;
                    all.converted += more.converted;
                }
            },
        )?;
        let line = (0..lines).map(|group| FunnelTrendsLine {
            breakdown: values.map(|values| values[group].clone()),
            points: all[group * points..(group + 1) * points].to_vec(),
        });
        Ok(line.collect())
    }

    /// The people of one number, each with how many steps they did, newest first.
    pub fn people(
        &self,
        cell: &FunnelTrendsCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<usize>, InsightError> {
        if cell.point >= self.points.pieces.len() {
            return Err(InsightError::NoSuchCell("point"));
        }
        let funnel = &self.funnel;
        let view = funnel.frozen.view();
        let (groups, wanted) = funnel.group(&view, cell.breakdown.as_deref(), stop)?;
        let (.., found) = view.fold(
            &funnel.properties,
            stop,
            || (Room::default(), Vec::new(), Vec::new()),
            |(room, starts, found), part, actor, events| {
                let groups = groups.as_ref();
                funnel.visit(
                    room,
                    part,
                    actor,
                    events,
                    groups,
                    |group, hits, attempts| {
                        if group != wanted {
                            return;
                        }
                        self.starts(hits, attempts, starts);
                        let is_there = |&&(point, steps): &&(usize, usize)| {
                            point == cell.point && self.conversion.is_in(steps, cell.is_drop_off)
                        };
                        found.extend(
                            starts
                                .iter()
                                .find(is_there)
                                .map(|&(_, steps)| (actor, steps)),
                        );
                    },
                );
            },
            |(.., all), (.., more)| all.extend(more),
        )?;
        Ok(page(found, view.census(), asked, newest_first))
    }
}
