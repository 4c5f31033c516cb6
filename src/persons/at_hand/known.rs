//! The people this device knows, and who of them fits a question.

use std::collections::HashMap;
use std::sync::Arc;

use persons_api::filter::Condition as Joint;
use persons_api::{FilterTree, Person, Subject};
use persons_engine::TextEngine;
use persons_engine::filter::Matcher;

use crate::conditions::is_relative_date;
use serde_json::Value;
use uuid::Uuid;

use crate::people;
use crate::persons::list::Hit;
use crate::platform::text::lowercase;
use crate::routes::{Filters, PersonsState, groups};

/// More people than this are not learnt.
const MOST: usize = 20_000;

/// So many are shown before the server answers.
const MOST_HITS: usize = 500;

/// Everybody who is known.
#[derive(Default)]
pub struct Known {
    people: Vec<(Arc<Person>, String)>,
    places: HashMap<Uuid, usize>,
    has_read_kept: bool,
}

impl Known {
    /// Whether what was kept has yet to be read. Asked once: it need not be read again.
    pub fn begins_reading(&mut self) -> bool {
        !std::mem::replace(&mut self.has_read_kept, true)
    }

    /// Takes people in as they are now.
    pub fn learn(&mut self, people: &[Arc<Person>]) {
        self.take_in(people, true);
    }

    /// Takes people in as they were some time ago.
    pub fn learn_older(&mut self, people: &[Arc<Person>]) {
        self.take_in(people, false);
    }

    fn take_in(&mut self, people: &[Arc<Person>], is_newer: bool) {
        for person in people {
            match self.places.get(&person.uuid) {
                Some(place) => {
                    let known = &mut self.people[*place];
                    if is_newer && !Arc::ptr_eq(&known.0, person) {
                        *known = (person.clone(), haystack(person));
                    }
                }
                None if self.people.len() < MOST => {
                    self.places.insert(person.uuid, self.people.len());
                    self.people.push((person.clone(), haystack(person)));
                }
                None => {}
            }
        }
    }

    /// Who fits a question, those first seen last in front, as servers list them. `sees_all` says that the
    /// server looks into every property, too.
    ///
    /// `None` where this device cannot tell: nobody here knows who is in a cohort, and everybody is no
    /// question.
    pub fn find(
        &self,
        question: &PersonsState,
        sees_all: bool,
        regexes: &dyn TextEngine,
    ) -> Option<Vec<Hit>> {
        let tree = tree_of(&question.filters)?;
        let wanted = lowercase(&question.search);
        if wanted.is_empty() && tree.is_empty() {
            return None;
        }
        let matcher = Matcher::new(&tree, regexes).ok()?;
        let fits = |(person, haystack): &&(Arc<Person>, String)| {
            haystack.contains(&wanted) && matcher.matches(&person.properties, &|_| false)
        };
        let mut hits: Vec<Hit> = Vec::new();
        for (person, _) in self.people.iter().filter(fits) {
            let place = hits.partition_point(|hit| hit.person.created_at >= person.created_at);
            if place < MOST_HITS {
                hits.truncate(MOST_HITS - 1);
                let hit = Hit {
                    person: person.clone(),
                    is_beyond: !sees_all && !is_seen_by_servers(person, &wanted),
                };
                hits.insert(place, hit);
            }
        }
        Some(hits)
    }
}

/// The people of a list, as they were looked at the last time.
#[derive(Default)]
pub struct Seen(Vec<Arc<Person>>);

impl Seen {
    /// Who does not stand where they stood the last time, unchanged: a list grows page by page, and may
    /// become long.
    pub fn news(&mut self, list: &[Arc<Person>]) -> Vec<Arc<Person>> {
        self.0.truncate(list.len());
        let mut news = Vec::new();
        for (place, person) in list.iter().enumerate() {
            match self.0.get_mut(place) {
                Some(seen) if Arc::ptr_eq(seen, person) => continue,
                Some(seen) => *seen = person.clone(),
                None => self.0.push(person.clone()),
            }
            news.push(person.clone());
        }
        news
    }
}

/// All that is searched of a person, in small letters, a line each.
fn haystack(person: &Person) -> String {
    let mut text = person.uuid.to_string();
    let mut add = |line: &str| {
        text.push('\n');
        text.push_str(line);
    };
    person.distinct_ids.iter().for_each(|id| add(id));
    for value in person.properties.values() {
        match value {
            Value::String(value) => add(value),
            Value::Null => {}
            value => add(&value.to_string()),
        }
    }
    lowercase(&text)
}

/// PostHog looks at the name, the e-mail address and the ids only.
fn is_seen_by_servers(person: &Person, wanted: &str) -> bool {
    let fits = |text: &str| lowercase(text).contains(wanted);
    fits(people::name(person).text())
        || people::email(person).is_some_and(fits)
        || person.distinct_ids.iter().any(|id| fits(id))
        || fits(&person.uuid.to_string())
}

/// The conditions for the engine; `None` where there is one that cannot be answered here.
fn tree_of(filters: &Filters) -> Option<FilterTree> {
    let Filters::Row(conditions) = filters else {
        return None;
    };
    let is_about_properties = conditions
        .iter()
        .all(|condition| condition.filter.subject == Subject::Person);
    // Only the server knows what a date is that is counted from now.
    let is_certain = !conditions
        .iter()
        .any(|condition| is_relative_date(&condition.filter));
    let any_of = |group: &[crate::routes::Condition]| {
        let leaves = group
            .iter()
            .map(|condition| FilterTree::Leaf(condition.filter.clone()));
        FilterTree::Group(Joint::Or, leaves.collect())
    };
    (is_about_properties && is_certain)
        .then(|| FilterTree::Group(Joint::And, groups(conditions).map(any_of).collect()))
}

#[cfg(test)]
mod tests {
    use persons_api::{Operator, PropertyFilter};
    use persons_engine::Pattern;
    use serde_json::json;

    use super::*;
    use crate::routes::Condition;

    struct NoRegexes;

    impl TextEngine for NoRegexes {
        fn compile(&self, _: &str) -> Result<Pattern, String> {
            Err("there are none".into())
        }
    }

    fn person(id: u128, properties: Value) -> Arc<Person> {
        let person = json!({
            "id": 1,
            "uuid": Uuid::from_u128(id),
            "created_at": format!("2026-01-{id:02}T00:00:00Z"),
            "distinct_ids": [format!("user-{id}")],
            "properties": properties,
        });
        Arc::new(serde_json::from_value(person).expect("a person"))
    }

    fn known() -> Known {
        let mut known = Known::default();
        known.learn(&[
            person(1, json!({"email": "ada@x.org", "plan": "pro", "seats": 3})),
            person(
                2,
                json!({"email": "ben@x.org", "plan": "free", "note": "met ADA"}),
            ),
            person(3, json!({"email": "cy@x.org", "plan": "pro", "seats": 12})),
        ]);
        known
    }

    fn ids(hits: Option<Vec<Hit>>) -> Vec<u128> {
        let hits = hits.expect("an answer");
        hits.iter().map(|hit| hit.person.uuid.as_u128()).collect()
    }

    fn search(text: &str) -> PersonsState {
        PersonsState {
            search: text.into(),
            ..PersonsState::default()
        }
    }

    fn filtered(conditions: &[(&str, Operator, Value, bool)]) -> PersonsState {
        let conditions = conditions
            .iter()
            .cloned()
            .map(|(key, operator, value, or)| Condition {
                filter: PropertyFilter::person(key, operator, value),
                or,
            });
        let mut question = PersonsState::default();
        question.set_conditions(conditions.collect());
        question
    }

    #[test]
    fn a_search_looks_everywhere_and_says_where_servers_do_not() {
        let hits = known()
            .find(&search("Ada"), false, &NoRegexes)
            .expect("an answer");
        let beyond: Vec<_> = hits.iter().map(|hit| hit.is_beyond).collect();
        assert_eq!(beyond, [true, false]);
        assert_eq!(ids(Some(hits)), [2, 1], "newest first");
        let hits = known().find(&search("ada"), true, &NoRegexes);
        assert!(hits.expect("an answer").iter().all(|hit| !hit.is_beyond));
        assert_eq!(ids(known().find(&search("USER-3"), true, &NoRegexes)), [3]);
        assert!(ids(known().find(&search("zoe"), true, &NoRegexes)).is_empty());
    }

    #[test]
    fn conditions_mean_what_they_mean_on_the_server() {
        let find = |conditions: &[_]| ids(known().find(&filtered(conditions), true, &NoRegexes));
        let pro = ("plan", Operator::Exact, json!(["pro"]), false);
        assert_eq!(find(std::slice::from_ref(&pro)), [3, 1]);
        let few = ("seats", Operator::Lt, json!(5), false);
        assert_eq!(find(&[pro.clone(), few.clone()]), [1]);
        let or_free = ("plan", Operator::Exact, json!("free"), true);
        assert_eq!(find(&[few, or_free.clone()]), [2, 1]);
        assert_eq!(find(&[pro, or_free]), [3, 2, 1]);
        assert_eq!(
            find(&[("seats", Operator::IsNotSet, Value::Null, false)]),
            [2]
        );
    }

    #[test]
    fn what_this_device_cannot_tell_is_no_answer() {
        let mut cohort = filtered(&[("id", Operator::In, json!(7), false)]);
        if let Filters::Row(conditions) = &mut cohort.filters {
            conditions[0].filter.subject = Subject::Cohort;
        }
        assert_eq!(known().find(&cohort, true, &NoRegexes), None);
        let pattern = filtered(&[("plan", Operator::Regex, json!("p("), false)]);
        assert_eq!(known().find(&pattern, true, &NoRegexes), None);
        assert_eq!(
            known().find(&PersonsState::default(), true, &NoRegexes),
            None
        );
    }

    #[test]
    fn news_take_the_place_of_what_was_known_and_old_news_do_not() {
        let mut known = known();
        known.learn(&[person(1, json!({"email": "ada@new.org"}))]);
        known.learn_older(&[
            person(1, json!({"email": "ada@old.org"})),
            person(4, json!({})),
        ]);
        assert_eq!(ids(known.find(&search("ada@new"), true, &NoRegexes)), [1]);
        assert!(ids(known.find(&search("ada@old"), true, &NoRegexes)).is_empty());
        assert_eq!(ids(known.find(&search("user-4"), true, &NoRegexes)), [4]);
    }

    #[test]
    fn only_who_is_new_or_has_changed_in_a_list_is_looked_at_again() {
        let [one, two, three] = [1, 2, 3].map(|id| person(id, json!({})));
        let mut seen = Seen::default();
        let mut news = |list: &[&Arc<Person>]| {
            let list: Vec<_> = list.iter().map(|person| Arc::clone(person)).collect();
            let news = seen.news(&list);
            news.iter()
                .map(|person| person.uuid.as_u128())
                .collect::<Vec<_>>()
        };
        assert_eq!(news(&[&one, &three]), [1, 3]);
        // Another list that begins with the same person.
        assert_eq!(news(&[&one, &two, &three]), [2, 3]);
        let changed = person(2, json!({"plan": "pro"}));
        assert_eq!(news(&[&one, &changed, &three]), [2]);
        assert!(news(&[&one]).is_empty());
        assert_eq!(news(&[&one, &changed]), [2]);
    }
}
