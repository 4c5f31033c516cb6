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
    /// The server took it and did not show it within a minute.
    Unseen,
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
            Self::Unseen => "not visible",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::Unseen | Self::Failed(_) | Self::Cancelled
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
    /// The tab it was made in, which is the only one that sends it.
    pub tab: String,
    /// Whom it is about.
    pub person: Uuid,
    /// What they were called.
    pub name: String,
    /// What is done.
    pub change: Change,
    /// How far it is.
    pub state: State,
    /// How often it was sent.
    pub attempts: u32,
    /// When the server took it, or was asked last.
    pub sent: Option<Timestamp>,
    /// The entry that it undoes.
    pub undoes: Option<i64>,
    /// What was made together.
    pub batch: Option<i64>,
}

impl Entry {
    /// As it is remembered.
    pub fn write(&self) -> Value {
        let (until, reason) = match &self.state {
            State::Held(until) => (Some(until.0), None),
            State::Failed(reason) => (None, Some(reason)),
            _ => (None, None),
        };
        json!({
            "id": self.id, "place": self.place, "tab": self.tab, "person": self.person, "name": self.name,
            "change": self.change.write(), "state": self.state.name(), "until": until, "reason": reason,
            "attempts": self.attempts, "sent": self.sent.map(|at| at.0), "undoes": self.undoes, "batch": self.batch,
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
            "not visible" => State::Unseen,
            "failed" => State::Failed(text("reason")?),
            "cancelled" => State::Cancelled,
            _ => return None,
        };
        Some(Self {
            id: json["id"].as_i64()?,
            place: text("place")?,
            tab: text("tab")?,
            person: Uuid::try_parse(json["person"].as_str()?).ok()?,
            name: text("name")?,
            change: Change::read(&json["change"])?,
            state,
            attempts: u32::try_from(json["attempts"].as_u64()?).ok()?,
            sent: json["sent"].as_i64().map(Timestamp),
            undoes: json["undoes"].as_i64(),
            batch: json["batch"].as_i64(),
        })
    }

    /// What becomes of it when the page it was made in is gone: what was held was not wanted for certain,
    /// what was under way may have arrived.
    pub fn left_behind(mut self) -> Self {
        self.state = match self.state {
            State::Held(_) => State::Cancelled,
            State::Sending => State::Queued,
            other => other,
        };
        self
    }
}

/// The entry that is to be sent next: the oldest that waits, unless an older one of this tab about the same
/// person has not got there yet. What moves ids or people has to be seen before anything else is sent about them.
pub fn next(entries: &[Entry], place: &str, tab: &str) -> Option<usize> {
    (0..entries.len()).find(|&at| {
        let entry = &entries[at];
        let holds = |older: &Entry| {
            older.person == entry.person
                && older.place == entry.place
                && older.tab == entry.tab
                && match older.state {
                    State::Held(_) | State::Queued | State::Sending => true,
                    State::Accepted => {
                        !matches!(older.change, Change::Set { .. } | Change::Unset { .. })
                    }
                    _ => false,
                }
        };
        entry.state == State::Queued
            && entry.place == place
            && entry.tab == tab
            && !entries[..at].iter().any(holds)
    })
}

/// The entry that `Undo` is about: the latest change of a property that was neither undone nor is an undoing.
pub fn last_reversible(entries: &[Entry], place: &str, tab: &str) -> Option<usize> {
    (0..entries.len()).rev().find(|&at| {
        let entry = &entries[at];
        entry.place == place
            && entry.tab == tab
            && entry.undoes.is_none()
            && entry.change.inverse().is_some()
            && !matches!(entry.state, State::Failed(_) | State::Cancelled)
            && !is_undone(entries, entry.id)
    })
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
            && (!entry.state.is_over() || entry.state == State::Unseen)
    })
}

/// Forgets the oldest that are over, until no more are left than are kept. Deletions are forgotten last.
pub fn prune(entries: &mut Vec<Entry>, most: usize) {
    for spares_deletions in [true, false] {
        while entries.len() > most {
            let oldest = entries.iter().position(|entry| {
                let is_deletion = matches!(entry.change, Change::Delete { .. });
                entry.state.is_over() && !(spares_deletions && is_deletion)
            });
            match oldest {
                Some(oldest) => drop(entries.remove(oldest)),
                None => break,
            }
        }
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
            State::Unseen,
            State::Failed("No.".into()),
            State::Cancelled,
        ];
        for state in states {
            let written = Entry {
                sent: Some(Timestamp(3)),
                undoes: Some(2),
                batch: Some(9),
                attempts: 4,
                ..entry(1, 1, state)
            };
            assert_eq!(Entry::read(&written.write()), Some(written));
        }
    }

    #[test]
    fn changes_of_one_person_keep_their_order_and_others_need_not_wait() {
        let entries = [
            entry(1, 1, State::Sending),
            entry(2, 1, State::Queued),
            entry(3, 2, State::Queued),
        ];
        assert_eq!(next(&entries, "here", "this"), Some(2));
        assert_eq!(next(&entries, "elsewhere", "this"), None);
        assert_eq!(next(&entries, "here", "another"), None);
        // A tab that is gone keeps nobody waiting.
        let left = Entry {
            tab: "another".into(),
            ..entry(1, 1, State::Held(Timestamp(5)))
        };
        assert_eq!(
            next(&[left, entry(2, 1, State::Queued)], "here", "this"),
            Some(1)
        );
        // Properties need not be seen before the next one is sent.
        let entries = [entry(1, 1, State::Accepted), entry(2, 1, State::Queued)];
        assert_eq!(next(&entries, "here", "this"), Some(1));
        // Ids that leave do.
        let entries = [splitting(1, State::Accepted), entry(2, 1, State::Queued)];
        assert_eq!(next(&entries, "here", "this"), None);
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
        assert_eq!(last_reversible(&entries, "here", "this"), Some(1));
        entries.push(undo);
        assert_eq!(last_reversible(&entries, "here", "this"), Some(0));
        entries[3].state = State::Failed("No.".into());
        assert_eq!(last_reversible(&entries, "here", "this"), Some(1));
    }

    #[test]
    fn a_page_that_goes_sends_nothing_that_was_held() {
        assert_eq!(
            entry(1, 1, State::Held(Timestamp(5))).left_behind().state,
            State::Cancelled
        );
        assert_eq!(
            entry(1, 1, State::Sending).left_behind().state,
            State::Queued
        );
        assert_eq!(
            entry(1, 1, State::Accepted).left_behind().state,
            State::Accepted
        );
    }

    #[test]
    fn nobody_is_deleted_while_ids_are_leaving() {
        let ada = Uuid::from_u128(1);
        for (state, is_locked) in [
            (State::Queued, true),
            (State::Accepted, true),
            (State::Unseen, true),
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
}
