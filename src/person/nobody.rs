//! An id that is nobody's.

use leptos::prelude::*;

use crate::platform::document;
use crate::routes::{PersonsState, Route};
use crate::ui::message::{Message, Tone};

/// Says so, and leads on.
#[component]
pub fn Nobody(
    /// What stood in the URL.
    id: String,
) -> impl IntoView {
    document::set_title("Nobody · Persons");
    let search = Route::Persons(PersonsState {
        search: id.clone(),
        ..PersonsState::default()
    });
    let detail = format!(
        "“{id}” is neither a person nor one of their distinct ids: it never existed, or the person was \
         deleted, or merged into somebody else."
    );
    view! {
        <div class="person-body">
            <h1 class="visually-hidden">"This person does not exist"</h1>
            <Message
                tone=Tone::Problem
                title="This person does not exist"
                detail=Signal::stored(detail)
            >
                <a class="button button-primary" href=search.url()>
                    "Search people for it"
                </a>
                <a class="button" href=Route::Persons(PersonsState::default()).url()>
                    "Show everybody"
                </a>
            </Message>
        </div>
    }
}
