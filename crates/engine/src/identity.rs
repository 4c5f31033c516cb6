//! What an event does to people: create, update, merge, refuse.

use persons_api::Properties;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::definitions::MAX_EVENT_KEYS;
use crate::draft::{Draft, EventRecord, MAX_PERSON_KEYS};
use crate::event::{CapturedEvent, MAX_KEY, OversizedEvent, cut};
use crate::history::{Act, Cause, HistoryEntry};

/// Event properties that also become properties of the person, under the same name and, the first
/// time, as `$initial_…`.
const AUTOMATIC: [&str; 34] = [
    "$app_build",
    "$app_name",
    "$app_namespace",
    "$app_version",
    "$browser",
    "$browser_version",
    "$device_type",
    "$current_url",
    "$pathname",
    "$os",
    "$os_version",
    "$referring_domain",
    "$referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_name",
    "utm_term",
    "gclid",
    "gad_source",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "twclid",
    "li_fat_id",
    "mc_cid",
    "igshid",
    "ttclid",
    "rdt_cid",
    "$os_name",
];

/// Events that are about people. For all others, changed automatic properties alone change nobody.
const PERSON_EVENTS: [&str; 4] = ["$identify", "$create_alias", "$merge_dangerously", "$set"];

/// Events that mean nothing without a person.
const NEEDS_PERSON: [&str; 4] = [
    "$identify",
    "$create_alias",
    "$merge_dangerously",
    "$groupidentify",
];

/// Events that never change a person's properties.
const NEVER_UPDATES: [&str; 2] = ["$exception", "$$heatmap"];

/// Ids that clients send by mistake, in any case. Merging on them would join strangers.
const ILLEGAL_ANY_CASE: [&str; 10] = [
    "anonymous",
    "guest",
    "distinctid",
    "distinct_id",
    "id",
    "not_authenticated",
    "email",
    "undefined",
    "true",
    "false",
];

/// The same, but only as written.
const ILLEGAL_AS_WRITTEN: [&str; 6] = ["[object Object]", "NaN", "None", "none", "null", "0"];

/// More keys than this on one person come from a client that mistakes values for keys.
pub(crate) const MAX_KEYS: usize = 10_000;

impl CapturedEvent {
    /// Whether it can say anything about a person's properties.
    pub(crate) fn is_about_a_person(&self) -> bool {
        self.name != "$groupidentify"
            && !NEVER_UPDATES.contains(&self.name.as_str())
            && self.properties.get("$process_person_profile") != Some(&Value::Bool(false))
    }
}

/// That an event did it.
fn cause(event: &CapturedEvent) -> Cause {
    Cause::Event {
        uuid: event.uuid,
        name: event.name.clone(),
    }
}

impl Draft<'_> {
    /// Applies one event to people and records it. An event that is stored already changes nothing.
    pub fn ingest(&mut self, mut event: CapturedEvent) {
        if self.has_event(event.uuid, &event.name, &event.distinct_id) {
            return;
        }
        if let Some(oversized) = OversizedEvent::of(&event) {
            return self.refuse(&oversized);
        }
        if event.properties.get("$process_person_profile") == Some(&Value::Bool(false)) {
            if NEEDS_PERSON.contains(&event.name.as_str()) {
                let details = json!({"event": event.name, "distinct_id": event.distinct_id});
                self.warn(
                    "invalid_event_when_process_person_profile_is_false",
                    details,
                );
                return;
            }
            for key in ["$set", "$set_once", "$unset"] {
                event.properties.remove(key);
            }
        } else if event.name != "$groupidentify" {
            let mut update = Update::of(&event);
            self.leave_out_person_keys(&event, &mut update);
            match merge_partner(&event) {
                Some(other) => self.identify(&event, &other, &update),
                None => self.touch(&event, &update),
            }
        }
        self.leave_out_event_keys(&mut event);
        let distinct_id = self.distinct_id(&event.distinct_id);
        let owner = self.owner(distinct_id);
        self.record(EventRecord {
            person: owner.and_then(|number| Some((number, self.version(number)?))),
            uuid: event.uuid,
            name: event.name,
            distinct_id,
            timestamp: event.timestamp,
            properties: event.properties,
        });
    }

    /// Removes properties whose keys are too long or too many for the project from an event, with a warning.
    fn leave_out_event_keys(&mut self, event: &mut CapturedEvent) {
        let drafted = self.drafted_definitions();
        let keys = drafted.excess_keys(&self.base().definitions, event.properties.keys());
        for key in &keys {
            event.properties.remove(key);
        }
        self.warn_of_keys("event_property_keys_left_out", event, keys, MAX_EVENT_KEYS);
    }

    /// [`Self::leave_out_event_keys`] for what an event changes about its person.
    fn leave_out_person_keys(&mut self, event: &CapturedEvent, update: &mut Update<'_>) {
        let mut keys = Vec::new();
        let mut admits = |key: &str| {
            let is_admitted = self.admits_person_key(key);
            if !is_admitted {
                keys.push(key.to_owned());
            }
            is_admitted
        };
        update.set.retain(|(key, _)| admits(key));
        update.once.retain(|(key, _)| admits(key));
        keys.sort_unstable();
        keys.dedup();
        self.warn_of_keys(
            "person_property_keys_left_out",
            event,
            keys,
            MAX_PERSON_KEYS,
        );
    }

    /// Says which keys were left out, if any were. The first ten are named.
    fn warn_of_keys(
        &mut self,
        kind: &'static str,
        event: &CapturedEvent,
        keys: Vec<String>,
        limit: usize,
    ) {
        if keys.is_empty() {
            return;
        }
        let named: Vec<String> = keys.iter().take(10).map(|key| cut(key)).collect();
        let details = json!({
            "event": event.name,
            "distinct_id": event.distinct_id,
            "count": keys.len(),
            "keys": named,
            "limit": limit,
            "max_key_length": MAX_KEY,
        });
        self.warn(kind, details);
    }

    /// An event that merges nobody: its person is created or updated.
    fn touch(&mut self, event: &CapturedEvent, update: &Update<'_>) {
        let id = self.distinct_id(&event.distinct_id);
        match self.owner(id) {
            Some(person) => self.update(person, event, update, false),
            None => {
                self.create(
                    id,
                    &event.distinct_id,
                    event.timestamp,
                    false,
                    update.of_new_person(event.uuid),
                    cause(event),
                );
            }
        }
    }

    /// An event that says that two distinct ids are one person.
    fn identify(&mut self, event: &CapturedEvent, other: &str, update: &Update<'_>) {
        if let Some(illegal) = [event.distinct_id.as_str(), other]
            .into_iter()
            .find(|id| is_illegal(id))
        {
            let details = json!({"event": event.name, "distinct_id": event.distinct_id, "other_distinct_id": other, "illegal_distinct_id": illegal});
            self.warn("cannot_merge_with_illegal_distinct_id", details);
            return self.touch(event, update);
        }
        let id = self.distinct_id(&event.distinct_id);
        let other_id = self.distinct_id(other);
        match (self.owner(id), self.owner(other_id)) {
            (None, None) => {
                let properties = update.of_new_person(event.uuid);
                let person = self.create(
                    id,
                    &event.distinct_id,
                    event.timestamp,
                    true,
                    properties,
                    cause(event),
                );
                self.give(other_id, person);
            }
            (Some(person), None) => {
                self.give(other_id, person);
                self.update(person, event, update, true);
            }
            (None, Some(person)) => {
                self.give(id, person);
                self.update(person, event, update, true);
            }
            (Some(person), Some(same)) if person == same => {
                self.update(person, event, update, true)
            }
            (Some(target), Some(merged))
                if event.name == "$merge_dangerously" || !self.is_identified(merged) =>
            {
                self.merge(target, merged, cause(event), event.timestamp);
                self.update(target, event, update, true);
            }
            (Some(target), Some(_)) => {
                let details = json!({"event": event.name, "distinct_id": event.distinct_id, "other_distinct_id": other});
                self.warn("cannot_merge_already_identified", details);
                self.update(target, event, update, false);
            }
        }
    }

    /// Brings a person up to date. Looks before it copies: most events change nothing.
    fn update(
        &mut self,
        person: i64,
        event: &CapturedEvent,
        update: &Update<'_>,
        identifies: bool,
    ) {
        let becomes_identified = identifies && !self.is_identified(person);
        let news = if NEVER_UPDATES.contains(&event.name.as_str()) {
            News::default()
        } else {
            self.news(person, event, update)
        };
        if !becomes_identified && news.is_empty() {
            return;
        }
        let Some(state) = self.person_mut(person) else {
            return;
        };
        state.is_identified |= identifies;
        if state.properties.len() + news.values.len() > MAX_KEYS {
            state.version += 1;
            let details =
                json!({"event": event.name, "distinct_id": event.distinct_id, "limit": MAX_KEYS});
            return self.warn("person_properties_size_violation", details);
        }
        let set = news.values.into_iter();
        let unset = news.removed.into_iter();
        self.put_properties(
            person,
            set.map(|(key, value)| (key.to_owned(), value.clone())),
            unset.map(str::to_owned),
            true,
            |version, before, after| {
                (!before.is_empty() || !after.is_empty()).then(|| HistoryEntry {
                    person,
                    version,
                    act: Act::Updated,
                    cause: cause(event),
                    at: event.timestamp,
                    before,
                    after,
                    details: Properties::new(),
                })
            },
        );
    }

    /// What an update would change.
    fn news<'u>(&self, person: i64, event: &CapturedEvent, update: &'u Update<'_>) -> News<'u> {
        let once = update
            .once
            .iter()
            .filter(|(key, _)| self.property_equals(person, key, &Value::Null).is_none());
        let set = update
            .set
            .iter()
            .filter(|(key, value)| self.property_equals(person, key, value) != Some(true));
        let mut values: Vec<(&str, &Value)> = once.map(|(key, value)| (&**key, *value)).collect();
        let mut is_noise_only = values.is_empty();
        for &(key, value) in set {
            is_noise_only &= is_noise(key);
            values.push((key, value));
        }
        let removed: Vec<&str> = update
            .unset
            .iter()
            .copied()
            .filter(|key| {
                let has = self.property_equals(person, key, &Value::Null).is_some();
                has || values.iter().any(|(new, _)| new == key)
            })
            .collect();
        is_noise_only &= removed.is_empty();
        if is_noise_only && !PERSON_EVENTS.contains(&event.name.as_str()) {
            return News::default();
        }
        News { values, removed }
    }
}

/// What changes on a person: values to put, then keys to take away.
#[derive(Default)]
struct News<'u> {
    values: Vec<(&'u str, &'u Value)>,
    removed: Vec<&'u str>,
}

impl News<'_> {
    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.removed.is_empty()
    }
}

/// What an event asks to be done to its person's properties.
pub(crate) struct Update<'e> {
    pub(crate) set: Vec<(&'e str, &'e Value)>,
    pub(crate) once: Vec<(std::borrow::Cow<'e, str>, &'e Value)>,
    pub(crate) unset: Vec<&'e str>,
}

impl<'e> Update<'e> {
    pub(crate) fn of(event: &'e CapturedEvent) -> Self {
        let properties = &event.properties;
        let map = |key: &str| properties.get(key).and_then(Value::as_object);
        let (explicit_set, explicit_once) = (map("$set"), map("$set_once"));
        let has =
            |map: Option<&Properties>, key: &str| map.is_some_and(|map| map.contains_key(key));
        let mut set: Vec<(&str, &Value)> = Vec::new();
        let mut once: Vec<(std::borrow::Cow<'_, str>, &Value)> = Vec::new();
        for name in AUTOMATIC {
            let Some(value) = properties.get(name) else {
                continue;
            };
            // An older name for the same thing; the current one wins.
            let name = if name == "$os_name" { "$os" } else { name };
            if name == "$os" && set.iter().any(|&(key, _)| key == "$os") {
                continue;
            }
            if !has(explicit_set, name) {
                set.push((name, value));
            }
            let initial = format!("$initial_{}", name.trim_start_matches('$'));
            if !has(explicit_once, &initial) {
                once.push((initial.into(), value));
            }
        }
        set.extend(
            explicit_set
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.as_str(), value)),
        );
        once.extend(
            explicit_once
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.as_str().into(), value)),
        );
        let unset = match properties.get("$unset") {
            Some(Value::Array(keys)) => keys.iter().filter_map(Value::as_str).collect(),
            Some(Value::Object(keys)) => keys.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        Self { set, once, unset }
    }

    /// The properties of a person that this event creates.
    fn of_new_person(&self, event: Uuid) -> Properties {
        let mut properties = Properties::new();
        for (key, value) in &self.once {
            properties.insert(key.to_string(), (*value).clone());
        }
        for (key, value) in &self.set {
            properties.insert((*key).to_owned(), (*value).clone());
        }
        properties.insert("$creator_event_uuid".into(), Value::from(event.to_string()));
        for key in &self.unset {
            properties.remove(*key);
        }
        properties
    }
}

/// The distinct id that an event wants to see merged into its own, if it wants that.
fn merge_partner(event: &CapturedEvent) -> Option<String> {
    let key = match event.name.as_str() {
        "$identify" => "$anon_distinct_id",
        "$create_alias" | "$merge_dangerously" => "alias",
        _ => return None,
    };
    let value = event.properties.get(key).filter(|value| !value.is_null())?;
    let other = cut(&crate::value::text_of(value));
    (other != event.distinct_id).then_some(other)
}

/// Whether merging on this id would join strangers.
fn is_illegal(id: &str) -> bool {
    let bare = id.trim();
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| bare.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(bare);
    bare.trim().is_empty()
        || ILLEGAL_AS_WRITTEN.contains(&bare)
        || ILLEGAL_ANY_CASE
            .iter()
            .any(|illegal| illegal.eq_ignore_ascii_case(bare))
}

/// Properties that change with every page and alone are no reason to write.
fn is_noise(key: &str) -> bool {
    AUTOMATIC.contains(&key) || key.starts_with("$geoip_")
}
