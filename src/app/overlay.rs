//! What lies over the page when a key asks for it: the palette, and the list of keys.

use leptos::prelude::*;

use super::help::Help;
use super::palette::Palette;
use crate::navigation::Navigation;
use crate::platform::keyboard;
use crate::platform::timer::Later;
use crate::preferences::Preferences;
use crate::routes::Route;
use crate::ui::dynamic::dynamic;
use crate::ui::modal::Modal;
use crate::ui::part;

/// How long after `g` the letter of a place may come.
const SEQUENCE: std::time::Duration = std::time::Duration::from_millis(1500);

/// What is open. There is one, in the context of the app.
#[derive(Clone, Copy)]
pub struct Overlay(RwSignal<Option<Layer>>);

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// People and actions by name.
    Palette,
    /// The keys.
    Help,
}

impl Overlay {
    /// Makes it available below, and listens to the keys that work everywhere.
    pub fn provide() -> Self {
        let overlay = Self(RwSignal::new(None));
        provide_context(overlay);
        overlay.listen();
        overlay
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Opens something.
    pub fn open(self, layer: Layer) {
        self.0.set(Some(layer));
    }

    /// Closes whatever is open. The browser puts the focus back where it was.
    pub fn close(self) {
        self.0.set(None);
    }

    /// Takes in that the browser closed something, unless another thing is open by now.
    fn closed(self, layer: Layer) {
        if self.0.get_untracked() == Some(layer) {
            self.close();
        }
    }

    fn listen(self) {
        let navigation = Navigation::expect();
        let preferences = Preferences::expect();
        let is_going = RwSignal::new(false);
        let later = Later::new();
        keyboard::on_command("k", move || self.open(Layer::Palette));
        keyboard::on_shortcut(move |event| {
            if !preferences.has_shortcuts_now() {
                return;
            }
            let goes = is_going.get_untracked();
            is_going.set(false);
            match event.key().as_str() {
                "p" if goes => navigation.go(Route::Persons(untrack(|| navigation.last_list()))),
                "c" if goes => navigation.go(Route::Compare(navigation.compared.get_untracked())),
                "a" if goes => navigation.go(Route::Activity(String::new())),
                "i" if goes => navigation.go(Route::Insights(String::new())),
                "o" if goes => navigation.go(Route::Outbox),
                "l" if goes => navigation.go(Route::Ledger),
                "s" if goes => navigation.go(Route::Connect),
                "g" => {
                    is_going.set(true);
                    later.run(SEQUENCE, move || is_going.set(false));
                }
                "?" => self.open(Layer::Help),
                "D" => preferences.set_theme(preferences.theme_now().next()),
                "M" => preferences.set_private(!preferences.is_private_now()),
                _ => return,
            }
            event.prevent_default();
        });
    }

    /// The place in the page where it is drawn.
    pub fn view(self) -> AnyView {
        dynamic(move || match self.0.get() {
            Some(layer) => part::widget(opened, (self, layer)),
            None => ().into_any(),
        })
    }
}

crate::part! {
    opened in tools: (Overlay, Layer), |(overlay, layer)| {
        view! { <Opened overlay layer/> }.into_any()
    }
}

#[component]
fn Opened(overlay: Overlay, layer: Layer) -> impl IntoView {
    let (label, content) = match layer {
        Layer::Palette => (
            "Find people and actions",
            view! { <Palette overlay/> }.into_any(),
        ),
        Layer::Help => ("Keyboard shortcuts", view! { <Help overlay/> }.into_any()),
    };
    let on_close = Callback::new(move |()| overlay.closed(layer));
    view! { <Modal label on_close>{content}</Modal> }
}
