//! Questions in the words of `query/`, for servers where `insights/…` is gone.

use persons_api::{PropertyFilter, Subject};
use serde_json::{Map, Value, json};

use super::wire::{cohorts_json, conditions_json, period};
use super::{Breakdown, BreakdownKind, Entity, Funnel, FunnelView, Insight, Question, What};

impl Question {
    /// The query whose results are the answer.
    pub fn query(&self) -> Value {
        match self.insight {
            Insight::Trends => self.with_series("TrendsQuery", true),
            Insight::Lifecycle => self.with_series("LifecycleQuery", false),
            Insight::Stickiness => self.with_series("StickinessQuery", false),
            Insight::Funnel => self.funnels_query(),
            Insight::Correlation => json!({
                "kind": "FunnelCorrelationQuery",
                "source": {"kind": "FunnelsActorsQuery", "source": self.funnels_query()},
                "funnelCorrelationType": self.correlation.name(),
            }),
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
            query.insert("properties".into(), conditions_json(&self.conditions));
        }
        let passed_on = |name: &str| {
            self.others
                .iter()
                .any(|(other, value)| other == name && value == "true")
        };
        if passed_on("filter_test_accounts") {
            query.insert("filterTestAccounts".into(), json!(true));
        }
        query
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
            let filter = json!({"breakdown": key, "breakdown_type": kind.name()});
            query.insert("breakdownFilter".into(), filter);
        }
        query
    }

    fn with_series(&self, kind: &str, with_math: bool) -> Value {
        self.series_query(kind, with_math).into()
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
            filter[name] = match &entity.of {
                What::Action(number, _) => json!({"id": number, "type": "actions"}),
                What::Event(name) => json!({"id": name, "type": "events"}),
                What::Any => json!({"id": null, "type": "events"}),
            };
        }
        query.insert("retentionFilter".into(), filter);
        query.into()
    }

    fn paths_query(&self) -> Value {
        let mut query = self.shared("PathsQuery");
        let paths = &self.paths;
        let mut filter = json!({"stepLimit": paths.steps});
        for (name, list) in [
            ("includeEventTypes", &paths.event_types),
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
    /// `ActorsQuery` where a URL would be.
    pub fn from_query(&self, mut answer: Value) -> Value {
        let query = self.query();
        let mut results = answer["results"].take();
        match self.insight {
            Insight::Trends | Insight::Lifecycle | Insight::Stickiness => {
                for item in results.as_array_mut().into_iter().flatten() {
                    self.put_points(item, &query);
                }
            }
            Insight::Funnel => self.put_steps(&mut results, &query),
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
        json!({"result": results})
    }

    /// Who is behind each point of a series.
    fn put_points(&self, item: &mut Value, query: &Value) {
        let kind = match self.insight {
            Insight::Stickiness => "StickinessActorsQuery",
            _ => "InsightActorsQuery",
        };
        let days = item["days"].as_array().cloned().unwrap_or_default();
        let people = days.iter().map(|day| {
            let mut actors = json!({"kind": kind, "source": query, "day": day});
            match self.insight {
                Insight::Lifecycle => actors["status"] = item["status"].clone(),
                _ => actors["series"] = json!(item["action"]["order"].as_u64().unwrap_or_default()),
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

    fn put_steps(&self, results: &mut Value, query: &Value) {
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
                    let people = days.iter().map(|day| {
                        actors(json!({
                            "funnelTrendsEntrancePeriodStart": day,
                            "funnelTrendsDropOff": false,
                            "funnelStepBreakdown": item["breakdown_value"],
                        }))
                    });
                    item["converted_people_urls"] = people.collect();
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
            operator: persons_api::Operator::Exact,
            value: json!([value]),
        }
        .to_json()
    };
    match (
        question.correlation,
        &name.splitn(3, "::").collect::<Vec<_>>()[..],
    ) {
        (super::CorrelationKind::Properties, [key, value @ ..]) => {
            let values = json!([is(Subject::Person, key, &value.join("::"))]);
            actors["funnelCorrelationPropertyValues"] = values;
        }
        (super::CorrelationKind::EventProperties, [event, key, value]) => {
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
        node.insert("properties".into(), conditions_json(&entity.conditions));
    }
    node.into()
}
