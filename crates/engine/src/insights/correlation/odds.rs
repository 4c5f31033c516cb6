//! How much more often people go on who have something than people who have not.

use std::cmp::Ordering;

/// A factor is dropped that fewer people have than this, or than this part of all.
const FEWEST: (f64, f64) = (25.0, 0.02);
/// Groups whose sizes differ by more than this factor are skewed.
const SKEWED_FROM: usize = 10;
/// Standard errors from the middle of a 95 % interval to its ends.
const ERRORS: f64 = 1.96;

/// People who went through the funnel, and people who did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Who did all steps.
    pub success: usize,
    /// Who did not.
    pub failure: usize,
}

impl Split {
    /// Takes one more.
    pub(crate) fn add(&mut self, is_converted: bool) {
        if is_converted {
            self.success += 1;
        } else {
            self.failure += 1;
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.success += other.success;
        self.failure += other.failure;
    }

    pub(crate) fn all(self) -> usize {
        self.success + self.failure
    }

    /// Whether the two are so different in size that ratios of them say little.
    pub fn is_skewed(self) -> bool {
        let (small, large) = (
            self.success.min(self.failure),
            self.success.max(self.failure),
        );
        small == 0 || large > SKEWED_FROM * small
    }

    /// Whether so many of all people, which this is, are too few to say anything of.
    pub(crate) fn hardly_has(self, some: Self) -> bool {
        let (people, part) = FEWEST;
        (some.all() as f64) < people.min(part * self.all() as f64)
    }
}

/// The odds of success of those who have a factor, divided by the odds of those who have not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OddsRatio {
    /// The ratio; 1 if the factor makes no difference.
    pub value: f64,
    /// The 95 % interval, from and to: a difference that could well be chance has 1 inside.
    pub interval: (f64, f64),
}

/// What goes along with a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Going through the funnel.
    Success,
    /// Not going through.
    Failure,
}

impl OddsRatio {
    /// The ratio, given who of all people has the factor. One person more is thought into each of the four
    /// groups, so that there is a ratio also where one is empty.
    pub fn new(with: Split, all: Split) -> Self {
        let [a, b, c, d] = [
            with.success,
            with.failure,
            all.success - with.success,
            all.failure - with.failure,
        ]
        .map(|people| people as f64 + 1.0);
        let value = a * d / (c * b);
        let error = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
        let factor = (ERRORS * error).exp();
        Self {
            value,
            interval: (value / factor, value * factor),
        }
    }

    /// What goes along with the factor.
    pub fn direction(self) -> Direction {
        if self.value > 1.0 {
            Direction::Success
        } else {
            Direction::Failure
        }
    }

    /// The order of factors that go along with the same: the strongest first.
    pub(crate) fn strongest_first(self, other: Self) -> Ordering {
        match self.direction() {
            Direction::Success => other.value.total_cmp(&self.value),
            Direction::Failure => self.value.total_cmp(&other.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(success: usize, failure: usize) -> Split {
        Split { success, failure }
    }

    #[test]
    fn ratios_are_those_of_the_formula() {
        let odds = OddsRatio::new(split(15, 3), split(20, 20));
        assert_eq!(odds.value, 12.0);
        assert_eq!(odds.direction(), Direction::Success);
        // ln 12 ± 1.96 · √(1/16 + 1/4 + 1/6 + 1/18)
        assert!((odds.interval.0 - 2.862_4).abs() < 1e-3, "{odds:?}");
        assert!((odds.interval.1 - 50.307_3).abs() < 1e-3, "{odds:?}");
        let none = OddsRatio::new(split(0, 0), split(5, 5));
        assert_eq!(none.value, 1.0);
        assert_eq!(none.direction(), Direction::Failure);
    }

    #[test]
    fn groups_are_skewed_beyond_ten_to_one() {
        assert!(!split(10, 1).is_skewed());
        assert!(split(11, 1).is_skewed());
        assert!(split(1, 11).is_skewed());
        assert!(split(0, 0).is_skewed());
        assert!(split(3, 0).is_skewed());
    }

    #[test]
    fn what_few_people_have_is_dropped() {
        assert!(split(60, 40).hardly_has(split(1, 0)));
        assert!(!split(60, 40).hardly_has(split(1, 1)));
        assert!(!split(10_000, 0).hardly_has(split(20, 5)));
        assert!(split(10_000, 0).hardly_has(split(20, 4)));
        assert!(!split(3, 3).hardly_has(split(1, 0)));
    }
}
