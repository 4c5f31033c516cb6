//! The people behind the cell that is chosen, beside the chart.
//!
//! [`found`] is who they are and how the chart's number comes about, [`why`] what put one of them there.

mod columns;
mod evidence;
mod found;
mod list;
mod why;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use self::columns::Columns;
use self::found::{Found, overlap};
use self::list::List;
use super::charts::number;
use super::figure::{Answer, Cell, Source};
use super::onward::Onward;
use super::page::Model;
use crate::api::behind::{self, Row};
use crate::api::{ApiError, Session};
use crate::effect::effect;
use crate::failure::Failure;
use crate::people;
use crate::platform::{Abort, download};
use crate::ui::button::{Button, IconButton, Loudness};
use crate::ui::dynamic::{dynamic, text, when};
use crate::ui::notice::Notices;
use crate::ui::skeleton::SkeletonRows;

/// The people of one cell, and what is going on with them.
#[derive(Clone, Copy)]
struct Side {
    /// The cell.
    cell: Memo<Option<Cell>>,
    /// Who; while those of another cell are awaited, the ones before.
    found: RwSignal<Option<Found>>,
    error: RwSignal<Option<ApiError>>,
    is_busy: RwSignal<bool>,
    latest: StoredValue<Option<Abort>, LocalStorage>,
}

impl Side {
    fn new(cell: Memo<Option<Cell>>, search: RwSignal<String>, model: Model) -> Self {
        let side = Self {
            cell,
            found: RwSignal::new(None),
            error: RwSignal::new(None),
            is_busy: RwSignal::new(false),
            latest: StoredValue::new_local(None),
        };
        on_cleanup(move || side.stop());
        let mut last = None;
        effect(move |_| {
            let (cell, search) = (cell.get(), search.get());
            // Beside a refreshed chart, a cached list would not fit.
            let is_forced = model.refreshes.get().is_some();
            let source = cell.and_then(|cell| cell.people);
            // People of one number must not stand under another, let alone be taken away as its people.
            if last != source {
                last = source.clone();
                side.found.set(None);
            }
            match source {
                Some(source) => {
                    let search = if searches_itself(&source) {
                        search
                    } else {
                        String::new()
                    };
                    side.load(Found::begin(&source, &search, is_forced), false);
                }
                None => side.stop(),
            }
        });
        side
    }

    fn stop(self) {
        if let Some(Some(abort)) = self.latest.try_update_value(Option::take) {
            abort.abort();
        }
        let _ = self.is_busy.try_set(false);
    }

    /// Loads one page more, or all.
    fn load(self, mut found: Found, all: bool) {
        self.stop();
        let abort = Abort::new();
        self.latest.set_value(Some(abort.clone()));
        self.is_busy.set(true);
        self.error.set(None);
        let session = Session::expect();
        spawn_local(async move {
            loop {
                let answer = found.load_more(&session, &abort).await;
                if abort.is_aborted() {
                    return;
                }
                // A page that is not full is not the end: several lists may be behind one number.
                let is_short = found.rows.len() < FULL;
                let goes_on = answer.is_ok() && !found.is_whole() && (all || is_short);
                self.found.set(Some(found.clone()));
                if let Err(error) = answer {
                    self.error.set(Some(error));
                }
                if !goes_on {
                    return self.is_busy.set(false);
                }
            }
        });
    }

    fn go_on(self, all: bool) {
        if let Some(found) = self.found.get_untracked() {
            self.load(found, all);
        }
    }

    fn again(self) {
        if let Some(source) = self.cell.get_untracked().and_then(|cell| cell.people) {
            self.load(Found::begin(&source, "", false), false);
        }
    }

    fn is_whole(self) -> bool {
        self.found.read().as_ref().is_some_and(Found::is_whole)
    }

    fn rows(self) -> Vec<Arc<Row>> {
        let found = self.found.read();
        found
            .as_ref()
            .map(|found| found.rows.clone())
            .unwrap_or_default()
    }
}

/// So many are listed before anybody asks for more.
const FULL: usize = 100;

/// Whether the server searches the list; of others what is loaded is searched here.
fn searches_itself(source: &Source) -> bool {
    match source {
        Source::Url(url) => !url.contains("stickiness_days"),
        Source::Query(_) => true,
        Source::Row { .. } | Source::Known(_) | Source::Any(_) => false,
    }
}

/// Which part of two cells is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    OnlyFirst,
    Both,
    OnlySecond,
}

/// The people behind what is chosen; nothing if nothing is.
#[component]
pub fn People(model: Model) -> impl IntoView {
    let cell = move |place: usize| {
        Memo::new(move |_| {
            let cell = model.chosen.get()[place]?;
            let answered = model.answered.value.read();
            let (_, answer): &(_, Arc<Answer>) = answered.as_ref()?;
            answer.cells.get(cell).cloned()
        })
    };
    let (first, second) = (cell(0), cell(1));
    let is_open = Memo::new(move |_| first.read().is_some());
    when(
        move || is_open.get(),
        move || view! { <Panel model first second/> }.into_any(),
    )
}

#[component]
fn Panel(model: Model, first: Memo<Option<Cell>>, second: Memo<Option<Cell>>) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let (one, other) = (
        Side::new(first, search, model),
        Side::new(second, search, model),
    );
    let part = RwSignal::new(Part::Both);
    let columns: Columns = RwSignal::new(None);
    // Another cell is another question.
    effect(move |is_first| {
        first.track();
        if !is_first {
            search.set(String::new());
        }
    });
    // Who is in both can only be told of everybody.
    effect(move |_| {
        if second.read().is_some() {
            for side in [one, other] {
                if side.found.read().is_some()
                    && !side.is_whole()
                    && !side.is_busy.get()
                    && side.error.read().is_none()
                {
                    side.go_on(true);
                }
            }
        }
    });
    let parts = Memo::new(move |_| overlap(&one.rows(), &other.rows()));
    let rows = Memo::new(move |_| {
        let rows = match (second.read().is_some(), part.get()) {
            (false, _) => one.rows(),
            (true, part) => parts.read()[part as usize].clone(),
        };
        let wanted = crate::platform::text::lowercase(search.read().trim());
        if wanted.is_empty() {
            return rows;
        }
        let fits = |row: &Arc<Row>| people::is_found(&row.person, &wanted);
        rows.into_iter().filter(fits).collect()
    });
    let title = text(move || match (&*first.read(), &*second.read()) {
        (Some(first), Some(second)) => format!("{}, and {}", first.title, second.title),
        (Some(first), None) => first.title.clone(),
        _ => String::new(),
    });
    let reconciled = text(move || {
        let sides = [one, other].into_iter().filter_map(|side| {
            let (cell, found) = (side.cell.get()?, side.found.get()?);
            Some(found.reconciled(&cell, number))
        });
        // What was searched for is no longer all of the number.
        if search.read().is_empty() {
            sides.collect::<Vec<_>>().join("; ")
        } else {
            String::new()
        }
    });
    let more = dynamic(move || {
        let has_more = [one, other]
            .iter()
            .any(|side| side.found.read().is_some() && !side.is_whole());
        match (has_more, one.is_busy.get() || other.is_busy.get()) {
            (false, _) => ().into_any(),
            (true, true) => view! {
                <Button loudness=Loudness::Quiet on_click=move |_| { one.stop(); other.stop(); }>"Stop"</Button>
            }
            .into_any(),
            (true, false) => view! {
                <Button loudness=Loudness::Quiet on_click=move |_| one.go_on(false)>"Load more"</Button>
                <Button loudness=Loudness::Quiet on_click=move |_| one.go_on(true)>"Load all"</Button>
            }
            .into_any(),
        }
    });
    let close = Callback::new(move |()| model.close());
    let again = Callback::new(move |()| {
        one.again();
        if second.read_untracked().is_some() {
            other.again();
        }
    });
    let content = dynamic(move || {
        let error = one.error.get().or_else(|| other.error.get());
        match (error, one.found.read().is_some()) {
            (Some(error), _) if one.rows().is_empty() => {
                view! { <Failure error what="the people" on_retry=again/> }.into_any()
            }
            (_, false) => view! { <SkeletonRows rows=8/> }.into_any(),
            (error, true) => {
                let gone = text(move || unresolved(&[one, other]));
                let problem = error.map(|error| view! { <p class="people-problem" role="alert">{error.to_string()}</p> });
                view! {
                    {problem}
                    <List rows model columns/>
                    <p class="people-below">{gone}</p>
                }
                .into_any()
            }
        }
    });
    let choose_part = when(
        move || second.read().is_some(),
        move || {
            let choice = |this: Part, words: &'static str| {
                let count = text(move || {
                    let whole = if one.is_whole() && other.is_whole() {
                        ""
                    } else {
                        "+"
                    };
                    format!("{words} {}{whole}", parts.read()[this as usize].len())
                });
                let pressed = move || if part.get() == this { "true" } else { "false" };
                view! {
                    <button type="button" aria-pressed=pressed on:click=move |_| part.set(this)>
                        {count}
                    </button>
                }
            };
            view! {
                <div class="switch people-parts" role="group" aria-label="Who is listed">
                    {choice(Part::OnlyFirst, "Only first")}
                    {choice(Part::Both, "Both")}
                    {choice(Part::OnlySecond, "Only second")}
                </div>
            }
            .into_any()
        },
    );
    let is_busy = move || {
        if one.is_busy.get() || other.is_busy.get() {
            "true"
        } else {
            "false"
        }
    };
    view! {
        <aside class="insights-people" aria-label="The people behind the number" aria-busy=is_busy>
            {when(
                move || one.is_busy.get() || other.is_busy.get(),
                || view! { <div class="progress is-running"></div> }.into_any(),
            )}
            <div class="people-head">
                <h2>{title}</h2>
                <IconButton
                    icon="close"
                    label=Signal::stored("Close the people".to_owned())
                    on_click=move |_| close.run(())
                />
            </div>
            <div class="people-reconciled" role="status">
                <p>{reconciled}</p>
                <div class="people-more">{more}</div>
            </div>
            <Onward model/>
            {choose_part}
            <input
                type="search"
                class="field"
                aria-label="Search these people"
                placeholder="Search these people"
                prop:value=search
                on:change=move |event| search.set(event_target_value(&event))
                on:input=move |event| {
                    // Letter by letter only what is loaded is searched; the server is asked at the end.
                    let typed = event_target_value(&event);
                    if one.is_whole() || typed.is_empty() {
                        search.set(typed);
                    }
                }
            />
            {content}
            <Tools rows columns/>
        </aside>
    }
}

/// Who was merged or deleted and cannot be listed, in one sentence.
fn unresolved(sides: &[Side]) -> String {
    let ids: Vec<String> = sides
        .iter()
        .filter_map(|side| Some(side.found.read().as_ref()?.unresolved.clone()))
        .flatten()
        .map(|id| people::shortened(&id))
        .collect();
    match &ids[..] {
        [] => String::new(),
        [one] => format!("Merged or deleted: {one}."),
        [first, rest @ ..] => format!("Merged or deleted: {first} and {} more.", rest.len()),
    }
}

/// What can be done with those who are listed.
#[component]
fn Tools(rows: Memo<Vec<Arc<Row>>>, columns: Columns) -> impl IntoView {
    let notices = Notices::expect();
    let client = StoredValue::new(Session::expect().client);
    let is_naming = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let export = move |_| {
        let called = |person: &persons_api::Person| people::name(person).text().to_owned();
        let file = found::csv(
            &rows.read_untracked(),
            called,
            columns.read_untracked().as_deref().unwrap_or_default(),
        );
        download::text("people.csv", "text/csv", &file);
    };
    let save = move || {
        let title = name.get_untracked().trim().to_owned();
        if title.is_empty() {
            return;
        }
        let (client, listed) = (client.get_value(), rows.get_untracked());
        is_naming.set(false);
        spawn_local(async move {
            let people: Vec<_> = listed.iter().map(|row| &row.person).collect();
            let saved = behind::save_cohort(&client, &title, &people, &Abort::new()).await;
            notices.show(match saved {
                Ok(_) => format!("Saved {} people as the cohort “{title}”.", people.len()),
                Err(error) => format!("The cohort was not saved. {error}"),
            });
        });
    };
    let naming = when(
        move || is_naming.get(),
        move || {
            view! {
                <form
                    class="people-naming"
                    on:submit=move |event| {
                        event.prevent_default();
                        save();
                    }
                >
                    <input
                        type="text"
                        class="field"
                        id="cohort-name"
                        aria-label="Name of the cohort"
                        placeholder="Name of the cohort"
                        maxlength="400"
                        prop:value=name
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                    <button type="submit" class=Loudness::Primary.class()>"Save"</button>
                </form>
            }
            .into_any()
        },
    );
    let begin = move |_| {
        is_naming.update(|open| *open = !*open);
        crate::platform::focus::soon("cohort-name");
    };
    view! {
        <div class="people-tools">
            <Button on_click=export>"Export"</Button>
            <Button on_click=begin>"Save as cohort"</Button>
            {naming}
        </div>
    }
}
