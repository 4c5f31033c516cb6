//! Taking a person apart: the picture of before and after, and what will be sent.

mod picture;
pub mod plan;

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use self::picture::Picture;
use self::plan::{Plan, Wish, plan};
use crate::api::{Server, Session};
use crate::people;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, text};
use crate::ui::modal::Modal;

/// The dialog.
#[component]
pub fn Split(
    /// Who is taken apart.
    person: Arc<Person>,
    /// Whether the server can let some ids go and keep the others together. Servers that cannot would
    /// take such a wish for one to take everything apart.
    can_choose: bool,
    /// The request for a wish, in one line.
    sends: Callback<Wish, String>,
    /// Asks for it.
    on_send: Callback<Wish>,
    /// Closes the dialog.
    on_close: Callback<()>,
) -> impl IntoView {
    let session = Session::expect();
    let is_ours = *session.client.server() == Server::This;
    let name = people::name(&person).text().to_owned();
    let wish = RwSignal::new(if can_choose {
        Wish::Chosen(Vec::new())
    } else {
        Wish::AllBut(person.distinct_ids.first().cloned().unwrap_or_default())
    });
    let planned = {
        let person = person.clone();
        Memo::new(move |_| plan(&person, &wish.read(), session.project.id))
    };
    let send = move |_| {
        if planned.read_untracked().is_ok() {
            on_send.run(wish.get_untracked());
            on_close.run(());
        }
    };
    let outcome = dynamic(move || match planned.get() {
        Err(reason) => view! { <p class="note" role="status">{reason}</p> }.into_any(),
        Ok(plan) => {
            let warnings = plan.warnings(is_ours);
            let line = |warning: String| view! { <li>{warning}</li> }.into_any();
            view! {
                <ul class="warnings">{warnings.into_iter().map(line).collect_view()}</ul>
                <p class="sends">"Sends " <code class="mono">{sends.run(wish.get_untracked())}</code></p>
            }
            .into_any()
        }
    });
    let words = text(move || match planned.read().as_ref().map(Plan::leaving) {
        Ok(1) => "Split off 1 id".into(),
        Ok(count) => format!("Split off {} ids", crate::platform::intl::number(count)),
        Err(_) => "Split".into(),
    });
    view! {
        <Modal label=format!("Split {name}") on_close>
            <div class="deed">
                <h2>"Split " <bdi>{name.clone()}</bdi></h2>
                <p class="note">
                    "Each id that leaves becomes a person of its own, without properties. Who stays keeps all of them."
                </p>
                <Ways person=person.clone() can_choose wish/>
                <Picture person=person.clone() wish planned/>
                {outcome}
                <div class="actions">
                    <button
                        type="button"
                        class=Loudness::Primary.class()
                        aria-disabled=move || planned.read().is_err().then_some("true")
                        on:click=send
                    >
                        {words}
                    </button>
                    <Button on_click=move |_| on_close.run(())>"Cancel"</Button>
                    <span class="note">"Held for ten seconds, in which it can be undone."</span>
                </div>
            </div>
        </Modal>
    }
}

/// The two ways to take a person apart.
#[component]
fn Ways(person: Arc<Person>, can_choose: bool, wish: RwSignal<Wish>) -> impl IntoView {
    let first = person.distinct_ids.first().cloned().unwrap_or_default();
    let chooses = move || matches!(*wish.read(), Wish::Chosen(_));
    view! {
        <fieldset>
            <legend>"What leaves"</legend>
            <label class="choice">
                <input
                    type="radio"
                    name="split"
                    disabled=!can_choose
                    prop:checked=chooses
                    on:change=move |_| wish.set(Wish::Chosen(Vec::new()))
                />
                "Chosen ids"
            </label>
            <label class="choice">
                <input
                    type="radio"
                    name="split"
                    prop:checked=move || !chooses()
                    on:change=move |_| wish.set(Wish::AllBut(first.clone()))
                />
                "All ids but one"
            </label>
        </fieldset>
        {(!can_choose)
            .then(|| {
                view! {
                    <p class="note">
                        "This server is too old to let chosen ids go: it would take everybody apart."
                    </p>
                }
            })}
    }
}
