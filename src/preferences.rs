//! What somebody chose for this device: the theme, and whether single keys do things.

use leptos::prelude::*;

use crate::platform::storage::Memory;
use crate::platform::theme::Theme;

const SHORTCUTS_KEY: &str = "persons.shortcuts";

/// The choices. There is one set, in the context of the app.
#[derive(Clone, Copy)]
pub struct Preferences {
    theme: RwSignal<Theme>,
    shortcuts: RwSignal<bool>,
}

impl Preferences {
    /// Reads what was chosen and makes it available below.
    pub fn provide() -> Self {
        let preferences = Self {
            theme: RwSignal::new(Theme::remembered()),
            shortcuts: RwSignal::new(Memory::Device.get(SHORTCUTS_KEY).as_deref() != Some("off")),
        };
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
        if on {
            Memory::Device.remove(SHORTCUTS_KEY);
        } else {
            Memory::Device.set(SHORTCUTS_KEY, "off");
        }
        self.shortcuts.set(on);
    }
}
