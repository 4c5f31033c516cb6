//! What somebody did, newest first.
//!
//! [`groups`] is pure: days, equal events after each other, squares of the calendar. [`list`] draws the events,
//! [`calendar`] the days of the last half year.

mod calendar;
mod groups;
mod list;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Timestamp;
use uuid::Uuid;

use self::list::List;
use super::address::Address;
use crate::api::events::{self, Event, Next, Wanted};
use crate::api::{ApiError, Session, load};
use crate::failure::Failure;
use crate::platform::Abort;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, when};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;

pub use self::calendar::Calendar;

/// The events of somebody.
#[component]
pub fn Events(person: Uuid) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let address = Address::expect();
    // What is looked for stands in the URL.
    let wanted = Memo::new(move |_| {
        let state = address.state();
        let until = state.events.until;
        Wanted {
            person,
            name: state.events.name,
            // The moment itself is meant, too.
            range: [None, until.map(|at| Timestamp(at.0 + 1))],
            is_oldest_first: state.events.is_oldest_first,
            page_size: 100,
        }
    });
    let first = load(
        move || Some(wanted.get()),
        move |wanted, abort| {
            let client = client.get_value();
            async move { events::page(&client, &wanted, None, &abort).await }
        },
    );
    let again = Callback::new(move |()| first.again());
    let names = RwSignal::new(Vec::<String>::new());
    let content = dynamic(move || match (first.error.get(), first.value.get()) {
        (Some(error), _) => view! { <Failure error what="the events" on_retry=again/> }.into_any(),
        (None, None) => view! { <SkeletonRows rows=8/> }.into_any(),
        (None, Some(page)) if page.events.is_empty() => {
            let is_filtered = !wanted.read_untracked().name.is_empty();
            let (title, detail) = if is_filtered {
                (
                    "No event of this name",
                    "Choose another name, or all events.",
                )
            } else {
                ("No events", "What this person does appears here.")
            };
            view! {
                <Message tone=Tone::Empty title detail>
                    ""
                </Message>
            }
            .into_any()
        }
        (None, Some(page)) => {
            let loaded = Loaded::new(page.events, page.next);
            names.update(|names| learn(names, &loaded.events.read_untracked()));
            view! { <Shown loaded wanted names/> }.into_any()
        }
    });
    let change_name = move |event| {
        let name = event_target_value(&event);
        address.change(&|state| {
            state.events.name.clone_from(&name);
            state.events.id = None;
            state.events.until = None;
        });
    };
    let jump = move |is_oldest_first: bool| {
        address.change(&|state| {
            state.events.is_oldest_first = is_oldest_first;
            state.events.id = None;
            state.events.until = None;
        });
    };
    let order = move |is_oldest_first: bool, words: &'static str| {
        let pressed = move || {
            let is_pressed = wanted.read().is_oldest_first == is_oldest_first
                && wanted.read().range[1].is_none();
            if is_pressed { "true" } else { "false" }
        };
        view! {
            <button type="button" aria-pressed=pressed on:click=move |_| jump(is_oldest_first)>
                {words}
            </button>
        }
        .into_any()
    };
    let options = move || {
        let chosen = wanted.read().name.clone();
        let mut all = names.get();
        if !chosen.is_empty() && !all.contains(&chosen) {
            all.push(chosen.clone());
        }
        let option = |name: String| {
            let (is_chosen, words) = (name == chosen, name.clone());
            view! { <option value=name selected=is_chosen>{words}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    view! {
        <section
            class="panel events"
            class:is-behind=move || first.is_busy.get()
            aria-label="Events"
        >
            {when(
                move || first.is_busy.get(),
                || view! { <div class="progress is-running"></div> }.into_any(),
            )}
            <div class="events-head">
                <label class="events-name">
                    "Show"
                    <select class="field" on:change=change_name>
                        <option value="" selected=move || wanted.read().name.is_empty()>"all events"</option>
                        {options}
                    </select>
                </label>
                <div class="switch" role="group" aria-label="From which end">
                    {order(false, "Newest first")}
                    {order(true, "Oldest first")}
                </div>
            </div>
            {content}
        </section>
    }
}

/// Takes in the names of events.
fn learn(names: &mut Vec<String>, events: &[Event]) {
    for event in events {
        if !names.contains(&event.name) {
            let place = names.partition_point(|name| *name < event.name);
            names.insert(place, event.name.clone());
        }
    }
}

/// Events that are loaded, and the way to more.
#[derive(Clone, Copy)]
struct Loaded {
    events: RwSignal<Vec<Event>>,
    next: RwSignal<Option<Next>>,
    is_busy: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
}

impl Loaded {
    fn new(events: Vec<Event>, next: Option<Next>) -> Self {
        Self {
            events: RwSignal::new(events),
            next: RwSignal::new(next),
            is_busy: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }
}

/// The events, and more of them on request.
#[component]
fn Shown(loaded: Loaded, wanted: Memo<Wanted>, names: RwSignal<Vec<String>>) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let abort = StoredValue::new_local(Abort::new());
    on_cleanup(move || {
        abort.try_with_value(Abort::abort);
    });
    let load_more = move || {
        let next = loaded.next.get_untracked();
        if next.is_none() || loaded.is_busy.get_untracked() {
            return;
        }
        loaded.is_busy.set(true);
        loaded.error.set(None);
        let (client, wanted, abort) = (
            client.get_value(),
            wanted.get_untracked(),
            abort.get_value(),
        );
        spawn_local(async move {
            let page = events::page(&client, &wanted, next, &abort).await;
            if abort.is_aborted() {
                return;
            }
            loaded.is_busy.set(false);
            match page {
                Ok(page) => {
                    names.update(|names| learn(names, &page.events));
                    loaded.events.update(|events| {
                        for event in page.events {
                            // Pages of some servers begin with the last event of the one before.
                            if !events.iter().any(|known| known.id == event.id) {
                                events.push(event);
                            }
                        }
                    });
                    loaded.next.set(page.next);
                }
                Err(error) => loaded.error.set(Some(error)),
            }
        });
    };
    let more = dynamic(move || match (loaded.next.get(), loaded.is_busy.get()) {
        (None, _) => ().into_any(),
        (Some(_), true) => view! { <span role="status">"Loading…"</span> }.into_any(),
        (Some(_), false) => view! {
            <Button loudness=Loudness::Plain on_click=move |_| load_more()>"Load more"</Button>
        }
        .into_any(),
    });
    let problem = dynamic(move || match loaded.error.get() {
        Some(error) => {
            view! { <p class="field-problem" role="alert">{error.to_string()}</p> }.into_any()
        }
        None => ().into_any(),
    });
    view! {
        <List events=loaded.events/>
        <div class="events-more">{more} {problem}</div>
    }
}
