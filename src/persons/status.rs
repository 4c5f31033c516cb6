//! The line under the list: how much of it is loaded.

use leptos::prelude::*;

use super::list::{Basis, PeopleList};
use super::source::{Phase, Source};
use crate::platform::intl;
use crate::routes::{PersonsState, Who};
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{text, when};

crate::part! {
    /// The line. It can come after the rows it speaks of.
    pub status in device: (Source, Memo<PersonsState>), |(source, question)| {
        view! { <Status source question/> }.into_any()
    }
}

#[component]
fn Status(source: Source, question: Memo<PersonsState>) -> impl IntoView {
    let words = text(move || {
        let list = source.list.read();
        let Some(list) = &*list else {
            return String::new();
        };
        let known = match list.basis() {
            _ if list.rows().is_empty() && list.next().is_empty() => return String::new(),
            Basis::Server => loaded(list),
            Basis::Kept(at) => format!("As of {}", intl::ago_in_words(at)),
            Basis::Device => format!("{} found on this device", intl::number(list.unnamed())),
        };
        match source.phase.get() {
            Phase::First if list.basis() != Basis::Server => {
                format!("{known} · asking the server…")
            }
            Phase::First | Phase::Ready => {
                [known.as_str(), within(list, &question.read())].concat()
            }
            Phase::More => format!("{known} · loading more…"),
            Phase::Failed(error) => format!("{known}. {error}"),
            Phase::MoreFailed(error) => format!("{known} · more could not be loaded. {error}"),
        }
    });
    let has_failed = move || {
        matches!(
            *source.phase.read(),
            Phase::Failed(_) | Phase::MoreFailed(_)
        )
    };
    let ask = move || match source.phase.get_untracked() {
        Phase::Failed(_) => source.ask(&question.get_untracked().question(), || {}),
        _ => source.ask_more(),
    };
    let again = move || {
        view! {
            <Button loudness=Loudness::Quiet on_click=move |_| ask()>
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
        ([], ..) | (_, Who::Everybody, None) => "",
        (_, Who::Everybody, Some(_)) => " · sorted within what is loaded",
        (_, _, None) => " · chosen within what is loaded",
        (..) => " · chosen and sorted within what is loaded",
    }
}

/// `300 of 14,203 loaded`
fn loaded(list: &PeopleList) -> String {
    let loaded = list.rows().len() as u64 - list.unnamed();
    let number = intl::number(loaded);
    let words = match (list.next(), list.total().exactly()) {
        ([], _) => "All loaded".into(),
        (_, Some(total)) => format!("{number} of {} loaded", intl::number(total)),
        (_, None) => format!("{number} loaded, more exist"),
    };
    match list.unnamed() {
        0 => words,
        unnamed => format!("{words} · {} on this device only", intl::number(unnamed)),
    }
}
