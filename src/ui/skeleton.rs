//! What stands in for content that is on its way. It appears late (see `style/skeleton.css`), so that
//! a quick answer shows no flicker, and is as large as what will come.

use leptos::prelude::*;

/// Lines of a table.
#[component]
pub fn SkeletonRows(
    /// How many.
    rows: usize,
) -> impl IntoView {
    let row = || {
        view! {
            <div class="skeleton-row">
                <span class="skeleton skeleton-dot"></span>
                <span class="skeleton"></span>
                <span class="skeleton"></span>
                <span class="skeleton"></span>
            </div>
        }
    };
    view! {
        <div class="skeleton-rows" aria-hidden="true">
            {(0..rows).map(|_| row()).collect_view()}
        </div>
    }
}
