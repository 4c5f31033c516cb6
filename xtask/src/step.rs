//! What the reader sees of our own work: one calm line per step, with the time it took.
//!
//! All of it goes to stderr: stdout belongs to the programs we start and to the final sum of tests.

use std::fmt::Display;
use std::time::Instant;

/// A step under way; its line is open until it ends.
pub struct Step {
    started: Instant,
}

impl Step {
    /// Opens the line.
    pub fn begin(what: impl Display) -> Self {
        eprint!("{what} … ");
        Self {
            started: Instant::now(),
        }
    }

    /// Closes the line with the time it took.
    pub fn done(self) {
        eprintln!("{:.1} s", self.started.elapsed().as_secs_f32());
    }

    /// Closes the line of a step that did not work.
    pub fn failed(self) {
        eprintln!("failed after {:.1} s", self.started.elapsed().as_secs_f32());
    }
}

/// A line about something that needed no work.
pub fn note(what: impl Display) {
    eprintln!("{what}");
}
