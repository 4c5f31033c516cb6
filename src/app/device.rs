//! What was loaded, kept on this device until the app is opened again.
//!
//! The database holds each answer as a text: the moment, the question and the body, a line each.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Timestamp;

use crate::api::kept::{self, Answer, Keeper};
use crate::effect::effect;
use crate::platform::clock;
use crate::platform::database::Database;
use crate::preferences::Preferences;

const NAME: &str = "persons.people";

/// Nobody is shown as they were longer ago than this, in microseconds: a week.
const LONGEST: i64 = 7 * 86_400_000_000;

crate::part! {
    /// Keeps what is loaded as long as that is wanted. Nothing of it can be seen.
    pub keeping in device: (), |()| {
        keep_as_wanted();
        ().into_any()
    }
}

fn keep_as_wanted() {
    let preferences = Preferences::expect();
    effect(move |_| {
        let is_wanted = preferences.keeping();
        spawn_local(async move {
            let Some(database) = Database::open(NAME).await else {
                return;
            };
            if is_wanted {
                let database = Rc::new(database);
                let fresh = fresh(&database).await;
                // Somebody may have changed their mind meanwhile.
                if preferences.is_keeping_now() {
                    kept::attach(Box::new(OnDevice(database)), fresh);
                }
            } else {
                kept::detach();
                database.clear();
            }
        });
    });
}

/// What was kept and is not too old, which is forgotten.
async fn fresh(database: &Database) -> Vec<Answer> {
    let oldest = clock::now().0 - LONGEST;
    let texts = database.all().await;
    let answers = texts.iter().filter_map(|text| read(text));
    let (fresh, old): (Vec<_>, Vec<_>) = answers.partition(|answer| answer.at.0 > oldest);
    for answer in old {
        database.remove(&answer.question);
    }
    fresh
}

struct OnDevice(Rc<Database>);

impl Keeper for OnDevice {
    fn keep(&self, answer: &Answer) {
        self.0.put(&answer.question, &write(answer));
    }

    fn remove(&self, question: &str) {
        self.0.remove(question);
    }

    fn forget(&self) {
        self.0.clear();
    }
}

fn write(answer: &Answer) -> String {
    let at = answer.at.0.to_string();
    [at.as_str(), answer.question.as_str(), answer.text.as_str()].join("\n")
}

/// What [`write`] wrote. A question is a URL, and has no line breaks.
fn read(text: &str) -> Option<Answer> {
    let mut lines = text.splitn(3, '\n');
    let (at, question, text) = (lines.next()?, lines.next()?, lines.next()?);
    Some(Answer {
        question: question.to_owned(),
        text: text.to_owned(),
        at: Timestamp(at.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let answer = Answer {
            question: "http://127.0.0.1:8000/api/projects/1/persons/?search=%0A".into(),
            text: "{\n}\n".into(),
            at: Timestamp(1_790_000_000_000_000),
        };
        assert_eq!(read(&write(&answer)), Some(answer));
        assert_eq!(read("today\nx\ny"), None);
    }
}
