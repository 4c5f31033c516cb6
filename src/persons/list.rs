//! The people that are loaded so far, page after page.

use std::collections::HashSet;
use std::sync::Arc;

use persons_api::Person;
use uuid::Uuid;

use crate::api::persons::People;

/// What is loaded of a list.
#[derive(Clone, Debug, Default)]
pub struct PeopleList {
    rows: Vec<Arc<Person>>,
    known: HashSet<Uuid>,
    next: Option<String>,
    count: Option<u64>,
}

/// How many people there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// The server does not count, and has more.
    MoreThan(u64),
}

impl PeopleList {
    /// A list that begins with this page.
    pub fn first(page: People) -> Self {
        let mut list = Self::default();
        list.append(page);
        list
    }

    /// Adds the next page. Somebody who was on an earlier page already (people come and go between two
    /// requests) is not added twice.
    pub fn append(&mut self, page: People) {
        for person in page.rows {
            if self.known.insert(person.uuid) {
                self.rows.push(Arc::new(person));
            }
        }
        self.next = page.next;
        self.count = page.count.or(self.count);
    }

    /// The people, in the server's order.
    pub fn rows(&self) -> &[Arc<Person>] {
        &self.rows
    }

    /// What leads to the next page.
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// How many there are in all.
    pub fn total(&self) -> Total {
        let loaded = self.rows.len() as u64;
        match (self.count, &self.next) {
            // A count from an earlier page may have been overtaken by what was loaded since.
            (Some(count), _) => Total::Exactly(count.max(loaded)),
            (None, None) => Total::Exactly(loaded),
            (None, Some(_)) => Total::MoreThan(loaded),
        }
    }
}

impl Total {
    /// The number, if it is known.
    pub fn exactly(self) -> Option<u64> {
        match self {
            Self::Exactly(count) => Some(count),
            Self::MoreThan(_) => None,
        }
    }

    /// `1 person`, `14,203 people`, `100+ people`; `format` writes the number.
    pub fn in_words(self, format: impl Fn(u64) -> String) -> String {
        match self {
            Self::Exactly(0) => "No people".into(),
            Self::Exactly(1) => "1 person".into(),
            Self::Exactly(count) => format!("{} people", format(count)),
            Self::MoreThan(count) => format!("{}+ people", format(count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(ids: impl IntoIterator<Item = u128>, next: Option<&str>, count: Option<u64>) -> People {
        let person = |id| {
            let uuid = Uuid::from_u128(id);
            serde_json::from_value(json!({"id": 1, "uuid": uuid})).expect("a person")
        };
        People {
            rows: ids.into_iter().map(person).collect(),
            next: next.map(Into::into),
            count,
        }
    }

    #[test]
    fn pages_are_joined_and_nobody_is_listed_twice() {
        let mut list = PeopleList::first(page(0..100, Some("/2"), None));
        list.append(page(99..150, None, None));
        assert_eq!(list.rows().len(), 150);
        assert_eq!(list.next(), None);
        assert_eq!(list.total(), Total::Exactly(150));
    }

    #[test]
    fn a_short_page_with_a_next_one_is_not_the_end() {
        let list = PeopleList::first(page(0..9, Some("/2"), None));
        assert_eq!(list.next(), Some("/2"));
        assert_eq!(list.total(), Total::MoreThan(9));
    }

    #[test]
    fn the_servers_count_is_believed_unless_more_is_loaded() {
        let mut list = PeopleList::first(page(0..100, Some("/2"), Some(14_203)));
        assert_eq!(list.total(), Total::Exactly(14_203));
        list.append(page(100..200, None, Some(150)));
        assert_eq!(list.total(), Total::Exactly(200));
    }

    #[test]
    fn totals_are_put_into_words() {
        let words = |total: Total| total.in_words(|number| number.to_string());
        assert_eq!(words(Total::Exactly(0)), "No people");
        assert_eq!(words(Total::Exactly(1)), "1 person");
        assert_eq!(words(Total::Exactly(12)), "12 people");
        assert_eq!(words(Total::MoreThan(100)), "100+ people");
    }
}
