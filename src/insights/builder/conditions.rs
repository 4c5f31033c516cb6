//! Conditions of a question: those there are, and a new one.

use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use persons_api::{Operator, PropertyFilter, Subject};

use super::{EVENT_KEYS, PERSON_KEYS};
use crate::conditions::draft::{Draft, Problem, Takes, operators, takes};
use crate::conditions::words;
use crate::platform::focus;
use crate::ui::button::{Button, Loudness};
use crate::ui::chip::Chip;
use crate::ui::dynamic::{dynamic, either, text};

/// What conditions are about, with their names for people.
const SUBJECTS: [(Subject, &str); 3] = [
    (Subject::Event, "event"),
    (Subject::Person, "person"),
    (Subject::Cohort, "cohort"),
];

/// The conditions, each to be taken away, and a way to add one.
pub fn conditions(
    id: String,
    shown: impl Fn() -> Vec<PropertyFilter> + Send + Sync + 'static,
    tell: impl Fn(Vec<PropertyFilter>) + Send + Sync + 'static,
) -> AnyView {
    drawn(id, Arc::new(shown), Arc::new(tell))
}

type Shown = Arc<dyn Fn() -> Vec<PropertyFilter> + Send + Sync>;
type Tell = Arc<dyn Fn(Vec<PropertyFilter>) + Send + Sync>;

fn drawn(id: String, shown: Shown, tell: Tell) -> AnyView {
    let is_adding = RwSignal::new(false);
    let chips = {
        let (shown, tell, id) = (Arc::clone(&shown), Arc::clone(&tell), id.clone());
        dynamic(move || {
            let all = shown();
            let chips = all.iter().enumerate().map(|(place, filter)| {
                let (key, operator, value) = words::parts(filter);
                let kind = SUBJECTS[match filter.subject {
                    Subject::Event => 0,
                    Subject::Person => 1,
                    Subject::Cohort => 2,
                }]
                .1;
                let (all, tell) = (all.clone(), Arc::clone(&tell));
                let remove = Callback::new(move |()| {
                    let mut left = all.clone();
                    left.remove(place);
                    tell(left);
                });
                let key = if filter.subject == Subject::Cohort {
                    key
                } else {
                    format!("{kind} · {key}")
                };
                view! {
                    <Chip
                        id=format!("{id}-{place}")
                        key
                        operator
                        value
                        on_edit=None
                        on_remove=remove
                    />
                }
                .into_any()
            });
            chips.collect_view().into_any()
        })
    };
    let button_id = format!("{id}-add");
    let add = {
        let button = button_id.clone();
        either(
            move || is_adding.get(),
            move || {
                let (shown, tell, button) = (Arc::clone(&shown), Arc::clone(&tell), button.clone());
                let finish = Callback::new(move |filter: Option<PropertyFilter>| {
                    is_adding.set(false);
                    focus::soon(button.clone());
                    if let Some(filter) = filter {
                        let mut all = shown();
                        all.push(filter);
                        tell(all);
                    }
                });
                view! { <Adding id=id.clone() finish/> }.into_any()
            },
            move || {
                view! {
                    <button
                        type="button"
                        class=Loudness::Quiet.class()
                        id=button_id.clone()
                        on:click=move |_| is_adding.set(true)
                    >
                        "+ Condition"
                    </button>
                }
                .into_any()
            },
        )
    };
    view! { <div class="builder-conditions">{chips} {add}</div> }.into_any()
}

/// The fields of a new condition.
#[component]
fn Adding(id: String, finish: Callback<Option<PropertyFilter>>) -> impl IntoView {
    let subject = RwSignal::new(Subject::Event);
    let key = RwSignal::new(String::new());
    let operator = RwSignal::new(Operator::Exact);
    let value = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<&'static str>);
    let key_id = format!("{id}-key");
    focus::soon(format!("{id}-subject"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match made(subject.get(), key.get(), operator.get(), value.get()) {
            Ok(filter) => finish.run(Some(filter)),
            Err(Problem::Key(sentence) | Problem::Value(sentence)) => problem.set(Some(sentence)),
        }
    };
    let subjects = SUBJECTS.map(|(this, name)| view! { <option value=this.name()>{name}</option> });
    let choose_subject = move |event| {
        let name = event_target_value(&event);
        let known = SUBJECTS.iter().find(|(this, _)| this.name() == name);
        if let Some((this, _)) = known {
            subject.set(*this);
        }
    };
    let options = move || match subject.get() {
        Subject::Cohort => {
            let options = [(Operator::In, "in"), (Operator::NotIn, "not_in")];
            options
                .map(|(this, name)| view! { <option value=name>{words::operator(this)}</option> })
                .into_iter()
                .collect_view()
                .into_any()
        }
        _ => operators()
            .map(|(this, name)| view! { <option value=name>{words::operator(this)}</option> })
            .collect_view()
            .into_any(),
    };
    let list = move || match subject.get() {
        Subject::Event => EVENT_KEYS,
        _ => PERSON_KEYS,
    };
    let needs_key = move || subject.get() != Subject::Cohort;
    let needs_value =
        move || takes(operator.get()) != Takes::Nothing || subject.get() == Subject::Cohort;
    let words = text(move || problem.get().unwrap_or_default().to_owned());
    view! {
        <form
            class="builder-adding"
            on:submit=submit
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.stop_propagation();
                    finish.run(None);
                }
            }
        >
            <select
                class="field"
                id=format!("{id}-subject")
                aria-label="About"
                on:change=choose_subject
            >
                {subjects.into_iter().collect_view()}
            </select>
            <input
                class="field"
                id=key_id
                aria-label="Property"
                placeholder="property"
                list=list
                autocomplete="off"
                hidden=move || !needs_key()
                prop:value=key
                on:input=move |event| key.set(event_target_value(&event))
            />
            <select
                class="field"
                aria-label="Condition"
                on:change=move |event| {
                    if let Some(chosen) = Operator::from_name(&event_target_value(&event)) {
                        operator.set(chosen);
                    }
                }
            >
                {options}
            </select>
            <input
                class="field"
                aria-label="Value"
                placeholder=move || if needs_key() { "value" } else { "number of the cohort" }
                autocomplete="off"
                hidden=move || !needs_value()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            <button type="submit" class=Loudness::Plain.class()>"Add"</button>
            <Button loudness=Loudness::Quiet on_click=move |_| finish.run(None)>"Cancel"</Button>
            <span class="builder-problem" role="alert">{words}</span>
        </form>
    }
}

/// The condition that is meant.
fn made(
    subject: Subject,
    key: String,
    operator: Operator,
    value: String,
) -> Result<PropertyFilter, Problem> {
    if subject == Subject::Cohort {
        let number: i64 = value
            .trim()
            .parse()
            .map_err(|_| Problem::Value("Enter the number of a cohort."))?;
        let is_in = !matches!(operator, Operator::NotIn);
        return Ok(PropertyFilter {
            subject,
            key: "id".to_owned(),
            operator: if is_in { Operator::In } else { Operator::NotIn },
            value: number.into(),
        });
    }
    let draft = Draft {
        key,
        operator,
        value,
        ..Draft::default()
    };
    Ok(PropertyFilter {
        subject,
        ..draft.finish()?
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_about_events_people_and_cohorts() {
        let made = |subject, key: &str, operator, value: &str| {
            made(subject, key.to_owned(), operator, value.to_owned()).map(|filter| filter.to_json())
        };
        assert_eq!(
            made(Subject::Event, "price", Operator::Gt, "12"),
            Ok(json!({"type": "event", "key": "price", "operator": "gt", "value": 12}))
        );
        assert_eq!(
            made(Subject::Cohort, "", Operator::Exact, " 7 "),
            Ok(json!({"type": "cohort", "key": "id", "operator": "in", "value": 7}))
        );
        assert!(made(Subject::Cohort, "", Operator::In, "x").is_err());
        assert!(made(Subject::Person, "", Operator::Exact, "x").is_err());
        assert!(made(Subject::Person, "age", Operator::Gt, "old").is_err());
    }
}
