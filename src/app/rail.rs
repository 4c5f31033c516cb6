//! The rail: the places there are. On a phone it lies at the bottom, under the thumb.

use leptos::prelude::*;

use super::tray;
use crate::navigation::Navigation;
use crate::outbox::Pending;
use crate::platform::theme::Theme;
use crate::preferences::Preferences;
use crate::routes::Route;
use crate::ui::dynamic::text;
use crate::ui::icon::Icon;
use crate::ui::part;

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let (navigation, pending) = (Navigation::expect(), Pending::expect());
    let route = navigation.route();
    view! {
        <nav class="rail" aria-label="Main">
            <Place
                icon="people"
                label="People"
                href=Signal::derive(move || Route::Persons(navigation.last_list()).url())
                is_here=Signal::derive(move || {
                    matches!(*route.read(), Route::Persons(_) | Route::Person(_))
                })
            />
            <Place
                icon="compare"
                label="Compare"
                href=Signal::derive(move || Route::Compare(navigation.compared.get()).url())
                is_here=Signal::derive(move || matches!(*route.read(), Route::Compare(_)))
            />
            {part::widget(tray::tray, ())}
            <Place
                icon="history"
                label="Activity"
                href=Signal::stored(Route::Activity(String::new()).url())
                is_here=Signal::derive(move || matches!(*route.read(), Route::Activity(_)))
            />
            <Place
                icon="outbox"
                label="Outbox"
                href=Signal::stored(Route::Outbox.url())
                is_here=Signal::derive(move || {
                    matches!(*route.read(), Route::Outbox | Route::Ledger)
                })
                count=Callback::new(move |()| pending.count())
            />
            <span class="rail-gap"></span>
            <Place
                icon="plug"
                label="Connection"
                href=Signal::stored(Route::Connect.url())
                is_here=Signal::derive(move || matches!(*route.read(), Route::Connect))
            />
            <ThemeSwitch/>
        </nav>
    }
}

#[component]
fn Place(
    icon: &'static str,
    label: &'static str,
    href: Signal<String>,
    is_here: Signal<bool>,
    /// How much is still to be done there; nothing is said of nothing.
    #[prop(optional)]
    count: Option<Callback<(), u64>>,
) -> impl IntoView {
    view! {
        <a
            class="rail-item"
            href=href
            data-tip=label
            aria-current=move || is_here.get().then_some("page")
        >
            <Icon name=icon/>
            <span class="rail-label">{label}</span>
            {count
                .map(|count| {
                    let words = text(move || match count.run(()) {
                        0 => String::new(),
                        open => open.to_string(),
                    });
                    view! { <span class="rail-count">{words}</span> }
                })}
        </a>
    }
}

/// Three themes, one button: each press takes the next.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let preferences = Preferences::expect();
    let label = move || match preferences.theme() {
        Theme::System => "Theme: system",
        Theme::Light => "Theme: light",
        Theme::Dark => "Theme: dark",
    };
    view! {
        <button
            type="button"
            class="rail-item"
            data-tip=label
            aria-keyshortcuts="Shift+D"
            on:click=move |_| preferences.set_theme(preferences.theme_now().next())
        >
            <Icon name="theme"/>
            <span class="rail-label">{label}</span>
        </button>
    }
}
