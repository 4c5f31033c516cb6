//! The form for a connection with a key: server, key, then the project.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Project;

use super::state::{Connection, unnamed_project};
use crate::api::{ApiError, Client, Secret, Server, projects, url};
use crate::navigation::Navigation;
use crate::platform::Abort;
use crate::routes::Route;
use crate::ui::dynamic::{self, dynamic, when};

/// Where PostHog runs, with the words on the button. The last one is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Us,
    Eu,
    Other,
}

impl Place {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Us, "PostHog US Cloud"),
        (Self::Eu, "PostHog EU Cloud"),
        (Self::Other, "Another server"),
    ];

    /// Scheme and host.
    fn origin(self, typed: &str) -> Result<String, &'static str> {
        match self {
            Self::Us => Ok("https://us.posthog.com".into()),
            Self::Eu => Ok("https://eu.posthog.com".into()),
            Self::Other => url::parse_origin(typed),
        }
    }
}

/// How far the form is.
#[derive(Clone, PartialEq)]
enum Step {
    /// Server and key are being entered.
    Key,
    /// The server is asked.
    Checking,
    /// The key is good: one of these projects.
    Project(Client, Vec<Project>),
    /// The key is good but may not list projects: the number has to be known.
    Number(Client),
}

/// The fields, shared by the parts of the form.
#[derive(Clone, Copy)]
struct Fields {
    place: RwSignal<Place>,
    address: RwSignal<String>,
    key: RwSignal<String>,
    is_kept: RwSignal<bool>,
    project: RwSignal<String>,
    step: RwSignal<Step>,
    problem: RwSignal<Option<String>>,
}

impl Fields {
    fn new() -> Self {
        Self {
            place: RwSignal::new(Place::Us),
            address: RwSignal::new(String::new()),
            key: RwSignal::new(String::new()),
            is_kept: RwSignal::new(false),
            project: RwSignal::new(String::new()),
            step: RwSignal::new(Step::Key),
            problem: RwSignal::new(None),
        }
    }

    /// A changed server or key has to be checked anew.
    fn start_over(self) {
        self.step.set(Step::Key);
        self.problem.set(None);
    }

    /// Asks the server for the projects that the key can see.
    fn check_key(self) {
        let origin = match self
            .place
            .get_untracked()
            .origin(&self.address.read_untracked())
        {
            Ok(origin) => origin,
            Err(problem) => return self.problem.set(Some(problem.into())),
        };
        if self.key.read_untracked().trim().is_empty() {
            return self.problem.set(Some("Enter a personal API key.".into()));
        }
        let key = Secret::new(&self.key.read_untracked());
        let client = Client::with_key(Server::Other(origin.into()), key);
        self.problem.set(None);
        self.step.set(Step::Checking);
        spawn_local(async move {
            let answer = projects::visible(&client, &Abort::new()).await;
            let (step, problem) = match answer {
                Ok(projects) if projects.is_empty() => {
                    (Step::Key, Some("This key can see no project.".to_owned()))
                }
                Ok(projects) => {
                    let _ = self.project.try_set(projects[0].id.to_string());
                    (Step::Project(client, projects), None)
                }
                Err(ApiError::Forbidden { .. }) => (Step::Number(client), None),
                Err(ApiError::Unauthorized) => {
                    (Step::Key, Some("The server rejected the key.".to_owned()))
                }
                Err(error) => (Step::Key, Some(error.to_string())),
            };
            let _ = self.problem.try_set(problem);
            let _ = self.step.try_set(step);
        });
    }

    /// The project that is chosen, or its typed number.
    fn chosen(self) -> Option<(Client, Project)> {
        let id = self.project.get_untracked().trim().to_owned();
        match self.step.get_untracked() {
            Step::Project(client, projects) => {
                let project = projects
                    .into_iter()
                    .find(|project| project.id.to_string() == id)?;
                Some((client, project))
            }
            Step::Number(client) if id.parse::<u32>().is_ok() => {
                Some((client, unnamed_project(&id)))
            }
            _ => None,
        }
    }
}

/// The form.
#[component]
pub fn ConnectForm() -> impl IntoView {
    let fields = Fields::new();
    let connection = Connection::expect();
    let navigation = Navigation::expect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match fields.step.get_untracked() {
            Step::Key => fields.check_key(),
            Step::Checking => {}
            Step::Project(..) | Step::Number(_) => match fields.chosen() {
                Some((client, project)) => {
                    connection.open(client, project, fields.is_kept.get_untracked());
                    // Whoever followed a link and had to connect first goes on where it leads.
                    if navigation.route().get_untracked() == Route::Connect {
                        navigation.go(Route::Persons(Default::default()));
                    }
                }
                None => fields
                    .problem
                    .set(Some("Enter the project's number.".into())),
            },
        }
    };
    let action = dynamic::text(move || {
        let words = match fields.step.get() {
            Step::Key => "Check key",
            Step::Checking => "Checking…",
            Step::Project(..) | Step::Number(_) => "Open project",
        };
        words.to_owned()
    });
    view! {
        <form class="panel connect-form" aria-labelledby="connect-title" on:submit=submit>
            <h2 id="connect-title">"Use a personal API key"</h2>
            <ServerFields fields/>
            <KeyFields fields/>
            <ProjectField fields/>
            <p class="field-problem" id="connect-problem" role="alert">
                {move || fields.problem.get().unwrap_or_default()}
            </p>
            <div class="actions">
                <button type="submit" class="button button-primary">
                    {action}
                </button>
            </div>
        </form>
    }
}

#[component]
fn ServerFields(fields: Fields) -> impl IntoView {
    let option = move |(place, label): (Place, &'static str)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="place"
                    prop:checked=move || fields.place.get() == place
                    on:change=move |_| {
                        fields.place.set(place);
                        fields.start_over();
                    }
                />
                {label}
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>"Server"</legend>
            {Place::ALL.map(option)}
        </fieldset>
        {when(
            move || fields.place.get() == Place::Other,
            move || view! { <AddressField fields/> }.into_any(),
        )}
    }
}

#[component]
fn AddressField(fields: Fields) -> impl IntoView {
    view! {
        <label for="connect-address">"Address"</label>
            <input
                id="connect-address"
                class="field"
                type="url"
                inputmode="url"
                placeholder="https://posthog.example.com"
                aria-describedby="connect-problem"
                prop:value=fields.address
                on:input=move |event| {
                    fields.address.set(event_target_value(&event));
                    fields.start_over();
                }
            />
    }
}

#[component]
fn KeyFields(fields: Fields) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    view! {
        <label for="connect-key">"Personal API key"</label>
        <div class="field-row">
            <input
                id="connect-key"
                class="field mono"
                type=move || if is_shown.get() { "text" } else { "password" }
                autocomplete="current-password"
                spellcheck="false"
                placeholder="phx_…"
                aria-describedby="connect-key-note connect-problem"
                prop:value=fields.key
                on:input=move |event| {
                    fields.key.set(event_target_value(&event));
                    fields.start_over();
                }
            />
            <button
                type="button"
                class="button"
                aria-pressed=move || if is_shown.get() { "true" } else { "false" }
                on:click=move |_| is_shown.update(|shown| *shown = !*shown)
            >
                "Show"
            </button>
        </div>
        <p class="note" id="connect-key-note">
            "Needs the scopes person:read, cohort:read, property_definition:read and project:read. Sent
            only to that server, kept in memory until this page is closed or reloaded."
        </p>
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=fields.is_kept
                on:change=move |event| fields.is_kept.set(event_target_checked(&event))
            />
            "Keep it in this tab until the tab is closed"
        </label>
    }
}

#[component]
fn ProjectField(fields: Fields) -> impl IntoView {
    let set = move |value: String| fields.project.set(value);
    dynamic(move || match fields.step.get() {
        Step::Key | Step::Checking => ().into_any(),
        Step::Project(_, projects) => {
            let options = projects.into_iter().map(|Project { id, name, .. }| {
                view! { <option value=id.to_string()>{format!("{name} ({id})")}</option> }
            });
            view! {
                <label for="connect-project">"Project"</label>
                <select
                    id="connect-project"
                    class="field"
                    prop:value=fields.project
                    on:change=move |event| set(event_target_value(&event))
                >
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        Step::Number(_) => view! {
            <label for="connect-project">"Project number"</label>
            <input
                id="connect-project"
                class="field"
                inputmode="numeric"
                aria-describedby="connect-project-note connect-problem"
                prop:value=fields.project
                on:input=move |event| set(event_target_value(&event))
            />
            <p class="note" id="connect-project-note">
                "This key may not list projects. The number stands in the address of the project in
                PostHog."
            </p>
        }
        .into_any(),
    })
}
