//! A question that belongs to a component: asked again when what it depends on changes, taken back when
//! nobody waits for the answer any more.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ApiError;
use crate::effect::effect;
use crate::platform::Abort;

/// The state of a question. While a newer one is under way the last answer stays.
pub struct Load<T: Send + Sync + 'static> {
    /// The last answer.
    pub value: RwSignal<Option<T>>,
    /// Why the latest attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether an answer is awaited.
    pub is_busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Send + Sync + 'static> Load<T> {
    /// Asks once more.
    pub fn again(&self) {
        self.again.update(|times| *times += 1);
    }
}

/// Asks whenever `question` changes; `None` asks nothing and forgets the answer.
///
/// The request of an older question is aborted, and an answer that comes all the same is dropped.
pub fn load<Q, T, F>(
    question: impl Fn() -> Option<Q> + 'static,
    ask: impl Fn(Q, Abort) -> F + 'static,
) -> Load<T>
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let state = Load {
        value: RwSignal::new(None),
        error: RwSignal::new(None),
        is_busy: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    let begin = move |abort: Abort| -> Option<Answer> {
        let Some(question) = question() else {
            state.value.set(None);
            return None;
        };
        let answer = ask(question, abort.clone());
        Some(Box::pin(async move {
            let value = answer.await?;
            // After cleanup the signals are gone, so this must be asked first.
            if !abort.is_aborted() {
                state.value.set(Some(value));
            }
            Ok(())
        }))
    };
    ask_whenever_it_changes(Box::new(begin), state.error, state.is_busy, state.again);
    state
}

/// An answer under way, which puts itself where it belongs.
type Answer = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;

/// The part of [`load`] that is the same for all types, and is compiled once.
fn ask_whenever_it_changes(
    begin: Box<dyn Fn(Abort) -> Option<Answer>>,
    error: RwSignal<Option<ApiError>>,
    is_busy: RwSignal<bool>,
    again: RwSignal<u32>,
) {
    let latest = StoredValue::new_local(None::<Abort>);
    on_cleanup(move || {
        if let Some(Some(abort)) = latest.try_update_value(Option::take) {
            abort.abort();
        }
    });
    effect(move |_| {
        again.track();
        let abort = Abort::new();
        let older = latest.try_update_value(|latest| latest.replace(abort.clone()));
        if let Some(Some(older)) = older {
            older.abort();
        }
        let answer = begin(abort.clone());
        is_busy.set(answer.is_some());
        let Some(answer) = answer else {
            return error.set(None);
        };
        spawn_local(async move {
            let outcome = answer.await;
            if !abort.is_aborted() {
                is_busy.set(false);
                error.set(outcome.err());
            }
        });
    });
}
