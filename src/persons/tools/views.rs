//! Views: searches, filters and columns that were given a name. A view is a URL, kept on this device.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::Session;
use crate::platform::focus;
use crate::platform::storage::Memory;
use crate::routes::{PersonsState, Route};
use crate::ui::dynamic::dynamic;
use crate::ui::icon::Icon;

const NAME_ID: &str = "view-name";

/// A view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct View {
    name: String,
    url: String,
}

/// The views of one project, in the order they were made.
fn remembered(key: &str) -> Vec<View> {
    let text = Memory::Device.get(key).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Keeps a view under a name, in the place of an older one of that name.
fn with(mut views: Vec<View>, view: View) -> Vec<View> {
    match views.iter_mut().find(|known| known.name == view.name) {
        Some(known) => *known = view,
        None => views.push(view),
    }
    views
}

/// The tool.
#[component]
pub fn Views(question: Memo<PersonsState>, on_close: Callback<()>) -> impl IntoView {
    let session = Session::expect();
    let key = format!(
        "persons.views.{}.{}",
        session.client.server().origin(),
        session.project.id
    );
    let key = StoredValue::new(key);
    let views = RwSignal::new(remembered(&key.get_value()));
    let set = move |new: Vec<View>| {
        if let Ok(text) = serde_json::to_string(&new) {
            Memory::Device.set(&key.get_value(), &text);
        }
        views.set(new);
    };
    let here = move || {
        let view = PersonsState {
            peek: None,
            ..question.get()
        };
        Route::Persons(view).url()
    };
    let name = RwSignal::new(String::new());
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let name_now = name.get_untracked().trim().to_owned();
        if name_now.is_empty() {
            focus::now(NAME_ID);
            return;
        }
        let url = untrack(here);
        set(with(
            views.get_untracked(),
            View {
                name: name_now,
                url,
            },
        ));
        name.set(String::new());
    };
    let remove = move |removed: String| {
        let mut views = views.get_untracked();
        views.retain(|view| view.name != removed);
        set(views);
        focus::soon(NAME_ID);
    };
    let list = dynamic(move || {
        let (views, here) = (views.get(), here());
        if views.is_empty() {
            return view! {
                <p class="tool-hint">"Give this search, its filters and columns a name to come back to it."</p>
            }
            .into_any();
        }
        let row = |View { name, url }: View| {
            let current = (url == here).then_some("true");
            let removed = name.clone();
            view! {
                <li class="tool-row">
                    <a class="cut" href=url aria-current=current on:click=move |_| on_close.run(())>
                        <bdi>{name.clone()}</bdi>
                    </a>
                    <button
                        type="button"
                        class="button button-quiet button-icon"
                        aria-label=format!("Forget view {name}")
                        on:click=move |_| remove(removed.clone())
                    >
                        <Icon name="close"/>
                    </button>
                </li>
            }
            .into_any()
        };
        let rows = views.into_iter().map(row).collect_view();
        view! { <ul class="tool-list" aria-label="Views on this device">{rows}</ul> }.into_any()
    });
    view! {
        {list}
        <form class="tool-add" on:submit=save>
            <label for=NAME_ID>"Name of the present view"</label>
            <div class="tool-line">
                <input
                    id=NAME_ID
                    class="field"
                    maxlength="80"
                    autocomplete="off"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <button type="submit" class="button button-primary">"Save"</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, url: &str) -> View {
        View {
            name: name.into(),
            url: url.into(),
        }
    }

    #[test]
    fn a_name_belongs_to_one_view_and_keeps_its_place() {
        let views = with(vec![view("a", "/1"), view("b", "/2")], view("a", "/3"));
        assert_eq!(views, [view("a", "/3"), view("b", "/2")]);
        assert_eq!(with(views, view("c", "/4")).len(), 3);
    }
}
