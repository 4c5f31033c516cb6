//! What can be done to the whole person: a split, a deletion.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use super::delete::{self, Delete};
use super::split::Split;
use super::split::plan::Wish;
use crate::api::Session;
use crate::api::changes::{Request, is_ours};
use crate::outbox::{self, Change, Outbox};
use crate::people;
use crate::ui::button::Button;
use crate::ui::modal::Modal;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Some ids leave.
    Split,
    /// The person goes.
    Delete,
}

/// A deed that is being thought about.
#[derive(Clone)]
pub struct Thought {
    /// Which.
    pub deed: Deed,
    /// Who it would be done to.
    pub person: Arc<Person>,
    /// What the server said of them.
    pub raw: Arc<str>,
    /// Leaves it undone.
    pub on_close: Callback<()>,
}

crate::part! {
    /// The dialog for it.
    pub dialog in changes: Thought, |thought| {
        outbox::style();
        view! { <Dialog thought/> }.into_any()
    }
}

#[component]
fn Dialog(thought: Thought) -> impl IntoView {
    let Thought {
        deed,
        person,
        raw,
        on_close,
    } = thought;
    let outbox = Outbox::expect();
    let uuid = person.uuid;
    let name = people::name(&person).text().to_owned();
    match deed {
        Deed::Split => {
            // Only servers that know a last event know how to let chosen ids go, too.
            let client = Session::expect().client;
            let can_choose = is_ours(&client) || raw.contains("\"last_seen_at\"");
            let sends = Callback::new(move |wish: Wish| match wish {
                Wish::Chosen(ids) => Request::split(uuid, &ids).line(),
                Wish::AllBut(main) => Request::split_all_but(uuid, &main).line(),
            });
            let of = person.clone();
            let on_send = Callback::new(move |wish: Wish| {
                let change = match wish {
                    Wish::Chosen(leave) => Change::Split { leave, main: None },
                    Wish::AllBut(main) => Change::Split {
                        leave: of
                            .distinct_ids
                            .iter()
                            .filter(|id| **id != main)
                            .cloned()
                            .collect(),
                        main: Some(main),
                    },
                };
                outbox.add(uuid, &name, change);
            });
            view! { <Split person can_choose sends on_send on_close/> }.into_any()
        }
        Deed::Delete if outbox.is_parting(uuid) => view! { <Locked name on_close/> }.into_any(),
        Deed::Delete => {
            let sends =
                Callback::new(move |wish: delete::Wish| Request::delete(uuid, wish.events).line());
            let on_send = Callback::new(move |wish: delete::Wish| {
                let snapshot = wish
                    .snapshot
                    .then(|| serde_json::from_str(&raw).unwrap_or(Value::Null));
                let change = Change::Delete {
                    events: wish.events,
                    snapshot,
                };
                outbox.add(uuid, &name, change);
            });
            view! { <Delete person sends on_send on_close/> }.into_any()
        }
    }
}

/// Ids are leaving: who deletes now might delete the wrong person.
#[component]
fn Locked(name: String, on_close: Callback<()>) -> impl IntoView {
    view! {
        <Modal label="Delete is locked" on_close>
            <div class="deed">
                <h2>"Delete is locked"</h2>
                <p>
                    "Ids are being split off " <bdi>{name}</bdi>
                    ", and lead here until the server has finished. Delete opens again when the new people are seen."
                </p>
                <div class="actions">
                    <Button on_click=move |_| on_close.run(())>"Close"</Button>
                </div>
            </div>
        </Modal>
    }
}
