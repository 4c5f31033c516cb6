//! When an actor was active: the pieces of time in which they did something.

use std::ops::Range;

use crate::events::View;
use crate::events::census::{Actor, Counted};
use crate::events::view::Part;
use crate::insights::actors::{Page, People, page};
use crate::insights::matching::EventMatcher;
use crate::insights::points::{Points, Windows};

/// Events of a kind, and the pieces of time they are sorted into.
pub(crate) struct Activity {
    events: EventMatcher,
    windows: Windows,
}

impl Activity {
    /// Sorts events into pieces of time.
    pub(crate) fn new(events: EventMatcher, points: &Points) -> Self {
        let windows = Windows::pieces(points);
        Self { events, windows }
    }

    /// Puts the pieces in which an actor was active into `active`, each once, in order.
    pub(crate) fn collect(
        &self,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        active: &mut Vec<usize>,
    ) {
        active.clear();
        if !self.events.admits(actor) {
            return;
        }
        for event in events {
            // An actor's events are in the order of their times, so equal pieces follow each other.
            if let Some(piece) = self.piece_of(part, event)
                && active.last() != Some(&piece)
                && self.events.matches(part, actor, event)
            {
                active.push(piece);
            }
        }
    }

    /// The events of the kind that an actor has, whenever they were, in order.
    pub(crate) fn events<'a>(
        &'a self,
        part: &'a Part<'_>,
        actor: Actor,
        mut events: Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        if !self.events.admits(actor) {
            events.end = events.start;
        }
        events.filter(move |&event| self.events.matches(part, actor, event))
    }

    /// The piece that an event is in.
    pub(crate) fn piece_of(&self, part: &Part<'_>, event: usize) -> Option<usize> {
        let (from, to) = self.windows.points(part.times[event]);
        (from < to).then_some(from)
    }
}

/// A page of actors about whom there is no more to say than that they are in a cell.
pub(crate) fn page_of_members(found: Vec<(Actor, ())>, view: &View, asked: &Page) -> People<()> {
    page(found, view.census(), asked, |a: &(Counted, ()), b| {
        a.0.uuid.cmp(&b.0.uuid)
    })
}
