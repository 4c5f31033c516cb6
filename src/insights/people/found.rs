//! Who is behind a cell, as far as it is loaded.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use persons_api::Person;
use serde_json::Value;
use uuid::Uuid;

use crate::api::behind::{self, Next, Row};
use crate::api::persons::{self, Found as FoundPerson};
use crate::api::{ApiError, Client};
use crate::insights::figure::{Cell, Source, Unit};
use crate::platform::Abort;

/// A page that is still to be asked for.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// At a path; of a row of retention only those who appear in a column.
    Path(String, Option<usize>),
    /// Of a query, after so many.
    Query(Value, usize, Option<usize>),
    /// One person.
    One(Uuid),
}

/// Who is behind a cell, as far as it is loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Everybody who is listed, each once.
    pub rows: Vec<Arc<Row>>,
    /// How many the server says cannot be listed.
    missing: u64,
    known: HashSet<Uuid>,
    steps: VecDeque<Step>,
    search: String,
}

impl Found {
    /// Nobody yet, and the way to the first of them. Only some lists can be searched by the server.
    pub fn begin(source: &Source, search: &str) -> Self {
        let mut found = Self {
            search: search.to_owned(),
            ..Self::default()
        };
        found.add(source, None);
        found
    }

    fn add(&mut self, source: &Source, column: Option<usize>) {
        match source {
            Source::Url(url) => {
                let path = behind::first_path(url, &self.search);
                self.steps.push_back(Step::Path(path, column));
            }
            Source::Query(query) => self.steps.push_back(Step::Query(query.clone(), 0, column)),
            Source::Row { row, column } => self.add(row, *column),
            Source::Known(people) => self
                .steps
                .extend(people.iter().map(|uuid| Step::One(*uuid))),
            Source::Any(sources) => sources.iter().for_each(|source| self.add(source, None)),
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
    pub async fn load_more(&mut self, client: &Client, abort: &Abort) -> Result<(), ApiError> {
        let Some(step) = self.steps.front().cloned() else {
            return Ok(());
        };
        let (page, column) = match &step {
            Step::Path(path, column) => (behind::listed(client, path, abort).await?, *column),
            Step::Query(query, offset, column) => {
                let page = behind::queried(client, query, &self.search, *offset, abort).await?;
                (page, *column)
            }
            Step::One(uuid) => (one(client, *uuid, abort).await?, None),
        };
        self.steps.pop_front();
        let next = match (page.next, step) {
            (Some(Next::Path(path)), _) => Some(Step::Path(path, column)),
            (Some(Next::Offset(offset)), Step::Query(query, ..)) => {
                Some(Step::Query(query, offset, column))
            }
            _ => None,
        };
        // A list may end with a page that links to itself.
        if let Some(next) = next.filter(|next| !self.steps.contains(next)) {
            self.steps.push_front(next);
        }
        self.missing = self.missing.max(page.missing);
        for row in page.rows {
            let appears = column.is_none_or(|column| row.appearances.get(column) == Some(&true));
            if appears && self.known.insert(row.person.uuid) {
                self.rows.push(Arc::new(row));
            }
        }
        Ok(())
    }

    /// How the number of the chart comes about, in one sentence.
    pub fn reconciled(&self, cell: &Cell, number: fn(f64) -> String) -> String {
        let listed = self.rows.len() as f64;
        let (what, sum, of) = match cell.unit {
            Unit::People => ("", listed, String::new()),
            Unit::Events => {
                let sum = self.rows.iter().filter_map(|row| row.value).sum();
                ("", sum, format!(" of {} people listed", number(listed)))
            }
            Unit::Other => {
                let more = if self.is_whole() {
                    ""
                } else {
                    ", more are not loaded"
                };
                return format!(
                    "{} people behind {}{more}",
                    number(listed),
                    number(cell.value)
                );
            }
        };
        let rest = cell.value - sum;
        let listed = if of.is_empty() {
            " listed".to_owned()
        } else {
            of
        };
        let begin = format!(
            "{}{what} in the chart = {}{listed}",
            number(cell.value),
            number(sum)
        );
        // Sums of fractions differ in their last digits.
        if rest.abs() < 1e-6 * cell.value.abs().max(1.0) {
            return begin;
        }
        match (rest > 0.0, self.is_whole(), cell.unit) {
            (true, false, _) => format!("{begin} + {} not loaded", number(rest)),
            (true, true, Unit::Events) => format!("{begin} + {} of nobody", number(rest)),
            (true, true, _) => format!("{begin} + {} merged or deleted since", number(rest)),
            (false, ..) => format!(
                "{begin} \u{2212} {} who came since the chart was drawn: ask again",
                number(-rest)
            ),
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
            said(3, false, 7.5, Unit::Other),
            said(0, true, 0.0, Unit::People),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        3 in the chart = 3 listed
        5 in the chart = 3 listed + 2 not loaded
        5 in the chart = 3 listed + 2 merged or deleted since
        2 in the chart = 3 listed \u{2212} 1 who came since the chart was drawn: ask again
        6 in the chart = 6 of 3 people listed
        7.5 in the chart = 6 of 3 people listed + 1.5 of nobody
        7.5 in the chart = 6 of 3 people listed + 1.5 not loaded
        3 people behind 7.5, more are not loaded
        0 in the chart = 0 listed
        ");
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
