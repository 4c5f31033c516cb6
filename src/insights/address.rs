//! What the URL says about insights, and changing it.

use leptos::prelude::*;

use super::question::Question;
use crate::navigation::Navigation;
use crate::routes::{Route, decode_query, encode_query};

/// What is asked, and what is looked at in the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InsightState {
    /// The question; none shows where to begin.
    pub question: Option<Question>,
    /// The keys of the cell whose people are shown, and of the one they are compared with.
    pub chosen: [Option<String>; 2],
    /// Whether the numbers are shown as a table.
    pub is_table: bool,
    /// The names of the layers that the chart leaves out.
    pub hidden: Vec<String>,
}

/// The name of [`InsightState::hidden`] in the URL; the layers have commas between them.
const HIDDEN: &str = "hidden";

/// The names of the chosen cells in the URL.
const CHOSEN: [&str; 2] = ["cell", "with"];

impl InsightState {
    /// A question, and nothing chosen in its answer.
    pub fn asking(question: Question) -> Self {
        Self {
            question: Some(question),
            ..Self::default()
        }
    }

    /// What a query says, and the first thing in it that cannot be read.
    pub fn read(query: &str) -> (Self, Option<&'static str>) {
        let parameters = decode_query(query);
        let value = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let (question, problem) = Question::read(&parameters);
        let state = Self {
            question: value("insight").map(|_| question),
            chosen: CHOSEN.map(value),
            is_table: value("as").as_deref() == Some("table"),
            hidden: value(HIDDEN).map_or_else(Vec::new, |names| {
                names.split(',').map(str::to_owned).collect()
            }),
        };
        (state, problem)
    }

    /// The route that says it.
    pub fn route(&self) -> Route {
        let Some(question) = &self.question else {
            return Route::Insights(String::new());
        };
        let mut parameters = question.parameters();
        for (name, key) in CHOSEN.into_iter().zip(&self.chosen) {
            parameters.extend(key.clone().map(|key| (name, key)));
        }
        if self.is_table {
            parameters.push(("as", "table".to_owned()));
        }
        if !self.hidden.is_empty() {
            parameters.push((HIDDEN, self.hidden.join(",")));
        }
        let query = encode_query(&parameters, '?');
        Route::Insights(query.trim_start_matches('?').to_owned())
    }
}

/// The part of the URL that is the page's own.
#[derive(Clone, Copy)]
pub struct Address(Navigation);

impl Address {
    /// The one of the page.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        Self(Navigation::expect())
    }

    /// What it says, and why some of it cannot be read; nothing while the page is about to go.
    pub fn read(self) -> Option<(InsightState, Option<&'static str>)> {
        match &*self.0.route().read() {
            Route::Insights(query) => Some(InsightState::read(query)),
            _ => None,
        }
    }

    /// Says something else; Back leads to what it says now.
    pub fn go(self, what: &dyn Fn(&mut InsightState)) {
        if let Some(state) = self.changed(what) {
            self.0.go(state.route());
        }
    }

    /// Says something else in place of this.
    pub fn replace(self, what: &dyn Fn(&mut InsightState)) {
        if let Some(state) = self.changed(what) {
            self.0.replace(state.route());
        }
    }

    fn changed(self, what: &dyn Fn(&mut InsightState)) -> Option<InsightState> {
        let (mut state, _) = untrack(|| self.read())?;
        what(&mut state);
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::question::{Entity, Insight};

    #[test]
    fn a_question_with_two_cells_survives_the_way_through_a_url() {
        for key in ["lost/2", "1_/a?b>2_/c#d", "plan::pro", "", "é/%2F&=+"] {
            let state = InsightState {
                question: Some(Question {
                    insight: Insight::Funnel,
                    series: vec![Entity::event("a+b"), Entity::event("c&d")],
                    ..Question::default()
                }),
                chosen: [Some(key.to_owned()), Some("reached/1".to_owned())],
                is_table: true,
                hidden: vec!["new".to_owned(), "dormant".to_owned()],
            };
            match Route::parse(&state.route().url()) {
                Route::Insights(query) => assert_eq!(InsightState::read(&query), (state, None)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn without_an_insight_there_is_no_question() {
        for query in ["", "utm_source=mail", "cell=lost%2F2"] {
            let (state, problem) = InsightState::read(query);
            assert_eq!((state.question, problem), (None, None), "{query}");
        }
        assert!(InsightState::read("insight=MOOD").1.is_some());
    }
}
