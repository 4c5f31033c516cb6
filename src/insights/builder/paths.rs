//! The terms of paths: what they are made of, where they begin and end, how long they are.

use leptos::prelude::*;

use super::fields::{Texts, Typed, done, texts};
use super::model::{Model, Open};
use super::pill::Pill;
use super::words;
use crate::conditions::suggestions;
use crate::insights::question::{EVENT_TYPES, Question};
use crate::platform::focus;
use crate::ui::dynamic::when;

/// The pills.
pub fn pills(model: Model) -> AnyView {
    let pill = |open, key, words: fn(&Question) -> String| Pill::new(open, key, words).view(model);
    let around = move || {
        let remove = move |()| {
            model.open.set(None);
            model.change(&|question| question.around = None);
            focus::soon(Open::EventTypes.id());
        };
        Pill {
            on_remove: Some(Callback::new(remove)),
            ..Pill::new(Open::Around, "funnel", words::around)
        }
        .view(model)
    };
    view! {
        {when(move || model.says(|question| question.around.is_some()), around)}
        {pill(Open::EventTypes, "through", words::event_types)}
        {pill(Open::Start, "from", |question| words::end(&question.paths.start))}
        {pill(Open::End, "to", |question| words::end(&question.paths.end))}
        {pill(Open::Steps, "steps", |question| question.paths.steps.to_string())}
        {pill(Open::Excluded, "without", |question| words::list(&question.paths.excluded))}
        {pill(Open::Groupings, "taken for one", |question| words::list(&question.paths.groupings))}
    }
    .into_any()
}

/// Which events paths are made of.
pub fn event_types(model: Model) -> AnyView {
    let tick = |(name, label): (&'static str, &'static str)| {
        let is_ticked = {
            let chosen = &model.question.read_untracked().paths.event_types;
            chosen.iter().any(|known| known == name)
        };
        let on_change = move |event| {
            let is_ticked = event_target_checked(&event);
            model.change(&|question| {
                let types = &mut question.paths.event_types;
                types.retain(|known| known != name);
                if is_ticked {
                    types.push(name.to_owned());
                }
            });
        };
        view! {
            <label class="choice">
                <input type="checkbox" checked=is_ticked on:change=on_change/>
                {label}
            </label>
        }
        .into_any()
    };
    let ticks: Vec<AnyView> = EVENT_TYPES.into_iter().map(tick).collect();
    view! {
        <fieldset class="pill-ticks">
            <legend>"Paths go through"</legend>
            {ticks}
        </fieldset>
        <p class="pill-hint">"Nothing ticked: all events."</p>
        <div class="actions">{done(model)}</div>
    }
    .into_any()
}

/// Where paths begin.
pub fn start(model: Model) -> AnyView {
    end_of(model, "Begin with", |question| &mut question.paths.start)
}

/// Where paths end.
pub fn end(model: Model) -> AnyView {
    end_of(model, "End with", |question| &mut question.paths.end)
}

fn end_of(model: Model, label: &'static str, end: fn(&mut Question) -> &mut String) -> AnyView {
    let mut question = (*model.question.get_untracked()).clone();
    let text = RwSignal::new(end(&mut question).clone());
    let on_done = Callback::new(move |(text, is_entered): (String, bool)| {
        if is_entered {
            model.close();
        }
        model.change(&|question| end(question).clone_from(&text));
    });
    let field = Typed {
        id: "builder-end",
        label,
        placeholder: "signed_up",
        text,
        suggestions: suggestions::events(text),
        on_done,
    };
    view! {
        {field.view(model)}
        <p class="pill-hint">"A page, a screen or an event; empty for anywhere."</p>
    }
    .into_any()
}

/// What is left out.
pub fn excluded(model: Model) -> AnyView {
    let list = Texts {
        label: "Leave out",
        hint: "Pages, screens and events that paths pass over.",
        placeholder: "$pageleave",
        list: |question| &mut question.paths.excluded,
    };
    texts(model, list)
}

/// What is taken for one.
pub fn groupings(model: Model) -> AnyView {
    let list = Texts {
        label: "Take for one",
        hint: "Items that fit a pattern become one; * stands for any letters.",
        placeholder: "*/product/*",
        list: |question| &mut question.paths.groupings,
    };
    texts(model, list)
}
