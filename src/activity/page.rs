//! What was done to people in the whole project.

use leptos::prelude::*;

use super::list::ActivityList;
use crate::platform::document;

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    document::set_title("Activity · Persons");
    view! {
        <div class="page page-activity">
            <h1>"Activity"</h1>
            <ActivityList person=None/>
        </div>
    }
}
