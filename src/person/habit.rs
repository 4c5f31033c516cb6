//! Something that somebody chose once and that holds for all people from then on.

use leptos::prelude::*;

use crate::platform::storage::Memory;

/// A choice between yes and no that this device remembers.
#[derive(Clone, Copy)]
pub struct Habit {
    key: &'static str,
    on: RwSignal<bool>,
}

impl Habit {
    /// What was chosen, or what holds for those who never chose.
    pub fn remembered(key: &'static str, otherwise: bool) -> Self {
        let on = match Memory::Device.get(key).as_deref() {
            Some("on") => true,
            Some("off") => false,
            _ => otherwise,
        };
        Self {
            key,
            on: RwSignal::new(on),
        }
    }

    /// What holds.
    pub fn is_on(self) -> bool {
        self.on.get()
    }

    /// Chooses.
    pub fn set(self, on: bool) {
        Memory::Device.set(self.key, if on { "on" } else { "off" });
        self.on.set(on);
    }
}
