//! What servers answer, read into figures and cells.
//!
//! One file for each insight. They read the shapes of `insights/…`; an answer of `query/` has the same numbers
//! in the same places, and its people are named by the question instead of a URL ([`crate::insights::door`]).

mod correlation;
mod funnel;
mod lifecycle;
mod paths;
mod retention;
mod stickiness;
mod trends;
mod when;

pub use self::funnel::terms;

use persons_api::Timestamp;
use serde_json::Value;

use super::figure::{Answer, Cell, CellId, Figure, Point, Source, Unit};
use super::question::{FunnelView, Insight, Question};

/// Reads the answer to a question; `None` if it is of another shape. `now` tells which interval is not over.
pub fn read(question: &Question, answer: &Value, now: Timestamp) -> Option<Answer> {
    let mut reader = Reader {
        cells: Vec::new(),
        question,
        now,
    };
    let result = &answer["result"];
    let (figure, summary) = match question.insight {
        Insight::Trends => reader.trends(result)?,
        Insight::Lifecycle => reader.lifecycle(result)?,
        Insight::Stickiness => reader.stickiness(result)?,
        Insight::Funnel => match question.funnel.view {
            FunnelView::Steps => reader.steps(result)?,
            FunnelView::Trends => reader.conversion(result)?,
            FunnelView::TimeToConvert => reader.durations(result)?,
        },
        Insight::Correlation => reader.correlation(result)?,
        Insight::Retention => reader.retention(result)?,
        Insight::Paths => reader.paths(result)?,
    };
    Some(Answer {
        figure,
        cells: reader.cells,
        summary,
        calculated_at: None,
    })
}

/// A figure, and all of it in one sentence.
type Read = Option<(Figure, String)>;

/// Reads one answer, and collects its cells.
struct Reader<'a> {
    cells: Vec<Cell>,
    question: &'a Question,
    now: Timestamp,
}

impl Reader<'_> {
    /// A number with its people.
    fn point(
        &mut self,
        key: String,
        title: String,
        value: f64,
        unit: Unit,
        people: Option<Source>,
    ) -> Point {
        Point {
            value,
            cell: Some(self.cell(key, title, value, unit, people)),
        }
    }

    fn cell(
        &mut self,
        key: String,
        title: String,
        value: f64,
        unit: Unit,
        people: Option<Source>,
    ) -> CellId {
        self.cells.push(Cell {
            key,
            title,
            value,
            unit,
            people,
        });
        self.cells.len() - 1
    }

    /// Whether an interval that ends at this moment of the answer is not over. Where no end is told, the last
    /// interval of a range without one is meant.
    fn is_to_come(&self, end: &Value) -> bool {
        match end.as_str().and_then(Timestamp::parse) {
            Some(end) => end > self.now,
            None => self.question.to.is_empty(),
        }
    }
}

/// Where the people are: a URL that the server gave, or the source of a query.
fn url(value: &Value) -> Option<Source> {
    match value {
        Value::String(url) => Some(Source::Url(url.clone())),
        Value::Object(_) => Some(Source::Query(value.clone())),
        // Found out on this device.
        Value::Array(people) => {
            let people = people
                .iter()
                .map(|uuid| uuid::Uuid::try_parse(uuid.as_str()?).ok());
            people.collect::<Option<_>>().map(Source::Known)
        }
        _ => None,
    }
}

/// The numbers of a list; `None` if one of them is none.
fn numbers(list: &Value) -> Option<Vec<f64>> {
    list.as_array()?.iter().map(Value::as_f64).collect()
}

fn texts(list: &Value) -> Option<Vec<String>> {
    let texts = list
        .as_array()?
        .iter()
        .map(|text| text.as_str().map(str::to_owned));
    texts.collect()
}

/// A breakdown's value in words. It can be a list of one.
fn breakdown_name(value: &Value) -> String {
    match value {
        Value::Array(values) => values
            .iter()
            .map(breakdown_name)
            .collect::<Vec<_>>()
            .join(", "),
        Value::Null => String::new(),
        Value::String(text) => match text.as_str() {
            "$$_posthog_breakdown_null_$$" => "not set".to_owned(),
            "$$_posthog_breakdown_other_$$" => "Other".to_owned(),
            "" => "empty".to_owned(),
            "all" => "everybody".to_owned(),
            text => text.to_owned(),
        },
        other => other.to_string(),
    }
}

/// `1 person`, `12 people`
fn people(count: f64) -> String {
    let noun = if count == 1.0 { "person" } else { "people" };
    format!("{} {noun}", super::charts::number(count))
}

#[cfg(test)]
mod tests;
