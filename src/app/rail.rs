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
    let people = Place {
        icon: "people",
        label: "People",
        href: Signal::derive(move || Route::Persons(navigation.last_list()).url()),
        holds: |route| matches!(route, Route::Persons(_) | Route::Person(_)),
    };
    let insights = Place {
        icon: "insights",
        label: "Insights",
        href: Signal::stored(Route::Insights(String::new()).url()),
        holds: |route| matches!(route, Route::Insights(_)),
    };
    let compare = Place {
        icon: "compare",
        label: "Compare",
        href: Signal::derive(move || Route::Compare(navigation.compared.get()).url()),
        holds: |route| matches!(route, Route::Compare(_)),
    };
    let activity = Place {
        icon: "history",
        label: "Activity",
        href: Signal::stored(Route::Activity(String::new()).url()),
        holds: |route| matches!(route, Route::Activity(_)),
    };
    let outbox = Place {
        icon: "outbox",
        label: "Outbox",
        href: Signal::stored(Route::Outbox.url()),
        holds: |route| matches!(route, Route::Outbox | Route::Ledger),
    };
    let connection = Place {
        icon: "plug",
        label: "Connection",
        href: Signal::stored(Route::Connect.url()),
        holds: |route| matches!(route, Route::Connect),
    };
    // How much is still to be done; nothing is said of nothing.
    let open = text(move || match pending.count() {
        0 => String::new(),
        open => open.to_string(),
    });
    let open = view! { <span class="rail-count">{open}</span> }.into_any();
    let nothing = || ().into_any();
    view! {
        <nav class="rail" aria-label="Main">
            {people.view(route, nothing())}
            {insights.view(route, nothing())}
            {compare.view(route, nothing())}
            {part::widget(tray::tray, ())}
            {activity.view(route, nothing())}
            {outbox.view(route, open)}
            <span class="rail-gap"></span>
            {connection.view(route, nothing())}
            <ThemeSwitch/>
        </nav>
    }
}

/// Where one can go.
struct Place {
    icon: &'static str,
    label: &'static str,
    href: Signal<String>,
    /// Whether a screen is this place.
    holds: fn(&Route) -> bool,
}

impl Place {
    // Copied into the rail for every place, it would cost the first screen more than all of them together.
    #[inline(never)]
    fn view(self, route: ReadSignal<Route>, more: AnyView) -> AnyView {
        let Self {
            icon,
            label,
            href,
            holds,
        } = self;
        view! {
            <a
                class="rail-item"
                href=href
                data-tip=label
                aria-current=move || holds(&route.read()).then_some("page")
            >
                <Icon name=icon/>
                <span class="rail-label">{label}</span>
                {more}
            </a>
        }
        .into_any()
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
