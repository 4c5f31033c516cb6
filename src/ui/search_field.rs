//! A field to search in something that is on the screen. Esc empties it.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::icon::Icon;

/// What happened to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// A letter more or less; others may follow at once.
    GoesOn,
    /// Enter, or the text was emptied: nothing more is to be waited for.
    IsDone,
}

/// The field. With an `id` it says that the `/` key leads to it; bringing the focus there is the page's.
#[component]
pub fn SearchField(
    /// What is typed.
    text: RwSignal<String>,
    /// What is searched, for those who do not see the placeholder.
    label: &'static str,
    /// What it can be searched by.
    placeholder: &'static str,
    /// The field's own id, if `/` leads to it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// A landmark's role, where it is the page's main search.
    #[prop(optional)]
    role: Option<&'static str>,
    /// Called after every change of the text, and on Enter.
    #[prop(optional)]
    on_typing: Option<Callback<Typing>>,
) -> impl IntoView {
    let tell = move |typing| {
        if let Some(on_typing) = on_typing {
            on_typing.run(typing);
        }
    };
    let on_input = move |event| {
        text.set(event_target_value(&event));
        tell(Typing::GoesOn);
    };
    let on_keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" if !text.read_untracked().is_empty() => {
            event.prevent_default();
            text.set(String::new());
            tell(Typing::IsDone);
        }
        "Enter" => tell(Typing::IsDone),
        _ => {}
    };
    view! {
        <div class="search" role=role>
            <Icon name="search"/>
            <input
                id=id
                type="search"
                class="field"
                aria-label=label
                aria-keyshortcuts=id.map(|_| "/")
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=text
                on:input=on_input
                on:keydown=on_keydown
            />
            {id.map(|_| view! { <kbd aria-hidden="true">"/"</kbd> })}
        </div>
    }
}
