//! What differs between the two moments, as a table.

use leptos::prelude::*;
use serde_json::Value;

use super::diff::{Diff, Difference, Kind};
use super::state::{Compared, LETTERS, Shown};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::person::past::not_told;
use crate::platform::intl;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{attribute, dynamic, text, when};
use crate::ui::full_value::full;
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::value::type_name;

/// Rows drawn before asking.
const AT_ONCE: usize = 200;

/// The two moments, and what became different from the one to the other.
#[component]
pub fn Between(shown: Shown) -> impl IntoView {
    // Who unfolds it wants to see it at every step.
    let is_all = RwSignal::new(false);
    let content = dynamic(move || match shown.compared() {
        Compared::Waiting => view! { <SkeletonRows rows=4/> }.into_any(),
        Compared::Known(diff, None) => table(diff, is_all),
        Compared::Known(diff, Some(error)) => {
            let parts = [table(diff, is_all), source(shown, &error)];
            Vec::from(parts).into_any()
        }
        Compared::Unknown(error) => unknown(shown, error),
    });
    let count = text(move || match shown.compared() {
        Compared::Known(diff, _) => {
            let (count, same) = (diff.differences.len() as u64, diff.same.len() as u64);
            let noun = if count == 1 {
                "difference"
            } else {
                "differences"
            };
            let (count, same) = (intl::number(count), intl::number(same));
            format!("{count} {noun} · {same} unchanged")
        }
        _ => String::new(),
    });
    let moments: Vec<AnyView> = [0, 1].map(|which| moment(shown, which)).into();
    view! {
        <section
            class="panel"
            class:is-behind=move || shown.is_behind()
            aria-labelledby="timeline-between"
            aria-busy=move || if shown.is_behind() { "true" } else { "false" }
        >
            <div class="timeline-head">
                <h2 id="timeline-between">"Between A and B"</h2>
                <span class="timeline-moments">{moments}</span>
                <span class="page-gap"></span>
                <span class="page-count" role="status">{count}</span>
                <span class="timeline-tools">
                    <Button loudness=Loudness::Quiet shortcut="x" on_click=move |_| shown.swap()>
                        "Swap"
                    </Button>
                    <Button loudness=Loudness::Quiet shortcut="t" on_click=move |_| shown.to_now()>
                        "Now"
                    </Button>
                </span>
            </div>
            {content}
            {when(
                move || matches!(shown.compared(), Compared::Known(_, None)),
                move || set_once(shown),
            )}
        </section>
    }
}

/// A moment, leading to the person as they were then.
fn moment(shown: Shown, which: usize) -> AnyView {
    let at = move || shown.moments()[which];
    let words = text(move || [LETTERS[which], " · ", &intl::minute(at())].concat());
    view! {
        <a
            class="tag"
            href=attribute(move || shown.page_at(which))
            title=attribute(move || intl::moment(at()))
        >
            {words}
            <span class="visually-hidden">": open the person as they were"</span>
        </a>
    }
    .into_any()
}

fn table(diff: Diff, is_all: RwSignal<bool>) -> AnyView {
    let Diff { differences, same } = diff;
    let (count, more) = (same.len(), differences.len().saturating_sub(AT_ONCE));
    let rows: Vec<AnyView> = differences.into_iter().take(AT_ONCE).map(row).collect();
    let is_empty = rows.is_empty();
    let mut notes = Vec::new();
    if is_empty {
        notes.push(note("Nothing differs between these two moments.".into()));
    }
    if more > 0 {
        let more = intl::number(more as u64);
        notes.push(note(format!(
            "{more} more differ: look at moments that are closer together."
        )));
    }
    let unchanged = dynamic(move || {
        let shown = if is_all.get() { same.len() } else { 0 };
        let rows: Vec<AnyView> = same[..shown].iter().cloned().map(unchanged).collect();
        rows.into_any()
    });
    let fold = dynamic(move || fold(count, is_all));
    view! {
        {notes}
        <table class="differences">
            <caption class="visually-hidden">"Differences between A and B"</caption>
            <thead class:visually-hidden=is_empty>
                <tr>
                    <th scope="col">"Change"</th>
                    <th scope="col">"Key"</th>
                    <th scope="col">"At A"</th>
                    <th scope="col">"At B"</th>
                </tr>
            </thead>
            <tbody>
                {rows}
                {unchanged}
            </tbody>
        </table>
        {fold}
    }
    .into_any()
}

fn note(words: String) -> AnyView {
    view! { <p class="timeline-note note">{words}</p> }.into_any()
}

/// Shows and hides what did not change.
fn fold(count: usize, is_all: RwSignal<bool>) -> AnyView {
    if count == 0 {
        return ().into_any();
    }
    let is_open = is_all.get();
    let verb = if is_open { "Hide" } else { "Show" };
    view! {
        <p class="timeline-note">
            <button
                type="button"
                class="link"
                aria-expanded=if is_open { "true" } else { "false" }
                on:click=move |_| is_all.set(!is_open)
            >
                {[verb, " ", &intl::number(count as u64), " unchanged"].concat()}
            </button>
        </p>
    }
    .into_any()
}

fn row(difference: Difference) -> AnyView {
    let Difference {
        key,
        kind,
        before,
        after,
    } = difference;
    let (sign, word) = kind.told();
    let is_retyped = kind == Kind::Retyped;
    let class = match kind {
        Kind::Added => "difference is-added",
        Kind::Removed => "difference is-removed",
        Kind::Changed | Kind::Retyped => "difference is-changed",
    };
    view! {
        <tr>
            <td class=class>
                <span aria-hidden="true">{sign}</span>
                " "
                {word}
            </td>
            <th scope="row" class="property-key"><bdi>{key}</bdi></th>
            {cell(before, is_retyped)}
            {cell(after, is_retyped)}
        </tr>
    }
    .into_any()
}

/// A value, with its type where that is the news.
fn cell(value: Option<Value>, has_type: bool) -> AnyView {
    let name = value.as_ref().filter(|_| has_type).map(type_name);
    let name = name.map(|name| view! { <span class="property-hint mono">{name}</span> });
    view! { <td class="property-value">{full(value)} " " {name}</td> }.into_any()
}

fn unchanged((key, value): (String, Value)) -> AnyView {
    view! {
        <tr>
            <td class="difference">
                <span aria-hidden="true">"="</span>
                " same"
            </td>
            <th scope="row" class="property-key"><bdi>{key}</bdi></th>
            <td class="property-value" colspan="2">{full(Some(value))}</td>
        </tr>
    }
    .into_any()
}

fn unknown(shown: Shown, error: Option<ApiError>) -> AnyView {
    match error {
        Some(error) if error.may_pass() => {
            let again = Callback::new(move |()| shown.again());
            view! { <Failure error what="the two moments" on_retry=again/> }.into_any()
        }
        Some(error) => not_told(&error, ().into_any()),
        None => view! {
            <Message
                tone=Tone::Empty
                title="Nothing is known before the first event"
                detail="Move A and B to moments after it, or choose an earlier first day."
            >
                ""
            </Message>
        }
        .into_any(),
    }
}

/// The choice whether values that only `$set_once` said are told.
fn set_once(shown: Shown) -> AnyView {
    view! {
        <div class="timeline-source">
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || shown.has_set_once()
                    on:change=move |event| shown.set_set_once(event_target_checked(&event))
                />
                "Include set-once values"
            </label>
            <p class="note">"Rebuilt by the server from the events up to each moment."</p>
        </div>
    }
    .into_any()
}

/// Where the values come from instead.
fn source(shown: Shown, instead_of: &ApiError) -> AnyView {
    let why = match instead_of {
        ApiError::NotOffered | ApiError::NotFound => {
            "This server does not tell all properties of a moment.".to_owned()
        }
        error => error.to_string(),
    };
    let again = instead_of.may_pass().then(|| {
        view! { <Button on_click=move |_| shown.again()>"Try again"</Button> }
    });
    view! {
        <div class="timeline-source">
            <p class="note">
                {why}
                " So they are read where a watched key changed: what changed later may be missing."
            </p>
            {again.into_any()}
        </div>
    }
    .into_any()
}
