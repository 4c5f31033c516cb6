//! The properties beside each of the people behind a number: which ones, and their values.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use crate::api::behind::Row;
use crate::insights::order::put_in_order;
use crate::people;
use crate::platform::focus;
use crate::ui::dynamic::dynamic;
use crate::ui::icon::Icon;
use crate::ui::value::plain;

/// There is room for so many.
const MOST: usize = 3;

/// Longer values tell nobody apart in a row: their property is not the first that is shown.
const LONGEST: usize = 16;

/// The keys that are shown; `None` until there are people, whose properties decide what comes first.
pub type Columns = RwSignal<Option<Vec<String>>>;

/// The names above the values, each with a button that takes it away, and what else can be shown.
#[component]
pub fn Heads(rows: Memo<Vec<Arc<Row>>>, columns: Columns) -> impl IntoView {
    let keys = Memo::new(move |_| keys(&rows.read()));
    // What says most is shown until somebody chooses.
    if columns.with_untracked(Option::is_none) {
        columns.set(Some(
            keys.read_untracked().first().cloned().into_iter().collect(),
        ));
    }
    let shown = move || columns.get().unwrap_or_default();
    let heads = dynamic(move || {
        let head = |key: String| {
            let label = format!("Hide {key}");
            let words = key.clone();
            let hide = move |_| {
                columns.update(|columns| {
                    if let Some(keys) = columns {
                        keys.retain(|shown| *shown != key);
                    }
                });
                focus::soon(MORE_ID);
            };
            view! {
                <span class="people-column people-column-head">
                    <bdi>{words}</bdi>
                    <button type="button" class="chip-remove" aria-label=label on:click=hide>
                        <Icon name="close"/>
                    </button>
                </span>
            }
        };
        shown().into_iter().map(head).collect_view().into_any()
    });
    let show = move |event| {
        let key: String = event_target_value(&event);
        columns.update(|columns| {
            let keys = columns.get_or_insert_default();
            // The one that was shown longest makes room.
            if keys.len() == MOST {
                keys.remove(0);
            }
            keys.push(key);
        });
        focus::soon(MORE_ID);
    };
    let more = dynamic(move || {
        let shown = shown();
        let keys = keys.get().into_iter().filter(|key| !shown.contains(key));
        let options = keys.map(|key| {
            let words = key.clone();
            view! { <option value=key>{words}</option> }
        });
        view! {
            <select
                id=MORE_ID
                class="field"
                aria-label="Show one more property"
                on:change=show
            >
                <option value="" selected=true disabled=true>"Property…"</option>
                {options.collect_view()}
            </select>
        }
        .into_any()
    });
    view! {
        <div class="people-choice">
            {more}
            <span class="people-columns">{heads}</span>
        </div>
    }
}

const MORE_ID: &str = "people-property";

/// What somebody has there.
pub fn values(row: &Arc<Row>, columns: Columns) -> AnyView {
    let row = Arc::clone(row);
    let values = dynamic(move || {
        let keys = columns.get().unwrap_or_default();
        let value = |key: String| {
            let value = row.person.properties.get(&key).map(plain);
            view! { <bdi class="people-column">{value}</bdi> }
        };
        keys.into_iter().map(value).collect_view().into_any()
    });
    view! { <span class="people-columns">{values}</span> }.into_any()
}

/// The properties of the first of them: short ones before long ones, those that people set before the
/// system's, the most common first, and of these the one with the shortest name.
fn keys(rows: &[Arc<Row>]) -> Vec<String> {
    struct Key<'a> {
        name: &'a str,
        count: usize,
        is_long: bool,
    }
    let mut known: Vec<Key<'_>> = Vec::new();
    for row in rows.iter().take(50) {
        for (name, value) in &row.person.properties {
            if people::is_name_or_email(name) {
                continue;
            }
            let is_long = value.is_object() || is_long(value);
            match known.iter_mut().find(|key| key.name == name) {
                Some(key) => {
                    key.count += 1;
                    key.is_long |= is_long;
                }
                None => known.push(Key {
                    name,
                    count: 1,
                    is_long,
                }),
            }
        }
    }
    let rank = |key: &Key<'_>| {
        (
            key.is_long,
            people::is_system(key.name),
            usize::MAX - key.count,
        )
    };
    put_in_order(&mut known, |one, other| {
        (rank(one), one.name.len(), one.name) < (rank(other), other.name.len(), other.name)
    });
    known.iter().map(|key| key.name.to_owned()).collect()
}

fn is_long(value: &Value) -> bool {
    plain(value).chars().count() > LONGEST
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_tells_people_apart_comes_first() {
        let of = |properties: Value| {
            let person = json!({"id": 1, "uuid": Uuid::nil(), "name": "Ada", "distinct_ids": [],
                "properties": properties});
            Arc::new(Row {
                person: serde_json::from_value(person).expect("a person"),
                value: None,
                appearances: Vec::new(),
            })
        };
        let rows = [
            of(
                json!({"email": "a@b", "plan": "pro", "first_login_at": "2026-03-01T10:00:00Z", "$os": "Linux"}),
            ),
            of(json!({"plan": "free", "city": "Bonn", "team": {"id": 1}, "$os": "macOS"})),
            of(json!({"plan": "free", "bio": "short"})),
            of(json!({"bio": "somebody who has a lot to say"})),
        ];
        let expected = ["plan", "city", "$os", "bio", "team", "first_login_at"];
        assert_eq!(keys(&rows), expected);
    }
}
