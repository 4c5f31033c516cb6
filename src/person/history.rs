//! Asking how a person was. Whoever steps through moments asks for the one they stay at.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use persons_api::Timestamp;
use uuid::Uuid;

use super::address::Address;
use super::found::Loaded;
use crate::api::history::{self, Timeline};
use crate::api::{ApiError, Load, Session, load};
use crate::platform::timer::debounced;

/// Who is moved on is not asked for.
const MOVING_PAUSE: Duration = Duration::from_millis(120);

/// A moment that may change; none is asked for nothing.
pub type Moment = Box<dyn Fn() -> Option<Timestamp> + Send + Sync>;

/// A person at a moment that may change.
#[derive(Clone, Copy)]
pub struct Then {
    /// What there is to ask now, whether or not it has been asked yet.
    question: Signal<Option<String>>,
    answer: Load<(String, Loaded)>,
}

/// The person at a moment.
pub fn at(person: Uuid, address: Address, moment: Moment) -> Then {
    let client = StoredValue::new(Session::expect().client);
    let question = Signal::derive(move || {
        let with_set_once = !address.state().without_set_once;
        moment().map(|moment| history::question_at(person, moment, with_set_once))
    });
    let asked = settled(Box::new(move || question.get()));
    let answer = load(
        move || asked.get(),
        move |question, abort| async move {
            let client = client.get_value();
            let (person, raw) = history::at_time(&client, &question, &abort).await?;
            let loaded = Loaded {
                person: Arc::new(person),
                raw: raw.into(),
            };
            Ok((question, loaded))
        },
    );
    Then { question, answer }
}

impl Then {
    /// What the server says of the moment that is meant now. Nothing while that is awaited, though it may have
    /// answered about another moment before: values stand under a date, and must be those of that date.
    pub fn told(self) -> Option<Loaded> {
        let answer = self.answer.value.read();
        let (asked, loaded) = answer.as_ref()?;
        (self.question.read().as_ref() == Some(asked)).then(|| loaded.clone())
    }

    /// Why the latest attempt failed.
    pub fn error(self) -> Option<ApiError> {
        self.answer.error.get()
    }

    /// Whether an answer is awaited.
    pub fn is_busy(self) -> bool {
        self.answer.is_busy.get()
    }

    /// Asks once more.
    pub fn again(self) {
        self.answer.again();
    }
}

/// Which keys are watched, from which day to which.
pub type Watched = (Vec<String>, [Option<Timestamp>; 2]);

/// When properties of a person changed.
pub fn points(person: Uuid, watched: Box<dyn Fn() -> Option<Watched>>) -> Load<Arc<Timeline>> {
    let client = StoredValue::new(Session::expect().client);
    let path = move || {
        let (keys, days) = watched()?;
        let path = |client: &_| history::timeline_path(client, person, &keys, days);
        Some(client.with_value(path))
    };
    let path = settled(Box::new(path));
    load(
        move || path.get(),
        move |path, abort| async move {
            let client = client.get_value();
            history::timeline(&client, &path, &abort)
                .await
                .map(Arc::new)
        },
    )
}

fn settled(question: Box<dyn Fn() -> Option<String>>) -> Signal<Option<String>> {
    debounced(question, MOVING_PAUSE)
}

/// Whether a server will never say more.
pub fn is_final(error: &ApiError) -> bool {
    !error.may_pass()
}
