//! Which columns the list has: what people look for first, then what these people have in common.

use std::sync::Arc;

use persons_api::Person;
use serde_json::Value;

use crate::people;
use crate::ui::grid;

/// A column of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Avatar and name.
    Name,
    /// E-mail address.
    Email,
    /// A property.
    Property(Property),
    /// How many distinct ids.
    Ids,
    /// When first seen.
    FirstSeen,
    /// When last seen.
    LastSeen,
}

/// A property that is worth a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its key.
    pub key: String,
    /// Whether its values are numbers, which stand at the end of the column, digit below digit.
    pub is_number: bool,
}

/// Keys that say most about people, best first.
const WELL_KNOWN: [&str; 14] = [
    "plan",
    "country",
    "company",
    "organization",
    "role",
    "seats",
    "city",
    "tier",
    "$geoip_country_name",
    "$geoip_country_code",
    "$initial_geoip_country_code",
    "$browser",
    "$os",
    "$initial_referring_domain",
];

/// Columns of properties, at most.
const MOST_PROPERTIES: usize = 5;
/// Rows looked at: the first page says enough, and later pages must not move columns.
const SAMPLE: usize = 100;
/// Pixels that the columns other than properties need, and one property.
const FIXED_WIDTH: f64 = 640.0;
const PROPERTY_WIDTH: f64 = 150.0;
/// In a window as narrow as a phone a row is a card, which has room for one property.
const CARD_WIDTH: f64 = 640.0;

/// The property keys worth a column, best first: well-known ones that at least a tenth of the people
/// have, then those that at least half of them have. Long texts, nested values and system keys are none.
pub fn choose_properties(rows: &[Arc<Person>]) -> Vec<Property> {
    let sample = &rows[..rows.len().min(SAMPLE)];
    // Looked through one by one: people have few keys, and a map is more code than a screen.
    let mut coverage: Vec<(&str, usize)> = Vec::new();
    for person in sample {
        for (key, value) in &person.properties {
            if is_worth_a_column(key, value) {
                match coverage.iter_mut().find(|(known, _)| known == key) {
                    Some((_, count)) => *count += 1,
                    None => coverage.push((key, 1)),
                }
            }
        }
    }
    // Best first: by fame, then by how few lack it, then by name.
    let mut candidates: Vec<(usize, usize, &str)> = Vec::new();
    for (key, count) in coverage {
        let fame = WELL_KNOWN.iter().position(|known| *known == key);
        let needed = sample.len().div_ceil(if fame.is_some() { 10 } else { 2 });
        let is_system = fame.is_none() && key.starts_with('$');
        if count >= needed && !is_system {
            let candidate = (fame.unwrap_or(usize::MAX), sample.len() - count, key);
            let place = candidates.partition_point(|before| *before < candidate);
            candidates.insert(place, candidate);
        }
    }
    // Two ways to name the same country would waste a column.
    let mut chosen: Vec<Property> = Vec::new();
    for (_, _, key) in candidates {
        let says_country = |key: &str| key.contains("country");
        let is_repetition =
            says_country(key) && chosen.iter().any(|known| says_country(&known.key));
        if chosen.len() < MOST_PROPERTIES && !is_repetition {
            chosen.push(Property {
                key: key.to_owned(),
                is_number: is_number(sample, key),
            });
        }
    }
    chosen
}

/// Whether a value can be read in one line, and is not said already by the name or address.
pub fn is_worth_a_column(key: &str, value: &Value) -> bool {
    is_short(value) && !people::is_name_or_email(key)
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.len() <= 40 && !text.contains("://"),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether all values under a key are numbers, as far as there are any.
fn is_number(sample: &[Arc<Person>], key: &str) -> bool {
    let values = sample
        .iter()
        .filter_map(|person| person.properties.get(key));
    let mut values = values.filter(|value| !value.is_null()).peekable();
    values.peek().is_some() && values.all(Value::is_number)
}

/// The columns that fit a width: the chosen ones as far as there is room, else those that say most.
pub fn that_fit(
    width: f64,
    chosen: &[String],
    properties: &[Property],
    rows: &[Arc<Person>],
) -> Vec<Column> {
    if !chosen.is_empty() {
        return chosen_that_fit(width, chosen, rows);
    }
    let room = if width <= CARD_WIDTH {
        1
    } else {
        ((width - FIXED_WIDTH) / PROPERTY_WIDTH).max(0.0) as usize
    };
    let properties = properties.iter().take(room).cloned();
    let mut columns = vec![Column::Name, Column::Email];
    columns.extend(properties.map(Column::Property));
    columns.extend([Column::Ids, Column::FirstSeen, Column::LastSeen]);
    columns
}

/// The columns the app chooses where there is room for all of them.
pub fn automatic(rows: &[Arc<Person>]) -> Vec<Column> {
    that_fit(f64::MAX, &[], &choose_properties(rows), rows)
}

fn chosen_that_fit(width: f64, chosen: &[String], rows: &[Arc<Person>]) -> Vec<Column> {
    let sample = &rows[..rows.len().min(SAMPLE)];
    let mut columns: Vec<Column> = Vec::new();
    // Whoever it is about always stands first, and so does a column if nothing else fits.
    let names = chosen.iter().filter_map(|name| Column::named(name));
    let mut room = width.max(CARD_WIDTH);
    for mut column in [Column::Name].into_iter().chain(names) {
        room -= column.least_width();
        let is_there = columns.iter().any(|known| known.name() == column.name());
        if is_there || (room < 0.0 && columns.len() > 1) {
            continue;
        }
        if let Column::Property(property) = &mut column {
            property.is_number = is_number(sample, &property.key);
        }
        columns.push(column);
    }
    columns
}

impl Column {
    /// The columns that are not properties, with their names in a URL.
    pub const FIXED: [(Self, &'static str); 5] = [
        (Self::Name, "@name"),
        (Self::Email, "@email"),
        (Self::Ids, "@ids"),
        (Self::FirstSeen, "@first_seen"),
        (Self::LastSeen, "@last_seen"),
    ];

    /// The name in a URL: `@email`, `:plan`.
    pub fn name(&self) -> String {
        match self {
            Self::Property(property) => [":", property.key.as_str()].concat(),
            fixed => {
                let known = Self::FIXED.iter().find(|(column, _)| column == fixed);
                known.map_or_else(String::new, |(_, name)| (*name).to_owned())
            }
        }
    }

    /// The column with a name.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix(':') {
            return Some(Self::Property(Property {
                key: key.to_owned(),
                is_number: false,
            }));
        }
        let known = Self::FIXED.iter().find(|(_, known)| *known == name);
        known.map(|(column, _)| column.clone())
    }

    /// Pixels below which it cannot be read; as its track says.
    fn least_width(&self) -> f64 {
        match self {
            Self::Name => 168.0,
            Self::Email => 120.0,
            Self::Property(_) => 88.0,
            Self::Ids => 56.0,
            Self::FirstSeen | Self::LastSeen => 112.0,
        }
    }

    /// Its head and width.
    pub fn head(&self) -> grid::Column {
        let (title, class, track) = match self {
            Self::Name => ("Name", "cell-name", "minmax(168px, 1.6fr)"),
            Self::Email => ("Email", "cell-email", "minmax(120px, 2fr)"),
            Self::Property(property) => (
                property.key.trim_start_matches('$'),
                if property.is_number {
                    "cell-property cell-number"
                } else {
                    "cell-property"
                },
                "minmax(88px, 1fr)",
            ),
            Self::Ids => ("IDs", "cell-ids", "56px"),
            Self::FirstSeen => ("First seen", "cell-first", "112px"),
            Self::LastSeen => ("Last seen", "cell-last", "112px"),
        };
        grid::Column {
            title: title.into(),
            name: self.name(),
            class,
            track,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn people(properties: &[Value]) -> Vec<Arc<Person>> {
        let person = |properties: &Value| {
            let person = json!({"id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e", "properties": properties});
            Arc::new(serde_json::from_value(person).expect("a person"))
        };
        properties.iter().map(person).collect()
    }

    #[test]
    fn what_is_well_known_comes_first_then_what_most_people_have() {
        let rows = people(&[
            json!({"zeta": 1, "alpha": true, "country": "DE", "plan": null, "email": "a@x"}),
            json!({"zeta": 2, "rare": 1, "$os": "Linux", "$geoip_country_code": "DE"}),
            json!({"zeta": 3, "alpha": false, "$device_id": "x"}),
        ]);
        let chosen = choose_properties(&rows);
        let keys: Vec<_> = chosen
            .iter()
            .map(|property| property.key.as_str())
            .collect();
        assert_eq!(keys, ["plan", "country", "$os", "zeta", "alpha"]);
        assert!(
            chosen
                .iter()
                .all(|property| property.is_number == (property.key == "zeta"))
        );
    }

    #[test]
    fn long_and_nested_values_are_no_columns() {
        let rows = people(&[json!({
            "bio": "x".repeat(41), "address": {"city": "Bonn"}, "tags": [], "site": "https://x.org",
        })]);
        assert!(choose_properties(&rows).is_empty());
        assert!(choose_properties(&[]).is_empty());
    }

    #[test]
    fn narrow_windows_have_fewer_columns_and_cards_have_one_property() {
        let properties = ["plan", "country"].map(|key| Property {
            key: key.into(),
            is_number: false,
        });
        let count = |width| that_fit(width, &[], &properties, &[]).len();
        assert_eq!([360.0, 700.0, 800.0, 1200.0].map(count), [6, 5, 6, 7]);
    }

    #[test]
    fn chosen_columns_keep_their_order_and_the_name_stands_first() {
        let rows = people(&[json!({"seats": 1}), json!({"seats": 2})]);
        let names = |width, chosen: &[&str]| {
            let chosen: Vec<_> = chosen.iter().map(|name| (*name).to_owned()).collect();
            let columns = that_fit(width, &chosen, &[], &rows);
            columns.iter().map(Column::name).collect::<Vec<_>>()
        };
        let chosen = [":seats", "@nonsense", "@last_seen", ":seats", "@email"];
        assert_eq!(
            names(1200.0, &chosen),
            ["@name", ":seats", "@last_seen", "@email"]
        );
        assert_eq!(names(360.0, &[":a", ":b", ":c", ":d", ":e", ":f"]).len(), 6);
        let seats = &that_fit(1200.0, &[":seats".to_owned()], &[], &rows)[1];
        assert!(matches!(seats, Column::Property(property) if property.is_number));
    }

    #[test]
    fn every_column_has_a_name_that_leads_back_to_it() {
        for (column, name) in Column::FIXED {
            assert_eq!(column.name(), name);
            assert_eq!(Column::named(name), Some(column));
        }
        for key in ["plan", "@name", ":", ""] {
            let name = format!(":{key}");
            assert_eq!(Column::named(&name).map(|column| column.name()), Some(name));
        }
        assert_eq!(Column::named("plan"), None);
    }
}
