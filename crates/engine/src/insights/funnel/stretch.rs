//! What an actor did around and between the steps: what paths through a funnel and correlation look at.

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

/// Where someone came, and the events on the way.
pub(crate) struct Way {
    /// How many steps they did.
    pub(crate) steps: usize,
    /// Whether these are all.
    pub(crate) is_converted: bool,
    /// After the first step and before the last one; up to the end of the window, if that was not done.
    pub(crate) events: Range<usize>,
}

impl Funnel {
    /// The way of an actor in the attempt that reaches furthest, if there is one.
    pub(crate) fn way(
        &self,
        room: &mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
    ) -> Option<Way> {
        let (hits, furthest) = self.furthest(room, part, actor, events.clone());
        let first = hits[*furthest.first()?];
        let last = hits[*furthest.last()?];
        let is_converted = furthest.len() == self.rules.steps;
        let from = first.event + 1;
        let to = if is_converted {
            last.event.max(from)
        } else {
            let end = self.rules.end(first.at).min(self.hits.last_moment());
            from + part.times[from..events.end].partition_point(|&at| at <= end)
        };
        Some(Way {
            steps: furthest.len(),
            is_converted,
            events: from..to,
        })
    }

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
