//! The sample keeps its promises: it repeats, it is as large as it says, it narrows like a real funnel, and every odd case is in it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::calendar::DAY;
use super::{DAYS, Sample};

/// 2026-06-01T12:00:00Z
const END: i64 = 1_780_315_200_000_000;

/// The sample of the default size, made once for all tests.
static EVENTS: LazyLock<Vec<Value>> = LazyLock::new(|| Sample::new(END).events().collect());

fn small(seed: u64) -> Sample {
    Sample {
        people: 120,
        events: 3_000,
        seed,
        end: END,
    }
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap_or_default()
}

/// FNV-1a over what identifies each event, independent of the order of keys in a map.
fn digest(events: impl Iterator<Item = Value>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for event in events {
        for key in ["event", "distinct_id", "timestamp", "uuid"] {
            for byte in event[key].to_string().bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    hash
}

/// The merge rules of ingestion in their shortest form, to count people with.
#[derive(Default)]
struct People {
    owner: HashMap<String, usize>,
    ids: BTreeMap<usize, Vec<String>>,
    identified: HashSet<usize>,
    refused: usize,
    events: HashMap<usize, Vec<&'static Value>>,
}

impl People {
    fn of(events: impl Iterator<Item = (usize, Value)>) -> Self {
        let mut people = Self::default();
        for (number, event) in events {
            people.take(number, &event);
        }
        people
    }

    fn take(&mut self, fresh: usize, event: &Value) {
        let properties = &event["properties"];
        if properties["$process_person_profile"] == Value::Bool(false) {
            return;
        }
        let id: String = match &event["distinct_id"] {
            Value::String(id) => id.chars().take(200).collect(),
            other => other.to_string(),
        };
        let other = match text(event, "event") {
            "$identify" => properties["$anon_distinct_id"].as_str(),
            "$create_alias" | "$merge_dangerously" => properties["alias"].as_str(),
            _ => None,
        };
        let other = other
            .filter(|other| *other != "undefined" && *other != id)
            .map(str::to_owned);
        if let Some(other) = other {
            match (
                self.owner.get(&id).copied(),
                self.owner.get(&other).copied(),
            ) {
                (None, None) => {
                    self.add(fresh, &id);
                    self.add(fresh, &other);
                    self.identified.insert(fresh);
                }
                (Some(person), None) => {
                    self.add(person, &other);
                    self.identified.insert(person);
                }
                (None, Some(person)) => {
                    self.add(person, &id);
                    self.identified.insert(person);
                }
                (Some(target), Some(source)) if target == source => {
                    self.identified.insert(target);
                }
                (Some(_), Some(source))
                    if self.identified.contains(&source)
                        && text(event, "event") != "$merge_dangerously" =>
                {
                    self.refused += 1;
                }
                (Some(target), Some(source)) => {
                    for moved in self.ids.remove(&source).unwrap_or_default() {
                        self.add(target, &moved);
                    }
                    self.identified.insert(target);
                }
            }
        }
        if !self.owner.contains_key(&id) {
            self.add(fresh, &id);
        }
    }

    fn add(&mut self, person: usize, id: &str) {
        self.owner.insert(id.to_owned(), person);
        self.ids.entry(person).or_default().push(id.to_owned());
    }
}

static PEOPLE: LazyLock<People> = LazyLock::new(|| {
    let mut people = People::of(EVENTS.iter().cloned().enumerate());
    for event in EVENTS.iter() {
        if let Some(person) = people.owner.get(text(event, "distinct_id")) {
            people.events.entry(*person).or_default().push(event);
        }
    }
    people
});

/// How many people did the first step, the first two in order, and so on.
fn funnel(steps: &[&str]) -> Vec<usize> {
    let mut reached = vec![0; steps.len()];
    for events in PEOPLE.events.values() {
        let mut step = 0;
        for event in events {
            if step < steps.len() && text(event, "event") == steps[step] {
                reached[step] += 1;
                step += 1;
            }
        }
    }
    reached
}

/// The share of people who did `what` among those for whom `of` holds.
fn share(what: &str, of: impl Fn(&[&Value]) -> bool) -> f64 {
    let group: Vec<_> = PEOPLE.events.values().filter(|events| of(events)).collect();
    group.iter().filter(|events| did(events, what)).count() as f64 / group.len() as f64
}

fn did(events: &[&Value], what: &str) -> bool {
    events.iter().any(|event| text(event, "event") == what)
}

#[test]
fn the_same_seed_gives_the_same_events() {
    assert_eq!(digest(small(7).events()), digest(small(7).events()));
    assert!(small(7).events().eq(small(7).events()));
}

#[test]
fn another_seed_gives_other_events() {
    assert_ne!(digest(small(7).events()), digest(small(8).events()));
}

#[test]
fn the_sample_does_not_change_unnoticed() {
    // A change here changes everybody's sample project. That is allowed, when it is meant.
    assert_eq!(
        digest(small(1).events()),
        2_122_175_368_326_422_831,
        "the sample is another one now"
    );
}

#[test]
fn there_are_as_many_events_as_asked_for() {
    assert_eq!(EVENTS.len(), 60_000);
    assert_eq!(Sample::new(END).events().len(), 60_000);
    assert_eq!(small(3).events().count(), 3_000);
}

#[test]
fn there_are_as_many_people_as_asked_for() {
    assert_eq!(PEOPLE.ids.len(), 2_000);
    for people in [0, 1, 2, 9, 50, 333] {
        for seed in 0..4 {
            let sample = Sample {
                people,
                events: people * 30,
                seed,
                end: END,
            };
            assert_eq!(
                People::of(sample.events().enumerate()).ids.len(),
                people,
                "seed {seed}"
            );
        }
    }
}

#[test]
fn events_are_in_order_and_inside_the_window() {
    let start = super::calendar::iso(END - DAYS * DAY);
    let end = super::calendar::iso(END);
    assert!(EVENTS.is_sorted_by_key(|event| text(event, "timestamp")));
    for event in EVENTS.iter() {
        assert!(
            (start.as_str()..=end.as_str()).contains(&text(event, "timestamp")),
            "{event}"
        );
    }
}

#[test]
fn a_window_that_ends_between_milliseconds_holds_too() {
    let sample = Sample {
        end: END + 999,
        ..small(5)
    };
    assert!(
        sample
            .events()
            .all(|event| text(&event, "timestamp") <= "2026-06-01T12:00:00.000Z")
    );
}

#[test]
fn every_event_has_a_uuid_of_its_own() {
    let uuids: HashSet<&str> = EVENTS.iter().map(|event| text(event, "uuid")).collect();
    assert_eq!(uuids.len(), EVENTS.len());
    assert!(
        uuids
            .iter()
            .all(|uuid| uuid::Uuid::parse_str(uuid).is_ok_and(|uuid| uuid.get_version_num() == 7))
    );
}

#[test]
fn every_mail_domain_and_link_is_invented() {
    for event in EVENTS.iter() {
        let properties = &event["properties"];
        for value in [
            &properties["$current_url"],
            &properties["$referrer"],
            &properties["$set"]["email"],
        ] {
            let Some(value) = value.as_str().filter(|value| value.contains(['@', '/'])) else {
                continue;
            };
            let host = value.rsplit('@').next().unwrap_or(value);
            let host = host
                .trim_start_matches("https://")
                .split('/')
                .next()
                .unwrap_or(host);
            assert!(host.to_lowercase().ends_with(".example"), "{value}");
        }
    }
}

#[test]
fn the_funnel_narrows_at_every_step_by_believable_shares() {
    let reached = funnel(&[
        "$pageview",
        "signed_up",
        "project_created",
        "invited_teammate",
        "purchase",
    ]);
    let shares: Vec<f64> = reached
        .windows(2)
        .map(|pair| pair[1] as f64 / pair[0] as f64)
        .collect();
    for (share, wanted) in shares.iter().zip([0.36, 0.55, 0.43, 0.24]) {
        assert!((share - wanted).abs() < 0.08, "{reached:?} {shares:?}");
    }
    assert!(reached[4] > 20, "{reached:?}");
}

#[test]
fn who_invites_buys_more_often() {
    let inviting = share("purchase", |events| did(events, "invited_teammate"));
    let alone = share("purchase", |events| {
        did(events, "$identify") && !did(events, "invited_teammate")
    });
    assert!(inviting > 3.0 * alone, "{inviting} {alone}");
}

#[test]
fn who_meets_an_error_stays_away_more_often() {
    let month_ago = super::calendar::iso(END - 30 * DAY);
    let fortnight_ago = super::calendar::iso(END - 14 * DAY);
    let away = |troubled: bool| {
        let group: Vec<_> = PEOPLE
            .events
            .values()
            .filter(|events| did(events, "$identify") && did(events, "error_shown") == troubled)
            .filter(|events| text(events[0], "timestamp") < month_ago.as_str())
            .collect();
        let away = group.iter().filter(|events| {
            events
                .iter()
                .all(|event| text(event, "timestamp") < fortnight_ago.as_str())
        });
        away.count() as f64 / group.len() as f64
    };
    assert!(
        away(true) > 1.3 * away(false),
        "{} {}",
        away(true),
        away(false)
    );
}

#[test]
fn weekdays_are_busier_than_weekends() {
    let mut days: BTreeMap<&str, usize> = BTreeMap::new();
    for event in EVENTS.iter() {
        *days.entry(&text(event, "timestamp")[..10]).or_default() += 1;
    }
    // 2026-05-04 was a Monday.
    let week: Vec<usize> = (4..11)
        .map(|day| days[format!("2026-05-{day:02}").as_str()])
        .collect();
    assert!(
        week[..5].iter().min() > Some(&(3 * week[5..].iter().max().expect("two days"))),
        "{week:?}"
    );
}

#[test]
fn a_third_of_the_people_never_say_who_they_are() {
    let unknown = PEOPLE
        .events
        .values()
        .filter(|events| !did(events, "$identify") && !did(events, "account_imported"));
    let share = unknown.count() as f64 / PEOPLE.ids.len() as f64;
    assert!((0.30..0.40).contains(&share), "{share}");
}

#[test]
fn merges_happen_and_some_are_refused() {
    assert!(PEOPLE.refused > 10, "{}", PEOPLE.refused);
    assert!(
        PEOPLE
            .identified
            .iter()
            .filter(|person| PEOPLE.ids.contains_key(person))
            .count()
            > 1_000
    );
    let mut sizes: Vec<usize> = PEOPLE.ids.values().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes[sizes.len() - 3..], [40, 300, 300]);
}

#[test]
fn nobody_is_two_people_by_mail() {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for event in EVENTS
        .iter()
        .filter(|event| text(event, "event") == "$identify")
    {
        if let Some(email) = event["properties"]["$set"]["email"].as_str() {
            let person = PEOPLE.owner[text(event, "distinct_id")];
            assert_eq!(*owners.entry(email).or_insert(person), person, "{email}");
        }
    }
    assert!(owners.len() > 1_000);
}

#[test]
fn firms_are_many_and_of_all_sizes() {
    let mut firms: HashMap<&str, usize> = HashMap::new();
    for event in EVENTS.iter() {
        if let Some(company) = event["properties"]["$set"]["company"]
            .as_str()
            .filter(|name| !name.is_empty())
        {
            *firms.entry(company).or_default() += 1;
        }
    }
    assert!((120..=180).contains(&firms.len()), "{}", firms.len());
    assert!(
        firms.values().max() > Some(&40) && firms.values().min() == Some(&1),
        "{firms:?}"
    );
}

#[test]
fn plans_change_for_some() {
    let plans = |event: &&&Value| {
        event["properties"]["$set"]["plan"]
            .as_str()
            .map(str::to_owned)
    };
    let changed = PEOPLE.events.values().filter(|events| {
        let plans: HashSet<String> = events.iter().filter_map(|event| plans(&event)).collect();
        plans.len() > 1
    });
    assert!(changed.count() > 50);
}

#[test]
fn every_odd_case_is_there() {
    let set = |test: &dyn Fn(&str, &Value) -> bool| {
        EVENTS.iter().any(|event| {
            event["properties"]["$set"]
                .as_object()
                .is_some_and(|set| set.iter().any(|(key, value)| test(key, value)))
        })
    };
    let name = |part: &str| {
        set(&|key, value| key == "name" && value.as_str().is_some_and(|name| name.contains(part)))
    };
    for part in [
        "<script>",
        "onerror=",
        "\u{202e}",
        "שלומית",
        "عبد",
        "\u{0301}",
        "👩🏽‍💻",
        "Hohenlohe",
        "\n",
    ] {
        assert!(name(part), "no name with {part:?}");
    }
    let scripts = [
        ('А', 'я'),
        ('Α', 'ω'),
        ('א', 'ת'),
        ('ا', 'ي'),
        ('अ', 'ह'),
        ('ก', 'ฮ'),
        ('ა', 'ჰ'),
        ('ሀ', 'ፐ'),
        ('一', '龥'),
        ('가', '힣'),
    ];
    for (first, last) in scripts {
        assert!(
            set(&|key, value| {
                let name = value.as_str().filter(|_| key == "name").unwrap_or_default();
                name.contains(|letter| (first..=last).contains(&letter))
            }),
            "no name between {first} and {last}"
        );
    }
    for kind in [
        Value::is_null as fn(&Value) -> bool,
        Value::is_boolean,
        Value::is_string,
        Value::is_number,
    ] {
        assert!(
            set(&|key, value| key == "age" && kind(value)),
            "age is not of every kind"
        );
    }
    assert!(set(&|_, value| value == ""), "no empty text");
    assert!(
        set(&|_, value| value
            .as_array()
            .is_some_and(|list| list.iter().any(Value::is_object))),
        "no list of objects"
    );
    assert!(
        set(&|_, value| value
            .as_object()
            .is_some_and(|map| map.values().any(Value::is_object))),
        "no nested object"
    );
    assert!(
        set(&|_, value| value.as_str().is_some_and(|text| text.len() >= 5_000)),
        "no long text"
    );
    assert!(
        set(&|_, value| value.as_f64().is_some_and(|number| number < 0.0)),
        "no negative number"
    );
    assert!(
        set(&|_, value| value.as_i64() == Some(9_007_199_254_740_993)),
        "no number beyond 2^53"
    );
    for key in [
        "key with spaces",
        "key.with.dots",
        "$custom",
        "",
        "🔑",
        "__proto__",
    ] {
        assert!(set(&|found, _| found == key), "no key {key:?}");
    }

    let id = |test: &dyn Fn(&str) -> bool| {
        EVENTS
            .iter()
            .any(|event| event["distinct_id"].as_str().is_some_and(test))
    };
    for letter in "/+%?#@& \u{1f984}".chars() {
        assert!(id(&|id| id.contains(letter)), "no id with {letter:?}");
    }
    assert!(id(&|id| id.chars().count() == 400), "no long id");
    assert!(
        EVENTS.iter().any(|event| event["distinct_id"].is_number()),
        "no id that is a number"
    );

    let property = |key: &str| {
        EVENTS
            .iter()
            .any(|event| !event["properties"][key].is_null())
    };
    for key in [
        "$unset",
        "$set_once",
        "$groups",
        "utm_campaign",
        "$referring_domain",
        "$geoip_time_zone",
        "$session_id",
        "amount",
    ] {
        assert!(property(key), "no {key}");
    }
    assert!(
        EVENTS.iter().any(|event| !event["$set"].is_null()),
        "no $set at the top of an event"
    );
    let personless = EVENTS
        .iter()
        .filter(|event| event["properties"]["$process_person_profile"] == Value::Bool(false));
    assert!(personless.count() > 20);
}

#[test]
fn a_small_sample_has_odd_people_of_every_kind() {
    let events: Vec<Value> = small(1).events().collect();
    for id in [
        "odd_name_1",
        "team/7 + 100%?q=a#b@c&d=e",
        "odd_age_number",
        "odd_set_and_unset",
    ] {
        assert!(
            events.iter().any(|event| text(event, "distinct_id") == id),
            "{id}"
        );
    }
}
