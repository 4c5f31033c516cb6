//! Who it is: name, ids, first and last seen.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use super::deeds::Deed;
use super::ids::Ids;
use crate::navigation::Navigation;
use crate::outbox::Pending;
use crate::people::{self, Name};
use crate::routes::Route;
use crate::tray::ToggleButton;
use crate::ui::avatar::Avatar;
use crate::ui::button::{Button, IconButton, Loudness};
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::either;
use crate::ui::icon::Icon;
use crate::ui::time::Time;

/// The head of the page.
#[component]
pub fn Header(
    /// Who.
    person: Arc<Person>,
    /// Shows all that they are known by.
    on_ids: Callback<()>,
    /// Loads everything again.
    on_again: Callback<()>,
    /// Opens the dialog of a deed.
    on_deed: Callback<Deed>,
) -> impl IntoView {
    let can_split = person.ids() > 1;
    let is_read_only = Pending::expect().is_read_only();
    let deeds = move || {
        let deed = |deed: Deed, words: &'static str| {
            let on_click = move |_| on_deed.run(deed);
            view! { <Button loudness=Loudness::Quiet on_click=on_click>{words}</Button> }
        };
        let split = can_split.then(|| deed(Deed::Split, "Split…"));
        view! {
            {split}
            {deed(Deed::Delete, "Delete…")}
        }
        .into_any()
    };
    let navigation = Navigation::expect();
    let name = people::name(&person);
    let is_anonymous = matches!(name, Name::Anonymous(_));
    // Most people's first id is their e-mail address already.
    let email = people::email(&person)
        .filter(|email| *email != name.text())
        .filter(|email| person.distinct_ids.first().is_none_or(|id| id != email))
        .map(str::to_owned);
    // What is an id, too, is copied where the ids are.
    let copied = name.known().map(str::to_owned);
    let copied = copied.filter(|name| !person.distinct_ids.contains(name));
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <a href=move || Route::Persons(navigation.last_list()).url()>
                <Icon name="back"/>
                "People"
            </a>
        </nav>
        <header class="person-header">
            <Avatar
                name=name.known().map(str::to_owned)
                seed=person.uuid.to_string()
                large=true
            />
            <div class="person-who">
                <div class="person-name">
                    <div class="person-title">
                        <h1 class:mono=is_anonymous>
                            <bdi>{name.text().to_owned()}</bdi>
                        </h1>
                        {copied
                            .map(|name| {
                                view! { <CopyButton what="name" text=move || name.clone()/> }
                            })}
                    </div>
                    <IdentifiedTag is_identified=person.is_identified/>
                </div>
                <div class="person-facts">
                    {email.map(|email| view! { <Email email/> })}
                    <Ids person=person.clone() on_all=on_ids/>
                    <span class="fact">"First seen " <Time at=person.created_at in_words=true/></span>
                    {person
                        .last_seen_at
                        .map(|at| {
                            view! {
                                <span class="fact">"Last seen " <Time at=Some(at) in_words=true/></span>
                            }
                        })}
                </div>
            </div>
            <div class="person-actions">
                {either(move || is_read_only.get(), || ().into_any(), deeds)}
                <ToggleButton person=person.clone()/>
                <CopyButton what="link" text=move || navigation.link()/>
                <IconButton
                    icon="refresh"
                    label=Signal::stored("Load again".to_owned())
                    on_click=move |_| on_again.run(())
                />
            </div>
        </header>
    }
}

/// Some servers do not say, and then nothing is claimed.
#[component]
fn IdentifiedTag(is_identified: Option<bool>) -> impl IntoView {
    is_identified.map(|is_identified| {
        if is_identified {
            view! { <span class="tag tag-success">"identified"</span> }
        } else {
            view! { <span class="tag">"anonymous"</span> }
        }
    })
}

#[component]
fn Email(email: String) -> impl IntoView {
    let copied = email.clone();
    view! {
        <span class="fact">
            <bdi>{email}</bdi>
            <CopyButton what="e-mail address" text=move || copied.clone()/>
        </span>
    }
}
