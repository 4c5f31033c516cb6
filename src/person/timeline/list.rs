//! The changes as a list: all that the lines show, for those who do not see them, and for those who read.

use leptos::prelude::*;
use persons_api::Timestamp;

use super::changes::Change;
use super::state::{LETTERS, Shown};
use crate::activity::changes;
use crate::platform::intl;
use crate::ui::button::Button;
use crate::ui::dynamic::dynamic;

/// Changes drawn before asking.
const AT_ONCE: usize = 50;

/// The changes, newest first, each with two buttons that take A or B there.
#[component]
pub fn Changes(shown: Shown) -> impl IntoView {
    let is_all = RwSignal::new(false);
    dynamic(move || {
        let picture = shown.picture.get();
        let count = picture.changes.len();
        if count == 0 {
            return ().into_any();
        }
        let limit = if is_all.get() { count } else { AT_ONCE };
        let items = picture.changes.iter().enumerate().rev().take(limit);
        let items: Vec<AnyView> = items
            .map(|(place, change)| item(shown, change, place == 0))
            .collect();
        let more = (count > limit).then(|| {
            view! {
                <div class="entries-foot">
                    <Button on_click=move |_| is_all.set(true)>
                        {format!("Show all {}", intl::number(count as u64))}
                    </Button>
                </div>
            }
        });
        view! {
            <section class="panel" aria-labelledby="timeline-changes">
                <div class="timeline-head">
                    <h2 id="timeline-changes">"Changes"</h2>
                    <span class="page-count">"newest first"</span>
                </div>
                <ol class="entries timeline-list" aria-labelledby="timeline-changes" tabindex="0">
                    {items}
                </ol>
                {more.into_any()}
            </section>
        }
        .into_any()
    })
}

fn item(shown: Shown, change: &Change, is_first: bool) -> AnyView {
    let at = change.at;
    let movers: Vec<AnyView> = [0, 1]
        .map(|which| dynamic(move || mover(shown, which, at)))
        .into();
    let first = is_first.then(|| view! { <p class="note">"First event in this range"</p> });
    view! {
        <li class="entry">
            <p class="entry-head">
                <time datetime=at.to_string() title=intl::moment(at)>{intl::minute(at)}</time>
                <span class="timeline-tools">{movers}</span>
            </p>
            {first.into_any()}
            {changes(change.lines.clone(), is_first)}
        </li>
    }
    .into_any()
}

/// A button that takes A or B to a change; it is pressed while they are there.
fn mover(shown: Shown, which: usize, at: Timestamp) -> AnyView {
    let letter = LETTERS[which];
    let label = ["Move ", letter, " to ", &intl::minute(at)].concat();
    let is_here = shown.moments()[which] == at;
    view! {
        <button
            type="button"
            class="timeline-mover"
            aria-label=label
            aria-pressed=if is_here { "true" } else { "false" }
            on:click=move |_| shown.set_moment(which, at)
        >
            {letter}
        </button>
    }
    .into_any()
}
