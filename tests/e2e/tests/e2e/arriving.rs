//! People who were not there a moment ago.

use persons_e2e::{Outcome, Server};
use serde_json::json;

use crate::world::signed_in;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_that_an_sdk_identifies_is_on_the_screen() -> Outcome {
    let server = Server::empty();
    let browser = signed_in(&server).await;
    browser.sees("No people yet").await;

    server.capture(json!([
        {"event": "$pageview", "distinct_id": "anon-1", "properties": {"$browser": "Firefox"}},
        {"event": "$identify", "distinct_id": "ada@acme.example", "properties": {
            "$anon_distinct_id": "anon-1",
            "$set": {"email": "ada@acme.example", "name": "Ada Lovelace", "plan": "pro", "note": "<img src=x onerror=alert(1)>"},
        }},
    ]));
    browser.reload().await?;
    browser.sees("ada@acme.example").await;
    browser.sees("1 person").await;

    browser.click("Ada Lovelace").await?;
    browser.find("h1").await;
    browser.sees("anon-1").await;
    // Markup in a property is text, and text only.
    browser.sees("<img src=x onerror=alert(1)>").await;
    assert_eq!(
        browser
            .run("return document.querySelectorAll('main img').length")
            .await?,
        0
    );
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    Ok(())
}
