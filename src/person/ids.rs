//! What a person is known by: a few ids at once, the others on request. Some people have thousands.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use crate::people;
use crate::platform::intl;
use crate::platform::text::lowercase;
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::{self, Member, each, when};
use crate::ui::search_field::SearchField;

/// Ids that are drawn before asking.
const AT_ONCE: usize = 5;

/// More than these are searched sooner than read.
const SEARCHED: usize = 20;

/// Takes the focus of those who came to see all ids.
pub const IDS_ID: &str = "distinct-ids";

/// The first id and the way to the others, for the head of the page.
#[component]
pub fn Ids(
    /// Whose.
    person: Arc<Person>,
    /// Shows all of them.
    on_all: Callback<()>,
) -> impl IntoView {
    let first = person.distinct_ids.first().cloned();
    let more = person.ids().saturating_sub(u64::from(first.is_some()));
    let noun = if more == 1 { "id" } else { "ids" };
    let first = first.map(|id| {
        view! {
            "ID "
            <Id id what="distinct id"/>
        }
    });
    let others = (more > 0).then(|| {
        view! {
            <button type="button" class="tag ids-more" on:click=move |_| on_all.run(())>
                {format!("+{} {noun}", intl::number(more))}
            </button>
        }
    });
    view! {
        <span class="fact">
            {first}
            {others}
        </span>
    }
}

/// All ids that the server sent, to be searched and copied.
#[component]
pub fn AllIds(
    /// Whose.
    person: Arc<Person>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let is_all = RwSignal::new(false);
    let (sent, total) = (person.distinct_ids.len(), person.ids());
    let note = unsent(sent as u64, total);
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
        <section class="all-ids" aria-labelledby=IDS_ID>
            <h3 id=IDS_ID tabindex="-1">
                "Distinct ids " <span class="tab-count">{intl::number(total)}</span>
            </h3>
            {(sent > SEARCHED).then(|| view! { <SearchField text label="Search ids" placeholder="Search ids"/> })}
            <ul class="all-ids-list">
                {each(shown)}
            </ul>
            {when(
                move || sent > 0 && fitting.read().is_empty(),
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
            class="link"
            on:click=move |_| is_all.update(|is_all| *is_all = !*is_all)
        >
            {words}
        </button>
    }
}

/// One id and the button that copies it. Beside other facts it is cut in its middle.
#[component]
pub fn Id(
    /// The id.
    id: String,
    /// What it is.
    what: &'static str,
    /// Whether all of it is shown.
    #[prop(optional)]
    is_whole: bool,
) -> impl IntoView {
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
