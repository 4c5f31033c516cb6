//! Taking back a request that nobody waits for any more.

use std::fmt;

use web_sys::{AbortController, AbortSignal};

/// The way to cancel one or more requests. Clones cancel the same ones.
#[derive(Clone)]
pub struct Abort(AbortController);

impl Abort {
    /// Something to cancel later.
    #[expect(
        clippy::new_without_default,
        reason = "a default that asks the browser surprises"
    )]
    pub fn new() -> Self {
        Self(AbortController::new().expect("every browser that runs WebAssembly has it"))
    }

    /// What requests listen to.
    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }

    /// Cancels. A second time does nothing.
    pub fn abort(&self) {
        self.0.abort();
    }

    /// Whether an answer that still arrives is stale.
    pub fn is_aborted(&self) -> bool {
        self.0.signal().aborted()
    }
}

impl fmt::Debug for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Abort").field(&self.is_aborted()).finish()
    }
}
