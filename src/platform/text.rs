//! Text, as the browser knows it: it has the tables of Unicode, so that the app need not bring them.

/// The text in small letters, for comparing without regard to case.
pub fn lowercase(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}

/// The number that a text is in digits, as people and JSON write it.
pub fn number(text: &str) -> Option<f64> {
    // The browser also takes nothing at all, blanks and `0x` for numbers.
    let is_plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    if text.is_empty() || !text.bytes().all(is_plain) {
        return None;
    }
    #[cfg(target_arch = "wasm32")]
    return f64::try_from(wasm_bindgen::JsValue::from_str(text))
        .ok()
        .filter(|number| !number.is_nan());
    #[cfg(not(target_arch = "wasm32"))]
    return text.parse().ok();
}
