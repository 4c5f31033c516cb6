//! The same question at both doors of a server has the same answer.

use persons_e2e::{Browser, Outcome, Server, encoded};
use serde_json::{Value, json};

use super::{WHEN, WITHOUT_INSIGHTS};
use crate::world::{signed_in, signed_in_with};

/// What the marks of the chart say, in the order of their words: ways of equal weight may lie either way.
const SAID: &str =
    "return [...document.querySelectorAll('.mark')].map(mark => mark.ariaLabel).sort()";

/// Each insight but paths, which a query counts in another unit, and retention, whose rows a query continues after the
/// last interval.
fn questions() -> Vec<String> {
    let steps = |names: &[&str]| {
        let step = |(order, name): (usize, &&str)| json!({"id": name, "order": order});
        Value::Array(names.iter().enumerate().map(step).collect())
    };
    let looked = json!([{"id": "$pageview", "math": "dau"}]);
    let terms: [(&str, &[(&str, Value)]); 7] = [
        ("TRENDS", &[("events", looked.clone())]),
        (
            "TRENDS",
            &[
                ("events", looked.clone()),
                ("breakdown", "plan".into()),
                ("breakdown_type", "person".into()),
            ],
        ),
        (
            "TRENDS",
            &[
                (
                    "events",
                    json!([{"id": "purchase", "order": 0}, {"id": "$pageview", "order": 1}]),
                ),
                ("interval", "week".into()),
            ],
        ),
        (
            "FUNNELS",
            &[(
                "events",
                steps(&["signed_up", "project_created", "invited_teammate"]),
            )],
        ),
        (
            "CORRELATION",
            &[("events", steps(&["signed_up", "purchase"]))],
        ),
        (
            "LIFECYCLE",
            &[("events", looked.clone()), ("interval", "week".into())],
        ),
        ("STICKINESS", &[("events", looked)]),
    ];
    let question = |(insight, terms): &(&str, &[(&str, Value)])| {
        let terms = terms.iter().map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            format!("&{name}={}", encoded(&value))
        });
        format!(
            "/insights?insight={insight}&{WHEN}{}",
            terms.collect::<String>()
        )
    };
    terms.iter().map(question).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mark_says_the_same_at_both_doors() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    let newer = Browser::open().await;
    newer.runs_first(WITHOUT_INSIGHTS).await?;
    let newer = signed_in_with(&server, newer).await;
    for question in questions() {
        let page = format!("{}{question}", server.base);
        browser.go(&page).await?;
        browser.find(".mark").await;
        let said = browser.run(SAID).await?;
        newer.go(&page).await?;
        newer.comes_to(SAID, said).await;
    }
    Ok(())
}
