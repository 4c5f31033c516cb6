//! The app's URLs: the only place that knows how a screen is written as text.
//!
//! Every screen can be rebuilt from its URL, so what a screen remembers is a typed value here. A URL
//! that cannot be read is a [`Route::Broken`] with the reason, never a screen that shows something else.
//! The list's URL uses the words of the API (`search`, `properties`), so that the page can ask the
//! server its first question before the app is even compiled (see index.html).

use std::fmt::Write;

use persons_api::{Operator, PropertyFilter, Subject};
use serde_json::{Value, json};
use uuid::Uuid;

/// A screen and everything it needs to be rebuilt.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// The list of people.
    Persons(PersonsState),
    /// One person.
    Person(PersonRoute),
    /// A few people side by side, in this order.
    Compare(Vec<Uuid>),
    /// What was done to people, of one kind; an empty one is any.
    Activity(String),
    /// Questions about what people did: the query as it is in the URL. What it says is the business of the
    /// page (`insights/address.rs`).
    Insights(String),
    /// The changes that were made on this device.
    Outbox,
    /// Those of them that deleted somebody.
    Ledger,
    /// Which server, which key, which project.
    Connect,
    /// A URL nobody made, with the reason in one sentence.
    Broken(String),
}

/// So many lists of conditions one question may become.
const MOST_COMBINATIONS: usize = 24;

/// More people than these do not fit side by side.
pub const MOST_COMPARED: usize = 4;

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonsState {
    /// The text searched for; empty for everybody.
    pub search: String,
    /// The conditions on properties and cohorts.
    pub filters: Filters,
    /// Whether only those who said who they are, or only the others.
    pub who: Who,
    /// The order, if it is not the server's.
    pub sort: Option<Sort>,
    /// The names of the columns; none of them lets the app choose.
    pub columns: Vec<String>,
    /// Who is shown beside the list.
    pub peek: Option<Uuid>,
}

/// Which people of a list are shown. No server can be asked this, so it narrows what is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Both.
    #[default]
    Everybody,
    /// Those with an id that a product knows them by.
    Identified,
    /// Visitors.
    Anonymous,
}

impl Who {
    /// Each with its word in the URL.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Everybody, ""),
        (Self::Identified, "identified"),
        (Self::Anonymous, "anonymous"),
    ];
}

/// An order of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The name of the column.
    pub column: String,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A condition and how it stands to the one before it: `a`, `a and b`, `a or b`. `or` binds closer.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What has to hold.
    pub filter: PropertyFilter,
    /// Whether it is an alternative to the one before it.
    pub or: bool,
}

impl From<PropertyFilter> for Condition {
    fn from(filter: PropertyFilter) -> Self {
        Self { filter, or: false }
    }
}

/// Conditions as they stand in a link.
#[derive(Clone, Debug, PartialEq)]
pub enum Filters {
    /// Conditions in a row; none of them lets everybody through.
    Row(Vec<Condition>),
    /// JSON that the server may understand: a tree, an operator of next year. It is passed on as it is.
    Other(Value),
}

impl Default for Filters {
    fn default() -> Self {
        Self::Row(Vec::new())
    }
}

impl Filters {
    /// Reads the `properties` of a link; `None` when it is not even JSON.
    ///
    /// Servers read much more (see `persons_api::FilterTree`). The app needs to know only what it can
    /// show as a row of conditions.
    fn parse(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        Some(row(&json).map_or_else(|| Self::Other(json), Self::Row))
    }

    /// Whether everybody is let through.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Row(conditions) if conditions.is_empty())
    }

    /// The form on the wire.
    fn to_json(&self) -> Value {
        match self {
            Self::Other(json) => json.clone(),
            // Servers of every age know the flat list.
            Self::Row(conditions) if !conditions.iter().any(|condition| condition.or) => conditions
                .iter()
                .map(|condition| condition.filter.to_json())
                .collect(),
            Self::Row(conditions) => {
                let any_of = |group: &[Condition]| {
                    let conditions = group.iter().map(|condition| condition.filter.to_json());
                    json!({"type": "OR", "values": conditions.collect::<Vec<_>>()})
                };
                let groups: Vec<Value> = groups(conditions).map(any_of).collect();
                json!({"type": "AND", "values": groups})
            }
        }
    }
}

/// The conditions of a row that are alternatives to each other. All of the groups have to hold.
pub fn groups(conditions: &[Condition]) -> impl Iterator<Item = &[Condition]> {
    conditions.chunk_by(|_, next| next.or)
}

/// A flat list, or the groups that [`Filters::to_json`] makes; `None` for any other tree.
fn row(json: &Value) -> Option<Vec<Condition>> {
    if let Some(items) = json.as_array() {
        let filters = items.iter().map(condition);
        return filters.map(|filter| filter.map(Condition::from)).collect();
    }
    let mut row = Vec::new();
    for group in values_of(json, "AND")? {
        for (place, item) in values_of(group, "OR")?.iter().enumerate() {
            row.push(Condition {
                filter: condition(item)?,
                or: place > 0,
            });
        }
    }
    Some(row)
}

/// The members of a group of this type, if it is one with members.
fn values_of<'a>(group: &'a Value, wanted: &str) -> Option<&'a [Value]> {
    let is_wanted = group.get("type")?.as_str()? == wanted;
    let values = group.get("values")?.as_array()?;
    (is_wanted && !values.is_empty()).then_some(values)
}

/// A condition in the form that [`PropertyFilter::to_json`] gives it; `None` in any other.
fn condition(json: &Value) -> Option<PropertyFilter> {
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let subject = match text("type") {
        Some("cohort") => Subject::Cohort,
        Some("person") | None => Subject::Person,
        Some(_) => return None,
    };
    let operator = Operator::from_name(text("operator").unwrap_or("exact"))?;
    // The value of an operator without one is a habit of clients, not a part of the filter.
    let value = json.get("value").filter(|_| !operator.is_unary()).cloned();
    let filter = PropertyFilter {
        subject,
        key: text("key")?.to_owned(),
        operator,
        value: value.unwrap_or_default(),
    };
    let has_more = json
        .as_object()?
        .keys()
        .any(|key| !matches!(key.as_str(), "type" | "key" | "operator" | "value"));
    (!has_more).then_some(filter)
}

/// Which person, and what is shown of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonRoute {
    /// A UUID; a distinct id or a number where a person pasted one.
    pub id: String,
    /// The query as it is in the URL. What it says is the business of the page (`person/address.rs`).
    pub query: String,
}

impl PersonsState {
    /// Everybody for whom one condition holds.
    pub fn filtered(filter: PropertyFilter) -> Self {
        let mut state = Self::default();
        state.set_conditions(vec![filter.into()]);
        state
    }

    /// Whether nothing narrows the list.
    pub fn is_everybody(&self) -> bool {
        self.search.is_empty() && self.filters.is_empty() && self.who == Who::Everybody
    }

    /// What the server is asked; the rest says how the answer is shown.
    pub fn question(&self) -> Self {
        Self {
            search: self.search.clone(),
            filters: self.filters.clone(),
            ..Self::default()
        }
    }

    /// The conditions when they can be shown as such.
    pub fn conditions(&self) -> Option<Vec<Condition>> {
        match &self.filters {
            Filters::Row(conditions) => Some(conditions.clone()),
            Filters::Other(_) => None,
        }
    }

    /// Replaces the conditions by these.
    pub fn set_conditions(&mut self, mut conditions: Vec<Condition>) {
        if let Some(first) = conditions.first_mut() {
            first.or = false;
        }
        self.filters = Filters::Row(conditions);
    }

    /// The parameters of the list, in the order the API is asked with.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if !self.search.is_empty() {
            parameters.push(("search", self.search.clone()));
        }
        if !self.filters.is_empty() {
            parameters.push(("properties", self.filters.to_json().to_string()));
        }
        parameters
    }

    /// The lists of parameters whose people, taken together, are those of the question: for servers that
    /// know no OR. `None` where one list says it all, and where there would be too many.
    pub fn alternatives(&self) -> Option<Vec<Vec<(&'static str, String)>>> {
        let Filters::Row(conditions) = &self.filters else {
            return None;
        };
        if !conditions.iter().any(|condition| condition.or) {
            return None;
        }
        let mut combinations: Vec<Vec<Condition>> = vec![Vec::new()];
        for group in groups(conditions) {
            let with_each = |row: &Vec<Condition>| {
                let row = row.clone();
                let with = move |condition: &Condition| {
                    [row.as_slice(), &[condition.filter.clone().into()]].concat()
                };
                group.iter().map(with).collect::<Vec<_>>()
            };
            combinations = combinations.iter().flat_map(with_each).collect();
            if combinations.len() > MOST_COMBINATIONS {
                return None;
            }
        }
        let with_search = |conditions| {
            let question = Self {
                search: self.search.clone(),
                filters: Filters::Row(conditions),
                ..Self::default()
            };
            question.parameters()
        };
        Some(combinations.into_iter().map(with_search).collect())
    }

    /// All of it, as the URL of the screen has it.
    fn url_parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = self.parameters();
        let who = Who::ALL.iter().find(|(who, _)| *who == self.who);
        if let Some((_, word)) = who.filter(|(_, word)| !word.is_empty()) {
            parameters.push(("who", (*word).to_owned()));
        }
        if let Some(Sort { column, descending }) = &self.sort {
            let sign = if *descending { "-" } else { "" };
            parameters.push(("sort", [sign, column.as_str()].concat()));
        }
        if !self.columns.is_empty() {
            parameters.push(("columns", json!(self.columns).to_string()));
        }
        if let Some(peek) = self.peek {
            parameters.push(("peek", peek.to_string()));
        }
        parameters
    }

    /// Takes a parameter in.
    fn read(&mut self, name: &str, value: String) -> Result<(), &'static str> {
        match name {
            "search" => self.search = value,
            "properties" => {
                self.filters =
                    Filters::parse(&value).ok_or("The filter in this link cannot be read.")?;
            }
            "who" => {
                let known = Who::ALL.iter().find(|(_, word)| *word == value);
                self.who = known.map_or(Who::Everybody, |(who, _)| *who);
            }
            "sort" => {
                let ascending = value.strip_prefix('-');
                self.sort = Some(Sort {
                    descending: ascending.is_some(),
                    column: ascending.unwrap_or(&value).to_owned(),
                });
            }
            "columns" => {
                self.columns = serde_json::from_str(&value)
                    .map_err(|_| "The columns in this link cannot be read.")?;
            }
            "peek" => self.peek = Uuid::try_parse(&value).ok(),
            // Links grow parameters that tools add (utm_…): they do not make a link broken.
            _ => {}
        }
        Ok(())
    }
}

impl Route {
    /// One person's first tab.
    pub fn person(id: impl Into<String>) -> Self {
        Self::Person(PersonRoute {
            id: id.into(),
            query: String::new(),
        })
    }

    /// Reads a path with an optional `?query` and `#fragment`, as the address bar has it. Links of PostHog's own app
    /// to people and insights open the same here: `/project/1/person/…`, `/persons/<uuid>`, `/insights/new#q=…`.
    pub fn parse(url: &str) -> Self {
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if let ["project", _, _, ..] = segments[..] {
            segments.drain(..2);
        }
        match segments[..] {
            [] | ["persons"] => Self::parse_persons(query),
            ["person" | "persons", id] => Self::Person(PersonRoute {
                id: decode(id, Plus::IsPlus),
                query: query.to_owned(),
            }),
            ["compare"] => Self::parse_compare(query),
            ["activity"] => {
                let kind = decode_query(query)
                    .into_iter()
                    .find(|(name, _)| name == "kind");
                Self::Activity(kind.unwrap_or_default().1)
            }
            ["insights", ..] => {
                let mut fields = fragment.split('&');
                match (&segments[1..], fields.find(|field| field.starts_with("q="))) {
                    (_, Some(query)) => Self::Insights(query.to_owned()),
                    ([] | ["new"], None) => Self::Insights(query.to_owned()),
                    // The link of a saved insight has its id in place of a query.
                    ([id, ..], None) => Self::Insights(["saved=", id].concat()),
                }
            }
            ["outbox"] => Self::Outbox,
            ["deletions"] => Self::Ledger,
            ["connect"] => Self::Connect,
            _ => Self::Broken("There is no page at this address.".into()),
        }
    }

    fn parse_persons(query: &str) -> Self {
        let mut state = PersonsState::default();
        for (name, value) in decode_query(query) {
            if let Err(reason) = state.read(&name, value) {
                return Self::Broken(reason.into());
            }
        }
        Self::Persons(state)
    }

    fn parse_compare(query: &str) -> Self {
        let mut people = Vec::new();
        let named = decode_query(query);
        let named = named.iter().filter(|(name, _)| name == "ids");
        for id in named.flat_map(|(_, ids)| ids.split(',')) {
            match Uuid::try_parse(id) {
                Ok(uuid) if people.contains(&uuid) => {}
                Ok(uuid) if people.len() < MOST_COMPARED => people.push(uuid),
                Err(_) if id.is_empty() => {}
                _ => {
                    return Self::Broken(
                        "A comparison is of up to four people, by their UUIDs.".into(),
                    );
                }
            }
        }
        Self::Compare(people)
    }

    /// The URL of the screen, as path and query.
    pub fn url(&self) -> String {
        match self {
            Self::Persons(state) => {
                format!("/persons{}", encode_query(&state.url_parameters(), '?'))
            }
            Self::Person(PersonRoute { id, query }) => {
                let separator = if query.is_empty() { "" } else { "?" };
                ["/person/", &encode(id), separator, query].concat()
            }
            Self::Compare(people) => {
                let mut url = "/compare".to_owned();
                for (place, uuid) in people.iter().enumerate() {
                    url.push_str(if place == 0 { "?ids=" } else { "," });
                    url.push_str(&uuid.to_string());
                }
                url
            }
            Self::Activity(kind) => {
                let kind = Some(("kind", kind.clone())).filter(|(_, kind)| !kind.is_empty());
                ["/activity", &encode_query(kind.as_slice(), '?')].concat()
            }
            Self::Insights(query) => {
                let separator = if query.is_empty() { "" } else { "?" };
                ["/insights", separator, query].concat()
            }
            Self::Outbox => "/outbox".into(),
            Self::Ledger => "/deletions".into(),
            Self::Connect => "/connect".into(),
            Self::Broken(_) => "/".into(),
        }
    }
}

/// Parameters as `name=value&…`, led by `first`; nothing at all when there are none.
pub fn encode_query(parameters: &[(&str, String)], first: char) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        query.push(if query.is_empty() { first } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&encode(value));
    }
    query
}

/// Percent-encodes all but letters, digits and `-_.~`: the one form that survives every part of a URL,
/// every browser, and a second encoding.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// What a `+` means: in a query that a form has built it is a space, in a path it is itself.
#[derive(Clone, Copy, PartialEq)]
enum Plus {
    IsPlus,
    IsSpace,
}

/// The parameters of a query, decoded.
pub fn decode_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, Plus::IsSpace), decode(value, Plus::IsSpace))
        })
        .collect()
}

/// Undoes [`encode`]. A `%` without two digits stands for itself, as people type links by hand.
fn decode(text: &str, plus: Plus) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text
            .get(at + 1..at + 3)
            .filter(|digits| bytes[at] == b'%' && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (escaped, bytes[at]) {
            (Some(byte), _) => {
                decoded.push(byte);
                at += 2;
            }
            (None, b'+') if plus == Plus::IsSpace => decoded.push(b' '),
            (None, byte) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Ids that real projects have, and that break naive URLs.
    const AWKWARD_IDS: [&str; 10] = [
        "a+b@x.com",
        "user/13",
        "50%",
        "%41",
        "?#&",
        "a b",
        "🦄 ünïcode",
        "مرحبا",
        "\"<script>\"",
        "a=b;c,d'e",
    ];

    fn plan_is_pro() -> PropertyFilter {
        PropertyFilter::person("plan", Operator::Exact, json!("pro"))
    }

    #[test]
    fn links_of_posthog_lead_to_the_same_people_and_insights() {
        let uuid = "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e";
        for (link, url) in [
            (format!("/persons/{uuid}"), format!("/person/{uuid}")),
            (
                format!("/project/7/persons/{uuid}#activeTab=events"),
                format!("/person/{uuid}"),
            ),
            (
                "/project/7/person/a%40x.org".into(),
                "/person/a%40x.org".into(),
            ),
            (
                "/project/7/persons?search=ada".into(),
                "/persons?search=ada".into(),
            ),
            (
                "/insights/new?insight=FUNNELS".into(),
                "/insights?insight=FUNNELS".into(),
            ),
            (
                "/insights/new#q=%7B%7D&panel=x".into(),
                "/insights?q=%7B%7D".into(),
            ),
            (
                "/project/7/insights/Xy9/edit".into(),
                "/insights?saved=Xy9".into(),
            ),
        ] {
            assert_eq!(Route::parse(&link).url(), url, "{link}");
        }
        for link in ["/project/7", "/project/7/feature_flags"] {
            assert!(matches!(Route::parse(link), Route::Broken(_)), "{link}");
        }
    }

    #[test]
    fn every_url_at_a_glance() {
        let filtered = PersonsState {
            search: "ada & co".into(),
            ..PersonsState::filtered(plan_is_pro())
        };
        let urls = [
            Route::Persons(PersonsState::default()),
            Route::Persons(filtered),
            Route::person("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e"),
            Route::person("a+b@x.com"),
            Route::Person(PersonRoute {
                id: "ada".into(),
                query: "tab=raw".into(),
            }),
            Route::Compare(Vec::new()),
            Route::Compare(vec![Uuid::from_u128(7), Uuid::from_u128(5)]),
            Route::Activity(String::new()),
            Route::Activity("split_person".into()),
            Route::Insights(String::new()),
            Route::Insights("insight=PATHS".into()),
            Route::Outbox,
            Route::Ledger,
            Route::Connect,
            Route::Broken(String::new()),
        ]
        .map(|route| route.url());
        insta::assert_snapshot!(urls.join("\n"), @r"
        /persons
        /persons?search=ada%20%26%20co&properties=%5B%7B%22key%22%3A%22plan%22%2C%22operator%22%3A%22exact%22%2C%22type%22%3A%22person%22%2C%22value%22%3A%22pro%22%7D%5D
        /person/018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e
        /person/a%2Bb%40x.com
        /person/ada?tab=raw
        /compare
        /compare?ids=00000000-0000-0000-0000-000000000007,00000000-0000-0000-0000-000000000005
        /activity
        /activity?kind=split_person
        /insights
        /insights?insight=PATHS
        /outbox
        /deletions
        /connect
        /
        ");
    }

    #[test]
    fn awkward_ids_survive_the_way_through_a_url() {
        let long = "x".repeat(400);
        for id in AWKWARD_IDS.into_iter().chain([long.as_str()]) {
            for query in ["", "tab=raw"] {
                let route = Route::Person(PersonRoute {
                    id: id.into(),
                    query: query.into(),
                });
                assert_eq!(Route::parse(&route.url()), route, "{id}");
            }
        }
    }

    #[test]
    fn awkward_searches_and_filters_survive_too() {
        for text in AWKWARD_IDS {
            for (operator, _) in Operator::ALL {
                let value = match operator {
                    Operator::IsSet | Operator::IsNotSet => json!(null),
                    Operator::Regex | Operator::NotRegex => json!(text),
                    Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => json!(-1.5),
                    Operator::DateExact | Operator::DateAfter | Operator::DateBefore => {
                        json!("2024-05-01")
                    }
                    // Only cohorts have members.
                    Operator::In | Operator::NotIn => continue,
                    _ => json!([text, "second"]),
                };
                let route = Route::Persons(PersonsState {
                    search: text.into(),
                    ..PersonsState::filtered(PropertyFilter::person(text, operator, value))
                });
                assert_eq!(Route::parse(&route.url()), route, "{text}");
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_as_conditions_is_passed_on_as_it_is() {
        let of_next_year =
            json!([{"key": "v", "operator": "semver_gt", "type": "person", "value": "1"}]);
        let negated = json!([{"key": "id", "type": "cohort", "value": 7, "negation": true}]);
        let tree = json!({"type": "AND", "values": [{"type": "OR", "values": [
            {"type": "AND", "values": [plan_is_pro().to_json()]},
        ]}]});
        for json in [of_next_year, negated, tree] {
            let route = Route::Persons(PersonsState {
                filters: Filters::Other(json.clone()),
                ..PersonsState::default()
            });
            assert_eq!(Route::parse(&route.url()), route, "{json}");
        }
    }

    #[test]
    fn alternatives_are_groups_on_the_wire_and_a_row_on_the_screen() {
        let or = |filter| Condition { filter, or: true };
        let mut state = PersonsState::default();
        state.set_conditions(vec![
            or(plan_is_pro()),
            or(PropertyFilter::person(
                "plan",
                Operator::Exact,
                json!("team"),
            )),
            PropertyFilter::person("email", Operator::IsSet, json!(null)).into(),
        ]);
        let wire = state.filters.to_json();
        assert_eq!(wire["type"], "AND");
        assert_eq!(wire["values"][0]["type"], "OR");
        assert_eq!(wire["values"][0]["values"][1]["value"], "team");
        assert_eq!(
            wire["values"][1]["values"].as_array().map(Vec::len),
            Some(1)
        );
        let route = Route::Persons(state);
        assert_eq!(Route::parse(&route.url()), route);
    }

    #[test]
    fn the_view_of_a_list_survives_and_is_not_asked_for() {
        for text in AWKWARD_IDS {
            let state = PersonsState {
                who: Who::Anonymous,
                sort: Some(Sort {
                    column: text.into(),
                    descending: true,
                }),
                columns: vec!["@name".into(), text.into()],
                peek: Some(Uuid::from_u128(7)),
                ..PersonsState::default()
            };
            assert_eq!(state.question(), PersonsState::default());
            assert_eq!(state.parameters(), []);
            let route = Route::Persons(state);
            assert_eq!(Route::parse(&route.url()), route, "{text}");
        }
    }

    #[test]
    fn a_kind_of_activity_survives_whatever_it_is() {
        for kind in AWKWARD_IDS.into_iter().chain([""]) {
            let route = Route::Activity(kind.into());
            assert_eq!(Route::parse(&route.url()), route, "{kind}");
        }
    }

    #[test]
    fn a_comparison_names_up_to_four_people_each_once() {
        let people: Vec<Uuid> = (1..=5).map(Uuid::from_u128).collect();
        for count in 0..=4 {
            let route = Route::Compare(people[..count].to_vec());
            assert_eq!(Route::parse(&route.url()), route);
        }
        let (one, two) = (people[0], people[1]);
        let twice = format!("/compare?ids={two},{one}%2C{two},&utm_source=mail&ids={one}");
        assert_eq!(Route::parse(&twice), Route::Compare(vec![two, one]));
        let five = Route::Compare(people).url();
        for url in [five.as_str(), "/compare?ids=ada", "/compare?ids=7"] {
            assert!(matches!(Route::parse(url), Route::Broken(_)), "{url}");
        }
    }

    #[test]
    fn a_condition_typed_by_hand_may_leave_out_what_goes_without_saying() {
        let url = format!(
            "/persons?properties={}",
            encode(r#"[{"key":"plan","value":"pro"}]"#)
        );
        assert_eq!(
            Route::parse(&url),
            Route::Persons(PersonsState::filtered(plan_is_pro()))
        );
    }

    #[test]
    fn urls_typed_by_people_are_read_kindly() {
        assert_eq!(Route::parse("/"), Route::Persons(PersonsState::default()));
        assert_eq!(Route::parse("/person/50%"), Route::person("50%"));
        assert_eq!(Route::parse("/person/x/"), Route::person("x"));
        let Route::Persons(state) = Route::parse("/persons?search=a+b&utm_source=mail#top") else {
            panic!("the list was expected");
        };
        assert_eq!(state.search, "a b");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for url in ["/nowhere", "/person", "/persons?properties=%7B"] {
            assert!(matches!(Route::parse(url), Route::Broken(_)), "{url}");
        }
    }
}
