//! The events of an actor that matter to a funnel.

use std::ops::Range;

use crate::dates::DateRange;
use crate::events::census::Actor;
use crate::events::view::Part;
use crate::insights::matching::{ByName, EventMatcher};

/// An event that matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// When.
    pub(super) at: i64,
    /// Where it is in the part that was looked at.
    pub(super) event: usize,
    /// The steps that it can be, a bit each.
    pub(super) steps: u32,
    /// The exclusions that it is, a bit each.
    pub(super) exclusions: u32,
}

/// What makes an event matter.
pub(super) struct Hits {
    /// The steps, and the exclusions.
    matchers: [Vec<EventMatcher>; 2],
    /// What each name of an event may be.
    by_name: Vec<Named>,
    range: DateRange,
    /// Whether events that are neither matter too.
    takes_all: bool,
}

/// The steps and the exclusions that events of a name are, a bit each.
#[derive(Clone, Copy, Default)]
struct Named {
    always: [u32; 2],
    perhaps: [u32; 2],
}

impl Hits {
    /// Looks for steps and exclusions among events with so many names.
    pub(super) fn new(
        steps: Vec<EventMatcher>,
        exclusions: Vec<EventMatcher>,
        names: usize,
        range: DateRange,
        takes_all: bool,
    ) -> Self {
        let matchers = [steps, exclusions];
        let named = |name: usize| {
            let mut named = Named::default();
            for (kind, matchers) in matchers.iter().enumerate() {
                for (index, matcher) in matchers.iter().enumerate() {
                    match matcher.by_name(name as u32) {
                        ByName::Never => {}
                        ByName::Perhaps => named.perhaps[kind] |= 1 << index,
                        ByName::Always => named.always[kind] |= 1 << index,
                    }
                }
            }
            named
        };
        Self {
            by_name: (0..names).map(named).collect(),
            matchers,
            range,
            takes_all,
        }
    }

    /// Nothing later matters.
    pub(super) fn last_moment(&self) -> i64 {
        self.range.to.0
    }

    /// Puts what an actor did that matters into `hits`, in order.
    pub(super) fn collect(
        &self,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        hits: &mut Vec<Hit>,
    ) {
        hits.clear();
        let admitted = self.matchers.each_ref().map(|matchers| {
            let bits = matchers.iter().enumerate();
            bits.filter(|(_, matcher)| matcher.admits(actor))
                .fold(0u32, |bits, (index, _)| bits | 1 << index)
        });
        if admitted[0] == 0 {
            return;
        }
        for event in events {
            let Named {
                mut always,
                mut perhaps,
            } = self.by_name[part.names[event] as usize];
            for kind in 0..2 {
                always[kind] &= admitted[kind];
                perhaps[kind] &= admitted[kind];
            }
            if always[0] | always[1] | perhaps[0] | perhaps[1] == 0 && !self.takes_all {
                continue;
            }
            let at = part.times[event];
            if at < self.range.from.0 || at > self.range.to.0 {
                continue;
            }
            for kind in 0..2 {
                while perhaps[kind] != 0 {
                    let index = perhaps[kind].trailing_zeros();
                    perhaps[kind] &= perhaps[kind] - 1;
                    if self.matchers[kind][index as usize].matches(part, actor, event) {
                        always[kind] |= 1 << index;
                    }
                }
            }
            let [steps, exclusions] = always;
            if steps | exclusions != 0 || self.takes_all {
                hits.push(Hit {
                    at,
                    event,
                    steps,
                    exclusions,
                });
            }
        }
    }
}
