//! What the browser remembers. All of it may be switched off, and then nothing is remembered.

use leptos::ev;
use web_sys::{Event, Storage};

use super::by_name::{call, get};
use super::listener::on_window;

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Until the tab is closed.
    Tab,
    /// Until somebody clears it.
    Device,
}

impl Memory {
    fn storage(self) -> Option<Storage> {
        let window = web_sys::window()?;
        match self {
            Self::Tab => window.session_storage(),
            Self::Device => window.local_storage(),
        }
        .ok()?
    }

    /// The text under a key.
    pub fn get(self, key: &str) -> Option<String> {
        self.storage()?.get_item(key).ok()?
    }

    /// Remembers a text; a full storage forgets it.
    pub fn set(self, key: &str, value: &str) {
        self.try_set(key, value);
    }

    /// Remembers a text. `false` where there is no room for it.
    pub fn try_set(self, key: &str, value: &str) -> bool {
        let storage = self.storage();
        storage.is_some_and(|storage| storage.set_item(key, value).is_ok())
    }

    /// The keys that begin like this.
    pub fn keys(self, beginning: &str) -> Vec<String> {
        let Some(storage) = self.storage() else {
            return Vec::new();
        };
        let count = get(&storage, "length").and_then(|count| count.as_f64());
        let keys = 0..count.unwrap_or_default() as u32;
        let keys = keys.filter_map(|at| call(&storage, "key", &[at.into()])?.as_string());
        keys.filter(|key| key.starts_with(beginning)).collect()
    }

    /// Forgets a text.
    pub fn remove(self, key: &str) {
        if let Some(storage) = self.storage() {
            let _ = storage.remove_item(key);
        }
    }
}

/// Calls back with a key when another tab changes what this device remembers under it, as long as the current
/// owner lives.
pub fn on_change_elsewhere(callback: impl Fn(String) + 'static) {
    on_window(ev::Custom::<Event>::new("storage"), move |event| {
        if let Some(key) = get(&event, "key").and_then(|key| key.as_string()) {
            callback(key);
        }
    });
}
