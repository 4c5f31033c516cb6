//! Narrowing the list by conditions on properties, in a row: `or` binds closer than `and`.
//!
//! [`bar`] shows the conditions, [`editor`] is the dialog that changes one.

mod bar;
mod editor;

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, PropertyFilter};

use self::editor::Editor;

pub use bar::{FilterBar, open_from_keyboard};

/// What the editor begins with, and whom it tells.
#[derive(Clone)]
struct Opened {
    /// The condition that is changed; none makes a new one.
    filter: Option<PropertyFilter>,
    /// People whose keys can be suggested.
    rows: Memo<Vec<Arc<Person>>>,
    /// Called with the finished condition.
    on_finish: Callback<PropertyFilter>,
    /// Called when it is given up.
    on_cancel: Callback<()>,
}

crate::part! {
    /// The editor of a condition: not needed to see the list.
    opened in tools: Opened, |opened| view! { <Editor opened/> }.into_any()
}
