//! The page: search and filters on top, the list below, all of it in the URL.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Person;

use super::cells::cells;
use super::columns::{Column, choose_properties, that_fit};
use super::empty::{NobodyFits, NobodyYet};
use super::filters::FilterBar;
use super::list::PeopleList;
use super::memory::{self, Left};
use super::search::{SEARCH_ID, Search};
use super::source::{Phase, Source};
use super::status::Status;
use crate::api::Session;
use crate::failure::Failure;
use crate::navigation::Navigation;
use crate::platform::viewport::Size;
use crate::platform::{document, focus, intl, keyboard, viewport};
use crate::preferences::Preferences;
use crate::routes::{PersonsState, Route};
use crate::ui::button::IconButton;
use crate::ui::dynamic::{dynamic, text};
use crate::ui::grid::{Grid, Position, row_id};
use crate::ui::notice::Notices;
use crate::ui::skeleton::SkeletonRows;

const GRID_ID: &str = "people";

/// Pixels of a row: one line, or on a phone two lines under a thumb.
const ROW_HEIGHT: u32 = 36;
const CARD_HEIGHT: u32 = 60;

/// The list of people.
#[component]
pub fn PersonsPage() -> impl IntoView {
    document::set_title("People · Persons");
    let Model {
        question,
        source,
        position,
    } = Model::new();
    let ask_for = ask_for();
    let ask_again = move || source.ask(&question.get_untracked(), || {});
    listen_to_keys(position, ask_again);
    let total = text(move || match &*source.list.read() {
        Some(list) => list.total().in_words(intl::number),
        None => String::new(),
    });
    let searched = Signal::derive(move || question.read().search.clone());
    let search = Callback::new(move |search| {
        let state = question.get_untracked();
        if state.search != search {
            // One search is one step Back, however many letters it has.
            ask_for.run((PersonsState { search, ..state }, Step::Replace));
        }
    });
    let change = Callback::new(move |state| ask_for.run((state, Step::Push)));
    view! {
        <div class="page page-list">
            <div class="page-head">
                <h1>"People"</h1>
                <span class="page-count">{total}</span>
                <span class="page-gap"></span>
                <IconButton
                    icon="refresh"
                    label=Signal::stored("Load again".to_owned())
                    on_click=move |_| ask_again()
                />
            </div>
            <div class="toolbar">
                <Search searched on_search=search/>
                <FilterBar question on_change=change rows=rows_of(source)/>
            </div>
            <div class="panel list-panel" aria-busy=move || is_busy(source)>
                <div class="progress" class:is-running=move || source.phase.get() == Phase::First></div>
                <Content question source position on_change=change/>
                <Status source/>
            </div>
        </div>
    }
}

/// What the page knows.
struct Model {
    /// What is asked, from the URL.
    question: Memo<PersonsState>,
    source: Source,
    position: Position,
}

impl Model {
    fn new() -> Self {
        let route = Navigation::expect().route();
        let question = Memo::new(move |last: Option<&PersonsState>| match route.get() {
            Route::Persons(state) => state,
            // The page is about to go, and asks nothing new.
            _ => last.cloned().unwrap_or_default(),
        });
        let left = memory::recall(&question.get_untracked());
        let position = Position {
            active: RwSignal::new(left.as_ref().map_or(0, |left| left.active)),
            scroll_top: RwSignal::new(left.as_ref().map_or(0.0, |left| left.scroll_top)),
        };
        let is_back = left.is_some();
        let source = Source::new(Session::expect().client, left.map(|left| left.list));
        let model = Self {
            question,
            source,
            position,
        };
        model.ask_when_the_question_changes(is_back);
        model.remember_on_leaving();
        if is_back {
            focus::soon(row_id(GRID_ID, position.active.get_untracked()));
        }
        model
    }

    fn ask_when_the_question_changes(&self, is_back: bool) {
        let (question, source, position) = (self.question, self.source, self.position);
        let notices = Notices::expect();
        Effect::new(move |is_first: Option<()>| {
            let asked = question.get();
            if is_first.is_none() && is_back {
                return;
            }
            source.ask(&asked, move || {
                position.active.set(0);
                position.scroll_top.set(0.0);
                if let Some(list) = &*source.list.read_untracked() {
                    notices.announce(list.total().in_words(intl::number));
                }
            });
        });
    }

    fn remember_on_leaving(&self) {
        let (question, source, position) = (self.question, self.source, self.position);
        let remember = memory::rememberer();
        on_cleanup(move || {
            let list = source.list.try_get_untracked().flatten();
            let phase = source.phase.try_get_untracked();
            // An answer to an older question must not pass for this one's.
            if let (Some(list), Some(Phase::Ready | Phase::More | Phase::MoreFailed(_))) =
                (list, phase)
            {
                remember(Left {
                    question: question.get_untracked(),
                    list,
                    active: position.active.get_untracked(),
                    scroll_top: position.scroll_top.get_untracked(),
                });
            }
        });
    }
}

/// How a change of the question goes into the history.
#[derive(Clone, Copy)]
enum Step {
    Push,
    Replace,
}

fn ask_for() -> Callback<(PersonsState, Step)> {
    let navigation = Navigation::expect();
    Callback::new(move |(state, step)| match step {
        Step::Push => navigation.go(Route::Persons(state)),
        Step::Replace => navigation.replace(Route::Persons(state)),
    })
}

fn listen_to_keys(position: Position, ask_again: impl Fn() + 'static) {
    let preferences = Preferences::expect();
    keyboard::on_shortcut(move |event: &KeyboardEvent| {
        if !preferences.has_shortcuts_now() {
            return;
        }
        match event.key().as_str() {
            "/" => focus::select(SEARCH_ID),
            "f" => super::filters::open_from_keyboard(),
            "r" => ask_again(),
            "j" | "k" => focus::soon(row_id(GRID_ID, position.active.get_untracked())),
            _ => return,
        }
        event.prevent_default();
    });
}

fn is_busy(source: Source) -> &'static str {
    match *source.phase.read() {
        Phase::First | Phase::More => "true",
        _ => "false",
    }
}

/// The rows alone. Whatever happens to the list is taken for a change: comparing thousands of people to
/// find out that nothing changed would cost more than drawing twenty of them.
fn rows_of(source: Source) -> Memo<Vec<Arc<Person>>> {
    let rows = move |_: Option<&Vec<Arc<Person>>>| {
        let list = source.list.read();
        list.as_ref()
            .map(|list| list.rows().to_vec())
            .unwrap_or_default()
    };
    Memo::new_with_compare(rows, |_, _| true)
}

/// What the panel shows.
#[derive(Clone, PartialEq)]
enum Content {
    Skeleton,
    Failure(crate::api::ApiError),
    NobodyYet,
    NobodyFits(PersonsState),
    People,
}

/// The list, or what stands in its place.
#[component]
fn Content(
    question: Memo<PersonsState>,
    source: Source,
    position: Position,
    on_change: Callback<PersonsState>,
) -> impl IntoView {
    let content = Memo::new(move |_| {
        let list = source.list.read();
        let is_empty = list
            .as_ref()
            .is_some_and(|list| list.rows().is_empty() && list.next().is_none());
        match source.phase.get() {
            Phase::Failed(error) => Content::Failure(error),
            // What was there stays until the answer comes, also when it was nobody.
            Phase::First if list.is_none() => Content::Skeleton,
            _ if is_empty && question.read().is_everybody() => Content::NobodyYet,
            _ if is_empty => Content::NobodyFits(question.get()),
            _ => Content::People,
        }
    });
    let ask_again = Callback::new(move |()| source.ask(&question.get_untracked(), || {}));
    dynamic(move || match content.get() {
        Content::Skeleton => view! { <SkeletonRows rows=20/> }.into_any(),
        Content::Failure(error) => {
            let clear = Callback::new(move |()| on_change.run(PersonsState::default()));
            let way_out = ("Clear search and filters", clear);
            view! { <Failure error what="people" on_retry=ask_again way_out/> }.into_any()
        }
        Content::NobodyYet => view! { <NobodyYet/> }.into_any(),
        Content::NobodyFits(question) => view! { <NobodyFits question on_change/> }.into_any(),
        Content::People => view! { <People source position/> }.into_any(),
    })
}

/// The people that are loaded.
#[component]
fn People(source: Source, position: Position) -> impl IntoView {
    let navigation = Navigation::expect();
    let size = RwSignal::new(Size::default());
    let rows = rows_of(source);
    let properties = Memo::new(move |_| choose_properties(&rows.read()));
    let columns: Memo<Vec<Column>> =
        Memo::new(move |_| that_fit(size.get().width, &properties.read()));
    let heads = Memo::new(move |_| columns.read().iter().map(Column::head).collect::<Vec<_>>());
    let is_narrow = viewport::is_narrow();
    let row_height = Memo::new(move |_| {
        if is_narrow.get() {
            CARD_HEIGHT
        } else {
            ROW_HEIGHT
        }
    });
    let total = move || {
        source
            .list
            .read()
            .as_ref()
            .and_then(|list: &PeopleList| list.total().exactly())
    };
    let draw =
        Callback::new(move |person: Arc<Person>| dynamic(move || cells(&person, &columns.read())));
    let open = Callback::new(move |person: Arc<Person>| {
        navigation.go(Route::person(person.uuid.to_string()));
    });
    view! {
        <Grid
            id=GRID_ID
            label="People"
            columns=heads
            rows=rows
            total=Signal::derive(total)
            row_height=row_height
            key=|person: &Person| person.uuid.to_string()
            position=position
            size=size
            cells=draw
            on_open=open
            on_near_end=Callback::new(move |()| source.ask_more())
        />
    }
}
