//! Fields of the builder: native controls, each of one kind, so that the app stays small.

use leptos::prelude::*;

/// What a field is told that was chosen or typed.
pub type Tell = Box<dyn Fn(String)>;

/// What a field shows.
pub type Show = Box<dyn Fn() -> String + Send>;

/// One of a few words: each with its value and its name.
pub fn choice(
    label: &'static str,
    heard: &'static str,
    options: Vec<(String, String)>,
    shown: impl Fn() -> String + Send + Sync + Clone + 'static,
    tell: impl Fn(String) + 'static,
) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, name)| {
            let shown = shown.clone();
            let this = value.clone();
            view! { <option value=value prop:selected=move || shown() == this>{name}</option> }
                .into_any()
        })
        .collect();
    chosen(label, heard, options, Box::new(tell))
}

fn chosen(label: &'static str, heard: &'static str, options: Vec<AnyView>, tell: Tell) -> AnyView {
    let unnamed = label.is_empty().then_some(heard);
    view! {
        <label class="control">
            {named(label)}
            <select class="field" aria-label=unnamed on:change=move |event| tell(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// What is typed: taken when it is finished, with Enter or by leaving the field.
pub struct Text {
    /// The id, for the focus; made up if empty.
    pub id: String,
    /// What it is; empty where its place says it.
    pub label: &'static str,
    /// What it is for those who do not see its place.
    pub heard: &'static str,
    /// The id of a list of suggestions; empty for none.
    pub list: &'static str,
    /// What to type, by example.
    pub placeholder: &'static str,
    /// `text`, `number` or `date`.
    pub kind: &'static str,
}

/// A field for it.
pub fn text(
    field: Text,
    shown: impl Fn() -> String + Send + 'static,
    tell: impl Fn(String) + 'static,
) -> AnyView {
    typed(field, Box::new(shown), Box::new(tell))
}

fn typed(field: Text, shown: Show, tell: Tell) -> AnyView {
    let Text {
        id,
        label,
        heard,
        list,
        placeholder,
        kind,
    } = field;
    let list = (!list.is_empty()).then_some(list);
    let id = (!id.is_empty()).then_some(id);
    let unnamed = label.is_empty().then_some(heard);
    let class = ["control control-", kind].concat();
    view! {
        <label class=class>
            {named(label)}
            <input
                class="field"
                aria-label=unnamed
                id=id
                type=kind
                list=list
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=shown
                on:change=move |event| tell(event_target_value(&event).trim().to_owned())
            />
        </label>
    }
    .into_any()
}

/// Yes or no.
pub fn tick(
    label: &'static str,
    shown: impl Fn() -> bool + Send + 'static,
    tell: impl Fn(bool) + 'static,
) -> AnyView {
    ticked(label, Box::new(shown), Box::new(tell))
}

fn ticked(
    label: &'static str,
    shown: Box<dyn Fn() -> bool + Send>,
    tell: Box<dyn Fn(bool)>,
) -> AnyView {
    view! {
        <label class="control-tick">
            <input
                type="checkbox"
                prop:checked=shown
                on:change=move |event| tell(event_target_checked(&event))
            />
            {label}
        </label>
    }
    .into_any()
}

/// What a field is called. One whose place says it is named so only for those who hear it.
fn named(label: &'static str) -> AnyView {
    if label.is_empty() {
        return ().into_any();
    }
    view! { <span class="control-label">{label}</span> }.into_any()
}
