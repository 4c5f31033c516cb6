//! What the browser remembers. All of it may be switched off, and then nothing is remembered.

use web_sys::Storage;

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
        if let Some(storage) = self.storage() {
            let _ = storage.set_item(key, value);
        }
    }

    /// Forgets a text.
    pub fn remove(self, key: &str) {
        if let Some(storage) = self.storage() {
            let _ = storage.remove_item(key);
        }
    }
}
