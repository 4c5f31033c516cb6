//! Questions in the words of `query/`, for servers where `insights/…` is gone.

use persons_api::{Operator, PropertyFilter, Subject};
use serde_json::{Map, Value, json};

use super::wire::{cohorts_json, period};
use super::{
    Breakdown, BreakdownKind, CorrelationKind, EVENT_TYPES, Entity, Funnel, FunnelView, Insight,
    Question, What,
};

/// Parameters that a link passes on, each with the field of a query that means the same.
type PassedOn = &'static [(&'static str, &'static str)];

const BREAKDOWN_FIELDS: PassedOn = &[
    ("breakdown_limit", "breakdown_limit"),
    (
        "breakdown_histogram_bin_count",
        "breakdown_histogram_bin_count",
    ),
];

const FUNNEL_FIELDS: PassedOn = &[
    ("breakdown_attribution_type", "breakdownAttributionType"),
    ("breakdown_attribution_value", "breakdownAttributionValue"),
    ("bin_count", "binCount"),
    ("funnel_from_step", "funnelFromStep"),
    ("funnel_to_step", "funnelToStep"),
];

const CORRELATION_FIELDS: PassedOn = &[
    (
        "funnel_correlation_exclude_names",
        "funnelCorrelationExcludeNames",
    ),
    (
        "funnel_correlation_exclude_event_names",
        "funnelCorrelationExcludeEventNames",
    ),
    (
        "funnel_correlation_event_exclude_property_names",
        "funnelCorrelationEventExcludePropertyNames",
    ),
];

const PATH_FIELDS: PassedOn = &[
    ("edge_limit", "edgeLimit"),
    ("min_edge_weight", "minEdgeWeight"),
    ("max_edge_weight", "maxEdgeWeight"),
];

impl Question {
    /// The query whose results are the answer.
    pub fn query(&self) -> Value {
        match self.insight {
            Insight::Trends => {
                let mut query = self.series_query("TrendsQuery", true);
                let mut filter = json!({});
                self.pass_on(&mut filter, &[("display", "display")]);
                if filter != json!({}) {
                    query.insert("trendsFilter".into(), filter);
                }
                query.into()
            }
            Insight::Lifecycle => self.series_query("LifecycleQuery", false).into(),
            Insight::Stickiness => self.series_query("StickinessQuery", false).into(),
            Insight::Funnel => self.funnels_query(),
            Insight::Correlation => {
                let mut query = json!({
                    "kind": "FunnelCorrelationQuery",
                    "source": {"kind": "FunnelsActorsQuery", "source": self.funnels_query()},
                    "funnelCorrelationType": self.correlation.name(),
                });
                let field = match self.correlation {
                    CorrelationKind::Events => None,
                    CorrelationKind::Properties => Some("funnelCorrelationNames"),
                    CorrelationKind::EventProperties => Some("funnelCorrelationEventNames"),
                };
                if let Some(field) = field {
                    query[field] = json!(self.names_to_correlate());
                }
                self.pass_on(&mut query, CORRELATION_FIELDS);
                query
            }
            Insight::Retention => self.retention_query(),
            Insight::Paths => self.paths_query(),
        }
    }

    /// What every query has.
    fn shared(&self, kind: &str) -> Map<String, Value> {
        let mut query = Map::new();
        query.insert("kind".into(), json!(kind));
        let mut range = Map::new();
        for (name, day) in [("date_from", &self.from), ("date_to", &self.to)] {
            if !day.is_empty() {
                range.insert(name.into(), json!(day));
            }
        }
        if !range.is_empty() {
            query.insert("dateRange".into(), range.into());
        }
        if !self.conditions.is_empty() {
            query.insert("properties".into(), query_conditions(&self.conditions));
        }
        if self.passed_on("filter_test_accounts") == Some("true") {
            query.insert("filterTestAccounts".into(), json!(true));
        }
        query
    }

    /// The value of a parameter that a link passes on.
    fn passed_on(&self, name: &str) -> Option<&str> {
        let found = self.others.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Adds what a link passes on. Numbers and lists travel as such in queries, and as text in links.
    fn pass_on(&self, filter: &mut Value, fields: PassedOn) {
        for (parameter, field) in fields {
            if let Some(value) = self.passed_on(parameter) {
                filter[*field] = match serde_json::from_str(value) {
                    Ok(json @ (Value::Number(_) | Value::Array(_))) => json,
                    _ => json!(value),
                };
            }
        }
    }

    fn series_query(&self, kind: &str, with_math: bool) -> Map<String, Value> {
        let mut query = self.shared(kind);
        let series = self.series.iter().map(|entity| node(entity, with_math));
        query.insert("series".into(), series.collect());
        if self.has_interval() {
            query.insert("interval".into(), json!(self.interval.name()));
        }
        if let Some(Breakdown { kind, key }) =
            self.breakdown.as_ref().filter(|_| self.can_break_down())
        {
            let key = match kind {
                BreakdownKind::Cohort => cohorts_json(key),
                _ => json!(key),
            };
            let mut filter = json!({"breakdown": key, "breakdown_type": kind.name()});
            self.pass_on(&mut filter, BREAKDOWN_FIELDS);
            query.insert("breakdownFilter".into(), filter);
        }
        query
    }

    fn funnels_query(&self) -> Value {
        let mut query = self.series_query("FunnelsQuery", false);
        let Funnel {
            window,
            unit,
            order,
            view,
            exclusions,
        } = &self.funnel;
        let mut filter = json!({
            "funnelWindowInterval": window,
            "funnelWindowIntervalUnit": unit.name(),
            "funnelOrderType": order.name(),
        });
        if self.insight == Insight::Funnel && *view != FunnelView::Steps {
            filter["funnelVizType"] = json!(view.name());
        }
        self.pass_on(&mut filter, FUNNEL_FIELDS);
        if !exclusions.is_empty() {
            let exclusions = exclusions.iter().map(|exclusion| {
                let mut node = what_node(&exclusion.of);
                node.insert("funnelFromStep".into(), json!(exclusion.from_step));
                node.insert("funnelToStep".into(), json!(exclusion.to_step));
                Value::Object(node)
            });
            filter["exclusions"] = exclusions.collect();
        }
        query.insert("funnelsFilter".into(), filter);
        query.into()
    }

    fn retention_query(&self) -> Value {
        let mut query = self.shared("RetentionQuery");
        // Where a table begins, its number of intervals says.
        if let Some(range) = query.get_mut("dateRange").and_then(Value::as_object_mut) {
            range.remove("date_from");
        }
        let kind = ["retention_recurring", "retention_first_time"];
        let mut filter = json!({
            "period": period(self.interval),
            "totalIntervals": self.retention.intervals,
            "retentionType": kind[usize::from(self.retention.is_first_time)],
        });
        for (name, entity) in ["targetEntity", "returningEntity"]
            .into_iter()
            .zip(&self.series)
        {
            let mut event = match &entity.of {
                What::Action(number, _) => json!({"id": number, "type": "actions"}),
                What::Event(name) => json!({"id": name, "type": "events"}),
                // An id is a string or a number; without one, every event counts.
                What::Any => json!({"type": "events"}),
            };
            if !entity.conditions.is_empty() {
                event["properties"] = query_conditions(&entity.conditions);
            }
            filter[name] = event;
        }
        query.insert("retentionFilter".into(), filter);
        query.into()
    }

    fn paths_query(&self) -> Value {
        let mut query = self.shared("PathsQuery");
        let paths = &self.paths;
        let mut filter = json!({"stepLimit": paths.steps});
        // Without types of events, PostHog ignores what is excluded.
        let all_types = || EVENT_TYPES.map(|(name, _)| name.to_owned()).to_vec();
        let event_types = match paths.event_types.is_empty() && !paths.excluded.is_empty() {
            true => all_types(),
            false => paths.event_types.clone(),
        };
        for (name, list) in [
            ("includeEventTypes", &event_types),
            ("excludeEvents", &paths.excluded),
            ("pathGroupings", &paths.groupings),
        ] {
            if !list.is_empty() {
                filter[name] = json!(list);
            }
        }
        for (name, point) in [("startPoint", &paths.start), ("endPoint", &paths.end)] {
            if !point.is_empty() {
                filter[name] = json!(point);
            }
        }
        self.pass_on(&mut filter, PATH_FIELDS);
        query.insert("pathsFilter".into(), filter);
        if let Some(around) = &self.around {
            let filter = json!({
                "funnelPathType": around.stretch.name(),
                "funnelStep": around.step,
                "funnelSource": self.funnel_around(around).query(),
            });
            query.insert("funnelPathsFilter".into(), filter);
        }
        query.into()
    }

    /// The answer to [`Self::query`] in the shape of `insights/…`, each number with the source of an
    /// `ActorsQuery` where a URL would be. `cohorts` are the numbers and names of the project's cohorts, which
    /// funnels over time are told apart by.
    pub fn from_query(&self, mut answer: Value, cohorts: &[(i64, String)]) -> Value {
        let query = self.query();
        let mut results = answer["results"].take();
        match self.insight {
            Insight::Trends | Insight::Lifecycle | Insight::Stickiness => {
                let items = results.as_array_mut().into_iter().flatten();
                for (place, item) in items.enumerate() {
                    self.put_points(item, place, &query);
                }
            }
            Insight::Funnel => self.put_steps(&mut results, &query, cohorts),
            Insight::Correlation => {
                for item in results["events"].as_array_mut().into_iter().flatten() {
                    let actors = correlation_actors(item, &query, self);
                    for (name, converted) in
                        [("success_people_url", true), ("failure_people_url", false)]
                    {
                        let mut actors = actors.clone();
                        actors["funnelCorrelationPersonConverted"] = json!(converted);
                        item[name] = actors;
                    }
                }
            }
            Insight::Retention => {
                for (row, item) in results.as_array_mut().into_iter().flatten().enumerate() {
                    item["people_url"] =
                        json!({"kind": "InsightActorsQuery", "source": query, "interval": row});
                }
            }
            Insight::Paths => {
                for item in results.as_array_mut().into_iter().flatten() {
                    let (mut query, mut ending) = (query.clone(), query.clone());
                    ending["pathsFilter"]["pathDropoffKey"] = item["target"].clone();
                    query["pathsFilter"]["pathStartKey"] = item["source"].clone();
                    query["pathsFilter"]["pathEndKey"] = item["target"].clone();
                    item["people_url"] = json!({"kind": "InsightActorsQuery", "source": query});
                    item["dropoff_url"] = json!({"kind": "InsightActorsQuery", "source": ending});
                }
            }
        }
        json!({"result": results, "last_refresh": answer["last_refresh"].take()})
    }

    /// Who is behind each point of a series, which is the `place`th of the response.
    fn put_points(&self, item: &mut Value, place: usize, query: &Value) {
        let order = item["action"]["order"].as_u64();
        let order = order.and_then(|order| usize::try_from(order).ok());
        let mut source = query.clone();
        if self.insight == Insight::Stickiness {
            // PostHog lists the people of all series of a source together.
            let one = self.series.get(order.unwrap_or(place));
            source["series"] = one.iter().map(|entity| node(entity, false)).collect();
        }
        let days = item["days"].as_array().cloned().unwrap_or_default();
        let people = days.iter().map(|day| {
            let mut actors = json!({"kind": "InsightActorsQuery", "source": source, "day": day});
            match self.insight {
                Insight::Lifecycle => actors["status"] = item["status"].clone(),
                Insight::Stickiness => {}
                _ => actors["series"] = json!(order.unwrap_or_default()),
            }
            if item
                .get("breakdown_value")
                .is_some_and(|value| !value.is_null())
            {
                actors["breakdown"] = item["breakdown_value"].clone();
            }
            json!({"url": actors})
        });
        item["persons_urls"] = people.collect();
    }

    /// The breakdown of a funnel over time as it was asked for: the response has the name of a cohort in place of
    /// its number, and `None` as text for a missing value. `None` where nobody can be asked for.
    fn requested_breakdown(&self, value: &Value, cohorts: &[(i64, String)]) -> Option<Value> {
        let is_of_cohorts = self
            .breakdown
            .as_ref()
            .filter(|breakdown| breakdown.kind == BreakdownKind::Cohort);
        let Some(Breakdown { key, .. }) = is_of_cohorts else {
            let is_missing = *value == json!(["None"]) || *value == json!("None");
            return Some(if is_missing {
                json!([""])
            } else {
                value.clone()
            });
        };
        let requested = cohorts_json(key);
        let requested = requested.as_array()?;
        let told = match value {
            Value::Array(list) if list.len() == 1 => &list[0],
            value => value,
        };
        let is_told = |cohort: &Value| {
            let named = cohorts.iter().find(|(number, _)| *cohort == *number);
            cohort == told || named.is_some_and(|(_, name)| *told == **name)
        };
        let found = match &requested[..] {
            [only] => Some(only),
            all => all.iter().find(|cohort| is_told(cohort)),
        };
        found.cloned()
    }

    fn put_steps(&self, results: &mut Value, query: &Value, cohorts: &[(i64, String)]) {
        let actors = |fields: Value| {
            let mut actors = json!({"kind": "FunnelsActorsQuery", "source": query});
            for (name, value) in fields.as_object().into_iter().flatten() {
                if !value.is_null() {
                    actors[name.as_str()] = value.clone();
                }
            }
            actors
        };
        let put_step = |number: usize, step: &mut Value| {
            let value = step["breakdown_value"].clone();
            let of = |step: i64| actors(json!({"funnelStep": step, "funnelStepBreakdown": value}));
            let number = number as i64 + 1;
            step["converted_people_url"] = of(number);
            if number > 1 {
                step["dropped_people_url"] = of(-number);
            }
        };
        match self.funnel.view {
            // There is no query for the people of a bar of durations.
            FunnelView::TimeToConvert => {}
            FunnelView::Trends => {
                for item in results.as_array_mut().into_iter().flatten() {
                    let days = item["days"].as_array().cloned().unwrap_or_default();
                    let breakdown = self.requested_breakdown(&item["breakdown_value"], cohorts);
                    let people = days.iter().map(|day| {
                        let breakdown = breakdown.as_ref()?;
                        Some(actors(json!({
                            "funnelTrendsEntrancePeriodStart": day,
                            "funnelTrendsDropOff": false,
                            "funnelStepBreakdown": breakdown,
                        })))
                    });
                    let people: Vec<Option<Value>> = people.collect();
                    let people = json!(people);
                    item["converted_people_urls"] = people;
                }
            }
            FunnelView::Steps => {
                for (number, item) in results.as_array_mut().into_iter().flatten().enumerate() {
                    match item {
                        Value::Array(group) => {
                            for (number, step) in group.iter_mut().enumerate() {
                                put_step(number, step);
                            }
                        }
                        step => put_step(number, step),
                    }
                }
            }
        }
    }
}

/// The people of a factor, converted or not.
fn correlation_actors(item: &Value, query: &Value, question: &Question) -> Value {
    let mut actors = json!({"kind": "FunnelCorrelationActorsQuery", "source": query});
    let name = item["event"]["event"].as_str().unwrap_or_default();
    let is = |subject: Subject, key: &str, value: &str| {
        PropertyFilter {
            subject,
            key: key.to_owned(),
            operator: Operator::Exact,
            value: json!([value]),
        }
        .to_json()
    };
    match (
        question.correlation,
        &name.splitn(3, "::").collect::<Vec<_>>()[..],
    ) {
        (CorrelationKind::Properties, [key, value @ ..]) => {
            let values = json!([is(Subject::Person, key, &value.join("::"))]);
            actors["funnelCorrelationPropertyValues"] = values;
        }
        (CorrelationKind::EventProperties, [event, key, value]) => {
            let entity = json!({"kind": "EventsNode", "event": event, "properties": [is(Subject::Event, key, value)]});
            actors["funnelCorrelationPersonEntity"] = entity;
        }
        _ => {
            actors["funnelCorrelationPersonEntity"] =
                json!({"kind": "EventsNode", "event": name, "properties": []});
        }
    }
    actors
}

fn what_node(what: &What) -> Map<String, Value> {
    let node = match what {
        What::Any => json!({"kind": "EventsNode", "event": null}),
        What::Event(name) => json!({"kind": "EventsNode", "event": name}),
        What::Action(number, _) => json!({"kind": "ActionsNode", "id": number}),
    };
    match node {
        Value::Object(node) => node,
        _ => Map::new(),
    }
}

fn node(entity: &Entity, with_math: bool) -> Value {
    let mut node = what_node(&entity.of);
    if with_math {
        node.insert("math".into(), json!(entity.math.name()));
        if entity.math.needs_property() {
            node.insert("math_property".into(), json!(entity.math_property));
        }
    }
    if !entity.conditions.is_empty() {
        node.insert("properties".into(), query_conditions(&entity.conditions));
    }
    node.into()
}

/// Conditions as queries have them, where the types of values are stricter than in `insights/…`.
fn query_conditions(conditions: &[PropertyFilter]) -> Value {
    conditions.iter().flat_map(query_condition).collect()
}

/// One condition; of several cohorts, one for each.
fn query_condition(filter: &PropertyFilter) -> Vec<Value> {
    let with = |value: Value| PropertyFilter {
        value,
        ..filter.clone()
    };
    if filter.subject == Subject::Cohort {
        let number = |value: &Value| match value.as_str().map(str::parse::<i64>) {
            Some(Ok(number)) => with(json!(number)).to_json(),
            _ => with(value.clone()).to_json(),
        };
        return match &filter.value {
            Value::Array(list) => list.iter().map(number).collect(),
            value => vec![number(value)],
        };
    }
    let text = |value: &Value| match value {
        Value::Bool(flag) => json!(flag.to_string()),
        other => other.clone(),
    };
    let filter = match &filter.value {
        Value::Bool(_) => with(json!([text(&filter.value)])),
        Value::Array(list) if !list.is_empty() => {
            let values: Vec<Value> = list
                .iter()
                .filter(|value| !value.is_null())
                .map(text)
                .collect();
            match (values.is_empty(), filter.operator) {
                // Nothing but null is the same as no value.
                (true, Operator::Exact) => PropertyFilter {
                    operator: Operator::IsNotSet,
                    ..with(Value::Null)
                },
                (true, Operator::IsNot) => PropertyFilter {
                    operator: Operator::IsSet,
                    ..with(Value::Null)
                },
                _ => with(json!(values)),
            }
        }
        _ => filter.clone(),
    };
    vec![filter.to_json()]
}

#[cfg(test)]
mod tests;
