//! The people that the benches, and the peers they are compared with, are asked about: invented,
//! the same every time, with the spread of values that real properties have.

use persons_api::{Properties, Timestamp};
use persons_engine::{People, PersonState, StoredId, person_uuid};
use serde_json::{Value, json};

#[allow(dead_code, reason = "the bench of the people asks about no events")]
pub mod events;
#[allow(dead_code, reason = "no bench asks all questions")]
pub mod questions;

/// A small generator of well-mixed numbers (SplitMix64), so that the data never change.
pub struct Mix(u64);

impl Mix {
    /// Numbers that are the same for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

const FIRST: [&str; 16] = [
    "Ada", "Ben", "Cleo", "Dee", "Émile", "Farah", "Grace", "Hana", "Ivo", "June", "Kai", "Lev",
    "Mary", "Noor", "Olu", "Søren",
];
const LAST: [&str; 12] = [
    "Okri", "Young", "Lin", "Haddad", "Novak", "Silva", "Meyer", "Rossi", "Dubois", "Tanaka",
    "Kowalski", "Berg",
];
const COUNTRIES: [&str; 12] = [
    "DE", "FR", "NL", "US", "GB", "JP", "BR", "IN", "PL", "SE", "IT", "ES",
];
const BROWSERS: [&str; 5] = ["Chrome", "Safari", "Firefox", "Edge", "Samsung Internet"];
const SYSTEMS: [&str; 5] = ["Windows", "Mac OS X", "Linux", "iOS", "Android"];
const SOURCES: [&str; 6] = [
    "google",
    "newsletter",
    "partner",
    "direct",
    "github",
    "podcast",
];

/// One person with fifteen properties and two distinct ids.
fn person(index: u64, mix: &mut Mix) -> (PersonState, [String; 2]) {
    let (first, last) = (mix.pick(&FIRST), mix.pick(&LAST));
    let company = mix.below(2_000);
    let domain = if company == 7 {
        "acme".to_owned()
    } else {
        format!("company{company}")
    };
    let email = format!(
        "{}.{}{index}@{domain}.example",
        first.to_lowercase(),
        last.to_lowercase()
    );
    let plan = [
        "free",
        "free",
        "free",
        "free",
        "pro",
        "pro",
        "team",
        "enterprise",
    ][mix.below(8) as usize];
    let Value::Object(properties) = json!({
        "email": email,
        "name": format!("{first} {last}"),
        "plan": plan,
        "country": mix.pick(&COUNTRIES),
        "company": format!("Company {company}"),
        "seats": mix.below(50),
        "signed_up_at": Timestamp(1_700_000_000_000_000 + mix.below(60_000_000) as i64 * 1_000_000).to_string(),
        "$browser": mix.pick(&BROWSERS),
        "$os": mix.pick(&SYSTEMS),
        "$initial_browser": mix.pick(&BROWSERS),
        "$initial_referring_domain": format!("site{}.example", mix.below(500)),
        "utm_source": mix.pick(&SOURCES),
        "vip": mix.below(50) == 0,
        "score": (mix.below(100_000) as f64) / 1000.0,
        "$creator_event_uuid": uuid::Uuid::from_u64_pair(mix.next(), mix.next()).to_string(),
    }) else {
        unreachable!("the literal above is an object");
    };
    let anonymous = uuid::Uuid::from_u64_pair(mix.next(), mix.next()).to_string();
    let state = PersonState {
        number: index as i64 + 1,
        uuid: person_uuid(1, &anonymous),
        created_at: Timestamp(1_700_000_000_000_000 + mix.below(80_000_000) as i64 * 1_000_000),
        is_identified: true,
        version: 1,
        properties: Properties::from(properties),
    };
    (state, [anonymous, email])
}

/// `count` people, loaded.
pub fn people(count: u64) -> People {
    // Made twice, one part each time, so that nothing but the engine's own memory remains.
    let all = || {
        let mut mix = Mix::new(1);
        (0..count).map(move |index| person(index, &mut mix))
    };
    let persons = all().map(|(person, _)| person);
    let ids = all().flat_map(|(person, ids)| {
        ids.map(|text| StoredId {
            text,
            person: Some(person.number),
            seen: Some(person.created_at),
        })
    });
    People::restore(1, persons, ids, count as i64 + 1)
}

/// When each of the same people was created.
#[allow(
    dead_code,
    reason = "only the bench that feeds peers with events writes it down"
)]
pub fn created(count: u64) -> impl Iterator<Item = Timestamp> {
    let mut mix = Mix::new(1);
    (0..count).map(move |index| person(index, &mut mix).0.created_at)
}

/// The same people as JSON lines.
#[allow(
    dead_code,
    reason = "only the example that feeds the peers prints them"
)]
pub fn json_lines(count: u64) -> impl Iterator<Item = String> {
    let mut mix = Mix::new(1);
    (0..count).map(move |index| {
        let (person, ids) = person(index, &mut mix);
        json!({"uuid": person.uuid, "distinct_ids": ids, "created_at": person.created_at, "properties": person.properties})
            .to_string()
    })
}
