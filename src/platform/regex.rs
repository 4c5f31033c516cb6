//! Regular expressions, as the browser knows them.

use js_sys::{Array, Function, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};

/// A compiled pattern.
pub struct Regex(RegExp);

impl Regex {
    /// Compiles a pattern, or says where it fails.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let arguments = Array::of2(&pattern.into(), &"u".into());
        let class: Option<Function> = Reflect::get(&js_sys::global(), &"RegExp".into())
            .ok()
            .and_then(|class| class.dyn_into().ok());
        let class = class.ok_or_else(String::new)?;
        // The constructor throws at what it cannot read.
        let regex = Reflect::construct(&class, &arguments);
        regex
            .map(|regex| Self(regex.unchecked_into()))
            .map_err(|error| message(&error))
    }

    /// Whether it is found in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.test(text)
    }
}

fn message(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok();
    message
        .and_then(|message| message.as_string())
        .unwrap_or_default()
}
