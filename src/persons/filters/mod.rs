//! Narrowing the list by conditions on properties, in a row: `or` binds closer than `and`.
//!
//! How a condition reads, and how one is made from what is typed, is in `src/conditions/`.
//! [`bar`] shows the conditions, [`editor`] changes one.

mod bar;
mod editor;
pub(super) mod suggestions;

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, PropertyFilter};

use self::editor::Editor;
use crate::conditions::draft::Draft;

pub use bar::{FilterBar, open_from_keyboard};

/// What the editor begins with, and whom it tells.
#[derive(Clone)]
struct Opened {
    draft: Draft,
    /// People whose keys can be suggested.
    rows: Memo<Vec<Arc<Person>>>,
    /// Called with the finished condition.
    on_finish: Callback<PropertyFilter>,
    /// Called when it is given up.
    on_cancel: Callback<()>,
}

crate::part! {
    /// The editor of a condition: not needed to see the list.
    opened in tools: Opened, |Opened { draft, rows, on_finish, on_cancel }| {
        view! { <Editor draft rows on_finish on_cancel/> }.into_any()
    }
}
