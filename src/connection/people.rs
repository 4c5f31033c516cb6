//! The people that are kept on this device: how many answers about them, and how to forget them.

use leptos::prelude::*;

use crate::api::kept;
use crate::effect::effect;
use crate::outbox::Pending;
use crate::platform::intl;
use crate::preferences::Preferences;
use crate::ui::button::Button;
use crate::ui::dynamic::text;

/// What is kept, whether that is wanted, and the button that forgets.
#[component]
pub fn KeptPeople() -> impl IntoView {
    let (preferences, outbox) = (Preferences::expect(), Pending::expect());
    let extent = RwSignal::new((0, None));
    effect(move |_| {
        kept::is_attached();
        extent.set(kept::extent());
    });
    let words = text(move || match extent.get() {
        _ if !preferences.keeping() => "Nobody is kept on this device.".to_owned(),
        _ if !kept::is_attached() => String::new(),
        (answers, Some(oldest)) => format!(
            "{} answers about people are known here, the oldest from {}. They are shown at once and \
             asked for again behind. None is kept longer than a week.",
            intl::number(answers as u64),
            intl::ago_in_words(oldest),
        ),
        _ => "Nobody is known here.".to_owned(),
    });
    let forget = move |_| {
        kept::forget();
        outbox.forget();
        extent.set(kept::extent());
    };
    view! {
        <section class="panel" aria-labelledby="kept-title">
            <h2 id="kept-title">"People on this device"</h2>
            <p>{words}</p>
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || preferences.keeping()
                    on:change=move |event| preferences.set_keeping(event_target_checked(&event))
                />
                "Keep people who were loaded on this device"
            </label>
            <div class="actions">
                <Button on_click=forget>"Forget the people on this device"</Button>
            </div>
        </section>
    }
}
