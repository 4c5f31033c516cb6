//! All events of a moment, actor by actor, for as long as somebody looks at them.
//!
//! Putting a million events in order takes tens of milliseconds, too long for every question, so the order
//! is kept. What changed since then is an *overlay*: the actors that have new events, or that won or lost
//! distinct ids, with all their events. It replaces them in the *base*. When the overlay has grown too
//! large, everything is put in order again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::bits::BitSet;
use crate::events::census::{Actor, Census};
use crate::events::chunk::DELETED;
use crate::events::layout::Layout;
use crate::events::log::Log;
use crate::events::properties::Property;
use crate::key_sets::KeySets;
use crate::parallel;

/// Fewer events than this are put in order at once.
const SMALL: usize = if cfg!(test) { 4 } else { 1 << 13 };

/// An overlay is at most this part of the log (one in sixteen).
const OVERLAY_UP_TO: usize = if cfg!(test) { 2 } else { 16 };

/// The log and the people of a moment, not yet in order. Taking it is quick.
#[derive(Clone, Debug)]
pub struct Frozen {
    pub(crate) log: Log,
    /// The sets of keys that its events have.
    pub(crate) shapes: KeySets,
    pub(crate) census: Arc<Census>,
    /// How many deletions there have been.
    pub(crate) deletions: u64,
    pub(crate) views: Arc<Views>,
    /// Only events of these names matter, ascending; `None` is all.
    pub(crate) names: Option<Box<[u32]>>,
}

/// The latest view, to make the next one of.
#[derive(Debug, Default)]
pub(crate) struct Views {
    latest: Mutex<Option<Arc<View>>>,
}

/// Events of a moment, in order.
#[derive(Debug)]
pub struct View {
    base: Arc<Layout>,
    /// The people that the base was made with.
    base_census: Arc<Census>,
    /// The actors of the base that are in the overlay, or nowhere.
    replaced: BitSet,
    overlay: Arc<Layout>,
    census: Arc<Census>,
    deletions: u64,
    /// How many events there were in the log.
    len: usize,
}

/// The work is stopped: nobody waits for the answer any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The query took too long and was stopped.")]
pub struct Stopped;

/// Stops work that runs elsewhere. Clones stop the same work.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the work to stop soon.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Frozen {
    /// Leaves out events of other names than these (ascending), and who has no others; `None` leaves out nothing.
    /// A view may still have some of them.
    pub(crate) fn of_names(mut self, names: Option<Box<[u32]>>) -> Self {
        self.names = names;
        self
    }

    /// The events in order. Whoever comes first puts them in order, everybody else waits for that.
    pub fn view(&self) -> Arc<View> {
        let all = self.view_of_all();
        let names = self.names.as_deref();
        names
            .and_then(|names| all.of_names(names))
            .map_or(all, Arc::new)
    }

    fn view_of_all(&self) -> Arc<View> {
        let mut latest = self
            .views
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = latest.as_ref().filter(|view| self.is_shown_by(view)) {
            return Arc::clone(view);
        }
        let view = latest
            .as_ref()
            .and_then(|view| self.on_top_of(view))
            .unwrap_or_else(|| self.afresh());
        let view = Arc::new(view);
        // A question that was asked earlier may come later; it must not take the newer view away.
        if latest.as_ref().is_none_or(|latest| latest.len <= view.len) {
            *latest = Some(Arc::clone(&view));
        }
        view
    }

    /// The distinct id and the number in the store of an event in the log.
    pub(crate) fn id_and_number(&self, row: u32) -> (u32, i64) {
        let (chunk, event) = self.log.locate(row);
        (chunk.ids[event], chunk.numbers[event])
    }

    fn len(&self) -> usize {
        self.log.len()
    }

    fn is_shown_by(&self, view: &View) -> bool {
        view.len == self.len()
            && view.deletions == self.deletions
            && view.census.version() == self.census.version()
    }

    fn afresh(&self) -> View {
        let base = Arc::new(Layout::of_all(&self.log, &self.shapes, &self.census));
        View {
            replaced: BitSet::new(base.actors.len()),
            base,
            base_census: Arc::clone(&self.census),
            overlay: Arc::default(),
            census: Arc::clone(&self.census),
            deletions: self.deletions,
            len: self.len(),
        }
    }

    /// A view with the same base, unless too much has changed.
    fn on_top_of(&self, view: &View) -> Option<View> {
        let base = &view.base;
        let (before, len) = (base.log_len(), self.len());
        let room = len / OVERLAY_UP_TO;
        if view.deletions != self.deletions || len < SMALL || len < before || len - before > room {
            return None;
        }
        let mut replaced = BitSet::new(base.actors.len());
        let mut replace = |actor: Actor| {
            if let Some(index) = base.find(actor) {
                replaced.insert(index as u32);
            }
        };
        for id in self.census.ids_that_may_differ(&view.base_census) {
            let (then, now) = (view.base_census.actor(id), self.census.actor(id));
            if then != now {
                replace(then);
                replace(now);
            }
        }
        for row in before..len {
            let id = self.log.id(row as u32);
            if id != DELETED {
                replace(view.base_census.actor(id));
                replace(self.census.actor(id));
            }
        }
        let mut rows: Vec<u32> = Vec::new();
        for actor in replaced.members() {
            rows.extend_from_slice(&base.rows[base.events(actor as usize)]);
        }
        if rows.len() + (len - before) > room {
            return None;
        }
        rows.sort_unstable();
        rows.extend((before..len).map(|row| row as u32));
        rows.retain(|&row| self.log.id(row) != DELETED);
        Some(View {
            base: Arc::clone(base),
            base_census: Arc::clone(&view.base_census),
            replaced,
            overlay: Arc::new(Layout::of_rows(
                &rows,
                &self.log,
                &self.shapes,
                &self.census,
            )),
            census: Arc::clone(&self.census),
            deletions: self.deletions,
            len,
        })
    }
}

/// Some actors, with their events and the columns that were asked for.
pub struct Part<'a> {
    /// The times of events, microseconds since 1970.
    pub times: &'a [i64],
    /// The numbers of their names.
    pub names: &'a [u32],
    /// Where each is in the log: what tells events of equal time apart.
    pub rows: &'a [u32],
    /// The codes of properties, in the order in which these were asked for.
    pub columns: Vec<Arc<Vec<u32>>>,
    layout: &'a Layout,
    replaced: Option<&'a BitSet>,
}

impl View {
    /// The events of some names only; `None` if it is quicker to pass over the others.
    fn of_names(&self, names: &[u32]) -> Option<Self> {
        let base = self.base.of_names(names)?;
        let overlay = self.overlay.of_names(names);
        let mut replaced = BitSet::new(base.actors.len());
        for actor in self.replaced.members() {
            if let Some(index) = base.find(self.base.actors[actor as usize]) {
                replaced.insert(index as u32);
            }
        }
        Some(Self {
            base,
            base_census: Arc::clone(&self.base_census),
            replaced,
            overlay: overlay.unwrap_or_else(|| Arc::clone(&self.overlay)),
            census: Arc::clone(&self.census),
            deletions: self.deletions,
            len: self.len,
        })
    }

    /// The people of the moment.
    pub fn census(&self) -> &Census {
        &self.census
    }

    /// Visits every actor once. Some threads take a part of the actors each, in which they `visit` the
    /// actors in order, given where the events are in the part; `join` puts what they found together, in order.
    pub fn fold<T: Send>(
        &self,
        properties: &[Arc<Property>],
        stop: &Stop,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, &Part<'_>, Actor, std::ops::Range<usize>) + Sync,
        mut join: impl FnMut(&mut T, T),
    ) -> Result<T, Stopped> {
        let parts = [
            self.part(&self.base, Some(&self.replaced), properties),
            self.part(&self.overlay, None, properties),
        ];
        let mut slices = Vec::new();
        for part in &parts {
            slices.extend(part.slices(parallel::threads()));
        }
        let mut found = parallel::map(&slices, |(part, actors)| {
            let mut state = start();
            part.visit(actors.clone(), stop, |actor, events| {
                visit(&mut state, part, actor, events)
            });
            state
        })
        .into_iter();
        let mut all = found.next().unwrap_or_else(&start);
        found.for_each(|state| join(&mut all, state));
        if stop.is_stopped() {
            Err(Stopped)
        } else {
            Ok(all)
        }
    }

    fn part<'a>(
        &self,
        layout: &'a Layout,
        replaced: Option<&'a BitSet>,
        properties: &[Arc<Property>],
    ) -> Part<'a> {
        Part {
            times: &layout.times,
            names: &layout.names,
            rows: &layout.rows,
            columns: properties
                .iter()
                .map(|property| layout.column(property))
                .collect(),
            layout,
            replaced: replaced.filter(|replaced| !replaced.is_empty()),
        }
    }
}

/// Actors that are visited before somebody looks whether to stop.
const STRIDE: usize = 1024;

/// Fewer events than this are not worth a thread.
const WORTH_A_THREAD: usize = if cfg!(test) { 4 } else { 1 << 14 };

impl<'a> Part<'a> {
    /// The shape of an event, see [`crate::events::Events::shapes`], and a code for each key of it.
    pub(crate) fn row(&self, event: usize) -> (u32, &'a [u32]) {
        self.layout.row(event)
    }

    /// The actors, cut into pieces of about the same number of events.
    fn slices(&self, threads: usize) -> Vec<(&Self, std::ops::Range<usize>)> {
        let (actors, events) = (self.layout.actors.len(), self.times.len());
        let pieces = threads.min(events / WORTH_A_THREAD).max(1);
        let cut = |piece: usize| match piece {
            0 => 0,
            piece if piece == pieces => actors,
            piece => self
                .layout
                .offsets
                .partition_point(|&start| (start as usize) < events / pieces * piece)
                .min(actors),
        };
        (0..pieces)
            .map(|piece| (self, cut(piece)..cut(piece + 1)))
            .collect()
    }

    fn visit(
        &self,
        actors: std::ops::Range<usize>,
        stop: &Stop,
        mut visit: impl FnMut(Actor, std::ops::Range<usize>),
    ) {
        let mut from = actors.start;
        while from < actors.end && !stop.is_stopped() {
            let to = (from + STRIDE).min(actors.end);
            for actor in from..to {
                if self
                    .replaced
                    .is_none_or(|replaced| !replaced.contains(actor as u32))
                {
                    visit(self.layout.actors[actor], self.layout.events(actor));
                }
            }
            from = to;
        }
    }
}
