//! The outbox itself: its entries, in memory and on this device.

use std::cell::RefCell;

use leptos::prelude::*;
use persons_api::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::change::{Change, Physics};
use super::entry::{Entry, State, is_parting, is_undone, last_reversible, next, prune};
use super::{KEY, Pending};
use crate::api::{Client, Session};
use crate::platform::storage::Memory;
use crate::platform::{clock, timer};

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
    entries: ArcRwSignal<Vec<Entry>>,
    tab: String,
    place: String,
    pending: Pending,
}

thread_local! {
    /// The entries, for the run of the app that they were read in. They outlive every component.
    static ENTRIES: RefCell<Option<(u32, ArcRwSignal<Vec<Entry>>)>> = const { RefCell::new(None) };
}

impl Outbox {
    /// The one of the session.
    ///
    /// # Panics
    /// Outside of a screen that shows data.
    pub fn expect() -> Self {
        Self::of(&Session::expect().client, Pending::expect())
    }

    pub(super) fn of(client: &Client, pending: Pending) -> Self {
        let tab = tab();
        let entries = ENTRIES.with_borrow_mut(|known| {
            if let Some((run, entries)) = known
                && *run == pending.run
            {
                return entries.clone();
            }
            let own = |entry: Entry| {
                if entry.tab == tab {
                    entry.left_behind()
                } else {
                    entry
                }
            };
            let entries = ArcRwSignal::new(stored().into_iter().map(own).collect());
            *known = Some((pending.run, entries.clone()));
            entries
        });
        Self {
            entries,
            tab,
            place: [client.server().origin().as_str(), "/", client.project()].concat(),
            pending,
        }
    }

    /// What is and was on its way for this connection, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        let entries = self.entries.read();
        let here = |entry: &&Entry| entry.place == self.place;
        entries.iter().filter(here).cloned().collect()
    }

    /// Takes a change in. What cannot be undone is held for a while.
    pub fn add(&self, person: Uuid, name: &str, change: Change) {
        self.add_all(vec![(person, name.to_owned(), change)]);
    }

    /// Takes several in, made together. Returns what the batch is known by.
    pub fn add_all(&self, changes: Vec<(Uuid, String, Change)>) -> i64 {
        let batch = self.new_id();
        let batches = changes.len() > 1;
        let made = changes.into_iter().zip(batch..);
        let made = made.map(|((person, name, change), id)| Entry {
            id,
            place: self.place.clone(),
            tab: self.tab.clone(),
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
        let newest = self
            .entries
            .read_untracked()
            .last()
            .map_or(0, |last| last.id);
        clock::now().0.max(newest + 1)
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
        let tab = self.tab.clone();
        self.change(id, |entry| {
            entry.tab = tab;
            entry.state = State::Queued;
            entry.attempts = entry.attempts.max(1);
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
            change: inverse,
            state: State::Queued,
            attempts: 0,
            sent: None,
            undoes: Some(id),
            ..entry
        };
        self.write(|entries| entries.push(undoing));
        self.pending.is_awake.set(true);
        Some(words)
    }

    /// Undoes what was done last in this tab: what is held, else the latest change of a property.
    pub fn undo_last(&self) -> Option<String> {
        let id = {
            let entries = self.entries.read_untracked();
            let held = entries.iter().rev().find(|entry| {
                entry.place == self.place
                    && entry.tab == self.tab
                    && matches!(entry.state, State::Held(_))
            });
            let last = || last_reversible(&entries, &self.place, &self.tab).map(|at| &entries[at]);
            held.or_else(last)?.id
        };
        self.undo(id)
    }

    /// How far the members of a batch are.
    pub fn batch(&self, batch: i64) -> Vec<State> {
        let entries = self.entries.read();
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
            if matches!(entry.state, State::Failed(_) | State::Unseen) {
                self.retry(entry.id);
            }
        }
    }

    /// Undoes what was done of a batch, the last first.
    pub fn undo_batch(&self, batch: i64) {
        for entry in self.members(batch).iter().rev() {
            let is_done = matches!(
                entry.state,
                State::Confirmed | State::Accepted | State::Queued
            );
            if is_done && !self.is_undone(entry.id) {
                self.undo(entry.id);
            }
        }
    }

    fn members(&self, batch: i64) -> Vec<Entry> {
        let entries = self.entries.read_untracked();
        let members = entries
            .iter()
            .filter(|entry| entry.batch == Some(batch) || entry.id == batch);
        members
            .filter(|entry| entry.undoes.is_none())
            .cloned()
            .collect()
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
        is_parting(&self.entries.read(), person)
    }

    /// Whether it was undone.
    pub fn is_undone(&self, id: i64) -> bool {
        is_undone(&self.entries.read(), id)
    }

    /// Whether it is sent by another tab, which may be gone.
    pub fn is_elsewhere(&self, entry: &Entry) -> bool {
        entry.tab != self.tab && !entry.state.is_over()
    }

    pub(super) fn get(&self, id: i64) -> Option<Entry> {
        let entries = self.entries.read_untracked();
        entries.iter().find(|entry| entry.id == id).cloned()
    }

    /// The entry to be sent next.
    pub(super) fn next(&self) -> Option<Entry> {
        if self.pending.is_paused.try_get() == Some(true) {
            return None;
        }
        let entries = self.entries.read_untracked();
        next(&entries, &self.place, &self.tab).map(|at| entries[at].clone())
    }

    /// Lets go what was held long enough.
    pub(super) fn release(&self, now: Timestamp) {
        let is_due = |entry: &Entry| {
            entry.tab == self.tab && matches!(entry.state, State::Held(until) if until <= now)
        };
        if self.entries.read_untracked().iter().any(is_due) {
            self.write(|entries| {
                for entry in entries.iter_mut().filter(|entry| is_due(entry)) {
                    entry.state = State::Queued;
                }
            });
        }
    }

    /// Writes down what was taken over from the last run, and counts it.
    pub(super) fn begin(&self) {
        self.write(|entries| prune(entries, MOST));
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

    fn write_boxed(&self, change: &mut dyn FnMut(&mut Vec<Entry>)) {
        self.entries.update(|entries| change(entries));
        let entries = self.entries.read_untracked();
        self.save(&entries);
        let open = |entry: &&Entry| entry.place == self.place && !entry.state.is_over();
        let open = entries.iter().filter(open).count() as u64;
        self.pending.count.try_set(open);
    }

    /// Writes the entries of this tab; those that other tabs wrote meanwhile stay.
    fn save(&self, entries: &[Entry]) {
        let own = entries.iter().filter(|entry| entry.tab == self.tab);
        // What was taken over from another tab is our own by now.
        let is_own =
            |entry: &Entry| entry.tab == self.tab || own.clone().any(|own| own.id == entry.id);
        let others = stored();
        let others = others.iter().filter(|entry| !is_own(entry));
        let all: Vec<Value> = others.chain(own.clone()).map(Entry::write).collect();
        if all.is_empty() {
            Memory::Device.remove(KEY);
        } else {
            Memory::Device.set(KEY, &Value::from(all).to_string());
        }
    }
}

/// What is remembered; what cannot be read is nothing.
fn stored() -> Vec<Entry> {
    let text = Memory::Device.get(KEY).unwrap_or_default();
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let entries = json.as_array().map_or(&[][..], Vec::as_slice);
    entries.iter().filter_map(Entry::read).collect()
}

/// The name of this tab, which it keeps when it is loaded again.
fn tab() -> String {
    Memory::Tab.get(TAB).unwrap_or_else(|| {
        let name = (clock::now().0 + timer::chance()).to_string();
        Memory::Tab.set(TAB, &name);
        name
    })
}
