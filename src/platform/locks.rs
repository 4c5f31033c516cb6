//! Locks that all tabs of this browser share.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use super::Abort;
use super::by_name::{call, get};

/// A lock that is held until this is dropped, or the page is gone.
pub struct Lock(Function);

impl Drop for Lock {
    fn drop(&mut self) {
        // Resolving a promise does not fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Whether there are any: browsers keep them from pages that came without https from another machine.
pub fn are_offered() -> bool {
    manager().is_some()
}

/// Waits until nobody else holds the lock of this name. `None` where there are none, or nobody waits for it
/// any more.
pub async fn lock(name: &str, abort: &Abort) -> Option<Lock> {
    let manager = manager()?;
    let mut release = None;
    // The browser passes the lock on when this is resolved.
    let is_over = Promise::new(&mut |resolve, _| release = Some(resolve));
    let granted = Promise::new(&mut |resolve, reject| {
        let is_over = is_over.clone();
        let hold = move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
            JsValue::from(is_over)
        };
        let options = Object::new();
        // Setting a key of a fresh, plain object cannot fail.
        let _ = Reflect::set(&options, &"signal".into(), &abort.signal());
        let arguments = [name.into(), options.into(), Closure::once_into_js(hold)];
        let request = call(&manager, "request", &arguments);
        let refused = request.and_then(|request| call(&request, "catch", &[reject.clone().into()]));
        if refused.is_none() {
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(granted).await.ok()?;
    release.map(Lock)
}

fn manager() -> Option<JsValue> {
    get(&get(web_sys::window()?.as_ref(), "navigator")?, "locks")
}
