//! Which screen is shown, and going to another one.
//!
//! A signal of the typed [`Route`], in step with the address bar. There is no router library: the ones
//! at hand decode paths of links on the way (`50%25` becomes `50%`, which is no URL), and ids of people
//! hold anything.

use leptos::prelude::*;
use uuid::Uuid;

use crate::platform::{document, history};
use crate::routes::{PersonsState, Route};

/// The id of the part of the page that screens fill.
pub const MAIN: &str = "main";

/// The screen and the way to others. There is one, in the context of the app.
#[derive(Clone, Copy)]
pub struct Navigation {
    route: RwSignal<Route>,
    last_list: RwSignal<PersonsState>,
    /// The people who were chosen to be compared: where `Compare` leads to.
    pub compared: RwSignal<Vec<Uuid>>,
}

impl Navigation {
    /// Reads the address bar, listens for Back, Forward and links, and makes itself available below.
    pub fn provide() -> Self {
        let navigation = Self {
            route: RwSignal::new(Route::parse(&history::current())),
            last_list: RwSignal::new(PersonsState::default()),
            compared: RwSignal::new(Vec::new()),
        };
        history::on_pop(move || navigation.show(Route::parse(&history::current())));
        history::on_link(move |url| {
            history::push(&url);
            navigation.show(Route::parse(&url));
        });
        provide_context(navigation);
        navigation
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The screen that is shown.
    pub fn route(self) -> ReadSignal<Route> {
        self.route.read_only()
    }

    /// The list as it was shown last: where `People` leads back to.
    pub fn last_list(self) -> PersonsState {
        match self.route.get() {
            Route::Persons(state) => state,
            _ => self.last_list.get(),
        }
    }

    /// The link to what is shown.
    pub fn link(self) -> String {
        document::origin() + &self.route.get_untracked().url()
    }

    /// Shows a screen; Back returns to the present one.
    pub fn go(self, route: Route) {
        history::push(&route.url());
        self.show(route);
    }

    /// Shows a screen in place of the present one.
    pub fn replace(self, route: Route) {
        history::replace(&route.url());
        self.show(route);
    }

    fn show(self, route: Route) {
        if self.route.with_untracked(|shown| *shown != route) {
            if let Route::Persons(state) = self.route.get_untracked() {
                self.last_list.set(state);
            }
            self.route.set(route);
        }
    }
}
