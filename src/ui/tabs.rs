//! Tabs: one tab stop, arrows move and choose.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::platform::focus;

/// A tab's label and how many things are behind it.
#[derive(Clone)]
pub struct Tab {
    /// Names the tab and its panel in the page.
    pub name: &'static str,
    /// The words on it.
    pub label: &'static str,
    /// How many things are behind it, once that is known.
    pub count: Signal<Option<String>>,
}

/// The id of the panel that belongs to a tab.
pub fn panel_id(name: &str) -> String {
    format!("panel-{name}")
}

/// The id of a tab.
pub fn tab_id(name: &str) -> String {
    format!("tab-{name}")
}

/// A row of tabs. The page shows one panel, with the id and label that [`panel_id`] and [`tab_id`] give.
#[component]
pub fn Tabs(
    /// What the tabs are of.
    label: &'static str,
    /// The tabs.
    tabs: Vec<Tab>,
    /// The name of the chosen one.
    #[prop(into)]
    chosen: Signal<&'static str>,
    /// Chooses one by name.
    on_choose: Callback<&'static str>,
) -> impl IntoView {
    let names: Vec<&'static str> = tabs.iter().map(|tab| tab.name).collect();
    let on_keydown = move |event: KeyboardEvent| {
        let here = names
            .iter()
            .position(|name| *name == chosen.get_untracked());
        let (here, count) = (here.unwrap_or(0), names.len());
        let to = match event.key().as_str() {
            "ArrowRight" => (here + 1) % count,
            "ArrowLeft" => (here + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        on_choose.run(names[to]);
        focus::now(&tab_id(names[to]));
    };
    let tab = move |Tab { name, label, count }: Tab| {
        let is_chosen = move || chosen.get() == name;
        view! {
            <button
                type="button"
                role="tab"
                class="tab"
                id=tab_id(name)
                aria-controls=move || is_chosen().then(|| panel_id(name))
                aria-selected=move || if is_chosen() { "true" } else { "false" }
                tabindex=move || if is_chosen() { 0 } else { -1 }
                on:click=move |_| on_choose.run(name)
            >
                {label}
                {move || count.get().map(|count| view! { <span class="tab-count">{count}</span> })}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_keydown>
            {tabs.into_iter().map(tab).collect_view()}
        </div>
    }
}
