//! The server and project that the screens talk about.

use leptos::prelude::*;
use persons_api::Project;

use super::Client;

/// A checked connection. It is in the context of every screen that shows data.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The way to ask.
    pub client: Client,
    /// The project asked about.
    pub project: Project,
}

impl Session {
    /// The session of the screen.
    ///
    /// # Panics
    /// Outside of a screen that shows data.
    pub fn expect() -> Self {
        expect_context()
    }
}
