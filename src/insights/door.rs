//! Where a question is asked: servers of different ages answer at different endpoints.

use persons_api::Timestamp;
use serde_json::Value;

use super::figure::Answer;
use super::question::{BreakdownKind, FunnelView, Insight, Question};
use super::{answer, before};
use crate::api::numbers::{self, QueryOptions};
use crate::api::{ApiError, Client, cohorts};
use crate::platform::{Abort, clock};

/// A family of endpoints that compute insights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `insights/…`, on servers up to 2026. On servers since 2025 it does not list people any more.
    Insights,
    /// `query/`, on servers since 2024.
    Query,
}

/// Asks the server, at the endpoints that are known to list people first.
///
/// # Errors
/// See [`ApiError`]; [`ApiError::NotOffered`] when the server offers neither endpoint.
pub async fn ask(
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Answer, ApiError> {
    if question.is_compared && question.insight == Insight::Trends {
        return compared(client, question, options, abort).await;
    }
    once(client, question, options, abort).await
}

/// Asks for the time before, too. No server is asked to compare: not all can, and this way the people of both
/// times are listed as those of any other answer.
async fn compared(
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Answer, ApiError> {
    let now = Question {
        is_compared: false,
        ..question.clone()
    };
    let mut answer = once(client, &now, options, abort).await?;
    if let Some(earlier) = before::question(&now, &answer) {
        let earlier = once(client, &earlier, options, abort).await?;
        before::join(&mut answer, earlier);
    }
    Ok(answer)
}

async fn once(
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Answer, ApiError> {
    let endpoints = if numbers::is_without_insights(client) {
        [Endpoint::Query, Endpoint::Insights]
    } else {
        [Endpoint::Insights, Endpoint::Query]
    };
    let first = at(endpoints[0], client, question, options, abort).await;
    let is_insights = endpoints[0] == Endpoint::Insights;
    let response = match first {
        // The numbers alone are of little use: `query/` has the same with their people.
        Ok(response) if is_insights && lists_people(question, &response) == Some(false) => {
            match at(Endpoint::Query, client, question, options, abort).await {
                Ok(response) => {
                    // No version of it lists the people of a funnel over time.
                    let is_usual = question.insight != Insight::Funnel
                        || question.funnel.view == FunnelView::Steps;
                    if is_usual {
                        numbers::remember_without_insights(client);
                    }
                    response
                }
                Err(error) if is_refusal(&error) => response,
                Err(error) => return Err(error),
            }
        }
        Err(refused) if is_unavailable(&refused) => {
            match at(endpoints[1], client, question, options, abort).await {
                // Where neither endpoint is available, the more helpful of the two errors is shown.
                Err(error) if is_unavailable(&error) => {
                    let both = [refused, error];
                    let helpful = both
                        .iter()
                        .find(|error| matches!(error, ApiError::Forbidden { .. }));
                    return Err(helpful.cloned().unwrap_or(ApiError::NotOffered));
                }
                response => {
                    let response = response?;
                    if is_insights {
                        numbers::remember_without_insights(client);
                    }
                    response
                }
            }
        }
        response => response?,
    };
    let mut answer = answer::read(question, &response, clock::now()).ok_or(ApiError::Unreadable)?;
    answer.calculated_at = response["last_refresh"].as_str().and_then(Timestamp::parse);
    Ok(answer)
}

/// Whether the other endpoint may be available.
fn is_unavailable(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::NotFound | ApiError::NotOffered | ApiError::Forbidden { .. }
    )
}

/// Whether the server cannot answer a query at all, as servers before 2024.
fn is_refusal(error: &ApiError) -> bool {
    is_unavailable(error) || matches!(error, ApiError::Invalid { .. })
}

/// Whether a response of `insights/…` says where the people behind its numbers are listed. From January 2025 to
/// September 2026 these endpoints of PostHog compute with the code of `query/`, which names no such places. `None`
/// where there are no numbers, or none whose people servers list.
fn lists_people(question: &Question, response: &Value) -> Option<bool> {
    let items = response["result"].as_array()?;
    let steps = || {
        let steps = items.iter().flat_map(|item| match item {
            Value::Array(group) => group.iter().collect(),
            step => vec![step],
        });
        steps.collect::<Vec<_>>()
    };
    let (count, is_listed) = match question.insight {
        Insight::Trends | Insight::Lifecycle | Insight::Stickiness => (
            items.len(),
            items.iter().any(|item| {
                let points = item["persons_urls"].as_array();
                points.is_some_and(|points| points.iter().any(|point| point["url"].is_string()))
                    || item["persons"]["url"].is_string()
            }),
        ),
        Insight::Funnel => match question.funnel.view {
            FunnelView::Steps => (
                items.len(),
                steps()
                    .iter()
                    .any(|step| step["converted_people_url"].is_string()),
            ),
            FunnelView::Trends => (
                items.len(),
                items
                    .iter()
                    .any(|item| item["converted_people_urls"].is_array()),
            ),
            FunnelView::TimeToConvert => return None,
        },
        Insight::Retention | Insight::Paths => (
            items.len(),
            items.iter().any(|item| item["people_url"].is_string()),
        ),
        Insight::Correlation => return None,
    };
    (count > 0).then_some(is_listed)
}

async fn at(
    endpoint: Endpoint,
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Value, ApiError> {
    match endpoint {
        Endpoint::Insights => legacy(client, question, options, abort).await,
        Endpoint::Query => {
            let response = numbers::query(client, &question.query(), options, abort).await;
            let mut response = response.map_err(|error| explained(question, error))?;
            if question.insight == Insight::Correlation
                && response["results"]["success_total"].is_null()
            {
                put_totals(&mut response, client, question, options, abort).await?;
            }
            let cohorts = cohort_names(client, question, abort).await;
            Ok(question.from_query(response, &cohorts))
        }
    }
}

/// Servers up to 2024 refuse conditions on the events of retention, in the words of a schema.
fn explained(question: &Question, error: ApiError) -> ApiError {
    let has_conditions = question
        .series
        .iter()
        .take(2)
        .any(|entity| !entity.conditions.is_empty());
    match error {
        ApiError::Invalid { detail, attr }
            if question.insight == Insight::Retention && has_conditions =>
        {
            ApiError::Invalid {
                detail: format!(
                    "The server refused the query. Older servers do not support filters on the events of retention: remove them to see the result without them. The server's message: {detail}"
                ),
                attr,
            }
        }
        error => error,
    }
}

/// The numbers and names of cohorts, where a response tells several cohorts apart by name. Without the names, the
/// people of these lines are not listed.
async fn cohort_names(client: &Client, question: &Question, abort: &Abort) -> Vec<(i64, String)> {
    let is_needed = question.insight == Insight::Funnel
        && question.funnel.view == FunnelView::Trends
        && question.breakdown.as_ref().is_some_and(|breakdown| {
            breakdown.kind == BreakdownKind::Cohort && breakdown.key.contains(',')
        });
    if !is_needed {
        return Vec::new();
    }
    let cohorts = cohorts::all(client, abort).await.unwrap_or_default();
    let names = cohorts.into_iter().map(|cohort| (cohort.id, cohort.name));
    names.collect()
}

/// How many converted and how many did not, which newer servers do not say beside what goes along with it.
async fn put_totals(
    answer: &mut Value,
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<(), ApiError> {
    let funnel = question.turned_into(Insight::Funnel);
    let steps = numbers::query(client, &funnel.query(), options, abort).await?;
    let counts = steps["results"].as_array().into_iter().flatten();
    let counts: Vec<u64> = counts.filter_map(|step| step["count"].as_u64()).collect();
    if let [began, .., ended] = counts[..] {
        answer["results"]["success_total"] = ended.into();
        answer["results"]["failure_total"] = began.saturating_sub(ended).into();
    }
    Ok(())
}

/// At `insights/…`.
async fn legacy(
    client: &Client,
    question: &Question,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Value, ApiError> {
    let name = match question.insight {
        Insight::Trends | Insight::Lifecycle | Insight::Stickiness => "trend",
        Insight::Funnel => "funnel",
        Insight::Retention => "retention",
        Insight::Paths => "path",
        // This one has always been asked with a body.
        Insight::Correlation => {
            let mut body = question.correlation_body();
            if options.is_forced {
                body.insert("refresh".into(), true.into());
            }
            let body = Value::Object(body);
            return numbers::posted(client, "insights/funnel/correlation/", &body, abort).await;
        }
    };
    numbers::insight(client, name, &question.parameters(), options, abort).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(insight: Insight, view: FunnelView, result: Value) -> Option<bool> {
        let mut question = Question {
            insight,
            ..Question::default()
        };
        question.funnel.view = view;
        lists_people(&question, &json!({"result": result}))
    }

    #[test]
    fn a_response_without_any_link_to_people_is_recognized() {
        let steps = FunnelView::Steps;
        for insight in [Insight::Trends, Insight::Lifecycle, Insight::Stickiness] {
            let with = json!([{"data": [1, 2], "persons_urls": [{"url": "api/x"}]}]);
            assert_eq!(told(insight, steps, with), Some(true));
            for without in [
                json!([{"data": [1, 2], "days": ["2026-05-01", "2026-05-02"]}]),
                json!([{"data": [1], "persons_urls": []}]),
                json!([{"data": [1], "persons_urls": null, "aggregated_value": 3}]),
            ] {
                assert_eq!(told(insight, steps, without), Some(false));
            }
        }
        let total = json!([{"aggregated_value": 3, "persons": {"url": "api/x"}}]);
        assert_eq!(told(Insight::Trends, steps, total), Some(true));
        let with = json!([{"count": 2, "converted_people_url": "/api/x"}]);
        assert_eq!(told(Insight::Funnel, steps, with.clone()), Some(true));
        let with_breakdown = json!([with]);
        assert_eq!(told(Insight::Funnel, steps, with_breakdown), Some(true));
        for without in [
            json!([{"count": 2, "converted_people_url": null, "dropped_people_url": null}]),
            json!([[{"count": 2, "converted_people_url": null}]]),
        ] {
            assert_eq!(told(Insight::Funnel, steps, without), Some(false));
        }
    }

    #[test]
    fn a_response_without_numbers_says_nothing_about_the_server() {
        for (insight, ..) in Insight::ALL {
            assert_eq!(told(*insight, FunnelView::Steps, json!([])), None);
        }
        let bins = json!({"bins": [[60, 1]]});
        assert_eq!(told(Insight::Funnel, FunnelView::TimeToConvert, bins), None);
    }

    #[test]
    fn a_refusal_of_conditions_on_retention_events_is_explained() {
        let mut question = Question {
            insight: Insight::Retention,
            series: vec![Default::default(), Default::default()],
            ..Question::default()
        };
        let refusal =
            || ApiError::from_answer(400, None, r#"{"detail":"Extra inputs are not permitted"}"#);
        assert_eq!(explained(&question, refusal()), refusal());
        question.series[1].conditions = vec![persons_api::PropertyFilter::person(
            "plan",
            persons_api::Operator::Exact,
            json!("pro"),
        )];
        let sentence = explained(&question, refusal()).to_string();
        assert!(
            sentence.contains("filters on the events of retention"),
            "{sentence}"
        );
        assert!(
            sentence.ends_with("Extra inputs are not permitted"),
            "{sentence}"
        );
    }
}
