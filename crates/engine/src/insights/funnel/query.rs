//! What a funnel asks, and what it must not ask.

use persons_api::FilterTree;
use persons_api::timestamp::{DAY, SECOND};
use thiserror::Error;

use crate::dates::DateRange;
use crate::insights::entity::Entity;

/// Funnels have at most this many steps, and as many exclusions.
pub const MOST_STEPS: usize = 32;

/// What is asked. The maths of the entities are not looked at: people are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelQuery {
    /// What people do, in this order unless it is [`Order::Unordered`].
    pub steps: Vec<Entity>,
    /// What they must not do in between.
    pub exclusions: Vec<Exclusion>,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// When every step happens.
    pub range: DateRange,
    /// How steps follow each other.
    pub order: Order,
    /// The time for all steps, from the first on.
    pub window: Window,
}

/// How steps follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// One after the other; other events may lie between.
    #[default]
    Ordered,
    /// One after the other, with no other event between.
    Strict,
    /// In any order.
    Unordered,
}

impl Order {
    /// The order with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ordered" => Self::Ordered,
            "strict" => Self::Strict,
            "unordered" => Self::Unordered,
            _ => return None,
        })
    }
}

/// A time for all steps; its last moment belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many units.
    pub count: u32,
    /// Of what.
    pub unit: WindowUnit,
}

/// A unit of a [`Window`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowUnit {
    /// A second.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
}

impl Default for Window {
    /// Two weeks.
    fn default() -> Self {
        Self {
            count: 14,
            unit: WindowUnit::Day,
        }
    }
}

impl WindowUnit {
    /// The unit with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            _ => return None,
        })
    }

    /// Its length in microseconds; months differ.
    pub(super) fn length(self) -> Option<i64> {
        Some(match self {
            Self::Second => SECOND,
            Self::Minute => 60 * SECOND,
            Self::Hour => 3600 * SECOND,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => return None,
        })
    }
}

/// What nobody may do between two steps. Who does it in any attempt is left out of the funnel; where steps have
/// no order, who does it in the attempt that reaches furthest.
#[derive(Clone, Debug, PartialEq)]
pub struct Exclusion {
    /// What it is.
    pub event: Entity,
    /// After which step, from 0.
    pub from_step: Option<usize>,
    /// Before which step, from 0; before the end of the window, if that step is not done.
    pub to_step: Option<usize>,
}

/// Why a funnel makes no sense. The texts are shown to people as they stand; those on exclusions are PostHog's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FunnelError {
    /// Nothing to go through.
    #[error("A funnel needs at least one step.")]
    NoSteps,
    /// More steps or exclusions than [`MOST_STEPS`].
    #[error("A funnel has at most {MOST_STEPS} steps and {MOST_STEPS} exclusions.")]
    TooManySteps,
    /// An exclusion without its place.
    #[error("Exclusion event needs to define funnel steps")]
    ExclusionWithoutSteps,
    /// An exclusion that ends where it starts, or before.
    #[error("Exclusion event range is invalid. End of range should be greater than start.")]
    ExclusionBackwards,
    /// An exclusion after the last step.
    #[error("Exclusion event range is invalid. Start of range is greater than number of steps.")]
    ExclusionStart,
    /// An exclusion up to a step that there is not.
    #[error("Exclusion event range is invalid. End of range is greater than number of steps.")]
    ExclusionEnd,
    /// What is excluded is a step too.
    #[error("Exclusion steps cannot contain an event that's part of funnel steps.")]
    ExclusionIsStep,
    /// Steps in any order have no part to exclude something from.
    #[error("Partial Exclusions not allowed in unordered funnels")]
    PartialExclusion,
}

impl FunnelQuery {
    /// Between which steps each exclusion is.
    pub(super) fn places(&self) -> Result<Vec<(usize, usize)>, FunnelError> {
        if self.steps.is_empty() {
            return Err(FunnelError::NoSteps);
        }
        if self.steps.len().max(self.exclusions.len()) > MOST_STEPS {
            return Err(FunnelError::TooManySteps);
        }
        let places = self.exclusions.iter();
        places.map(|exclusion| self.place(exclusion)).collect()
    }

    fn place(&self, exclusion: &Exclusion) -> Result<(usize, usize), FunnelError> {
        let last = self.steps.len() - 1;
        let (Some(from), Some(to)) = (exclusion.from_step, exclusion.to_step) else {
            return Err(FunnelError::ExclusionWithoutSteps);
        };
        if from >= to {
            return Err(FunnelError::ExclusionBackwards);
        }
        if from >= last {
            return Err(FunnelError::ExclusionStart);
        }
        if to > last {
            return Err(FunnelError::ExclusionEnd);
        }
        let event = &exclusion.event;
        let is_it =
            |step: &Entity| step.occurrence == event.occurrence && step.filter == event.filter;
        if self.steps[from..=to].iter().any(is_it) {
            return Err(FunnelError::ExclusionIsStep);
        }
        if self.order == Order::Unordered && (from, to) != (0, last) {
            return Err(FunnelError::PartialExclusion);
        }
        Ok((from, to))
    }
}
