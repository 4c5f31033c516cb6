//! The small dialog that makes or changes one condition.

use std::sync::Arc;

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use persons_api::{Operator, Person, PropertyFilter};

use super::suggestions;
use crate::conditions::draft::{Draft, Problem, Takes, operators, takes};
use crate::conditions::words;
use crate::platform::focus;
use crate::ui::button::Button;
use crate::ui::combobox::Combobox;
use crate::ui::dynamic::{self, dynamic, when};
use crate::ui::icon::Icon;

const KEY_ID: &str = "filter-key";
const OPERATOR_ID: &str = "filter-operator";
const VALUE_ID: &str = "filter-value";
const PROBLEM_ID: &str = "filter-problem";

/// The draft, field by field.
#[derive(Clone, Copy)]
struct Fields {
    key: RwSignal<String>,
    operator: RwSignal<Operator>,
    chosen: RwSignal<Vec<String>>,
    value: RwSignal<String>,
    problem: RwSignal<Option<Problem>>,
}

impl Fields {
    fn new(draft: Draft) -> Self {
        Self {
            key: RwSignal::new(draft.key),
            operator: RwSignal::new(draft.operator),
            chosen: RwSignal::new(draft.chosen),
            value: RwSignal::new(draft.value),
            problem: RwSignal::new(None),
        }
    }

    fn draft(self) -> Draft {
        Draft {
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

/// The dialog. It is not modal: the list stays in view and in reach.
#[component]
pub fn Editor(
    /// What it begins with.
    draft: Draft,
    /// People whose keys can be suggested.
    rows: Memo<Vec<Arc<Person>>>,
    /// Called with the finished condition.
    on_finish: Callback<PropertyFilter>,
    /// Called when it is given up.
    on_cancel: Callback<()>,
) -> impl IntoView {
    let is_new = draft == Draft::default();
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
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_cancel.run(());
        }
    };
    // Where one goes on: a new condition begins with its key, an old one is mostly changed in its value.
    focus::soon(if is_new { KEY_ID } else { VALUE_ID });
    let label = if is_new { "Add filter" } else { "Edit filter" };
    let problem = dynamic::text(move || match fields.problem.get() {
        Some(Problem::Key(sentence) | Problem::Value(sentence)) => sentence.to_owned(),
        None => String::new(),
    });
    view! {
        <div class="popover" role="dialog" aria-label=label on:keydown=on_keydown>
            <form class="filter-editor" on:submit=submit>
                <KeyField fields rows/>
                <OperatorField fields/>
                <ValueField fields on_enter=Callback::new(move |()| finish())/>
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
        </div>
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
            suggestions=suggestions::keys(fields.key, rows)
            on_choose=Callback::new(move |_| focus::soon(OPERATOR_ID))
            on_enter=Callback::new(move |()| focus::soon(OPERATOR_ID))
            described_by=described_by
            placeholder="plan"
        />
    }
}

#[component]
fn OperatorField(fields: Fields) -> impl IntoView {
    let options = operators().map(|(operator, name)| {
        view! {
            <option value=name selected=move || fields.operator.get() == operator>
                {words::operator(operator)}
            </option>
        }
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
                {options.collect_view()}
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
            Takes::Nothing => return ().into_any(),
            Takes::Moment => "2026-03-01",
            Takes::Number => "12",
            Takes::Text | Takes::Texts => "",
        };
        let label = if kind.get() == Takes::Texts {
            "Values"
        } else {
            "Value"
        };
        let suggestions = suggestions::values(fields.key, fields.value);
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
