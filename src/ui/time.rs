//! Moments.

use leptos::prelude::*;
use persons_api::Timestamp;

use crate::platform::clock;
use crate::platform::intl::{self, Distance};

/// A moment: how long ago under a week, the day after that; the exact time when pointed at.
#[component]
pub fn Time(
    /// The moment; `None` when it is not known.
    at: Option<Timestamp>,
    /// Whole words, for running text.
    #[prop(optional)]
    in_words: bool,
) -> impl IntoView {
    let Some(at) = at else {
        return view! { <span class="missing" role="img" aria-label="not known">"–"</span> }
            .into_any();
    };
    let text = match Distance::under_a_week(at, clock::now()) {
        _ if in_words => intl::ago_in_words(at),
        Some(distance) => intl::relative(distance),
        None => intl::day(at),
    };
    view! {
        <time datetime=at.to_string() title=intl::moment(at)>
            {text}
        </time>
    }
    .into_any()
}
