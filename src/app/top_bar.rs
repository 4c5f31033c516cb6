//! The bar on top: what this is, and whose people these are.

use leptos::prelude::*;

use super::overlay::{Layer, Overlay};
use super::traffic;
use crate::api::Server;
use crate::connection::Connection;
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::ui::dynamic::dynamic;
use crate::ui::icon::Icon;
use crate::ui::part;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let connection = Connection::expect();
    let navigation = Navigation::expect();
    let overlay = Overlay::expect();
    let project = dynamic(move || {
        let project = connection.session().map(|session| {
            let host = match session.client.server() {
                Server::This => None,
                Server::Other(origin) => {
                    let host = origin.split("://").last().unwrap_or_default();
                    Some(view! { <span class="top-bar-host">{host.to_owned()}</span> })
                }
            };
            let sample = session
                .project
                .is_demo
                .then(|| view! { <span class="tag tag-warning">"Sample data"</span> });
            view! {
                <span class="top-bar-project"><bdi>{session.project.name}</bdi></span>
                {host}
                {sample}
            }
            .into_any()
        });
        project.into_any()
    });
    view! {
        <header class="top-bar">
            <a class="brand" href=move || Route::Persons(navigation.last_list()).url()>
                <Icon name="mark"/>
                "Persons"
            </a>
            {project}
            {part::widget(traffic::meter, ())}
            <button
                type="button"
                class="button button-quiet top-bar-find"
                title="Find people and actions"
                aria-keyshortcuts="Control+K Meta+K"
                on:click=move |_| overlay.open(Layer::Palette)
            >
                <Icon name="search"/>
                <span>"Find"</span>
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
        </header>
    }
}
