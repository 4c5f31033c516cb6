//! Questions about what people did, and the people behind each number of the answers.
//!
//! The promise is that *the number is the number of people one can list*. So each insight has one pass over
//! the actors, in which it finds out what one actor did, and both the numbers and the people of a cell are
//! made of that.
//!
//! A question goes three steps:
//!
//! 1. A query (such as [`trends::TrendsQuery`]) is plain data; it says what is asked.
//! 2. `prepare` looks at a snapshot of the people and the events once: it turns
//!    conditions into sets and takes a [`crate::events::Frozen`] state. That is quick.
//! 3. What it made answers without any lock: the numbers, or a page of the people of a cell.
//!
//! Where to look: what is counted is an [`entity`]; which events those are, [`matching`]; what the numbers are
//! cut into, [`breakdown`] and [`points`]; who is listed in which order, [`actors`]. The events themselves are in [`listing`].

pub(crate) mod activity;
pub mod actors;
pub mod breakdown;
pub mod correlation;
pub mod entity;
pub mod funnel;
pub mod hogql;
pub mod lifecycle;
pub mod listing;
pub mod matching;
pub mod math;
pub mod paths;
pub mod points;
pub mod retention;
pub mod stickiness;
#[cfg(test)]
mod testing;
pub mod trends;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::dates::Calendar;
use crate::events::{Events, Stopped};
use crate::filter::{EvaluationError, TextEngine};
use crate::people::People;

pub use actors::{Listed, OrderKey, Page, People as ListedPeople, PeopleOrder};
pub use breakdown::{Breakdown, BreakdownBy, BreakdownValue};
pub use entity::{Action, ActionStep, Entity, Occurrence};
pub use math::{Aggregation, Math};

/// Answers have at most this many numbers.
pub(crate) const MOST_CELLS: usize = 200_000;

/// What questions are asked of. The people and the events must be of the same moment.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The people.
    pub people: &'a People,
    /// Their events.
    pub events: &'a Events,
    /// The actions that entities may name, by number.
    pub actions: &'a BTreeMap<i64, Action>,
    /// Who knows about regular expressions.
    pub texts: &'a dyn TextEngine,
    /// Time zone, start of weeks, now.
    pub calendar: &'a Calendar,
}

/// Why there is no answer. The texts are shown to people as they stand.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum InsightError {
    /// There is no such action.
    #[error("Action ID {0} does not exist!")]
    UnknownAction(i64),
    /// A condition cannot be evaluated.
    #[error(transparent)]
    Condition(#[from] EvaluationError),
    /// A rule that makes items of paths alike cannot be used.
    #[error("The path cleaning rule \"{pattern}\" cannot be used: {reason}")]
    PathCleaning {
        /// Its pattern.
        pattern: String,
        /// Where that fails.
        reason: String,
    },
    /// The range has more intervals than anybody can look at.
    #[error(
        "The date range has more than {0} intervals: choose a shorter range or a longer interval."
    )]
    TooManyPoints(usize),
    /// The question has more conditions than anybody asks about.
    #[error(
        "The question has more than {0} conditions; those of all series count for each series."
    )]
    TooManyConditions(usize),
    /// The answer would be larger than anybody can look at.
    #[error(
        "The answer would have more than {0} values: choose fewer series, breakdown values or intervals."
    )]
    TooManyCells(usize),
    /// The cell is not in the answer.
    #[error("There is no {0} in this query.")]
    NoSuchCell(&'static str),
    /// The correlation makes no sense.
    #[error(transparent)]
    Correlation(#[from] correlation::CorrelationError),
    /// The funnel makes no sense.
    #[error(transparent)]
    Funnel(#[from] funnel::FunnelError),
    /// It was stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
