//! Doing something later.

use std::time::Duration;

use crate::effect::effect;
use js_sys::{Math, Promise};
use leptos::leptos_dom::helpers::{IntervalHandle, TimeoutHandle};
use leptos::prelude::{
    RwSignal, Set, Signal, StoredValue, UpdateValue, WithUntracked, on_cleanup,
    set_interval_with_handle, set_timeout_with_handle, untrack,
};
use wasm_bindgen_futures::JsFuture;

/// One thing to be done later, which a newer one takes the place of. Never done once the component that
/// made it is gone.
#[derive(Clone, Copy)]
pub struct Later(StoredValue<Option<TimeoutHandle>>);

impl Later {
    /// Nothing to be done yet.
    #[expect(
        clippy::new_without_default,
        reason = "it belongs to the current owner"
    )]
    pub fn new() -> Self {
        let later = Self(StoredValue::new(None));
        on_cleanup(move || later.cancel());
        later
    }

    /// Does it after a while, in place of what was to be done.
    pub fn run(self, after: Duration, what: impl FnOnce() + 'static) {
        self.cancel();
        let handle = set_timeout_with_handle(what, after).ok();
        self.0.try_update_value(|slot| *slot = handle);
    }

    /// Leaves it undone.
    pub fn cancel(self) {
        if let Some(Some(handle)) = self.0.try_update_value(Option::take) {
            handle.clear();
        }
    }
}

/// Waits, whoever may be gone meanwhile.
pub async fn sleep(milliseconds: i64) {
    let over = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                &resolve,
                milliseconds as i32,
            );
        }
    });
    let _ = JsFuture::from(over).await;
}

/// Any number below a thousand, so that not everybody does the same in the same moment.
pub fn chance() -> i64 {
    (Math::random() * 1000.0) as i64
}

/// Does it every so often until the current owner is cleaned up.
pub fn every(period: Duration, what: impl Fn() + 'static) {
    let handle: Option<IntervalHandle> = set_interval_with_handle(what, period).ok();
    on_cleanup(move || {
        if let Some(handle) = handle {
            handle.clear();
        }
    });
}

/// What `source` says, as soon as it has said the same for a while. The first value comes at once.
pub fn debounced<T>(source: impl Fn() -> T + 'static, pause: Duration) -> Signal<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    settling(Box::new(source), pause)
}

fn settling<T>(source: Box<dyn Fn() -> T>, pause: Duration) -> Signal<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let settled = RwSignal::new(untrack(&source));
    let later = Later::new();
    effect(move |is_first| {
        let value = source();
        if !is_first {
            later.run(pause, move || {
                if settled.with_untracked(|known| *known != value) {
                    settled.set(value);
                }
            });
        }
    });
    settled.into()
}
