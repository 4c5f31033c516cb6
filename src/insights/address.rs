//! What the URL says about insights, and changing it.

use leptos::prelude::*;

use super::question::{Insight, Question, posthog_link};
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
    /// Whether the chart has shares in place of numbers, or the other way around.
    pub is_turned: bool,
    /// What a link of PostHog's own app asks for and cannot be expressed here. The URLs of the app do not have it.
    pub left_out: Vec<String>,
    /// The short id of an insight that was saved in PostHog, which has to be loaded.
    pub saved: Option<String>,
}

/// Parameters of PostHog's links that a question cannot express.
const NOT_EXPRESSED: [&str; 9] = [
    "formula",
    "smoothing_intervals",
    "sampling_factor",
    "aggregation_group_type_index",
    "funnel_aggregate_by_hogql",
    "breakdowns",
    "path_replacements",
    "local_path_cleaning_filters",
    "paths_hogql_expression",
];

/// The name of [`InsightState::hidden`] in the URL; the layers have commas between them.
const HIDDEN: &str = "hidden";

/// The name of [`InsightState::is_turned`] in the URL.
const VALUES: &str = "values";

/// What the values of an insight are once they are turned; nothing where there is only one way to say them.
fn turned_values(insight: Insight) -> Option<&'static str> {
    match insight {
        Insight::Retention => Some("numbers"),
        Insight::Stickiness => Some("percent"),
        _ => None,
    }
}

/// The name of [`InsightState::saved`] in the URL.
const SAVED: &str = "saved";

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

    /// Another question, looked at in the same way as far as that makes sense for it.
    pub fn asking_next(&self, question: Question) -> Self {
        let is_alike = self.question.as_ref().map(|asked| asked.insight) == Some(question.insight);
        let like_this = if is_alike {
            self.clone()
        } else {
            Self::default()
        };
        Self {
            question: Some(question),
            chosen: [None, None],
            is_table: self.is_table,
            left_out: Vec::new(),
            saved: None,
            ..like_this
        }
    }

    /// What a query says, and the first thing in it that cannot be read.
    pub fn read(query: &str) -> (Self, Option<&'static str>) {
        let parameters = decode_query(query);
        let value = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let (question, problem, left_out) = match value("q").map(|json| posthog_link::read(&json)) {
            Some(Ok((question, left_out))) => (Some(question), None, left_out),
            Some(Err(problem)) => (None, Some(problem), Vec::new()),
            None => {
                let (question, problem) = Question::read(&parameters);
                let left_out = parameters.iter();
                let left_out = left_out
                    .filter(|(name, value)| {
                        NOT_EXPRESSED.contains(&name.as_str()) && !value.is_empty()
                    })
                    .map(|(name, _)| name.replace('_', " "));
                let question = value("insight").map(|_| question);
                (question, problem, left_out.collect())
            }
        };
        let insight = question.as_ref().map(|question| question.insight);
        let turned = insight.and_then(turned_values);
        let state = Self {
            is_turned: turned.is_some() && value(VALUES).as_deref() == turned,
            question,
            left_out,
            saved: value(SAVED),
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
        if let Some(turned) = turned_values(question.insight).filter(|_| self.is_turned) {
            parameters.push((VALUES, turned.to_owned()));
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

    /// Says a query in place of this.
    pub fn replace_query(self, query: String) {
        self.0.replace(Route::Insights(query));
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
                is_turned: false,
                left_out: Vec::new(),
                saved: None,
            };
            match Route::parse(&state.route().url()) {
                Route::Insights(query) => assert_eq!(InsightState::read(&query), (state, None)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn whether_values_are_turned_is_in_the_url_where_they_can_be() {
        for (insight, words) in [
            (Insight::Retention, Some("values=numbers")),
            (Insight::Stickiness, Some("values=percent")),
            (Insight::Trends, None),
        ] {
            let mut state = InsightState::asking(Question {
                insight,
                ..Question::default()
            });
            state.is_turned = true;
            let url = state.route().url();
            let said = url
                .split(['?', '&'])
                .find(|part| part.starts_with("values="));
            assert_eq!(said, words);
            let Route::Insights(query) = Route::parse(&url) else {
                panic!("{url}");
            };
            let read = InsightState::read(&query).0;
            assert_eq!(read.is_turned, words.is_some(), "{url}");
        }
        let other = "insight=RETENTION&values=percent";
        let read = InsightState::read(other).0;
        assert!(read.question.is_some() && !read.is_turned);
    }

    #[test]
    fn the_next_question_is_looked_at_in_the_same_way() {
        let asking = |insight, from: &str| Question {
            insight,
            from: from.to_owned(),
            ..Question::default()
        };
        let state = InsightState {
            question: Some(asking(Insight::Retention, "-7d")),
            chosen: [Some("1/2".to_owned()), None],
            is_table: true,
            hidden: vec!["new".to_owned()],
            is_turned: true,
            left_out: vec!["formula".to_owned()],
            saved: None,
        };
        let longer = state.asking_next(asking(Insight::Retention, "-30d"));
        assert!(longer.is_turned && longer.is_table && longer.hidden == ["new"]);
        assert_eq!(longer.left_out, [""; 0]);
        assert_eq!(longer.chosen, [None, None]);
        let other = state.asking_next(asking(Insight::Trends, "-7d"));
        assert!(!other.is_turned && other.is_table && other.hidden.is_empty());
    }

    #[test]
    fn links_of_posthog_open_with_what_was_left_out() {
        let query = serde_json::json!({"kind": "InsightVizNode", "source": {"kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "a & b"}], "samplingFactor": 0.1}});
        let fragment = crate::routes::encode(&query.to_string());
        let saved = InsightState::read("saved=Xy9").0.saved;
        assert_eq!(saved.as_deref(), Some("Xy9"));
        for path in [
            "/insights/new",
            "/project/7/insights/new",
            "/insights/Xy9/edit",
        ] {
            let Route::Insights(query) = Route::parse(&format!("{path}#q={fragment}")) else {
                panic!("{path}");
            };
            let (state, problem) = InsightState::read(&query);
            let question = state.question.clone().expect("a question");
            assert_eq!(
                (problem, &question.series[..]),
                (None, &[Entity::event("a & b")][..])
            );
            assert_eq!(state.left_out, ["samplingFactor 0.1"]);
            // The app's own URL says the same in its own words.
            let route = state.route();
            let Route::Insights(query) = &route else {
                panic!("{route:?}");
            };
            assert_eq!(InsightState::read(query).0.question, Some(question));
        }
        let older = "/insights/new?insight=TRENDS&events=%5B%5D&formula=A%2FB&utm_source=mail";
        let Route::Insights(query) = Route::parse(older) else {
            panic!("{older}");
        };
        assert_eq!(InsightState::read(&query).0.left_out, ["formula"]);
        let (state, problem) = InsightState::read("q=%7B%7D");
        assert!(state.question.is_none() && problem.is_some());
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
