//! The screens that are loaded when they are first shown.

use leptos::prelude::*;

use crate::connection::ConnectPage;
use crate::person::PersonPage;

crate::part! {
    /// One person, by the id in the URL.
    pub person in person: String, |id| view! { <PersonPage id/> }.into_any()
}

crate::part! {
    /// Where to choose a server.
    pub connect in connect: (), |()| view! { <ConnectPage/> }.into_any()
}
