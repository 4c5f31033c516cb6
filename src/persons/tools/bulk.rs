//! Changing many people at once: what would become of each is shown before anything is sent.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use crate::api::Session;
use crate::outbox::entry::State;
use crate::outbox::{self, Change, Outbox};
use crate::people;
use crate::platform::intl;
use crate::routes::Route;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, text};
use crate::ui::modal::Modal;
use crate::ui::typed::{Draft, Types, ValueField};
use crate::ui::value::type_name;

/// People who are named one by one; more are a number.
const NAMED: usize = 50;
/// Requests for each change: the write, and one look at what came of it.
const REQUESTS: u64 = 2;
/// What PostHog allows in a minute where it is strictest.
const A_MINUTE: u64 = 180;

/// What is done to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A property is set or taken away.
    Edit,
    /// They go.
    Delete,
}

/// Many people, and what is to be done to them.
#[derive(Clone)]
pub struct Bulk {
    /// What.
    pub deed: Deed,
    /// To whom.
    pub people: Vec<Arc<Person>>,
    /// Leaves it undone.
    pub on_close: Callback<()>,
}

crate::part! {
    /// The dialog.
    pub bulk in changes: Bulk, |bulk| {
        outbox::style();
        match bulk.deed {
            Deed::Edit => view! { <Edit bulk/> }.into_any(),
            Deed::Delete => view! { <Delete bulk/> }.into_any(),
        }
    }
}

/// What would become of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Another value of the same type, or the first one.
    Changes,
    /// It is so already.
    Equal,
    /// There is a value of another type, which is more often a mistake than wanted.
    Conflict,
}

/// What would become of somebody whose property becomes this; `None` takes it away.
fn verdict(person: &Person, key: &str, after: Option<&Value>) -> Verdict {
    match (person.properties.get(key), after) {
        (None, None) => Verdict::Equal,
        (Some(before), Some(after)) if before == after => Verdict::Equal,
        (Some(before), Some(after))
            if !before.is_null() && !after.is_null() && type_name(before) != type_name(after) =>
        {
            Verdict::Conflict
        }
        _ => Verdict::Changes,
    }
}

/// A change of somebody: who, what they are called, what is done.
type Planned = (uuid::Uuid, String, Change);

/// What would be done.
#[derive(Clone, PartialEq)]
struct Plan {
    /// How many change, are so already, and are of another type.
    counts: [u64; 3],
    /// The changes.
    changes: Vec<Planned>,
}

fn plan(people: &[Arc<Person>], key: &str, after: Option<&Value>, takes_conflicts: bool) -> Plan {
    let mut plan = Plan {
        counts: [0; 3],
        changes: Vec::new(),
    };
    for person in people {
        let verdict = verdict(person, key, after);
        plan.counts[verdict as usize] += 1;
        if verdict == Verdict::Equal || verdict == Verdict::Conflict && !takes_conflicts {
            continue;
        }
        let (before, key) = (person.properties.get(key).cloned(), key.to_owned());
        let change = match after {
            Some(after) => Change::Set {
                key,
                before,
                after: after.clone(),
            },
            None => Change::Unset { key, before },
        };
        let name = people::name(person).text().to_owned();
        plan.changes.push((person.uuid, name, change));
    }
    plan
}

#[component]
fn Edit(bulk: Bulk) -> impl IntoView {
    let Bulk {
        people, on_close, ..
    } = bulk;
    let outbox = Outbox::expect();
    let title = format!("Edit {}", counted(people.len() as u64));
    let people = StoredValue::new(people);
    let batch = RwSignal::new(None);
    let runner = outbox.clone();
    let on_run = Callback::new(move |changes| batch.set(Some(runner.add_all(changes))));
    let body = dynamic(move || match batch.get() {
        Some(batch) => view! { <Run outbox=outbox.clone() batch on_close/> }.into_any(),
        None => view! { <Form people on_run on_close/> }.into_any(),
    });
    view! {
        <Modal label=title.clone() on_close>
            <div class="deed">
                <h2>{title}</h2>
                {body}
            </div>
        </Modal>
    }
}

/// What is done to each, and what would come of it.
#[component]
fn Form(
    people: StoredValue<Vec<Arc<Person>>>,
    on_run: Callback<Vec<Planned>>,
    on_close: Callback<()>,
) -> impl IntoView {
    let is_limited = Session::expect().client.is_limited();
    let draft = RwSignal::new(Draft::of("", None));
    let (removes, takes_conflicts) = (RwSignal::new(false), RwSignal::new(false));
    let problem = RwSignal::new(String::new());
    let change_draft = Callback::new(move |new: Draft| {
        problem.set(String::new());
        draft.set(new);
    });
    let planned = Memo::new(move |_| {
        let draft = draft.read();
        if draft.key.trim().is_empty() {
            return Err("Name a property.".to_owned());
        }
        let after = if removes.get() {
            None
        } else {
            Some(draft.value()?)
        };
        let takes_conflicts = takes_conflicts.get();
        Ok(people.with_value(|people| plan(people, &draft.key, after.as_ref(), takes_conflicts)))
    });
    let run = move |_| match planned.get_untracked() {
        Ok(Plan { changes, .. }) if changes.is_empty() => {
            problem.set("Nothing would change.".into())
        }
        Ok(Plan { changes, .. }) => on_run.run(changes),
        Err(sentence) => problem.set(sentence),
    };
    let preview = dynamic(move || match planned.get() {
        Err(sentence) => view! { <p class="note">{sentence}</p> }.into_any(),
        Ok(plan) => view! { <Preview plan takes_conflicts is_limited/> }.into_any(),
    });
    let value = dynamic(move || {
        if removes.get() {
            return ().into_any();
        }
        view! {
            <Types draft change_draft/>
            <ValueField draft change_draft problem/>
        }
        .into_any()
    });
    view! {
        <div class="edit-fields">
            <label for="bulk-key">"Key"</label>
            <input
                id="bulk-key"
                class="field mono"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || draft.read().key.clone()
                on:input=move |event| {
                    let key = event_target_value(&event);
                    change_draft.run(Draft { key, ..draft.get_untracked() });
                }
            />
            <span></span>
            <Tick on=removes label="Remove the property"/>
            {value}
        </div>
        <p id="edit-problem" class="field-problem" role="alert">{move || problem.get()}</p>
        <div class="edit-preview" aria-live="polite">{preview}</div>
        <div class="actions">
            <Button loudness=Loudness::Primary on_click=run>"Run"</Button>
            <Button on_click=move |_| on_close.run(())>"Cancel"</Button>
        </div>
    }
}

#[component]
fn Tick(on: RwSignal<bool>, label: &'static str) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=move || on.get()
                on:change=move |event| on.set(event_target_checked(&event))
            />
            {label}
        </label>
    }
}

#[component]
fn Preview(plan: Plan, takes_conflicts: RwSignal<bool>, is_limited: bool) -> impl IntoView {
    let [change, equal, conflict] = plan.counts.map(intl::number);
    let has_conflicts = plan.counts[2] > 0;
    let cost = cost(plan.changes.len() as u64, is_limited);
    let rows = plan
        .changes
        .into_iter()
        .take(NAMED)
        .map(|(_, name, change)| {
            view! { <li><bdi>{name}</bdi> " " <span class="note">{change.words()}</span></li> }
                .into_any()
        });
    view! {
        <p>{format!("{change} will change · {equal} already so · {conflict} of another type")}</p>
        {has_conflicts
            .then(|| view! { <Tick on=takes_conflicts label="Change those of another type, too"/> })}
        <ul class="bulk-rows" tabindex="0" aria-label="What will change">{rows.collect_view()}</ul>
        <p class="note">{cost}</p>
    }
}

/// How far the batch is, and the ways to stop it.
#[component]
fn Run(outbox: Outbox, batch: i64, on_close: Callback<()>) -> impl IntoView {
    let watched = outbox.clone();
    let states = Memo::new(move |_| Tally::of(&watched.batch(batch)));
    let is_paused = outbox.is_paused();
    let (undone, tried) = (outbox.clone(), outbox);
    let action = dynamic(move || {
        let tally = states.get();
        let (undone, tried) = (undone.clone(), tried.clone());
        if tally.open > 0 {
            let words = move || if is_paused.get() { "Resume" } else { "Pause" };
            return view! {
                <Button loudness=Loudness::Primary on_click=move |_| is_paused.update(|is_paused| *is_paused = !*is_paused)>
                    {words}
                </Button>
            }
            .into_any();
        }
        view! {
            {(tally.failed > 0)
                .then(|| {
                    view! { <Button on_click=move |_| tried.retry_batch(batch)>"Try the failed again"</Button> }
                })}
            <Button on_click=move |_| undone.undo_batch(batch)>"Undo the batch"</Button>
        }
        .into_any()
    });
    view! {
        <progress
            class="bulk-progress"
            aria-label="Done"
            max=move || states.read().total().to_string()
            value=move || (states.read().done + states.read().failed).to_string()
        ></progress>
        <p role="status">{text(move || states.read().words())}</p>
        <div class="actions">
            {action}
            <a class="button" href=Route::Outbox.url()>"Each in the outbox"</a>
            <Button on_click=move |_| on_close.run(())>"Close"</Button>
            <span class="note">"It goes on when this is closed."</span>
        </div>
    }
}

/// How many of a batch are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    open: u64,
    done: u64,
    failed: u64,
}

impl Tally {
    fn of(states: &[State]) -> Self {
        let mut tally = Self::default();
        for state in states {
            match state {
                State::Confirmed => tally.done += 1,
                State::Failed(_) | State::Unseen(_) | State::Cancelled => tally.failed += 1,
                _ => tally.open += 1,
            }
        }
        tally
    }

    fn total(self) -> u64 {
        self.open + self.done + self.failed
    }

    fn words(self) -> String {
        format!(
            "{} of {} confirmed, {} not done",
            intl::number(self.done),
            intl::number(self.total()),
            intl::number(self.failed)
        )
    }
}

/// Deleting all of them: the same word to type as for one.
#[component]
fn Delete(bulk: Bulk) -> impl IntoView {
    const WORD: &str = "delete";
    let Bulk {
        people, on_close, ..
    } = bulk;
    let outbox = Outbox::expect();
    let title = format!("Delete {}?", counted(people.len() as u64));
    let events = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new("");
    let names = people.iter().take(NAMED).map(|person| {
        view! { <li><bdi>{people::name(person).text().to_owned()}</bdi></li> }.into_any()
    });
    let names = names.collect_view();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !typed.read_untracked().trim().eq_ignore_ascii_case(WORD) {
            return problem.set("Type the word delete to go on.");
        }
        let of = |person: &Arc<Person>| {
            let change = Change::Delete {
                events: events.get_untracked(),
                snapshot: None,
            };
            (person.uuid, people::name(person).text().to_owned(), change)
        };
        outbox.add_all(people.iter().map(of).collect());
        on_close.run(());
    };
    view! {
        <Modal label=title.clone() on_close>
            <form class="deed" novalidate on:submit=submit>
                <h2>{title}</h2>
                <p>"It cannot be undone once it is sent. Each is a request of its own, and stands in the ledger."</p>
                <ul class="bulk-rows" tabindex="0" aria-label="Who goes">{names}</ul>
                <Tick on=events label="Also delete their events"/>
                <label for="bulk-word">"Type " <strong>{WORD}</strong> " to go on"</label>
                <input
                    id="bulk-word"
                    class="field"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby="bulk-problem"
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        problem.set("");
                    }
                />
                <p id="bulk-problem" class="field-problem" role="alert">{move || problem.get()}</p>
                <div class="actions">
                    <button type="submit" class="button button-danger">"Delete"</button>
                    <Button on_click=move |_| on_close.run(())>"Cancel"</Button>
                    <span class="note">"Held for ten seconds, in which it can be undone."</span>
                </div>
            </form>
        </Modal>
    }
}

fn counted(people: u64) -> String {
    format!(
        "{} {}",
        intl::number(people),
        if people == 1 { "person" } else { "people" }
    )
}

/// What a run costs where requests are counted.
fn cost(changes: u64, is_limited: bool) -> String {
    let requests = changes * REQUESTS;
    if !is_limited {
        return format!("{} requests.", intl::number(requests));
    }
    let minutes = requests.div_ceil(A_MINUTE);
    format!(
        "{} requests, about {} min at {A_MINUTE} a minute.",
        intl::number(requests),
        intl::number(minutes)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(number: u128, plan: Value) -> Arc<Person> {
        let mut person = json!({"id": 1, "uuid": uuid::Uuid::from_u128(number), "properties": {}});
        if plan != json!("missing") {
            person["properties"]["plan"] = plan;
        }
        Arc::new(serde_json::from_value(person).expect("a person"))
    }

    #[test]
    fn each_is_told_what_would_become_of_them() {
        let people = [
            person(1, json!("free")),
            person(2, json!("team")),
            person(3, json!(7)),
            person(4, json!(null)),
            person(5, json!("missing")),
        ];
        let team = json!("team");
        let careful = plan(&people, "plan", Some(&team), false);
        assert_eq!(careful.counts, [3, 1, 1]);
        let changed = |plan: &Plan| {
            plan.changes
                .iter()
                .map(|(uuid, ..)| uuid.as_u128())
                .collect::<Vec<_>>()
        };
        assert_eq!(changed(&careful), [1, 4, 5]);
        assert_eq!(
            changed(&plan(&people, "plan", Some(&team), true)),
            [1, 3, 4, 5]
        );
        let removed = plan(&people, "plan", None, false);
        assert_eq!(
            (removed.counts, changed(&removed)),
            ([4, 1, 0], vec![1, 2, 3, 4])
        );
    }

    #[test]
    fn a_batch_is_over_when_nothing_is_open() {
        let tally = Tally::of(&[
            State::Confirmed,
            State::Queued,
            State::Failed(String::new()),
        ]);
        assert_eq!(
            (tally.open, tally.done, tally.failed, tally.total()),
            (1, 1, 1, 3)
        );
    }
}
