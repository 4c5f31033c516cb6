//! The tab that tells what was done to somebody, newest first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Activity as Entry;
use serde_json::Value;
use uuid::Uuid;

use super::told::{Told, told};
use crate::api::{ApiError, Session, activity, load};
use crate::failure::Failure;
use crate::platform::{Abort, intl};
use crate::ui::button::Button;
use crate::ui::dynamic::{dynamic, when};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::time::Time;
use crate::ui::value::ValueText;

/// Distinct ids of one entry that are listed.
const MOST_IDS: usize = 20;

/// Properties of one entry that are shown without asking.
const AT_ONCE: usize = 6;

/// What was done to a person.
#[component]
pub fn Activity(
    /// Who.
    person: Uuid,
) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let first = load(
        move || Some(person),
        move |person, abort| {
            let client = client.get_value();
            async move { activity::of_person(&client, person, &abort).await }
        },
    );
    let try_again = Callback::new(move |()| first.again());
    dynamic(move || match (first.value.get(), first.error.get()) {
        (Some(page), _) if page.entries.is_empty() => view! {
            <Message
                tone=Tone::Empty
                title="Nothing was done to this person"
                detail="Edits, splits and deletions are told here, with who did them."
            >
                ""
            </Message>
        }
        .into_any(),
        (Some(page), _) => view! { <Entries first=page client/> }.into_any(),
        (None, Some(error)) => {
            view! { <Failure error what="the activity" on_retry=try_again/> }.into_any()
        }
        (None, None) => view! { <div class="panel"><SkeletonRows rows=6/></div> }.into_any(),
    })
}

/// The entries, and the way to older ones.
#[component]
fn Entries(first: activity::Page, client: StoredValue<crate::api::Client>) -> impl IntoView {
    let entries = RwSignal::new(first.entries);
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
                entries.update(|entries| entries.extend(page.entries));
            }
        });
    });
    let status = crate::ui::dynamic::text(move || {
        let shown = intl::number(entries.read().len() as u64);
        match (first.total, error.get()) {
            (_, Some(error)) => format!("The older entries could not be loaded: {error}"),
            (Some(total), None) => format!("{shown} of {} entries", intl::number(total)),
            (None, None) => format!("{shown} entries"),
        }
    });
    let items = dynamic(move || {
        let entries = entries.read();
        entries.iter().map(entry).collect_view().into_any()
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

fn entry(entry: &Entry) -> AnyView {
    let Told {
        who,
        what,
        note,
        lines,
        ids,
    } = told(entry);
    let more = ids.len().saturating_sub(MOST_IDS);
    let ids = ids
        .into_iter()
        .take(MOST_IDS)
        .map(|id| view! { <li><bdi class="mono">{id}</bdi></li> });
    let ids: Vec<_> = ids.collect();
    view! {
        <li class="entry">
            <p class="entry-head">
                <span><bdi>{who}</bdi> " " {what}</span>
                <Time at=Some(entry.at)/>
            </p>
            {note.map(|note| view! { <p class="property-hint">{note}</p> })}
            {changes(lines)}
            {(!ids.is_empty()).then(|| view! { <ul class="entry-ids">{ids}</ul> })}
            {(more > 0).then(|| view! { <p class="property-hint">{format!("and {} more", intl::number(more as u64))}</p> })}
        </li>
    }
    .into_any()
}

/// The properties that changed. Many of them, as when somebody came to be, are shown on request.
fn changes(lines: Vec<Line>) -> AnyView {
    let count = lines.len();
    let list = view! { <dl class="changes">{lines.into_iter().map(line).collect_view()}</dl> };
    match count {
        0 => ().into_any(),
        1..=AT_ONCE => list.into_any(),
        _ => {
            let words = format!("All {count} properties");
            view! { <details><summary>{words}</summary>{list}</details> }.into_any()
        }
    }
}

/// A property, its value before, and its value after.
type Line = (String, Option<Value>, Option<Value>);

fn line((key, before, after): Line) -> AnyView {
    let value = |value: &Option<Value>, words: &'static str| match value {
        Some(_) => view! { <ValueText value=value.as_ref()/> }.into_any(),
        None => view! { <span class="not-set">{words}</span> }.into_any(),
    };
    // Between creation and now there is nothing to compare with.
    let is_new = before.is_none();
    view! {
        <div class="change">
            <dt><bdi>{key}</bdi></dt>
            <dd>
                {(!is_new).then(|| view! { <del>{value(&before, "")}</del> <span class="visually-hidden">" became "</span> })}
                <ins>{value(&after, "removed")}</ins>
            </dd>
        </div>
    }
    .into_any()
}
