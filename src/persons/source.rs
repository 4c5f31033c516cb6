//! Loading the list: its first page whenever the question changes, the next ones as they are needed.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::list::PeopleList;
use crate::api::persons::{self, People};
use crate::api::{ApiError, Client};
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

/// The list and the ways to load it.
#[derive(Clone, Copy)]
pub struct Source {
    /// What is loaded; `None` before the first page.
    pub list: RwSignal<Option<PeopleList>>,
    /// What is going on.
    pub phase: RwSignal<Phase>,
    client: StoredValue<Client>,
    latest: StoredValue<Option<Abort>, LocalStorage>,
}

impl Source {
    /// A source that belongs to the current owner, with what is known already.
    pub fn new(client: Client, known: Option<PeopleList>) -> Self {
        let phase = if known.is_some() {
            Phase::Ready
        } else {
            Phase::First
        };
        let source = Self {
            list: RwSignal::new(known),
            phase: RwSignal::new(phase),
            client: StoredValue::new(client),
            latest: StoredValue::new_local(None),
        };
        on_cleanup(move || source.abort_latest(None));
        source
    }

    /// Asks for the first page, in place of whatever is under way; calls back when it has come.
    pub fn ask(self, question: &PersonsState, on_answer: impl FnOnce() + 'static) {
        let parameters = question.parameters();
        let client = self.client.get_value();
        let abort = self.begin(Phase::First);
        spawn_local(async move {
            let answer = persons::list(&client, &parameters, &abort).await;
            self.end(&abort, answer, Phase::Failed, |list, page| {
                *list = Some(PeopleList::first(page));
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
            .with_untracked(|list| list.as_ref()?.next().map(str::to_owned));
        let Some(next) = next.filter(|_| is_idle) else {
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
