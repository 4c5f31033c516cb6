//! Short messages: shown for a moment, and read aloud politely.

use std::time::Duration;

use leptos::prelude::*;

/// Long enough to read a sentence twice.
const SHOWN_FOR: Duration = Duration::from_secs(5);

/// The way to say something. There is one, in the context of the app.
#[derive(Clone, Copy)]
pub struct Notices {
    shown: RwSignal<Vec<Notice>>,
    announced: RwSignal<String>,
    next: RwSignal<u32>,
}

#[derive(Clone, PartialEq, Eq)]
struct Notice {
    id: u32,
    text: String,
}

impl Notices {
    /// Makes it available to everything below the current component.
    pub fn provide() -> Self {
        let notices = Self {
            shown: RwSignal::new(Vec::new()),
            announced: RwSignal::new(String::new()),
            next: RwSignal::new(0),
        };
        provide_context(notices);
        notices
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows a sentence for a moment and has it read aloud.
    pub fn show(self, text: String) {
        // What was under way when the app went has nobody left to tell.
        let Some(id) = self.next.try_get_untracked() else {
            return;
        };
        self.next.set(id + 1);
        self.shown.update(|shown| shown.push(Notice { id, text }));
        let fade = move || {
            let _ = self
                .shown
                .try_update(|shown| shown.retain(|notice| notice.id != id));
        };
        set_timeout(fade, SHOWN_FOR);
    }

    /// Has a sentence read aloud that can be seen on the page already.
    pub fn announce(self, text: String) {
        // A region that keeps its text is not read again, so the same sentence must differ.
        let again = self.announced.with_untracked(|last| *last == text);
        self.announced
            .set(if again { text + "\u{a0}" } else { text });
    }
}

/// Where the messages appear. Present from the start, or screen readers miss the first one.
#[component]
pub fn NoticeRegion() -> impl IntoView {
    let notices = Notices::expect();
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || notices.announced.get()}
        </div>
        <div class="notices" role="status" aria-live="polite">
            {move || {
                let shown = notices.shown.get().into_iter();
                shown
                    .map(|notice| view! { <p class="notice">{notice.text}</p> }.into_any())
                    .collect_view()
            }}
        </div>
    }
}
