//! Loading the list: its first page whenever the question changes, the next ones as they are needed. Until
//! the server answers, what is known of the answer is shown.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::list::{Hit, PeopleList};
use crate::api::persons::{self, People};
use crate::api::{ApiError, Client, Server};
use crate::platform::Abort;
use crate::routes::PersonsState;

/// What is going on.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The first page is awaited. Rows of the last question, if any, stay until it comes.
    First,
    /// Nothing: what is there is right.
    Ready,
    /// The next page is awaited.
    More,
    /// The first page did not come.
    Failed(ApiError),
    /// A later page did not come.
    MoreFailed(ApiError),
}

impl Phase {
    /// Whether the first page is awaited, or did not come.
    pub fn has_no_answer(&self) -> bool {
        matches!(self, Self::First | Self::Failed(_))
    }
}

/// Finds people among those that this device knows; `None` where it cannot tell who fits.
pub type Finder = Arc<dyn Fn(&PersonsState) -> Option<Vec<Hit>> + Send + Sync>;

/// The list and the ways to load it.
#[derive(Clone, Copy)]
pub struct Source {
    /// What is loaded; `None` before anything is.
    pub list: RwSignal<Option<PeopleList>>,
    /// What is going on.
    pub phase: RwSignal<Phase>,
    /// The question that the list belongs to.
    pub answered: RwSignal<Option<PersonsState>>,
    /// Whom to ask.
    pub client: StoredValue<Client>,
    finder: StoredValue<Option<Finder>>,
    latest: StoredValue<Option<Abort>, LocalStorage>,
}

impl Source {
    /// A source that belongs to the current owner, with the answer that is known already.
    pub fn new(client: Client, known: Option<(PersonsState, PeopleList)>) -> Self {
        let phase = if known.is_some() {
            Phase::Ready
        } else {
            Phase::First
        };
        let (question, list) = known.unzip();
        let source = Self {
            list: RwSignal::new(list),
            phase: RwSignal::new(phase),
            answered: RwSignal::new(question),
            client: StoredValue::new(client),
            finder: StoredValue::new(None),
            latest: StoredValue::new_local(None),
        };
        on_cleanup(move || source.abort_latest(None));
        source
    }

    /// Whether a search looks into every property. PostHog's looks at the name, the address and the ids.
    pub fn sees_all(self) -> bool {
        self.client
            .with_value(|client| *client.server() == Server::This)
    }

    /// From now on people are looked for on this device first.
    pub fn set_finder(self, finder: Finder) {
        self.finder.set_value(Some(finder));
    }

    /// Shows what is known of the answer to a question, unless it is shown already: what the server said
    /// the last time, else who is found on this device. Nobody found is no answer: what is there stays.
    ///
    /// `is_asked` says that the server is asked already. One that is near answers before anybody can read
    /// what was found here, and its order is the better one.
    pub fn expect(self, question: &PersonsState, is_asked: bool) {
        if self.answered.read_untracked().as_ref() == Some(question) {
            return;
        }
        let is_near = self.client.with_value(|client| !client.is_limited());
        let parameters = question.parameters();
        let kept = self
            .client
            .with_value(|client| persons::kept_list(client, &parameters));
        let known = match kept {
            Some((page, at)) => Some(PeopleList::kept(page, at)),
            None => {
                let finder = self.finder.get_value().filter(|_| !(is_asked && is_near));
                let hits = finder.and_then(|find| find(question));
                hits.filter(|hits| !hits.is_empty())
                    .map(PeopleList::found_here)
            }
        };
        if known.is_some() {
            // What is still on its way answers another question.
            self.abort_latest(None);
            self.phase.set(Phase::First);
            self.list.set(known);
            self.answered.set(Some(question.clone()));
        }
    }

    /// Asks for the first page, in place of whatever is under way; calls back when it has come.
    pub fn ask(self, question: &PersonsState, on_answer: impl FnOnce() + 'static) {
        self.expect(question, true);
        let question = question.clone();
        let client = self.client.get_value();
        let abort = self.begin(Phase::First);
        spawn_local(async move {
            let answer = first_page(&client, &question, &abort).await;
            self.end(&abort, answer, Phase::Failed, |list, page| {
                let is_expected = self.answered.read_untracked().as_ref() == Some(&question);
                match list {
                    Some(list) if is_expected => list.answer(page),
                    _ => *list = Some(PeopleList::first(page)),
                }
                self.answered.set(Some(question));
            });
            if !abort.is_aborted() {
                on_answer();
            }
        });
    }

    /// Asks for the next page, unless there is none or something else is under way.
    pub fn ask_more(self) {
        let is_idle = matches!(
            self.phase.get_untracked(),
            Phase::Ready | Phase::MoreFailed(_)
        );
        let next = self
            .list
            .with_untracked(|list| list.as_ref().map(|list| list.next().to_vec()));
        let Some(next) = next.filter(|next| is_idle && !next.is_empty()) else {
            return;
        };
        let client = self.client.get_value();
        let abort = self.begin(Phase::More);
        spawn_local(async move {
            let answer = persons::more(&client, &next, &abort).await;
            self.end(&abort, answer, Phase::MoreFailed, |list, page| {
                if let Some(list) = list {
                    list.append(page);
                }
            });
        });
    }

    fn begin(self, phase: Phase) -> Abort {
        let abort = Abort::new();
        self.abort_latest(Some(abort.clone()));
        self.phase.set(phase);
        abort
    }

    /// Takes an answer in, unless a newer question has been asked or the page is gone.
    fn end(
        self,
        abort: &Abort,
        answer: Result<People, ApiError>,
        failed: fn(ApiError) -> Phase,
        take_in: impl FnOnce(&mut Option<PeopleList>, People),
    ) {
        if abort.is_aborted() {
            return;
        }
        match answer {
            Ok(page) => {
                self.client.with_value(|client| page.keep(client));
                self.list.update(|list| take_in(list, page));
                self.phase.set(Phase::Ready);
            }
            Err(error) => self.phase.set(failed(error)),
        }
    }

    fn abort_latest(self, newer: Option<Abort>) {
        let older = self
            .latest
            .try_update_value(|latest| std::mem::replace(latest, newer));
        if let Some(Some(older)) = older {
            older.abort();
        }
    }
}

/// The first page of an answer. Some servers know lists of conditions only, all of which have to hold:
/// they are asked once for each combination of alternatives.
pub(super) async fn first_page(
    client: &Client,
    question: &PersonsState,
    abort: &Abort,
) -> Result<People, ApiError> {
    let parameters = question.parameters();
    let Some(alternatives) = question.alternatives() else {
        return persons::list(client, &parameters, abort).await;
    };
    match persons::list(&client.clone().hasty(), &parameters, abort).await {
        Err(ApiError::Invalid { .. } | ApiError::Server { .. }) if !abort.is_aborted() => {
            persons::any(client, &alternatives, abort).await
        }
        Err(error) if error.may_pass() => persons::list(client, &parameters, abort).await,
        answer => answer,
    }
}
