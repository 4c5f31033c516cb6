//! Which time of an actor lies around a step: what paths through a funnel look at.

use std::ops::{Range, RangeInclusive};

use super::{Funnel, Room};
use crate::events::census::Actor;
use crate::events::view::Part;

/// Where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Everything up to the step.
    Before,
    /// From the step before to the step.
    Between,
    /// Everything from the step on.
    After,
}

impl Funnel {
    /// The time around a step of the attempt that reaches furthest, its first and last moment included, if the
    /// actor is one of those that [`super::Progress::from_step`] means by `step`: k ≥ 1 who did step k, −k
    /// who did all steps before it and no more. Of these the end of the attempt's window is taken for the step
    /// that they did not do.
    ///
    /// There is no time between the first step and the one before.
    pub fn stretch(
        &self,
        stretch: Stretch,
        step: i64,
        room: &mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
    ) -> Option<RangeInclusive<i64>> {
        let (hits, furthest) = self.furthest(room, part, actor, events);
        let index = usize::try_from(step.unsigned_abs()).ok()?.checked_sub(1)?;
        let at = |step: usize| furthest.get(step).map(|&hit| hits[hit].at);
        let target = if step > 0 {
            at(index)?
        } else if furthest.len() == index {
            self.rules.end(at(0)?)
        } else {
            return None;
        };
        Some(match stretch {
            Stretch::Before => i64::MIN..=target,
            Stretch::Between => at(index.checked_sub(1)?)?..=target,
            Stretch::After => target..=i64::MAX,
        })
    }
}
