//! What can be done with the list: choose its columns, keep it as a view, export it.
//!
//! The buttons are here; what they open is loaded when it is first opened.

mod bulk;
mod columns;
mod export;
mod selection;
mod views;

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use self::columns::ChooseColumns;
use self::export::Export;
pub use self::selection::{Selection, selection};
use self::views::Views;
use crate::platform::focus;
use crate::routes::PersonsState;
use crate::ui::button::Loudness;
use crate::ui::dynamic::dynamic;
use crate::ui::icon::Icon;
use crate::ui::part;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Columns,
    Views,
    Export,
}

/// Each with its label, icon and key.
const TOOLS: [(Tool, &str, &str, &str); 3] = [
    (Tool::Views, "Views", "views", "v"),
    (Tool::Columns, "Columns", "columns", "o"),
    (Tool::Export, "Export", "export", "E"),
];

const CLOSE_ID: &str = "tool-close";

/// Which tool is open.
#[derive(Clone, Copy)]
pub struct Tools(RwSignal<Option<Tool>>);

impl Tools {
    /// None is.
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Opens the tool that has this key, if one has.
    pub fn open_by_key(self, key: &str) -> bool {
        let tool = TOOLS.iter().find(|(.., known)| *known == key);
        if let Some((tool, ..)) = tool {
            self.0.set(Some(*tool));
        }
        tool.is_some()
    }

    fn close(self) {
        if let Some(tool) = self.0.get_untracked() {
            focus::soon(button_id(tool));
            self.0.set(None);
        }
    }
}

fn button_id(tool: Tool) -> String {
    format!("tool-{}", tool as usize)
}

/// What an open tool works on.
#[derive(Clone)]
struct Open {
    tool: Tool,
    tools: Tools,
    question: Memo<PersonsState>,
    rows: Memo<Vec<Arc<Person>>>,
    on_change: Callback<PersonsState>,
}

crate::part! {
    opened in tools: Open, |open| {
        super::style_tool();
        view! { <Opened open/> }.into_any()
    }
}

/// The buttons, and below them the tool that is open.
#[component]
pub fn Toolbox(
    tools: Tools,
    question: Memo<PersonsState>,
    /// The people that are shown.
    rows: Memo<Vec<Arc<Person>>>,
    on_change: Callback<PersonsState>,
) -> impl IntoView {
    let button = |(tool, label, icon, key): (Tool, &'static str, &'static str, &'static str)| {
        let is_open = move || tools.0.get() == Some(tool);
        view! {
            <button
                type="button"
                id=button_id(tool)
                class=Loudness::Quiet.class()
                aria-haspopup="dialog"
                aria-expanded=move || if is_open() { "true" } else { "false" }
                aria-keyshortcuts=if key == "E" { "Shift+E" } else { key }
                on:click=move |_| tools.0.set((!is_open()).then_some(tool))
            >
                <Icon name=icon/>
                <span class="tool-label">{label}</span>
            </button>
        }
        .into_any()
    };
    let open = dynamic(move || match tools.0.get() {
        Some(tool) => part::widget(
            opened,
            Open {
                tool,
                tools,
                question,
                rows,
                on_change,
            },
        ),
        None => ().into_any(),
    });
    view! {
        <div class="tools">
            {TOOLS.map(button).collect_view()}
            {open}
        </div>
    }
}

/// The dialog around a tool. It is not modal: the list stays in view and in reach.
#[component]
fn Opened(open: Open) -> impl IntoView {
    let Open {
        tool,
        tools,
        question,
        rows,
        on_change,
    } = open;
    let label = TOOLS.iter().find(|(known, ..)| *known == tool);
    let label = label.map_or("", |(_, label, ..)| *label);
    let on_keydown = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            tools.close();
        }
    };
    let on_close = Callback::new(move |()| tools.close());
    let content = match tool {
        Tool::Columns => view! { <ChooseColumns question rows on_change/> }.into_any(),
        Tool::Views => view! { <Views question on_close/> }.into_any(),
        Tool::Export => view! { <Export question rows/> }.into_any(),
    };
    focus::soon(CLOSE_ID);
    view! {
        <div class="popover tool" role="dialog" aria-label=label on:keydown=on_keydown>
            <div class="tool-head">
                <h2>{label}</h2>
                <button
                    type="button"
                    id=CLOSE_ID
                    class="button button-quiet button-icon"
                    aria-label="Close"
                    on:click=move |_| tools.close()
                >
                    <Icon name="close"/>
                </button>
            </div>
            {content}
        </div>
    }
}
