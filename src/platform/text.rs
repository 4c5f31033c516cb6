//! Text, as the browser knows it: it has the tables of Unicode, so that the app need not bring them.

/// The text in small letters, for comparing without regard to case.
pub fn lowercase(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}
