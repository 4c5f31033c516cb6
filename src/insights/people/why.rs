//! Why somebody is behind a number.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::behind::Row;
use crate::insights::page::Model;

/// What put one person there.
#[component]
pub fn Why(model: Model, row: Arc<Row>, on_close: Callback<()>) -> impl IntoView {
    let _ = (model, row);
    view! { <button type="button" on:click=move |_| on_close.run(())>"Close"</button> }
}
