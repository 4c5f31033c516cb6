//! The form for a connection with a key: server, key, where the key is kept, then the project.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Project;

use super::checks::{CheckList, Checks, Verdict};
use super::keeping::{Keep, KeepFields, Keeping};
use super::project::{ProjectField, last_project, remember_project};
use super::state::{Connection, unnamed_project};
use crate::api::{ApiError, Client, Secret, Server, projects, url};
use crate::navigation::Navigation;
use crate::platform::Abort;
use crate::routes::Route;
use crate::ui::dynamic::{self, when};

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
pub enum Step {
    /// Server and key are being entered.
    Key,
    /// The server is asked.
    Checking,
    /// The key is good: one of these projects.
    Project(Client, Vec<Project>),
    /// The key is good but may not list projects: the number has to be known.
    Number(Client),
    /// The key is being locked away.
    Locking,
}

/// The fields, shared by the parts of the form.
#[derive(Clone, Copy)]
pub struct Fields {
    place: RwSignal<Place>,
    address: RwSignal<String>,
    key: RwSignal<String>,
    keeping: Keeping,
    /// The number of the project.
    pub project: RwSignal<String>,
    /// How far the form is.
    pub step: RwSignal<Step>,
    problem: RwSignal<Option<String>>,
    checks: Checks,
}

impl Fields {
    fn new() -> Self {
        Self {
            place: RwSignal::new(Place::Us),
            address: RwSignal::new(String::new()),
            key: RwSignal::new(String::new()),
            keeping: Keeping::new(),
            project: RwSignal::new(String::new()),
            step: RwSignal::new(Step::Key),
            problem: RwSignal::new(None),
            checks: Checks::new(),
        }
    }

    /// A changed server or key has to be checked anew.
    fn start_over(self) {
        self.step.set(Step::Key);
        self.problem.set(None);
        self.checks.clear();
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
            let answer = projects::visible(&client.clone().hasty(), &Abort::new()).await;
            // Somebody may have changed the key meanwhile, or left.
            if self.step.try_get_untracked() != Some(Step::Checking) {
                return;
            }
            match answer {
                Ok(projects) => self.offer(client, projects),
                Err(ApiError::Forbidden { .. }) => self.step.set(Step::Number(client)),
                Err(error) => self.refuse(match error {
                    ApiError::Unauthorized => "The server rejected the key.".into(),
                    error => error.to_string(),
                }),
            }
        });
    }

    /// Offers projects, first the one that was opened the last time.
    fn offer(self, client: Client, projects: Vec<Project>) {
        let last = last_project(&client);
        let is_last = |project: &&Project| Some(project.id.to_string()) == last;
        let Some(project) = projects.iter().find(is_last).or(projects.first()) else {
            return self.refuse("This key can see no project.".into());
        };
        self.project.set(project.id.to_string());
        self.step.set(Step::Project(client, projects));
        self.check_abilities();
    }

    fn refuse(self, problem: String) {
        self.problem.set(Some(problem));
        self.step.set(Step::Key);
    }

    /// Finds out what the key can do in the chosen project.
    pub fn check_abilities(self) {
        if let Some((client, _)) = self.chosen() {
            self.problem.set(None);
            self.checks.begin(&client);
        }
    }

    /// The project that is chosen, and the way to it.
    fn chosen(self) -> Option<(Client, Project)> {
        let id = self.project.get_untracked();
        let Step::Project(client, projects) = self.step.get_untracked() else {
            return None;
        };
        let project = projects
            .into_iter()
            .find(|project| project.id.to_string() == id)?;
        Some((client.in_project(project.id), project))
    }

    /// Takes a typed number for a project, and finds out whether there is one.
    fn take_number(self, client: Client) {
        let id = self.project.get_untracked().trim().to_owned();
        if id.parse::<u32>().is_err() {
            return self.problem.set(Some("Enter the project's number.".into()));
        }
        self.offer(client, vec![unnamed_project(&id)]);
    }

    /// Opens the chosen project. A key that is to be remembered on this device is locked away before.
    fn open(self, opened: impl FnOnce(Client, Project, bool) + 'static) {
        let Some((client, project)) = self.chosen() else {
            return;
        };
        let problem = match self.checks.people() {
            Verdict::Refused => Some("This key may not read the people of this project."),
            Verdict::Absent => Some("This server has no such project, or no people in it to read."),
            _ => self.keeping.problem(),
        };
        if let Some(problem) = problem {
            return self.problem.set(Some(problem.into()));
        }
        remember_project(&client);
        let keep = self.keeping.keep();
        if keep != Keep::Device {
            return opened(client, project, keep == Keep::Tab);
        }
        let before = self.step.get_untracked();
        self.problem.set(None);
        self.step.set(Step::Locking);
        spawn_local(async move {
            let is_locked = self.keeping.lock(&client).await;
            if self.step.try_get_untracked() != Some(Step::Locking) {
                return;
            }
            if is_locked {
                return opened(client, project, false);
            }
            self.step.set(before);
            self.problem
                .set(Some("This browser could not lock the key away.".into()));
        });
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
            Step::Checking | Step::Locking => {}
            Step::Number(client) => fields.take_number(client),
            Step::Project(..) => fields.open(move |client, project, is_kept| {
                connection.open(client, project, is_kept);
                // Whoever followed a link and had to connect first goes on where it leads.
                if navigation.route().get_untracked() == Route::Connect {
                    navigation.go(Route::Persons(Default::default()));
                }
            }),
        }
    };
    let action = dynamic::text(move || {
        let words = match fields.step.get() {
            Step::Key => "Check key",
            Step::Checking => "Checking…",
            Step::Number(_) => "Check project",
            Step::Project(..) => "Open project",
            Step::Locking => "Locking the key away…",
        };
        words.to_owned()
    });
    let is_busy = move || matches!(*fields.step.read(), Step::Checking | Step::Locking);
    view! {
        <form class="panel connect-form" aria-labelledby="connect-title" on:submit=submit>
            <h2 id="connect-title">"Use a personal API key"</h2>
            <ServerFields fields/>
            <KeyField fields/>
            <KeepFields keeping=fields.keeping/>
            <ProjectField fields/>
            <CheckList checks=fields.checks/>
            <p class="field-problem" id="connect-problem" role="alert">
                {move || fields.problem.get().unwrap_or_default()}
            </p>
            <div class="actions">
                <button
                    type="submit"
                    class="button button-primary"
                    aria-disabled=move || if is_busy() { "true" } else { "false" }
                >
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
fn KeyField(fields: Fields) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    view! {
        <label for="connect-key">"Personal API key"</label>
        <div class="field-row">
            <input
                id="connect-key"
                class="field mono"
                type=move || if is_shown.get() { "text" } else { "password" }
                autocomplete="off"
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
            "Needs the scope person:read; cohort:read, property_definition:read, activity_log:read and
            project:read make more of it. Sent only to that server."
        </p>
    }
}
