//! The people that are loaded so far, page after page, and those who are known before the server answers.

use std::collections::HashMap;
use std::sync::Arc;

use persons_api::{Person, Timestamp};
use uuid::Uuid;

use crate::api::persons::People;

/// What is loaded of a list.
#[derive(Clone, Debug, Default)]
pub struct PeopleList {
    rows: Vec<Arc<Person>>,
    /// Where everybody is among the rows.
    places: HashMap<Uuid, usize>,
    basis: Basis,
    /// What the server says of the first rows, which were found on this device.
    standings: Vec<Standing>,
    next: Vec<String>,
    count: Option<u64>,
}

/// What the server says of somebody who was found on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// That they belong here.
    Named,
    /// Nothing, or not yet.
    Unnamed,
    /// Nothing, as it does not look where they were found.
    Beyond,
}

/// Who says that these are the people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// The server.
    #[default]
    Server,
    /// The server, some time ago.
    Kept(Timestamp),
    /// This device alone: they are among the people it knows.
    Device,
}

/// Somebody who was found among the people this device knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Who.
    pub person: Arc<Person>,
    /// Whether they were found where the server does not look.
    pub is_beyond: bool,
}

/// What is worth saying about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Only this device says that it belongs here.
    OnDevice,
    /// The server added it to what this device had found.
    FromServer,
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

    /// A first page that the server sent some time ago.
    pub fn kept(page: People, at: Timestamp) -> Self {
        Self {
            basis: Basis::Kept(at),
            ..Self::first(page)
        }
    }

    /// What this device found.
    pub fn found_here(hits: Vec<Hit>) -> Self {
        let mut list = Self {
            basis: Basis::Device,
            ..Self::default()
        };
        for Hit { person, is_beyond } in hits {
            list.standings.push(if is_beyond {
                Standing::Beyond
            } else {
                Standing::Unnamed
            });
            list.add(person);
        }
        list
    }

    fn add(&mut self, person: Arc<Person>) {
        self.places.insert(person.uuid, self.rows.len());
        self.rows.push(person);
    }

    /// Takes the first page of the server in. Whoever was found on this device stays in their place, and
    /// the others follow, so that nobody moves under the pointer.
    pub fn answer(&mut self, page: People) {
        if self.basis == Basis::Device {
            self.basis = Basis::Server;
            self.append(page);
        } else {
            *self = Self::first(page);
        }
    }

    /// Adds the next page. Somebody who is there already (people come and go between two requests) is
    /// not added twice.
    pub fn append(&mut self, page: People) {
        for person in page.rows {
            let person = Arc::new(person);
            match self.places.get(&person.uuid) {
                Some(place) => {
                    if let Some(standing) = self.standings.get_mut(*place) {
                        *standing = Standing::Named;
                    }
                    self.rows[*place] = person;
                }
                None => self.add(person),
            }
        }
        self.next = page.next;
        self.count = page.count.or(self.count);
        if self.next.is_empty() {
            self.drop_the_refuted();
        }
    }

    /// The server has named everybody, so who was found on this device and not named does not fit any
    /// more, or is gone.
    fn drop_the_refuted(&mut self) {
        let refuted = |standing: &Standing| *standing == Standing::Unnamed;
        if !self.standings.iter().any(refuted) {
            return;
        }
        let standings = std::mem::take(&mut self.standings);
        let rows = std::mem::take(&mut self.rows);
        self.places.clear();
        for (place, person) in rows.into_iter().enumerate() {
            let standing = standings.get(place);
            if !standing.is_some_and(refuted) {
                self.standings.extend(standing);
                self.add(person);
            }
        }
    }

    /// The people: those found on this device first, the others in the server's order.
    pub fn rows(&self) -> &[Arc<Person>] {
        &self.rows
    }

    /// Who says so.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// What is worth saying about somebody in the list.
    pub fn mark(&self, uuid: &Uuid) -> Option<Mark> {
        if self.standings.is_empty() {
            return None;
        }
        match self.standings.get(*self.places.get(uuid)?) {
            Some(Standing::Named) => None,
            Some(Standing::Unnamed | Standing::Beyond) => Some(Mark::OnDevice),
            None => Some(Mark::FromServer),
        }
    }

    /// How many the server did not name, or has not named yet.
    pub fn unnamed(&self) -> u64 {
        let standings = self.standings.iter();
        standings
            .filter(|standing| **standing != Standing::Named)
            .count() as u64
    }

    /// What leads to the next page.
    pub fn next(&self) -> &[String] {
        &self.next
    }

    /// Whether the server has named everybody.
    pub fn is_complete(&self) -> bool {
        self.basis == Basis::Server && self.next.is_empty()
    }

    /// How many there are in all.
    pub fn total(&self) -> Total {
        let loaded = self.rows.len() as u64;
        let named = loaded - self.unnamed();
        match (self.count, self.basis) {
            // A count from an earlier page may have been overtaken by what was loaded since.
            (Some(count), _) => Total::Exactly(count.max(named)),
            (None, Basis::Device) => Total::MoreThan(loaded),
            (None, _) if self.next.is_empty() => Total::Exactly(named),
            (None, _) => Total::MoreThan(named),
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
        let mut page = People::default();
        page.rows = ids.into_iter().map(person).collect();
        page.next = next.map(Into::into).into_iter().collect();
        page.count = count;
        page
    }

    fn hits(ids: impl IntoIterator<Item = u128>, beyond: &[u128]) -> Vec<Hit> {
        let people = page(ids, None, None).rows.into_iter();
        let hit = |person: Person| Hit {
            is_beyond: beyond.contains(&person.uuid.as_u128()),
            person: Arc::new(person),
        };
        people.map(hit).collect()
    }

    fn ids(list: &PeopleList) -> Vec<u128> {
        list.rows()
            .iter()
            .map(|person| person.uuid.as_u128())
            .collect()
    }

    fn marks(list: &PeopleList) -> Vec<Option<Mark>> {
        list.rows()
            .iter()
            .map(|person| list.mark(&person.uuid))
            .collect()
    }

    #[test]
    fn pages_are_joined_and_nobody_is_listed_twice() {
        let mut list = PeopleList::first(page(0..100, Some("/2"), None));
        list.append(page(99..150, None, None));
        assert_eq!(list.rows().len(), 150);
        assert!(list.is_complete());
        assert_eq!(list.mark(&Uuid::from_u128(7)), None);
        assert_eq!(list.total(), Total::Exactly(150));
    }

    #[test]
    fn a_short_page_with_a_next_one_is_not_the_end() {
        let list = PeopleList::first(page(0..9, Some("/2"), None));
        assert_eq!(list.next(), ["/2"]);
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
    fn who_was_found_on_this_device_keeps_their_place_when_the_server_answers() {
        let mut list = PeopleList::found_here(hits([5, 3], &[]));
        assert_eq!(marks(&list), [Some(Mark::OnDevice); 2]);
        assert_eq!(list.total(), Total::MoreThan(2));
        list.answer(page([9, 3], Some("/2"), None));
        assert_eq!(ids(&list), [5, 3, 9]);
        let on_device = Some(Mark::OnDevice);
        assert_eq!(marks(&list), [on_device, None, Some(Mark::FromServer)]);
        list.append(page([5], None, None));
        assert_eq!(marks(&list), [None, None, Some(Mark::FromServer)]);
        assert_eq!(list.total(), Total::Exactly(3));
    }

    #[test]
    fn whom_the_server_does_not_name_is_dropped_unless_it_does_not_look_there() {
        let mut list = PeopleList::found_here(hits([1, 2, 3], &[2]));
        list.answer(page([3, 4], None, Some(2)));
        assert_eq!(ids(&list), [2, 3, 4]);
        assert_eq!(
            marks(&list),
            [Some(Mark::OnDevice), None, Some(Mark::FromServer)]
        );
        assert_eq!((list.unnamed(), list.total()), (1, Total::Exactly(2)));
    }

    #[test]
    fn an_answer_takes_the_place_of_what_was_kept() {
        let mut list = PeopleList::kept(page([1, 2], Some("/2"), Some(7)), Timestamp(5));
        assert_eq!(list.basis(), Basis::Kept(Timestamp(5)));
        assert_eq!(list.total(), Total::Exactly(7));
        list.answer(page([3, 1], None, None));
        assert_eq!(ids(&list), [3, 1]);
        assert_eq!(marks(&list), [None, None]);
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
