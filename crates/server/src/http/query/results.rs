//! The results of `query/`, which are those of `insights/…` without what PostHog does not send here.

use serde_json::Value;

/// Removes the fields that only `insights/…` has: the URLs of people, and the numbers that PostHog does not compute.
pub(super) fn remove_insight_fields(kind: &str, results: &mut Value) {
    let fields: &[&str] = match kind {
        "TrendsQuery" => &["persons", "persons_urls"],
        "StickinessQuery" | "LifecycleQuery" => &["filter", "persons_urls"],
        "FunnelsQuery" => &[
            "converted_people_url",
            "dropped_people_url",
            "converted_people_urls",
            "dropped_people_urls",
            "people_urls",
            "reached_from_step_counts",
            "reached_to_step_counts",
        ],
        "PathsQuery" => &[
            "people",
            "people_url",
            "dropoffs",
            "dropoff_people",
            "dropoff_url",
        ],
        "FunnelCorrelationQuery" => &[
            "odds_ratio_interval",
            "success_people_url",
            "failure_people_url",
            "success_without_people_url",
            "failure_without_people_url",
            "success_total",
            "failure_total",
        ],
        _ => &[],
    };
    remove(results, fields);
}

/// Removes fields from an object, from its `events`, or from each item of a list of objects or of lists of them.
fn remove(results: &mut Value, fields: &[&str]) {
    match results {
        Value::Array(items) => items.iter_mut().for_each(|item| remove(item, fields)),
        Value::Object(object) => {
            object.retain(|name, _| !fields.contains(&name.as_str()));
            if let Some(events) = object.get_mut("events") {
                remove(events, fields);
            }
        }
        _ => {}
    }
}

/// Whether a breakdown has more values than lines, so that one line is about the rest.
pub(super) fn has_more_values(results: &Value) -> bool {
    let lines = results.as_array().into_iter().flatten();
    let mut values = lines.map(|line| &line["breakdown_value"]);
    values.any(|value| value == "$$_posthog_breakdown_other_$$")
}
