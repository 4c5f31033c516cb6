//! The people behind a number, page by page.

use std::fmt::Debug;
use std::sync::Arc;

use axum::extract::State;
use persons_api::{FilterTree, Subject};
use persons_engine::Query;
use persons_engine::events::Stop;
use persons_engine::insights::{InsightError, ListedPeople, OrderKey, Page, PeopleOrder, Source};
use serde::Serialize;
use serde_json::json;

use super::questions::{Answered, Question, Questions};
use crate::http::call::Call;
use crate::http::error::{Answer, ApiError};
use crate::http::off_thread;
use crate::http::params::{DEFAULT_LIMIT, Params, Window};
use crate::http::person::Listed;

/// A question whose answer is people: those behind one number.
pub(in crate::http) trait PeopleQuestion:
    Debug + Send + Sync + Sized + 'static
{
    /// The question with what it takes from the snapshot.
    type Ready: Send + 'static;
    /// What there is to say of each of them.
    type Value: Send + Sync + 'static;

    /// The parameters that say how many people a page has, and how many come before it.
    const WINDOW: [&'static str; 2] = ["limit", "offset"];

    /// The order that only lists of this insight can have: its name in an `orderBy`, and what it compares.
    const OWN_ORDER: Option<(&'static str, OrderKey)> = None;

    /// Reads the parameters.
    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError>;

    /// Gets ready to answer. That must be quick: nobody can write meanwhile.
    fn prepare(&self, source: Source<'_>) -> Result<Self::Ready, InsightError>;

    /// A page of them.
    fn people(
        &self,
        ready: &Self::Ready,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<Self::Value>, InsightError>;

    /// A person's part of the number, where the number is made of such parts.
    fn part(_: &Self::Value) -> Option<f64> {
        None
    }

    /// The number of a person's events, where the insight counts events.
    fn event_count(_: &Self::Value) -> Option<u64> {
        None
    }

    /// Whether a person appears in each column of the row, where there are rows.
    fn appearances(_: &Self::Value) -> Option<&[bool]> {
        None
    }

    /// How many numbers there are to keep of each of them.
    fn weight(_: &Self::Value) -> usize {
        1
    }
}

/// A page of the people that a question asks for, perhaps only some of them.
#[derive(Debug)]
pub(in crate::http) struct Behind<Q> {
    question: Q,
    window: Window,
    search: Option<String>,
    filter: FilterTree,
    order: PeopleOrder,
}

/// The names of the id of a person in an `orderBy`.
const ID_NAMES: [&str; 4] = ["id", "actor_id", "person_id", "person.id"];

/// Reads the order of a list as an `orderBy` has it, with commas between its parts: `event_count DESC, id`.
fn read_order(text: &str, own: Option<(&str, OrderKey)>) -> Result<PeopleOrder, ApiError> {
    let parts: Vec<(&str, bool)> = text.split(',').map(sort_key).collect();
    let own_key = |name: &str| own.filter(|(own, _)| *own == name).map(|(_, key)| key);
    let (by, rest) = match parts[..] {
        [("created_at" | "person.created_at", true), ref rest @ ..] => (OrderKey::CreatedAt, rest),
        [(name, true), ref rest @ ..] if own_key(name).is_some() => {
            (own_key(name).unwrap_or_default(), rest)
        }
        ref rest => (OrderKey::Id, rest),
    };
    let ids_descend = match *rest {
        [] if by != OrderKey::Id => Some(false),
        [(name, descends)] if ID_NAMES.contains(&name) => Some(descends),
        _ => None,
    };
    let ids_descend = ids_descend.ok_or_else(|| {
        let own = own.map_or_else(String::new, |(name, _)| format!("{name} DESC, "));
        let detail = format!(
            "The order \"{text}\" is not supported here: use {own}created_at DESC or id, the former also with id behind them."
        );
        ApiError::invalid("query", detail)
    })?;
    Ok(PeopleOrder { by, ids_descend })
}

/// Splits a part of an `orderBy` into what is compared and whether it descends.
fn sort_key(part: &str) -> (&str, bool) {
    let part = part.trim();
    match part.rsplit_once(char::is_whitespace) {
        Some((key, direction)) if direction.eq_ignore_ascii_case("desc") => (key.trim_end(), true),
        Some((key, direction)) if direction.eq_ignore_ascii_case("asc") => (key.trim_end(), false),
        _ => (part, false),
    }
}

impl<Q: PeopleQuestion> Behind<Q> {
    /// How many people come before the next page.
    pub(super) fn after(&self) -> usize {
        self.window.offset.saturating_add(self.window.limit)
    }
}

impl<Q: PeopleQuestion> Question for Behind<Q> {
    type Ready = (Q::Ready, Page);
    type Found = ListedPeople<Q::Value>;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let [limit, offset] = Q::WINDOW;
        let filter = params.get("actor_properties").unwrap_or_default();
        let filter = FilterTree::parse(filter, Subject::Person);
        Ok(Self {
            question: Q::read(params, source)?,
            window: params.window_named(limit, offset, DEFAULT_LIMIT)?,
            search: params.text("search")?.map(str::to_owned),
            filter: filter
                .map_err(|error| ApiError::invalid("actor_properties", error.to_string()))?,
            order: match params.text("actor_order")? {
                Some(text) => read_order(text, Q::OWN_ORDER)?,
                None => PeopleOrder::default(),
            },
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Self::Ready, ApiError> {
        let query = Query {
            search: self.search.clone(),
            filter: self.filter.clone(),
            ..Query::default()
        };
        let page = Page {
            offset: self.window.offset,
            limit: self.window.limit,
            among: source.people.select(&query, source.texts)?,
            order: self.order,
        };
        Ok((self.question.prepare(source)?, page))
    }

    fn answer(
        &self,
        (ready, page): Self::Ready,
        stop: &Stop,
    ) -> Result<ListedPeople<Q::Value>, InsightError> {
        self.question.people(&ready, &page, stop)
    }

    fn weight(found: &Self::Found) -> usize {
        let people = found.people.iter();
        people.map(|person| Q::weight(&person.value)).sum()
    }
}

/// An answer that lists people.
#[derive(Serialize)]
struct Body<'a> {
    results: [Group<'a>; 1],
    next: Option<String>,
    initial: &'a str,
    missing_persons: usize,
    is_cached: bool,
    last_refresh: persons_api::Timestamp,
}

/// People, and how many there are on this page.
#[derive(Serialize)]
struct Group<'a> {
    people: Vec<Listed<'a>>,
    count: usize,
}

/// `GET persons/trends/` and its like: the people behind a number.
pub(in crate::http) async fn list<Q: PeopleQuestion>(
    State(questions): State<Arc<Questions>>,
    call: Call,
) -> Answer {
    let answered = questions.ask::<Behind<Q>>(&call.all_params()?).await?;
    off_thread(move || {
        let Answered {
            question, found, ..
        } = &answered;
        let state = questions.app.project.read();
        let listed = found.people.iter().filter_map(|listed| {
            let person = state.by_number(listed.number)?;
            Some(Listed::new(person, Q::part(&listed.value)))
        });
        let people: Vec<Listed<'_>> = listed.collect();
        let count = people.len();
        let body = Body {
            results: [Group { people, count }],
            next: found.has_more.then(|| {
                let [_, offset] = Q::WINDOW;
                call.link_with(&[(offset, Some(question.after().to_string()))])
            }),
            initial: &call.url.to_string(),
            // Somebody may have been deleted since the answer was found.
            missing_persons: found.missing + found.people.len() - count,
            is_cached: answered.is_cached,
            last_refresh: answered.at,
        };
        if call.format == crate::http::call::Format::Csv {
            return call.answer("persons", &json!({"results": body.results}));
        }
        call.answer("persons", &body)
    })
    .await?
}
