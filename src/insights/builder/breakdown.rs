//! What the numbers are cut by: a property of events or people, or cohorts.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, Subject};

use super::fields::{Typed, done, select};
use super::model::Model;
use crate::api::definitions::Named;
use crate::api::{Session, cohorts, load};
use crate::conditions::suggestions;
use crate::insights::question::{Breakdown, BreakdownKind};
use crate::ui::dynamic::dynamic;

/// Everybody, beside cohorts.
const EVERYBODY: &str = "all";

/// The popover of the breakdown. A kind that has no property or cohort yet is not asked.
pub fn view(model: Model) -> AnyView {
    let was = model.question.read_untracked().breakdown.clone();
    let kind = RwSignal::new(was.as_ref().map(|was| was.kind));
    let nothing = (String::new(), "nothing".to_owned());
    let kinds = BreakdownKind::ALL.iter();
    let kinds = kinds.map(|(_, name, label)| ((*name).to_owned(), (*label).to_owned()));
    let chosen = move || kind.get().map_or("", BreakdownKind::name).to_owned();
    let choose = move |name: String| {
        let chosen = BreakdownKind::from_name(&name);
        kind.set(chosen);
        if chosen.is_none() {
            set(model, None);
        }
    };
    let field = dynamic(move || match kind.get() {
        None => ().into_any(),
        Some(BreakdownKind::Cohort) => of_cohorts(model),
        Some(kind) => of_property(model, kind),
    });
    view! {
        {select(
            "builder-breakdown",
            "Split by",
            [nothing].into_iter().chain(kinds).collect(),
            chosen,
            choose,
        )}
        {field}
        <div class="actions">{done(model)}</div>
    }
    .into_any()
}

fn set(model: Model, breakdown: Option<Breakdown>) {
    model.change(&|question| question.breakdown.clone_from(&breakdown));
}

/// The key of the breakdown, if it is of this kind.
fn key(model: Model, kind: BreakdownKind) -> String {
    let question = model.question.get_untracked();
    let known = question
        .breakdown
        .as_ref()
        .filter(|known| known.kind == kind);
    known.map(|known| known.key.clone()).unwrap_or_default()
}

fn of_property(model: Model, kind: BreakdownKind) -> AnyView {
    let text = RwSignal::new(key(model, kind));
    let subject = match kind {
        BreakdownKind::Event => Subject::Event,
        BreakdownKind::Person | BreakdownKind::Cohort => Subject::Person,
    };
    let rows = Memo::new(|_| Vec::<Arc<Person>>::new());
    let on_done = Callback::new(move |(key, is_entered): (String, bool)| {
        if key.is_empty() {
            return;
        }
        if is_entered {
            model.close();
        }
        set(model, Some(Breakdown { kind, key }));
    });
    Typed {
        id: "builder-key",
        label: "Property",
        placeholder: "plan",
        text,
        suggestions: suggestions::keys_about(Signal::stored(subject), text, rows),
        on_done,
    }
    .view(model)
}

/// Cohorts by name, and everybody beside them.
fn of_cohorts(model: Model) -> AnyView {
    let client = StoredValue::new(Session::expect().client);
    let listed = load(
        || Some(()),
        move |(), abort| async move { cohorts::all(&client.get_value(), &abort).await },
    );
    let boxes = dynamic(move || {
        let mut known: Vec<(String, String)> =
            vec![(EVERYBODY.to_owned(), "all people".to_owned())];
        let named = listed.value.get().unwrap_or_default().into_iter();
        known.extend(named.map(|Named { id, name }| (id.to_string(), name)));
        // Those of a link that the list does not have can be taken away, too.
        for number in chosen(model) {
            if !known.iter().any(|(known, _)| *known == number) {
                known.push((number.clone(), format!("Cohort {number}")));
            }
        }
        let boxes = known
            .into_iter()
            .map(|(number, name)| tick(model, number, name));
        boxes.collect_view().into_any()
    });
    view! { <fieldset class="pill-ticks"><legend>"Cohorts"</legend>{boxes}</fieldset> }.into_any()
}

fn chosen(model: Model) -> Vec<String> {
    let key = key(model, BreakdownKind::Cohort);
    let numbers = key.split(',').filter(|number| !number.is_empty());
    numbers.map(str::to_owned).collect()
}

fn tick(model: Model, number: String, name: String) -> AnyView {
    let is_ticked = chosen(model).contains(&number);
    let on_change = move |event| {
        let mut numbers = chosen(model);
        numbers.retain(|known| *known != number);
        if event_target_checked(&event) {
            numbers.push(number.clone());
        }
        let kind = BreakdownKind::Cohort;
        let key = numbers.join(",");
        set(model, (!key.is_empty()).then_some(Breakdown { kind, key }));
    };
    view! {
        <label class="choice">
            <input type="checkbox" checked=is_ticked on:change=on_change/>
            {name}
        </label>
    }
    .into_any()
}
