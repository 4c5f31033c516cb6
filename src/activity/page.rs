//! What was done to people in the whole project. The kind that is chosen stands in the URL.

use leptos::prelude::*;

use super::list::ActivityList;
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::platform::document;
use crate::routes::Route;

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    document::set_title("Activity · Persons");
    let navigation = Navigation::expect();
    let route = navigation.route();
    let wanted = move || match &*route.read() {
        Route::Activity(kind) => Some(kind.clone()),
        // The page is about to go.
        _ => None,
    };
    let kind = RwSignal::new(untrack(wanted).unwrap_or_default());
    effect(move |_| {
        let wanted = wanted().filter(|wanted| *wanted != *kind.read_untracked());
        if let Some(wanted) = wanted {
            kind.set(wanted);
        }
    });
    effect(move |is_first| {
        let chosen = Route::Activity(kind.get());
        // A choice is no step of its own: Back leads to where one came from.
        if !is_first {
            navigation.replace(chosen);
        }
    });
    view! {
        <div class="page page-activity">
            <h1>"Activity"</h1>
            <ActivityList person=None kind/>
        </div>
    }
}
