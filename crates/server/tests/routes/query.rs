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

#[tokio::test]
async fn retention_and_trends_say_more_of_each_person() {
    let server = server().await;
    let target = json!({"id": "view", "type": "events"});
    let filter = json!({"targetEntity": target, "returningEntity": target, "totalIntervals": 2});
    let retention = about("RetentionQuery", json!({"retentionFilter": filter}));
    let source = json!({"kind": "InsightActorsQuery", "source": retention, "interval": 0});
    let query = json!({"kind": "ActorsQuery", "select": ["properties.plan", "appearances"], "source": source});
    assert_eq!(
        answer(&server, &query).await["results"],
        json!([["pro", [1, 1]], ["free", [1, 0]]])
    );
    let trends = about(
        "TrendsQuery",
        json!({"series": [{"kind": "EventsNode", "event": "view"}]}),
    );
    let source = json!({"kind": "InsightActorsQuery", "source": trends, "day": "2024-05-02"});
    let query = json!({"kind": "ActorsQuery", "select": ["person.properties.plan", "event_count"],
        "orderBy": ["event_count DESC", "actor_id DESC"], "limit": 1, "source": source});
    let body = answer(&server, &query).await;
    assert_eq!(body["results"], json!([["pro", 2.0]]));
    assert_eq!(
        (&body["hasMore"], &body["limit"], &body["offset"]),
        (&json!(true), &json!(1), &json!(0))
    );
    let free = json!([{"type": "person", "key": "plan", "value": "free"}]);
    let query = json!({"kind": "ActorsQuery", "select": ["properties.plan"], "properties": free, "source": query["source"]});
    assert_eq!(answer(&server, &query).await["results"], json!([["free"]]));
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
        (&json!("pro"), &json!("2024-05-01T10:00:00Z"), &Value::Null)
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
async fn kept_answers_will_do_unless_forced() {
    let server = server().await;
    let of = async |refresh: Value| {
        let body = json!({"query": views("TrendsQuery"), "refresh": refresh});
        server.post(QUERY, &body).await.json()["is_cached"].clone()
    };
    assert_eq!(of(json!("blocking")).await, false);
    assert_eq!(of(json!("blocking")).await, true);
    assert_eq!(of(json!("force_blocking")).await, false);
    assert_eq!(of(json!(true)).await, false);
    assert_eq!(of(json!("force_cache")).await, true);
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
