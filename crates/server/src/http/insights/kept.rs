//! Answers that are kept until something changes.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use persons_api::Timestamp;

/// All answers together have at most this many numbers and people.
const ROOM: usize = 1 << 20;

/// A bounded number of answers, all of one version of the project.
#[derive(Default)]
pub(super) struct Kept {
    version: u64,
    answers: HashMap<String, Answer>,
    /// The questions, the oldest first.
    order: VecDeque<String>,
    weight: usize,
}

/// An answer, and when it was found.
struct Answer {
    found: Arc<dyn Any + Send + Sync>,
    at: Timestamp,
    weight: usize,
}

impl Kept {
    /// The answer to a question, if it is kept and nothing has changed since.
    pub(super) fn get<T: Any + Send + Sync>(
        &self,
        question: &str,
        version: u64,
    ) -> Option<(Arc<T>, Timestamp)> {
        let answers = (self.version == version).then_some(&self.answers)?;
        let answer = answers.get(question)?;
        Some((Arc::clone(&answer.found).downcast().ok()?, answer.at))
    }

    /// Keeps an answer that was found in some version. `weight` is how many numbers or people it has.
    pub(super) fn put(
        &mut self,
        question: String,
        version: u64,
        found: Arc<dyn Any + Send + Sync>,
        at: Timestamp,
        weight: usize,
    ) {
        if version < self.version || weight > ROOM {
            return;
        }
        if version > self.version {
            *self = Self {
                version,
                ..Self::default()
            };
        }
        // However small it is, its question takes room too.
        let weight = weight + question.len() / 8;
        let answer = Answer { found, at, weight };
        match self.answers.insert(question.clone(), answer) {
            Some(before) => self.weight -= before.weight,
            None => self.order.push_back(question),
        }
        self.weight += weight;
        while self.weight > ROOM
            && let Some(oldest) = self.order.pop_front()
        {
            self.weight -= self.answers.remove(&oldest).map_or(0, |old| old.weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(kept: &mut Kept, question: &str, version: u64, weight: usize) {
        let found = Arc::new(question.to_owned());
        kept.put(question.into(), version, found, Timestamp(7), weight);
    }

    fn has(kept: &Kept, question: &str, version: u64) -> bool {
        let found = kept.get::<String>(question, version);
        found.is_some_and(|(text, at)| *text == question && at == Timestamp(7))
    }

    #[test]
    fn a_change_ends_all_answers() {
        let mut kept = Kept::default();
        put(&mut kept, "a", 1, 1);
        assert!(has(&kept, "a", 1) && !has(&kept, "b", 1) && !has(&kept, "a", 2));
        put(&mut kept, "b", 2, 1);
        assert!(!has(&kept, "a", 1) && !has(&kept, "a", 2) && has(&kept, "b", 2));
        // Found before the change, ready after it.
        put(&mut kept, "c", 1, 1);
        assert!(!has(&kept, "c", 1) && !has(&kept, "c", 2) && has(&kept, "b", 2));
    }

    #[test]
    fn the_oldest_answers_make_room() {
        let mut kept = Kept::default();
        for question in ["a", "b", "c"] {
            put(&mut kept, question, 1, ROOM / 2 - 1);
        }
        assert!(!has(&kept, "a", 1) && has(&kept, "b", 1) && has(&kept, "c", 1));
        put(&mut kept, "c", 1, 1);
        put(&mut kept, "d", 1, ROOM / 2 - 1);
        assert!(has(&kept, "b", 1) && has(&kept, "c", 1) && has(&kept, "d", 1));
        put(&mut kept, "e", 1, ROOM + 1);
        assert!(!has(&kept, "e", 1));
    }
}
