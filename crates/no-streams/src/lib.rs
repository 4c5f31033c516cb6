//! Streams of the browser, for an app that has none.
//!
//! Leptos' server functions can send and receive streams through the crate whose place this one takes. That
//! crate exports classes to JavaScript, and whatever is exported is in the download, wanted or not. This
//! app calls no server function, so all it needs is what makes them compile (`[patch]` in the workspace's
//! Cargo.toml).

#![forbid(unsafe_code)]

use futures_util::stream::{self, Empty, Stream};
use wasm_bindgen::JsValue;

/// A stream that nobody reads.
#[derive(Debug)]
pub struct ReadableStream {
    raw: web_sys::ReadableStream,
}

impl ReadableStream {
    /// Takes a stream of the browser.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self { raw }
    }

    /// An empty stream of the browser in place of this one.
    ///
    /// # Panics
    /// Where the browser knows no streams.
    pub fn from_stream<S>(_: S) -> Self
    where
        S: Stream<Item = Result<JsValue, JsValue>> + 'static,
    {
        let raw = web_sys::ReadableStream::new();
        Self::from_raw(raw.expect("every browser that runs WebAssembly has streams"))
    }

    /// Gives the stream of the browser back.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.raw
    }

    /// No items.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        stream::empty()
    }
}
