//! The people behind a number, page by page.

use std::sync::Arc;

use axum::extract::State;
use persons_api::{FilterTree, Subject};
use persons_engine::insights::{ListedPeople, Page};
use persons_engine::{People, Query};
use serde::Serialize;
use serde_json::json;

use super::questions::{Answered, Question, Questions};
use crate::http::call::Call;
use crate::http::error::{Answer, ApiError};
use crate::http::off_thread;
use crate::http::params::{Params, Window};
use crate::http::person::Listed;
use crate::regexes::Regexes;

/// Which of the people.
#[derive(Debug)]
pub(in crate::http) struct Listing {
    pub(super) window: Window,
    search: Option<String>,
    filter: FilterTree,
}

impl Listing {
    /// The parameters `limit`, `offset`, `search` and `actor_properties`.
    pub(super) fn read(params: &Params) -> Result<Self, ApiError> {
        Self::of(params.window()?, params)
    }

    /// `search` and `actor_properties`, and a window that was read already.
    pub(super) fn of(window: Window, params: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            window,
            search: params.text("search")?.map(str::to_owned),
            filter: FilterTree::parse(
                params.get("actor_properties").unwrap_or_default(),
                Subject::Person,
            )
            .map_err(|error| ApiError::invalid("actor_properties", error.to_string()))?,
        })
    }

    /// What the engine is asked for.
    pub(super) fn page(&self, people: &People) -> Result<Page, ApiError> {
        let query = Query {
            search: self.search.clone(),
            filter: self.filter.clone(),
            ..Query::default()
        };
        Ok(Page {
            offset: self.window.offset,
            limit: self.window.limit,
            among: people.select(&query, &Regexes)?,
        })
    }
}

/// A question whose answer is people.
pub(in crate::http) trait PeopleQuestion:
    Question<Found = ListedPeople<Self::Value>>
{
    /// What there is to say of each of them.
    type Value: Send + Sync + 'static;

    /// The parameter that says how many come before the page.
    const OFFSET: &'static str = "offset";

    /// Which of them are asked for.
    fn listing(&self) -> &Listing;

    /// A person's part of the number, where the number is made of such parts.
    fn part(_: &Self::Value) -> Option<f64> {
        None
    }

    /// In which columns of a row they appear, where there are rows.
    fn appearances(_: &Self::Value) -> Option<Vec<u8>> {
        None
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
    let answered = questions.ask::<Q>(&call.all_params()?).await?;
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
        let Window { offset, limit } = question.listing().window;
        let body = Body {
            results: [Group { people, count }],
            next: found.has_more.then(|| {
                let after = offset.saturating_add(limit).to_string();
                call.link_with(&[(Q::OFFSET, Some(after))])
            }),
            initial: &call.url,
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
