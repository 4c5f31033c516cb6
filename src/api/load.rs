//! A question that belongs to a component: asked again when what it depends on changes, taken back when
//! nobody waits for the answer any more.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ApiError;
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
    let latest = StoredValue::new_local(None::<Abort>);
    on_cleanup(move || {
        if let Some(Some(abort)) = latest.try_update_value(Option::take) {
            abort.abort();
        }
    });
    Effect::new(move || {
        state.again.track();
        let question = question();
        let abort = Abort::new();
        if let Some(older) = latest
            .try_update_value(|slot| slot.replace(abort.clone()))
            .flatten()
        {
            older.abort();
        }
        state.is_busy.set(question.is_some());
        let Some(question) = question else {
            state.value.set(None);
            state.error.set(None);
            return;
        };
        let answer = ask(question, abort.clone());
        spawn_local(async move {
            let answer = answer.await;
            // After cleanup the signals are gone, so this must come first.
            if abort.is_aborted() {
                return;
            }
            state.is_busy.set(false);
            match answer {
                Ok(value) => {
                    state.error.set(None);
                    state.value.set(Some(value));
                }
                Err(error) => state.error.set(Some(error)),
            }
        });
    });
    state
}
