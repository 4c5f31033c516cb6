//! What somebody did: found by name, opened, and linked to.

use persons_e2e::{Key, Outcome, Server};
use serde_json::json;

use crate::world::{signed_in, tab_to, uuid_of};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_among_others_and_its_link_opens_it() -> Outcome {
    let server = Server::empty();
    let event = |name: &str, minute: u32, properties: serde_json::Value| json!({"event": name, "distinct_id": "ada", "timestamp": format!("2026-03-02T10:{minute:02}:00Z"), "properties": properties});
    server.capture(json!([
        event("signed_up", 0, json!({"from": "<i>a friend</i>"})),
        event(
            "$pageview",
            1,
            json!({"$current_url": "https://acme.example/one"})
        ),
        event(
            "$pageview",
            2,
            json!({"$current_url": "https://acme.example/two"})
        ),
        event(
            "$pageview",
            3,
            json!({"$current_url": "https://acme.example/three"})
        ),
        event("paid", 4, json!({"amount": 12})),
    ]));
    let browser = signed_in(&server).await;
    let page = format!(
        "{}/person/{}?tab=events",
        server.base,
        uuid_of(&server.person("ada"))
    );
    browser.go(&page).await?;
    let names = "return [...document.querySelectorAll('.event-name')].map(name => name.innerText)";
    browser
        .comes_to(names, json!(["paid", "$pageview", "signed_up"]))
        .await;
    browser.click("2 more of $pageview").await?;
    browser
        .comes_to(
            names,
            json!(["paid", "$pageview", "$pageview", "$pageview", "signed_up"]),
        )
        .await;
    browser.click("Oldest first").await?;
    browser.arrives_at("order=oldest").await;
    browser
        .comes_to(names, json!(["signed_up", "$pageview", "paid"]))
        .await;
    // By keyboard to the first, which opens what is known about it.
    tab_to(&browser, "button", "signed_up").await?;
    browser.press(Key::Enter).await?;
    browser.sees("<i>a friend</i>").await;
    browser.press("j").await?;
    browser.has_focus_on("button", "$pageview").await;
    browser.click("Copy link to this event").await?;
    let link = browser.clipboard().await?;
    assert!(link.contains("event_id="), "{link}");
    browser.go(&link).await?;
    browser.sees("<i>a friend</i>").await;
    // Only those of one name.
    browser.go(&format!("{page}&event=paid")).await?;
    browser.comes_to(names, json!(["paid"])).await;
    Ok(())
}
