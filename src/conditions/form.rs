//! The form that makes or changes one condition.

use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use persons_api::{Operator, Person, PropertyFilter, Subject};

use super::draft::{Draft, Problem, Takes, operators, takes};
use super::{suggestions, words};
use crate::api::{Session, cohorts, load};
use crate::platform::focus;
use crate::ui::button::Button;
use crate::ui::combobox::Combobox;
use crate::ui::dynamic::{self, dynamic, either, when};
use crate::ui::icon::Icon;

/// What a condition can be about, where there is a choice.
const SUBJECTS: [(Subject, &str); 3] = [
    (Subject::Person, "a property of the person"),
    (Subject::Event, "a property of the event"),
    (Subject::Cohort, "a cohort"),
];

const SUBJECT_ID: &str = "filter-subject";
const KEY_ID: &str = "filter-key";
const OPERATOR_ID: &str = "filter-operator";
const VALUE_ID: &str = "filter-value";
const PROBLEM_ID: &str = "filter-problem";

/// The draft, field by field.
#[derive(Clone, Copy)]
struct Fields {
    subject: RwSignal<Subject>,
    key: RwSignal<String>,
    operator: RwSignal<Operator>,
    chosen: RwSignal<Vec<String>>,
    value: RwSignal<String>,
    problem: RwSignal<Option<Problem>>,
}

impl Fields {
    fn new(draft: Draft) -> Self {
        Self {
            subject: RwSignal::new(draft.subject),
            key: RwSignal::new(draft.key),
            operator: RwSignal::new(draft.operator),
            chosen: RwSignal::new(draft.chosen),
            value: RwSignal::new(draft.value),
            problem: RwSignal::new(None),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            subject: self.subject.get(),
            key: self.key.get(),
            operator: self.operator.get(),
            chosen: self.chosen.get(),
            value: self.value.get(),
        }
    }

    fn takes(self) -> Takes {
        takes(self.operator.get())
    }
}

/// The form. It stands in something that Escape closes.
#[component]
pub fn ConditionForm(
    /// What it begins with; none makes a new one.
    filter: Option<PropertyFilter>,
    /// What a new condition is about, where there is a choice; without it all are about people.
    #[prop(optional)]
    begins_with: Option<Subject>,
    /// People whose keys can be suggested.
    rows: Memo<Vec<Arc<Person>>>,
    /// Called with the finished condition.
    on_finish: Callback<PropertyFilter>,
    /// Called when it is given up.
    on_cancel: Callback<()>,
) -> impl IntoView {
    let is_new = filter.is_none();
    let draft = filter.as_ref().map_or_else(
        || Draft::about(begins_with.unwrap_or(Subject::Person)),
        Draft::of,
    );
    let fields = Fields::new(draft);
    let finish = move || match untrack(|| fields.draft()).finish() {
        Ok(filter) => on_finish.run(filter),
        Err(problem) => {
            fields.problem.set(Some(problem));
            focus::now(match problem {
                Problem::Key(_) => KEY_ID,
                Problem::Value(_) => VALUE_ID,
            });
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        finish();
    };
    // Where one goes on: a new condition begins with its key, an old one is mostly changed in its value.
    focus::soon(if is_new { KEY_ID } else { VALUE_ID });
    let problem = dynamic::text(move || match fields.problem.get() {
        Some(Problem::Key(sentence) | Problem::Value(sentence)) => sentence.to_owned(),
        None => String::new(),
    });
    let is_of_cohort = move || fields.subject.get() == Subject::Cohort;
    let key = either(
        is_of_cohort,
        || ().into_any(),
        move || view! { <KeyField fields rows/> }.into_any(),
    );
    let on_enter = Callback::new(move |()| finish());
    let value = either(
        is_of_cohort,
        move || view! { <CohortField fields/> }.into_any(),
        move || view! { <ValueField fields on_enter/> }.into_any(),
    );
    view! {
        <form class="filter-editor" on:submit=submit>
            {begins_with.map(|_| view! { <SubjectField fields/> })}
            {key}
            <OperatorField fields/>
            {value}
            <p class="field-problem" id=PROBLEM_ID role="alert">
                {problem}
            </p>
            <div class="actions">
                <Button on_click=move |_| on_cancel.run(())>"Cancel"</Button>
                <button type="submit" class="button button-primary">
                    {if is_new { "Add" } else { "Apply" }}
                </button>
            </div>
        </form>
    }
}

#[component]
fn KeyField(fields: Fields, rows: Memo<Vec<Arc<Person>>>) -> impl IntoView {
    let described_by = Signal::derive(move || {
        matches!(fields.problem.get(), Some(Problem::Key(_))).then(|| PROBLEM_ID.to_owned())
    });
    view! {
        <Combobox
            id=KEY_ID
            label="Property"
            text=fields.key
            suggestions=suggestions::keys_about(fields.subject.into(), fields.key, rows)
            on_choose=Callback::new(move |_| focus::soon(OPERATOR_ID))
            on_enter=Callback::new(move |()| focus::soon(OPERATOR_ID))
            described_by=described_by
            placeholder="plan"
        />
    }
}

/// What the condition looks at.
#[component]
fn SubjectField(fields: Fields) -> impl IntoView {
    let option = |(subject, words): (Subject, &'static str)| {
        view! {
            <option value=subject.name() selected=move || fields.subject.get() == subject>
                {words}
            </option>
        }
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        let Some((subject, _)) = SUBJECTS.iter().find(|(known, _)| known.name() == name) else {
            return;
        };
        let was = fields.subject.get_untracked();
        // A cohort is compared in its own way; between properties what was typed stays.
        if [was, *subject].contains(&Subject::Cohort) {
            fields.operator.set(Draft::about(*subject).operator);
            fields.value.set(String::new());
            fields.chosen.set(Vec::new());
        }
        fields.problem.set(None);
        fields.subject.set(*subject);
    };
    view! {
        <div class="combobox">
            <label for=SUBJECT_ID>"About"</label>
            <select id=SUBJECT_ID class="field" on:change=choose>
                {SUBJECTS.map(option).collect_view()}
            </select>
        </div>
    }
}

/// Which cohort: by name, or by number where a server does not list them.
#[component]
fn CohortField(fields: Fields) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let cohorts = load(
        || Some(()),
        move |(), abort| async move { cohorts::all(&client.get_value(), &abort).await },
    );
    let options = move || {
        dynamic(move || {
            let known = cohorts.value.get().unwrap_or_default();
            let chosen = fields.value.get_untracked();
            let mut options = vec![(String::new(), "Choose…".to_owned())];
            options.extend(known.into_iter().map(|cohort| {
                let number = cohort.id.to_string();
                let name = match cohort.name.is_empty() {
                    true => format!("Cohort {number}"),
                    false => cohort.name,
                };
                (number, name)
            }));
            // One that the list does not have stays what it is.
            if !options.iter().any(|(number, _)| *number == chosen) {
                options.push((chosen.clone(), format!("Cohort {chosen}")));
            }
            let option = |(number, name): (String, String)| {
                let is_chosen = number == chosen;
                view! {
                    <option value=number selected=is_chosen>
                        {name}
                    </option>
                }
            };
            let options = options.into_iter().map(option).collect_view();
            options.into_any()
        })
    };
    let by_name = move || {
        view! {
            <select
                id=VALUE_ID
                class="field"
                on:change=move |event| fields.value.set(event_target_value(&event))
            >
                {options()}
            </select>
        }
        .into_any()
    };
    let by_number = move || {
        view! {
            <input
                id=VALUE_ID
                class="field"
                inputmode="numeric"
                placeholder="12"
                prop:value=fields.value
                on:input=move |event| fields.value.set(event_target_value(&event))
            />
        }
        .into_any()
    };
    let is_unlisted = move || cohorts.error.read().is_some();
    view! {
        <div class="combobox">
            <label for=VALUE_ID>"Cohort"</label>
            {either(is_unlisted, by_number, by_name)}
        </div>
    }
}

#[component]
fn OperatorField(fields: Fields) -> impl IntoView {
    let options = dynamic(move || {
        let option = |(operator, name): (Operator, &'static str)| {
            view! {
                <option value=name selected=move || fields.operator.get() == operator>
                    {words::operator(operator)}
                </option>
            }
        };
        let options = operators(fields.subject.get());
        options.map(option).collect_view().into_any()
    });
    let choose = move |event| {
        if let Some(operator) = Operator::from_name(&event_target_value(&event)) {
            fields.operator.set(operator);
            fields.problem.set(None);
        }
    };
    view! {
        <div class="combobox">
            <label for=OPERATOR_ID>"Condition"</label>
            <select id=OPERATOR_ID class="field" on:change=choose>
                {options}
            </select>
        </div>
    }
}

#[component]
fn ValueField(fields: Fields, on_enter: Callback<()>) -> impl IntoView {
    let described_by = Signal::derive(move || {
        matches!(fields.problem.get(), Some(Problem::Value(_))).then(|| PROBLEM_ID.to_owned())
    });
    // A suggestion for an operator that takes several values is one of them; others can follow.
    let choose = Callback::new(move |value: String| {
        if untrack(|| fields.takes()) == Takes::Texts {
            fields.value.set(String::new());
            fields.chosen.update(|chosen| {
                if !chosen.contains(&value) {
                    chosen.push(value);
                }
            });
        }
    });
    let kind = Memo::new(move |_| fields.takes());
    let field = dynamic(move || {
        let placeholder = match kind.get() {
            Takes::Nothing | Takes::Cohort => return ().into_any(),
            Takes::Moment => "2026-03-01",
            Takes::Number => "12",
            Takes::Text | Takes::Texts => "",
        };
        let label = if kind.get() == Takes::Texts {
            "Values"
        } else {
            "Value"
        };
        let suggestions = suggestions::values(fields.subject, fields.key, fields.value);
        view! {
            <Combobox
                id=VALUE_ID
                label=label
                text=fields.value
                suggestions=suggestions
                on_choose=choose
                on_enter=on_enter
                described_by=described_by
                placeholder=placeholder
            />
        }
        .into_any()
    });
    view! {
        {field}
        {when(
            move || kind.get() == Takes::Texts && !fields.chosen.read().is_empty(),
            move || view! { <ChosenValues chosen=fields.chosen/> }.into_any(),
        )}
    }
}

/// The values that were chosen, each of which can be taken away.
#[component]
fn ChosenValues(chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let value = move |value: String| {
        let removed = value.clone();
        let remove = move |_| chosen.update(|chosen| chosen.retain(|known| *known != removed));
        view! {
            <li class="chip">
                <bdi class="chip-value">{value.clone()}</bdi>
                <button
                    type="button"
                    class="chip-remove"
                    aria-label=format!("Remove value {value}")
                    on:click=remove
                >
                    <Icon name="close"/>
                </button>
            </li>
        }
    };
    view! {
        <ul class="chips" aria-label="Chosen values">
            {move || chosen.get().into_iter().map(value).collect_view()}
        </ul>
    }
}
