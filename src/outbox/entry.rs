//! A change on its way: where it is, and what may come next.

use persons_api::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::change::Change;

/// How far a change is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing is sent before this moment.
    Held(Timestamp),
    /// It waits for its turn, or for a network.
    Queued,
    /// It is under way: nobody knows whether it arrived.
    Sending,
    /// The server took it, and does not show it yet.
    Accepted,
    /// It was read back.
    Confirmed,
    /// The server took it, and does not show it: why one cannot count on it.
    Unseen(String),
    /// It was not done, for this reason.
    Failed(String),
    /// It was taken back before it was sent.
    Cancelled,
}

impl State {
    /// Its word, for the screen and for what is remembered.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Held(_) => "held",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
            Self::Unseen(_) => "not visible",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::Unseen(_) | Self::Failed(_) | Self::Cancelled
        )
    }
}

/// A change of somebody, on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Different for each: the moment it was made, in microseconds, or a little later.
    pub id: i64,
    /// The server and project it is for.
    pub place: String,
    /// The tab it was made in, where it can be undone.
    pub tab: String,
    /// The run of the app that works on it. No other does, unless that one is over.
    pub run: String,
    /// Whom it is about.
    pub person: Uuid,
    /// What they were called.
    pub name: String,
    /// What is done.
    pub change: Change,
    /// How far it is.
    pub state: State,
    /// How often it was tried: sent, or looked for before it was to be sent again.
    pub attempts: u32,
    /// When the server took it, or was asked last.
    pub sent: Option<Timestamp>,
    /// The entry that it undoes.
    pub undoes: Option<i64>,
    /// What was made together.
    pub batch: Option<i64>,
    /// Whether the server does not allow it: a property that this key must not write.
    pub is_refused: bool,
}

impl Entry {
    /// As it is remembered.
    pub fn write(&self) -> Value {
        let (until, reason) = match &self.state {
            State::Held(until) => (Some(until.0), None),
            State::Failed(reason) | State::Unseen(reason) => (None, Some(reason)),
            _ => (None, None),
        };
        json!({
            "id": self.id, "place": self.place, "tab": self.tab, "run": self.run, "person": self.person,
            "name": self.name, "change": self.change.write(), "state": self.state.name(), "until": until, "reason": reason,
            "attempts": self.attempts, "sent": self.sent.map(|at| at.0), "undoes": self.undoes, "batch": self.batch,
            "refused": self.is_refused,
        })
    }

    /// What was remembered; `None` if it cannot be read.
    pub fn read(json: &Value) -> Option<Self> {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let state = match json["state"].as_str()? {
            "held" => State::Held(Timestamp(json["until"].as_i64()?)),
            "queued" => State::Queued,
            "sending" => State::Sending,
            "accepted" => State::Accepted,
            "confirmed" => State::Confirmed,
            "not visible" => State::Unseen(text("reason")?),
            "failed" => State::Failed(text("reason")?),
            "cancelled" => State::Cancelled,
            _ => return None,
        };
        Some(Self {
            id: json["id"].as_i64()?,
            place: text("place")?,
            tab: text("tab")?,
            run: text("run")?,
            person: Uuid::try_parse(json["person"].as_str()?).ok()?,
            name: text("name")?,
            change: Change::read(&json["change"])?,
            state,
            attempts: u32::try_from(json["attempts"].as_u64()?).ok()?,
            sent: json["sent"].as_i64().map(Timestamp),
            undoes: json["undoes"].as_i64(),
            batch: json["batch"].as_i64(),
            is_refused: json["refused"] == true,
        })
    }

    /// What becomes of it when the run that worked on it is over and another takes over: what was held was
    /// not wanted for certain, what was under way may have arrived.
    pub fn taken_over(mut self, run: &str) -> Self {
        self.run = run.to_owned();
        self.state = match self.state {
            State::Held(_) => State::Cancelled,
            State::Sending => State::Queued,
            other => other,
        };
        self
    }
}

/// The entry that a run is to send next: the oldest that waits, unless an older one about the same person has
/// not got there yet. What moves ids or people has to be seen before anything else is sent about them, and a
/// property before it is changed once more: servers that take their time would mix them up.
pub fn next(entries: &[Entry], place: &str, run: &str) -> Option<usize> {
    (0..entries.len()).find(|&at| {
        let entry = &entries[at];
        let holds = |older: &Entry| {
            older.person == entry.person
                && older.place == entry.place
                && older.tab == entry.tab
                && match older.state {
                    State::Held(_) | State::Queued | State::Sending => true,
                    State::Accepted => {
                        let key = older.change.key();
                        key.is_none() || key == entry.change.key()
                    }
                    _ => false,
                }
        };
        entry.state == State::Queued
            && entry.place == place
            && entry.run == run
            && !entries[..at].iter().any(holds)
    })
}

/// The entries that `Undo` is about, latest first: the latest change of a property that was neither undone
/// nor is an undoing, and what was made together with it.
pub fn last_reversible(entries: &[Entry], place: &str, tab: &str) -> Vec<i64> {
    let stands =
        |entry: &&Entry| entry.place == place && entry.tab == tab && is_reversible(entries, entry);
    let mut latest = entries.iter().rev().filter(stands);
    let Some(last) = latest.next() else {
        return Vec::new();
    };
    let batch = latest.filter(|entry| entry.batch.is_some() && entry.batch == last.batch);
    [last]
        .into_iter()
        .chain(batch)
        .map(|entry| entry.id)
        .collect()
}

/// Whether the inverse of an entry can be sent, and makes sense.
pub fn is_reversible(entries: &[Entry], entry: &Entry) -> bool {
    entry.undoes.is_none()
        && entry.change.inverse().is_some()
        && !matches!(entry.state, State::Failed(_) | State::Cancelled)
        && !is_undone(entries, entry.id)
}

/// Whether the inverse of an entry was sent, or is about to be.
pub fn is_undone(entries: &[Entry], id: i64) -> bool {
    entries.iter().any(|other| {
        other.undoes == Some(id) && !matches!(other.state, State::Failed(_) | State::Cancelled)
    })
}

/// Why somebody must not be deleted now: ids are leaving, and lead to this person until they have left.
pub fn is_parting(entries: &[Entry], person: Uuid) -> bool {
    entries.iter().any(|entry| {
        entry.person == person
            && matches!(entry.change, Change::Split { .. })
            && (!entry.state.is_over() || matches!(entry.state, State::Unseen(_)))
    })
}

/// Forgets the oldest that are over, until no more are left than are kept. What is part of something unfinished
/// stays, because it is still counted. Deletions are forgotten last.
pub fn prune(entries: &mut Vec<Entry>, most: usize) {
    let unfinished: Vec<i64> = entries
        .iter()
        .filter(|entry| !entry.state.is_over())
        .filter_map(|entry| entry.batch)
        .collect();
    let stays = |entry: &Entry| {
        !entry.state.is_over() || entry.batch.is_some_and(|batch| unfinished.contains(&batch))
    };
    for spares_deletions in [true, false] {
        let mut surplus = entries.len().saturating_sub(most);
        entries.retain(|entry| {
            let is_spared = spares_deletions && matches!(entry.change, Change::Delete { .. });
            if surplus == 0 || is_spared || stays(entry) {
                return true;
            }
            surplus -= 1;
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry about somebody.
    fn entry(id: i64, person: u128, state: State) -> Entry {
        Entry {
            id,
            place: "here".into(),
            tab: "this".into(),
            run: "now".into(),
            person: Uuid::from_u128(person),
            name: "Ada".into(),
            change: Change::Set {
                key: "plan".into(),
                before: None,
                after: json!("pro"),
            },
            state,
            attempts: 0,
            sent: None,
            undoes: None,
            batch: None,
            is_refused: false,
        }
    }

    fn deletion(id: i64, state: State) -> Entry {
        Entry {
            change: Change::Delete {
                events: false,
                snapshot: None,
            },
            ..entry(id, 1, state)
        }
    }

    fn splitting(id: i64, state: State) -> Entry {
        Entry {
            change: Change::Split {
                leave: vec!["a".into()],
                main: None,
            },
            ..entry(id, 1, state)
        }
    }

    #[test]
    fn every_entry_is_remembered_as_it_was() {
        let states = [
            State::Held(Timestamp(5)),
            State::Queued,
            State::Sending,
            State::Accepted,
            State::Confirmed,
            State::Unseen("Why?".into()),
            State::Failed("No.".into()),
            State::Cancelled,
        ];
        for state in states {
            let written = Entry {
                sent: Some(Timestamp(3)),
                undoes: Some(2),
                batch: Some(9),
                attempts: 4,
                is_refused: true,
                ..entry(1, 1, state)
            };
            assert_eq!(Entry::read(&written.write()), Some(written));
        }
    }

    fn with_key(key: &str, entry: Entry) -> Entry {
        let change = Change::Unset {
            key: key.into(),
            before: None,
        };
        Entry { change, ..entry }
    }

    #[test]
    fn changes_of_one_person_keep_their_order_and_others_need_not_wait() {
        let entries = [
            entry(1, 1, State::Sending),
            entry(2, 1, State::Queued),
            entry(3, 2, State::Queued),
        ];
        assert_eq!(next(&entries, "here", "now"), Some(2));
        assert_eq!(next(&entries, "elsewhere", "now"), None);
        assert_eq!(next(&entries, "here", "in another tab"), None);
        // Another property need not be seen before the next one is sent, the same one has to.
        let accepted = entry(1, 1, State::Accepted);
        let other = with_key("seats", entry(2, 1, State::Queued));
        assert_eq!(next(&[accepted.clone(), other], "here", "now"), Some(1));
        let same = with_key("plan", entry(2, 1, State::Queued));
        assert_eq!(next(&[accepted, same], "here", "now"), None);
        // Ids that leave have to be seen, too.
        let entries = [splitting(1, State::Accepted), entry(2, 1, State::Queued)];
        assert_eq!(next(&entries, "here", "now"), None);
    }

    #[test]
    fn the_latest_change_that_stands_is_undone_first() {
        let undo = Entry {
            undoes: Some(2),
            ..entry(4, 1, State::Confirmed)
        };
        let mut entries = vec![
            entry(1, 1, State::Confirmed),
            entry(2, 1, State::Confirmed),
            deletion(3, State::Confirmed),
        ];
        assert_eq!(last_reversible(&entries, "here", "this"), [2]);
        assert!(last_reversible(&entries, "here", "other").is_empty());
        entries.push(undo);
        assert_eq!(last_reversible(&entries, "here", "this"), [1]);
        entries[3].state = State::Failed("No.".into());
        assert_eq!(last_reversible(&entries, "here", "this"), [2]);
    }

    #[test]
    fn what_was_made_together_is_undone_together_and_backwards() {
        let of_batch = |id, state| Entry {
            batch: Some(2),
            ..entry(id, 1, state)
        };
        let entries = [
            entry(1, 1, State::Confirmed),
            of_batch(2, State::Confirmed),
            of_batch(3, State::Failed("No.".into())),
            of_batch(4, State::Accepted),
        ];
        assert_eq!(last_reversible(&entries, "here", "this"), [4, 2]);
    }

    #[test]
    fn a_run_that_is_over_sends_nothing_that_was_held() {
        let taken = |state| entry(1, 1, state).taken_over("later");
        assert_eq!(taken(State::Held(Timestamp(5))).state, State::Cancelled);
        assert_eq!(taken(State::Sending).state, State::Queued);
        assert_eq!(taken(State::Accepted).state, State::Accepted);
        assert_eq!(taken(State::Queued).run, "later");
    }

    #[test]
    fn nobody_is_deleted_while_ids_are_leaving() {
        let ada = Uuid::from_u128(1);
        for (state, is_locked) in [
            (State::Queued, true),
            (State::Accepted, true),
            (State::Unseen("Why?".into()), true),
            (State::Confirmed, false),
            (State::Failed("No.".into()), false),
            (State::Cancelled, false),
        ] {
            assert_eq!(
                is_parting(&[splitting(1, state.clone())], ada),
                is_locked,
                "{state:?}"
            );
        }
        assert!(!is_parting(
            &[splitting(1, State::Queued)],
            Uuid::from_u128(2)
        ));
    }

    #[test]
    fn what_is_under_way_is_never_forgotten_and_deletions_last() {
        let mut entries = vec![
            deletion(1, State::Confirmed),
            entry(2, 1, State::Queued),
            entry(3, 1, State::Confirmed),
            entry(4, 1, State::Confirmed),
        ];
        prune(&mut entries, 2);
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, [1, 2]);
        prune(&mut entries, 0);
        assert_eq!(entries.len(), 1);
    }

    #[test]
    fn what_was_made_together_is_forgotten_together() {
        let of_batch = |id, state| Entry {
            batch: Some(1),
            ..entry(id, 1, state)
        };
        let mut entries = vec![
            of_batch(1, State::Confirmed),
            of_batch(2, State::Queued),
            entry(3, 1, State::Confirmed),
        ];
        prune(&mut entries, 0);
        assert_eq!(entries.len(), 2);
        entries[1].state = State::Confirmed;
        prune(&mut entries, 0);
        assert!(entries.is_empty());
    }
}
