//! What is going on between the app and the server: how many requests are left, and what is waited for.

use std::time::Duration;

use leptos::prelude::*;

use crate::api::traffic;
use crate::connection::Connection;
use crate::platform::timer;
use crate::ui::dynamic::{text, when};

/// A signal that changes every second.
fn seconds() -> RwSignal<u32> {
    let seconds = RwSignal::new(0);
    timer::every(Duration::from_secs(1), move || {
        seconds.update(|passed| *passed += 1);
    });
    seconds
}

crate::part! {
    /// How many requests are left.
    pub meter in device: (), |()| view! { <Meter/> }.into_any()
}

crate::part! {
    /// Why nothing comes at the moment.
    pub hold in device: (), |()| view! { <Hold/> }.into_any()
}

/// How many requests are left, for servers that count them.
#[component]
fn Meter() -> impl IntoView {
    let connection = Connection::expect();
    let is_limited = move || {
        let session = connection.session();
        session.is_some_and(|session| session.client.is_limited())
    };
    let meter = || {
        let second = seconds();
        let words = Memo::new(move |_| {
            second.track();
            let (left, limit) = traffic::left();
            format!(
                "{left} of {} requests left this {}",
                limit.requests, limit.name
            )
        });
        let share = move || {
            second.track();
            let (left, limit) = traffic::left();
            (left * 100 / limit.requests).to_string()
        };
        view! { <meter max="100" low="20" value=share aria-label=words title=words></meter> }
            .into_any()
    };
    when(is_limited, meter)
}

/// Why nothing comes at the moment, and when it goes on by itself.
#[component]
fn Hold() -> impl IntoView {
    let second = seconds();
    let why = text(move || {
        second.track();
        traffic::hold().map(|(why, _)| why).unwrap_or_default()
    });
    let countdown = text(move || {
        second.track();
        match traffic::hold() {
            Some((_, 1)) => " Next try in 1 second".to_owned(),
            Some((_, left)) => format!(" Next try in {left} seconds"),
            None => String::new(),
        }
    });
    view! {
        // What changes every second is not read aloud, but can be found.
        <aside class="notice hold" aria-label="Waiting for the server">
            <span role="status">{why}</span>
            <span>{countdown}</span>
        </aside>
    }
}
