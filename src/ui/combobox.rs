//! A text field with suggestions: an ARIA combobox with a list box. Any text may be entered; suggestions
//! only save typing.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text it enters.
    pub text: String,
    /// What is known about it: a type, a count.
    pub note: String,
}

/// A text field with suggestions.
#[component]
pub fn Combobox(
    /// The field's id; the list's and the suggestions' are made from it.
    id: &'static str,
    /// The words above the field.
    label: &'static str,
    /// The text in the field.
    text: RwSignal<String>,
    /// What is suggested for it.
    suggestions: Memo<Vec<Suggestion>>,
    /// Called with a suggestion that was chosen, after the field has its text.
    #[prop(optional)]
    on_choose: Option<Callback<String>>,
    /// Called for Enter when no suggestion is chosen.
    #[prop(optional)]
    on_enter: Option<Callback<()>>,
    /// Names a paragraph that describes what is wrong.
    #[prop(optional, into)]
    described_by: Signal<Option<String>>,
    /// What to enter, by example.
    #[prop(optional)]
    placeholder: &'static str,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let list_id = format!("{id}-list");
    let option_id = move |index: usize| format!("{id}-option-{index}");
    // A suggestion that is what stands in the field already helps nobody.
    let offered = Memo::new(move |_| {
        let (all, text) = (suggestions.get(), text.get());
        if all.len() == 1 && all[0].text == text {
            Vec::new()
        } else {
            all
        }
    });
    let is_open = move || open.get() && !offered.read().is_empty();
    let choose = move |chosen: String| {
        text.set(chosen.clone());
        open.set(false);
        active.set(None);
        if let Some(on_choose) = on_choose {
            on_choose.run(chosen);
        }
    };
    let on_keydown = move |event: KeyboardEvent| {
        let count = offered.read_untracked().len();
        let step = |to: usize| {
            event.prevent_default();
            open.set(true);
            active.set((count > 0).then_some(to));
        };
        match (event.key().as_str(), active.get_untracked()) {
            ("ArrowDown", None) => step(0),
            ("ArrowDown", Some(at)) => step((at + 1) % count.max(1)),
            ("ArrowUp", None | Some(0)) => step(count.saturating_sub(1)),
            ("ArrowUp", Some(at)) => step(at - 1),
            ("Enter", Some(at)) if open.get_untracked() && at < count => {
                event.prevent_default();
                choose(offered.read_untracked()[at].text.clone());
            }
            ("Enter", _) => {
                if let Some(on_enter) = on_enter {
                    event.prevent_default();
                    on_enter.run(());
                }
            }
            // The first Escape closes the list, the next one what the field stands in.
            ("Escape", _) if open.get_untracked() && count > 0 => {
                event.stop_propagation();
                open.set(false);
                active.set(None);
            }
            _ => {}
        }
    };
    let option = move |(index, Suggestion { text, note }): (usize, Suggestion)| {
        let chosen = text.clone();
        view! {
            <li
                role="option"
                id=option_id(index)
                class="combobox-option"
                aria-selected=move || if active.get() == Some(index) { "true" } else { "false" }
                // Not `click`: the field would lose the focus first and close the list.
                on:mousedown=move |event| {
                    event.prevent_default();
                    choose(chosen.clone());
                }
            >
                <bdi>{text}</bdi>
                <span class="combobox-note">{note}</span>
            </li>
        }
    };
    view! {
        <div class="combobox">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                role="combobox"
                class="field"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                aria-autocomplete="list"
                aria-controls=list_id.clone()
                aria-expanded=move || if is_open() { "true" } else { "false" }
                aria-activedescendant=move || {
                    active.get().filter(|_| is_open()).map(option_id)
                }
                aria-invalid=move || described_by.get().map(|_| "true")
                aria-describedby=move || described_by.get()
                prop:value=text
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    open.set(true);
                    active.set(None);
                }
                // Where something is wrong, the words about it stand below and must not be covered.
                on:focus=move |_| open.set(described_by.get_untracked().is_none())
                on:blur=move |_| {
                    open.set(false);
                    active.set(None);
                }
                on:keydown=on_keydown
            />
            <ul
                role="listbox"
                id=list_id
                class="combobox-list"
                aria-label=format!("Suggestions for {label}")
                hidden=move || !is_open()
            >
                {move || offered.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
        </div>
    }
}
