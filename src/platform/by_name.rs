//! Calling what browsers have by its name: each typed binding would put its piece of JavaScript into the
//! first screen, which never needs what is called here.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What an object has under a name.
pub fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined()).then_some(value)
}

/// What a function of an object returns; `None` if there is no such function, or it throws.
pub fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = get(object, name)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().collect();
    function.apply(object, &arguments).ok()
}

/// The same for one that takes its time.
pub async fn ask(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let promise: Promise = call(object, name, arguments)?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
