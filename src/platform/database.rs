//! Texts by key that outlive the page, where there is room for many: IndexedDB.

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode,
};

const STORE: &str = "texts";

/// A database.
pub struct Database(IdbDatabase);

impl Database {
    /// Opens it, and makes it if there is none. `None` where the browser keeps nothing.
    pub async fn open(name: &str) -> Option<Self> {
        let factory: IdbFactory = web_sys::window()?.indexed_db().ok()??;
        let request: IdbOpenDbRequest = factory.open(name).ok()?;
        let made = request.clone();
        let make = Closure::once_into_js(move || {
            let database: Option<IdbDatabase> = made.result().ok().map(JsCast::unchecked_into);
            database.and_then(|database| database.create_object_store(STORE).ok());
        });
        request.set_onupgradeneeded(Some(make.unchecked_ref()));
        let database = result_of(&request).await?;
        Some(Self(database.unchecked_into()))
    }

    /// All texts.
    pub async fn all(&self) -> Vec<String> {
        let request = self
            .store(IdbTransactionMode::Readonly)
            .and_then(|store| store.get_all().ok());
        let Some(request) = request else {
            return Vec::new();
        };
        let texts: Option<Array> = result_of(&request).await.map(JsCast::unchecked_into);
        let texts = texts.unwrap_or_default();
        texts.iter().filter_map(|text| text.as_string()).collect()
    }

    /// Puts a text under a key, in place of what was there. What does not fit is not kept.
    pub fn put(&self, key: &str, text: &str) {
        if let Some(store) = self.store(IdbTransactionMode::Readwrite) {
            let _ = store.put_with_key(&text.into(), &key.into());
        }
    }

    /// Forgets what is under a key.
    pub fn remove(&self, key: &str) {
        if let Some(store) = self.store(IdbTransactionMode::Readwrite) {
            let _ = store.delete(&key.into());
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        if let Some(store) = self.store(IdbTransactionMode::Readwrite) {
            let _ = store.clear();
        }
    }

    fn store(&self, mode: IdbTransactionMode) -> Option<IdbObjectStore> {
        let transaction = self.0.transaction_with_str_and_mode(STORE, mode).ok()?;
        transaction.object_store(STORE).ok()
    }
}

/// What a request comes to; `None` if it fails.
async fn result_of(request: &IdbRequest) -> Option<JsValue> {
    let over = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(over).await.ok()?;
    request.result().ok()
}
