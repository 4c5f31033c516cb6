//! Somebody beside the list: enough to know whether it is the right one.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use super::columns::is_worth_a_column;
use crate::api::persons::Found;
use crate::api::{Session, load, persons};
use crate::people::{self, Name};
use crate::platform::intl;
use crate::routes::Route;
use crate::tray::ToggleButton;
use crate::ui::avatar::Avatar;
use crate::ui::button::IconButton;
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::{dynamic, text};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::time::Time;
use crate::ui::value::{ValueText, plain};

/// Distinct ids that are shown; the person's page has all of them.
const MOST_IDS: usize = 5;
/// Properties that are shown.
const MOST_PROPERTIES: usize = 24;

/// What the panel is about.
#[derive(Clone)]
pub struct Beside {
    /// Who.
    pub uuid: Memo<Option<Uuid>>,
    /// The people of the list, who need not be asked for again.
    pub rows: Memo<Vec<Arc<Person>>>,
    /// Closes the panel.
    pub on_close: Callback<()>,
}

crate::part! {
    /// The panel: not needed to see the list.
    pub beside in tools: Beside, |beside| view! { <Peek beside/> }.into_any()
}

#[component]
fn Peek(beside: Beside) -> impl IntoView {
    let Beside {
        uuid,
        rows,
        on_close,
    } = beside;
    let client = StoredValue::new(Session::expect().client);
    let listed = Memo::new_with_compare(
        move |_| {
            let uuid = uuid.get()?;
            rows.read()
                .iter()
                .find(|person| person.uuid == uuid)
                .cloned()
        },
        |one: Option<&Option<Arc<Person>>>, other| {
            let both = one
                .and_then(Option::as_ref)
                .zip(other.and_then(Option::as_ref));
            both.is_none_or(|(one, other)| !Arc::ptr_eq(one, other))
        },
    );
    // A link may lead to somebody who is not on the first page.
    let asked = load(
        move || uuid.get().filter(|_| listed.read().is_none()),
        move |uuid, abort| async move {
            let id = uuid.to_string();
            match persons::find(&client.get_value(), &id, &abort).await? {
                Found::Person(person, _) => Ok(Arc::new(*person)),
                Found::ByDistinctId(_) => Err(crate::api::ApiError::NotFound),
            }
        },
    );
    // Whoever was asked for before is not the one that is meant.
    let asked_for = move || {
        let person: Option<Arc<Person>> = asked.value.get();
        person.filter(|person| Some(person.uuid) == uuid.get())
    };
    let shown = move || listed.get().or_else(asked_for);
    let choose = dynamic(move || {
        let person = shown();
        person
            .map(|person| view! { <ToggleButton person/> })
            .into_any()
    });
    let content = dynamic(move || {
        match shown() {
        Some(person) => view! { <Summary person/> }.into_any(),
        None if asked.error.read().is_some() => view! {
            <p class="peek-problem">{text(move || asked.error.get().map(|error| error.to_string()).unwrap_or_default())}</p>
        }
        .into_any(),
        None => view! { <SkeletonRows rows=6/> }.into_any(),
    }
    });
    let link = move || uuid.get().map(|uuid| Route::person(uuid.to_string()).url());
    view! {
        <aside class="panel peek" aria-label="Beside the list">
            <div class="peek-bar">
                <a class="button" href=link>"Open" <kbd aria-hidden="true">"↵"</kbd></a>
                {choose}
                <span class="page-gap"></span>
                <IconButton
                    icon="close"
                    label=Signal::stored("Close".to_owned())
                    on_click=move |_| on_close.run(())
                />
            </div>
            {content}
        </aside>
    }
}

#[component]
fn Summary(person: Arc<Person>) -> impl IntoView {
    let name = people::name(&person);
    let is_anonymous = matches!(name, Name::Anonymous(_));
    let email = people::email(&person).map(str::to_owned);
    let ids = person.distinct_ids.iter().take(MOST_IDS).map(|id| {
        let copied = id.clone();
        view! {
            <li>
                <bdi class="mono cut" title=id.clone()>{id.clone()}</bdi>
                <CopyButton what="distinct ID" text=move || copied.clone()/>
            </li>
        }
    });
    let ids = ids.collect_view();
    let more = person.ids().saturating_sub(MOST_IDS as u64);
    let properties = worth_showing(&person).into_iter().map(|(key, value)| {
        view! {
            <dt title=key.clone()>{key.clone()}</dt>
            <dd class="cut" title=plain(value)>
                <ValueText value=Some(value)/>
            </dd>
        }
    });
    let properties = properties.collect_view();
    view! {
        <div class="peek-body">
            <div class="peek-who">
                <Avatar name=name.known().map(str::to_owned) seed=person.uuid.to_string()/>
                <h2 class:mono=is_anonymous>
                    <bdi>{name.text().to_owned()}</bdi>
                </h2>
            </div>
            {email
                .map(|email| {
                    let copied = email.clone();
                    view! {
                        <p class="peek-email">
                            <bdi class="cut">{email}</bdi>
                            <CopyButton what="e-mail address" text=move || copied.clone()/>
                        </p>
                    }
                })}
            <p class="peek-times">
                "First seen " <Time at=person.created_at in_words=true/>
                {person
                    .last_seen_at
                    .map(|at| view! { ", last seen " <Time at=Some(at) in_words=true/> })}
            </p>
            <h3>"Distinct IDs"</h3>
            <ul class="peek-ids">
                {ids}
            </ul>
            {(more > 0).then(|| view! { <p class="peek-more">{format!("and {} more", intl::number(more))}</p> })}
            <h3>"Properties"</h3>
            <dl class="peek-properties">{properties}</dl>
        </div>
    }
}

/// The properties that say most at a glance: short values, the product's own before those that SDKs set.
fn worth_showing(person: &Person) -> Vec<(&String, &serde_json::Value)> {
    let (own, system): (Vec<_>, Vec<_>) = person
        .properties
        .iter()
        .filter(|(key, value)| is_worth_a_column(key, value))
        .partition(|(key, _)| !key.starts_with('$'));
    own.into_iter()
        .chain(system)
        .take(MOST_PROPERTIES)
        .collect()
}
