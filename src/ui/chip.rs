//! A condition in few words, to be changed or taken away.

use leptos::prelude::*;

use super::icon::Icon;

/// `key | operator | value | ×`
#[component]
pub fn Chip(
    /// So that the focus can return to it.
    id: String,
    /// What is looked at.
    key: String,
    /// How it is compared.
    operator: &'static str,
    /// With what; empty when nothing is compared.
    value: String,
    /// Changes it. `None` when it can only be taken away.
    on_edit: Option<Callback<()>>,
    /// Takes it away.
    on_remove: Callback<()>,
) -> impl IntoView {
    let words = [key.as_str(), operator, value.as_str()];
    let sentence = words.join(" ").trim_end().to_owned();
    let remove = format!("Remove filter: {sentence}");
    let value = (!value.is_empty()).then(|| view! { <bdi class="chip-value">{value}</bdi> });
    // The blanks cannot be seen; they keep the words apart for those who hear them.
    let parts = view! {
        <bdi class="chip-key">{key}</bdi>
        " "
        <span class="chip-operator">{operator}</span>
        " "
        {value}
    };
    let body = match on_edit {
        Some(on_edit) => view! {
            <button
                type="button"
                id=id
                class="chip-body"
                aria-haspopup="dialog"
                on:click=move |_| on_edit.run(())
            >
                <span class="visually-hidden">"Edit filter: "</span>
                {parts}
            </button>
        }
        .into_any(),
        None => view! { <span class="chip-body">{parts}</span> }.into_any(),
    };
    view! {
        <li class="chip">
            {body}
            <button
                type="button"
                class="chip-remove"
                aria-label=remove
                on:click=move |_| on_remove.run(())
            >
                <Icon name="close"/>
            </button>
        </li>
    }
}
