//! Files for the person in front of the screen.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers a text as a file. It never leaves the browser.
pub fn text(name: &str, media_type: &str, text: &str) {
    // Without memory for the file there is nothing to offer.
    let _ = offer(name, media_type, text);
}

/// Offers what is at an address (of data) as a file.
pub fn address(name: &str, address: &str) {
    let _ = click(name, address);
}

fn offer(name: &str, media_type: &str, text: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    click(name, &url)?;
    Url::revoke_object_url(&url).ok()
}

fn click(name: &str, address: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(address);
    link.set_download(name);
    link.click();
    Some(())
}
