//! What was done, newest first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::{Activity as Entry, PersonId, Timestamp};
use uuid::Uuid;

use super::told::{KINDS, Line, Told, told};
use crate::api::{ApiError, Client, Load, Session, activity, load, persons};
use crate::failure::Failure;
use crate::people;
use crate::platform::{Abort, clock, intl};
use crate::routes::Route;
use crate::ui::button::Button;
use crate::ui::dynamic::{dynamic, text, when};
use crate::ui::full_value::full;
use crate::ui::kind::distance;
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;

/// The choice of a kind.
const KIND_ID: &str = "activity-kind";

/// Distinct ids of one entry that are listed.
const MOST_IDS: usize = 20;

/// Properties of one entry that are shown without asking.
const AT_ONCE: usize = 6;

/// Kept pages of the list of people in which names are looked up.
const MOST_PAGES: usize = 5;

/// What was done, of the kind that is chosen.
#[component]
pub fn ActivityList(
    /// To whom; to anybody if nobody is named.
    person: Option<Uuid>,
    /// The name of the kind; an empty one is any.
    kind: RwSignal<String>,
) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let first = load(
        move || Some(kind.get()),
        move |kind, abort| {
            let client = client.get_value();
            async move { activity::newest(&client, person, &kind, &abort).await }
        },
    );
    let options = KINDS.map(|(name, words)| {
        let is_chosen = move || *kind.read() == name;
        view! { <option value=name prop:selected=is_chosen>{words}</option> }
    });
    view! {
        <div class="entries-kind">
            <label for=KIND_ID>"Show"</label>
            <select
                id=KIND_ID
                class="field"
                on:change=move |event| kind.set(event_target_value(&event))
            >
                {options.into_iter().collect_view()}
            </select>
        </div>
        <div class:is-behind=move || first.is_busy.get()>
            <Loaded first person kind client/>
        </div>
    }
}

/// The newest entries, or why there are none.
#[component]
fn Loaded(
    first: Load<activity::Page>,
    person: Option<Uuid>,
    kind: RwSignal<String>,
    client: StoredValue<Client>,
) -> impl IntoView {
    let try_again = Callback::new(move |()| first.again());
    dynamic(move || match (first.value.get(), first.error.get()) {
        // What was shown before was of another kind, or may be old.
        (_, Some(error)) => {
            view! { <Failure error what="the activity" on_retry=try_again/> }.into_any()
        }
        (Some(page), None) if page.entries.is_empty() && page.next.is_none() => {
            let title = match (kind.with_untracked(String::is_empty), person) {
                (false, _) => "Nothing of this kind was done",
                (true, Some(_)) => "Nothing was done to this person",
                (true, None) => "Nobody was changed yet",
            };
            view! {
                <Message
                    tone=Tone::Empty
                    title=title
                    detail="Edits, splits and deletions are told here, with who did them."
                >
                    ""
                </Message>
            }
            .into_any()
        }
        (Some(page), None) => {
            let is_of_all = person.is_none();
            let kind = kind.get_untracked();
            view! { <Entries first=page is_of_all kind client/> }.into_any()
        }
        (None, None) => view! { <div class="panel"><SkeletonRows rows=6/></div> }.into_any(),
    })
}

/// The entries, and the way to older ones.
#[component]
fn Entries(
    first: activity::Page,
    /// Whether each says whom it is about.
    is_of_all: bool,
    /// The kind that was asked for. Servers that do not know how to choose are helped.
    kind: String,
    client: StoredValue<Client>,
) -> impl IntoView {
    let kind = StoredValue::new(kind);
    let chosen = move |entries: Vec<Entry>| -> Vec<Entry> {
        let kind = kind.get_value();
        let fits = |entry: &Entry| kind.is_empty() || entry.kind == kind;
        entries.into_iter().filter(fits).collect()
    };
    // Of all that there are, servers count only what they chose themselves.
    let total = first.total.filter(|_| kind.with_value(String::is_empty));
    let entries = RwSignal::new(chosen(first.entries));
    let next = RwSignal::new(first.next);
    let error = RwSignal::new(None::<ApiError>);
    let is_busy = RwSignal::new(false);
    let abort = Abort::new();
    on_cleanup({
        let abort = abort.clone();
        move || abort.abort()
    });
    let older = Callback::new(move |()| {
        let (Some(path), false) = (next.get_untracked(), is_busy.get_untracked()) else {
            return;
        };
        is_busy.set(true);
        let (client, abort) = (client.get_value(), abort.clone());
        spawn_local(async move {
            let page = activity::at(&client, &path, &abort).await;
            // After cleanup the signals are gone.
            if abort.is_aborted() {
                return;
            }
            is_busy.set(false);
            error.set(page.as_ref().err().cloned());
            if let Ok(page) = page {
                next.set(page.next);
                entries.update(|entries| entries.extend(chosen(page.entries)));
            }
        });
    });
    let status = text(move || {
        let count = entries.read().len() as u64;
        let (shown, noun) = (
            intl::number(count),
            if count == 1 { "entry" } else { "entries" },
        );
        match (total, error.get()) {
            (_, Some(error)) => format!("The older entries could not be loaded: {error}"),
            (Some(total), None) => format!("{shown} of {} entries", intl::number(total)),
            (None, None) if count == 0 => "None of this kind among the newest.".to_owned(),
            (None, None) => format!("{shown} {noun}"),
        }
    });
    let names = is_of_all.then(|| client.with_value(names));
    let items = dynamic(move || {
        let entries = entries.read();
        let entries: Vec<AnyView> = entries
            .iter()
            .map(|told| entry(told, names.as_deref()))
            .collect();
        entries.into_any()
    });
    let more = move || {
        let words = move || {
            if is_busy.get() {
                "Loading…"
            } else {
                "Show older"
            }
        };
        view! { <Button on_click=move |_| older.run(())>{words}</Button> }.into_any()
    };
    view! {
        <div class="panel">
            <ol class="entries" aria-label="Activity, newest first" tabindex="0">{items}</ol>
            <div class="entries-foot">
                <p class="note" role="status">{status}</p>
                {when(move || next.read().is_some(), more)}
            </div>
        </div>
    }
}

/// How people are called whom this device knows, by their numbers.
fn names(client: &Client) -> Vec<(String, String)> {
    let pages = (0..MOST_PAGES).map_while(|place| persons::nth_kept_page(client, place));
    let named = pages.flatten().filter_map(|person| {
        let PersonId::Number(number) = person.id else {
            return None;
        };
        Some((number.to_string(), people::name(&person).short()))
    });
    named.collect()
}

/// Whom an entry is about, and the way there. Who is gone has no page any more, and no name.
fn whom(entry: &Entry, names: &[(String, String)]) -> Option<AnyView> {
    let number = entry.person.as_deref()?;
    let is_there = entry.kind != "deleted";
    let name = names.iter().find(|(known, _)| is_there && known == number);
    let name = name.map_or_else(|| ["person ", number].concat(), |(_, name)| name.clone());
    let href = is_there.then(|| Route::person(number).url());
    let whom = view! { " · " <a class="entry-whom" href=href><bdi>{name}</bdi></a> };
    Some(whom.into_any())
}

/// When: to the second and with its zone, and how long ago.
fn when_exactly(at: Timestamp) -> AnyView {
    let ago = intl::relative_in_words(distance(at, clock::now()));
    view! {
        <span class="entry-time">
            <time datetime=at.to_string()>{intl::stamp(at)}</time>
            " · "
            {ago}
        </span>
    }
    .into_any()
}

/// An entry. Names are given where it has to be said whom it is about.
fn entry(entry: &Entry, names: Option<&[(String, String)]>) -> AnyView {
    let Told {
        who,
        what,
        note,
        lines,
        is_new,
        ids,
    } = told(entry);
    let whom = names.and_then(|names| whom(entry, names));
    let head = view! {
        <p class="entry-head">
            <span><bdi>{who}</bdi> " " {what} {whom}</span>
            {when_exactly(entry.at)}
        </p>
    };
    let mut parts = vec![head.into_any()];
    parts.extend(note.map(|note| hint(note.into())));
    parts.push(changes(lines, is_new));
    if !ids.is_empty() {
        let more = ids.len().saturating_sub(MOST_IDS);
        let shown: Vec<AnyView> = ids.into_iter().take(MOST_IDS).map(id).collect();
        parts.push(view! { <ul class="entry-ids">{shown}</ul> }.into_any());
        if more > 0 {
            parts.push(hint(format!("and {} more", intl::number(more as u64))));
        }
    }
    view! { <li class="entry">{parts}</li> }.into_any()
}

fn hint(words: String) -> AnyView {
    view! { <p class="note">{words}</p> }.into_any()
}

fn id(id: String) -> AnyView {
    view! { <li><bdi class="mono">{id}</bdi></li> }.into_any()
}

/// The properties that changed. Many of them, as when somebody came to be, are shown on request.
pub fn changes(lines: Vec<Line>, is_new: bool) -> AnyView {
    let count = lines.len();
    let lines = lines.into_iter().map(|told| line(told, is_new));
    let lines: Vec<AnyView> = lines.collect();
    let list = view! { <dl class="changes">{lines}</dl> }.into_any();
    match count {
        0 => ().into_any(),
        1..=AT_ONCE => list,
        _ => {
            let words = format!("All {count} properties");
            view! { <details><summary>{words}</summary>{list}</details> }.into_any()
        }
    }
}

/// `plan  free → pro`
fn line((key, before, after): Line, is_new: bool) -> AnyView {
    let mut values = Vec::new();
    if !is_new {
        values.push(view! { <del class="property-value">{full(before)}</del> }.into_any());
        values.push(view! { <span class="visually-hidden">" became "</span> }.into_any());
    }
    values.push(view! { <ins class="property-value">{full(after)}</ins> }.into_any());
    view! {
        <div class="change">
            <dt><bdi>{key}</bdi></dt>
            <dd>{values}</dd>
        </div>
    }
    .into_any()
}
