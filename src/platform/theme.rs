//! Light, dark, or as the system has it.

use super::storage::Memory;

/// Read by the script in index.html, too, before anything is drawn.
const KEY: &str = "persons.theme";

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// What was chosen on this device.
    pub fn remembered() -> Self {
        match Memory::Device.get(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Its name, in the page and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one after it, round and round.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Shows the page in it, and remembers it.
    pub fn apply(self) {
        let root = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.document_element());
        let Some(root) = root else { return };
        // Neither can fail: name and value are plain words.
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            chosen => root.set_attribute("data-theme", chosen.name()),
        };
        match self {
            Self::System => Memory::Device.remove(KEY),
            chosen => Memory::Device.set(KEY, chosen.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_steps_come_back_to_the_first() {
        let start = Theme::System;
        assert_ne!(start.next(), start.next().next());
        assert_eq!(start.next().next().next(), start);
    }
}
