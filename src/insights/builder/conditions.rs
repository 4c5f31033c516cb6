//! Conditions on all events and people of a question, and on one of its events.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, PropertyFilter, Subject};

use super::model::{Model, Open};
use super::pill::{Pill, adder};
use super::words;
use crate::conditions::ConditionForm;
use crate::insights::question::Question;
use crate::platform::focus;
use crate::ui::dynamic::{Member, each};
use crate::ui::icon::Icon;

/// The conditions on the event at a place, or on all of them.
fn list(question: &Question, of: Option<usize>) -> &[PropertyFilter] {
    match of {
        None => &question.conditions,
        Some(place) => {
            let entity = question.series.get(place);
            entity.map_or(&[], |entity| &entity.conditions)
        }
    }
}

fn list_mut(question: &mut Question, of: Option<usize>) -> Option<&mut Vec<PropertyFilter>> {
    match of {
        None => Some(&mut question.conditions),
        Some(place) => Some(&mut question.series.get_mut(place)?.conditions),
    }
}

fn remove(model: Model, of: Option<usize>, at: usize) {
    model.change(&|question| {
        if let Some(list) = list_mut(question, of).filter(|list| at < list.len()) {
            list.remove(at);
        }
    });
}

/// The conditions on all events and people, and the button that adds one.
pub fn pills(model: Model) -> AnyView {
    let pill = move |at: usize| {
        let on_remove = move |()| {
            remove(model, None, at);
            model.open.set(None);
            focus::soon(Open::Condition { of: None, at: None }.id());
        };
        let open = Open::Condition {
            of: None,
            at: Some(at),
        };
        let words = move |question: &Question| {
            let filter = question.conditions.get(at);
            filter.map(words::condition).unwrap_or_default()
        };
        Pill {
            on_remove: Some(Callback::new(on_remove)),
            ..Pill::new(open, "where", words)
        }
        .view(model)
    };
    let pills = each(move || {
        let places = 0..model.question.read().conditions.len();
        places
            .map(|at| Member::new(at.to_string(), move || pill(at)))
            .collect()
    });
    view! {
        {pills}
        {adder(model, Open::Condition { of: None, at: None }, "Condition")}
    }
    .into_any()
}

/// The conditions on the event at a place, as they stand in its popover.
pub fn of_event(model: Model, place: usize) -> AnyView {
    let chips = each(move || {
        let filters = list(&model.question.read(), Some(place)).to_vec();
        let filters = filters.into_iter().enumerate();
        filters
            .map(|(at, filter)| {
                let sentence = words::condition(&filter);
                let key = format!("{at} {sentence}");
                Member::new(key, move || chip(model, place, at, sentence))
            })
            .collect()
    });
    let open = Open::Condition {
        of: Some(place),
        at: None,
    };
    view! {
        <ul class="chips" aria-label="Conditions on this event">{chips}</ul>
        <button type="button" class="button button-quiet" on:click=move |_| model.open.set(Some(open))>
            <Icon name="add"/>
            "Condition"
        </button>
    }
    .into_any()
}

fn chip(model: Model, place: usize, at: usize, sentence: String) -> AnyView {
    let open = Open::Condition {
        of: Some(place),
        at: Some(at),
    };
    let label = ["Remove ", &sentence].concat();
    let on_remove = move |_| {
        remove(model, Some(place), at);
        focus::soon_if_lost(Open::Series(place).id());
    };
    view! {
        <li class="chip">
            <button type="button" class="chip-body" on:click=move |_| model.open.set(Some(open))>
                <bdi class="chip-value">{sentence}</bdi>
            </button>
            <button type="button" class="chip-remove" aria-label=label on:click=on_remove>
                <Icon name="close"/>
            </button>
        </li>
    }
    .into_any()
}

/// The form of one condition.
pub fn form(model: Model, of: Option<usize>, at: Option<usize>) -> AnyView {
    // From an event's condition one comes back to the event.
    let leave = move || match of {
        Some(place) => model.open.set(Some(Open::Series(place))),
        None => model.close(),
    };
    let finish = move |filter: PropertyFilter| {
        leave();
        model.change(&|question| {
            let Some(list) = list_mut(question, of) else {
                return;
            };
            match at.and_then(|at| list.get_mut(at)) {
                Some(known) => filter.clone_into(known),
                None => list.push(filter.clone()),
            }
        });
    };
    let filter = at.and_then(|at| list(&model.question.read_untracked(), of).get(at).cloned());
    let begins_with = if of.is_some() {
        Subject::Event
    } else {
        Subject::Person
    };
    let rows = Memo::new(|_| Vec::<Arc<Person>>::new());
    view! {
        <ConditionForm
            filter
            begins_with
            rows
            on_finish=Callback::new(finish)
            on_cancel=Callback::new(move |()| leave())
        />
    }
    .into_any()
}
