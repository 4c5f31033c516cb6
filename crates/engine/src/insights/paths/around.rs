//! Paths around the steps of a funnel: before a step, between two of them, or after one.

use std::ops::{Range, RangeInclusive};

use crate::events::census::Actor;
use crate::events::view::Part;
use crate::insights::InsightError;
use crate::insights::funnel::{Funnel, FunnelQuery, Room, Stretch};
use crate::insights::matching::Preparation;

/// Around which step of which funnel paths lie. Whoever was not there is on no path.
#[derive(Clone, Debug, PartialEq)]
pub struct AroundStep {
    /// The funnel. Its breakdown is not looked at.
    pub funnel: FunnelQuery,
    /// Where around the step.
    pub stretch: Stretch,
    /// k ≥ 1: the step k of those who did it; −k: of those who did all steps before it and no more, the end of
    /// their window.
    pub step: i64,
}

/// The same, ready to say where.
pub(super) struct Around {
    funnel: Funnel,
    stretch: Stretch,
    step: i64,
    pause: i64,
}

impl AroundStep {
    /// Gets ready with whatever else reads columns.
    pub(super) fn prepare(
        &self,
        preparation: &mut Preparation<'_>,
    ) -> Result<Around, InsightError> {
        let steps = self.funnel.steps.len() as i64;
        let first = match self.stretch {
            Stretch::Before | Stretch::After => 1,
            Stretch::Between => 2,
        };
        // Nobody drops off before the first step.
        let is_step = (first..=steps).contains(&self.step);
        if !is_step && !(2..=steps).contains(&self.step.saturating_neg()) {
            return Err(InsightError::NoSuchCell("funnel step"));
        }
        let query = FunnelQuery {
            breakdown: None,
            ..self.funnel.clone()
        };
        let funnel = query.prepare_with(preparation)?;
        Ok(Around {
            pause: funnel.window_from(self.funnel.range.from),
            funnel,
            stretch: self.stretch,
            step: self.step,
        })
    }
}

impl Around {
    /// What leads to a step is one path for as long as the conversion window, however long people think about it.
    pub(super) fn pause(&self) -> i64 {
        self.pause
    }

    /// The time of an actor, its first and last moment included, if there is one.
    pub(super) fn times(
        &self,
        room: &mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
    ) -> Option<RangeInclusive<i64>> {
        let Self {
            stretch,
            step,
            funnel,
            ..
        } = self;
        funnel.stretch(*stretch, *step, room, part, actor, events)
    }
}
