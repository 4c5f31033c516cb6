//! Invented events for benches.

use persons_api::Timestamp;
use persons_engine::Events;
use persons_engine::events::{EventLoader, LoggedEvent};

use super::Mix;

/// Days over which events are spread.
pub const DAYS: i64 = 90;
/// When the first may happen: 2024-01-01.
pub const START: i64 = 1_704_067_200_000_000;

const DAY: i64 = 86_400_000_000;
const PATHS: [&str; 24] = [
    "/",
    "/pricing",
    "/docs",
    "/docs/start",
    "/docs/api",
    "/blog",
    "/blog/one",
    "/blog/two",
    "/signup",
    "/login",
    "/app",
    "/app/people",
    "/app/events",
    "/app/settings",
    "/app/team",
    "/app/billing",
    "/help",
    "/about",
    "/jobs",
    "/terms",
    "/privacy",
    "/changelog",
    "/status",
    "/contact",
];
const CITIES: [&str; 34] = [
    "Amsterdam",
    "Athens",
    "Austin",
    "Bari",
    "Berlin",
    "Bern",
    "Bonn",
    "Boston",
    "Brno",
    "Cork",
    "Delhi",
    "Dublin",
    "Essen",
    "Gent",
    "Graz",
    "Kyoto",
    "Leeds",
    "Lille",
    "Lima",
    "Linz",
    "London",
    "Lyon",
    "Madrid",
    "Milan",
    "Nice",
    "Osaka",
    "Oslo",
    "Paris",
    "Pisa",
    "Porto",
    "Quito",
    "Riga",
    "Rome",
    "Turin",
];
const BROWSERS: [&str; 5] = ["Chrome", "Safari", "Firefox", "Edge", "Opera"];
const SYSTEMS: [&str; 5] = ["Windows", "Mac OS X", "Linux", "iOS", "Android"];

/// What happens how often, out of 100.
const NAMES: [(&str, u64); 6] = [
    ("$pageview", 60),
    ("searched", 15),
    ("signed_up", 8),
    ("invited", 7),
    ("paid", 6),
    ("cancelled", 4),
];

/// One event: (distinct id, name, time, properties as JSON).
type Event = (u32, &'static str, i64, String);

/// Ten events per person, with ten properties each, in the order of time. Person n has the distinct ids 2n and 2n+1.
pub fn events(people: u64) -> impl Iterator<Item = Event> {
    let mut mix = Mix(2);
    let count = people * 10;
    let length = DAYS * DAY / count as i64;
    (0..count as i64).map(move |index| {
        let roll = mix.below(100);
        let mut left = roll;
        let name = NAMES
            .iter()
            .find(|(_, share)| {
                let is_it = left < *share;
                left = left.saturating_sub(*share);
                is_it
            })
            .map_or("$pageview", |(name, _)| name);
        // Some people do much, most do little.
        let person = mix.below(people).min(mix.below(people));
        let id = (person * 2 + mix.below(2)) as u32;
        let at = START + index * length + mix.below(length as u64) as i64;
        let properties = format!(
            r#"{{"$browser":"{}","$current_url":"https://site.example{}","$os":"{}","$session_id":"s{}","city":"{}","height":{},"plan":"{}","price":{},"test":{},"width":{}}}"#,
            mix.pick(&BROWSERS),
            mix.pick(&PATHS),
            mix.pick(&SYSTEMS),
            person * 100 + index as u64 % 3,
            mix.pick(&CITIES),
            600 + mix.below(20) * 20,
            mix.pick(&["free", "pro", "team"]),
            mix.below(5_000) as f64 / 100.0,
            mix.below(2) == 0,
            800 + mix.below(40) * 20,
        );
        (id, name, at, properties)
    })
}

/// The same, in memory.
pub fn loaded(people: u64) -> Events {
    let mut loaded = EventLoader::default();
    for (index, (distinct_id, name, at, properties)) in events(people).enumerate() {
        let event = LoggedEvent {
            number: index as i64 + 1,
            distinct_id,
            name,
            at: Timestamp(at),
        };
        loaded
            .append_json(event, &properties)
            .expect("the literal above is an object");
    }
    loaded.finish()
}
