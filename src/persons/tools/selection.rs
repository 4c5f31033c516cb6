//! What can be done with people who were selected.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use super::bulk::{Bulk, Deed, bulk};
use super::export::{columns_of, save};
use crate::navigation::Navigation;
use crate::outbox::Pending;
use crate::people;
use crate::platform::intl;
use crate::routes::{MOST_COMPARED, PersonsState, Route};
use crate::ui::button::{Button, Loudness};
use crate::ui::copy::copy;
use crate::ui::dynamic::{dynamic, either, text};
use crate::ui::notice::Notices;
use crate::ui::part;

/// Who was selected, of whom.
#[derive(Clone)]
pub struct Selection {
    /// The columns of a file are those of the screen.
    pub question: Memo<PersonsState>,
    /// The people on the screen.
    pub rows: Memo<Vec<Arc<Person>>>,
    /// Those of them who were selected.
    pub selected: RwSignal<Vec<Uuid>>,
}

crate::part! {
    /// The bar under the list, while somebody is selected.
    pub selection in tools: Selection, |selection| view! { <Bar selection/> }.into_any()
}

#[component]
fn Bar(selection: Selection) -> impl IntoView {
    let Selection {
        question,
        rows,
        selected,
    } = selection;
    let (navigation, notices) = (Navigation::expect(), Notices::expect());
    // Another search may have left some of them out.
    let people = move || {
        let selected = selected.read_untracked();
        let rows = rows.read_untracked();
        let is_selected = |person: &&Arc<Person>| selected.contains(&person.uuid);
        rows.iter().filter(is_selected).cloned().collect::<Vec<_>>()
    };
    let words = text(move || {
        let selected = selected.read();
        let rows = rows.read();
        let is_here = |person: &&Arc<Person>| selected.contains(&person.uuid);
        let here = rows.iter().filter(is_here).count();
        match selected.len() - here {
            0 => format!("{} selected", intl::number(here as u64)),
            gone => format!(
                "{} selected, {} more not in this list",
                intl::number(here as u64),
                intl::number(gone as u64)
            ),
        }
    });
    let copy_emails = move |_| {
        let people = people();
        let emails: Vec<_> = people
            .iter()
            .filter_map(|person| people::email(person))
            .collect();
        copy(notices, "e-mail addresses".into(), emails.join("\n"));
    };
    let copy_ids = move |_| {
        let people = people();
        let ids: Vec<_> = people
            .iter()
            .flat_map(|person| &person.distinct_ids)
            .collect();
        let ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
        copy(notices, "distinct IDs".into(), ids.join("\n"));
    };
    let export = move |_| {
        let people = people();
        let columns = columns_of(&question.read_untracked().columns, &people);
        save(&columns, &people);
        notices.show("Exported to people.csv.".into());
    };
    let deed = RwSignal::new(None);
    let dialog = dynamic(move || match deed.get() {
        Some(chosen) => part::widget(
            bulk,
            Bulk {
                deed: chosen,
                people: people(),
                on_close: Callback::new(move |()| deed.set(None)),
            },
        ),
        None => ().into_any(),
    });
    let compare = move |_| {
        let people = selected.get_untracked();
        if (2..=MOST_COMPARED).contains(&people.len()) {
            navigation.go(Route::Compare(people));
        } else {
            notices.show("Select two to four people to compare them.".into());
        }
    };
    let is_read_only = Pending::expect().is_read_only();
    let changing = move || {
        let button = |chosen: Deed, words: &'static str| {
            let on_click = move |_| deed.set(Some(chosen));
            view! { <Button loudness=Loudness::Quiet on_click=on_click>{words}</Button> }
        };
        view! {
            {button(Deed::Edit, "Edit…")}
            {button(Deed::Delete, "Delete…")}
        }
        .into_any()
    };
    view! {
        <div class="selection" role="group" aria-label="Selected people">
            <span role="status">{words}</span>
            {either(move || is_read_only.get(), || ().into_any(), changing)}
            <Button loudness=Loudness::Quiet on_click=compare>"Compare"</Button>
            <Button loudness=Loudness::Quiet on_click=copy_emails>"Copy e-mail addresses"</Button>
            <Button loudness=Loudness::Quiet on_click=copy_ids>"Copy distinct IDs"</Button>
            <Button loudness=Loudness::Quiet on_click=export>"Export"</Button>
            <Button loudness=Loudness::Quiet on_click=move |_| selected.set(Vec::new())>"Clear"</Button>
        </div>
        {dialog}
    }
}
