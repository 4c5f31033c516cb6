//! The page: the people of the URL, side by side, or why there is nothing to compare.

use leptos::prelude::*;
use uuid::Uuid;

use super::head::move_id;
use super::people::{Column, People, State};
use super::rows::Rows;
use super::table::Table;
use super::verdict::Verdicts;
use crate::api::ApiError;
use crate::effect::effect;
use crate::failure::Failure;
use crate::navigation::{MAIN, Navigation};
use crate::platform::{document, focus, intl, keyboard};
use crate::preferences::Preferences;
use crate::routes::{MOST_COMPARED, Route};
use crate::tray;
use crate::ui::button::{Button, IconButton, Loudness};
use crate::ui::copy::{CopyButton, copy};
use crate::ui::dynamic::{dynamic, text, when};
use crate::ui::message::{Message, Tone};
use crate::ui::notice::Notices;
use crate::ui::skeleton::SkeletonRows;

/// What stands on the page.
#[derive(Clone, PartialEq)]
enum Content {
    Nobody,
    Waiting,
    Failed(ApiError),
    People,
}

/// The comparison.
#[component]
pub fn ComparePage() -> impl IntoView {
    document::set_title("Compare · Persons");
    let navigation = Navigation::expect();
    let ids = ids_of_route(navigation);
    let on_other = Callback::new(move |(distinct, uuid): (Uuid, Uuid)| {
        let is_that = |id: &Uuid| if *id == distinct { uuid } else { *id };
        let ids = ids.get_untracked();
        // Somebody who is there twice by now is named once.
        let route = Route::parse(&Route::Compare(ids.iter().map(is_that).collect()).url());
        navigation.replace(route);
    });
    let people = People::with(ids, on_other);
    let columns = people.columns;
    let rows = RwSignal::new(Rows::default());
    effect(move |_| {
        let known: Vec<_> = columns.read().iter().map(Column::known).collect();
        let news = super::rows::rows(&known);
        // What did not change stays as it is on the screen, opened or scrolled.
        if *rows.read_untracked() != news {
            rows.set(news);
        }
    });
    let again = Callback::new(move |()| people.again());
    listen_to_keys(navigation, again);
    let content = Memo::new(move |_| content(people));
    let content = dynamic(move || match content.get() {
        Content::Nobody => view! { <Nobody/> }.into_any(),
        Content::Waiting => view! { <div class="panel"><SkeletonRows rows=12/></div> }.into_any(),
        Content::Failed(error) => {
            view! { <Failure error what="these people" on_retry=again/> }.into_any()
        }
        Content::People => view! {
            <Verdicts people/>
            <Table people rows on_move=mover(navigation) on_remove=remover(navigation)/>
        }
        .into_any(),
    });
    let is_busy = move || columns.read().iter().any(|column| column.is_busy);
    view! {
        <div class="page page-compare" aria-busy=move || if is_busy() { "true" } else { "false" }>
            <div class="progress" class:is-running=is_busy></div>
            <div class="page-head">
                <h1>"Compare"</h1>
                <span class="page-count" role="status">{summary(rows)}</span>
                <span class="page-gap"></span>
                {when(move || !ids.read().is_empty(), move || view! { <Actions ids again/> }.into_any())}
            </div>
            {content}
        </div>
    }
}

/// The people of the URL. Whoever opens a link has chosen them, too.
fn ids_of_route(navigation: Navigation) -> Memo<Vec<Uuid>> {
    let route = navigation.route();
    let ids = Memo::new(move |last: Option<&Vec<Uuid>>| match &*route.read() {
        Route::Compare(ids) => ids.clone(),
        // The page is about to go.
        _ => last.cloned().unwrap_or_default(),
    });
    effect(move |_| {
        let ids = ids.get();
        if !ids.is_empty() {
            navigation.compared.set(ids);
        }
    });
    ids
}

fn content(people: People) -> Content {
    let columns = people.columns.read();
    let (mut known, mut gone, mut waiting, mut failed) = (0, 0, 0, None);
    for column in columns.iter() {
        match column.state() {
            State::There(_) => known += 1,
            State::Gone => gone += 1,
            State::Waiting => waiting += 1,
            State::Failed(error) => failed = Some(error),
        }
    }
    match failed {
        _ if columns.is_empty() => Content::Nobody,
        // Two can be compared while another one is awaited, one cannot.
        _ if waiting > 0 && known < 2 => Content::Waiting,
        Some(error) if known + gone == 0 => Content::Failed(error),
        _ => Content::People,
    }
}

/// `3 differences, 12 same`
fn summary(rows: RwSignal<Rows>) -> AnyView {
    text(move || {
        let rows = rows.read();
        let different = (rows.own.len() + rows.system.len()) as u64;
        let noun = if different == 1 {
            " difference"
        } else {
            " differences"
        };
        let (different, same) = (
            intl::number(different),
            intl::number(rows.same.len() as u64),
        );
        match (rows.people(), rows.same.len()) {
            (0, _) => String::new(),
            (1, _) => "Nobody to compare with yet".to_owned(),
            (_, 0) => [&different, noun].concat(),
            _ => [&different, noun, ", ", &same, " same"].concat(),
        }
    })
}

/// Puts somebody one place further to the front. That is no step of its own.
fn mover(navigation: Navigation) -> Callback<Uuid> {
    Callback::new(move |uuid| {
        let mut people = navigation.compared.get_untracked();
        let place = people.iter().position(|other| *other == uuid);
        if let Some(place) = place.filter(|place| *place > 0) {
            people.swap(place - 1, place);
            // Who has come to the front has no button any more, but the one who was there has.
            let next = if place == 1 { people[1] } else { uuid };
            focus::soon(move_id(next));
            navigation.replace(Route::Compare(people));
        }
    })
}

/// Takes somebody out; Back brings them back.
fn remover(navigation: Navigation) -> Callback<Uuid> {
    Callback::new(move |uuid| {
        let mut people = navigation.compared.get_untracked();
        people.retain(|other| *other != uuid);
        focus::soon(MAIN);
        tray::fill(navigation, people);
    })
}

/// `r` loads again, `y` copies the link.
fn listen_to_keys(navigation: Navigation, again: Callback<()>) {
    let preferences = Preferences::expect();
    let notices = Notices::expect();
    keyboard::on_shortcut(move |event| {
        if !preferences.has_shortcuts_now() {
            return;
        }
        match event.key().as_str() {
            "r" => again.run(()),
            "y" => copy(notices, "link".into(), navigation.link()),
            _ => return,
        }
        event.prevent_default();
    });
}

/// What can be done with the comparison.
#[component]
fn Actions(ids: Memo<Vec<Uuid>>, again: Callback<()>) -> impl IntoView {
    let navigation = Navigation::expect();
    let add = move || {
        (ids.read().len() < MOST_COMPARED).then(|| {
            view! {
                <a class="button" href=Route::Persons(navigation.last_list()).url()>"Add a person"</a>
            }
        })
    };
    view! {
        {add}
        <Button on_click=move |_| tray::fill(navigation, Vec::new())>"Clear"</Button>
        <CopyButton what="link" text=move || navigation.link()/>
        <IconButton
            icon="refresh"
            label=Signal::stored("Load again".to_owned())
            on_click=move |_| again.run(())
        />
    }
}

/// Nobody was chosen.
#[component]
fn Nobody() -> impl IntoView {
    let navigation = Navigation::expect();
    view! {
        <div class="panel">
            <Message
                tone=Tone::Empty
                title="Nobody to compare yet"
                detail="Choose two to four people: press c on their rows or pages, or select rows and press Compare."
            >
                <a class=Loudness::Primary.class() href=Route::Persons(navigation.last_list()).url()>
                    "Show people"
                </a>
            </Message>
        </div>
    }
}
