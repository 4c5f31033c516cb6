//! Which of the loaded people are shown, and in which order: what no server can be asked.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use persons_api::Person;
use serde_json::Value;

use super::columns::Column;
use crate::people;
use crate::platform::text::lowercase;
use crate::routes::{Sort, Who};

/// The rows of the list. Without a wish this is what the server sent, in its order.
pub fn shown(rows: &[Arc<Person>], who: Who, sort: Option<&Sort>) -> Vec<Arc<Person>> {
    let rows = rows.iter().filter(|person| is_among(person, who));
    let mut rows: Vec<_> = rows.cloned().collect();
    if let Some((column, sort)) = sort.and_then(|sort| Some((Column::named(&sort.column)?, sort))) {
        // Each key is made once: it is compared many times.
        let key = |(place, row): (usize, Arc<Person>)| (Key::of(&row, &column), place, row);
        let mut keyed: Vec<_> = rows.into_iter().enumerate().map(key).collect();
        // Equals stay in the server's order, by their places: a stable sort would be twice the code. Who has no
        // value comes last in both orders.
        keyed.sort_unstable_by(|(one, place, _), (other, other_place, _)| {
            let order = match (one, other) {
                (Some(one), Some(other)) if sort.descending => other.compare(one),
                (Some(one), Some(other)) => one.compare(other),
                (one, other) => one.is_none().cmp(&other.is_none()),
            };
            order.then(place.cmp(other_place))
        });
        rows = keyed.into_iter().map(|(.., row)| row).collect();
    }
    rows
}

fn is_among(person: &Person, who: Who) -> bool {
    match who {
        Who::Everybody => true,
        Who::Identified => is_identified(person),
        Who::Anonymous => !is_identified(person),
    }
}

/// Servers of some ages do not say it of the people in a list; a name that is no machine's id does.
fn is_identified(person: &Person) -> bool {
    person
        .is_identified
        .unwrap_or_else(|| people::name(person).known().is_some())
}

/// What rows are compared by.
enum Key {
    /// Numbers and moments.
    Number(f64),
    /// Text, without regard to case.
    Text(String),
}

impl Key {
    fn of(person: &Person, column: &Column) -> Option<Self> {
        let text = |text: &str| Self::Text(lowercase(text));
        let moment = |at: persons_api::Timestamp| Self::Number(at.0 as f64);
        match column {
            Column::Name => Some(text(people::name(person).text())),
            Column::Email => people::email(person).map(text),
            Column::Ids => Some(Self::Number(person.ids() as f64)),
            Column::FirstSeen => person.created_at.map(moment),
            Column::LastSeen => person.last_seen_at.map(moment),
            Column::Property(property) => match person.properties.get(&property.key)? {
                Value::Null => None,
                Value::Bool(value) => Some(Self::Number(f64::from(u8::from(*value)))),
                Value::Number(number) => number.as_f64().map(Self::Number),
                Value::String(value) => Some(text(value)),
                nested => Some(text(&nested.to_string())),
            },
        }
    }

    /// Numbers come before text.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (one, other) => Reverse(matches!(one, Self::Number(_)))
                .cmp(&Reverse(matches!(other, Self::Number(_)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn people() -> Vec<Arc<Person>> {
        let person = |(place, (identified, properties)): (usize, (Option<bool>, Value))| {
            let uuid = format!("018f3c5a-7b1e-7c44-9d3e-{place:012}");
            let name = format!("018f3c5a-7b1e-7c44-9d3e-{place:012}");
            let mut person = json!({"id": 1, "uuid": uuid, "name": name, "properties": properties});
            if let Some(identified) = identified {
                person["is_identified"] = identified.into();
            }
            Arc::new(serde_json::from_value(person).expect("a person"))
        };
        [
            (Some(true), json!({"seats": 10, "name": "ben"})),
            (Some(false), json!({"seats": "many"})),
            (None, json!({"seats": 9, "name": "Ada"})),
            (None, json!({"seats": null})),
            (Some(true), json!({"name": "Cy"})),
        ]
        .into_iter()
        .enumerate()
        .map(person)
        .collect()
    }

    fn order(who: Who, column: Option<&str>, descending: bool) -> Vec<usize> {
        let people = people();
        let sort = column.map(|column| Sort {
            column: column.into(),
            descending,
        });
        let rows = shown(&people, who, sort.as_ref());
        let place = |row: &Arc<Person>| people.iter().position(|person| person.uuid == row.uuid);
        rows.iter().filter_map(place).collect()
    }

    #[test]
    fn without_a_wish_the_servers_order_stays() {
        assert_eq!(order(Who::Everybody, None, false), [0, 1, 2, 3, 4]);
        assert_eq!(
            order(Who::Everybody, Some("nonsense"), true),
            [0, 1, 2, 3, 4]
        );
    }

    #[test]
    fn who_has_no_value_comes_last_in_both_orders() {
        assert_eq!(
            order(Who::Everybody, Some(":seats"), false),
            [2, 0, 1, 3, 4]
        );
        assert_eq!(order(Who::Everybody, Some(":seats"), true), [1, 0, 2, 3, 4]);
    }

    #[test]
    fn text_is_ordered_without_regard_to_case() {
        assert_eq!(order(Who::Identified, Some("@name"), false), [2, 0, 4]);
    }

    #[test]
    fn a_server_that_does_not_say_who_is_identified_leaves_it_to_the_name() {
        assert_eq!(order(Who::Identified, None, false), [0, 2, 4]);
        assert_eq!(order(Who::Anonymous, None, false), [1, 3]);
    }
}
