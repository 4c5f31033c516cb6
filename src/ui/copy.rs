//! Copying a text to the clipboard.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::button::IconButton;
use super::notice::Notices;
use crate::platform::clipboard;

/// A button that copies a text and says whether it worked.
#[component]
pub fn CopyButton(
    /// What is copied, in a word or two: `value of plan`.
    #[prop(into)]
    what: String,
    /// The text.
    text: impl Fn() -> String + 'static,
) -> impl IntoView {
    let notices = Notices::expect();
    let label = format!("Copy {what}");
    let on_click = move |_| copy(notices, what.clone(), text());
    view! { <IconButton icon="copy" label on_click/> }
}

/// Copies a text and says whether it worked.
pub fn copy(notices: Notices, what: String, text: String) {
    spawn_local(async move {
        if clipboard::copy(&text).await {
            notices.show(format!("Copied {what}."));
        } else {
            notices.show("The browser did not allow copying.".into());
        }
    });
}
