//! Answers about people that were given before: to show at once what a server takes its time to say again.
//!
//! They are bounded, and belong to the running app. The part of the app that writes them on the device, if
//! people may be kept there, attaches itself when it has been loaded ([`attach`]).

use std::cell::RefCell;

use leptos::prelude::*;
use persons_api::Timestamp;

use super::Client;
use crate::platform::clock;

/// So many answers are kept, and so many bytes of them together.
const MOST_ANSWERS: usize = 200;
const MOST_BYTES: usize = 16 << 20;

/// An answer, and when it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was asked: the server and the path.
    pub question: String,
    /// The body as it travelled.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Writes answers where they outlive the app.
pub trait Keeper {
    /// A new answer, in place of the last one to the same question.
    fn keep(&self, answer: &Answer);
    /// An answer that makes room for newer ones.
    fn remove(&self, question: &str);
    /// Forgets all of them.
    fn forget(&self);
}

#[derive(Default)]
struct Kept {
    /// Oldest first.
    answers: Vec<Answer>,
    keeper: Option<Box<dyn Keeper>>,
    /// Whether everything was to be forgotten before there was a keeper to be told.
    is_forgotten: bool,
    is_attached: Option<RwSignal<bool>>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

impl Kept {
    fn add(&mut self, answer: Answer) {
        self.answers.retain(|kept| kept.question != answer.question);
        let place = self.answers.partition_point(|kept| kept.at <= answer.at);
        self.answers.insert(place, answer);
        let size = |kept: &Answer| kept.text.len();
        while self.answers.len() > MOST_ANSWERS
            || self.answers.iter().map(size).sum::<usize>() > MOST_BYTES
        {
            let oldest = self.answers.remove(0);
            if let Some(keeper) = &self.keeper {
                keeper.remove(&oldest.question);
            }
        }
    }
}

fn question(client: &Client, path: &str) -> String {
    [client.server().origin().as_str(), path].concat()
}

/// Begins anew, for an app that has just been started.
pub fn begin() {
    let is_attached = Some(RwSignal::new(false));
    KEPT.replace(Kept {
        is_attached,
        ..Kept::default()
    });
}

/// Whether what earlier runs of the app left has been taken in.
pub fn is_attached() -> bool {
    let signal = KEPT.with_borrow(|kept| kept.is_attached);
    signal.is_some_and(|signal| signal.get())
}

/// Keeps the answer to a path, unless it would take the place of many.
pub fn keep(client: &Client, path: &str, text: &str) {
    if text.len() > MOST_BYTES / 8 {
        return;
    }
    let answer = Answer {
        question: question(client, path),
        text: text.to_owned(),
        at: clock::now(),
    };
    KEPT.with_borrow_mut(|kept| {
        if let Some(keeper) = &kept.keeper {
            keeper.keep(&answer);
        }
        kept.add(answer);
    });
}

/// Keeps nothing of a path any more: it is gone.
pub fn drop(client: &Client, path: &str) {
    let question = question(client, path);
    KEPT.with_borrow_mut(|kept| {
        kept.answers.retain(|kept| kept.question != question);
        if let Some(keeper) = &kept.keeper {
            keeper.remove(&question);
        }
    });
}

/// The last answer to a path.
pub fn recall(client: &Client, path: &str) -> Option<Answer> {
    let question = question(client, path);
    KEPT.with_borrow(|kept| {
        let answer = kept.answers.iter().find(|kept| kept.question == question);
        answer.cloned()
    })
}

/// The answer in this place to a question that begins like this, the latest being in the first place.
pub fn nth(client: &Client, beginning: &str, place: usize) -> Option<Answer> {
    let beginning = question(client, beginning);
    KEPT.with_borrow(|kept| {
        let fitting = kept.answers.iter().rev();
        let mut fitting = fitting.filter(|kept| kept.question.starts_with(&beginning));
        fitting.nth(place).cloned()
    })
}

/// How many there are, and how old the oldest is.
pub fn extent() -> (usize, Option<Timestamp>) {
    KEPT.with_borrow(|kept| {
        let oldest = kept.answers.first().map(|oldest| oldest.at);
        (kept.answers.len(), oldest)
    })
}

/// Takes in what was kept earlier, and keeps what comes from now on.
pub fn attach(keeper: Box<dyn Keeper>, mut earlier: Vec<Answer>) {
    let signal = KEPT.with_borrow_mut(|kept| {
        if std::mem::take(&mut kept.is_forgotten) {
            keeper.forget();
            earlier.clear();
        }
        for answer in &kept.answers {
            keeper.keep(answer);
        }
        kept.keeper = Some(keeper);
        for answer in earlier {
            let is_known = |newer: &Answer| newer.question == answer.question;
            if !kept.answers.iter().any(is_known) {
                kept.add(answer);
            }
        }
        kept.is_attached
    });
    if let Some(signal) = signal {
        signal.try_set(true);
    }
}

/// Keeps nothing on the device any more. What the running app knows stays.
pub fn detach() {
    KEPT.with_borrow_mut(|kept| kept.keeper = None);
}

/// Forgets all of it, here and on the device.
pub fn forget() {
    KEPT.with_borrow_mut(|kept| {
        kept.answers.clear();
        match &kept.keeper {
            Some(keeper) => keeper.forget(),
            None => kept.is_forgotten = true,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(question: &str, bytes: usize, at: i64) -> Answer {
        Answer {
            question: question.into(),
            text: "x".repeat(bytes),
            at: Timestamp(at),
        }
    }

    fn questions(kept: &Kept) -> Vec<&str> {
        let questions = kept.answers.iter().map(|answer| answer.question.as_str());
        questions.collect()
    }

    #[test]
    fn a_newer_answer_takes_the_place_of_the_last_one() {
        let mut kept = Kept::default();
        for (question, at) in [("a", 1), ("b", 2), ("a", 3)] {
            kept.add(answer(question, 1, at));
        }
        assert_eq!(questions(&kept), ["b", "a"]);
        // What was kept earlier may come later.
        kept.add(answer("c", 1, 1));
        assert_eq!(questions(&kept), ["c", "b", "a"]);
    }

    #[test]
    fn the_oldest_make_room() {
        let mut kept = Kept::default();
        for at in 0..300 {
            kept.add(answer(&at.to_string(), 1, at));
        }
        assert_eq!(kept.answers.len(), MOST_ANSWERS);
        assert_eq!(kept.answers[0].question, "100");
        for at in 300..320 {
            kept.add(answer(&at.to_string(), 1 << 20, at));
        }
        let size: usize = kept.answers.iter().map(|answer| answer.text.len()).sum();
        assert!(size <= MOST_BYTES);
    }
}
