//! Answers that were asked for before the app ran.
//!
//! A script in index.html starts the first requests while the app is still on its way, and keeps them in
//! `window.__early` under their URL. Each can be taken once.

use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// The answer to a request for exactly this URL, if the page has asked already and it did not fail.
pub async fn take(url: &str) -> Option<Response> {
    let promise = take_promise(url)?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

fn take_promise(url: &str) -> Option<Promise> {
    let window = web_sys::window()?;
    let early = Reflect::get(&window, &JsValue::from_str("__early")).ok()?;
    let early: js_sys::Object = early.dyn_into().ok()?;
    let promise = Reflect::get(&early, &JsValue::from_str(url)).ok()?;
    let promise: Promise = promise.dyn_into().ok()?;
    Reflect::delete_property(&early, &JsValue::from_str(url)).ok()?;
    Some(promise)
}
