//! The page: finds the person, shows who it is and the tab of the URL.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use super::cohorts::Cohorts;
use super::header::Header;
use super::properties::PropertiesTab;
use super::raw::Raw;
use crate::api::persons::{self, Found};
use crate::api::{ApiError, Load, Session, cohorts, load};
use crate::failure::Failure;
use crate::navigation::Navigation;
use crate::people;
use crate::platform::{document, intl, keyboard};
use crate::preferences::Preferences;
use crate::routes::{PersonState, PersonTab, PersonsState, Route};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::tabs::{Tab, Tabs, panel_id, tab_id};

/// Somebody who was found, and what the server said byte for byte.
#[derive(Clone)]
pub struct Loaded {
    /// The person.
    pub person: Arc<Person>,
    /// The server's answer.
    pub raw: Arc<str>,
}

/// One person.
#[component]
pub fn PersonPage(
    /// A UUID, or whatever stands in its place in the URL.
    id: String,
) -> impl IntoView {
    document::set_title("Person · Persons");
    let tab = tab_of_route();
    let found = find(&id, tab);
    let try_again = Callback::new(move |()| found.again());
    let content = move || match (found.value.get(), found.error.get()) {
        (_, Some(ApiError::NotFound)) => view! { <Nobody id=id.clone()/> }.into_any(),
        (_, Some(error)) => {
            view! { <Failure error what="this person" on_retry=try_again/> }.into_any()
        }
        (Some(Some(loaded)), None) => view! { <Somebody loaded tab/> }.into_any(),
        (Some(None) | None, None) => view! { <Waiting/> }.into_any(),
    };
    view! { <div class="page page-person">{content}</div> }
}

fn tab_of_route() -> Memo<PersonTab> {
    let route = Navigation::expect().route();
    Memo::new(move |last: Option<&PersonTab>| match &*route.read() {
        Route::Person(state) => state.tab,
        // The page is about to go.
        _ => last.copied().unwrap_or_default(),
    })
}

/// Loads the person. A distinct id in place of the UUID leads to the right address, and to `None` here.
fn find(id: &str, tab: Memo<PersonTab>) -> Load<Option<Loaded>> {
    let navigation = Navigation::expect();
    let client = StoredValue::new(Session::expect().client);
    let id = id.to_owned();
    load(
        move || Some(id.clone()),
        move |id, abort| async move {
            let found = persons::find(&client.get_value(), &id, &abort).await?;
            Ok(match found {
                Found::Person(person, raw) => Some(Loaded {
                    person: Arc::from(person),
                    raw: raw.into(),
                }),
                Found::ByDistinctId(uuid) => {
                    if !abort.is_aborted() {
                        navigation.replace(Route::Person(PersonState {
                            id: uuid.to_string(),
                            tab: tab.get_untracked(),
                        }));
                    }
                    None
                }
            })
        },
    )
}

/// The person, once found.
#[component]
fn Somebody(loaded: Loaded, tab: Memo<PersonTab>) -> impl IntoView {
    let Loaded { person, raw } = loaded;
    document::set_title(&format!("{} · Persons", people::name(&person).text()));
    let client = StoredValue::new(Session::expect().client);
    let uuid = person.uuid;
    // Asked here, not in the tab: the number on the tab is of use before one goes there.
    let cohorts = load(
        move || Some(uuid),
        move |uuid, abort| async move {
            cohorts::of_person(&client.get_value(), uuid, &abort).await
        },
    );
    let navigation = Navigation::expect();
    let choose = Callback::new(move |name: &'static str| {
        let chosen = PersonTab::ALL.iter().find(|(_, known)| *known == name);
        navigation.replace(Route::Person(PersonState {
            id: uuid.to_string(),
            tab: chosen.map(|(tab, _)| *tab).unwrap_or_default(),
        }));
    });
    listen_to_keys(choose);
    let tabs = tabs(person.properties.len(), cohorts);
    let shown = person.clone();
    let panel = move || {
        let content = match tab.get() {
            PersonTab::Properties => view! { <PropertiesTab person=shown.clone()/> }.into_any(),
            PersonTab::Cohorts => view! { <Cohorts cohorts/> }.into_any(),
            PersonTab::Raw => view! { <Raw raw=raw.clone()/> }.into_any(),
        };
        let name = tab.get().name();
        view! {
            <div role="tabpanel" class="tab-panel" id=panel_id(name) aria-labelledby=tab_id(name)>
                {content}
            </div>
        }
    };
    view! {
        <Header person/>
        <Tabs
            label="About this person"
            tabs=tabs
            chosen=Signal::derive(move || tab.get().name())
            on_choose=choose
        />
        {panel}
    }
}

fn tabs(properties: usize, cohorts: Load<Vec<persons_api::Cohort>>) -> Vec<Tab> {
    let label = |tab| match tab {
        PersonTab::Properties => "Properties",
        PersonTab::Cohorts => "Cohorts",
        PersonTab::Raw => "Raw JSON",
    };
    let count = move |tab| match tab {
        PersonTab::Properties => Signal::stored(Some(intl::number(properties as u64))),
        PersonTab::Cohorts => Signal::derive(move || {
            let cohorts = cohorts.value.read();
            cohorts.as_ref().map(|cohorts| intl::number(cohorts.len() as u64))
        }),
        PersonTab::Raw => Signal::stored(None),
    };
    PersonTab::ALL
        .map(|(tab, name)| Tab {
            name,
            label: label(tab),
            count: count(tab),
        })
        .into()
}

/// `1` to `3` choose a tab.
fn listen_to_keys(choose: Callback<&'static str>) {
    let preferences = Preferences::expect();
    keyboard::on_shortcut(move |event| {
        let place = event.key().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let tab = place.and_then(|place| PersonTab::ALL.get(place));
        if let Some((_, name)) = tab.filter(|_| preferences.has_shortcuts_now()) {
            choose.run(name);
        }
    });
}

/// While the person is on the way: as high as what will come.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="person-header" aria-hidden="true">
            <span class="skeleton skeleton-avatar"></span>
            <span class="skeleton skeleton-title"></span>
        </div>
        <h1 class="visually-hidden">"Loading this person"</h1>
        <SkeletonRows rows=12/>
    }
}

/// An id that is nobody's.
#[component]
fn Nobody(id: String) -> impl IntoView {
    document::set_title("Nobody · Persons");
    let search = Route::Persons(PersonsState {
        search: id.clone(),
        ..PersonsState::default()
    });
    let detail = format!(
        "“{id}” is neither a person's id nor one of their distinct ids. They may have been merged into \
         somebody else, or deleted."
    );
    view! {
        <h1 class="visually-hidden">"Nobody has this id"</h1>
        <Message tone=Tone::Problem title="Nobody has this id" detail=Signal::stored(detail)>
            <a class="button button-primary" href=search.url()>
                "Search people for it"
            </a>
            <a class="button" href=Route::Persons(PersonsState::default()).url()>
                "Show everybody"
            </a>
        </Message>
    }
}
