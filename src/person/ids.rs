//! What a person is known by: one id at once, the others on request. Some people have thousands.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use crate::people;
use crate::platform::intl;
use crate::platform::text::lowercase;
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::{self, Member, each, when};
use crate::ui::search_field::SearchField;

/// Ids that are drawn at once in the list of all.
const AT_ONCE: usize = 50;

/// The id of the list of all.
const LIST_ID: &str = "all-ids";

/// The first id, the way to the others, and the UUID.
#[component]
pub fn Ids(
    /// Whose.
    person: Arc<Person>,
    /// Whether the list of all is shown.
    all_open: RwSignal<bool>,
) -> impl IntoView {
    let first = person.distinct_ids.first().cloned();
    let more = person.ids().saturating_sub(u64::from(first.is_some()));
    let noun = if more == 1 { "id" } else { "ids" };
    let first = first.map(|id| {
        view! {
            <span class="fact">
                "ID " <Id id what="distinct id"/>
            </span>
        }
    });
    let others = (more > 0).then(|| {
        view! {
            <button
                type="button"
                class="tag ids-more"
                aria-expanded=move || if all_open.get() { "true" } else { "false" }
                aria-controls=move || all_open.get().then_some(LIST_ID)
                on:click=move |_| all_open.update(|open| *open = !*open)
            >
                {format!("+{} {noun}", intl::number(more))}
            </button>
        }
    });
    view! {
        {first}
        {others}
        <span class="fact">
            "UUID " <Id id=person.uuid.to_string() what="UUID"/>
        </span>
    }
}

/// All ids that the server sent, to be searched and copied.
#[component]
pub fn AllIds(person: Arc<Person>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let is_all = RwSignal::new(false);
    let sent = person.distinct_ids.len();
    let note = unsent(sent as u64, person.ids());
    let fitting = Memo::new(move |_| fitting(&person.distinct_ids, &text.read()));
    let limit = move || if is_all.get() { usize::MAX } else { AT_ONCE };
    let shown = move || {
        let ids = fitting.read();
        let member = |id: &String| {
            let id = id.clone();
            Member::new(id.clone(), || {
                view! { <li><Id id what="distinct id" is_whole=true/></li> }.into_any()
            })
        };
        ids.iter().take(limit()).map(member).collect()
    };
    view! {
        <section id=LIST_ID class="all-ids" aria-label="Distinct ids">
            {(sent > AT_ONCE).then(|| view! { <SearchField text label="Search ids" placeholder="Search ids"/> })}
            <ul class="all-ids-list">
                {each(shown)}
            </ul>
            {when(
                move || fitting.read().is_empty(),
                || {
                    view! { <p class="note" role="status">"No id contains this text."</p> }
                        .into_any()
                },
            )}
            {when(
                move || fitting.read().len() > AT_ONCE,
                move || view! { <Switch is_all fitting/> }.into_any(),
            )}
            {note.map(|note| view! { <p class="note">{note}</p> })}
        </section>
    }
}

/// Shows all of the ids that fit, or the first again.
#[component]
fn Switch(is_all: RwSignal<bool>, fitting: Memo<Vec<String>>) -> impl IntoView {
    let words = dynamic::text(move || {
        if is_all.get() {
            format!("Show the first {AT_ONCE}")
        } else {
            format!("Show all {}", intl::number(fitting.read().len() as u64))
        }
    });
    view! {
        <button
            type="button"
            class="button"
            on:click=move |_| is_all.update(|is_all| *is_all = !*is_all)
        >
            {words}
        </button>
    }
}

/// One id and the button that copies it. Beside other facts it is cut in its middle.
#[component]
fn Id(id: String, what: &'static str, #[prop(optional)] is_whole: bool) -> impl IntoView {
    let shown = if is_whole {
        id.clone()
    } else {
        people::shortened(&id)
    };
    let copied = id.clone();
    view! {
        <span class="id">
            <bdi class="mono" title=id>{shown}</bdi>
            <CopyButton what text=move || copied.clone()/>
        </span>
    }
}

/// The ids that contain a text, in any case.
fn fitting(ids: &[String], text: &str) -> Vec<String> {
    let text = lowercase(text.trim());
    let fits = |id: &&String| lowercase(id).contains(&text);
    ids.iter().filter(fits).cloned().collect()
}

/// Servers send a thousand ids at most.
fn unsent(sent: u64, total: u64) -> Option<String> {
    (sent < total).then(|| {
        let (sent, total) = (intl::number(sent), intl::number(total));
        format!("The server sent {sent} of {total} ids.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_searched_in_any_case() {
        let ids = ["Ada@x.org", "dev-9", "🦄 user"].map(str::to_owned);
        assert_eq!(fitting(&ids, " ADA "), ["Ada@x.org"]);
        assert_eq!(fitting(&ids, "🦄"), ["🦄 user"]);
        assert_eq!(fitting(&ids, "").len(), 3);
        assert!(fitting(&ids, "nobody").is_empty());
    }
}
