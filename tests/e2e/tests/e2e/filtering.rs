//! Conditions that people put together in the browser.

use persons_e2e::{Browser, Outcome, Server};
use serde_json::{Value, json};

use crate::world::{TALL, add_filter, lists, signed_in, signed_in_with};

fn condition(key: &str, value: &str) -> Value {
    json!({"type": "person", "key": key, "operator": "exact", "value": [value]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_shows_whom_the_api_finds_and_survives_reload_and_back() -> Outcome {
    let server = Server::with_sample();
    let filter = json!([condition("plan", "team")]);
    let found = server.people(&[("properties", &filter.to_string())]);
    assert!(found.len() > 1, "the sample project has people on the plan");

    let browser = signed_in(&server).await;
    add_filter(&browser, "plan", "team").await?;
    let count = format!("{} people", found.len());
    browser.sees(&count).await;
    // The screen is in its URL: reload shows it again, and Back leaves the filter.
    browser.reload().await?;
    browser.sees(&count).await;
    browser.back().await?;
    browser.no_longer_sees(&count).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_joined_by_or_and_and_show_exactly_whom_the_api_finds() -> Outcome {
    let server = Server::with_sample();
    let country = "$geoip_country_code";
    let tree = json!({"type": "AND", "values": [
        {"type": "OR", "values": [condition("plan", "enterprise"), condition("plan", "team")]},
        {"type": "OR", "values": [condition(country, "US")]},
    ]});
    let found = server.people(&[("properties", &tree.to_string())]);
    // What the tree means, said once more in other words.
    let fits = |person: &&Value| {
        let properties = &person["properties"];
        properties[country] == "US"
            && ["enterprise", "team"]
                .map(Value::from)
                .contains(&properties["plan"])
    };
    let everybody = server.people(&[]);
    assert_eq!(found.len(), everybody.iter().filter(fits).count());
    assert!((2..100).contains(&found.len()), "{} people", found.len());

    let browser = signed_in_with(&server, Browser::sized(TALL.0, TALL.1).await).await;
    for (key, value) in [("plan", "enterprise"), ("plan", "team"), (country, "US")] {
        add_filter(&browser, key, value).await?;
    }
    browser.click("and: change to or").await?;
    browser.has_focus_on("button", "or: change to and").await;
    lists(&browser, &found).await;
    browser.sees(&format!("{} people", found.len())).await;
    browser.reload().await?;
    lists(&browser, &found).await;
    Ok(())
}
