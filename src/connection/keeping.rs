//! Where the key is kept: nowhere, in this tab, or locked on this device.

use leptos::prelude::*;

use super::device;
use crate::api::Client;
use crate::platform::crypto;
use crate::ui::dynamic::when;

/// Shorter passphrases are tried out too quickly.
const MIN_PASSPHRASE: usize = 8;

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the page is closed or loaded again.
    Page,
    /// Until the tab is closed.
    Tab,
    /// Until somebody forgets it, under a passphrase.
    Device,
}

impl Keep {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Page, "Until this page is reloaded"),
        (Self::Tab, "In this tab until the tab is closed"),
        (Self::Device, "On this device, locked with a passphrase"),
    ];
}

/// What was chosen.
#[derive(Clone, Copy)]
pub struct Keeping {
    keep: RwSignal<Keep>,
    passphrase: RwSignal<String>,
}

impl Keeping {
    /// As little as possible.
    pub fn new() -> Self {
        Self {
            keep: RwSignal::new(Keep::Page),
            passphrase: RwSignal::new(String::new()),
        }
    }

    /// For how long.
    pub fn keep(self) -> Keep {
        self.keep.get_untracked()
    }

    /// Why the key cannot be kept like this.
    pub fn problem(self) -> Option<&'static str> {
        match self.keep() {
            Keep::Page | Keep::Tab => None,
            Keep::Device if !crypto::is_available() => Some(
                "This page was not loaded over https, so the browser locks nothing: choose another \
                 place for the key.",
            ),
            Keep::Device => passphrase_problem(&self.passphrase.read_untracked()),
        }
    }

    /// Locks the key of this connection on this device.
    pub async fn lock(self, client: &Client) -> bool {
        let passphrase = self.passphrase.get_untracked();
        device::remember(client, &passphrase).await
    }
}

fn passphrase_problem(passphrase: &str) -> Option<&'static str> {
    let is_short = passphrase.chars().count() < MIN_PASSPHRASE;
    is_short.then_some("Choose a passphrase of at least 8 characters.")
}

/// The choice, and the passphrase where one is needed.
#[component]
pub fn KeepFields(keeping: Keeping) -> impl IntoView {
    let option = move |(keep, label): (Keep, &'static str)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="keep"
                    prop:checked=move || keeping.keep.get() == keep
                    on:change=move |_| keeping.keep.set(keep)
                />
                {label}
            </label>
        }
    };
    let passphrase = move || {
        view! {
            <label for="connect-passphrase">"Passphrase"</label>
            <input
                id="connect-passphrase"
                class="field"
                type="password"
                autocomplete="new-password"
                aria-describedby="connect-passphrase-note connect-problem"
                prop:value=keeping.passphrase
                on:input=move |event| keeping.passphrase.set(event_target_value(&event))
            />
            <p class="note" id="connect-passphrase-note">
                "At least 8 characters. The key is encrypted with it before it is kept; nobody can bring
                back a passphrase that was forgotten."
            </p>
        }
        .into_any()
    };
    view! {
        <fieldset class="keep">
            <legend>"Keep the key"</legend>
            {Keep::ALL.map(option)}
        </fieldset>
        {when(move || keeping.keep.get() == Keep::Device, passphrase)}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_has_at_least_eight_characters() {
        assert!(passphrase_problem("").is_some());
        assert!(passphrase_problem("ünicode").is_some());
        assert!(passphrase_problem("ünicodes").is_none());
    }
}
