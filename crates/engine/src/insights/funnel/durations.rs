//! How long people take from a step to a later one.

use persons_api::timestamp::SECOND;

use super::query::{Conversion, FunnelError, FunnelQuery};
use super::steps::newest_first;
use super::{Funnel, Room};
use crate::events::census::Actor;
use crate::events::{Stop, Stopped, View};
use crate::insights::actors::{Page, People, page};
use crate::insights::{InsightError, Source};

/// Histograms have at most this many bins.
pub const MOST_BINS: usize = 90;
/// And this many, if nobody asks for a number of them.
const MOST_BINS_BY_ITSELF: usize = 60;

/// What is asked: how long the people who come from a step to a later one take for that, in the attempt that
/// reaches furthest. The breakdown is not looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeToConvertQuery {
    /// The funnel.
    pub funnel: FunnelQuery,
    /// The step that people come from, from 0; the first if not given.
    pub from_step: Option<usize>,
    /// The step that they come to, from 0; the last if not given.
    pub to_step: Option<usize>,
    /// Into how many bins times are sorted; if not given, as many as the cube root of the number of people.
    pub bins: Option<usize>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeToConvert {
    /// In ascending order, all of the same width; none if nobody came to the later step.
    pub bins: Vec<Bin>,
    /// The mean of all times, in seconds.
    pub average: Option<f64>,
}

/// People who took about the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The least time, in seconds.
    pub from: i64,
    /// The time that is too long, in seconds.
    pub to: i64,
    /// How many people took that long.
    pub count: usize,
}

/// A query that is ready to be answered.
pub struct FunnelDurations {
    funnel: Funnel,
    conversion: Conversion,
    bins: Option<usize>,
}

impl TimeToConvertQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<FunnelDurations, InsightError> {
        let conversion = self.funnel.conversion(self.from_step, self.to_step)?;
        if self
            .bins
            .is_some_and(|bins| !(1..=MOST_BINS).contains(&bins))
        {
            return Err(FunnelError::Bins.into());
        }
        Ok(FunnelDurations {
            funnel: self.funnel.prepare(source)?,
            conversion,
            bins: self.bins,
        })
    }
}

impl FunnelDurations {
    /// Everybody who came to the later step, with the time it took in microseconds.
    fn durations(&self, view: &View, stop: &Stop) -> Result<Vec<(Actor, i64)>, Stopped> {
        let Conversion { from, to } = self.conversion;
        let (_, found) = view.fold(
            &self.funnel.properties,
            stop,
            || (Room::default(), Vec::new()),
            |(room, found), part, actor, events| {
                let (hits, furthest) = self.funnel.furthest(room, part, actor, events);
                if let (Some(&from), Some(&to)) = (furthest.get(from), furthest.get(to)) {
                    found.push((actor, hits[to].at - hits[from].at));
                }
            },
            |(_, all), (_, more)| all.extend(more),
        )?;
        Ok(found)
    }

    /// The bins, in which only people count.
    fn histogram(&self, durations: &[(Actor, i64)]) -> TimeToConvert {
        let people = durations.iter().filter(|(actor, _)| actor.slot().is_some());
        let times: Vec<i64> = people.map(|&(_, time)| time).collect();
        let seconds = |time: &i64| time.div_euclid(SECOND);
        let (Some(from), Some(last)) = (
            times.iter().map(seconds).min(),
            times.iter().map(seconds).max(),
        ) else {
            return TimeToConvert {
                bins: Vec::new(),
                average: None,
            };
        };
        let by_itself = (times.len() as f64).cbrt().ceil() as usize;
        let count = self.bins.unwrap_or(by_itself.clamp(1, MOST_BINS_BY_ITSELF));
        let width = (last - from) / count as i64 + 1;
        let bin = |bin: i64| Bin {
            from: from + bin * width,
            to: from + (bin + 1) * width,
            count: 0,
        };
        let mut bins: Vec<Bin> = (0..count as i64).map(bin).collect();
        for time in &times {
            bins[((seconds(time) - from) / width) as usize].count += 1;
        }
        let sum: f64 = times.iter().map(|&time| time as f64 / SECOND as f64).sum();
        TimeToConvert {
            bins,
            average: Some(sum / times.len() as f64),
        }
    }

    /// How many people took how long.
    pub fn numbers(&self, stop: &Stop) -> Result<TimeToConvert, InsightError> {
        let durations = self.durations(&self.funnel.frozen.view(), stop)?;
        Ok(self.histogram(&durations))
    }

    /// The people of a bin (from 0), each with the seconds they took, newest first.
    pub fn people(
        &self,
        bin: usize,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<f64>, InsightError> {
        let view = self.funnel.frozen.view();
        let durations = self.durations(&view, stop)?;
        let bins = self.histogram(&durations).bins;
        let bin = bins.get(bin).ok_or(InsightError::NoSuchCell("bin"))?;
        let inside = bin.from * SECOND..bin.to * SECOND;
        let found = durations.into_iter();
        let found = found.filter(|(_, time)| inside.contains(time));
        let found = found.map(|(actor, time)| (actor, time as f64 / SECOND as f64));
        Ok(page(found.collect(), view.census(), asked, newest_first))
    }
}
