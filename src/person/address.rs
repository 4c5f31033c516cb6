//! What the URL says about the page of a person, and changing it.

use leptos::prelude::*;

use crate::navigation::Navigation;
use crate::routes::{PersonState, Route};

/// The part of the URL that is the page's own.
#[derive(Clone, Copy)]
pub struct Address(Navigation);

impl Address {
    /// The one of the page.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        Self(Navigation::expect())
    }

    /// What it says; nothing while the page is about to go.
    pub fn state(self) -> PersonState {
        state_of(&self.0.route().read())
    }

    /// The same for somebody who does not want to hear of changes.
    pub fn state_now(self) -> PersonState {
        state_of(&self.0.route().read_untracked())
    }

    /// Says something else. That is no step of its own: Back leads to the list.
    pub fn change(self, what: &dyn Fn(&mut PersonState)) {
        if let Route::Person(mut state) = self.0.route().get_untracked() {
            what(&mut state);
            self.0.replace(Route::Person(state));
        }
    }
}

fn state_of(route: &Route) -> PersonState {
    match route {
        Route::Person(state) => state.clone(),
        _ => PersonState::default(),
    }
}
