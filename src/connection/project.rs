//! Which project, of those that a key can see.

use leptos::prelude::*;
use persons_api::Project;

use super::form::{Fields, Step};
use crate::api::Client;
use crate::platform::storage::Memory;
use crate::platform::text::lowercase;
use crate::ui::dynamic::dynamic;

/// With more projects than this there is a field to search them.
const MANY: usize = 8;

/// The number of the project that was opened last on this server. It is no secret.
pub fn last_project(client: &Client) -> Option<String> {
    Memory::Device.get(&memory_key(client))
}

/// Remembers the project for the next time.
pub fn remember_project(client: &Client) {
    Memory::Device.set(&memory_key(client), client.project());
}

fn memory_key(client: &Client) -> String {
    format!("persons.project {}", client.server().origin())
}

/// The choice, or a field for the number where the key may not list projects.
#[component]
pub fn ProjectField(fields: Fields) -> impl IntoView {
    dynamic(move || match fields.step.get() {
        Step::Key | Step::Checking | Step::Locking => ().into_any(),
        Step::Project(_, projects) => view! { <Choice fields projects/> }.into_any(),
        Step::Number(_) => view! { <Number fields/> }.into_any(),
    })
}

#[component]
fn Choice(fields: Fields, projects: Vec<Project>) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let has_many = projects.len() > MANY;
    let choose = move |id: String| {
        if fields.project.get_untracked() != id {
            fields.project.set(id);
            fields.check_abilities();
        }
    };
    let options = dynamic(move || {
        let chosen = fields.project.get();
        let text = lowercase(search.read().trim());
        let options = projects.iter().filter_map(|project| {
            let (id, label) = (project.id.to_string(), label(project));
            let is_chosen = id == chosen;
            // What is chosen stays, or the field would show something else than is opened.
            (is_chosen || lowercase(&label).contains(&text))
                .then(|| view! { <option value=id selected=is_chosen>{label}</option> }.into_any())
        });
        options.collect_view().into_any()
    });
    view! {
        <label for="connect-project">"Project"</label>
        {has_many.then(|| view! {
            <input
                class="field"
                type="search"
                aria-label="Search projects"
                placeholder="Search projects"
                on:input=move |event| search.set(event_target_value(&event))
            />
        })}
        <select
            id="connect-project"
            class="field"
            size=if has_many { "6" } else { "1" }
            prop:value=fields.project
            on:change=move |event| choose(event_target_value(&event))
        >
            {options}
        </select>
    }
}

fn label(project: &Project) -> String {
    format!("{} ({})", project.name, project.id)
}

#[component]
fn Number(fields: Fields) -> impl IntoView {
    view! {
        <label for="connect-project">"Project number"</label>
        <input
            id="connect-project"
            class="field"
            inputmode="numeric"
            aria-describedby="connect-project-note connect-problem"
            prop:value=fields.project
            on:input=move |event| fields.project.set(event_target_value(&event))
        />
        <p class="note" id="connect-project-note">
            "This key may not list projects. The number stands in the address of the project in PostHog."
        </p>
    }
}
