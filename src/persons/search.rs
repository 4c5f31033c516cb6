//! The search field: asks as one types, and is written into the URL.

use std::time::Duration;

use leptos::prelude::*;

use crate::effect::effect;
use crate::platform::timer::Later;
use crate::ui::search_field::{SearchField, Typing};

/// Quick enough to feel immediate, slow enough not to ask for every letter.
const TYPING_PAUSE: Duration = Duration::from_millis(150);

/// The field's id, for the key that leads to it.
pub const SEARCH_ID: &str = "people-search";

/// The field.
#[component]
pub fn Search(
    /// The text of the URL.
    #[prop(into)]
    searched: Signal<String>,
    /// What can be typed.
    placeholder: &'static str,
    /// Called with every letter.
    on_letter: Callback<String>,
    /// Called when typing pauses.
    on_search: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(searched.get_untracked());
    let later = Later::new();
    // Back and Forward change the URL, and the field follows; typing is ahead of it.
    effect(move |_| {
        let searched = searched.get();
        if typed.get_untracked().trim() != searched {
            typed.set(searched);
        }
    });
    let on_typing = Callback::new(move |typing| {
        let text = move || typed.get_untracked().trim().to_owned();
        let search = move || on_search.run(text());
        on_letter.run(text());
        match typing {
            Typing::GoesOn => later.run(TYPING_PAUSE, search),
            Typing::IsDone => {
                later.cancel();
                search();
            }
        }
    });
    view! {
        <SearchField
            text=typed
            label="Search people"
            placeholder
            id=SEARCH_ID
            role="search"
            on_typing
        />
    }
}
