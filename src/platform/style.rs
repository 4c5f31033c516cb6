//! Styles that come with a part of the app, because only it needs them.

use js_sys::Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A style sheet that scripts make. Unlike a `<style>`, it needs no leave of the page's policy.
    #[wasm_bindgen(js_name = CSSStyleSheet)]
    type Sheet;

    #[wasm_bindgen(constructor, js_class = "CSSStyleSheet")]
    fn new() -> Sheet;

    #[wasm_bindgen(method, js_name = replaceSync)]
    fn replace_sync(this: &Sheet, text: &str);

    #[wasm_bindgen(thread_local_v2, js_namespace = document, js_name = adoptedStyleSheets)]
    static ADOPTED: Array;
}

/// Lets the page use these styles, after all others.
pub fn adopt(text: &str) {
    let sheet = Sheet::new();
    sheet.replace_sync(text);
    ADOPTED.with(|adopted| adopted.push(&sheet));
}
