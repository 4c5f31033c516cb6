//! The events of an actor that matter to a funnel.

use std::ops::{Range, RangeInclusive};

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

impl Hit {
    fn new(at: i64, event: usize, bits: u64) -> Self {
        Self {
            at,
            event,
            steps: bits as u32,
            exclusions: (bits >> EXCLUSIONS) as u32,
        }
    }
}

/// What makes an event matter. Sets of steps and exclusions have a bit for each: steps first, then exclusions
/// from [`EXCLUSIONS`] on.
pub(super) struct Hits {
    /// What each bit is.
    matchers: Vec<(u32, EventMatcher)>,
    /// What each name of an event may be.
    by_name: Vec<Named>,
    range: RangeInclusive<i64>,
    /// Whether names say everything.
    is_by_name: bool,
    /// Whether events that are neither matter too.
    takes_all: bool,
}

const EXCLUSIONS: u32 = 32;

/// The steps and the exclusions that events of a name are.
#[derive(Clone, Copy, Default)]
struct Named {
    always: u64,
    perhaps: u64,
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
        let steps = (0..).zip(steps);
        let matchers: Vec<_> = steps.chain((EXCLUSIONS..).zip(exclusions)).collect();
        let named = |name: usize| {
            let mut named = Named::default();
            for (bit, matcher) in &matchers {
                match matcher.by_name(name as u32) {
                    ByName::Never => {}
                    ByName::Perhaps => named.perhaps |= 1 << bit,
                    ByName::Always => named.always |= 1 << bit,
                }
            }
            named
        };
        let by_name: Vec<Named> = (0..names).map(named).collect();
        Self {
            is_by_name: by_name.iter().all(|named| named.perhaps == 0),
            by_name,
            matchers,
            range: range.from.0..=range.to.0,
            takes_all,
        }
    }

    /// Nothing later matters.
    pub(super) fn last_moment(&self) -> i64 {
        *self.range.end()
    }

    /// What an actor did that matters, in order. It is put into `room`.
    pub(super) fn collect<'h>(
        &self,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        room: &'h mut Vec<Hit>,
    ) -> &'h [Hit] {
        let mut admitted = 0u64;
        for (bit, matcher) in &self.matchers {
            admitted |= u64::from(matcher.admits(actor)) << bit;
        }
        if admitted as u32 == 0 {
            return &[];
        }
        if self.is_by_name {
            return self.collect_by_name(part, admitted, events, room);
        }
        room.clear();
        for event in events {
            let Named { always, perhaps } = self.by_name[part.names[event] as usize];
            let mut bits = always & admitted;
            let is_inside = self.range.contains(&part.times[event]);
            if is_inside && perhaps & admitted != 0 {
                for (bit, matcher) in &self.matchers {
                    if perhaps & admitted & 1 << bit != 0 && matcher.matches(part, actor, event) {
                        bits |= 1 << bit;
                    }
                }
            }
            if is_inside && (bits != 0 || self.takes_all) {
                room.push(Hit::new(part.times[event], event, bits));
            }
        }
        room
    }

    /// [`Self::collect`] where names say everything. Which events match is hard to foresee for a processor,
    /// so there is no branch on it: every event is put down, and those that match stay.
    fn collect_by_name<'h>(
        &self,
        part: &Part<'_>,
        admitted: u64,
        events: Range<usize>,
        room: &'h mut Vec<Hit>,
    ) -> &'h [Hit] {
        if room.len() < events.len() {
            room.resize(events.len(), Hit::new(0, 0, 0));
        }
        let mut found = 0;
        let named = part.names[events.clone()].iter();
        let times = part.times[events.clone()].iter();
        for ((event, &name), &at) in events.zip(named).zip(times) {
            let bits = self.by_name[name as usize].always & admitted;
            room[found] = Hit::new(at, event, bits);
            let matters = (bits != 0) | self.takes_all;
            found += usize::from(matters & self.range.contains(&at));
        }
        &room[..found]
    }
}
