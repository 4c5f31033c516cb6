//! Which properties the overview shows, and under which head.

use persons_api::Properties;
use serde_json::Value;

use crate::people::{self, in_order, is_system};

/// Properties that tell one thing about somebody together.
pub struct Group {
    /// The words above them.
    pub title: &'static str,
    /// Names that belong to it, what says most first. `initial_` before one, and `$`, make no difference,
    /// except where the name here begins with `initial_`: the latest page says nothing about the first.
    names: &'static [&'static str],
    /// Beginnings of further names.
    beginnings: &'static [&'static str],
    /// Whether only the system's keys (`$…`) belong to it: an own `os` may mean anything.
    is_of_system: bool,
}

/// All groups, in the order of the screen.
pub const GROUPS: [Group; 3] = [
    Group {
        title: "Acquisition",
        names: &[
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "referring_domain",
            "referrer",
            "landing_page",
            "initial_current_url",
            "initial_pathname",
            "initial_host",
            "gclid",
            "fbclid",
            "msclkid",
        ],
        beginnings: &["utm_", "landing"],
        is_of_system: false,
    },
    Group {
        title: "Device",
        names: &[
            "device_type",
            "os",
            "os_version",
            "browser",
            "browser_version",
            "app_name",
            "app_version",
        ],
        beginnings: &["device_", "os_", "browser_", "screen_", "viewport_", "app_"],
        is_of_system: true,
    },
    Group {
        title: "Location",
        names: &[
            "geoip_city_name",
            "geoip_subdivision_1_name",
            "geoip_country_name",
            "geoip_country_code",
            "geoip_continent_name",
            "geoip_time_zone",
        ],
        beginnings: &["geoip_", "timezone"],
        is_of_system: true,
    },
];

/// Own properties that most teams look at first, best first.
const WELL_KNOWN: [&str; 16] = [
    "plan",
    "subscription",
    "tier",
    "role",
    "job_title",
    "title",
    "company",
    "company_name",
    "organization",
    "industry",
    "seats",
    "team_size",
    "language",
    "locale",
    "country",
    "phone",
];

/// Properties that are shown to those who pinned none.
const MOST_AUTOMATIC: usize = 6;

/// Longer texts are read in the table of all properties.
const LONGEST: usize = 60;

impl Group {
    /// The keys in this group that somebody has a value under. The first value of something
    /// (`$initial_os`) is left out where the latest one (`$os`) is the same.
    pub fn keys(&self, properties: &Properties) -> Vec<String> {
        let members = properties.iter().filter_map(|(key, value)| {
            let rank = self.rank(key).filter(|_| !value.is_null())?;
            let latest = key.replacen("initial_", "", 1);
            let is_repetition = latest != *key
                && [latest.as_str(), latest.trim_start_matches('$')]
                    .iter()
                    .any(|latest| {
                        self.rank(latest).is_some() && properties.get(*latest) == Some(value)
                    });
            (!is_repetition).then_some((rank, key))
        });
        in_order(members)
    }

    /// The place of a key among the others, if it belongs here.
    fn rank(&self, key: &str) -> Option<usize> {
        if self.is_of_system && !is_system(key) {
            return None;
        }
        let name = key.trim_start_matches('$');
        let bare = name.strip_prefix("initial_").unwrap_or(name);
        let place = self
            .names
            .iter()
            .position(|known| *known == name || *known == bare)
            .or_else(|| {
                let fits = self.beginnings.iter().any(|known| bare.starts_with(known));
                fits.then_some(self.names.len())
            })?;
        // The latest before the first.
        Some(2 * place + usize::from(bare != name))
    }
}

/// What says most about somebody, as far as one can know without asking: well-known keys, then their
/// other short ones.
pub fn automatic(properties: &Properties) -> Vec<String> {
    let own = properties.iter().filter(|(key, value)| {
        !is_system(key)
            && !people::is_name_or_email(key)
            && GROUPS.iter().all(|group| group.rank(key).is_none())
            && is_telling(value)
    });
    let ranked = own.map(|(key, _)| {
        let fame = WELL_KNOWN.iter().position(|known| *known == key);
        (fame.unwrap_or(WELL_KNOWN.len()), key)
    });
    let mut keys = in_order(ranked);
    keys.truncate(MOST_AUTOMATIC);
    keys
}

fn is_telling(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty() && text.len() <= LONGEST,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grouped(properties: &Value) -> [Vec<String>; 3] {
        let properties = properties.as_object().expect("an object");
        GROUPS.map(|group| group.keys(properties))
    }

    fn chosen(properties: &Value) -> Vec<String> {
        automatic(properties.as_object().expect("an object"))
    }

    #[test]
    fn keys_are_grouped_by_what_they_tell() {
        let [acquisition, device, location] = grouped(&json!({
            "$initial_current_url": "https://x.org/", "$current_url": "https://x.org/home",
            "$initial_referring_domain": "news.example", "utm_term": "b", "utm_source": "mail",
            "landing": "/pricing", "host": "x.org", "plan": "pro",
            "$os": "Linux", "$browser": "Firefox", "$screen_width": 1440, "$device_type": "Desktop",
            "os": "own", "device_type": "own",
            "$geoip_country_name": "Germany", "$geoip_city_name": "Bonn", "$geoip_latitude": 50.7,
        }));
        assert_eq!(
            acquisition,
            [
                "utm_source",
                "$initial_referring_domain",
                "$initial_current_url",
                "landing",
                "utm_term"
            ]
        );
        assert_eq!(device, ["$device_type", "$os", "$browser", "$screen_width"]);
        assert_eq!(
            location,
            ["$geoip_city_name", "$geoip_country_name", "$geoip_latitude"]
        );
    }

    #[test]
    fn nothing_is_said_twice_and_null_says_nothing() {
        let [acquisition, device, location] = grouped(&json!({
            "utm_source": "mail", "$initial_utm_source": "mail", "$initial_utm_medium": null,
            "$os": "Linux", "$initial_os": "Windows", "$browser": "Firefox", "$initial_browser": "Firefox",
            // The latest page is in no group, so the first one is no repetition.
            "$current_url": "https://x.org/", "$initial_current_url": "https://x.org/",
        }));
        assert_eq!(acquisition, ["utm_source", "$initial_current_url"]);
        assert_eq!(device, ["$os", "$initial_os", "$browser"]);
        assert!(location.is_empty());
    }

    #[test]
    fn well_known_keys_are_chosen_first_and_then_what_else_is_short() {
        let ada = json!({
            "seats": 12, "plan": "pro", "vip": true, "beta": false, "email": "a@x.org", "name": "Ada",
            "$os": "Linux", "utm_source": "mail", "role": "", "company": null, "bio": "word ".repeat(40),
            "address": {"city": "Bonn"},
        });
        assert_eq!(chosen(&ada), ["plan", "seats", "beta", "vip"]);
        let many: Value = (0..20).map(|n| (format!("key{n}"), json!(n))).collect();
        assert_eq!(chosen(&many).len(), MOST_AUTOMATIC);
        assert!(chosen(&json!({"$os": "Linux"})).is_empty());
    }
}
