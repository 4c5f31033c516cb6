//! Why somebody is behind a number: what they did, and what that means.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Subject, Timestamp};

use super::evidence::{Case, Evidence, Told};
use crate::api::behind::Row;
use crate::api::events::{self, Event, Wanted};
use crate::api::history::{self, Timeline};
use crate::api::{Session, load};
use crate::conditions::browser::Browser;
use crate::failure::Failure;
use crate::insights::before;
use crate::insights::figure::{Cell, Source};
use crate::insights::page::Model;
use crate::insights::question::{BreakdownKind, Insight, Question, What};
use crate::people;
use crate::platform::{focus, intl};
use crate::routes::decode_query;
use crate::ui::button::IconButton;
use crate::ui::dynamic::dynamic;
use crate::ui::skeleton::SkeletonRows;

/// Events that are looked through.
const MOST: usize = 1_000;

/// Events that are listed; more say nothing more.
const SHOWN: usize = 12;

/// The id of the head, for the focus.
const HEAD: &str = "why";

/// What put one person there.
#[component]
pub fn Why(model: Model, row: Arc<Row>, on_close: Callback<()>) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let cell = model.chosen.get_untracked()[0].and_then(|place| {
        model.answered.value.with_untracked(|answered| {
            let (_, answer) = answered.as_ref()?;
            answer.cells.get(place).cloned()
        })
    });
    let question = model.question.get_untracked();
    let uuid = row.person.uuid;
    let range = cell
        .as_ref()
        .map(|cell| range(cell, &question))
        .unwrap_or_default();
    let names = names(&question);
    let asked = Arc::clone(&question);
    let done = load(
        move || Some(()),
        move |(), abort| {
            let client = client.get_value();
            let wanted = Wanted {
                person: uuid,
                name: match &names[..] {
                    [name] => name.clone(),
                    _ => String::new(),
                },
                range,
                is_oldest_first: false,
                page_size: MOST,
            };
            let keys = person_keys(&asked);
            async move {
                let (events, is_all) = events::all(&client, &wanted, MOST, &abort).await?;
                let history = match &keys[..] {
                    [] => None,
                    keys => {
                        let path = history::timeline_path(&client, uuid, keys, [None, None]);
                        // Without it everything else can be told.
                        history::timeline(&client, &path, &abort).await.ok()
                    }
                };
                Ok(Seen {
                    events,
                    is_all,
                    history,
                })
            }
        },
    );
    let again = Callback::new(move |()| done.again());
    let name = people::name(&row.person).short();
    focus::soon(HEAD);
    let content = dynamic(move || match (done.error.get(), &*done.value.read()) {
        (Some(error), _) => {
            view! { <Failure error what="what they did" on_retry=again/> }.into_any()
        }
        (None, None) => view! { <SkeletonRows rows=4/> }.into_any(),
        (None, Some(seen)) => {
            let Some(cell) = &cell else {
                return ().into_any();
            };
            let case = Case {
                question: &question,
                key: cell.key.strip_prefix(before::KEY).unwrap_or(&cell.key),
                title: &cell.title,
                events: &seen.events,
                is_all: seen.is_all,
                person: &row.person.properties,
                history: seen.history.as_ref(),
                engine: &Browser,
            };
            let note = match (person_keys(&question).is_empty(), &seen.history) {
                (true, _) => "",
                (false, Some(_)) => NOTE,
                (false, None) => NOTE_WITHOUT_HISTORY,
            };
            told_view(&case.tell(), note)
        }
    });
    view! {
        <section
            class="people-told"
            aria-labelledby=HEAD
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.stop_propagation();
                    event.prevent_default();
                    on_close.run(());
                }
            }
        >
            <div class="people-head">
                <h3 id=HEAD tabindex="-1">
                    "Why is "
                    <bdi>{name}</bdi>
                    " here?"
                </h3>
                <IconButton
                    icon="close"
                    label=Signal::stored("Close".to_owned())
                    on_click=move |_| on_close.run(())
                />
            </div>
            {content}
        </section>
    }
}

/// How conditions on people are read.
const NOTE: &str = "Conditions on people read them as they are now, as the number does; beside it stands what they were then.";
const NOTE_WITHOUT_HISTORY: &str = "Conditions on people read them as they are now, as the number does. This server does not say what they were then.";

/// What was found out about somebody.
#[derive(Clone, PartialEq)]
struct Seen {
    /// What they did, oldest first.
    events: Vec<Event>,
    /// Whether that is all in the range.
    is_all: bool,
    /// What they were; `None` where nothing asks for it, or the server does not tell.
    history: Option<Timeline>,
}

/// The properties of people that the question asks about.
fn person_keys(question: &Question) -> Vec<String> {
    let of_entities = question.series.iter().flat_map(|entity| &entity.conditions);
    let conditions = question.conditions.iter().chain(of_entities);
    let conditions = conditions.filter(|condition| condition.subject == Subject::Person);
    let breakdown = question
        .breakdown
        .as_ref()
        .filter(|breakdown| breakdown.kind == BreakdownKind::Person);
    let mut keys: Vec<String> = Vec::new();
    for key in conditions
        .map(|condition| &condition.key)
        .chain(breakdown.map(|breakdown| &breakdown.key))
    {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

fn told_view(told: &Told, note: &'static str) -> AnyView {
    let class = if told.is_shown {
        "verdict is-shown"
    } else {
        "verdict"
    };
    let mark = if told.is_shown { "✓ " } else { "? " };
    let more = told.evidence.len().saturating_sub(SHOWN);
    let events = told.evidence.iter().take(SHOWN).map(evidence_view);
    view! {
        <p class=class role="status">
            {mark}
            {told.verdict.clone()}
        </p>
        <ol class="evidence">{events.collect_view()}</ol>
        {(more > 0).then(|| view! { <p class="people-below">{format!("and {more} more")}</p> })}
        {(!note.is_empty()).then(|| view! { <p class="people-below">{note}</p> })}
    }
    .into_any()
}

fn evidence_view(evidence: &Evidence) -> AnyView {
    let ticks = evidence.ticks.iter().map(|tick| {
        let mark = match tick.holds {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        let value = match &tick.then {
            Some(then) if *then == tick.value => format!("{then}, then and now"),
            Some(then) => format!("{then} then, {} now", tick.value),
            None => tick.value.clone(),
        };
        view! {
            <li>
                {mark}
                " "
                {tick.condition.clone()}
                ": "
                <bdi>{value}</bdi>
            </li>
        }
    });
    view! {
        <li>
            <span class="evidence-role">{evidence.role.clone()}</span>
            <strong>{evidence.name.clone()}</strong>
            <time datetime=evidence.at.to_string()>{intl::moment(evidence.at)}</time>
            <ul>{ticks.collect_view()}</ul>
        </li>
    }
    .into_any()
}

/// The events that have to be looked through: all, unless one name is enough.
fn names(question: &Question) -> Vec<String> {
    let names = question.series.iter().map(|entity| match &entity.of {
        What::Event(name) => Some(name.clone()),
        What::Any | What::Action(..) => None,
    });
    match question.insight {
        Insight::Trends | Insight::Stickiness | Insight::Lifecycle
            if question.series.len() == 1 =>
        {
            names.collect::<Option<_>>().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// When the events happened that a cell counts, as its list says; whatever it does not say is left open.
fn range(cell: &Cell, question: &Question) -> [Option<Timestamp>; 2] {
    let moment = |text: &str| Timestamp::parse(text);
    let of_url = |url: &str| {
        let (_, query) = url.split_once('?').unwrap_or(("", url));
        let parameters = decode_query(query);
        let value = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name == wanted);
            found.and_then(|(_, value)| moment(value))
        };
        match value("target_date") {
            // The interval, and the one before it, which dormant people were active in.
            Some(begin) => {
                let length = question.interval.micros();
                let from = Some(Timestamp(begin.0 - length));
                [from, Some(Timestamp(begin.0 + length))]
            }
            None => [value("date_from"), value("date_to")],
        }
    };
    match (&cell.people, question.insight) {
        (Some(Source::Row { .. }), _) => {
            let (row, column) = cell.key.split_once('/').unwrap_or((&cell.key, "0"));
            let Some(begin) = moment(&format!("{row}:00:00Z")) else {
                return [None, None];
            };
            let length = question.interval.micros();
            let column: i64 = column.parse().unwrap_or(0);
            let end = begin.0 + (column + 1) * length;
            [Some(begin), Some(Timestamp(end))]
        }
        (Some(Source::Url(url)), _) => of_url(url),
        (Some(Source::Any(sources)), _) => match sources.first() {
            Some(Source::Url(url)) => of_url(url),
            _ => [None, None],
        },
        _ => [None, None],
    }
}
