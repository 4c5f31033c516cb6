//! The points of a line: pieces of the date range, and the windows of time that each looks at.

use persons_api::Timestamp;

use crate::dates::{Calendar, DateRange, Interval};
use crate::insights::InsightError;

/// Ranges are cut into at most this many pieces.
pub const MOST_POINTS: usize = 10_000;

/// The pieces of a range, in the project's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// Each piece: where its interval starts, and its first and last moment in the range.
    pub pieces: Vec<Piece>,
}

/// A piece of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where the interval starts, perhaps before the range.
    pub interval: Timestamp,
    /// The moments of it in the range.
    pub range: DateRange,
}

impl Points {
    /// Cuts a range into intervals.
    pub fn of_range(
        range: DateRange,
        interval: Interval,
        calendar: &Calendar,
    ) -> Result<Self, InsightError> {
        let mut pieces = Vec::new();
        let mut start = calendar.start_of(interval, range.from);
        while start <= range.to {
            if pieces.len() == MOST_POINTS {
                return Err(InsightError::TooManyPoints(MOST_POINTS));
            }
            // A day may start at one o'clock, when clocks are changed at midnight; the next one does not.
            let next = calendar.start_of(interval, calendar.shift(start, interval, 1));
            pieces.push(Piece {
                interval: start,
                range: DateRange {
                    from: start.max(range.from),
                    to: Timestamp(next.0 - 1).min(range.to),
                },
            });
            if next <= start {
                break;
            }
            start = next;
        }
        Ok(Self { pieces })
    }

    /// The whole range as one piece.
    pub fn whole(range: DateRange) -> Self {
        let interval = range.from;
        Self {
            pieces: vec![Piece { interval, range }],
        }
    }
}

/// Sorted moments that are counted quickly.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    rungs: Vec<i64>,
    /// How far moments are shifted to find their place in `counts`.
    shift: u32,
    /// How many rungs are not after the start of each coarse piece of time.
    counts: Vec<u16>,
}

/// Coarse pieces of a ladder: the counts of these fit into the fastest memory.
const COARSE: i64 = 4096;

impl Ladder {
    /// From moments in ascending order, at most [`MOST_POINTS`] and one.
    pub(crate) fn new(rungs: Vec<i64>) -> Self {
        let (Some(&first), Some(&last)) = (rungs.first(), rungs.last()) else {
            return Self::default();
        };
        let length = last - first;
        let shift = (0..63).find(|shift| length >> shift < COARSE).unwrap_or(63);
        let at = |piece: i64| first + (piece << shift);
        let counts = (0..=length >> shift)
            .map(|piece| rungs.partition_point(|&rung| rung <= at(piece)) as u16)
            .collect();
        Self {
            rungs,
            shift,
            counts,
        }
    }

    /// How many of the moments are not after `time`.
    #[inline]
    pub(crate) fn reached(&self, time: i64) -> usize {
        let Some(&first) = self.rungs.first() else {
            return 0;
        };
        if time < first {
            return 0;
        }
        let Some(&count) = self.counts.get(((time - first) >> self.shift) as usize) else {
            return self.rungs.len();
        };
        let mut count = usize::from(count);
        while count < self.rungs.len() && self.rungs[count] <= time {
            count += 1;
        }
        count
    }
}

/// What each point looks at: windows whose starts and ends ascend.
#[derive(Debug)]
pub(crate) enum Windows {
    /// The pieces themselves, one after the other: where each starts, and where the last ends.
    Pieces(Ladder),
    /// Where the windows start, and where they end (excluded).
    Overlapping(Ladder, Ladder),
}

impl Windows {
    /// Each point looks at its piece.
    pub(crate) fn pieces(points: &Points) -> Self {
        let mut rungs: Vec<i64> = points
            .pieces
            .iter()
            .map(|piece| piece.range.from.0)
            .collect();
        rungs.extend(points.pieces.last().map(|piece| piece.range.to.0 + 1));
        Self::Pieces(Ladder::new(rungs))
    }

    /// Each point looks at all days up to its end, this many.
    pub(crate) fn trailing(points: &Points, days: u16, calendar: &Calendar) -> Self {
        let start = |end: i64| {
            let end = Timestamp(end);
            let start = calendar.shift(end, Interval::Day, -i64::from(days));
            if end == calendar.start_of(Interval::Day, end) {
                calendar.start_of(Interval::Day, start).0
            } else {
                start.0
            }
        };
        Self::overlapping(points, start)
    }

    /// Each point looks at everything since the range began.
    pub(crate) fn cumulative(points: &Points) -> Self {
        let first = points.pieces.first().map_or(0, |piece| piece.range.from.0);
        Self::overlapping(points, |_| first)
    }

    fn overlapping(points: &Points, start: impl Fn(i64) -> i64) -> Self {
        let ends = || points.pieces.iter().map(|piece| piece.range.to.0 + 1);
        Self::Overlapping(
            Ladder::new(ends().map(start).collect()),
            Ladder::new(ends().collect()),
        )
    }

    /// The points that look at a moment: from the first to before the second.
    #[inline]
    pub(crate) fn points(&self, time: i64) -> (usize, usize) {
        match self {
            Self::Pieces(ladder) => match ladder.reached(time) {
                0 => (0, 0),
                reached if reached == ladder.rungs.len() => (0, 0),
                reached => (reached - 1, reached),
            },
            Self::Overlapping(starts, ends) => {
                let (first, after) = (ends.reached(time), starts.reached(time));
                (first, after.max(first))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ladders_count(mut rungs in prop::collection::vec(-1000..1_000_000_000i64, 0..40), time in -2000..1_000_001_000i64, exact in any::<prop::sample::Index>()) {
            rungs.sort_unstable();
            let ladder = Ladder::new(rungs.clone());
            let mut times = vec![time];
            if !rungs.is_empty() {
                times.extend([exact.get(&rungs) - 1, *exact.get(&rungs), exact.get(&rungs) + 1]);
            }
            for time in times {
                let expected = rungs.iter().filter(|&&rung| rung <= time).count();
                prop_assert_eq!(ladder.reached(time), expected);
            }
        }
    }
}
