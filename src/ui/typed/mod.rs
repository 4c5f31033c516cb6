//! A value being typed: its type is chosen, and the field fits the type.

mod draft;

use leptos::prelude::*;

pub use self::draft::{Draft, Type};
use super::dynamic::{dynamic, text};

/// The field of the value.
pub const VALUE_ID: &str = "edit-value";

/// Which type the value is of. It changes only when somebody says so.
#[component]
pub fn Types(
    /// What is typed.
    draft: RwSignal<Draft>,
    /// Takes in what becomes of it.
    change_draft: Callback<Draft>,
) -> impl IntoView {
    let choice = |(kind, name): (Type, &'static str)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="edit-type"
                    prop:checked=move || draft.read().kind == kind
                    on:change=move |_| change_draft.run(Draft { kind, ..draft.get_untracked() })
                />
                {name}
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset>
            <legend>"Type"</legend>
            {Type::ALL.map(choice).collect_view()}
        </fieldset>
    }
}

/// The field that fits the type.
#[component]
pub fn ValueField(
    /// What is typed.
    draft: RwSignal<Draft>,
    /// Takes in what becomes of it.
    change_draft: Callback<Draft>,
    /// What is wrong with it; the element `edit-problem` says so.
    problem: RwSignal<String>,
) -> impl IntoView {
    let kind = Memo::new(move |_| draft.read().kind);
    let typed = Callback::new(move |text: String| {
        change_draft.run(Draft {
            text,
            ..draft.get_untracked()
        });
    });
    let is_wrong = move || (!problem.read().is_empty()).then_some("true");
    let field = dynamic(move || {
        match kind.get() {
        Type::Null => view! { <p class="note" id=VALUE_ID tabindex="-1">"null says: known to be nothing."</p> }.into_any(),
        Type::Boolean => view! {
            <label class="choice">
                <input
                    id=VALUE_ID
                    type="checkbox"
                    prop:checked=move || draft.read().flag
                    on:change=move |event| {
                        let flag = event_target_checked(&event);
                        change_draft.run(Draft { flag, ..draft.get_untracked() });
                    }
                />
                {text(move || draft.read().flag.to_string())}
            </label>
        }
        .into_any(),
        Type::Json | Type::Text => view! {
            <textarea
                id=VALUE_ID
                class="field edit-text"
                class:mono=move || kind.get() == Type::Json
                rows=move || draft.read().text.lines().count().clamp(1, 12)
                spellcheck="false"
                aria-label="Value"
                aria-describedby="edit-problem"
                aria-invalid=is_wrong
                prop:value=move || draft.read().text.clone()
                on:input=move |event| typed.run(event_target_value(&event))
            ></textarea>
        }
        .into_any(),
        Type::Number | Type::Date => view! {
            <input
                id=VALUE_ID
                class="field"
                autocomplete="off"
                aria-label="Value"
                aria-describedby="edit-problem"
                aria-invalid=is_wrong
                prop:value=move || draft.read().text.clone()
                on:input=move |event| typed.run(event_target_value(&event))
            />
        }
        .into_any(),
    }
    });
    view! {
        <span class="edit-label">"Value"</span>
        {field}
    }
}
