//! Buttons.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::Icon;

/// How loud a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loudness {
    /// The one thing to do here.
    Primary,
    /// One of several.
    #[default]
    Plain,
    /// Beside content, or one of many.
    Quiet,
}

impl Loudness {
    /// Its classes, for buttons that are made elsewhere.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Plain => "button",
            Self::Quiet => "button button-quiet",
        }
    }
}

/// A button with words.
#[component]
pub fn Button(
    /// What it does.
    on_click: impl Fn(MouseEvent) + 'static,
    /// How loud it is.
    #[prop(optional)]
    loudness: Loudness,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// The key that does the same, shown beside the words.
    #[prop(optional)]
    shortcut: Option<&'static str>,
    /// The words.
    children: Children,
) -> impl IntoView {
    worded(Box::new(on_click), loudness, icon, shortcut, children)
}

/// What a button does, of one type for all of them.
type OnClick = Box<dyn Fn(MouseEvent)>;

fn worded(
    on_click: OnClick,
    loudness: Loudness,
    icon: Option<&'static str>,
    shortcut: Option<&'static str>,
    children: Children,
) -> AnyView {
    view! {
        <button
            type="button"
            class=loudness.class()
            aria-keyshortcuts=shortcut
            on:click=on_click
        >
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
            {shortcut.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> })}
        </button>
    }
    .into_any()
}

/// A button that is only an icon. The label is read aloud and shown when it is pointed at or focused.
#[component]
pub fn IconButton(
    /// The icon.
    icon: &'static str,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Does it.
    on_click: impl Fn(MouseEvent) + 'static,
) -> impl IntoView {
    wordless(icon, label, Box::new(on_click))
}

fn wordless(icon: &'static str, label: Signal<String>, on_click: OnClick) -> AnyView {
    view! {
        <button
            type="button"
            class="button button-quiet button-icon"
            aria-label=label
            data-tip=label
            on:click=on_click
        >
            <Icon name=icon/>
        </button>
    }
    .into_any()
}
