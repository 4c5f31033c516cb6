//! A pill: a term of the question in few words, and the popover that changes it.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::editor;
use super::model::{Model, Open};
use crate::insights::question::Question;
use crate::platform::{focus, viewport};
use crate::ui::dynamic::{dynamic, text};
use crate::ui::icon::Icon;

/// The open popover.
const POPOVER_ID: &str = "builder-popover";

/// A class of the builder, in which popovers stay.
pub const BUILDER: &str = ".builder";

/// Where one begins in a popover: with what is chosen, or with the first thing to fill in.
const BEGINNINGS: [&str; 2] = [
    "[aria-pressed='true']",
    "input, select, .pill-choice, button",
];

/// How a term reads.
pub type Words = Box<dyn Fn(&Question) -> String + Send + Sync>;

/// A term of the question.
pub struct Pill {
    /// What it changes.
    pub open: Open,
    /// What the term is, before its value; may be empty.
    pub key: &'static str,
    /// Its value.
    pub words: Words,
    /// Takes it away, where that can be done.
    pub on_remove: Option<Callback<()>>,
}

impl Pill {
    /// A term that is always there.
    pub fn new(
        open: Open,
        key: &'static str,
        words: impl Fn(&Question) -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            open,
            key,
            words: Box::new(words),
            on_remove: None,
        }
    }

    /// The pill, and below it its popover while it is open.
    pub fn view(self, model: Model) -> AnyView {
        let Self {
            open,
            key,
            words,
            on_remove,
        } = self;
        let value = Memo::new(move |_| words(&model.question.read()));
        let key = (!key.is_empty()).then(|| view! { <span class="chip-operator">{key}</span> " " });
        let remove = on_remove.map(|on_remove| {
            let label = move || ["Remove ", &value.read()].concat();
            view! {
                <button
                    type="button"
                    class="chip-remove"
                    aria-label=label
                    on:click=move |_| on_remove.run(())
                >
                    <Icon name="close"/>
                </button>
            }
        });
        let keys = matches!(open, Open::Series(_)).then_some("Alt+ArrowLeft Alt+ArrowRight");
        let on_keydown = move |event: KeyboardEvent| {
            if let (Open::Series(place), true) = (open, event.alt_key())
                && let Some(is_right) = arrow(&event)
            {
                event.prevent_default();
                editor::shift(model, place, is_right);
            }
        };
        view! {
            <span class="pill-place" on:keydown=move |event| escape(model, open, &event)>
                <span class="chip pill">
                    <button
                        type="button"
                        id=open.id()
                        class="chip-body"
                        aria-haspopup="dialog"
                        aria-keyshortcuts=keys
                        aria-expanded=move || expanded(model, open)
                        on:click=move |_| model.toggle(open)
                        on:keydown=on_keydown
                    >
                        {key}
                        <bdi class="chip-value">{text(move || value.get())}</bdi>
                    </button>
                    {remove}
                </span>
                {popover(model, open)}
            </span>
        }
        .into_any()
    }
}

/// A button that adds a term.
pub fn adder(model: Model, open: Open, words: &'static str) -> AnyView {
    view! {
        <span class="pill-place" on:keydown=move |event| escape(model, open, &event)>
            <button
                type="button"
                id=open.id()
                class="button button-quiet"
                aria-haspopup="dialog"
                aria-expanded=move || expanded(model, open)
                on:click=move |_| model.toggle(open)
            >
                <Icon name="add"/>
                {words}
            </button>
            {popover(model, open)}
        </span>
    }
    .into_any()
}

/// Escape closes what is open, from its pill as from inside.
fn escape(model: Model, pill: Open, event: &KeyboardEvent) {
    let is_open = model.open.get_untracked().map(Open::pill) == Some(pill);
    if event.key() == "Escape" && is_open {
        event.stop_propagation();
        model.close();
    }
}

/// Which way an arrow points, to the right or not.
fn arrow(event: &KeyboardEvent) -> Option<bool> {
    match event.key().as_str() {
        "ArrowRight" => Some(true),
        "ArrowLeft" => Some(false),
        _ => None,
    }
}

fn expanded(model: Model, pill: Open) -> &'static str {
    if model.open.get().map(Open::pill) == Some(pill) {
        "true"
    } else {
        "false"
    }
}

/// What stands below a pill while it is open. It is not modal: the answer stays in view and in reach.
fn popover(model: Model, pill: Open) -> AnyView {
    let here = Memo::new(move |_| model.open.get().filter(|open| open.pill() == pill));
    dynamic(move || match here.get() {
        Some(open) => opened(model, open),
        None => ().into_any(),
    })
}

fn opened(model: Model, open: Open) -> AnyView {
    // The form of a condition knows where one goes on.
    if !matches!(open, Open::Condition { .. }) {
        focus::soon_within(POPOVER_ID, &BEGINNINGS);
    }
    viewport::soon_within(POPOVER_ID, BUILDER);
    let label = open.label(untrack(|| model.says(|question| question.insight)));
    view! {
        <div
            class="popover pill-popover"
            id=POPOVER_ID
            role="dialog"
            aria-label=label
        >
            {editor::view(model, open)}
        </div>
    }
    .into_any()
}
