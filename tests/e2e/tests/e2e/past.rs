//! How somebody came to be who they are, by keyboard alone.

use persons_e2e::{Browser, Key, Outcome, Server};
use serde_json::{Value, json};

use crate::world::{signed_in, uuid_of};

/// Ada, who was on another plan once.
fn ada_over_time() -> Server {
    let server = Server::empty();
    let event = |at: &str, set: Value| json!({"event": "e", "distinct_id": "ada", "timestamp": at, "properties": {"$set": set}});
    server.capture(json!([
        event(
            "2026-01-05T10:00:00Z",
            json!({"plan": "free", "name": "Ada"})
        ),
        event("2026-02-19T09:12:00Z", json!({"seats": 10})),
        event("2026-03-02T12:00:00Z", json!({"plan": "pro"})),
    ]));
    server
}

/// Waits until these lines of the table are what differs.
async fn differ(browser: &Browser, lines: Value) {
    let rows = "return [...document.querySelectorAll('.differences tbody tr')]
        .map(row => [...row.cells].map(cell => cell.innerText.trim()).join(' | '))";
    browser.comes_to(rows, lines).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moments_are_compared_and_the_person_is_opened_as_they_were() -> Outcome {
    let server = ada_over_time();
    let browser = signed_in(&server).await;
    let page = format!("{}/person/{}", server.base, uuid_of(&server.person("ada")));
    browser.go(&page).await?;
    browser.sees("First seen").await;
    browser.press("3").await?;
    browser.sees("Between A and B").await;
    let [plan, seats] = [
        "~ changed | plan | free | pro",
        "+ added | seats | not set | 10",
    ];
    differ(&browser, json!([plan, seats])).await;
    browser.press(Key::Right).await?;
    browser.arrives_at("a=2026-02-19").await;
    differ(&browser, json!([plan])).await;
    browser.press(Key::Right).await?;
    browser.arrives_at("a=2026-03-02").await;
    browser
        .sees("Nothing differs between these two moments.")
        .await;
    // Both moments are in the link.
    browser.press_with(Key::Shift, Key::Left.value()).await?;
    browser.arrives_at("&b=2026-03-02").await;
    browser.press(Key::Left).await?;
    browser.arrives_at("a=2026-02-19").await;
    browser.reload().await?;
    differ(&browser, json!([plan])).await;
    // Ada as she was at A.
    browser.click("A · ").await?;
    browser.sees("You are in the past").await;
    let cells = "return [...document.querySelectorAll('table.properties tbody tr')]
        .map(row => row.querySelector('th').innerText + ' ' + row.querySelector('.property-value').innerText)";
    browser
        .comes_to(cells, json!(["name Ada", "plan free", "seats 10"]))
        .await;
    assert!(!browser.text().await?.contains("Add a property"));
    browser.press("t").await?;
    browser
        .comes_to(cells, json!(["name Ada", "plan pro", "seats 10"]))
        .await;
    assert!(!browser.url().await?.contains("at="));
    Ok(())
}
