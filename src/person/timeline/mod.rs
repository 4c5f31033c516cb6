//! The tab that shows when properties changed, and what differs between two moments.
//!
//! [`state`] is what the URL says and what the server said about it. Five files are pure: [`picture`], what is
//! drawn of that; [`scale`], where a moment stands; [`steps`], one property as pieces of a line; [`changes`],
//! the same as a list and in words; [`diff`], two sets of properties. [`watched`] is the head, [`chart`] the lines with the two handles,
//! [`difference`] the table between them, [`list`] the changes for those who do not see the lines.

mod changes;
mod chart;
mod diff;
mod difference;
mod list;
mod picture;
mod scale;
mod state;
mod steps;
mod watched;

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use self::changes::Step;
use self::chart::Chart;
use self::difference::Between;
use self::list::Changes;
use self::state::Shown;
use self::watched::Watched;
use super::pins::Pins;
use crate::platform::keyboard;
use crate::preferences::Preferences;
use crate::ui::dynamic::dynamic;

/// Lines, a table, a list.
#[component]
pub fn Timeline(
    /// Who.
    person: Arc<Person>,
    /// What is pinned is watched at first.
    pins: Pins,
) -> impl IntoView {
    let shown = Shown::of(&person, pins);
    listen_to_keys(shown);
    let progress = dynamic(move || {
        let class = ["progress", "progress is-running"][usize::from(shown.is_busy())];
        view! { <div class=class></div> }.into_any()
    });
    view! {
        <section class="panel timeline" aria-labelledby="timeline-title">
            {progress}
            <Watched shown person/>
            <Chart shown/>
        </section>
        <div class="timeline-below">
            <Between shown/>
            <Changes shown/>
        </div>
    }
}

/// The arrows move A, with Shift B; `x` swaps them, `t` makes B now.
fn listen_to_keys(shown: Shown) {
    let preferences = Preferences::expect();
    keyboard::on_shortcut(move |event| {
        if !preferences.has_shortcuts_now() {
            return;
        }
        let key = event.key();
        match key.as_str() {
            "ArrowLeft" | "ArrowRight" => {
                if let Some(step) = Step::of_key(&key) {
                    shown.step(usize::from(event.shift_key()), step);
                }
            }
            "x" => shown.swap(),
            "t" => shown.to_now(),
            _ => return,
        }
        event.prevent_default();
    });
}
