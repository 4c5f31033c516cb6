//! What somebody chose for this device: the theme, whether single keys do things, whether personal values
//! are blurred, and whether people are kept here.

use leptos::prelude::*;

use crate::platform::document;
use crate::platform::storage::Memory;
use crate::platform::theme::Theme;

const KEEPING_KEY: &str = "persons.keeping";
const PRIVACY_KEY: &str = "persons.privacy";
const SHORTCUTS_KEY: &str = "persons.shortcuts";

/// The choices. There is one set, in the context of the app.
#[derive(Clone, Copy)]
pub struct Preferences {
    theme: RwSignal<Theme>,
    shortcuts: RwSignal<bool>,
    private: RwSignal<bool>,
    keeping: RwSignal<bool>,
}

impl Preferences {
    /// Reads what was chosen and makes it available below.
    pub fn provide() -> Self {
        let preferences = Self {
            theme: RwSignal::new(Theme::remembered()),
            shortcuts: RwSignal::new(Memory::Device.get(SHORTCUTS_KEY).as_deref() != Some("off")),
            private: RwSignal::new(Memory::Device.get(PRIVACY_KEY).is_some()),
            keeping: RwSignal::new(Memory::Device.get(KEEPING_KEY).as_deref() != Some("off")),
        };
        document::mark("data-private", preferences.is_private_now());
        provide_context(preferences);
        preferences
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The theme.
    pub fn theme(self) -> Theme {
        self.theme.get()
    }

    /// The same, without subscribing: for a press of a key or button.
    pub fn theme_now(self) -> Theme {
        self.theme.get_untracked()
    }

    /// Chooses a theme.
    pub fn set_theme(self, theme: Theme) {
        theme.apply();
        self.theme.set(theme);
    }

    /// Whether personal values are blurred until they are focused, without subscribing.
    pub fn is_private_now(self) -> bool {
        self.private.get_untracked()
    }

    /// Blurs personal values, or no longer. Remembered, so that a reload in front of others shows nothing.
    pub fn set_private(self, on: bool) {
        if on {
            Memory::Device.set(PRIVACY_KEY, "on");
        } else {
            Memory::Device.remove(PRIVACY_KEY);
        }
        document::mark("data-private", on);
        self.private.set(on);
    }

    /// Whether single letters do things. They can be switched off, because speech input and clumsy
    /// fingers press letters by accident (WCAG 2.1.4).
    pub fn shortcuts(self) -> bool {
        self.shortcuts.get()
    }

    /// The same, without subscribing: for a key that was just pressed.
    pub fn has_shortcuts_now(self) -> bool {
        self.shortcuts.get_untracked()
    }

    /// Switches single letters on or off.
    pub fn set_shortcuts(self, on: bool) {
        remember_off(SHORTCUTS_KEY, on);
        self.shortcuts.set(on);
    }

    /// Whether people who were loaded are kept on this device until the app is opened again.
    pub fn keeping(self) -> bool {
        self.keeping.get()
    }

    /// The same, without subscribing: for what has only just been loaded. `false` once the app is gone.
    pub fn is_keeping_now(self) -> bool {
        self.keeping.try_get_untracked() == Some(true)
    }

    /// Keeps people on this device, or no longer.
    pub fn set_keeping(self, on: bool) {
        remember_off(KEEPING_KEY, on);
        self.keeping.set(on);
    }
}

/// Remembers that something is off that is on otherwise.
fn remember_off(key: &str, on: bool) {
    if on {
        Memory::Device.remove(key);
    } else {
        Memory::Device.set(key, "off");
    }
}
