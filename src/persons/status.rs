//! The line under the list: how much of it is loaded.

use leptos::prelude::*;

use super::list::PeopleList;
use super::source::{Phase, Source};
use crate::platform::intl;
use crate::routes::{PersonsState, Who};
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{text, when};

/// The line.
#[component]
pub fn Status(source: Source, question: Memo<PersonsState>) -> impl IntoView {
    let words = text(move || match (&*source.list.read(), source.phase.get()) {
        (None, _) | (_, Phase::Failed(_)) => String::new(),
        (Some(list), _) if list.rows().is_empty() && list.next().is_none() => String::new(),
        (Some(list), Phase::More) => format!("{} · loading more…", loaded(list)),
        (Some(list), Phase::MoreFailed(error)) => {
            format!("{} · more could not be loaded. {error}", loaded(list))
        }
        (Some(list), _) => [loaded(list).as_str(), within(list, &question.read())].concat(),
    });
    let has_failed = move || matches!(*source.phase.read(), Phase::MoreFailed(_));
    let again = move || {
        view! {
            <Button loudness=Loudness::Quiet on_click=move |_| source.ask_more()>
                "Try again"
            </Button>
        }
        .into_any()
    };
    view! {
        <div class="list-status">
            <span>{words}</span>
            {when(has_failed, again)}
        </div>
    }
}

/// What is true of the loaded people only, as long as there are others.
fn within(list: &PeopleList, question: &PersonsState) -> &'static str {
    match (list.next(), question.who, &question.sort) {
        (None, ..) | (_, Who::Everybody, None) => "",
        (_, Who::Everybody, Some(_)) => " · sorted within what is loaded",
        (_, _, None) => " · chosen within what is loaded",
        (..) => " · chosen and sorted within what is loaded",
    }
}

/// `300 of 14,203 loaded`
fn loaded(list: &PeopleList) -> String {
    let loaded = list.rows().len() as u64;
    let number = intl::number(loaded);
    match (list.next(), list.total().exactly()) {
        (None, _) => "All loaded".into(),
        (Some(_), Some(total)) => format!("{number} of {} loaded", intl::number(total)),
        (Some(_), None) => format!("{number} loaded, more exist"),
    }
}
