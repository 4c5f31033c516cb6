//! What must not be written, as far as is known: nothing at all where the key lacks the scope, or single
//! properties that a server keeps from a key.

use leptos::prelude::*;

use super::Pending;
use super::entry::{Entry, State};
use crate::api::{ApiError, Client, Session};
use crate::platform::storage::Memory;
use crate::routes::Route;

/// Where it is remembered for which project the key may only read.
pub(super) const READ_ONLY: &str = "persons.read-only";

/// The scope that every change needs.
const SCOPE: &str = "person:write";

/// The server and project that a client talks to, as one word.
pub(super) fn place_of(client: &Client) -> String {
    [client.server().origin().as_str(), "/", client.project()].concat()
}

impl Pending {
    /// Whether nobody can be changed with the key of the session.
    pub fn is_read_only(self) -> Memo<bool> {
        let place = place_of(&Session::expect().client);
        Memo::new(move |_| self.read_only.read().as_deref() == Some(&place))
    }

    /// Takes in whether the key of a client may change people.
    pub fn learn_writing(self, client: &Client, may_write: bool) {
        let place = place_of(client);
        if may_write {
            if self.read_only.read_untracked().as_ref() != Some(&place) {
                return;
            }
            Memory::Device.remove(READ_ONLY);
        } else {
            Memory::Device.set(READ_ONLY, &place);
        }
        self.read_only.try_set((!may_write).then_some(place));
    }

    /// Takes in why a change was refused.
    pub(super) fn learn_refusal(self, client: &Client, error: &ApiError) {
        if matches!(error, ApiError::Forbidden { scope: Some(scope), .. } if scope == SCOPE) {
            self.learn_writing(client, false);
        }
    }
}

/// Why a property must not be changed: the server refused the last change of it, whoever's it was.
pub fn lock_of(entries: &[Entry], key: &str) -> Option<String> {
    let mut told = entries.iter().rev().filter(|entry| {
        entry.change.key() == Some(key) && (entry.is_refused || entry.state == State::Confirmed)
    });
    match told.next()? {
        Entry {
            state: State::Failed(reason),
            is_refused: true,
            ..
        } => Some(reason.clone()),
        _ => None,
    }
}

/// Says that nothing can be changed, and leads to where another key can be given.
#[component]
pub fn EditingIsOff() -> impl IntoView {
    view! {
        <p class="note read-only" role="status">
            "The key lacks the scope person:write: editing is off. "
            <a href=Route::Connect.url()>"Use another key"</a>
        </p>
    }
}
