//! Counting tests from what their runners print.

use std::fmt::{self, Display};
use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
}

impl Tally {
    /// A runner that did not get as far as naming the test that failed.
    pub const CRASH: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Reads the line that ends each test binary's output, alike from libtest and wasm-bindgen:
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`; or that of schemathesis:
    /// `40 generated, 3 found 4 unique failures`. Any other line counts nothing.
    pub fn of_line(line: &str) -> Self {
        let line = line.trim_start();
        let Some(result) = line.strip_prefix("test result: ") else {
            return Self::of_generated(line).unwrap_or_default();
        };
        let count = |word| {
            let words: Vec<&str> = result.split([' ', ';']).collect();
            words
                .windows(2)
                .find(|pair| pair[1] == word)
                .and_then(|pair| pair[0].parse().ok())
                .unwrap_or(0)
        };
        Self {
            passed: count("passed"),
            failed: count("failed"),
        }
    }

    fn of_generated(line: &str) -> Option<Self> {
        let (generated, found) = line.split_once(" generated, ")?;
        let failed = match found.split_once(" found ") {
            Some((failed, _)) => failed.parse().ok()?,
            None => 0,
        };
        let generated: usize = generated.parse().ok()?;
        Some(Self {
            passed: generated.checked_sub(failed)?,
            failed,
        })
    }

    /// Why these counts are not the whole truth, when their runner ended like this. Runners end well
    /// without having run anything, and badly without having counted a failure.
    pub fn doubt(self, runner_succeeded: bool) -> Option<&'static str> {
        match self {
            Self { failed: 0, .. } if !runner_succeeded => {
                Some("a runner ended before it could count: see above why")
            }
            Self {
                passed: 0,
                failed: 0,
            } => Some("no test ran: a suite without tests proves nothing"),
            _ => None,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tally(passed: usize, failed: usize) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn a_result_line_counts() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(Tally::of_line(line), tally(12, 3));
    }

    #[test]
    fn the_browser_runners_line_counts() {
        let line = "    test result: ok. 5 passed; 0 failed; 0 ignored; 0 filtered out";
        assert_eq!(Tally::of_line(line), tally(5, 0));
    }

    #[test]
    fn generated_cases_count() {
        let line = "  5054 generated, 3 found 4 unique failures";
        assert_eq!(Tally::of_line(line), tally(5051, 3));
        let line = "  4043 generated, 4043 passed";
        assert_eq!(Tally::of_line(line), tally(4043, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in [
            "",
            "test a::b ... ok",
            "running 3 tests",
            "7 passed; 1 failed",
            "many generated, 1 found",
        ] {
            assert_eq!(Tally::of_line(line), tally(0, 0));
        }
    }

    #[test]
    fn a_runner_that_ran_nothing_is_a_failure() {
        assert!(tally(0, 0).doubt(true).is_some());
    }

    #[test]
    fn a_runner_that_crashed_is_a_failure_even_after_passes() {
        assert!(tally(9, 0).doubt(false).is_some());
    }

    #[test]
    fn counted_failures_are_taken_as_they_are() {
        assert_eq!(tally(9, 2).doubt(false), None);
        assert_eq!(tally(9, 0).doubt(true), None);
    }

    #[test]
    fn the_sum_reads_as_one_line() {
        let mut sum = tally(1, 0);
        sum += Tally::CRASH;
        assert_eq!(sum.to_string(), "1 passed, 1 failed");
    }
}
