//! The outbox itself: its entries, in memory and on this device.
//!
//! Every tab knows all entries, and each is worked on by the run of the app that made it. A run holds a lock
//! as long as it lives; whoever gets it, takes over what was left. Without locks (see `platform::locks`) a tab
//! takes over what it left itself when it was loaded again.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Timestamp;
use uuid::Uuid;

use super::change::{Change, Physics};
use super::entry::{
    Entry, State, is_parting, is_reversible, is_undone, last_reversible, next, prune,
};
use super::permission::{lock_of, place_of};
use super::{KEY, Pending, stored};
use crate::api::{Client, Session};
use crate::platform::locks::{self, Lock};
use crate::platform::storage::Memory;
use crate::platform::{Abort, clock, timer};

/// How long something is held that cannot be undone, in microseconds, and by how much that is prolonged.
const HELD: i64 = 10_000_000;
const PROLONGED: i64 = 60_000_000;

/// So many entries are remembered.
const MOST: usize = 300;

/// Where this tab's name is remembered.
const TAB: &str = "persons.tab";

/// The outbox, as the connection of a session sees it.
#[derive(Clone)]
pub struct Outbox {
    known: Known,
    tab: String,
    place: String,
    pending: Pending,
}

/// What a run of the app knows. It outlives every component.
#[derive(Clone)]
struct Known {
    run: String,
    /// Oldest first.
    entries: ArcRwSignal<Vec<Entry>>,
    /// Whether the device had no room for an entry.
    is_full: ArcRwSignal<bool>,
}

thread_local! {
    /// What is known, for the run of the app that it was read in, and the lock of that run.
    static KNOWN: RefCell<Option<(u32, Known, Option<Lock>)>> = const { RefCell::new(None) };
}

impl Known {
    fn begin(number: u32) -> Self {
        let run = ["persons.run.", &unique_number().to_string()].concat();
        let known = Self {
            run: run.clone(),
            entries: ArcRwSignal::new(stored::all()),
            is_full: ArcRwSignal::new(false),
        };
        spawn_local(async move {
            let alive = locks::lock(&run, &Abort::new()).await;
            KNOWN.with_borrow_mut(|known| {
                if let Some((current, _, lock)) = known
                    && *current == number
                {
                    *lock = alive;
                }
            });
        });
        known
    }
}

impl Outbox {
    /// The one of the session.
    ///
    /// # Panics
    /// Outside of a screen that shows data.
    pub fn expect() -> Self {
        Self::of(&Session::expect().client, Pending::expect())
    }

    fn of(client: &Client, pending: Pending) -> Self {
        let known = KNOWN.with_borrow_mut(|known| match known {
            Some((run, known, _)) if *run == pending.run => known.clone(),
            _ => {
                let begun = Known::begin(pending.run);
                *known = Some((pending.run, begun.clone(), None));
                begun
            }
        });
        Self {
            known,
            tab: tab(),
            place: place_of(client),
            pending,
        }
    }

    /// What is and was on its way for this connection, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        let entries = self.known.entries.read();
        let here = |entry: &&Entry| entry.place == self.place;
        entries.iter().filter(here).cloned().collect()
    }

    /// Takes a change in. What cannot be undone is held for a while.
    pub fn add(&self, person: Uuid, name: &str, change: Change) {
        self.add_all(vec![(person, name.to_owned(), change)]);
    }

    /// Takes several in, made together: the person, what they are called, and the change. Returns what the
    /// batch is known by.
    pub fn add_all(&self, changes: Vec<(Uuid, String, Change)>) -> i64 {
        let batch = self.new_id();
        let batches = changes.len() > 1;
        let made = changes.into_iter().zip(batch..);
        let made = made.map(|((person, name, change), id)| Entry {
            id,
            place: self.place.clone(),
            tab: self.tab.clone(),
            run: self.known.run.clone(),
            person,
            name,
            state: match change.physics() {
                Physics::Reversible => State::Queued,
                Physics::Held => State::Held(Timestamp(clock::now().0 + HELD)),
            },
            change,
            attempts: 0,
            sent: None,
            undoes: None,
            batch: batches.then_some(batch),
            is_refused: false,
        });
        let made: Vec<_> = made.collect();
        self.write(|entries| {
            entries.extend(made);
            prune(entries, MOST);
        });
        self.pending.is_awake.set(true);
        batch
    }

    fn new_id(&self) -> i64 {
        let entries = self.known.entries.read_untracked();
        let newest = entries.last().map_or(0, |last| last.id);
        unique_number().max(newest + 1)
    }

    /// Takes back what was not sent yet.
    pub fn cancel(&self, id: i64) {
        self.change(id, |entry| {
            let is_unsent = matches!(entry.state, State::Held(_) | State::Queued);
            if is_unsent && entry.attempts == 0 {
                entry.state = State::Cancelled;
            }
        });
    }

    /// Holds it no longer.
    pub fn send_now(&self, id: i64) {
        self.change(id, |entry| {
            if matches!(entry.state, State::Held(_)) {
                entry.state = State::Queued;
            }
        });
    }

    /// Holds it longer: ten seconds are few for those who read slowly.
    pub fn prolong(&self, id: i64) {
        self.change(id, |entry| {
            if let State::Held(until) = &mut entry.state {
                until.0 += PROLONGED;
            }
        });
    }

    /// Tries again what failed. It is looked at first, because it may have been done all the same.
    pub fn retry(&self, id: i64) {
        let run = self.known.run.clone();
        self.change(id, |entry| {
            entry.run = run;
            entry.state = State::Queued;
            entry.attempts = 1;
            entry.is_refused = false;
        });
        self.pending.is_awake.set(true);
    }

    /// Sends the inverse of an entry, or takes the entry back if it was not sent. Says what is undone.
    pub fn undo(&self, id: i64) -> Option<String> {
        let entry = self.get(id)?;
        if entry.attempts == 0 && matches!(entry.state, State::Held(_) | State::Queued) {
            self.cancel(id);
            return Some(entry.change.words());
        }
        let inverse = entry.change.inverse()?;
        let words = inverse.words();
        let undoing = Entry {
            id: self.new_id(),
            tab: self.tab.clone(),
            run: self.known.run.clone(),
            change: inverse,
            state: State::Queued,
            attempts: 0,
            sent: None,
            undoes: Some(id),
            is_refused: false,
            ..entry
        };
        self.write(|entries| entries.push(undoing));
        self.pending.is_awake.set(true);
        Some(words)
    }

    /// Undoes what was done last in this tab: what is held, else the latest change of a property and what
    /// was made together with it.
    pub fn undo_last(&self) -> Vec<String> {
        let ids = {
            let entries = self.known.entries.read_untracked();
            let is_held =
                |entry: &&Entry| self.is_own(entry) && matches!(entry.state, State::Held(_));
            match entries.iter().rev().find(is_held) {
                Some(held) => vec![held.id],
                None => last_reversible(&entries, &self.place, &self.tab),
            }
        };
        ids.into_iter().filter_map(|id| self.undo(id)).collect()
    }

    /// How far the members of a batch are.
    pub fn batch(&self, batch: i64) -> Vec<State> {
        let entries = self.known.entries.read();
        let members = entries
            .iter()
            .filter(|entry| entry.batch == Some(batch) || entry.id == batch);
        members
            .filter(|entry| entry.undoes.is_none())
            .map(|entry| entry.state.clone())
            .collect()
    }

    /// Tries again what failed of a batch.
    pub fn retry_batch(&self, batch: i64) {
        for entry in self.members(batch) {
            if matches!(entry.state, State::Failed(_) | State::Unseen(_)) {
                self.retry(entry.id);
            }
        }
    }

    /// Undoes what of a batch can be undone, the last change first.
    pub fn undo_batch(&self, batch: i64) {
        for entry in self.members(batch).iter().rev() {
            let stands = is_reversible(&self.known.entries.read_untracked(), entry);
            if stands {
                self.undo(entry.id);
            }
        }
    }

    fn members(&self, batch: i64) -> Vec<Entry> {
        let entries = self.known.entries.read_untracked();
        let members = entries
            .iter()
            .filter(|entry| entry.batch == Some(batch) || entry.id == batch);
        members
            .filter(|entry| entry.undoes.is_none())
            .cloned()
            .collect()
    }

    pub(super) fn pending(&self) -> Pending {
        self.pending
    }

    /// Whether nothing is sent for the time being.
    pub fn is_paused(&self) -> RwSignal<bool> {
        self.pending.is_paused
    }

    /// Forgets what is over. Deletions stay: they are the ledger.
    pub fn clear(&self) {
        self.write(|entries| {
            entries.retain(|entry| {
                !entry.state.is_over() || matches!(entry.change, Change::Delete { .. })
            });
        });
    }

    /// Whether ids are leaving this person.
    pub fn is_parting(&self, person: Uuid) -> bool {
        is_parting(&self.known.entries.read(), person)
    }

    /// Why a property must not be changed here, if it must not.
    pub fn lock_of(&self, key: &str) -> Option<String> {
        lock_of(&self.entries(), key)
    }

    /// Whether it was undone.
    pub fn is_undone(&self, id: i64) -> bool {
        is_undone(&self.known.entries.read(), id)
    }

    /// Whether another run of the app works on it, in another tab.
    pub fn is_elsewhere(&self, entry: &Entry) -> bool {
        !self.is_own(entry) && !entry.state.is_over()
    }

    /// Whether the device had no room to remember a change.
    pub fn is_full(&self) -> bool {
        self.known.is_full.get()
    }

    /// Whether an entry is for this connection, and to be worked on here.
    pub(super) fn is_own(&self, entry: &Entry) -> bool {
        entry.place == self.place && entry.run == self.known.run
    }

    /// Calls whoever asks whenever something changes.
    pub(super) fn watch(&self) {
        self.known.entries.track();
    }

    pub(super) fn get(&self, id: i64) -> Option<Entry> {
        let entries = self.known.entries.read_untracked();
        entries.iter().find(|entry| entry.id == id).cloned()
    }

    /// The entry to be sent next.
    pub(super) fn next(&self) -> Option<Entry> {
        if self.pending.is_paused.try_get() == Some(true) {
            return None;
        }
        let entries = self.known.entries.read_untracked();
        next(&entries, &self.place, &self.known.run).map(|at| entries[at].clone())
    }

    /// Lets go what was held long enough.
    pub(super) fn release(&self, now: Timestamp) {
        let is_due = |entry: &Entry| {
            self.is_own(entry) && matches!(entry.state, State::Held(until) if until <= now)
        };
        if self.known.entries.read_untracked().iter().any(is_due) {
            self.write(|entries| {
                for entry in entries.iter_mut().filter(|entry| is_due(entry)) {
                    entry.state = State::Queued;
                }
            });
        }
    }

    /// Takes over what a run left that is over. `None` stands for one that nobody can ask about: then only
    /// what this tab left itself is taken over. Returns the entries as they were left.
    pub(super) fn take_over(&self, run: &str, lock: Option<&Lock>) -> Vec<Entry> {
        self.learn_all();
        let is_left = |entry: &Entry| {
            entry.run == run
                && entry.place == self.place
                && !entry.state.is_over()
                && (lock.is_some() || entry.tab == self.tab)
        };
        let mut left = Vec::new();
        self.write(|entries| {
            for entry in entries.iter_mut().filter(|entry| is_left(entry)) {
                left.push(entry.clone());
                *entry = entry.clone().taken_over(&self.known.run);
            }
        });
        left
    }

    /// Takes in what other tabs wrote, and forgets what is forgotten on this device. What this run has yet to
    /// do stays.
    pub(super) fn learn_all(&self) {
        let stored = stored::all();
        self.known.entries.update(|entries| {
            let run = &self.known.run;
            entries.retain(|entry| entry.run == *run && !entry.state.is_over());
            for entry in stored {
                if entries.iter().all(|known| known.id != entry.id) {
                    stored::insert(entries, entry);
                }
            }
        });
        self.write(|entries| prune(entries, MOST));
    }

    /// Takes in what another tab wrote of one entry. Returns it if it is done since.
    pub(super) fn learn(&self, id: i64) -> Option<Entry> {
        let (before, now) = (self.get(id), stored::get(id));
        if before
            .as_ref()
            .is_some_and(|before| before.run == self.known.run)
        {
            return None;
        }
        self.known.entries.update(|entries| {
            entries.retain(|entry| entry.id != id);
            if let Some(now) = &now {
                stored::insert(entries, now.clone());
            }
        });
        self.count();
        let is_done = |entry: &Entry| entry.state == State::Confirmed;
        now.filter(|now| is_done(now) && !before.as_ref().is_some_and(is_done))
    }

    /// Takes in what became of an entry.
    pub(super) fn change(&self, id: i64, change: impl FnOnce(&mut Entry)) {
        let mut change = Some(change);
        self.write_boxed(&mut |entries| {
            let entry = entries.iter_mut().find(|entry| entry.id == id);
            if let (Some(entry), Some(change)) = (entry, change.take()) {
                change(entry);
            }
        });
    }

    /// Says that somebody is not any more what they were.
    pub(super) fn tell(&self, person: Uuid) {
        let changed = self.pending.changed;
        changed.try_update(|(count, changed)| {
            *count += 1;
            *changed = person;
        });
    }

    fn write(&self, change: impl FnOnce(&mut Vec<Entry>)) {
        let mut change = Some(change);
        self.write_boxed(&mut |entries| {
            if let Some(change) = change.take() {
                change(entries);
            }
        });
    }

    /// Changes entries, and remembers those that are not what they were.
    fn write_boxed(&self, change: &mut dyn FnMut(&mut Vec<Entry>)) {
        let before = self.known.entries.read_untracked().clone();
        self.known.entries.update(|entries| change(entries));
        let after = self.known.entries.read_untracked();
        for gone in &before {
            if find(&after, gone.id).is_none() {
                stored::remove(gone.id);
            }
        }
        let changed = after
            .iter()
            .filter(|entry| find(&before, entry.id) != Some(entry));
        let mut has_room = true;
        for entry in changed {
            has_room &= stored::put(entry);
        }
        if !has_room {
            self.known.is_full.set(true);
        }
        if after.is_empty() {
            Memory::Device.remove(KEY);
        }
        drop(after);
        self.count();
    }

    fn count(&self) {
        let entries = self.known.entries.read_untracked();
        let open = |entry: &&Entry| entry.place == self.place && !entry.state.is_over();
        let open = entries.iter().filter(open).count() as u64;
        self.pending.count.try_set(open);
    }
}

fn find(entries: &[Entry], id: i64) -> Option<&Entry> {
    let place = entries.binary_search_by_key(&id, |entry| entry.id);
    place.ok().map(|place| &entries[place])
}

/// A number that no other tab comes by: the time in microseconds, of which browsers know the milliseconds.
fn unique_number() -> i64 {
    clock::now().0 + timer::chance()
}

/// The name of this tab, which it keeps when it is loaded again.
fn tab() -> String {
    Memory::Tab.get(TAB).unwrap_or_else(|| {
        let name = unique_number().to_string();
        Memory::Tab.set(TAB, &name);
        name
    })
}
