//! The states of insights: each form with people behind one of its numbers, what is open beside them, and
//! what stands there when there is nobody or nothing to see.

use persons_e2e::{Answers, Browser, Outcome, Server};

use super::Step::{self, Click, Focus, Press, See};
use super::{State, look_at, state};
use crate::world::signed_in_with;

/// A question about the last month of the sample project, as its URL says it.
macro_rules! asked {
    ($insight:literal, $terms:literal) => {
        concat!(
            "/insights?date_from=2026-05-01&date_to=2026-06-01&insight=",
            $insight,
            $terms
        )
    };
}

const PEOPLE: Step = See("in the chart = ");
/// Who looked at a page, day by day.
const DAYS: &str = asked!("TRENDS", r#"&events=[{"id":"$pageview","math":"dau"}]"#);
/// Those of one day.
const DAY: &str = asked!(
    "TRENDS",
    r#"&events=[{"id":"$pageview","math":"dau"}]&cell=0/2026-05-05"#
);

#[rustfmt::skip]
const STATES: &[State] = &[
    state("insights", "/insights", Answers::True, &[], "Seven kinds of questions"),
    state("insights-unreadable", "/insights?insight=MOOD", Answers::True, &[], "This link leads nowhere"),
    state("insights-unfinished", asked!("FUNNELS", ""), Answers::True, &[], "as soon as there is enough to ask"),
    state("insights-trends", DAY, Answers::True, &[], "15 in the chart = 15 listed"),
    state("insights-breakdown", asked!("TRENDS", r#"&events=[{"id":"$pageview"},{"id":"purchase"}]&breakdown=plan&breakdown_type=person"#), Answers::True, &[], "purchase · pro"),
    state("insights-table", asked!("TRENDS", r#"&events=[{"id":"$pageview","math":"dau"}]&cell=0/2026-05-05&as=table"#), Answers::True, &[PEOPLE], "1 May"),
    state("insights-nobody", asked!("TRENDS", r#"&events=[{"id":"never","math":"dau"}]&cell=0/2026-05-05"#), Answers::True, &[], "0 in the chart = 0 listed"),
    state("insights-event", DAYS, Answers::True, &[Click("$pageview")], "Counted as"),
    state("insights-dates", DAYS, Answers::True, &[Click("1 May")], "First day"),
    state("insights-condition", DAYS, Answers::True, &[Click("Condition"), Focus("combobox"), Press("pl")], "Property"),
    state("insights-why", asked!("TRENDS", r#"&events=[{"id":"$pageview","math":"dau","properties":[{"key":"$browser","operator":"is_set","type":"event"}]}]&cell=0/2026-05-05"#), Answers::True, &[PEOPLE, Click("Why?")], "in this interval."),
    state("insights-cohort", DAY, Answers::True, &[PEOPLE, Click("Save as cohort"), Focus("textbox"), Press("Mine")], "Save"),
    state("insights-private", DAY, Answers::True, &[PEOPLE, Press("M")], "in the chart = "),
    state("insights-forbidden", DAY, Answers::Forbidden, &[], "The key lacks the scope"),
    state("insights-broken", DAY, Answers::Broken, &[], "status 500"),
    state("insights-offline", DAY, Answers::Offline, &[], "You are offline"),
    state("insights-late", DAY, Answers::Late, &[], "Save as cohort"),
    state("insights-funnel", asked!("FUNNELS", r#"&events=[{"id":"signed_up","order":0},{"id":"project_created","order":1},{"id":"invited_teammate","order":2}]&cell=lost/2&with=reached/2"#), Answers::True, &[PEOPLE], "Only second"),
    state("insights-exclusion", asked!("FUNNELS", r#"&events=[{"id":"signed_up","order":0},{"id":"project_created","order":1}]"#), Answers::True, &[Click("Exclusion")], "After step"),
    state("insights-correlation", asked!("CORRELATION", r#"&events=[{"id":"signed_up","order":0},{"id":"purchase","order":1}]&cell=converted/project_created"#), Answers::True, &[PEOPLE], "Without it"),
    state("insights-lifecycle", asked!("LIFECYCLE", r#"&events=[{"id":"$pageview"}]&cell=dormant/2026-05-05"#), Answers::True, &[], "20 in the chart = 20 listed"),
    state("insights-hidden", asked!("LIFECYCLE", r#"&events=[{"id":"$pageview"}]&hidden=dormant"#), Answers::True, &[], "dormant"),
    state("insights-stickiness", asked!("STICKINESS", r#"&events=[{"id":"$pageview"}]&cell=2%2B"#), Answers::True, &[PEOPLE], "Active on 2 days or more"),
    state("insights-retention", asked!("RETENTION", r#"&period=Week&target_entity={"id":"signed_up","type":"events"}&returning_entity={"id":null,"type":"events"}&cell=2026-04-13T00"#), Answers::True, &[], "11 in the chart = 11 listed"),
    state("insights-column", asked!("RETENTION", r#"&period=Week&target_entity={"id":"signed_up","type":"events"}&returning_entity={"id":null,"type":"events"}&cell=all/1"#), Answers::True, &[], "people behind"),
    state("insights-paths", asked!("PATHS", r#"&include_event_types=["$pageview"]&cell=1_https://app.tidewater.example/home>2_https://app.tidewater.example/dashboards"#), Answers::True, &[], "4 in the chart = 4 listed"),
    state("insights-node", asked!("PATHS", r#"&include_event_types=["$pageview"]&cell=2_https://app.tidewater.example/home"#), Answers::True, &[], "Begin with /home"),
    state("insights-around", asked!("PATHS", r#"&funnel_paths=funnel_path_between_steps&funnel_filter={"funnel_step":-2,"events":[{"id":"signed_up","order":0},{"id":"project_created","order":1}]}"#), Answers::True, &[Click("after 1 signed_up")], "before"),
];

async fn look_at_all(size: &str, width: u32, height: u32) -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in_with(&server, Browser::sized(width, height).await).await;
    let mut faults = Vec::new();
    for state in STATES {
        look_at(&browser, &server, state, state.path, size, &mut faults).await?;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_insight_on_a_desk_has_a_fault_that_axe_can_find() -> Outcome {
    look_at_all("desk", 1440, 900).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_insight_on_a_phone_has_a_fault_that_axe_can_find() -> Outcome {
    look_at_all("phone", 390, 844).await
}
