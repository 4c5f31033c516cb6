//! What a funnel asks, and what it must not ask.

use persons_api::FilterTree;
use persons_api::timestamp::{DAY, SECOND};
use thiserror::Error;

use super::durations::MOST_BINS;
use crate::dates::DateRange;
use crate::insights::breakdown::BreakdownBy;
use crate::insights::entity::Entity;

/// Funnels have at most this many steps, and as many exclusions.
pub const MOST_STEPS: usize = 32;

/// Funnels are cut by at most this many properties at once.
pub const MOST_PROPERTIES: usize = 3;

/// How many values are told apart if nobody says otherwise.
pub const DEFAULT_LIMIT: usize = 10;

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
    /// What people are told apart by.
    pub breakdown: Option<FunnelBreakdown>,
}

/// What people are told apart by. There is one funnel for each value.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelBreakdown {
    /// Properties, whose values are taken together, or cohorts alone.
    pub by: Vec<BreakdownBy>,
    /// How many values are told apart: those that most people enter the funnel with. The rest is one.
    pub limit: usize,
    /// Which events the values of event properties are taken from.
    pub attribution: Attribution,
}

/// Which of the events that are steps, in the range, a person's values are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attribution {
    /// The first that has a value.
    #[default]
    FirstTouch,
    /// The last that has a value.
    LastTouch,
    /// Each: all steps must have the same value, so that a person may be in several funnels.
    AllEvents,
    /// Those that are this step, from 0: it must have the value, the other steps may have any. Who never did
    /// it is in no funnel.
    Step(usize),
}

impl Attribution {
    /// The attribution with this name on the wire; `step` is `breakdown_attribution_value`.
    pub fn from_name(name: &str, step: usize) -> Option<Self> {
        Some(match name {
            "first_touch" => Self::FirstTouch,
            "last_touch" => Self::LastTouch,
            "all_events" => Self::AllEvents,
            "step" => Self::Step(step),
            _ => return None,
        })
    }
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
    /// More properties than [`MOST_PROPERTIES`].
    #[error("A funnel is broken down by at most {MOST_PROPERTIES} properties.")]
    TooManyProperties,
    /// Cohorts beside something else.
    #[error("A funnel is broken down by cohorts or by properties, not by both.")]
    MixedBreakdown,
    /// Ranges of numbers.
    #[error("A funnel is not broken down by ranges of numbers.")]
    RangesBreakdown,
    /// A step that there is not.
    #[error("The breakdown takes its values from a step that the funnel does not have.")]
    AttributionStep,
    /// A conversion that is none.
    #[error("A conversion goes from a step of the funnel to a later one.")]
    Conversion,
    /// Too many bins, or none.
    #[error("Times are sorted into 1 to {MOST_BINS} bins.")]
    Bins,
}

/// From a step to a later one, from 0.
#[derive(Clone, Copy)]
pub(super) struct Conversion {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Conversion {
    /// Whether someone who did so many steps dropped off on the way, or did not.
    pub(super) fn is_in(self, steps: usize, is_drop_off: bool) -> bool {
        if is_drop_off {
            self.from < steps && steps <= self.to
        } else {
            self.to < steps
        }
    }
}

impl FunnelQuery {
    /// Whether the breakdown makes sense.
    pub(super) fn check_breakdown(&self) -> Result<(), FunnelError> {
        let Some(FunnelBreakdown {
            by, attribution, ..
        }) = &self.breakdown
        else {
            return Ok(());
        };
        let is_cohorts = |by: &BreakdownBy| matches!(by, BreakdownBy::Cohorts(_));
        if by.len() > MOST_PROPERTIES {
            Err(FunnelError::TooManyProperties)
        } else if by.len() > 1 && by.iter().any(is_cohorts) {
            Err(FunnelError::MixedBreakdown)
        } else if by
            .iter()
            .any(|by| matches!(by, BreakdownBy::EventRanges(..)))
        {
            Err(FunnelError::RangesBreakdown)
        } else if matches!(attribution, Attribution::Step(step) if *step >= self.steps.len()) {
            Err(FunnelError::AttributionStep)
        } else {
            Ok(())
        }
    }

    /// From which step to which, if the first and the last are not meant.
    pub(super) fn conversion(
        &self,
        from: Option<usize>,
        to: Option<usize>,
    ) -> Result<Conversion, FunnelError> {
        let last = self.steps.len().saturating_sub(1);
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(last));
        if from < to && to <= last {
            Ok(Conversion { from, to })
        } else {
            Err(FunnelError::Conversion)
        }
    }

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
