//! Who is behind a cell, as far as it is loaded.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use persons_api::Person;
use serde_json::Value;
use uuid::Uuid;

use crate::api::behind::{self, ActorsRequest, Next, Row};
use crate::api::persons::{self, Found as FoundPerson};
use crate::api::{ApiError, Client, Session};
use crate::insights::figure::{Cell, Source, Unit};
use crate::platform::Abort;

/// A page that is still to be asked for.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// At a path.
    Path(String, Columns),
    /// Of a query, after so many.
    Query(Value, usize, Columns),
    /// One person.
    One(Uuid),
}

/// The columns of a row of retention.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Columns {
    /// Only those who appear in this one are listed.
    wanted: Option<usize>,
    /// How many there are; 0 where there is no such row.
    count: usize,
}

impl Columns {
    /// Whether somebody with these appearances is listed.
    fn include(self, appearances: &[bool]) -> bool {
        self.wanted
            .is_none_or(|column| appearances.get(column) == Some(&true))
    }
}

/// Who is behind a cell, as far as it is loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Everybody who is listed, each once.
    pub rows: Vec<Arc<Row>>,
    /// The UUIDs of those whom the server names and cannot find: they were merged or deleted.
    pub unresolved: Vec<String>,
    /// How many the server says cannot be listed: in the lists that are loaded, and so far in the list that is not.
    missing: (u64, u64),
    known: HashSet<Uuid>,
    steps: VecDeque<Step>,
    search: String,
    is_forced: bool,
}

impl Found {
    /// Nobody yet, and the way to the first of them. Only some lists can be searched by the server. `is_forced` has
    /// the server compute lists of which it may have cached ones.
    pub fn begin(source: &Source, search: &str, is_forced: bool) -> Self {
        let mut found = Self {
            search: search.to_owned(),
            is_forced,
            ..Self::default()
        };
        found.add(source, Columns::default());
        found
    }

    fn add(&mut self, source: &Source, columns: Columns) {
        match source {
            Source::Url(url) => {
                let path = behind::first_path(url, &self.search);
                self.steps.push_back(Step::Path(path, columns));
            }
            Source::Query(query) => self.steps.push_back(Step::Query(query.clone(), 0, columns)),
            Source::Row {
                row,
                column,
                columns,
            } => self.add(
                row,
                Columns {
                    wanted: *column,
                    count: *columns,
                },
            ),
            Source::Known(people) => self
                .steps
                .extend(people.iter().map(|uuid| Step::One(*uuid))),
            Source::Any(sources) => {
                for source in sources {
                    self.add(source, Columns::default());
                }
            }
        }
    }

    /// Whether everybody who can be listed is.
    pub fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    /// Loads one page more.
    ///
    /// # Errors
    /// See [`ApiError`]; what was there stays.
    pub async fn load_more(&mut self, session: &Session, abort: &Abort) -> Result<(), ApiError> {
        let Some(step) = self.steps.front().cloned() else {
            return Ok(());
        };
        let client = &session.client;
        let page = match &step {
            Step::Path(path, _) => behind::listed(client, path, abort).await?,
            Step::Query(source, offset, _) => {
                let request = ActorsRequest {
                    source,
                    search: &self.search,
                    offset: *offset,
                    is_forced: self.is_forced,
                    name_keys: session.project.person_display_name_properties.as_deref(),
                };
                behind::queried(client, request, abort).await?
            }
            Step::One(uuid) => one(client, *uuid, abort).await?,
        };
        self.steps.pop_front();
        self.take(page, step);
        Ok(())
    }

    /// Takes in the page that a step has led to.
    fn take(&mut self, page: behind::Page, step: Step) {
        let (is_query, columns) = match &step {
            Step::Path(_, columns) => (false, *columns),
            Step::Query(_, _, columns) => (true, *columns),
            Step::One(_) => (false, Columns::default()),
        };
        let next = match (page.next, step) {
            (Some(Next::Path(path)), _) => Some(Step::Path(path, columns)),
            (Some(Next::Offset(offset)), Step::Query(query, ..)) => {
                Some(Step::Query(query, offset, columns))
            }
            _ => None,
        };
        // Whether those who cannot be listed appear in a column is not known.
        let missing = match columns.wanted {
            Some(_) => 0,
            None => page.missing,
        };
        let (_, of_list) = &mut self.missing;
        // Queries count page by page. Other lists repeat the same number on every page.
        *of_list = match is_query {
            true => *of_list + missing,
            false => missing.max(*of_list),
        };
        // A list may end with a page that links to itself.
        match next.filter(|next| !self.steps.contains(next)) {
            Some(next) => self.steps.push_front(next),
            None => self.missing = (self.missing.0 + self.missing.1, 0),
        }
        for mut row in page.rows {
            if columns.include(&row.appearances) && self.known.insert(row.person.uuid) {
                if columns.count > 0 {
                    row.appearances.resize(columns.count, false);
                }
                self.rows.push(Arc::new(row));
            }
        }
        for actor in page.unresolved {
            if columns.include(&actor.appearances) && !self.unresolved.contains(&actor.id) {
                self.unresolved.push(actor.id);
            }
        }
    }

    /// How many were merged or deleted, as far as the server says so.
    fn gone(&self) -> f64 {
        (self.missing.0 + self.missing.1) as f64 + self.unresolved.len() as f64
    }

    /// How the number of the chart comes about, in one sentence.
    pub fn reconciled(&self, cell: &Cell, number: fn(f64) -> String) -> String {
        let listed = self.rows.len() as f64;
        let gone = self.gone();
        let people = |count: f64| {
            let noun = if count == 1.0 { "person" } else { "people" };
            format!("{} {noun}", number(count))
        };
        let chart = format!("{} in the chart = ", number(cell.value));
        // Sums of fractions differ in their last digits.
        let is_nothing = |rest: f64| rest.abs() < 1e-6 * cell.value.abs().max(1.0);
        if let Unit::Events | Unit::Sum = cell.unit {
            let sum: f64 = self.rows.iter().filter_map(|row| row.value).sum();
            let begin = format!("{chart}{} of {} listed", number(sum), people(listed));
            let rest = cell.value - sum;
            return match rest {
                rest if is_nothing(rest) => begin,
                rest if rest < 0.0 => {
                    format!(
                        "{begin} \u{2212} {} that came later: refresh",
                        number(-rest)
                    )
                }
                rest if !self.is_whole() => format!("{begin} + {} not loaded", number(rest)),
                rest if gone > 0.0 => format!(
                    "{begin} + {} of {} merged or deleted",
                    number(rest),
                    people(gone)
                ),
                rest => format!("{begin} + {} without a person", number(rest)),
            };
        }
        let merged = match gone {
            0.0 => String::new(),
            gone => format!(" + {} merged or deleted", number(gone)),
        };
        if cell.unit == Unit::Other {
            let more = if self.is_whole() {
                ""
            } else {
                ", more are not loaded"
            };
            return format!(
                "{}{merged} behind {}{more}",
                people(listed),
                number(cell.value)
            );
        }
        let begin = format!("{chart}{} listed{merged}", number(listed));
        match cell.value - listed - gone {
            rest if is_nothing(rest) => begin,
            rest if rest < 0.0 => {
                format!("{begin} \u{2212} {} who came later: refresh", number(-rest))
            }
            rest if !self.is_whole() => format!("{begin} + {} not loaded", number(rest)),
            rest if gone > 0.0 => format!("{begin} + {} not listed by the server", number(rest)),
            rest => format!("{begin} + {} merged or deleted since", number(rest)),
        }
    }
}

/// Somebody whose UUID is known; nobody if they are gone.
async fn one(client: &Client, uuid: Uuid, abort: &Abort) -> Result<behind::Page, ApiError> {
    let rows = match persons::find(client, &uuid.to_string(), abort).await {
        Ok(FoundPerson::Person(person, _)) => vec![Row {
            person: *person,
            value: None,
            appearances: Vec::new(),
        }],
        Ok(FoundPerson::ByDistinctId(_)) | Err(ApiError::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(behind::Page {
        rows,
        ..behind::Page::default()
    })
}

/// Two lists as three: only in the first, in both, only in the second.
pub fn overlap(one: &[Arc<Row>], other: &[Arc<Row>]) -> [Vec<Arc<Row>>; 3] {
    let ids =
        |rows: &[Arc<Row>]| -> HashSet<Uuid> { rows.iter().map(|row| row.person.uuid).collect() };
    let (in_one, in_other) = (ids(one), ids(other));
    let (both, only_one) = one
        .iter()
        .cloned()
        .partition(|row: &Arc<Row>| in_other.contains(&row.person.uuid));
    let only_other = other
        .iter()
        .filter(|row| !in_one.contains(&row.person.uuid));
    [only_one, both, only_other.cloned().collect()]
}

/// People as a file.
pub fn csv(rows: &[Arc<Row>], name: fn(&Person) -> String, columns: &[String]) -> String {
    let mut file = String::new();
    let has_values = rows.iter().any(|row| row.value.is_some());
    let mut head = ["uuid", "name", "email", "distinct_id", "created_at"]
        .map(str::to_owned)
        .to_vec();
    head.extend(has_values.then(|| "value".to_owned()));
    head.extend(columns.iter().cloned());
    crate::csv::line(&mut file, &mut head.into_iter());
    for row in rows {
        let person = &row.person;
        let mut cells = vec![
            person.uuid.to_string(),
            name(person),
            crate::people::email(person).unwrap_or_default().to_owned(),
            person.distinct_ids.first().cloned().unwrap_or_default(),
            person
                .created_at
                .map(|at| at.to_string())
                .unwrap_or_default(),
        ];
        if has_values {
            cells.push(row.value.map(|value| value.to_string()).unwrap_or_default());
        }
        for column in columns {
            let value = person.properties.get(column);
            cells.push(value.map(crate::ui::value::plain).unwrap_or_default());
        }
        crate::csv::line(&mut file, &mut cells.into_iter());
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(number: u128, value: Option<f64>) -> Arc<Row> {
        let uuid = Uuid::from_u128(number);
        let person = json!({"id": 1, "uuid": uuid, "name": "Ada", "distinct_ids": ["a,1"],
            "created_at": "2026-03-01T10:00:00Z", "properties": {"plan": "pro"}});
        Arc::new(Row {
            person: serde_json::from_value(person).expect("a person"),
            value,
            appearances: Vec::new(),
        })
    }

    fn cell(value: f64, unit: Unit) -> Cell {
        Cell {
            key: String::new(),
            title: String::new(),
            value,
            unit,
            people: None,
        }
    }

    fn found(rows: Vec<Arc<Row>>, is_whole: bool) -> Found {
        let steps = (!is_whole).then(|| Step::One(Uuid::nil()));
        Found {
            rows,
            steps: steps.into_iter().collect(),
            ..Found::default()
        }
    }

    #[test]
    fn the_number_of_the_chart_is_accounted_for() {
        let people = |count: u128| (0..count).map(|number| row(number, Some(2.0))).collect();
        let number = |value: f64| value.to_string();
        let said = |count, is_whole, value, unit| {
            found(people(count), is_whole).reconciled(&cell(value, unit), number)
        };
        let lines = [
            said(3, true, 3.0, Unit::People),
            said(3, false, 5.0, Unit::People),
            said(3, true, 5.0, Unit::People),
            said(3, true, 2.0, Unit::People),
            said(3, true, 6.0, Unit::Events),
            said(3, true, 7.5, Unit::Events),
            said(3, false, 7.5, Unit::Events),
            said(3, true, 5.0, Unit::Events),
            said(3, false, 7.5, Unit::Other),
            said(1, true, 7.5, Unit::Other),
            said(0, true, 0.0, Unit::People),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        3 in the chart = 3 listed
        5 in the chart = 3 listed + 2 not loaded
        5 in the chart = 3 listed + 2 merged or deleted since
        2 in the chart = 3 listed \u{2212} 1 who came later: refresh
        6 in the chart = 6 of 3 people listed
        7.5 in the chart = 6 of 3 people listed + 1.5 without a person
        7.5 in the chart = 6 of 3 people listed + 1.5 not loaded
        5 in the chart = 6 of 3 people listed \u{2212} 1 that came later: refresh
        3 people behind 7.5, more are not loaded
        1 person behind 7.5
        0 in the chart = 0 listed
        ");
    }

    #[test]
    fn those_who_were_merged_or_deleted_are_part_of_the_number() {
        let rows = || (0..3).map(|number| row(number, Some(2.0))).collect();
        let with = |missing: u64, unresolved: usize| Found {
            missing: (missing, 0),
            unresolved: (0..unresolved).map(|id| id.to_string()).collect(),
            ..found(rows(), true)
        };
        let number = |value: f64| value.to_string();
        let lines = [
            with(1, 1).reconciled(&cell(5.0, Unit::People), number),
            with(1, 0).reconciled(&cell(5.0, Unit::People), number),
            with(2, 0).reconciled(&cell(4.0, Unit::People), number),
            with(0, 1).reconciled(&cell(8.0, Unit::Events), number),
            with(0, 1).reconciled(&cell(8.0, Unit::Other), number),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        5 in the chart = 3 listed + 2 merged or deleted
        5 in the chart = 3 listed + 1 merged or deleted + 1 not listed by the server
        4 in the chart = 3 listed + 2 merged or deleted − 1 who came later: refresh
        8 in the chart = 6 of 3 people listed + 2 of 1 person merged or deleted
        3 people + 1 merged or deleted behind 8
        ");
    }

    #[test]
    fn pages_of_queries_add_up_those_they_miss_and_pages_of_lists_repeat_the_number() {
        let page = |next: Option<Next>| behind::Page {
            missing: 2,
            next,
            ..behind::Page::default()
        };
        let mut found = Found::default();
        let query = |offset| Step::Query(json!({}), offset, Columns::default());
        found.take(page(Some(Next::Offset(100))), query(0));
        found.steps.pop_front();
        found.take(page(None), query(100));
        assert_eq!(found.gone(), 4.0);
        let path = |path: &str| Step::Path(path.into(), Columns::default());
        found.take(page(Some(Next::Path("/b".into()))), path("/a"));
        found.steps.pop_front();
        found.take(page(None), path("/b"));
        assert_eq!(found.gone(), 6.0);
    }

    #[test]
    fn a_column_of_retention_lists_those_who_appear_in_it() {
        let appearing = |number: u128, appearances: &[bool]| Row {
            appearances: appearances.to_vec(),
            ..(*row(number, None)).clone()
        };
        let page = || behind::Page {
            rows: vec![
                appearing(1, &[true, false, true]),
                appearing(2, &[true]),
                appearing(3, &[true, true]),
            ],
            unresolved: vec![behind::UnresolvedActor {
                id: "gone".into(),
                appearances: vec![true, true],
            }],
            missing: 7,
            next: None,
        };
        let told = |wanted: Option<usize>| {
            let mut found = Found::default();
            let columns = Columns { wanted, count: 4 };
            found.take(page(), Step::Query(json!({}), 0, columns));
            let people = found.rows.iter().map(|row| row.person.uuid.as_u128());
            assert!(found.rows.iter().all(|row| row.appearances.len() == 4));
            (people.collect::<Vec<_>>(), found.gone())
        };
        assert_eq!(told(None), (vec![1, 2, 3], 8.0));
        assert_eq!(told(Some(0)), (vec![1, 2, 3], 1.0));
        assert_eq!(told(Some(1)), (vec![3], 1.0));
        assert_eq!(told(Some(2)), (vec![1], 0.0));
    }

    #[test]
    fn two_lists_are_three() {
        let lists = overlap(
            &[row(1, None), row(2, None)],
            &[row(2, None), row(3, None), row(4, None)],
        );
        let ids = lists.map(|list| {
            list.iter()
                .map(|row| row.person.uuid.as_u128())
                .collect::<Vec<_>>()
        });
        assert_eq!(ids, [vec![1], vec![2], vec![3, 4]]);
    }

    #[test]
    fn the_file_has_what_is_listed() {
        let name = |person: &Person| person.name.clone();
        assert_eq!(
            csv(&[row(1, Some(2.5))], name, &["plan".to_owned()]),
            "uuid,name,email,distinct_id,created_at,value,plan\r\n\
             00000000-0000-0000-0000-000000000001,Ada,,\"a,1\",2026-03-01T10:00:00Z,2.5,pro\r\n"
        );
    }
}
