//! Correlation: `insights/funnel/correlation/`, and `persons/funnel/correlation/` for who has a factor.

use persons_api::{FilterTree, Subject};
use persons_engine::events::Stop;
use persons_engine::insights::correlation::factor::{FactorCell, FactorPeople, FactorQuery, Sign};
use persons_engine::insights::correlation::odds::Direction;
use persons_engine::insights::correlation::{
    Candidates, Correlated, Correlation, CorrelationQuery, Correlations, Factor,
};
use persons_engine::insights::funnel::Progress;
use persons_engine::insights::{InsightError, ListedPeople, Page, Source};
use serde_json::{Value, json};

use super::cells::{Cells, exactly};
use super::funnel::{self, funnel_of, plain, progress};
use super::numbers::NumbersQuestion;
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{one, some_series};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::params::Params;

/// The name of all properties.
const ALL: &str = "$all";

/// Asks for the people who do not have the factor, whom PostHog does not list.
const WITHOUT: &str = "funnel_correlation_person_without";

/// What people may have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Events,
    Properties,
    EventProperties,
}

impl Kind {
    fn read(params: &Params) -> Result<Self, ApiError> {
        match params.get("funnel_correlation_type") {
            None | Some("events") => Ok(Self::Events),
            Some("properties") => Ok(Self::Properties),
            Some("event_with_properties") => Ok(Self::EventProperties),
            Some(_) => Err(ApiError::invalid(
                "funnel_correlation_type",
                "Use events, properties or event_with_properties.",
            )),
        }
    }
}

/// Who is compared: everybody, if it is not said.
fn compared(params: &Params) -> Result<Progress, ApiError> {
    match params
        .get("funnel_step")
        .or(params.get("funnel_custom_steps"))
    {
        None => Ok(Progress::Reached(1)),
        Some(_) => progress(params),
    }
}

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct CorrelationNumbers(CorrelationQuery);

impl Question for CorrelationNumbers {
    type Ready = Correlation;
    type Found = Correlations;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let steps = some_series(params, source.actions)?;
        let candidates = match Kind::read(params)? {
            Kind::Events => Candidates::Events {
                except: params.texts("funnel_correlation_exclude_event_names")?,
            },
            Kind::Properties => {
                let keys = params.texts("funnel_correlation_names")?;
                let is_all = keys.is_empty() || keys.iter().any(|key| key == ALL);
                Candidates::PersonProperties {
                    keys: (!is_all).then_some(keys),
                    except: params.texts("funnel_correlation_exclude_names")?,
                }
            }
            Kind::EventProperties => Candidates::EventProperties {
                events: params.texts("funnel_correlation_event_names")?,
                except: params.texts("funnel_correlation_event_exclude_property_names")?,
            },
        };
        Ok(Self(CorrelationQuery {
            funnel: funnel_of(params, &steps, source)?,
            progress: compared(params)?,
            candidates,
        }))
    }

    fn prepare(&self, source: Source<'_>) -> Result<Correlation, ApiError> {
        Ok(self.0.prepare(source)?)
    }

    fn answer(&self, ready: Correlation, stop: &Stop) -> Result<Correlations, InsightError> {
        ready.numbers(stop)
    }

    fn weight(found: &Correlations) -> usize {
        2 * found.factors.len()
    }
}

impl NumbersQuestion for CorrelationNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let own = [
            &funnel::NAMES[..],
            &[
                "funnel_step",
                "funnel_custom_steps",
                "funnel_correlation_type",
            ],
        ]
        .concat();
        let cells = Cells::new(app, "persons/funnel/correlation", params, &own);
        let range = answered.question.0.funnel.range;
        let factor = |found: &Correlated| {
            let url = |is_converted: bool, has_factor: bool| {
                let mut cell = exactly(range).to_vec();
                cell.push(sign(&found.factor));
                cell.push(("funnel_correlation_person_converted", json!(is_converted)));
                if !has_factor {
                    cell.push((WITHOUT, json!(true)));
                }
                cells.rooted(&cell)
            };
            let direction = match found.odds.direction() {
                Direction::Success => "success",
                Direction::Failure => "failure",
            };
            json!({
                "event": {"event": found.factor.name(), "properties": {}, "elements": []},
                "success_count": found.with.success,
                "failure_count": found.with.failure,
                "odds_ratio": found.odds.value,
                "odds_ratio_interval": [found.odds.interval.0, found.odds.interval.1],
                "correlation_type": direction,
                "success_people_url": url(true, true),
                "failure_people_url": url(false, true),
                "success_without_people_url": url(true, false),
                "failure_without_people_url": url(false, false),
            })
        };
        json!({
            "events": answered.found.factors.iter().map(factor).collect::<Value>(),
            "skewed": answered.found.is_skewed,
            "success_total": answered.found.all.success,
            "failure_total": answered.found.all.failure,
        })
    }
}

/// The parameter that asks for the people who have a factor.
fn sign(factor: &Factor) -> (&'static str, Value) {
    let exactly = |key: &str, value: &str, kind: &str| json!([{"key": key, "value": value, "operator": "exact", "type": kind}]);
    let entity = |event: &str, properties: Value| {
        let entity = json!({"id": event, "type": "events", "properties": properties});
        ("funnel_correlation_person_entity", entity)
    };
    match factor {
        Factor::Event(event) => entity(event, json!([])),
        Factor::EventProperty { event, key, value } => entity(event, exactly(key, value, "event")),
        Factor::PersonProperty { key, value } => (
            "funnel_correlation_property_values",
            exactly(key, value, "person"),
        ),
    }
}

/// A question for the people who have a factor.
#[derive(Debug)]
pub(in crate::http) struct CorrelationPeople {
    query: FactorQuery,
    cell: FactorCell,
}

/// What the people have, as the parameters say it.
fn read_sign(params: &Params, source: Source<'_>) -> Result<Sign, ApiError> {
    let missing = |attr, detail| Err(ApiError::invalid(attr, detail));
    if Kind::read(params)? == Kind::Properties {
        let name = "funnel_correlation_property_values";
        let filter = params.json(name)?.unwrap_or(Value::Null);
        let filter = FilterTree::from_json(&filter, Subject::Person)
            .map_err(|error| ApiError::invalid(name, error.to_string()))?;
        if filter.is_empty() {
            let detail = "Property Correlation expects atleast one Property to get persons for";
            return missing(name, detail);
        }
        return Ok(Sign::Are(filter));
    }
    let name = "funnel_correlation_person_entity";
    match one(params, name, source.actions)? {
        Some(series) => Ok(Sign::Did(series.entity)),
        None => missing(name, "No entity for persons specified"),
    }
}

impl PeopleQuestion for CorrelationPeople {
    type Ready = FactorPeople;
    type Value = ();

    const WINDOW: [&'static str; 2] = [
        "funnel_correlation_person_limit",
        "funnel_correlation_person_offset",
    ];

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let steps = some_series(params, source.actions)?;
        let is_converted = params.get("funnel_correlation_person_converted");
        Ok(Self {
            query: FactorQuery {
                funnel: funnel_of(params, &steps, source)?,
                progress: compared(params)?,
                sign: read_sign(params, source)?,
            },
            cell: FactorCell {
                is_converted: is_converted.map(|text| text.eq_ignore_ascii_case("true")),
                has_factor: !params.flag(WITHOUT)?,
            },
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<FactorPeople, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &FactorPeople,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<()>, InsightError> {
        ready.people(&self.cell, page, stop).map(plain)
    }
}
