//! How many people come how far.

use std::cmp::Ordering;

use persons_api::timestamp::SECOND;

use super::groups::Groups;
use super::{Funnel, Room};
use crate::events::Stop;
use crate::events::census::Counted;
use crate::insights::InsightError;
use crate::insights::actors::{Page, People, page};
use crate::insights::breakdown::BreakdownValue;
use crate::insights::math::quantile;

/// The people of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelCell {
    /// How far they came.
    pub progress: Progress,
    /// Their values of the breakdown; without, nobody is told apart, as if there was no breakdown.
    pub breakdown: Option<Vec<BreakdownValue>>,
}

/// How far someone came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Who did at least so many steps; 0 is everybody who did any.
    Reached(usize),
    /// Who did all steps before this one (from 1) and no more.
    DroppedBefore(usize),
    /// Who did exactly one of these numbers of steps.
    Furthest(Vec<usize>),
}

impl Progress {
    /// What a step means on the wire: k is who reached step k, −k who dropped off before it.
    pub fn from_step(step: i64) -> Self {
        let steps = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
        if step < 0 {
            Self::DroppedBefore(steps)
        } else {
            Self::Reached(steps)
        }
    }

    /// Whether someone who did so many steps is meant. Who did none never is.
    pub(crate) fn contains(&self, furthest: usize) -> bool {
        furthest > 0
            && match self {
                Self::Reached(steps) => furthest >= *steps,
                Self::DroppedBefore(step) => furthest + 1 == *step,
                Self::Furthest(steps) => steps.contains(&furthest),
            }
    }
}

/// One step of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct StepCount {
    /// How many people did this step and those before it.
    pub count: usize,
    /// Seconds since the step before, on average; none for the first step, or if nobody came so far.
    pub average_time: Option<f64>,
    /// The median of the same; the mean of the middle two if their number is even.
    pub median_time: Option<f64>,
}

/// A funnel of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelLine {
    /// The values of the breakdown, if there is one: one for each property.
    pub breakdown: Option<Vec<BreakdownValue>>,
    /// The steps, in their order.
    pub steps: Vec<StepCount>,
}

/// The people who did each step.
#[derive(Clone, Default)]
struct Tally {
    /// Who did the first step.
    entered: usize,
    /// Of each person who did one of the steps after it, the time since the step before.
    times: Vec<Vec<i64>>,
}

impl Tally {
    fn new(steps: usize) -> Self {
        Self {
            entered: 0,
            times: vec![Vec::new(); steps - 1],
        }
    }

    /// Takes an attempt, by the times of its steps.
    fn take(&mut self, mut times: impl Iterator<Item = i64>) {
        let Some(mut before) = times.next() else {
            return;
        };
        self.entered += 1;
        for (all, at) in self.times.iter_mut().zip(times) {
            all.push(at - before);
            before = at;
        }
    }

    fn join(&mut self, other: Self) {
        self.entered += other.entered;
        let pairs = self.times.iter_mut().zip(other.times);
        pairs.for_each(|(all, more)| all.extend(more));
    }

    fn counts(self) -> Vec<StepCount> {
        let first = StepCount {
            count: self.entered,
            average_time: None,
            median_time: None,
        };
        let later = self.times.into_iter().map(|times| {
            let seconds = |&time: &i64| time as f64 / SECOND as f64;
            let mut seconds: Vec<f64> = times.iter().map(seconds).collect();
            let is_done = !seconds.is_empty();
            let mean = |seconds: &[f64]| seconds.iter().sum::<f64>() / seconds.len() as f64;
            StepCount {
                count: seconds.len(),
                average_time: is_done.then(|| mean(&seconds)),
                median_time: is_done.then(|| quantile(&mut seconds, 0.5)),
            }
        });
        std::iter::once(first).chain(later).collect()
    }
}

impl Funnel {
    /// The funnel; with a breakdown, one for each value, the most frequent first.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<FunnelLine>, InsightError> {
        let view = self.frozen.view();
        let groups = self.groups(&view, stop)?;
        let values = groups.as_ref().map(Groups::values);
        let (_, tallies) = view.fold(
            &self.properties,
            stop,
            || {
                let tally = Tally::new(self.rules.steps);
                (Room::default(), vec![tally; values.map_or(1, <[_]>::len)])
            },
            |(room, tallies), part, actor, events| {
                if actor.slot().is_none() {
                    return;
                }
                self.visit(
                    room,
                    part,
                    actor,
                    events,
                    groups.as_ref(),
                    |group, hits, attempts| {
                        let furthest = self.rules.furthest(hits, attempts);
                        tallies[group].take(furthest.iter().map(|&hit| hits[hit].at));
                    },
                );
            },
            |(_, all), (_, more)| {
                let pairs = all.iter_mut().zip(more);
                pairs.for_each(|(all, more)| all.join(more));
            },
        )?;
        let lines = tallies.into_iter().enumerate();
        let line = lines.map(|(group, tally)| FunnelLine {
            breakdown: values.map(|values| values[group].clone()),
            steps: tally.counts(),
        });
        Ok(line.collect())
    }

    /// The people of one number, each with how many steps they did, newest first.
    pub fn people(
        &self,
        cell: &FunnelCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<usize>, InsightError> {
        let view = self.frozen.view();
        let (groups, wanted) = self.group(&view, cell.breakdown.as_deref(), stop)?;
        let (_, found) = view.fold(
            &self.properties,
            stop,
            || (Room::default(), Vec::new()),
            |(room, found), part, actor, events| {
                self.visit(
                    room,
                    part,
                    actor,
                    events,
                    groups.as_ref(),
                    |group, hits, attempts| {
                        if group != wanted {
                            return;
                        }
                        let furthest = self.rules.furthest(hits, attempts).len();
                        if cell.progress.contains(furthest) {
                            found.push((actor, furthest));
                        }
                    },
                );
            },
            |(_, all), (_, more)| all.extend(more),
        )?;
        Ok(page(found, view.census(), asked, newest_first))
    }
}

/// The order of people in all lists of funnels.
pub(crate) fn newest_first<T>((a, _): &(Counted, T), (b, _): &(Counted, T)) -> Ordering {
    let newest = b.created_at.cmp(&a.created_at);
    newest.then_with(|| a.uuid.cmp(&b.uuid))
}
