//! Answers in the shapes of the API, as they are drawn.

use serde_json::json;

use super::*;
use crate::insights::question::{Entity, Funnel, Interval, Math};

/// The answer to a question with these series, at noon of 25 November 2026.
fn read_with(
    insight: Insight,
    series: &[&str],
    result: &Value,
    change: impl FnOnce(&mut Question),
) -> Answer {
    let mut question = Question {
        insight,
        series: series.iter().map(|name| Entity::event(name)).collect(),
        ..Question::default()
    };
    change(&mut question);
    let now = Timestamp::parse("2026-11-25T12:00:00Z").expect("a moment");
    read(&question, &json!({"result": result}), now).expect("an answer")
}

/// Every cell in a line: key, title, number, people.
fn cells(answer: &Answer) -> String {
    let lines = answer.cells.iter().map(|cell| {
        let people = match &cell.people {
            Some(Source::Url(url)) => url.clone(),
            Some(Source::Row { row, column, .. }) => match &**row {
                Source::Url(url) => format!("{url} {column:?}"),
                other => panic!("{other:?}"),
            },
            Some(Source::Any(all)) => format!("any of {}", all.len()),
            other => format!("{other:?}"),
        };
        format!(
            "{} | {} | {} {:?} | {people}",
            cell.key, cell.title, cell.value, cell.unit
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn trends_are_lines_and_their_last_day_is_not_over() {
    let result = json!([{
        "action": {"name": "$pageview", "order": 0}, "data": [45.0, 61.0],
        "days": ["2026-11-24", "2026-11-25"], "labels": ["x", "y"], "breakdown_value": "pro",
        "persons_urls": [
            {"filter": {"date_to": "2026-11-24T23:59:59.999999Z"}, "url": "api/a"},
            {"filter": {"date_to": "2026-11-25T23:59:59.999999Z"}, "url": "api/b"},
        ],
    }]);
    let answer = read_with(Insight::Trends, &["$pageview"], &result, |question| {
        question.series[0].math = Math::People;
    });
    insta::assert_snapshot!(cells(&answer), @"
    0/2026-11-24 | pro · 24 Nov 2026 | 45 People | api/a
    0/2026-11-25 | pro · 25 Nov 2026 | 61 People | api/b
    ");
    let Figure::Lines(lines) = &answer.figure else {
        panic!("{answer:?}");
    };
    assert!(lines.is_unfinished);
    assert_eq!(lines.labels, ["24 Nov", "25 Nov"]);
    insta::assert_snapshot!(answer.summary, @"24 Nov to 25 Nov; pro: 61 at most, 61 at last.");
}

#[test]
fn totals_are_bars() {
    let result = json!([{
        "action": {"name": "purchase", "order": 0}, "aggregated_value": 7.5,
        "persons": {"url": "api/all"},
    }]);
    let answer = read_with(Insight::Trends, &["purchase"], &result, |question| {
        question.series[0].math = Math::Mean;
    });
    insta::assert_snapshot!(cells(&answer), @"0/all | purchase | 7.5 Other | api/all");
}

#[test]
fn stickiness_has_its_n_or_more() {
    let result = json!([{
        "action": {"name": "$pageview", "order": 0}, "data": [5.0, 2.0], "days": [1, 2],
        "persons_urls": [{"url": "api/1"}, {"url": "api/2"}],
    }]);
    let answer = read_with(Insight::Stickiness, &["$pageview"], &result, |question| {
        question.interval = Interval::Week;
    });
    insta::assert_snapshot!(cells(&answer), @"
    0/1 | $pageview · active on exactly 1 week | 5 People | api/1
    0/2 | $pageview · active on exactly 2 weeks | 2 People | api/2
    1+ | Active on 1 week or more | 7 People | any of 2
    2+ | Active on 2 weeks or more | 2 People | any of 1
    ");
}

#[test]
fn those_who_went_are_counted_below_zero() {
    let status = |status: &str, value: f64| {
        json!({"status": status, "data": [value], "days": ["2026-11-09"],
            "persons_urls": [{"filter": {"date_to": "2026-11-15T23:59:59Z"}, "url": status}]})
    };
    let result = json!([
        status("dormant", -3.0),
        status("new", 4.0),
        status("returning", 5.0),
        status("resurrecting", 1.0),
    ]);
    let answer = read_with(Insight::Lifecycle, &["$pageview"], &result, |question| {
        question.interval = Interval::Week;
    });
    insta::assert_snapshot!(cells(&answer), @"
    new/2026-11-09 | New · week of 9 Nov 2026 | 4 People | new
    returning/2026-11-09 | Returning · week of 9 Nov 2026 | 5 People | returning
    resurrecting/2026-11-09 | Resurrecting · week of 9 Nov 2026 | 1 People | resurrecting
    dormant/2026-11-09 | Dormant · week of 9 Nov 2026 | 3 People | dormant
    ");
}

fn funnel_step(order: usize, name: &str, count: u32, breakdown: Value) -> Value {
    json!({"order": order, "name": name, "count": count, "median_conversion_time": 60.0,
        "breakdown_value": breakdown, "converted_people_url": format!("/api/reached/{order}"),
        "dropped_people_url": if order == 0 { Value::Null } else { json!(format!("/api/lost/{order}")) }})
}

#[test]
fn each_step_of_a_funnel_has_those_who_came_and_those_who_did_not() {
    let result = json!([
        funnel_step(0, "signed_up", 40, Value::Null),
        funnel_step(1, "paid", 12, Value::Null)
    ]);
    let answer = read_with(Insight::Funnel, &["signed_up", "paid"], &result, |_| {});
    insta::assert_snapshot!(cells(&answer), @"
    reached/1 | Began with signed_up | 40 People | /api/reached/0
    lost/2 | Dropped before paid | 28 People | /api/lost/1
    reached/2 | Reached paid | 12 People | /api/reached/1
    ");
    insta::assert_snapshot!(answer.summary, @"40 people began with signed_up; 12 of them came to paid: 30 %.");
}

#[test]
fn a_funnel_with_a_breakdown_is_several() {
    let group = |value: &str| {
        json!([
            funnel_step(0, "a", 4, json!([value])),
            funnel_step(1, "b", 1, json!([value]))
        ])
    };
    let result = json!([group("pro"), group("$$_posthog_breakdown_null_$$")]);
    let answer = read_with(Insight::Funnel, &["a", "b"], &result, |_| {});
    insta::assert_snapshot!(cells(&answer), @"
    reached/1/0 | Began with a · pro | 4 People | /api/reached/0
    lost/2/0 | Dropped before b · pro | 3 People | /api/lost/1
    reached/2/0 | Reached b · pro | 1 People | /api/reached/1
    reached/1/1 | Began with a · not set | 4 People | /api/reached/0
    lost/2/1 | Dropped before b · not set | 3 People | /api/lost/1
    reached/2/1 | Reached b · not set | 1 People | /api/reached/1
    ");
}

#[test]
fn conversion_over_time_counts_people_behind_its_percents() {
    let result = json!([{
        "data": [25.0], "days": ["2026-10-27"], "reached_to_step_counts": [2],
        "converted_people_urls": ["/api/c"],
    }]);
    let answer = read_with(Insight::Funnel, &["a", "b"], &result, |question| {
        question.funnel.view = FunnelView::Trends;
    });
    insta::assert_snapshot!(cells(&answer), @"0/2026-10-27 | Began 27 Oct 2026 and converted | 2 People | /api/c");
}

#[test]
fn how_long_it_took_has_people_too() {
    let result =
        json!({"average_conversion_time": 90.0, "bins": [[60, 5]], "people_urls": ["/api/b"]});
    let answer = read_with(Insight::Funnel, &["a", "b"], &result, |question| {
        question.funnel = Funnel {
            view: FunnelView::TimeToConvert,
            ..Funnel::default()
        };
    });
    insta::assert_snapshot!(cells(&answer), @"bin/0 | Took 1 min or longer, up to the next bar | 5 People | /api/b");
    insta::assert_snapshot!(answer.summary, @"5 people converted, 1.5 min on average.");
}

#[test]
fn factors_have_both_sides() {
    let result = json!({"success_total": 20, "failure_total": 20, "skewed": false, "events": [{
        "event": {"event": "plan::pro"}, "success_count": 15, "failure_count": 3, "odds_ratio": 12.0,
        "success_people_url": "/api/s", "failure_people_url": "/api/f",
    }]});
    let answer = read_with(Insight::Correlation, &["a", "b"], &result, |_| {});
    insta::assert_snapshot!(cells(&answer), @"
    converted/plan::pro | plan :: pro · converted | 15 People | /api/s
    dropped/plan::pro | plan :: pro · did not convert | 3 People | /api/f
    ");
}

#[test]
fn a_cell_of_retention_is_a_column_of_the_row() {
    let result = json!([{
        "date": "2026-11-02T00:00:00Z", "label": "Week 0", "people_url": "/api/row",
        "values": [{"count": 10, "people_url": "/api/row"}, {"count": 4}],
    }, {
        "date": "2026-11-09T00:00:00Z", "label": "Week 1", "people_url": "/api/next",
        "values": [{"count": 3}],
    }]);
    let read = |is_first_time| {
        read_with(Insight::Retention, &["a"], &result, |question| {
            question.to = "2026-11-09".into();
            question.interval = Interval::Week;
            question.retention.is_first_time = is_first_time;
        })
    };
    let answer = read(false);
    insta::assert_snapshot!(cells(&answer), @"
    2026-11-02T00 | Began week of 2 Nov 2026 | 10 People | /api/row None
    2026-11-02T00/0 | Began week of 2 Nov 2026 | 10 People | /api/row Some(0)
    2026-11-02T00/1 | Began week of 2 Nov 2026, back in week 1 | 4 People | /api/row Some(1)
    2026-11-09T00 | Began week of 9 Nov 2026 | 3 People | /api/next None
    2026-11-09T00/0 | Began week of 9 Nov 2026 | 3 People | /api/next Some(0)
    all | Everyone who began | 13 Other | any of 2
    all/0 | Everyone who began | 13 Other | any of 2
    all/1 | Everyone back in week 1 | 4 Other | any of 1
    ");
    insta::assert_snapshot!(answer.summary, @"People began 13 times, in 2 weeks; 40 % of those who could came back in week 1.");
    // Nobody begins twice for the first time.
    let answer = read(true);
    let cells = cells(&answer);
    insta::assert_snapshot!(cells.lines().last().unwrap_or_default(), @"all/1 | Everyone back in week 1 | 4 People | any of 1");
    insta::assert_snapshot!(answer.summary, @"13 people began, in 2 weeks; 40 % of those who could came back in week 1.");
}

/// The rows of a table that begins on 2 November 2026, each with all columns.
fn square_rows(counts: &[&[u32]]) -> Value {
    let row = |(place, counts): (usize, &&[u32])| {
        let date = format!("2026-11-{:02}T00:00:00Z", 2 + 7 * place);
        let values: Vec<Value> = counts
            .iter()
            .map(|count| json!({"count": count, "label": "x"}))
            .collect();
        json!({"date": date, "label": format!("Week {place}"), "values": values,
            "people_url": {"kind": "InsightActorsQuery", "interval": place}})
    };
    counts.iter().enumerate().map(row).collect()
}

fn triangle_of(answer: &Answer) -> &crate::insights::figure::Triangle {
    match &answer.figure {
        Figure::Triangle(triangle) => triangle,
        other => panic!("{other:?}"),
    }
}

#[test]
fn columns_that_begin_after_now_are_left_out_of_rows_and_means() {
    // It is Wednesday of the fourth week: the intervals of later weeks have not begun.
    let result = square_rows(&[
        &[10, 5, 5, 4, 0, 0],
        &[20, 10, 8, 0, 0, 0],
        &[30, 15, 0, 0, 0, 0],
        &[40, 0, 0, 0, 0, 0],
    ]);
    let answer = read_with(Insight::Retention, &["a"], &result, |question| {
        question.interval = Interval::Week;
    });
    let triangle = triangle_of(&answer);
    let lengths: Vec<usize> = triangle.rows.iter().map(|row| row.values.len()).collect();
    assert_eq!(lengths, [4, 3, 2, 1]);
    assert!(triangle.rows.iter().all(|row| row.is_unfinished));
    // Only intervals that are over count: 5 of 10 and 10 of 20.
    assert!(
        answer
            .summary
            .ends_with("50 % of those who could came back in week 1."),
        "{}",
        answer.summary
    );
    assert!(
        !answer
            .cells
            .iter()
            .any(|cell| cell.key == "2026-11-23T00/1")
    );
    let Some(Source::Row { columns, .. }) = &answer.cells[0].people else {
        panic!("{:?}", answer.cells[0]);
    };
    assert_eq!(*columns, 4);
}

#[test]
fn intervals_between_the_last_day_and_now_are_counted() {
    let result = square_rows(&[&[10, 5, 3, 2], &[20, 10, 7, 0]]);
    let answer = read_with(Insight::Retention, &["a"], &result, |question| {
        question.interval = Interval::Week;
        question.to = "2026-11-15".into();
    });
    let rows = &triangle_of(&answer).rows;
    assert_eq!([rows[0].values.len(), rows[1].values.len()], [4, 3]);
    assert_eq!([rows[0].is_unfinished, rows[1].is_unfinished], [true, true]);
}

#[test]
fn sums_behind_a_query_are_not_added_up_from_their_people() {
    let unit = |url: Value| {
        let result = json!([{"data": [707.0], "days": ["2026-11-24"], "action": {"order": 0},
            "persons_urls": [{"url": url}]}]);
        let answer = read_with(Insight::Trends, &["purchase"], &result, |question| {
            question.series[0].math = Math::Sum;
        });
        answer.cells[0].unit
    };
    assert_eq!(unit(json!("api/a")), Unit::Sum);
    assert_eq!(unit(json!({"kind": "InsightActorsQuery"})), Unit::Other);
}

#[test]
fn groups_of_retention_are_no_weeks() {
    let group = |name: &str| json!({"breakdown_value": [name], "label": name, "values": [{"count": 5}, {"count": 1}, {"count": 0}]});
    let result = json!([group("free"), group("pro")]);
    let answer = read_with(Insight::Retention, &["a"], &result, |question| {
        question.interval = Interval::Week;
        question.retention.is_first_time = true;
    });
    // Somebody may be in both.
    insta::assert_snapshot!(answer.summary, @"People began 10 times, in 2 groups; 20 % of those who could came back in week 1.");
}

#[test]
fn where_paths_end_is_told_or_reckoned() {
    let edge = |from: &str, to: &str, value: u32| {
        let url = format!("/api/p?step_limit=3&path_start_key={from}&path_end_key={to}");
        json!({"source": from, "target": to, "value": value, "people_url": url})
    };
    let ways = json!([
        edge("1_/", "2_/a_b", 7),
        edge("2_/a_b", "3_/", 3),
        edge("2_/a_b", "3_/c", 1)
    ]);
    let ends = |answer: &Answer| -> String {
        let cells = cells(answer);
        let ends = cells.lines().filter(|line| line.contains("! | "));
        ends.collect::<Vec<_>>().join("\n")
    };
    let three_steps = |question: &mut Question| question.paths.steps = 3;
    let answer = read_with(Insight::Paths, &[], &ways, three_steps);
    insta::assert_snapshot!(ends(&answer), @"2_/a_b! | Ended at /a_b, step 2 | 3 Other | /api/p?step_limit=3&path_dropoff_key=2_%2Fa_b");
    let answer = read_with(Insight::Paths, &[], &ways, |question| {
        question.paths.steps = 3;
        question.others = vec![("edge_limit".to_owned(), "3".to_owned())];
    });
    assert_eq!(ends(&answer), "");
    // Paths around a step of a funnel are cut where their time ends.
    let answer = read_with(Insight::Paths, &[], &ways, |question| {
        question.paths.steps = 3;
        question.around = Some(Box::default());
    });
    assert_eq!(ends(&answer), "");
    let mut told = ways.clone();
    for way in told.as_array_mut().expect("a list") {
        let is_first = way["target"] == "2_/a_b";
        way["dropoffs"] = json!(3 * u32::from(is_first));
        way["dropoff_people"] = json!(2 * u32::from(is_first));
        way["dropoff_url"] = json!("/api/d");
    }
    let answer = read_with(Insight::Paths, &[], &told, |_| {});
    insta::assert_snapshot!(ends(&answer), @"2_/a_b! | Ended at /a_b, step 2 | 2 People | /api/d");
}

#[test]
fn edges_count_ways_and_their_cells_people() {
    let edge = |people: Value, value: u32| {
        json!({"source": "1_/", "target": "2_/a_b", "value": value, "people": people,
            "average_conversion_time": 1500.0, "people_url": "/api/p?at=1"})
    };
    let result = json!([edge(Value::Null, 7), edge(json!(30), 42)]);
    let answer = read_with(Insight::Paths, &[], &result, |_| {});
    insta::assert_snapshot!(cells(&answer), @"
    1_/>2_/a_b | / → /a_b | 7 Other | /api/p?at=1
    1_/>2_/a_b | / → /a_b | 30 People | /api/p?at=1
    2_/a_b! | Ended at /a_b, step 2 | 49 Other | /api/p?at=1&path_dropoff_key=2_%2Fa_b
    1_/ | Came to /, step 1 | 49 Other | /api/p?at=1&path_start_key=1_%2F
    2_/a_b | Came to /a_b, step 2 | 49 Other | /api/p?at=1&path_end_key=2_%2Fa_b
    ");
    let Figure::Flows(flows) = &answer.figure else {
        panic!("{answer:?}");
    };
    assert_eq!(flows.edges[0].weight.value, 42.0);
    assert_eq!(flows.edges[0].mean_seconds, Some(1.5));
}

#[test]
fn an_empty_answer_is_an_answer_and_a_wrong_one_is_none() {
    let now = Timestamp::parse("2026-11-25T12:00:00Z").expect("a moment");
    for (insight, _, _) in Insight::ALL {
        let question = Question {
            insight: *insight,
            ..Question::default()
        };
        let empty = match insight {
            Insight::Correlation => json!({"result": {"events": []}}),
            _ => json!({"result": []}),
        };
        assert!(read(&question, &empty, now).is_some(), "{insight:?}");
        for wrong in [json!({}), json!({"result": 7}), json!({"result": [7]})] {
            assert_eq!(read(&question, &wrong, now), None, "{insight:?} {wrong}");
        }
    }
}
