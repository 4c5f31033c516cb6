//! Which property is being edited, and where the focus goes after.

use leptos::prelude::*;

use crate::platform::focus;

/// The way to open and close the editor. It outlives a change of tab and a refresh.
#[derive(Clone, Copy)]
pub struct Editing {
    /// The key; a new property has none yet.
    open: RwSignal<Option<Option<String>>>,
    /// The one that was edited last.
    last: StoredValue<Option<String>>,
}

impl Editing {
    /// Nothing is edited.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(None),
            last: StoredValue::new(None),
        }
    }

    /// Edits a property.
    pub fn edit(self, key: String) {
        self.open.set(Some(Some(key)));
    }

    /// Adds one.
    pub fn add(self) {
        self.open.set(Some(None));
    }

    /// Whether one is being added.
    pub fn is_adding(self) -> bool {
        *self.open.read() == Some(None)
    }

    /// Whether this one is being edited.
    pub fn is_of(self, key: &str) -> bool {
        matches!(&*self.open.read(), Some(Some(open)) if open == key)
    }

    /// Closes the editor. The focus goes back to where one came from.
    pub fn close(self) {
        let key = self.open.get_untracked().flatten();
        self.last.set_value(key);
        self.open.set(None);
        if let Some(key) = self.last.get_value() {
            focus::soon(button_id(&key));
        }
    }

    /// The row that had the focus is drawn anew when the change is seen, and the focus would be lost.
    pub fn return_focus(self) {
        if let Some(key) = self.last.get_value() {
            focus::soon_if_lost(button_id(&key));
        }
    }
}

/// The button that edits a property.
pub fn button_id(key: &str) -> String {
    ["edit-", key].concat()
}
