//! While the person is on the way: as large as what will come, so that nothing moves.

use leptos::prelude::*;

use crate::person::address::PersonTab;
use crate::ui::skeleton::SkeletonRows;

/// Stands in for the head, the tabs and the panels.
#[component]
pub fn Waiting(
    /// What will come.
    tab: PersonTab,
) -> impl IntoView {
    let panel = |rows: usize| view! { <div class="panel"><SkeletonRows rows/></div> };
    let panels = match tab {
        PersonTab::Overview => {
            view! { <div class="overview">{[8, 6, 4].map(panel)}</div> }.into_any()
        }
        _ => panel(12).into_any(),
    };
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
        <div class="person-body">{panels}</div>
    }
}
