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
pub type Moment = Box<dyn Fn() -> Option<Timestamp>>;

/// The person at a moment.
pub fn at(person: Uuid, address: Address, moment: Moment) -> Load<Loaded> {
    let client = StoredValue::new(Session::expect().client);
    let question = move || {
        let with_set_once = !address.state().without_set_once;
        moment().map(|moment| history::question_at(person, moment, with_set_once))
    };
    let question = settled(Box::new(question));
    load(
        move || question.get(),
        move |question, abort| async move {
            let client = client.get_value();
            let (person, raw) = history::at_time(&client, &question, &abort).await?;
            Ok(Loaded {
                person: Arc::new(person),
                raw: raw.into(),
            })
        },
    )
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
