//! While the person is on the way: as large as what will come, so that nothing moves.

use leptos::prelude::*;

use crate::ui::skeleton::SkeletonRows;

/// Stands in for the head, the tabs and the table.
#[component]
pub fn Waiting() -> impl IntoView {
    view! {
        <h1 class="visually-hidden">"Loading this person"</h1>
        <div class="person-top person-waiting" aria-hidden="true">
            <div class="person-header">
                <span class="skeleton skeleton-avatar"></span>
                <span class="person-who">
                    <span class="skeleton skeleton-title"></span>
                    <span class="skeleton skeleton-facts"></span>
                </span>
            </div>
        </div>
        <div class="person-body">
            <div class="panel">
                <SkeletonRows rows=12/>
            </div>
        </div>
    }
}
