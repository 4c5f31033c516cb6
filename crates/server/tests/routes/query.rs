//! `POST query/`: the same answers as elsewhere, in other words.

use serde_json::{Value, json};

use crate::server::{Answer, Server, event};

const QUERY: &str = "/api/projects/@current/query/";

/// Ada views twice on the second of May and buys on the third, grace views once on the second.
async fn server() -> Server {
    let server = Server::new();
    server
        .people(&[
            ("ada", json!({"email": "ada@example.com", "plan": "pro"})),
            ("grace", json!({"plan": "free"})),
        ])
        .await;
    server
        .capture(vec![
            event("view", "ada", "2024-05-02T08:00:00Z", json!({"page": "/a"})),
            event("view", "ada", "2024-05-02T08:10:00Z", json!({"page": "/b"})),
            event(
                "view",
                "grace",
                "2024-05-02T09:30:00Z",
                json!({"page": "/a"}),
            ),
            event("view", "ada", "2024-05-03T08:00:00Z", json!({"page": "/a"})),
            event("buy", "ada", "2024-05-03T08:10:00Z", json!({"price": 7.5})),
        ])
        .await;
    server
}

async fn ask(server: &Server, query: &Value) -> Answer {
    server.post(QUERY, &json!({"query": query})).await
}

async fn answer(server: &Server, query: &Value) -> Value {
    let answer = ask(server, query).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", answer.text());
    answer.json()
}

/// A query about the second and the third of May.
fn about(kind: &str, more: Value) -> Value {
    let mut query = json!({
        "kind": kind,
        "dateRange": {"date_from": "2024-05-02", "date_to": "2024-05-03"},
    });
    for (field, value) in more.as_object().expect("fields") {
        query[field] = value.clone();
    }
    query
}

fn views(kind: &str) -> Value {
    about(
        kind,
        json!({"series": [{"kind": "EventsNode", "event": "view", "math": "dau"}]}),
    )
}

fn funnel() -> Value {
    let series =
        json!([{"kind": "EventsNode", "event": "view"}, {"kind": "EventsNode", "event": "buy"}]);
    about(
        "FunnelsQuery",
        json!({"series": series, "funnelsFilter": {"funnelVizType": "steps", "layout": "vertical"}}),
    )
}

/// The first distinct ids of the people behind a number, in any order.
async fn actors(server: &Server, source: Value) -> Vec<String> {
    let query = json!({"kind": "ActorsQuery", "select": ["actor"], "source": source});
    let body = answer(server, &query).await;
    let rows = body["results"].as_array().expect("rows").iter();
    let mut ids: Vec<String> = rows
        .map(|row| {
            row[0]["distinct_ids"][0]
                .as_str()
                .expect("an id")
                .to_owned()
        })
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn numbers_are_those_of_the_insights() {
    let server = server().await;
    let of = async |query: Value| answer(&server, &query).await["results"].clone();
    assert_eq!(of(views("TrendsQuery")).await[0]["data"], json!([2.0, 1.0]));
    assert_eq!(
        of(views("StickinessQuery")).await[0]["data"],
        json!([1.0, 1.0])
    );
    assert_eq!(
        of(views("LifecycleQuery")).await[3]["data"],
        json!([0.0, -1.0])
    );
    let steps = of(funnel()).await;
    assert_eq!(
        (&steps[0]["count"], &steps[1]["count"]),
        (&json!(2), &json!(1))
    );
    let target = json!({"id": "view", "type": "events"});
    let filter = json!({"targetEntity": target, "returningEntity": target, "totalIntervals": 2, "period": "Day"});
    let table = of(about("RetentionQuery", json!({"retentionFilter": filter}))).await;
    assert_eq!(
        (
            &table[0]["values"][0]["count"],
            &table[0]["values"][1]["count"]
        ),
        (&json!(2), &json!(1))
    );
    let filter = json!({"includeEventTypes": ["custom_event"], "stepLimit": 3});
    let edges = of(about("PathsQuery", json!({"pathsFilter": filter}))).await;
    assert_eq!(edges[0]["target"], "2_buy");
    let around = json!({"funnelPathsFilter": {"funnelPathType": "funnel_path_after_step", "funnelStep": 2, "funnelSource": funnel()}});
    assert_eq!(of(about("PathsQuery", around)).await, json!([]));
    let correlation = json!({"kind": "FunnelCorrelationQuery", "source": {"kind": "FunnelsActorsQuery", "source": funnel()},
        "funnelCorrelationType": "properties", "funnelCorrelationNames": ["plan"]});
    let factors = of(correlation).await;
    assert_eq!(factors["events"].as_array().map(Vec::len), Some(2));
    let by_page = json!({"series": [{"kind": "EventsNode", "event": "view"}], "breakdownFilter": {"breakdown": "page", "breakdown_type": "event"}});
    assert_eq!(
        of(about("TrendsQuery", by_page)).await[0]["breakdown_value"],
        "/a"
    );
}

#[tokio::test]
async fn people_behind_numbers() {
    let server = server().await;
    let insight = |source: Value, more: Value| {
        let mut query = json!({"kind": "InsightActorsQuery", "source": source});
        for (field, value) in more.as_object().expect("fields") {
            query[field] = value.clone();
        }
        query
    };
    let trends = views("TrendsQuery");
    assert_eq!(
        actors(
            &server,
            insight(trends.clone(), json!({"day": "2024-05-02", "series": 0}))
        )
        .await,
        ["ada", "grace"]
    );
    assert_eq!(
        actors(&server, insight(trends, json!({"day": "2024-05-03"}))).await,
        ["ada"]
    );
    let sticky = views("StickinessQuery");
    assert_eq!(
        actors(&server, insight(sticky.clone(), json!({"day": 2}))).await,
        ["ada"]
    );
    assert_eq!(
        actors(
            &server,
            json!({"kind": "StickinessActorsQuery", "source": sticky, "day": 1})
        )
        .await,
        ["grace"]
    );
    let dormant = json!({"day": "2024-05-03", "status": "dormant"});
    assert_eq!(
        actors(&server, insight(views("LifecycleQuery"), dormant)).await,
        ["grace"]
    );
    let lost = json!({"funnelPathsFilter": {"funnelPathType": "funnel_path_before_step", "funnelStep": -2, "funnelSource": funnel()}});
    assert_eq!(
        actors(&server, insight(about("PathsQuery", lost), json!({}))).await,
        ["grace"]
    );
    let keys = json!({"pathsFilter": {"pathEndKey": "2_buy"}});
    assert_eq!(
        actors(&server, insight(about("PathsQuery", keys), json!({}))).await,
        ["ada"]
    );
    for (step, expected) in [(1, &["ada", "grace"][..]), (2, &["ada"]), (-2, &["grace"])] {
        let source = json!({"kind": "FunnelsActorsQuery", "source": funnel(), "funnelStep": step});
        assert_eq!(actors(&server, source).await, expected);
    }
    let correlation = json!({"kind": "FunnelCorrelationQuery", "funnelCorrelationType": "properties",
        "source": {"kind": "FunnelsActorsQuery", "source": funnel(), "funnelStep": 1}});
    let pro = json!([{"key": "plan", "value": "pro", "operator": "exact", "type": "person"}]);
    let source = json!({"kind": "FunnelCorrelationActorsQuery", "source": correlation,
        "funnelCorrelationPersonConverted": true, "funnelCorrelationPropertyValues": pro});
    assert_eq!(actors(&server, source).await, ["ada"]);
    let by_page = json!({"series": [{"kind": "EventsNode", "event": "view"}], "breakdownFilter": {"breakdown": "page", "breakdown_limit": 1}});
    let other =
        json!({"day": "2024-05-02", "series": 0, "breakdown": ["$$_posthog_breakdown_other_$$"]});
    assert_eq!(
        actors(&server, insight(about("TrendsQuery", by_page), other)).await,
        ["ada"]
    );
}

/// Retention of views by day, its last interval on the given day, or today.
fn retention(date_to: Value, intervals: usize) -> Value {
    let target = json!({"id": "view", "type": "events"});
    let filter = json!({"targetEntity": target, "returningEntity": target, "totalIntervals": intervals, "period": "Day"});
    json!({"kind": "RetentionQuery", "dateRange": {"date_to": date_to}, "retentionFilter": filter})
}

/// The people behind a number of an insight, in these columns.
fn actors_query(source: Value, select: &[&str], order: Option<&str>) -> Value {
    let order = order.map(|order| vec![order]);
    json!({"kind": "ActorsQuery", "select": select, "source": source, "orderBy": order})
}

#[tokio::test]
async fn appearances_are_numbers_of_intervals_and_each_interval_is_a_column() {
    let server = server().await;
    let back = |id| event("view", id, "2024-05-04T08:00:00Z", json!({}));
    server.capture(vec![back("ada"), back("grace")]).await;
    let source = json!({"kind": "InsightActorsQuery", "source": retention(json!("2024-05-04"), 3), "interval": 0});
    let select = ["properties.plan", "appearances", "day_0", "day_1", "day_2"];
    let query = actors_query(
        source.clone(),
        &select,
        Some("length(appearances) DESC, id"),
    );
    let body = answer(&server, &query).await;
    assert_eq!(
        body["results"],
        json!([["pro", [0, 1, 2], 1, 1, 1], ["free", [0, 2], 1, 0, 1]])
    );
    assert_eq!(body["columns"], json!(select));
    assert_eq!(body["types"][1], "Array(Int64)");
    for column in ["day_3", "week_0", "day_", "day_x", "day_+1", "event_count"] {
        let query = actors_query(source.clone(), &[column], None);
        ask(&server, &query).await.is_invalid("query");
    }
}

#[tokio::test]
async fn retention_rows_have_all_columns_and_say_which_intervals_are_over() {
    let server = server().await;
    let counts = |table: &Value| -> Vec<Vec<u64>> {
        let rows = table.as_array().expect("rows").iter();
        rows.map(|row| {
            let values = row["values"].as_array().expect("values").iter();
            values
                .map(|value| value["count"].as_u64().expect("a count"))
                .collect()
        })
        .collect()
    };
    // The table ends on the second, and what happened on the third is in its last row.
    let body = answer(&server, &retention(json!("2024-05-02"), 2)).await;
    assert_eq!(counts(&body["results"]), [[0, 0], [2, 1]]);
    assert_eq!(
        body["results"][1],
        json!({"date": "2024-05-02T00:00:00Z", "label": "Day 1", "values": [
            {"count": 2, "label": "Day 0", "is_complete": true},
            {"count": 1, "label": "Day 1", "is_complete": true},
        ]})
    );
    let source = json!({"kind": "InsightActorsQuery", "source": retention(json!("2024-05-02"), 2), "interval": 1});
    let query = actors_query(source, &["properties.plan", "day_1"], None);
    let body = answer(&server, &query).await;
    let rows = body["results"].as_array().expect("rows");
    assert!(rows.contains(&json!(["pro", 1])) && rows.contains(&json!(["free", 0])));

    // A table that ends now: the interval of today and those after it are not over.
    let table = answer(&server, &retention(Value::Null, 3)).await["results"].clone();
    let complete: Vec<Vec<bool>> = table
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let values = row["values"].as_array().expect("values").iter();
            values.map(|value| value["is_complete"] == true).collect()
        })
        .collect();
    assert_eq!(
        complete,
        [[true, true, false], [true, false, false], [false; 3]]
    );
    assert_eq!(counts(&table), vec![vec![0; 3]; 3]);
}

#[tokio::test]
async fn event_count_counts_events_whatever_the_math() {
    let server = server().await;
    server
        .capture(vec![
            event("buy", "grace", "2024-05-03T09:00:00Z", json!({"price": 1})),
            event("buy", "grace", "2024-05-03T09:10:00Z", json!({"price": 2})),
        ])
        .await;
    for (math, property) in [
        ("total", None),
        ("dau", None),
        ("sum", Some("price")),
        ("max", Some("price")),
    ] {
        let mut node = json!({"kind": "EventsNode", "event": "buy", "math": math});
        if let Some(property) = property {
            node["math_property"] = json!(property);
        }
        let trends = about("TrendsQuery", json!({"series": [node]}));
        let source = json!({"kind": "InsightActorsQuery", "source": trends, "day": "2024-05-03"});
        let select = ["person.properties.plan", "event_count"];
        let query = actors_query(source, &select, Some("event_count DESC, actor_id DESC"));
        let body = answer(&server, &query).await;
        assert_eq!(body["results"], json!([["free", 2], ["pro", 1]]), "{math}");
    }
}

#[tokio::test]
async fn people_behind_a_number_come_in_pages_and_in_the_order_of_the_query() {
    let server = server().await;
    let trends = about(
        "TrendsQuery",
        json!({"series": [{"kind": "EventsNode", "event": "view"}]}),
    );
    let source = json!({"kind": "InsightActorsQuery", "source": trends, "day": "2024-05-02"});
    let select = ["person.properties.plan", "event_count"];
    let mut query = actors_query(source.clone(), &select, Some("event_count DESC"));
    query["limit"] = json!(1);
    let body = answer(&server, &query).await;
    assert_eq!(body["results"], json!([["pro", 2]]));
    assert_eq!(
        (&body["hasMore"], &body["limit"], &body["offset"]),
        (&json!(true), &json!(1), &json!(0))
    );
    query["offset"] = json!(1);
    let body = answer(&server, &query).await;
    assert_eq!(body["results"], json!([["free", 1]]));
    assert_eq!(
        (&body["hasMore"], &body["limit"], &body["offset"]),
        (&json!(false), &json!(1), &json!(1))
    );
    let free = json!([{"type": "person", "key": "plan", "value": "free"}]);
    let query = json!({"kind": "ActorsQuery", "select": ["properties.plan"], "properties": free, "source": source});
    assert_eq!(answer(&server, &query).await["results"], json!([["free"]]));

    // Without an order, people come in the order of their ids.
    let ids = async |order: Option<&str>| {
        let body = answer(&server, &actors_query(source.clone(), &["id"], order)).await;
        let rows = body["results"].as_array().expect("rows").iter();
        rows.map(|row| row[0].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    let mut ascending = ids(None).await;
    assert!(ascending.len() == 2 && ascending.is_sorted());
    assert_eq!(ids(Some("actor_id ASC")).await, ascending);
    ascending.reverse();
    assert_eq!(ids(Some("id DESC")).await, ascending);
    for order in [
        "length(appearances) DESC",
        "event_count ASC",
        "name",
        "id, id",
    ] {
        let query = actors_query(source.clone(), &["id"], Some(order));
        ask(&server, &query).await.is_invalid("query");
    }
}

#[tokio::test]
async fn people_are_as_posthog_sends_them() {
    let server = server().await;
    let query =
        json!({"kind": "ActorsQuery", "select": ["person", "id", "uuid", "name"], "search": "ada"});
    let body = answer(&server, &query).await;
    let row = &body["results"][0];
    let fields: Vec<&String> = row[0].as_object().expect("a person").keys().collect();
    let mut expected = vec![
        "id",
        "properties",
        "is_identified",
        "created_at",
        "distinct_ids",
        "last_seen_at",
    ];
    expected.sort_unstable();
    let mut fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, expected);
    let id = row[0]["id"].as_str().expect("a UUID");
    assert!(uuid::Uuid::try_parse(id).is_ok());
    assert_eq!((&row[1], &row[2]), (&json!(id), &json!(id)));
    assert_eq!(row[3], "ada@example.com");
    assert_eq!(
        (&body["is_cached"], body["last_refresh"].is_string()),
        (&json!(false), true)
    );
}

/// The names of the fields of an object.
fn fields(object: &Value) -> Vec<&str> {
    let fields = object.as_object().expect("an object").keys();
    let mut fields: Vec<&str> = fields.map(String::as_str).collect();
    fields.sort_unstable();
    fields
}

#[tokio::test]
async fn results_have_no_fields_of_the_older_endpoints() {
    let server = server().await;
    let of = async |query: Value| answer(&server, &query).await["results"].clone();
    let series = ["action", "count", "data", "days", "label", "labels"];
    assert_eq!(
        fields(&of(views("TrendsQuery")).await[0]),
        [
            "action", "count", "data", "days", "filter", "label", "labels"
        ]
    );
    assert_eq!(fields(&of(views("StickinessQuery")).await[0]), series);
    assert_eq!(
        fields(&of(views("LifecycleQuery")).await[0]),
        [
            "action", "count", "data", "days", "label", "labels", "status"
        ]
    );
    assert_eq!(
        fields(&of(funnel()).await[1]),
        [
            "action_id",
            "average_conversion_time",
            "count",
            "custom_name",
            "median_conversion_time",
            "name",
            "order",
            "people",
            "type"
        ]
    );
    let with_view = |view: &str| {
        let mut query = funnel();
        query["funnelsFilter"]["funnelVizType"] = json!(view);
        query
    };
    assert_eq!(
        fields(&of(with_view("trends")).await[0]),
        ["count", "data", "days", "labels"]
    );
    assert_eq!(
        fields(&of(with_view("time_to_convert")).await),
        ["average_conversion_time", "bins"]
    );
    assert_eq!(
        fields(&of(about("PathsQuery", json!({}))).await[0]),
        ["average_conversion_time", "source", "target", "value"]
    );
    let correlation = json!({"kind": "FunnelCorrelationQuery", "source": {"kind": "FunnelsActorsQuery", "source": funnel()},
        "funnelCorrelationType": "properties", "funnelCorrelationNames": ["$all"]});
    let factors = of(correlation).await;
    assert_eq!(fields(&factors), ["events", "skewed"]);
    assert_eq!(
        fields(&factors["events"][0]),
        [
            "correlation_type",
            "event",
            "failure_count",
            "odds_ratio",
            "success_count"
        ]
    );
}

#[tokio::test]
async fn correlation_by_properties_without_names_is_refused() {
    let server = server().await;
    for (kind, field) in [
        ("properties", "funnelCorrelationNames"),
        ("event_with_properties", "funnelCorrelationEventNames"),
    ] {
        let mut query = json!({"kind": "FunnelCorrelationQuery", "source": {"kind": "FunnelsActorsQuery", "source": funnel()},
            "funnelCorrelationType": kind});
        ask(&server, &query).await.is_invalid(field);
        query[field] = json!([]);
        ask(&server, &query).await.is_invalid(field);
        query[field] = json!(["plan"]);
        answer(&server, &query).await;
    }
}

#[tokio::test]
async fn every_kind_of_query_says_how_old_its_result_is() {
    let server = server().await;
    let trends =
        json!({"kind": "InsightActorsQuery", "source": views("TrendsQuery"), "day": "2024-05-02"});
    for query in [
        views("TrendsQuery"),
        funnel(),
        retention(json!("2024-05-03"), 2),
        json!({"kind": "ActorsQuery", "select": ["id"], "source": trends}),
        json!({"kind": "EventsQuery", "select": ["event"]}),
    ] {
        let of = async |refresh: &str| {
            let body = json!({"query": query, "refresh": refresh});
            let body = server.post(QUERY, &body).await.json();
            assert!(body["last_refresh"].is_string(), "{body}");
            assert_eq!(body["timezone"], "UTC");
            body["is_cached"].clone()
        };
        assert_eq!(of("blocking").await, false, "{query}");
        assert_eq!(of("async").await, true, "{query}");
        assert_eq!(of("force_blocking").await, false, "{query}");
    }
}

#[tokio::test]
async fn more_values_of_a_breakdown_than_lines_are_announced() {
    let server = server().await;
    let of = async |limit: usize| {
        let more = json!({"series": [{"kind": "EventsNode", "event": "view"}],
            "breakdownFilter": {"breakdown": "page", "breakdown_limit": limit}});
        answer(&server, &about("TrendsQuery", more)).await["hasMore"].clone()
    };
    assert_eq!((of(1).await, of(2).await), (json!(true), json!(false)));
}

#[tokio::test]
async fn all_people_in_chosen_columns() {
    let server = server().await;
    let body = answer(&server, &json!({"kind": "ActorsQuery"})).await;
    assert_eq!(
        body["columns"],
        json!(["person", "id", "created_at", "person.$delete"])
    );
    let row = &body["results"][1];
    assert_eq!(row[0]["id"], row[1]);
    assert_eq!(
        (&row[0]["properties"]["plan"], &row[2], &row[3]),
        (&json!("pro"), &json!("2024-05-01T10:00:00Z"), &json!(1))
    );
    assert_eq!(
        (&body["hasMore"], &body["missing_actors_count"]),
        (&json!(false), &json!(0))
    );
    let pro = json!([{"type": "person", "key": "plan", "operator": "exact", "value": ["pro"]}]);
    for narrowed in [
        json!({"search": "ADA@"}),
        json!({"properties": pro}),
        json!({"fixedProperties": pro}),
    ] {
        let mut query = json!({"kind": "ActorsQuery", "select": ["properties.email"], "orderBy": ["created_at DESC"]});
        for (field, value) in narrowed.as_object().expect("fields") {
            query[field] = value.clone();
        }
        assert_eq!(
            answer(&server, &query).await["results"],
            json!([["ada@example.com"]]),
            "{query}"
        );
    }
    let query = json!({"kind": "ActorsQuery", "select": ["id"], "limit": 1});
    assert_eq!(answer(&server, &query).await["hasMore"], true);
}

#[tokio::test]
async fn events_in_chosen_columns() {
    let server = server().await;
    let query = json!({"kind": "EventsQuery", "select": ["event", "properties.page", "timestamp", "person"],
        "event": "view", "limit": 2, "orderBy": ["timestamp ASC"],
        "properties": [{"type": "event", "key": "page", "value": "/a", "operator": "exact"}]});
    let body = answer(&server, &query).await;
    assert_eq!(body["results"][0][0], "view");
    assert_eq!(body["results"][0][1], "/a");
    assert_eq!(body["results"][1][3]["distinct_ids"], json!(["grace"]));
    assert_eq!(
        (&body["hasMore"], &body["columns"][2]),
        (&json!(true), &json!("timestamp"))
    );
    let all = answer(&server, &json!({"kind": "EventsQuery", "personId": "2"})).await;
    assert_eq!(all["results"][0][0]["uuid"], all["results"][0][0]["id"]);
}

#[tokio::test]
async fn cached_results_are_used_unless_a_refresh_is_forced() {
    let server = server().await;
    let post = async |refresh: Value| {
        let body = json!({"query": views("TrendsQuery"), "refresh": refresh});
        server.post(QUERY, &body).await
    };
    let of = async |refresh: &str| post(json!(refresh)).await.json()["is_cached"].clone();
    assert_eq!(of("blocking").await, false);
    for refresh in [
        "blocking",
        "async",
        "async_except_on_cache_miss",
        "lazy_async",
        "force_cache",
    ] {
        assert_eq!(of(refresh).await, true, "{refresh}");
    }
    assert_eq!(of("force_blocking").await, false);
    assert_eq!(of("force_async").await, false);
    for refresh in [json!(true), json!("force"), json!(""), json!(1)] {
        post(refresh).await.is_invalid("refresh");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let server = server().await;
    for query in [
        json!("select 1"),
        json!({}),
        json!({"kind": "HogQLQuery", "query": "select 1"}),
        json!({"kind": "TrendsQuery", "colour": "red"}),
        about("TrendsQuery", json!({"trendsFilter": {"colour": "red"}})),
        about("TrendsQuery", json!({"series": 1})),
        json!({"kind": "ActorsQuery", "select": ["count()"]}),
        json!({"kind": "ActorsQuery", "orderBy": ["name ASC"]}),
        json!({"kind": "ActorsQuery", "colour": "red"}),
        json!({"kind": "ActorsQuery", "source": {"kind": "HogQLQuery", "query": "select 1"}}),
        json!({"kind": "ActorsQuery", "source": {"kind": "FunnelsActorsQuery", "source": views("TrendsQuery")}}),
        json!({"kind": "EventsQuery", "select": ["count()"]}),
        json!({"kind": "EventsQuery", "where": ["1"]}),
    ] {
        ask(&server, &query).await.is_invalid("query");
    }
    server.post(QUERY, &json!({})).await.is_invalid("query");
    ask(&server, &json!({"kind": "TrendsQuery"}))
        .await
        .is_invalid("events");
    let only_insights = Server::with_scopes(&["insight:read"]);
    assert_eq!(
        ask(&only_insights, &views("TrendsQuery"))
            .await
            .status
            .as_u16(),
        403
    );
}

#[tokio::test]
async fn columns_are_known_before_anything_is_asked_and_not_without_end() {
    let server = server().await;
    for kind in ["EventsQuery", "ActorsQuery"] {
        for columns in [json!(["nonsense"]), json!(vec!["*"; 101]), json!("person")] {
            let refused = ask(&server, &json!({"kind": kind, "select": columns})).await;
            refused.is_invalid("query");
        }
    }
    // Also where there is nobody to be shown.
    let nothing = json!({"kind": "EventsQuery", "event": "never", "select": ["nonsense"]});
    ask(&server, &nothing).await.is_invalid("query");
}
