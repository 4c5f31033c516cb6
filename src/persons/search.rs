//! The search field: asks as one types, and is written into the URL.

use std::time::Duration;

use leptos::prelude::*;

use crate::platform::timer::Later;
use crate::ui::icon::Icon;

/// Quick enough to feel immediate, slow enough not to ask for every letter.
const TYPING_PAUSE: Duration = Duration::from_millis(150);

/// The field's id, for the key that leads to it.
pub const SEARCH_ID: &str = "people-search";

/// The field. `searched` is the text of the URL; `on_search` is called when typing pauses.
#[component]
pub fn Search(
    #[prop(into)] searched: Signal<String>,
    on_search: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(searched.get_untracked());
    let later = Later::new();
    // Back and Forward change the URL, and the field follows; typing is ahead of it.
    Effect::new(move || {
        let searched = searched.get();
        if typed.get_untracked().trim() != searched {
            typed.set(searched);
        }
    });
    let on_input = move |event| {
        typed.set(event_target_value(&event));
        later.run(TYPING_PAUSE, move || {
            on_search.run(typed.get_untracked().trim().to_owned())
        });
    };
    let search_now = move |text: String| {
        later.cancel();
        on_search.run(text);
    };
    let on_keydown = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Escape" if !typed.read_untracked().is_empty() => {
            event.prevent_default();
            typed.set(String::new());
            search_now(String::new());
        }
        "Enter" => search_now(typed.get_untracked().trim().to_owned()),
        _ => {}
    };
    view! {
        <div class="search" role="search">
            <Icon name="search"/>
            <input
                id=SEARCH_ID
                type="search"
                class="field"
                aria-label="Search people"
                aria-keyshortcuts="/"
                placeholder="Search email, name or id"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=typed
                on:input=on_input
                on:keydown=on_keydown
            />
            <kbd aria-hidden="true">"/"</kbd>
        </div>
    }
}
