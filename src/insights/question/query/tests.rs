//! The bodies of queries, and the sources of the people behind their numbers.

use serde_json::json;

use super::*;
use crate::insights::question::{Exclusion, FunnelView, Interval, Math, Paths, Retention};

/// A question about these events.
fn about(insight: Insight, names: &[&str]) -> Question {
    Question {
        insight,
        series: names.iter().map(|name| Entity::event(name)).collect(),
        ..Question::default()
    }
}

fn is_pro() -> PropertyFilter {
    PropertyFilter::person("plan", Operator::Exact, json!("pro"))
}

fn with_others(question: Question, others: &[(&str, &str)]) -> Question {
    let others = others.iter();
    Question {
        others: others
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..question
    }
}

fn correlation(kind: CorrelationKind) -> Question {
    Question {
        correlation: kind,
        ..about(Insight::Correlation, &["signed_up", "paid", "signed_up"])
    }
}

#[test]
fn correlation_names_what_it_compares() {
    let names = |question: &Question| {
        let query = question.query();
        [
            query["funnelCorrelationNames"].clone(),
            query["funnelCorrelationEventNames"].clone(),
        ]
    };
    let none = Value::Null;
    let events = correlation(CorrelationKind::Events);
    assert_eq!(names(&events), [none.clone(), none.clone()]);
    let mut properties = correlation(CorrelationKind::Properties);
    assert_eq!(names(&properties), [json!(["$all"]), none.clone()]);
    properties.correlation_names.properties = vec!["plan".into()];
    assert_eq!(names(&properties), [json!(["plan"]), none.clone()]);
    let mut events = correlation(CorrelationKind::EventProperties);
    assert_eq!(names(&events), [none.clone(), json!(["signed_up", "paid"])]);
    events.correlation_names.events = vec!["$pageview".into()];
    assert_eq!(names(&events), [none, json!(["$pageview"])]);
}

#[test]
fn correlation_names_are_in_the_body_of_the_older_endpoint_too() {
    let body = correlation(CorrelationKind::Properties).correlation_body();
    assert_eq!(body["funnel_correlation_names"], json!(["$all"]));
    let body = correlation(CorrelationKind::EventProperties).correlation_body();
    let names = json!(["signed_up", "paid"]);
    assert_eq!(body["funnel_correlation_event_names"], names);
    // The default is not part of the URL of the screen.
    let parameters = correlation(CorrelationKind::Properties).parameters();
    assert!(!parameters.iter().any(|(name, _)| name.ends_with("_names")));
}

#[test]
fn event_properties_cannot_be_correlated_without_events() {
    let mut question = correlation(CorrelationKind::EventProperties);
    for entity in &mut question.series {
        entity.of = What::Action(7, String::new());
    }
    assert!(question.missing().is_some());
    question.correlation_names.events = vec!["$pageview".into()];
    assert_eq!(question.missing(), None);
}

#[test]
fn people_of_stickiness_are_those_of_one_series() {
    let question = about(Insight::Stickiness, &["a", "b"]);
    let response = json!({"results": [
        {"data": [5, 2], "days": [1, 2], "action": {"order": 0}},
        {"data": [4, 1], "days": [1, 2]},
    ]});
    let read = question.from_query(response, &[]);
    let actors = |line: usize, point: usize| &read["result"][line]["persons_urls"][point]["url"];
    insta::assert_snapshot!(
        actors(0, 1),
        @r#"{"day":2,"kind":"InsightActorsQuery","source":{"interval":"day","kind":"StickinessQuery","series":[{"event":"a","kind":"EventsNode"}]}}"#
    );
    // Without an order, the place in the response says which series it is.
    let source = &actors(1, 0)["source"]["series"];
    assert_eq!(*source, json!([{"event": "b", "kind": "EventsNode"}]));
}

#[test]
fn people_of_trends_name_their_series() {
    let question = about(Insight::Trends, &["a", "b"]);
    let response = json!({"results": [{"data": [1], "days": ["2026-05-01"], "action": {"order": 1}}],
        "last_refresh": "2026-05-01T10:00:00Z"});
    let read = question.from_query(response, &[]);
    let actors = &read["result"][0]["persons_urls"][0]["url"];
    assert_eq!(actors["series"], 1);
    assert_eq!(actors["source"]["series"].as_array().map(Vec::len), Some(2));
    assert_eq!(read["last_refresh"], "2026-05-01T10:00:00Z");
}

#[test]
fn each_cohort_is_a_condition_of_its_own_with_a_number() {
    let of = |value: Value| {
        let filter = PropertyFilter {
            subject: Subject::Cohort,
            key: "id".into(),
            operator: Operator::In,
            value,
        };
        query_conditions(&[filter])
    };
    let cohort =
        |number: i64| json!({"key": "id", "value": number, "operator": "in", "type": "cohort"});
    assert_eq!(of(json!(3)), json!([cohort(3)]));
    assert_eq!(of(json!("3")), json!([cohort(3)]));
    assert_eq!(of(json!([3, "4"])), json!([cohort(3), cohort(4)]));
}

#[test]
fn values_of_conditions_are_texts_and_numbers() {
    let of = |operator: Operator, value: Value| {
        let conditions = query_conditions(&[PropertyFilter::person("p", operator, value)]);
        (
            conditions[0]["operator"].clone(),
            conditions[0]["value"].clone(),
        )
    };
    let exact = |value: Value| of(Operator::Exact, value);
    assert_eq!(exact(json!(true)), (json!("exact"), json!(["true"])));
    assert_eq!(
        exact(json!([false, "a", 1, null])),
        (json!("exact"), json!(["false", "a", 1]))
    );
    assert_eq!(
        exact(json!([null])),
        (json!("is_not_set"), json!("is_not_set"))
    );
    assert_eq!(
        of(Operator::IsNot, json!([null])),
        (json!("is_set"), json!("is_set"))
    );
    for same in [json!("a"), json!(5), json!([]), json!(["a", 2.5])] {
        assert_eq!(exact(same.clone()), (json!("exact"), same));
    }
}

#[test]
fn conditions_stand_in_every_part_of_a_query() {
    let flag = PropertyFilter::person("beta", Operator::Exact, json!(true));
    let mut question = about(Insight::Trends, &["a"]);
    question.conditions = vec![flag.clone()];
    question.series[0].conditions = vec![flag];
    let query = question.query();
    assert_eq!(query["properties"][0]["value"], json!(["true"]));
    assert_eq!(
        query["series"][0]["properties"][0]["value"],
        json!(["true"])
    );
}

#[test]
fn retention_has_the_conditions_of_its_events_and_no_id_for_any_event() {
    let mut question = about(Insight::Retention, &["signed_up"]);
    question.series[0].conditions = vec![is_pro()];
    question.series.push(Entity::default());
    question.retention = Retention {
        intervals: 8,
        is_first_time: true,
    };
    let filter = &question.query()["retentionFilter"];
    insta::assert_snapshot!(
        filter["targetEntity"],
        @r#"{"id":"signed_up","properties":[{"key":"plan","operator":"exact","type":"person","value":"pro"}],"type":"events"}"#
    );
    assert_eq!(filter["returningEntity"], json!({"type": "events"}));
}

#[test]
fn what_a_link_passes_on_stands_in_the_query() {
    let breakdown = Some(Breakdown {
        kind: BreakdownKind::Event,
        key: "$os".into(),
    });
    let trends = Question {
        breakdown: breakdown.clone(),
        ..about(Insight::Trends, &["a"])
    };
    let trends = with_others(
        trends,
        &[
            ("display", "ActionsTable"),
            ("breakdown_limit", "5"),
            ("breakdown_histogram_bin_count", "4"),
            ("filter_test_accounts", "true"),
        ],
    );
    insta::assert_snapshot!(
        trends.query(),
        @r#"{"breakdownFilter":{"breakdown":"$os","breakdown_histogram_bin_count":4,"breakdown_limit":5,"breakdown_type":"event"},"filterTestAccounts":true,"interval":"day","kind":"TrendsQuery","series":[{"event":"a","kind":"EventsNode","math":"total"}],"trendsFilter":{"display":"ActionsTable"}}"#
    );
    let funnel = Question {
        breakdown,
        ..about(Insight::Funnel, &["a", "b"])
    };
    let funnel = with_others(
        funnel,
        &[
            ("breakdown_attribution_type", "step"),
            ("breakdown_attribution_value", "1"),
            ("bin_count", "auto"),
            ("funnel_from_step", "0"),
            ("funnel_to_step", "1"),
        ],
    );
    insta::assert_snapshot!(
        funnel.query()["funnelsFilter"],
        @r#"{"binCount":"auto","breakdownAttributionType":"step","breakdownAttributionValue":1,"funnelFromStep":0,"funnelOrderType":"ordered","funnelToStep":1,"funnelWindowInterval":14,"funnelWindowIntervalUnit":"day"}"#
    );
    let paths = with_others(
        about(Insight::Paths, &[]),
        &[
            ("edge_limit", "20"),
            ("min_edge_weight", "3"),
            ("max_edge_weight", "9"),
        ],
    );
    insta::assert_snapshot!(
        paths.query()["pathsFilter"],
        @r#"{"edgeLimit":20,"maxEdgeWeight":9,"minEdgeWeight":3,"stepLimit":5}"#
    );
    let correlation = with_others(
        correlation(CorrelationKind::Properties),
        &[("funnel_correlation_exclude_names", r#"["$os"]"#)],
    );
    let query = correlation.query();
    assert_eq!(query["funnelCorrelationExcludeNames"], json!(["$os"]));
    // What belongs to another insight is left out.
    let elsewhere = with_others(about(Insight::Trends, &["a"]), &[("edge_limit", "20")]);
    assert_eq!(elsewhere.query(), about(Insight::Trends, &["a"]).query());
}

#[test]
fn paths_that_exclude_something_name_their_types_of_events() {
    let paths = |event_types: &[&str], excluded: &[&str]| {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let question = Question {
            paths: Paths {
                event_types: texts(event_types),
                excluded: texts(excluded),
                ..Paths::default()
            },
            ..about(Insight::Paths, &[])
        };
        question.query()["pathsFilter"]["includeEventTypes"].clone()
    };
    assert_eq!(paths(&[], &[]), Value::Null);
    assert_eq!(
        paths(&[], &["/a"]),
        json!(["$pageview", "$screen", "custom_event"])
    );
    assert_eq!(paths(&["$screen"], &["/a"]), json!(["$screen"]));
}

#[test]
fn people_of_funnels_over_time_are_asked_for_with_the_requested_breakdown() {
    let question = |kind: BreakdownKind, key: &str| {
        let mut question = about(Insight::Funnel, &["a", "b"]);
        question.funnel.view = FunnelView::Trends;
        question.breakdown = Some(Breakdown {
            kind,
            key: key.into(),
        });
        question
    };
    let cohorts = [(3, "Power users".to_owned()), (4, "New".to_owned())];
    let sent = |question: &Question, told: Value| {
        let response =
            json!({"results": [{"data": [1], "days": ["2026-05-01"], "breakdown_value": told}]});
        let read = question.from_query(response, &cohorts);
        let people = &read["result"][0]["converted_people_urls"][0];
        people.get("funnelStepBreakdown").cloned()
    };
    let one = question(BreakdownKind::Cohort, "3");
    assert_eq!(sent(&one, json!("Renamed since")), Some(json!(3)));
    let two = question(BreakdownKind::Cohort, "3, 4");
    assert_eq!(sent(&two, json!("New")), Some(json!(4)));
    assert_eq!(sent(&two, json!(["Power users"])), Some(json!(3)));
    assert_eq!(sent(&two, json!(4)), Some(json!(4)));
    // Nobody is listed rather than somebody else.
    assert_eq!(sent(&two, json!("Gone")), None);
    let property = question(BreakdownKind::Event, "$os");
    assert_eq!(sent(&property, json!(["Linux"])), Some(json!(["Linux"])));
    assert_eq!(sent(&property, json!(["None"])), Some(json!([""])));
}

#[test]
fn every_query_is_one_that_both_years_accept() {
    let mut funnel = about(Insight::Funnel, &["a", "b"]);
    funnel.funnel.exclusions = vec![Exclusion {
        of: What::Event("c".into()),
        from_step: 0,
        to_step: 1,
    }];
    let mut sum = about(Insight::Trends, &["purchase"]);
    sum.series[0].math = Math::Sum;
    sum.series[0].math_property = "price".into();
    sum.interval = Interval::Week;
    let bodies = [
        sum,
        funnel,
        correlation(CorrelationKind::EventProperties),
        about(Insight::Lifecycle, &["a"]),
        about(Insight::Stickiness, &["a"]),
        about(Insight::Retention, &["a", "b"]),
        about(Insight::Paths, &[]),
    ]
    .map(|question| question.query().to_string());
    insta::assert_snapshot!(bodies.join("\n"), @r#"
    {"interval":"week","kind":"TrendsQuery","series":[{"event":"purchase","kind":"EventsNode","math":"sum","math_property":"price"}]}
    {"funnelsFilter":{"exclusions":[{"event":"c","funnelFromStep":0,"funnelToStep":1,"kind":"EventsNode"}],"funnelOrderType":"ordered","funnelWindowInterval":14,"funnelWindowIntervalUnit":"day"},"kind":"FunnelsQuery","series":[{"event":"a","kind":"EventsNode"},{"event":"b","kind":"EventsNode"}]}
    {"funnelCorrelationEventNames":["signed_up","paid"],"funnelCorrelationType":"event_with_properties","kind":"FunnelCorrelationQuery","source":{"kind":"FunnelsActorsQuery","source":{"funnelsFilter":{"funnelOrderType":"ordered","funnelWindowInterval":14,"funnelWindowIntervalUnit":"day"},"kind":"FunnelsQuery","series":[{"event":"signed_up","kind":"EventsNode"},{"event":"paid","kind":"EventsNode"},{"event":"signed_up","kind":"EventsNode"}]}}}
    {"interval":"day","kind":"LifecycleQuery","series":[{"event":"a","kind":"EventsNode"}]}
    {"interval":"day","kind":"StickinessQuery","series":[{"event":"a","kind":"EventsNode"}]}
    {"kind":"RetentionQuery","retentionFilter":{"period":"Day","retentionType":"retention_recurring","returningEntity":{"id":"b","type":"events"},"targetEntity":{"id":"a","type":"events"},"totalIntervals":11}}
    {"kind":"PathsQuery","pathsFilter":{"stepLimit":5}}
    "#);
}
