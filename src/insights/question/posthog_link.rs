//! Links of PostHog's own app: the query in the fragment of `/insights/new#q=…`, read into a question.
//!
//! What a question here cannot express is left out of it and named, so that the screen can say so.

use persons_api::PropertyFilter;
use serde_json::{Map, Value};

use super::wire::condition;
use super::{
    Breakdown, BreakdownKind, CorrelationKind, Entity, Exclusion, FunnelView, Insight, Interval,
    Math, Order, Question, What, WindowUnit,
};

/// Reads the JSON of a query, bare or in an `InsightVizNode`. Returns the question and the names of what is left out
/// of it.
///
/// # Errors
/// One sentence, if it is not the query of an insight.
pub fn read(json: &str) -> Result<(Question, Vec<String>), &'static str> {
    let node: Value = serde_json::from_str(json).map_err(|_| UNREADABLE)?;
    let query = match node["kind"].as_str() {
        Some("InsightVizNode") => &node["source"],
        _ => &node,
    };
    let mut reader = LinkReader::default();
    reader.query(query)?;
    Ok((reader.question, reader.left_out))
}

const UNREADABLE: &str = "The query in this link cannot be read.";

/// Fields that say how a chart looks, or that mean nothing by themselves.
const WITHOUT_MEANING: [&str; 14] = [
    "kind",
    "version",
    "tags",
    "response",
    "modifiers",
    "dataColorTheme",
    "layout",
    "funnelStepReference",
    "retentionReference",
    "meanRetentionCalculation",
    "dashboardDisplay",
    "toggledLifecycles",
    "resultCustomizations",
    "resultCustomizationBy",
];

/// How the names of fields begin that say how a chart looks.
const LOOKS: [&str; 5] = ["show", "hidden", "aggregationAxis", "yAxis", "detailed"];

#[derive(Default)]
struct LinkReader {
    question: Question,
    left_out: Vec<String>,
}

impl LinkReader {
    fn query(&mut self, query: &Value) -> Result<(), &'static str> {
        let fields = query.as_object().ok_or(UNREADABLE)?;
        self.question.insight = match query["kind"].as_str().unwrap_or_default() {
            "TrendsQuery" => Insight::Trends,
            "FunnelsQuery" => Insight::Funnel,
            "LifecycleQuery" => Insight::Lifecycle,
            "StickinessQuery" => Insight::Stickiness,
            "RetentionQuery" => Insight::Retention,
            "PathsQuery" => Insight::Paths,
            "FunnelCorrelationQuery" => {
                return self.correlation(fields);
            }
            _ => {
                return Err(
                    "Only insights can be opened here: trends, funnels, lifecycle, stickiness, retention, and paths.",
                );
            }
        };
        for (name, value) in fields {
            self.field(name, value);
        }
        if self.question.insight == Insight::Retention {
            // A table of retention ends at a day; how far back it begins, its intervals say.
            self.question.from.clear();
        }
        Ok(())
    }

    fn correlation(&mut self, fields: &Map<String, Value>) -> Result<(), &'static str> {
        let source = fields.get("source").ok_or(UNREADABLE)?;
        let funnel = match source["kind"].as_str() {
            Some("FunnelsActorsQuery") => &source["source"],
            _ => source,
        };
        self.query(funnel)?;
        self.question.insight = Insight::Correlation;
        for (name, value) in fields {
            match name.as_str() {
                "source" => {}
                "funnelCorrelationType" => {
                    let kind = value.as_str().and_then(CorrelationKind::from_name);
                    self.question.correlation = kind.unwrap_or_default();
                }
                "funnelCorrelationNames" => {
                    self.question.correlation_names.properties = texts(value);
                    // This is the default here.
                    let names = &mut self.question.correlation_names.properties;
                    names.retain(|name| name != "$all");
                }
                "funnelCorrelationEventNames" => {
                    self.question.correlation_names.events = texts(value);
                }
                "funnelCorrelationExcludeNames" => {
                    self.pass_on("funnel_correlation_exclude_names", value);
                }
                other => self.leave_out(other, value),
            }
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: &Value) {
        match name {
            "series" => {
                for node in value.as_array().into_iter().flatten() {
                    if let Some(entity) = self.entity(node) {
                        self.question.series.push(entity);
                    }
                }
            }
            "interval" => match value.as_str().and_then(Interval::from_name) {
                Some(interval) => self.question.interval = interval,
                None => self.leave_out("interval", value),
            },
            "dateRange" => self.fields(value, |reader, name, value| match name {
                "date_from" => reader.question.from = text(value),
                "date_to" => reader.question.to = text(value),
                other => reader.leave_out(other, value),
            }),
            "properties" => {
                let conditions = self.conditions(value);
                self.question.conditions = conditions;
            }
            "filterTestAccounts" if *value == true => {
                self.pass_on("filter_test_accounts", value);
            }
            "breakdownFilter" => self.breakdown(value),
            "compareFilter" => self.fields(value, |reader, name, value| match name {
                "compare" if reader.question.insight == Insight::Trends => {
                    reader.question.is_compared = *value == true;
                }
                "compare" if *value == false => {}
                other => reader.leave_out(other, value),
            }),
            "trendsFilter" => self.fields(value, |reader, name, value| match name {
                "display" if *value == "ActionsLineGraph" => {}
                "display" => reader.pass_on("display", value),
                "smoothingIntervals" if *value == 1 => {}
                other => reader.leave_out(other, value),
            }),
            "stickinessFilter" | "lifecycleFilter" => {
                self.fields(value, |reader, name, value| match name {
                    "display" => {}
                    other => reader.leave_out(other, value),
                });
            }
            "funnelsFilter" => self.fields(value, Self::funnel_field),
            "retentionFilter" => self.fields(value, Self::retention_field),
            "pathsFilter" => self.fields(value, Self::paths_field),
            other => self.leave_out(other, value),
        }
    }

    fn funnel_field(&mut self, name: &str, value: &Value) {
        let word = value.as_str().unwrap_or_default();
        match name {
            "funnelWindowInterval" => match count(value) {
                Some(window) => self.question.funnel.window = window,
                None => self.leave_out(name, value),
            },
            "funnelWindowIntervalUnit" => match WindowUnit::from_name(word) {
                Some(unit) => self.question.funnel.unit = unit,
                None => self.leave_out(name, value),
            },
            "funnelOrderType" => match Order::from_name(word) {
                Some(order) => self.question.funnel.order = order,
                None => self.leave_out(name, value),
            },
            "funnelVizType" => match FunnelView::from_name(word) {
                Some(view) => self.question.funnel.view = view,
                None => self.leave_out(name, value),
            },
            "exclusions" => {
                for node in value.as_array().into_iter().flatten() {
                    let step = |name: &str| usize::try_from(node[name].as_u64()?).ok();
                    match (what(node), step("funnelFromStep"), step("funnelToStep")) {
                        (Some(of), Some(from_step), Some(to_step)) => {
                            self.question.funnel.exclusions.push(Exclusion {
                                of,
                                from_step,
                                to_step,
                            });
                        }
                        _ => self.leave_out("exclusion", node),
                    }
                }
            }
            "breakdownAttributionType" => self.pass_on("breakdown_attribution_type", value),
            "breakdownAttributionValue" => self.pass_on("breakdown_attribution_value", value),
            "binCount" => self.pass_on("bin_count", value),
            "funnelFromStep" => self.pass_on("funnel_from_step", value),
            "funnelToStep" => self.pass_on("funnel_to_step", value),
            other => self.leave_out(other, value),
        }
    }

    fn retention_field(&mut self, name: &str, value: &Value) {
        match name {
            "period" => {
                let period = text(value).to_ascii_lowercase();
                match Interval::from_name(&period) {
                    Some(interval) => self.question.interval = interval,
                    None => self.leave_out(name, value),
                }
            }
            "totalIntervals" => match count(value) {
                Some(intervals) => self.question.retention.intervals = intervals,
                None => self.leave_out(name, value),
            },
            "retentionType" => {
                self.question.retention.is_first_time = *value == "retention_first_time";
            }
            "targetEntity" | "returningEntity" => {
                let place = usize::from(name == "returningEntity");
                let of = match (value["type"].as_str(), &value["id"]) {
                    (Some("actions"), id) => {
                        number(id).map(|number| What::Action(number, text(&value["name"])))
                    }
                    (_, Value::String(name)) => Some(What::Event(name.clone())),
                    (_, Value::Null) => Some(What::Any),
                    _ => None,
                };
                let Some(of) = of else {
                    return self.leave_out(name, value);
                };
                let conditions = self.conditions(&value["properties"]);
                let series = &mut self.question.series;
                while series.len() <= place {
                    series.push(Entity::default());
                }
                series[place] = Entity {
                    of,
                    conditions,
                    ..Entity::default()
                };
            }
            "cumulative" if *value == false => {}
            other => self.leave_out(other, value),
        }
    }

    fn paths_field(&mut self, name: &str, value: &Value) {
        let paths = &mut self.question.paths;
        match name {
            "includeEventTypes" => {
                paths.event_types = texts(value);
                let is_sql = paths.event_types.iter().any(|name| name == "hogql");
                if is_sql {
                    paths.event_types.retain(|name| name != "hogql");
                    self.leave_out("SQL expression", value);
                }
            }
            "excludeEvents" => paths.excluded = texts(value),
            "pathGroupings" => paths.groupings = texts(value),
            "startPoint" => paths.start = text(value),
            "endPoint" => paths.end = text(value),
            "stepLimit" => match count(value) {
                Some(steps) => paths.steps = steps,
                None => self.leave_out(name, value),
            },
            "edgeLimit" => self.pass_on("edge_limit", value),
            "minEdgeWeight" => self.pass_on("min_edge_weight", value),
            "maxEdgeWeight" => self.pass_on("max_edge_weight", value),
            other => self.leave_out(other, value),
        }
    }

    fn breakdown(&mut self, filter: &Value) {
        let mut several = filter["breakdowns"].as_array().into_iter().flatten();
        let first = several.next();
        let (kind, key) = match first {
            Some(first) => (&first["type"], &first["property"]),
            None => (&filter["breakdown_type"], &filter["breakdown"]),
        };
        for more in several {
            self.left_out
                .push(format!("breakdown by {}", text(&more["property"])));
        }
        let key = match key {
            Value::Array(list) => {
                let words: Vec<String> = list.iter().map(text).collect();
                words.join(",")
            }
            key => text(key),
        };
        let kind_name = kind.as_str().unwrap_or("event");
        match BreakdownKind::from_name(kind_name) {
            _ if key.is_empty() => {}
            Some(kind) if matches!(self.question.insight, Insight::Trends | Insight::Funnel) => {
                self.question.breakdown = Some(Breakdown { kind, key });
            }
            _ => self.left_out.push(format!("breakdown by {key}")),
        }
        self.fields(filter, |reader, name, value| match name {
            "breakdown" | "breakdown_type" | "breakdowns" => {}
            "breakdown_limit" => reader.pass_on("breakdown_limit", value),
            "breakdown_histogram_bin_count" => {
                reader.pass_on("breakdown_histogram_bin_count", value);
            }
            "breakdown_normalize_url" | "breakdown_hide_other_aggregation" if *value == false => {}
            other => reader.leave_out(other, value),
        });
    }

    fn entity(&mut self, node: &Value) -> Option<Entity> {
        let name = || match text(&node["custom_name"]) {
            name if name.is_empty() => text(&node["name"]),
            name => name,
        };
        let Some(of) = what(node) else {
            self.left_out.push(format!("series {}", name()));
            return None;
        };
        let math = text(&node["math"]);
        let known = match math.as_str() {
            "" => Some(Math::default()),
            math => Math::from_name(math),
        };
        if known.is_none() {
            self.left_out.push(format!("math {math} of {}", of.name()));
        }
        let mut conditions = self.conditions(&node["properties"]);
        conditions.extend(self.conditions(&node["fixedProperties"]));
        Some(Entity {
            of,
            math: known.unwrap_or_default(),
            math_property: text(&node["math_property"]),
            conditions,
        })
    }

    /// A flat list of conditions of a list, or of groups that all have to hold.
    fn conditions(&mut self, json: &Value) -> Vec<PropertyFilter> {
        let is_and = |group: &Value, members: &[Value]| {
            group["type"].as_str() != Some("OR") || members.len() < 2
        };
        let members = match json {
            Value::Array(list) => list,
            group => match group["values"].as_array() {
                Some(members) if is_and(group, members) => members,
                Some(_) => {
                    self.left_out.push("filters joined by OR".to_owned());
                    return Vec::new();
                }
                None => return Vec::new(),
            },
        };
        let mut conditions = Vec::new();
        for member in members {
            if member["values"].is_array() {
                conditions.extend(self.conditions(member));
                continue;
            }
            match condition(member) {
                Some(filter) => conditions.push(filter),
                None => {
                    let key = text(&member["key"]);
                    self.left_out.push(format!("filter on {key}"));
                }
            }
        }
        conditions
    }

    fn fields(&mut self, filter: &Value, mut read: impl FnMut(&mut Self, &str, &Value)) {
        for (name, value) in filter.as_object().into_iter().flatten() {
            if !value.is_null() {
                read(self, name, value);
            }
        }
    }

    fn pass_on(&mut self, name: &str, value: &Value) {
        if !value.is_null() {
            self.question.others.push((name.to_owned(), text(value)));
        }
    }

    /// Names a field that is left out, unless it says nothing.
    fn leave_out(&mut self, name: &str, value: &Value) {
        let says_nothing = match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        let is_about_looks = LOOKS.iter().any(|begin| name.starts_with(begin));
        if says_nothing || is_about_looks || WITHOUT_MEANING.contains(&name) {
            return;
        }
        self.left_out.push(match value {
            Value::String(text) => format!("{name} {text}"),
            Value::Number(number) => format!("{name} {number}"),
            _ => name.to_owned(),
        });
    }
}

/// The events of a node.
fn what(node: &Value) -> Option<What> {
    match (node["kind"].as_str(), &node["event"]) {
        (Some("ActionsNode"), _) => {
            number(&node["id"]).map(|number| What::Action(number, text(&node["name"])))
        }
        (Some("EventsNode"), Value::String(name)) => Some(What::Event(name.clone())),
        (Some("EventsNode"), Value::Null) => Some(What::Any),
        _ => None,
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn count(value: &Value) -> Option<u32> {
    let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
    count.filter(|count| *count > 0)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

#[cfg(test)]
mod tests {
    use persons_api::{Operator, Subject};
    use serde_json::json;

    use super::*;

    fn link(source: Value) -> (Question, Vec<String>) {
        let node = json!({"kind": "InsightVizNode", "source": source, "full": true});
        read(&node.to_string()).expect("an insight")
    }

    #[test]
    fn trends_of_a_link_are_the_same_trends() {
        let (question, left_out) = link(json!({
            "kind": "TrendsQuery", "version": 2,
            "series": [
                {"kind": "EventsNode", "event": "purchase", "name": "purchase", "math": "sum", "math_property": "price",
                    "properties": [{"key": "plan", "value": ["pro"], "operator": "exact", "type": "person"}]},
                {"kind": "ActionsNode", "id": 7, "name": "Paid", "math": "dau"},
                {"kind": "EventsNode", "event": null},
            ],
            "interval": "week", "dateRange": {"date_from": "-90d", "date_to": null, "explicitDate": false},
            "filterTestAccounts": true, "compareFilter": {"compare": true},
            "properties": {"type": "AND", "values": [{"type": "AND", "values": [
                {"key": "$os", "value": "-7d", "operator": "is_date_after", "type": "event"}]}]},
            "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event", "breakdown_limit": 5},
            "trendsFilter": {"display": "ActionsBar", "showLegend": true, "formula": null},
        }));
        assert_eq!(left_out, [""; 0]);
        let event = |name: &str| Entity::event(name);
        let expected = Question {
            series: vec![
                Entity {
                    math: Math::Sum,
                    math_property: "price".into(),
                    conditions: vec![PropertyFilter::person(
                        "plan",
                        Operator::Exact,
                        json!(["pro"]),
                    )],
                    ..event("purchase")
                },
                Entity {
                    of: What::Action(7, "Paid".into()),
                    math: Math::People,
                    ..Entity::default()
                },
                Entity::default(),
            ],
            interval: Interval::Week,
            from: "-90d".into(),
            is_compared: true,
            conditions: vec![PropertyFilter {
                subject: Subject::Event,
                key: "$os".into(),
                operator: Operator::DateAfter,
                value: json!("-7d"),
            }],
            breakdown: Some(Breakdown {
                kind: BreakdownKind::Event,
                key: "$browser".into(),
            }),
            ..Question::default()
        };
        let mut others = question.others.clone();
        others.sort();
        let others: Vec<(&str, &str)> = others.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(
            others,
            [
                ("breakdown_limit", "5"),
                ("display", "ActionsBar"),
                ("filter_test_accounts", "true")
            ]
        );
        let question = Question {
            others: Vec::new(),
            ..question
        };
        assert_eq!(question, expected);
    }

    #[test]
    fn what_cannot_be_expressed_is_named() {
        let (question, left_out) = link(json!({
            "kind": "TrendsQuery",
            "series": [
                {"kind": "EventsNode", "event": "a", "math": "first_time_for_user"},
                {"kind": "DataWarehouseNode", "id": "t", "name": "invoices"},
            ],
            "interval": "minute", "samplingFactor": 0.1, "aggregation_group_type_index": 0,
            "properties": {"type": "OR", "values": [
                {"key": "a", "value": "1", "type": "event"}, {"key": "b", "value": "1", "type": "event"}]},
            "breakdownFilter": {"breakdowns": [{"property": "$os", "type": "event"}, {"property": "plan", "type": "person"}]},
            "trendsFilter": {"formula": "A/B", "smoothingIntervals": 7, "yAxisScaleType": "log10"},
        }));
        assert_eq!(question.series, [Entity::event("a")]);
        insta::assert_snapshot!(left_out.join("\n"), @"
        aggregation_group_type_index 0
        breakdown by plan
        interval minute
        filters joined by OR
        samplingFactor 0.1
        math first_time_for_user of a
        series invoices
        formula A/B
        smoothingIntervals 7
        ");
    }

    #[test]
    fn every_kind_of_insight_opens() {
        let (funnel, left_out) = link(json!({
            "kind": "FunnelsQuery",
            "series": [{"kind": "EventsNode", "event": "a"}, {"kind": "EventsNode", "event": "b"}],
            "funnelsFilter": {"funnelWindowInterval": 3, "funnelWindowIntervalUnit": "hour", "funnelOrderType": "strict",
                "funnelVizType": "trends", "layout": "horizontal", "breakdownAttributionType": "first_touch",
                "exclusions": [{"kind": "EventsNode", "event": "c", "funnelFromStep": 0, "funnelToStep": 1}]},
            "breakdownFilter": {"breakdown": [3, "all"], "breakdown_type": "cohort"},
        }));
        assert_eq!(left_out, [""; 0]);
        assert_eq!(funnel.funnel.window, 3);
        assert_eq!(funnel.funnel.exclusions.len(), 1);
        assert_eq!(funnel.breakdown.map(|by| by.key), Some("3,all".into()));
        let (retention, left_out) = link(json!({
            "kind": "RetentionQuery", "dateRange": {"date_from": "-7d"},
            "retentionFilter": {"period": "Week", "totalIntervals": 8, "retentionType": "retention_first_time",
                "targetEntity": {"id": "signed_up", "name": "signed_up", "type": "events", "uuid": "x", "order": 0},
                "returningEntity": {"id": "$pageview", "type": "events",
                    "properties": [{"key": "plan", "value": "pro", "operator": "exact", "type": "person"}]},
                "cumulative": true},
        }));
        assert_eq!(left_out, ["cumulative"]);
        assert_eq!(
            (retention.interval, retention.retention.intervals),
            (Interval::Week, 8)
        );
        assert_eq!(retention.series[1].conditions.len(), 1);
        let (paths, left_out) = link(json!({
            "kind": "PathsQuery",
            "pathsFilter": {"includeEventTypes": ["$pageview", "hogql"], "startPoint": "/", "stepLimit": 4,
                "edgeLimit": 20, "excludeEvents": ["/a"], "pathsHogQLExpression": "event"},
        }));
        assert_eq!(left_out, ["SQL expression", "pathsHogQLExpression event"]);
        assert_eq!((paths.paths.steps, paths.paths.start.as_str()), (4, "/"));
        for (kind, insight) in [
            ("LifecycleQuery", Insight::Lifecycle),
            ("StickinessQuery", Insight::Stickiness),
        ] {
            let series = json!([{"kind": "EventsNode", "event": "a"}]);
            let (question, _) = link(json!({"kind": kind, "series": series}));
            assert_eq!((question.insight, question.series.len()), (insight, 1));
        }
    }

    #[test]
    fn what_is_no_insight_is_refused() {
        for text in [
            "",
            "7",
            "{}",
            r#"{"kind":"DataTableNode","source":{"kind":"EventsQuery"}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
