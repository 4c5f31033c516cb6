//! Questions as parameters of the API, and back.

use persons_api::{FilterTree, Operator, PropertyFilter, Subject};
use serde_json::{Map, Value, json};

use crate::conditions::is_relative_date;
use crate::insights::order::put_in_order;

use super::{
    Around, Breakdown, BreakdownKind, CorrelationKind, Entity, Exclusion, Funnel, FunnelView,
    Insight, Interval, Math, Order, Paths, Question, Retention, Stretch, What, WindowUnit,
};

/// Parameters by their names.
pub type Parameters = Vec<(&'static str, String)>;

/// What the API understands and the builder does not show.
const PASSED_ON: [&str; 15] = [
    "filter_test_accounts",
    "display",
    "breakdown_limit",
    "breakdown_attribution_type",
    "breakdown_attribution_value",
    "breakdown_histogram_bin_count",
    "bin_count",
    "funnel_from_step",
    "funnel_to_step",
    "funnel_correlation_exclude_names",
    "funnel_correlation_exclude_event_names",
    "funnel_correlation_event_exclude_property_names",
    "edge_limit",
    "min_edge_weight",
    "max_edge_weight",
];

impl Question {
    /// The question in the words of the API, without what is its default there.
    pub fn parameters(&self) -> Parameters {
        let mut parameters = vec![("insight", self.insight.name().to_owned())];
        match self.insight {
            Insight::Retention => self.retention_parameters(&mut parameters),
            insight => {
                if insight != Insight::Paths {
                    self.put_series(&mut parameters);
                }
                put(&mut parameters, "date_from", &self.from);
            }
        }
        put(&mut parameters, "date_to", &self.to);
        if !self.conditions.is_empty() {
            parameters.push(("properties", conditions_json(&self.conditions).to_string()));
        }
        if self.has_interval() && self.interval != Interval::default() {
            parameters.push(("interval", self.interval.name().to_owned()));
        }
        if let Some(Breakdown { kind, key }) =
            self.breakdown.as_ref().filter(|_| self.can_break_down())
        {
            let key = match kind {
                BreakdownKind::Cohort => cohorts_json(key).to_string(),
                _ => key.clone(),
            };
            parameters.push(("breakdown", key));
            parameters.push(("breakdown_type", kind.name().to_owned()));
        }
        match self.insight {
            Insight::Funnel | Insight::Correlation => self.funnel_parameters(&mut parameters),
            Insight::Paths => self.paths_parameters(&mut parameters),
            Insight::Trends if self.is_compared => parameters.push(("compare", "true".to_owned())),
            _ => {}
        }
        if self.insight == Insight::Correlation {
            let kind = self.correlation.name().to_owned();
            parameters.push(("funnel_correlation_type", kind));
            let names = &self.correlation_names;
            for (name, list) in [
                ("funnel_correlation_names", &names.properties),
                ("funnel_correlation_event_names", &names.events),
            ] {
                if !list.is_empty() {
                    parameters.push((name, json!(list).to_string()));
                }
            }
        }
        for (name, value) in &self.others {
            if let Some(name) = PASSED_ON.into_iter().find(|known| known == name) {
                parameters.push((name, value.clone()));
            }
        }
        parameters
    }

    /// Whether a point is of an interval that can be chosen.
    pub fn has_interval(&self) -> bool {
        match self.insight {
            Insight::Trends | Insight::Lifecycle | Insight::Stickiness => true,
            Insight::Funnel => self.funnel.view == FunnelView::Trends,
            Insight::Retention | Insight::Correlation | Insight::Paths => false,
        }
    }

    /// Whether the numbers can be cut by something.
    pub fn can_break_down(&self) -> bool {
        match self.insight {
            Insight::Trends => true,
            Insight::Funnel => self.funnel.view != FunnelView::TimeToConvert,
            _ => false,
        }
    }

    fn put_series(&self, parameters: &mut Parameters) {
        let with_math = self.insight == Insight::Trends;
        for (name, is_action) in [("events", false), ("actions", true)] {
            let entities = self.series.iter().enumerate();
            let entities =
                entities.filter(|(_, entity)| matches!(entity.of, What::Action(..)) == is_action);
            let list: Vec<Value> = entities
                .map(|(order, entity)| entity_json(entity, order, with_math))
                .collect();
            if !list.is_empty() {
                parameters.push((name, Value::from(list).to_string()));
            }
        }
    }

    fn retention_parameters(&self, parameters: &mut Parameters) {
        let Retention {
            intervals,
            is_first_time,
        } = self.retention;
        let names = ["target_entity", "returning_entity"];
        for (name, entity) in names.into_iter().zip(&self.series) {
            parameters.push((name, entity_json(entity, 0, false).to_string()));
        }
        parameters.push(("period", period(self.interval)));
        parameters.push(("total_intervals", intervals.to_string()));
        if is_first_time {
            parameters.push(("retention_type", FIRST_TIME.to_owned()));
        }
    }

    fn funnel_parameters(&self, parameters: &mut Parameters) {
        let usual = Funnel::default();
        let Funnel {
            window,
            unit,
            order,
            view,
            exclusions,
        } = &self.funnel;
        if (*window, *unit) != (usual.window, usual.unit) {
            parameters.push(("funnel_window_interval", window.to_string()));
            parameters.push(("funnel_window_interval_unit", unit.name().to_owned()));
        }
        if *order != usual.order {
            parameters.push(("funnel_order_type", order.name().to_owned()));
        }
        if *view != usual.view && self.insight == Insight::Funnel {
            parameters.push(("funnel_viz_type", view.name().to_owned()));
        }
        if !exclusions.is_empty() {
            let exclusions = exclusions.iter().map(|exclusion| {
                let mut json = what_json(&exclusion.of);
                json.insert("funnel_from_step".into(), json!(exclusion.from_step));
                json.insert("funnel_to_step".into(), json!(exclusion.to_step));
                Value::Object(json)
            });
            parameters.push(("exclusions", exclusions.collect::<Value>().to_string()));
        }
    }

    fn paths_parameters(&self, parameters: &mut Parameters) {
        let paths = &self.paths;
        for (name, list) in [
            ("include_event_types", &paths.event_types),
            ("exclude_events", &paths.excluded),
            ("path_groupings", &paths.groupings),
        ] {
            if !list.is_empty() {
                parameters.push((name, json!(list).to_string()));
            }
        }
        put(parameters, "start_point", &paths.start);
        put(parameters, "end_point", &paths.end);
        if paths.steps != Paths::default().steps {
            parameters.push(("step_limit", paths.steps.to_string()));
        }
        if let Some(around) = &self.around {
            let stretch = around.stretch.name().to_owned();
            parameters.push(("funnel_paths", stretch));
            let mut filter = self.funnel_around(around).body();
            filter.insert("funnel_step".into(), json!(around.step));
            parameters.push(("funnel_filter", Value::Object(filter).to_string()));
        }
    }

    /// The funnel that paths lie around, with its dates: not all servers take those of the paths.
    pub(super) fn funnel_around(&self, around: &Around) -> Self {
        let mut funnel = around.funnel.clone();
        if (funnel.from.as_str(), funnel.to.as_str()) == ("", "") {
            funnel.from.clone_from(&self.from);
            funnel.to.clone_from(&self.to);
        }
        funnel
    }

    /// The parameters as the fields of a body: lists and objects travel as such there, and as text in a URL.
    pub fn body(&self) -> Map<String, Value> {
        let parameters = self.parameters().into_iter();
        let parameters = parameters.filter(|(name, _)| *name != "insight");
        let fields = parameters.map(|(name, value)| {
            let value = match serde_json::from_str(&value) {
                Ok(json @ (Value::Array(_) | Value::Object(_))) => json,
                _ => Value::String(value),
            };
            (name.to_owned(), value)
        });
        fields.collect()
    }

    /// The body of a correlation, with the names that are compared even where they are the default.
    pub fn correlation_body(&self) -> Map<String, Value> {
        let mut body = self.body();
        let name = match self.correlation {
            CorrelationKind::Events => return body,
            CorrelationKind::Properties => "funnel_correlation_names",
            CorrelationKind::EventProperties => "funnel_correlation_event_names",
        };
        body.insert(name.into(), json!(self.names_to_correlate()));
        body
    }

    /// Reads parameters. What a question does not know is left out; what it knows and cannot be read is said.
    pub fn read(parameters: &[(String, String)]) -> (Self, Option<&'static str>) {
        let mut question = Self::default();
        let mut problem = None;
        let mut series = Vec::new();
        for (name, value) in parameters {
            problem = problem.or(question.take(name, value, &mut series).err());
        }
        // Steps of a funnel count from the order they name, whichever list they stand in.
        put_in_order(&mut series, |(one, _), (other, _)| one < other);
        question.series = series.into_iter().map(|(_, entity)| entity).collect();
        if let Some(around) = &mut question.around {
            let Around { funnel, step, .. } = &mut **around;
            if *step == 0 || funnel.missing().is_some() {
                problem = problem.or(Some(FUNNEL));
            }
            if (&funnel.from, &funnel.to) == (&question.from, &question.to) {
                funnel.from.clear();
                funnel.to.clear();
            }
        }
        (question, problem)
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        series: &mut Vec<(i64, Entity)>,
    ) -> Result<(), &'static str> {
        const EVENTS: &str = "The events in this link cannot be read.";
        const NUMBER: &str = "A number in this link cannot be read.";
        let json = || serde_json::from_str::<Value>(value).ok();
        let texts =
            || serde_json::from_str(value).map_err(|_| "A list in this link cannot be read.");
        let count = || {
            value
                .parse::<u32>()
                .ok()
                .filter(|count| *count > 0)
                .ok_or(NUMBER)
        };
        match name {
            "insight" => {
                self.insight = Insight::from_name(value).ok_or("There is no such insight.")?;
            }
            "events" | "actions" => {
                let list = json()
                    .and_then(|json| json.as_array().cloned())
                    .ok_or(EVENTS)?;
                for (place, item) in list.iter().enumerate() {
                    let entity = entity(item, name == "actions").ok_or(EVENTS)?;
                    let order = item["order"].as_i64();
                    series.push((order.unwrap_or(place as i64), entity));
                }
            }
            "target_entity" | "returning_entity" => {
                let json = json().ok_or(EVENTS)?;
                let entity = entity(&json, json["type"] == "actions").ok_or(EVENTS)?;
                series.push((i64::from(name == "returning_entity"), entity));
            }
            "date_from" => value.clone_into(&mut self.from),
            "date_to" => value.clone_into(&mut self.to),
            "properties" => {
                self.conditions = json()
                    .and_then(|json| conditions(&json))
                    .ok_or("The filter in this link cannot be read.")?;
            }
            "interval" => self.interval = Interval::from_name(value).unwrap_or_default(),
            "period" => {
                self.interval =
                    Interval::from_name(&value.to_ascii_lowercase()).unwrap_or_default();
            }
            "breakdown" => self.breakdown_mut().key = breakdown_key(value),
            "breakdown_type" => {
                self.breakdown_mut().kind = BreakdownKind::from_name(value)
                    .ok_or("The breakdown in this link cannot be read.")?;
            }
            "compare" => self.is_compared = value == "true",
            "funnel_window_interval" => self.funnel.window = count()?,
            "funnel_window_interval_unit" => {
                self.funnel.unit = WindowUnit::from_name(value).ok_or(NUMBER)?;
            }
            "funnel_order_type" => self.funnel.order = Order::from_name(value).unwrap_or_default(),
            "funnel_viz_type" => {
                self.funnel.view = FunnelView::from_name(value).unwrap_or_default()
            }
            "exclusions" => {
                let list = json()
                    .and_then(|json| json.as_array().cloned())
                    .ok_or(EVENTS)?;
                let list = list.iter().map(exclusion).collect::<Option<Vec<_>>>();
                self.funnel.exclusions = list.ok_or(EVENTS)?;
            }
            "funnel_correlation_type" => {
                self.correlation = CorrelationKind::from_name(value).unwrap_or_default();
            }
            "funnel_correlation_names" => self.correlation_names.properties = texts()?,
            "funnel_correlation_event_names" => self.correlation_names.events = texts()?,
            "total_intervals" => self.retention.intervals = count()?,
            "retention_type" => self.retention.is_first_time = value == FIRST_TIME,
            "include_event_types" => self.paths.event_types = texts()?,
            "exclude_events" => self.paths.excluded = texts()?,
            "path_groupings" => self.paths.groupings = texts()?,
            "start_point" => value.clone_into(&mut self.paths.start),
            "end_point" => value.clone_into(&mut self.paths.end),
            "step_limit" => self.paths.steps = count()?,
            "funnel_paths" => {
                self.around_mut().stretch = Stretch::from_name(value).ok_or(FUNNEL)?
            }
            "funnel_filter" => {
                let fields = json().and_then(|json| json.as_object().cloned());
                let fields = fields.ok_or(FUNNEL)?.into_iter();
                let parameters: Vec<_> = fields
                    .map(|(name, value)| match value {
                        Value::String(text) => (name, text),
                        other => (name, other.to_string()),
                    })
                    .collect();
                let step = parameters.iter().find(|(name, _)| name == "funnel_step");
                let step = step.and_then(|(_, step)| step.parse().ok()).ok_or(FUNNEL)?;
                let (funnel, problem) = Self::read(&parameters);
                let around = self.around_mut();
                around.step = step;
                around.funnel = Self {
                    insight: Insight::Funnel,
                    around: None,
                    ..funnel
                };
                return problem.map_or(Ok(()), Err);
            }
            name if PASSED_ON.contains(&name) => {
                self.others.push((name.to_owned(), value.to_owned()));
            }
            // Links grow parameters that tools add.
            _ => {}
        }
        Ok(())
    }

    fn around_mut(&mut self) -> &mut Around {
        self.around.get_or_insert_default()
    }

    fn breakdown_mut(&mut self) -> &mut Breakdown {
        self.breakdown.get_or_insert_with(|| Breakdown {
            kind: BreakdownKind::default(),
            key: String::new(),
        })
    }
}

const FUNNEL: &str = "The funnel in this link cannot be read.";

/// The name of a retention that begins with the first time ever.
const FIRST_TIME: &str = "retention_first_time";

fn put(parameters: &mut Parameters, name: &'static str, value: &str) {
    if !value.is_empty() {
        parameters.push((name, value.to_owned()));
    }
}

/// `Week`
pub fn period(interval: Interval) -> String {
    let name = interval.name();
    [&name[..1].to_ascii_uppercase(), &name[1..]].concat()
}

fn what_json(what: &What) -> Map<String, Value> {
    let (id, kind) = match what {
        What::Any => (Value::Null, "events"),
        What::Event(name) => (json!(name), "events"),
        What::Action(number, _) => (json!(number), "actions"),
    };
    let mut json = Map::new();
    json.insert("id".into(), id);
    json.insert("type".into(), json!(kind));
    if let What::Action(_, name) = what
        && !name.is_empty()
    {
        json.insert("name".into(), json!(name));
    }
    json
}

fn entity_json(entity: &Entity, order: usize, with_math: bool) -> Value {
    let mut json = what_json(&entity.of);
    json.insert("order".into(), json!(order));
    if with_math {
        json.insert("math".into(), json!(entity.math.name()));
        if entity.math.needs_property() {
            json.insert("math_property".into(), json!(entity.math_property));
        }
    }
    if !entity.conditions.is_empty() {
        json.insert("properties".into(), conditions_json(&entity.conditions));
    }
    Value::Object(json)
}

fn what(json: &Value, is_action: bool) -> Option<What> {
    let name = json["name"].as_str().unwrap_or_default();
    match &json["id"] {
        id if is_action => Some(What::Action(id.as_i64()?, name.to_owned())),
        Value::Null => Some(What::Any),
        Value::String(name) => Some(What::Event(name.clone())),
        _ => None,
    }
}

fn entity(json: &Value, is_action: bool) -> Option<Entity> {
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    Some(Entity {
        of: what(json, is_action)?,
        math: Math::from_name(text("math")).unwrap_or_default(),
        math_property: text("math_property").to_owned(),
        conditions: match json.get("properties") {
            Some(json) => conditions(json)?,
            None => Vec::new(),
        },
    })
}

fn exclusion(json: &Value) -> Option<Exclusion> {
    let step = |name: &str| usize::try_from(json[name].as_u64()?).ok();
    Some(Exclusion {
        of: what(json, json["type"] == "actions")?,
        from_step: step("funnel_from_step")?,
        to_step: step("funnel_to_step")?,
    })
}

fn conditions_json(conditions: &[PropertyFilter]) -> Value {
    conditions.iter().map(PropertyFilter::to_json).collect()
}

/// A condition of a list; `None` if it is none.
pub(super) fn condition(json: &Value) -> Option<PropertyFilter> {
    relative_date(json).or_else(|| {
        let list = Value::Array(vec![json.clone()]);
        match FilterTree::from_json(&list, Subject::Event).ok()? {
            FilterTree::Group(_, mut members) => match members.pop()? {
                FilterTree::Leaf(filter) => Some(filter),
                FilterTree::Group(..) => None,
            },
            FilterTree::Leaf(filter) => Some(filter),
        }
    })
}

/// A condition with a relative date. The grammar has only dates of the calendar; PostHog has both.
fn relative_date(json: &Value) -> Option<PropertyFilter> {
    let subject = match json["type"].as_str() {
        Some("person") => Subject::Person,
        Some("event") | None => Subject::Event,
        Some(_) => return None,
    };
    let filter = PropertyFilter {
        subject,
        key: json["key"].as_str()?.to_owned(),
        operator: Operator::from_name(json["operator"].as_str()?)?,
        value: json["value"].clone(),
    };
    is_relative_date(&filter).then_some(filter)
}

/// A flat list of conditions; `None` for any other tree.
fn conditions(json: &Value) -> Option<Vec<PropertyFilter>> {
    if let Value::Array(list) = json {
        return list.iter().map(condition).collect();
    }
    let tree = FilterTree::from_json(json, Subject::Event).ok()?;
    match tree {
        FilterTree::Group(persons_api::Condition::And, members) => members
            .into_iter()
            .map(|member| match member {
                FilterTree::Leaf(filter) => Some(filter),
                FilterTree::Group(..) => None,
            })
            .collect(),
        _ => None,
    }
}

/// `[12,"all"]` of `12, all`.
pub(super) fn cohorts_json(key: &str) -> Value {
    let cohorts = key
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    cohorts
        .map(|text| {
            text.parse::<i64>()
                .map_or_else(|_| json!(text), Value::from)
        })
        .collect()
}

/// The other way round; the key of a property is itself.
fn breakdown_key(value: &str) -> String {
    let Ok(Value::Array(list)) = serde_json::from_str(value) else {
        return value.to_owned();
    };
    let words = list.iter().map(|item| match item {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::CorrelationNames;
    use super::*;

    fn written(question: &Question) -> Vec<(String, String)> {
        let parameters = question.parameters().into_iter();
        parameters
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn is_pro() -> PropertyFilter {
        PropertyFilter::person("plan", Operator::Exact, json!("pro"))
    }

    /// One of each insight with all that it can say.
    fn full() -> Vec<Question> {
        let step = |name: &str| Entity {
            conditions: vec![is_pro()],
            ..Entity::event(name)
        };
        let base = Question {
            series: vec![step("signed_up"), step("a+b%20&c=é")],
            conditions: vec![is_pro()],
            from: "-30d".into(),
            to: "2026-02-01".into(),
            ..Question::default()
        };
        vec![
            Question {
                series: vec![
                    Entity {
                        math: Math::Sum,
                        math_property: "price".into(),
                        ..step("purchase")
                    },
                    Entity {
                        of: What::Action(7, "Paid".into()),
                        math: Math::People,
                        ..Entity::default()
                    },
                    Entity::default(),
                ],
                interval: Interval::Week,
                breakdown: Some(Breakdown {
                    kind: BreakdownKind::Cohort,
                    key: "7,all".into(),
                }),
                is_compared: true,
                others: vec![("breakdown_limit".into(), "5".into())],
                ..base.clone()
            },
            Question {
                insight: Insight::Funnel,
                breakdown: Some(Breakdown {
                    kind: BreakdownKind::Event,
                    key: "$browser".into(),
                }),
                interval: Interval::Month,
                funnel: Funnel {
                    window: 3,
                    unit: WindowUnit::Hour,
                    order: Order::Strict,
                    view: FunnelView::Trends,
                    exclusions: vec![Exclusion {
                        of: What::Event("refund".into()),
                        from_step: 0,
                        to_step: 1,
                    }],
                },
                ..base.clone()
            },
            Question {
                insight: Insight::Correlation,
                correlation: CorrelationKind::Properties,
                correlation_names: CorrelationNames {
                    properties: vec!["plan".into(), "$os".into()],
                    events: vec!["signed_up".into()],
                },
                ..base.clone()
            },
            Question {
                insight: Insight::Lifecycle,
                interval: Interval::Hour,
                ..base.clone()
            },
            Question {
                insight: Insight::Stickiness,
                ..base.clone()
            },
            Question {
                insight: Insight::Retention,
                from: String::new(),
                interval: Interval::Week,
                retention: Retention {
                    intervals: 8,
                    is_first_time: true,
                },
                ..base.clone()
            },
            Question {
                insight: Insight::Paths,
                series: Vec::new(),
                paths: Paths {
                    event_types: vec!["$pageview".into()],
                    excluded: vec!["/a".into()],
                    start: "/home".into(),
                    end: "/paid".into(),
                    steps: 4,
                    groupings: vec!["/p/*".into()],
                },
                around: Some(Box::new(Around {
                    funnel: Question {
                        insight: Insight::Funnel,
                        from: String::new(),
                        to: String::new(),
                        funnel: Funnel {
                            window: 3,
                            order: Order::Strict,
                            ..Funnel::default()
                        },
                        ..base.clone()
                    },
                    stretch: Stretch::Between,
                    step: -2,
                })),
                ..base
            },
        ]
    }

    #[test]
    fn every_question_survives_the_way_through_parameters() {
        for question in full() {
            assert_eq!(Question::read(&written(&question)), (question, None));
        }
    }

    #[test]
    fn a_funnel_around_which_paths_lie_keeps_dates_of_its_own() {
        let mut paths = full().pop().expect("paths");
        let around = |question: &Question| {
            let parameters = written(question);
            let filter = parameters.iter().find(|(name, _)| name == "funnel_filter");
            let json: Value = serde_json::from_str(&filter.expect("a funnel").1).expect("JSON");
            (json["date_from"].clone(), json["funnel_step"].clone())
        };
        assert_eq!(around(&paths), (json!("-30d"), json!(-2)));
        if let Some(around) = &mut paths.around {
            around.funnel.from = "-60d".into();
        }
        assert_eq!(around(&paths).0, json!("-60d"));
        assert_eq!(Question::read(&written(&paths)), (paths, None));
    }

    #[test]
    fn what_is_usual_is_not_said() {
        let question = Question {
            series: vec![Entity::event("signed_up")],
            ..Question::default()
        };
        insta::assert_debug_snapshot!(question.parameters(), @r#"
        [
            (
                "insight",
                "TRENDS",
            ),
            (
                "events",
                "[{\"id\":\"signed_up\",\"math\":\"total\",\"order\":0,\"type\":\"events\"}]",
            ),
        ]
        "#);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_what_is_unknown_is_left_out() {
        for (name, value) in [
            ("insight", "MOOD"),
            ("events", "{"),
            ("events", "[{\"id\":{}}]"),
            ("actions", "[{\"id\":\"x\"}]"),
            ("properties", "[{}]"),
            ("total_intervals", "0"),
            ("funnel_window_interval", "-1"),
            ("exclusions", "[{\"id\":\"x\"}]"),
            ("exclude_events", "x"),
            ("breakdown_type", "mood"),
            ("funnel_paths", "mood"),
            ("funnel_paths", "funnel_path_after_step"),
            ("funnel_filter", "7"),
            ("funnel_filter", "{\"funnel_step\":2}"),
        ] {
            let parameters = [(name.to_owned(), value.to_owned())];
            assert!(Question::read(&parameters).1.is_some(), "{name}={value}");
        }
        let unknown = [("utm_source".to_owned(), "mail".to_owned())];
        assert_eq!(Question::read(&unknown), (Question::default(), None));
    }

    #[test]
    fn relative_dates_survive_the_way_through_parameters() {
        let wire =
            json!([{"key": "seen", "value": "-7d", "operator": "is_date_after", "type": "person"}]);
        let read = Question::read(&[("properties".to_owned(), wire.to_string())]);
        assert_eq!(read.1, None);
        assert_eq!(conditions_json(&read.0.conditions), wire);
    }

    #[test]
    fn steps_from_both_lists_stand_in_their_order() {
        let parameters = [
            ("actions", r#"[{"id":7,"order":0}]"#),
            ("events", r#"[{"id":"b","order":2},{"id":"a","order":1}]"#),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let names: Vec<String> = Question::read(&parameters)
            .0
            .series
            .iter()
            .map(Entity::name)
            .collect();
        assert_eq!(names, ["action 7", "a", "b"]);
    }
}
