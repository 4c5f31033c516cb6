//! Getting to know the people around the one the keyboard is on, so that opening them takes no time.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::{Person, Timestamp};

use crate::api::{persons, traffic};
use crate::effect::effect;
use crate::persons::source::Source;
use crate::platform::clock;
use crate::platform::timer::debounced;
use crate::ui::grid::Position;

/// How long somebody has to stay in a place before it is worth a request.
const REST: Duration = Duration::from_millis(250);

/// What is known since this long, in microseconds, is asked for again: a minute.
const FRESH: i64 = 60_000_000;

/// Asks for the person at the keyboard and the next ones on both sides, while that leaves half of the
/// requests for what somebody waits for.
pub fn prefetch(source: Source, rows: Memo<Vec<Arc<Person>>>, position: Position) {
    let here = debounced(move || position.active.get(), REST);
    effect(move |is_first| {
        let here = here.get();
        // Who has only just come to the list has not chosen anybody yet.
        if is_first {
            return;
        }
        let around = [Some(here), here.checked_add(1), here.checked_sub(1)];
        let rows = rows.read_untracked();
        let people = around
            .into_iter()
            .flatten()
            .filter_map(|place| rows.get(place));
        let wanted: Vec<_> = people.map(|person| person.uuid).collect();
        let client = source.client.get_value();
        spawn_local(async move {
            for uuid in wanted {
                let (left, limit) = traffic::left();
                if client.is_limited() && left * 2 < limit.requests {
                    return;
                }
                let fresh_since = Timestamp(clock::now().0 - FRESH);
                persons::prefetch(&client, uuid, fresh_since).await;
            }
        });
    });
}
