//! What popovers are made of: choices, numbers, texts with suggestions, lists of texts.

use std::ops::RangeInclusive;

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;

use super::model::Model;
use crate::insights::question::Question;
use crate::platform::focus;
use crate::ui::button::{Button, Loudness};
use crate::ui::combobox::{Combobox, Suggestion};
use crate::ui::dynamic::{Member, each, text, when};
use crate::ui::icon::Icon;

const PROBLEM_ID: &str = "builder-problem";

/// One of several choices, and what it makes of the question.
pub struct Choice {
    label: String,
    is_chosen: bool,
    choose: Box<dyn Fn(&mut Question)>,
}

impl Choice {
    /// A choice.
    pub fn new(
        label: impl Into<String>,
        is_chosen: bool,
        choose: impl Fn(&mut Question) + 'static,
    ) -> Self {
        Self {
            label: label.into(),
            is_chosen,
            choose: Box::new(choose),
        }
    }
}

fn choice_id(place: usize) -> String {
    format!("builder-choice-{place}")
}

/// One of several, which closes the popover.
pub fn choices(model: Model, choices: Vec<Choice>) -> AnyView {
    let count = choices.len();
    let button = |(place, choice): (usize, Choice)| {
        let Choice {
            label,
            is_chosen,
            choose,
        } = choice;
        let on_click = move |_| {
            model.close();
            model.change(&*choose);
        };
        let on_keydown = move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowDown" => place + 1,
                "ArrowUp" => place + count - 1,
                _ => return,
            };
            event.prevent_default();
            focus::now(&choice_id(to % count));
        };
        view! {
            <li>
                <button
                    type="button"
                    id=choice_id(place)
                    class="pill-choice"
                    aria-pressed=if is_chosen { "true" } else { "false" }
                    on:click=on_click
                    on:keydown=on_keydown
                >
                    {label}
                </button>
            </li>
        }
        .into_any()
    };
    let buttons: Vec<AnyView> = choices.into_iter().enumerate().map(button).collect();
    view! {
        <ul class="pill-choices">
            {buttons}
        </ul>
    }
    .into_any()
}

/// A choice among words of the API, which stays open.
pub fn select(
    id: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: impl Fn() -> String + Send + Sync + 'static,
    on_choose: impl Fn(String) + 'static,
) -> AnyView {
    let chosen = Signal::derive(chosen);
    let option = |(value, words): (String, String)| {
        let own = value.clone();
        view! {
            <option value=value selected=move || *chosen.read() == own>
                {words}
            </option>
        }
        .into_any()
    };
    let options: Vec<AnyView> = options.into_iter().map(option).collect();
    let on_choose: Box<dyn Fn(String)> = Box::new(on_choose);
    view! {
        <div class="combobox">
            <label for=id>{label}</label>
            <select
                id=id
                class="field"
                on:change=move |event| on_choose(event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// A number of the question.
#[derive(Clone)]
pub struct Number {
    /// The words above it.
    pub label: &'static str,
    /// Which numbers make sense.
    pub range: RangeInclusive<u32>,
    /// What it is.
    pub value: fn(&Question) -> u32,
    /// Changes it.
    pub set: fn(&mut Question, u32),
}

/// A field for a number. What is not one stays in it, and is said.
pub fn number(model: Model, number: Number) -> AnyView {
    const ID: &str = "builder-number";
    let Number {
        label,
        range,
        value,
        set,
    } = number;
    let typed = RwSignal::new(untrack(|| model.says(value)).to_string());
    let problem = RwSignal::new(None);
    let commit = Callback::new(move |()| {
        let number = typed.get_untracked();
        let number = number.trim().parse().ok();
        let number = number.filter(|number| range.contains(number));
        let sentence = [
            "Enter a whole number from ",
            &range.start().to_string(),
            " to ",
            &range.end().to_string(),
            ".",
        ];
        problem.set(number.is_none().then(|| sentence.concat()));
        if let Some(number) = number {
            model.change(&|question| set(question, number));
        }
        number.is_some()
    });
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            if commit.run(()) {
                model.close();
            }
        }
    };
    view! {
        <div class="combobox">
            <label for=ID>{label}</label>
            <input
                id=ID
                class="field"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                aria-describedby=PROBLEM_ID
                aria-invalid=move || problem.read().is_some().then_some("true")
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=on_keydown
                on:blur=move |_| {
                    if model.is_open() {
                        commit.try_run(());
                    }
                }
            />
            {complaint(problem.into())}
        </div>
    }
    .into_any()
}

/// What is wrong with what was typed.
pub fn complaint(problem: Signal<Option<String>>) -> AnyView {
    view! {
        <p class="field-problem" id=PROBLEM_ID role="alert">
            {text(move || problem.get().unwrap_or_default())}
        </p>
    }
    .into_any()
}

/// A text with suggestions, which is finished by choosing, by Enter, or by leaving it.
pub struct Typed {
    /// The field's id.
    pub id: &'static str,
    /// The words above it.
    pub label: &'static str,
    /// What to enter, by example.
    pub placeholder: &'static str,
    /// What stands in it.
    pub text: RwSignal<String>,
    /// What is suggested.
    pub suggestions: Memo<Vec<Suggestion>>,
    /// Called with the text, and whether it was chosen or entered rather than left.
    pub on_done: Callback<(String, bool)>,
}

impl Typed {
    /// The field.
    pub fn view(self, model: Model) -> AnyView {
        let Self {
            id,
            label,
            placeholder,
            text,
            suggestions,
            on_done,
        } = self;
        let done = move |is_entered: bool| {
            // A field that goes loses the focus, too.
            if let Some(text) = text.try_get_untracked() {
                on_done.run((text.trim().to_owned(), is_entered));
            }
        };
        let on_leave = move |event: FocusEvent| {
            if model.is_open() && focus::leaves(&event) {
                done(false);
            }
        };
        view! {
            <div on:focusout=on_leave>
                <Combobox
                    id=id
                    label=label
                    text=text
                    suggestions=suggestions
                    on_choose=Callback::new(move |_| done(true))
                    on_enter=Callback::new(move |()| done(true))
                    placeholder=placeholder
                />
            </div>
        }
        .into_any()
    }
}

/// A list of texts of the question.
pub struct Texts {
    /// The words above the field that adds one.
    pub label: &'static str,
    /// What they do, in a sentence.
    pub hint: &'static str,
    /// What to enter, by example.
    pub placeholder: &'static str,
    /// The list.
    pub list: fn(&mut Question) -> &mut Vec<String>,
}

/// A list of texts: each can be taken away, and others added.
pub fn texts(model: Model, texts: Texts) -> AnyView {
    const ID: &str = "builder-text";
    let Texts {
        label,
        hint,
        placeholder,
        list,
    } = texts;
    let items = Memo::new(move |_| {
        let mut question = (*model.question.get()).clone();
        list(&mut question).clone()
    });
    let typed = RwSignal::new(String::new());
    let add = move || {
        let item = typed.try_get_untracked().unwrap_or_default();
        let item = item.trim();
        if !item.is_empty() {
            typed.set(String::new());
            model.change(&|question| {
                let list = list(question);
                if !list.iter().any(|known| known == item) {
                    list.push(item.to_owned());
                }
            });
        }
    };
    let chips = each(move || {
        let items = items.get().into_iter();
        items
            .map(|item| {
                let remove = move |item: &str| {
                    model.change(&|question| list(question).retain(|known| known != item));
                    focus::soon(ID);
                };
                Member::new(item.clone(), move || taken(item, remove))
            })
            .collect()
    });
    let has_items = move || !items.read().is_empty();
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    view! {
        <p class="pill-hint">{hint}</p>
        <ul class="chips" aria-label="Chosen">{chips}</ul>
        <div class="combobox">
            <label for=ID>{label}</label>
            <input
                id=ID
                class="field"
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=on_keydown
                on:blur=move |_| {
                    if model.is_open() {
                        add();
                    }
                }
            />
        </div>
        <div class="actions">
            {when(has_items, move || clear(model, list))}
            {done(model)}
        </div>
    }
    .into_any()
}

fn clear(model: Model, list: fn(&mut Question) -> &mut Vec<String>) -> AnyView {
    let on_click = move |_| model.change(&|question| list(question).clear());
    view! { <Button loudness=Loudness::Quiet on_click>"Remove all"</Button> }.into_any()
}

/// The button that closes a popover in which several things can be done.
pub fn done(model: Model) -> AnyView {
    view! { <Button on_click=move |_| model.close()>"Done"</Button> }.into_any()
}

fn taken(item: String, remove: impl Fn(&str) + 'static) -> AnyView {
    let label = ["Remove ", &item].concat();
    let shown = item.clone();
    view! {
        <li class="chip">
            <bdi class="chip-value">{shown}</bdi>
            <button
                type="button"
                class="chip-remove"
                aria-label=label
                on:click=move |_| remove(&item)
            >
                <Icon name="close"/>
            </button>
        </li>
    }
    .into_any()
}
