//! The events: days, groups, and what is known about each on request.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Timestamp;

use super::groups::{Group, days};
use crate::api::events::Event;
use crate::people;
use crate::person::address::Address;
use crate::platform::{clock, document, focus, intl};
use crate::ui::copy;
use crate::ui::dynamic::{dynamic, when};
use crate::ui::notice::Notices;
use crate::ui::time::Time;
use crate::ui::value::plain;

/// The events of the list.
#[component]
pub fn List(events: RwSignal<Vec<Event>>) -> impl IntoView {
    let address = Address::expect();
    // The one that a link leads to is open.
    let open = RwSignal::new(address.state_now().events.id);
    let unfolded = RwSignal::new(Vec::<usize>::new());
    let content = dynamic(move || {
        let events = events.read();
        let days = days(&events, clock::offset);
        let days = days.into_iter().map(|day| {
            let midnight = Timestamp(day.midnight);
            // The wall's midnight as a moment.
            let noon = Timestamp(midnight.0 - clock::offset(midnight) + 43_200_000_000);
            let groups = day
                .groups
                .into_iter()
                .map(|group| group_view(&events, group, open, unfolded));
            view! {
                <section class="events-day">
                    <h2>{intl::day(noon)}</h2>
                    <ol>{groups.collect_view()}</ol>
                </section>
            }
            .into_any()
        });
        days.collect_view().into_any()
    });
    let on_keydown = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "j" | "ArrowDown" => 1,
            "k" | "ArrowUp" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        focus::step(LIST_ID, ".event-line", step);
    };
    view! {
        <div class="events-list" id=LIST_ID on:keydown=on_keydown>
            {content}
        </div>
    }
}

/// The id of the list.
const LIST_ID: &str = "events";

/// Equal events: the first, and the others on request.
fn group_view(
    events: &[Event],
    group: Group,
    open: RwSignal<Option<String>>,
    unfolded: RwSignal<Vec<usize>>,
) -> AnyView {
    let Group { first, count } = group;
    let all = &events[first..first + count];
    // One that a link leads to must be seen.
    let is_meant = open.with_untracked(|open| {
        let place = all
            .iter()
            .position(|event| Some(&event.id) == open.as_ref());
        place.is_some_and(|place| place > 0)
    });
    let is_unfolded = is_meant || unfolded.with_untracked(|unfolded| unfolded.contains(&first));
    let is_unfolded = RwSignal::new(is_unfolded);
    let line = event_view(&all[0], open);
    if count == 1 {
        return line;
    }
    let others = all[1..].to_vec();
    let label = format!("{} more of {}", count - 1, all[0].name);
    let toggle = move |_| {
        is_unfolded.update(|open| *open = !*open);
        unfolded.update_untracked(|unfolded| {
            match unfolded.iter().position(|known| *known == first) {
                Some(place) => {
                    unfolded.remove(place);
                }
                None => unfolded.push(first),
            }
        });
    };
    view! {
        {line}
        <li class="event-more">
            <button
                type="button"
                class="button button-quiet"
                aria-expanded=move || if is_unfolded.get() { "true" } else { "false" }
                on:click=toggle
            >
                {label}
            </button>
        </li>
        {when(
            move || is_unfolded.get(),
            move || others.iter().map(|event| event_view(event, open)).collect_view().into_any(),
        )}
    }
    .into_any()
}

/// One event; its properties on request.
fn event_view(event: &Event, open: RwSignal<Option<String>>) -> AnyView {
    let id = event.id.clone();
    let name = event.name.clone();
    let hint = ["$current_url", "$screen_name"]
        .into_iter()
        .find_map(|key| event.properties.get(key).map(plain));
    let at = event.at;
    let is_open = {
        let id = id.clone();
        Memo::new(move |_| open.read().as_ref() == Some(&id))
    };
    let toggle = {
        let id = id.clone();
        move |_| open.update(|open| *open = (open.as_ref() != Some(&id)).then(|| id.clone()))
    };
    let event = event.clone();
    view! {
        <li class="event">
            <button
                type="button"
                class="event-line"
                aria-expanded=move || if is_open.get() { "true" } else { "false" }
                on:click=toggle
            >
                <span class="event-time">{intl::mark(at, intl::Precision::Minute)}</span>
                <bdi class="event-name">{name}</bdi>
                <bdi class="event-hint">{hint}</bdi>
                <span class="event-ago">
                    <Time at=Some(at)/>
                </span>
            </button>
            {when(move || is_open.get(), move || details(&event))}
        </li>
    }
    .into_any()
}

/// What is known about an event.
fn details(event: &Event) -> AnyView {
    let shows_system = RwSignal::new(false);
    let (notices, address) = (Notices::expect(), Address::expect());
    let (id, at) = (event.id.clone(), event.at);
    let copy_link = move |_| {
        let mut state = address.state_now();
        state.events.id = Some(id.clone());
        state.events.until = Some(at);
        copy::copy(
            notices,
            "Link".to_owned(),
            document::origin() + &state.route().url(),
        );
    };
    let own = event
        .properties
        .iter()
        .filter(|(key, _)| !people::is_system(key));
    let own: Vec<(String, String)> = own
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect();
    let system = event
        .properties
        .iter()
        .filter(|(key, _)| people::is_system(key));
    let system: Vec<(String, String)> = system
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect();
    let count = system.len();
    let rows = |rows: &[(String, String)]| {
        let rows = rows.iter().map(|(key, value)| {
            view! {
                <tr>
                    <th scope="row">{key.clone()}</th>
                    <td>
                        <bdi class="property-value">{value.clone()}</bdi>
                    </td>
                </tr>
            }
            .into_any()
        });
        rows.collect_view().into_any()
    };
    let none = (own.is_empty() && count == 0).then_some("Nothing else is known about it.");
    let own = rows(&own);
    let toggle = (count > 0).then(|| {
        let words = move || {
            if shows_system.get() {
                "Hide system properties".to_owned()
            } else {
                format!("{count} system properties")
            }
        };
        view! {
            <button
                type="button"
                class="button button-quiet"
                on:click=move |_| shows_system.update(|shows| *shows = !*shows)
            >
                {words}
            </button>
        }
    });
    view! {
        <div class="event-details">
            <p class="event-exact">{intl::moment(at)}</p>
            {none}
            <table class="table">
                <tbody>{own} {when(move || shows_system.get(), move || rows(&system))}</tbody>
            </table>
            <div class="actions">
                {toggle}
                <button type="button" class="button button-quiet" on:click=copy_link>
                    "Copy link to this event"
                </button>
            </div>
        </div>
    }
    .into_any()
}
