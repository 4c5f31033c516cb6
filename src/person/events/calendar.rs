//! On which days of the last half year somebody did something.

use leptos::prelude::*;
use persons_api::Timestamp;
use persons_api::timestamp::DAY;
use uuid::Uuid;

use super::groups::{per_day, strength};
use crate::api::events::{self, Wanted};
use crate::api::{Session, load};
use crate::person::address::{Address, PersonTab};
use crate::platform::{clock, intl};
use crate::ui::dynamic::dynamic;

/// Weeks that are shown.
const WEEKS: usize = 26;

/// Events that are counted, in one request; of busier people the latest.
const MOST: usize = 1_000;

/// The squares. Where the server lists no events there are none.
#[component]
pub fn Calendar(person: Uuid) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let address = Address::expect();
    let now = clock::now();
    let wall = (now.0 + clock::offset(now)).div_euclid(DAY);
    // 1970 began on a Thursday; columns begin on Mondays.
    let weekday = (wall + 3).rem_euclid(7) as usize;
    let days = (WEEKS - 1) * 7 + weekday + 1;
    let from = Timestamp(now.0 - days as i64 * DAY);
    let found = load(
        move || Some(()),
        move |(), abort| {
            let client = client.get_value();
            let wanted = Wanted {
                person,
                name: String::new(),
                range: [Some(from), None],
                is_oldest_first: false,
                page_size: MOST,
            };
            async move { events::all(&client, &wanted, MOST, &abort).await }
        },
    );
    dynamic(move || {
        let found = found.value.read();
        let (events, is_all) = match &*found {
            Some((events, is_all)) if !events.is_empty() => (events, is_all),
            _ => return ().into_any(),
        };
        let moments: Vec<Timestamp> = events.iter().map(|event| event.at).collect();
        let counts = per_day(&moments, now, days, clock::offset);
        let most = counts.iter().copied().max().unwrap_or(0);
        let active = counts.iter().filter(|count| **count > 0).count();
        let day_of = move |place: usize| Timestamp(now.0 - (days - 1 - place) as i64 * DAY);
        let squares = counts.iter().enumerate().map(|(place, count)| {
            let at = day_of(place);
            let class = ["day-square strength-", &strength(*count, most).to_string()].concat();
            let words = format!("{}: {count} events", intl::day(at));
            view! { <span class=class title=words></span> }.into_any()
        });
        let busiest = counts.iter().enumerate().max_by_key(|(_, count)| **count);
        let busiest = busiest.filter(|_| most > 0).map(|(place, count)| {
            format!(
                " The busiest was {}, with {count}.",
                intl::day(day_of(place))
            )
        });
        let begin = if *is_all { "" } else { "At least " };
        let summary = format!(
            "{begin}{} events on {active} days of the last {WEEKS} weeks.{}",
            intl::number(events.len() as u64),
            busiest.unwrap_or_default()
        );
        view! {
            <section class="panel overview-calendar" aria-labelledby="overview-calendar">
                <h2 id="overview-calendar">"Activity"</h2>
                <div class="day-squares" role="img" aria-label=summary.clone()>
                    {squares.collect_view()}
                </div>
                <p class="note">
                    {summary}
                    " "
                    <button
                        type="button"
                        class="link"
                        on:click=move |_| address.change(&|state| state.tab = PersonTab::Events)
                    >
                        "All events"
                    </button>
                </p>
            </section>
        }
        .into_any()
    })
}
