//! The page: search and filters on top, the list below, all of it in the URL.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use super::at_hand::{self, AtHand};
use super::cells::cells;
use super::columns::{Column, choose_properties, that_fit};
use super::empty::{self, Empty, Nobody};
use super::filters::FilterBar;
use super::list::{Basis, PeopleList};
use super::memory::{self, Left};
use super::peek::{self, Beside};
use super::search::{SEARCH_ID, Search};
use super::shown::shown;
use super::source::{Phase, Source};
use super::status;
use super::tools::{self, Selection, Toolbox, Tools};
use crate::api::Session;
use crate::effect::effect;
use crate::failure::Failure;
use crate::navigation::Navigation;
use crate::platform::text::lowercase;
use crate::platform::viewport::Size;
use crate::platform::{document, focus, intl, keyboard, viewport};
use crate::preferences::Preferences;
use crate::routes::{PersonsState, Route, Sort, Who};
use crate::ui::button::IconButton;
use crate::ui::dynamic::{dynamic, text, when};
use crate::ui::grid::{Grid, Position, row_id};
use crate::ui::notice::Notices;
use crate::ui::part;
use crate::ui::skeleton::SkeletonRows;

/// The id of the list.
pub(super) const GRID_ID: &str = "people";

/// Pixels of a row: one line, or on a phone two lines under a thumb.
const ROW_HEIGHT: u32 = 36;
const CARD_HEIGHT: u32 = 60;

/// The list of people.
#[component]
pub fn PersonsPage() -> impl IntoView {
    document::set_title("People · Persons");
    let model = Model::new();
    let Model {
        question,
        source,
        rows,
        ..
    } = model;
    let ask_for = ask_for();
    let ask_again = move || model.ask_again();
    let tools = Tools::new();
    listen_to_keys(model, tools, ask_for);
    let peek = Peeking::new(model, ask_for);
    let total = text(move || match &*source.list.read() {
        Some(list) => list.total().in_words(intl::number),
        None => String::new(),
    });
    let searched = Signal::derive(move || question.read().search.clone());
    let search = Callback::new(move |search| {
        let state = question.get_untracked();
        if state.search == search {
            // Letters that came and went again have left what this device found for them.
            if !is_by_server(source) {
                model.ask_again();
            }
        } else {
            // One search is one step Back, however many letters it has.
            ask_for.run((PersonsState { search, ..state }, Step::Replace));
        }
    });
    let expect = Callback::new(move |search| {
        let asked = model.asked.get_untracked();
        source.expect(&PersonsState { search, ..asked }, false);
    });
    let change = Callback::new(move |state| ask_for.run((state, Step::Push)));
    view! {
        <div class="page page-list">
            <div class="page-head">
                <h1>"People"</h1>
                <span class="page-count">{total}</span>
                <span class="page-gap"></span>
                <WhoSwitch question on_change=change/>
                <Toolbox tools question rows on_change=change/>
                <IconButton
                    icon="refresh"
                    label=Signal::stored("Load again".to_owned())
                    on_click=move |_| ask_again()
                />
            </div>
            <div class="toolbar">
                <Search searched placeholder=searchable(source) on_letter=expect on_search=search/>
                <FilterBar question on_change=change rows/>
            </div>
            <div class="list-and-peek">
                <div class="panel list-panel" aria-busy=move || is_busy(source)>
                    <div class="progress" class:is-running=move || source.phase.get() == Phase::First></div>
                    <Content model peek on_change=change/>
                    {selection_bar(model)}
                    {part::widget(status::status, (source, question))}
                </div>
                {peek.beside(rows)}
            </div>
            {part::widget(at_hand::at_hand, model.at_hand())}
        </div>
    }
}

/// What can be done with those who are selected.
fn selection_bar(model: Model) -> AnyView {
    let Model {
        question,
        rows,
        selected,
        ..
    } = model;
    let is_any = move || !selected.read().is_empty();
    when(is_any, move || {
        let selection = Selection {
            question,
            rows,
            selected,
        };
        part::widget(tools::selection, selection)
    })
}

/// What a search looks at.
fn searchable(source: Source) -> &'static str {
    if source.sees_all() {
        "Search ids and properties"
    } else {
        "Search email, name or id"
    }
}

fn is_by_server(source: Source) -> bool {
    let list = source.list.read_untracked();
    list.as_ref()
        .is_none_or(|list| list.basis() == Basis::Server)
}

/// What the page knows.
#[derive(Clone, Copy)]
pub(super) struct Model {
    /// What is asked and how it is shown, from the URL.
    pub question: Memo<PersonsState>,
    /// What the server is asked of it.
    asked: Memo<PersonsState>,
    source: Source,
    /// The rows that are shown.
    rows: Memo<Vec<Arc<Person>>>,
    position: Position,
    /// Who was selected, in the order of selecting.
    selected: RwSignal<Vec<Uuid>>,
}

impl Model {
    fn new() -> Self {
        let route = Navigation::expect().route();
        let question = Memo::new(move |last: Option<&PersonsState>| match route.get() {
            Route::Persons(state) => state,
            // The page is about to go, and asks nothing new.
            _ => last.cloned().unwrap_or_default(),
        });
        let asked = Memo::new(move |_| question.read().question());
        let left = memory::recall(&asked.get_untracked());
        let position = Position {
            active: RwSignal::new(left.as_ref().map_or(0, |left| left.active)),
            scroll_top: RwSignal::new(left.as_ref().map_or(0.0, |left| left.scroll_top)),
        };
        let is_back = left.is_some();
        let known = left.map(|left| (left.question, left.list));
        let source = Source::new(Session::expect().client, known);
        let model = Self {
            question,
            asked,
            source,
            rows: rows_of(source, question),
            position,
            selected: RwSignal::new(Vec::new()),
        };
        model.ask_when_the_question_changes(is_back);
        model.return_to_the_top();
        model.remember_on_leaving();
        if is_back {
            focus::soon(row_id(GRID_ID, position.active.get_untracked()));
        }
        model
    }

    fn at_hand(self) -> AtHand {
        AtHand {
            source: self.source,
            asked: self.asked,
            rows: self.rows,
            position: self.position,
        }
    }

    fn ask_again(self) {
        self.source.ask(&self.asked.get_untracked(), || {});
    }

    fn ask_when_the_question_changes(self, is_back: bool) {
        let source = self.source;
        let notices = Notices::expect();
        effect(move |is_first| {
            let asked = self.asked.get();
            if is_first && is_back {
                return;
            }
            source.ask(&asked, move || {
                if let Some(list) = &*source.list.read_untracked() {
                    notices.announce(list.total().in_words(intl::number));
                }
            });
        });
    }

    /// The answer to another question begins at its top.
    fn return_to_the_top(self) {
        let Position { active, scroll_top } = self.position;
        let source = self.source;
        let answered = Memo::new(move |_| source.answered.get());
        effect(move |is_first| {
            answered.track();
            if !is_first {
                active.set(0);
                scroll_top.set(0.0);
            }
        });
    }

    fn remember_on_leaving(self) {
        let (asked, source, position) = (self.asked, self.source, self.position);
        let remember = memory::rememberer();
        on_cleanup(move || {
            let list = source.list.try_get_untracked().flatten();
            let phase = source.phase.try_get_untracked();
            // An answer to an older question must not pass for this one's.
            let list = list.filter(|list| list.basis() == Basis::Server);
            if let (Some(list), Some(Phase::Ready | Phase::More | Phase::MoreFailed(_))) =
                (list, phase)
            {
                remember(Left {
                    question: asked.get_untracked(),
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

fn listen_to_keys(model: Model, tools: Tools, ask_for: Callback<(PersonsState, Step)>) {
    let preferences = Preferences::expect();
    let position = model.position;
    keyboard::on_shortcut(move |event: &KeyboardEvent| {
        if event.key() == "Escape" {
            let state = model.question.get_untracked();
            if state.peek.is_some() {
                event.prevent_default();
                ask_for.run((
                    PersonsState {
                        peek: None,
                        ..state
                    },
                    Step::Replace,
                ));
            } else if !model.selected.read_untracked().is_empty() {
                event.prevent_default();
                model.selected.set(Vec::new());
            }
            return;
        }
        if !preferences.has_shortcuts_now() {
            return;
        }
        match event.key().as_str() {
            "/" => focus::select(SEARCH_ID),
            "f" => super::filters::open_from_keyboard(),
            "r" => model.ask_again(),
            "j" | "k" => focus::soon(row_id(GRID_ID, position.active.get_untracked())),
            key if tools.open_by_key(key) => {}
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

/// The rows that are shown. Whatever happens to the list is taken for a change: comparing thousands of
/// people to find out that nothing changed would cost more than drawing twenty of them.
fn rows_of(source: Source, question: Memo<PersonsState>) -> Memo<Vec<Arc<Person>>> {
    let view = Memo::new(move |_| {
        let question = question.read();
        (question.who, question.sort.clone())
    });
    let rows = move |_: Option<&Vec<Arc<Person>>>| {
        let (list, view) = (source.list.read(), view.read());
        let rows = list
            .as_ref()
            .map(|list| shown(list.rows(), view.0, view.1.as_ref()));
        rows.unwrap_or_default()
    };
    Memo::new_with_compare(rows, |_, _| true)
}

/// Identified, anonymous, or both.
#[component]
fn WhoSwitch(question: Memo<PersonsState>, on_change: Callback<PersonsState>) -> impl IntoView {
    let labels = ["Everybody", "Identified", "Anonymous"];
    let button = move |((who, _), label): ((Who, &'static str), &'static str)| {
        let choose = move |_| {
            on_change.run(PersonsState {
                who,
                ..question.get_untracked()
            });
        };
        let is_chosen = move || {
            if question.read().who == who {
                "true"
            } else {
                "false"
            }
        };
        view! {
            <button type="button" aria-pressed=is_chosen on:click=choose>
                {label}
            </button>
        }
        .into_any()
    };
    let buttons = Who::ALL.into_iter().zip(labels).map(button).collect_view();
    view! {
        <div class="switch" role="group" aria-label="Which people">
            {buttons}
        </div>
    }
}

/// Who is shown beside the list: the one in the URL.
#[derive(Clone, Copy)]
struct Peeking {
    uuid: Memo<Option<Uuid>>,
    /// Shows somebody, or nobody.
    show: Callback<Option<Uuid>>,
}

impl Peeking {
    fn new(model: Model, ask_for: Callback<(PersonsState, Step)>) -> Self {
        let question = model.question;
        let uuid = Memo::new(move |_| question.read().peek);
        let show = Callback::new(move |peek: Option<Uuid>| {
            let state = question.get_untracked();
            if state.peek != peek {
                ask_for.run((PersonsState { peek, ..state }, Step::Replace));
            }
        });
        // Who moves through the list takes the panel along.
        let mut before = model.position.active.get_untracked();
        effect(move |_| {
            let active = model.position.active.get();
            let has_moved = std::mem::replace(&mut before, active) != active;
            if has_moved && uuid.get_untracked().is_some() {
                let rows = model.rows.read_untracked();
                if let Some(person) = rows.get(active) {
                    show.run(Some(person.uuid));
                }
            }
        });
        Self { uuid, show }
    }

    fn beside(self, rows: Memo<Vec<Arc<Person>>>) -> AnyView {
        let Self { uuid, show } = self;
        let on_close = Callback::new(move |()| show.run(None));
        when(
            move || uuid.get().is_some(),
            move || {
                part::widget(
                    peek::beside,
                    Beside {
                        uuid,
                        rows,
                        on_close,
                    },
                )
            },
        )
    }
}

/// What the panel shows.
#[derive(Clone, PartialEq)]
enum Content {
    Skeleton,
    Failure(crate::api::ApiError),
    Empty(Nobody),
    People,
}

/// The list, or what stands in its place.
#[component]
fn Content(model: Model, peek: Peeking, on_change: Callback<PersonsState>) -> impl IntoView {
    let Model {
        question, source, ..
    } = model;
    let content = Memo::new(move |_| {
        let list = source.list.read();
        let is_empty = list
            .as_ref()
            .is_some_and(|list| list.rows().is_empty() && list.next().is_empty());
        let is_known =
            || !is_empty && source.answered.read().as_ref() == Some(&*model.asked.read());
        match source.phase.get() {
            // What is known from before is better than nothing, unless it may not be seen any more.
            Phase::Failed(error) if !error.may_pass() || !is_known() => Content::Failure(error),
            // What was there stays until the answer comes, also when it was nobody.
            Phase::First if list.is_none() => Content::Skeleton,
            _ if is_empty && question.read().is_everybody() => Content::Empty(Nobody::Yet),
            _ if is_empty => Content::Empty(Nobody::Fits(question.get())),
            _ if model.rows.read().is_empty() && list.is_some() => Content::Empty(Nobody::IsShown),
            _ => Content::People,
        }
    });
    let ask_again = Callback::new(move |()| model.ask_again());
    dynamic(move || match content.get() {
        Content::Skeleton => view! { <SkeletonRows rows=20/> }.into_any(),
        Content::Failure(error) => {
            let clear = Callback::new(move |()| on_change.run(PersonsState::default()));
            let way_out = ("Clear search and filters", clear);
            view! { <Failure error what="people" on_retry=ask_again way_out/> }.into_any()
        }
        Content::Empty(nobody) => part::screen(
            empty::empty,
            Empty {
                nobody,
                question,
                source,
                on_change,
            },
        ),
        Content::People => view! { <People model peek on_change/> }.into_any(),
    })
}

/// The people that are loaded.
#[component]
fn People(model: Model, peek: Peeking, on_change: Callback<PersonsState>) -> impl IntoView {
    let Model {
        question,
        source,
        rows,
        position,
        ..
    } = model;
    let navigation = Navigation::expect();
    let size = RwSignal::new(Size::default());
    let properties = Memo::new(move |_| choose_properties(&rows.read()));
    let columns: Memo<Vec<Column>> = Memo::new(move |_| {
        let width = size.get().width;
        that_fit(
            width,
            &question.read().columns,
            &properties.read(),
            &rows.read(),
        )
    });
    let heads = Memo::new(move |_| {
        let mut heads: Vec<_> = columns.read().iter().map(Column::head).collect();
        if !question.read().search.is_empty() {
            // Tags beside the name say where somebody was found, and by whom.
            heads[0].track = "minmax(300px, 3fr)";
        }
        heads
    });
    let is_narrow = viewport::is_narrow();
    let row_height = Memo::new(move |_| {
        if is_narrow.get() {
            CARD_HEIGHT
        } else {
            ROW_HEIGHT
        }
    });
    let total = move || {
        let list = source.list.read();
        let total = list
            .as_ref()
            .and_then(|list: &PeopleList| list.total().exactly());
        // How many of all people are identified is not known before all are loaded.
        total.filter(|_| question.read().who == Who::Everybody)
    };
    let order = Memo::new(move |_| {
        let question = question.read();
        let sort = question.sort.as_ref()?;
        Some((sort.column.clone(), sort.descending))
    });
    let on_order = Callback::new(move |column: String| {
        let state = question.get_untracked();
        on_change.run(PersonsState {
            sort: next_order(state.sort.as_ref(), column),
            ..state
        });
    });
    let searched = Memo::new(move |_| lowercase(&question.read().search));
    let draw = Callback::new(move |person: Memo<Arc<Person>>| {
        let mark = Memo::new(move |_| {
            let list = source.list.read();
            list.as_ref()?.mark(&person.read().uuid)
        });
        dynamic(move || {
            cells(
                &person.read(),
                &columns.read(),
                &searched.read(),
                mark.get(),
            )
        })
    });
    let open = Callback::new(move |person: Arc<Person>| {
        navigation.go(Route::person(person.uuid.to_string()));
    });
    let on_peek = Callback::new(move |person: Arc<Person>| {
        let is_shown = peek.uuid.get_untracked() == Some(person.uuid);
        peek.show.run((!is_shown).then_some(person.uuid));
    });
    let selected = model.selected;
    let is_selected =
        Callback::new(move |person: Arc<Person>| selected.read().contains(&person.uuid));
    let on_select = Callback::new(move |person: Arc<Person>| {
        selected.update(
            |selected| match selected.iter().position(|uuid| *uuid == person.uuid) {
                Some(place) => drop(selected.remove(place)),
                None => selected.push(person.uuid),
            },
        );
    });
    view! {
        <Grid
            id=GRID_ID
            label="People"
            columns=heads
            order=order
            on_order=on_order
            rows=rows
            total=Signal::derive(total)
            row_height=row_height
            key=|person: &Person| person.uuid.to_string()
            position=position
            size=size
            cells=draw
            on_open=open
            on_peek=on_peek
            is_selected=is_selected
            on_select=on_select
            on_near_end=Callback::new(move |()| source.ask_more())
        />
    }
}

/// What a press on a column's head leads to: ascending, descending, then the server's order again.
fn next_order(present: Option<&Sort>, column: String) -> Option<Sort> {
    let descending = match present {
        Some(sort) if sort.column == column && sort.descending => return None,
        Some(sort) => sort.column == column,
        None => false,
    };
    Some(Sort { column, descending })
}
