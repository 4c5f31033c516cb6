//! What was done, newest first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Activity as Entry;
use serde_json::Value;
use uuid::Uuid;

use super::told::{KINDS, Told, told};
use crate::api::{ApiError, Client, Load, Session, activity, load};
use crate::failure::Failure;
use crate::platform::{Abort, intl};
use crate::routes::Route;
use crate::ui::button::Button;
use crate::ui::dynamic::{dynamic, when};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::time::Time;
use crate::ui::value::ValueText;

/// The choice of a kind.
const KIND_ID: &str = "activity-kind";

/// Distinct ids of one entry that are listed.
const MOST_IDS: usize = 20;

/// Properties of one entry that are shown without asking.
const AT_ONCE: usize = 6;

/// What was done, of the kind that is chosen.
#[component]
pub fn ActivityList(
    /// To whom; to anybody if nobody is named.
    person: Option<Uuid>,
) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let kind = RwSignal::new(String::new());
    let first = load(
        move || Some(kind.get()),
        move |kind, abort| {
            let client = client.get_value();
            async move { activity::newest(&client, person, &kind, &abort).await }
        },
    );
    let options = KINDS.map(|(name, words)| view! { <option value=name>{words}</option> });
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
        <Loaded first person kind client/>
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
    let status = crate::ui::dynamic::text(move || {
        let count = entries.read().len() as u64;
        let (shown, noun) = (
            intl::number(count),
            if count == 1 { "entry" } else { "entries" },
        );
        match (total, error.get()) {
            (_, Some(error)) => format!("The older entries could not be loaded: {error}"),
            (Some(total), None) => format!("{shown} of {} entries", intl::number(total)),
            (None, None) => format!("{shown} {noun}"),
        }
    });
    let items = dynamic(move || {
        let entries = entries.read();
        let entries: Vec<AnyView> = entries.iter().map(|told| entry(told, is_of_all)).collect();
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

fn entry(entry: &Entry, is_of_all: bool) -> AnyView {
    let Told {
        who,
        what,
        note,
        lines,
        ids,
    } = told(entry);
    // Who is gone has no page any more.
    let whom = match entry.person.as_deref().filter(|_| is_of_all) {
        Some(person) => {
            let href = (entry.kind != "deleted").then(|| Route::person(person).url());
            view! { " · " <a class="entry-whom" href=href>{format!("person {person}")}</a> }
                .into_any()
        }
        None => ().into_any(),
    };
    let head = view! {
        <p class="entry-head">
            <span><bdi>{who}</bdi> " " {what} {whom}</span>
            <Time at=Some(entry.at)/>
        </p>
    };
    let mut parts = vec![head.into_any()];
    parts.extend(note.map(|note| hint(note.into())));
    parts.push(changes(lines));
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
pub fn changes(lines: Vec<Line>) -> AnyView {
    let count = lines.len();
    let lines: Vec<AnyView> = lines.into_iter().map(line).collect();
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

/// A property, its value before, and its value after.
pub type Line = (String, Option<Value>, Option<Value>);

fn line((key, before, after): Line) -> AnyView {
    let mut values = Vec::new();
    if before.is_some() {
        let before = view! { <ValueText value=before.as_ref()/> }.into_any();
        values.push(view! { <del>{before}</del> }.into_any());
        values.push(view! { <span class="visually-hidden">" became "</span> }.into_any());
    }
    let after = match &after {
        Some(_) => view! { <ValueText value=after.as_ref()/> }.into_any(),
        None => view! { <span class="not-set">"removed"</span> }.into_any(),
    };
    values.push(view! { <ins>{after}</ins> }.into_any());
    view! {
        <div class="change">
            <dt><bdi>{key}</bdi></dt>
            <dd>{values}</dd>
        </div>
    }
    .into_any()
}
