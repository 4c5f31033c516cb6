//! The clipboard.

use wasm_bindgen_futures::JsFuture;

/// Copies text. `false` where the browser refuses: no permission, or a page without HTTPS.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    // Outside secure contexts the property is undefined, and calling it would throw.
    if !window.is_secure_context() {
        return false;
    }
    let promise = window.navigator().clipboard().write_text(text);
    JsFuture::from(promise).await.is_ok()
}
