//! Choosing events: by name, an action, or any; how they are counted; what they are narrowed by.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, Subject};

use super::fields::{Typed, complaint, done, select};
use super::model::Model;
use super::{conditions, editor, steps};
use crate::api::definitions::Named;
use crate::api::{Session, definitions, load};
use crate::conditions::suggestions;
use crate::insights::question::{Exclusion, Insight, MATHS, Math, What};
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, when};

/// How events are named.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Event,
    Action,
    Any,
}

const KINDS: [(Kind, &str, &str); 3] = [
    (Kind::Event, "event", "an event"),
    (Kind::Action, "action", "an action"),
    (Kind::Any, "any", "any event"),
];

/// Which events, and whether that was chosen or entered rather than left.
type OnWhat = Callback<(What, bool)>;

/// Choosing which events: `what` is where it begins, none for nothing yet.
fn what_field(model: Model, what: Option<What>, on_what: OnWhat) -> AnyView {
    let (kind, name) = match &what {
        Some(What::Any) => (Kind::Any, String::new()),
        Some(What::Action(..)) => (Kind::Action, String::new()),
        Some(What::Event(name)) => (Kind::Event, name.clone()),
        None => (Kind::Event, String::new()),
    };
    let kind = RwSignal::new(kind);
    let name = RwSignal::new(name);
    let kinds = KINDS.map(|(_, wire, words)| (wire.to_owned(), words.to_owned()));
    let chosen = move || {
        let known = KINDS.iter().find(|(known, ..)| *known == kind.get());
        known.map_or("", |(_, wire, _)| wire).to_owned()
    };
    let choose = move |wire: String| {
        if let Some((chosen, ..)) = KINDS.iter().find(|(_, known, _)| *known == wire) {
            kind.set(*chosen);
            if *chosen == Kind::Any {
                on_what.run((What::Any, false));
            }
        }
    };
    let on_name = Callback::new(move |(name, is_entered): (String, bool)| {
        if !name.is_empty() {
            on_what.run((What::Event(name), is_entered));
        }
    });
    let action = match what {
        Some(What::Action(number, name)) => Some(Named { id: number, name }),
        _ => None,
    };
    let field = dynamic(move || match kind.get() {
        Kind::Any => ().into_any(),
        Kind::Event => Typed {
            id: "builder-event",
            label: "Event",
            placeholder: "signed_up",
            text: name,
            suggestions: suggestions::events(name),
            on_done: on_name,
        }
        .view(model),
        Kind::Action => actions(action.clone(), on_what),
    });
    view! {
        {field}
        {select("builder-kind", "Look for", kinds.into(), chosen, choose)}
    }
    .into_any()
}

/// The actions of the project; one that the list does not have stays what it is.
fn actions(chosen: Option<Named>, on_what: OnWhat) -> AnyView {
    let client = StoredValue::new(Session::expect().client);
    let listed = load(
        || Some(()),
        move |(), abort| async move { definitions::actions(&client.get_value(), &abort).await },
    );
    let field = dynamic(move || {
        let mut actions = listed.value.get().unwrap_or_default();
        if let Some(chosen) = &chosen
            && !actions.iter().any(|action| action.id == chosen.id)
        {
            actions.push(chosen.clone());
        }
        let options = actions
            .iter()
            .map(|Named { id, name }| (id.to_string(), What::Action(*id, name.clone()).name()));
        let nothing = (String::new(), "Choose…".to_owned());
        let options = [nothing].into_iter().chain(options).collect();
        let number = chosen.as_ref().map(|chosen| chosen.id.to_string());
        let number = number.unwrap_or_default();
        let choose = move |number: String| {
            if let Some(Named { id, name }) =
                actions.iter().find(|known| known.id.to_string() == number)
            {
                on_what.run((What::Action(*id, name.clone()), false));
            }
        };
        select(
            "builder-action",
            "Action",
            options,
            move || number.clone(),
            choose,
        )
    });
    let is_empty = move || listed.value.read().as_ref().is_some_and(Vec::is_empty);
    let failed = move || listed.error.read().is_some();
    let none = |words: &'static str| move || view! { <p class="pill-hint">{words}</p> }.into_any();
    view! {
        {field}
        {when(is_empty, none("This project has no actions."))}
        {when(failed, none("This server does not list its actions."))}
    }
    .into_any()
}

/// The event at a place.
pub fn at(model: Model, place: usize) -> AnyView {
    let (insight, entity) = {
        let question = model.question.read_untracked();
        (question.insight, question.series.get(place).cloned())
    };
    let is_there = entity.is_some();
    let has_conditions = entity
        .as_ref()
        .is_some_and(|entity| !entity.conditions.is_empty());
    let what = entity.map(|entity| entity.of);
    let on_what = Callback::new(move |(what, is_entered): (What, bool)| {
        if is_entered {
            model.close();
        }
        model.change(&|question| steps::set(question, place, what.clone()));
    });
    // Not every server looks at them in retention; those that are there can be taken away.
    let can_have_conditions = insight != Insight::Retention || has_conditions;
    let conditions = (is_there && can_have_conditions).then(|| conditions::of_event(model, place));
    let math = (insight == Insight::Trends && is_there).then(|| math(model, place));
    view! {
        {what_field(model, what, on_what)}
        {math}
        {conditions}
        <div class="actions pill-actions">
            {mover(model, place, false)}
            {mover(model, place, true)}
            {done(model)}
        </div>
    }
    .into_any()
}

/// A button that moves an event, if there is room.
fn mover(model: Model, place: usize, is_right: bool) -> AnyView {
    let has_room = move || {
        let mut question = (*model.question.get()).clone();
        steps::shift(&mut question, place, is_right).is_some()
    };
    let words = if is_right { "Move right" } else { "Move left" };
    let button = move || {
        view! {
            <Button
                loudness=Loudness::Quiet
                on_click=move |_| editor::shift(model, place, is_right)
            >
                {words}
            </Button>
        }
        .into_any()
    };
    when(has_room, button)
}

/// One more event.
pub fn one_more(model: Model) -> AnyView {
    let on_what = Callback::new(move |(what, _): (What, bool)| {
        model.close();
        model.change(&|question| {
            let place = question.series.len();
            steps::set(question, place, what.clone());
        });
    });
    what_field(model, None, on_what)
}

/// How an event is counted.
fn math(model: Model, place: usize) -> AnyView {
    let chosen = move || {
        let question = model.question.read();
        let entity = question.series.get(place);
        entity.map(|entity| entity.math).unwrap_or_default()
    };
    let options = MATHS.iter();
    let options = options.map(|(_, wire, words)| ((*wire).to_owned(), (*words).to_owned()));
    let choose = move |wire: String| {
        model.change(&|question| {
            if let Some(entity) = question.series.get_mut(place) {
                entity.math = Math::from_name(&wire).unwrap_or_default();
            }
        });
    };
    let needs_property = move || chosen().needs_property();
    view! {
        {select("builder-math", "Counted as", options.collect(), move || chosen().name().to_owned(), choose)}
        {when(needs_property, move || math_property(model, place))}
    }
    .into_any()
}

/// The property that is added up.
fn math_property(model: Model, place: usize) -> AnyView {
    let property = move || {
        let question = model.question.get();
        let entity = question.series.get(place);
        entity
            .map(|entity| entity.math_property.clone())
            .unwrap_or_default()
    };
    let text = RwSignal::new(untrack(property));
    let on_done = Callback::new(move |(property, is_entered): (String, bool)| {
        if is_entered && !property.is_empty() {
            model.close();
        }
        model.change(&|question| {
            if let Some(entity) = question.series.get_mut(place) {
                property.clone_into(&mut entity.math_property);
            }
        });
    });
    let missing = Signal::derive(move || {
        property()
            .is_empty()
            .then(|| "Choose the property that is added up.".to_owned())
    });
    let field = Typed {
        id: "builder-property",
        label: "Property of the event",
        placeholder: "price",
        text,
        suggestions: event_keys(text),
        on_done,
    };
    view! {
        {field.view(model)}
        {complaint(missing)}
    }
    .into_any()
}

/// Keys of events' properties.
fn event_keys(text: RwSignal<String>) -> Memo<Vec<crate::ui::combobox::Suggestion>> {
    let rows = Memo::new(|_| Vec::<Arc<Person>>::new());
    suggestions::keys_about(Signal::stored(Subject::Event), text, rows)
}

/// What must not happen between two steps: the one at a place, or one more.
pub fn exclusion(model: Model, place: Option<usize>) -> AnyView {
    let was = {
        let question = model.question.read_untracked();
        let known = place.and_then(|place| question.funnel.exclusions.get(place).cloned());
        known.unwrap_or(Exclusion {
            of: What::default(),
            from_step: 0,
            to_step: question.series.len().saturating_sub(1).max(1),
        })
    };
    let what = place.map(|_| was.of.clone());
    let ends = RwSignal::new((was.from_step, was.to_step));
    // One that is not there yet has to have its events first.
    let set = move |of: Option<What>| {
        let Some((from_step, to_step)) = ends.try_get_untracked() else {
            return;
        };
        model.change(&|question| {
            let exclusions = &mut question.funnel.exclusions;
            match (place.and_then(|place| exclusions.get_mut(place)), &of) {
                (Some(known), of) => {
                    (known.from_step, known.to_step) = (from_step, to_step);
                    if let Some(of) = of {
                        of.clone_into(&mut known.of);
                    }
                }
                (None, Some(of)) => exclusions.push(Exclusion {
                    of: of.clone(),
                    from_step,
                    to_step,
                }),
                (None, None) => {}
            }
        });
    };
    let on_what = Callback::new(move |(what, is_entered): (What, bool)| {
        if is_entered || place.is_none() {
            model.close();
        }
        set(Some(what));
    });
    let problem = Signal::derive(move || {
        let (from, to) = ends.get();
        (from >= to).then(|| "The second step has to come after the first.".to_owned())
    });
    let choose_end = move |is_last: bool| {
        move |step: String| {
            let step = step.parse().unwrap_or_default();
            ends.update(|(from, to)| if is_last { *to = step } else { *from = step });
            if problem.with_untracked(Option::is_none) {
                set(None);
            }
        }
    };
    let steps: Vec<(String, String)> = {
        let question = model.question.read_untracked();
        let steps = question.series.iter().enumerate();
        steps
            .map(|(place, step)| (place.to_string(), format!("{} {}", place + 1, step.name())))
            .collect()
    };
    view! {
        {select("builder-after", "After step", steps.clone(), move || ends.get().0.to_string(), choose_end(false))}
        {select("builder-before", "Before step", steps, move || ends.get().1.to_string(), choose_end(true))}
        {complaint(problem)}
        {what_field(model, what, on_what)}
        <div class="actions">{done(model)}</div>
    }
    .into_any()
}
