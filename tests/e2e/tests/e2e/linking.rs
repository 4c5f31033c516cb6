//! Addresses that people paste.

use persons_e2e::{Outcome, Server, encoded};
use serde_json::json;

use crate::world::{find_in_palette, signed_in, three_people, uuid_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_distinct_id_in_place_of_the_uuid_finds_its_person() -> Outcome {
    let server = Server::empty();
    let long = "long-".repeat(40);
    let ids = [
        "user/13",
        "50%",
        "a%2Fb",
        "a+b@x.example",
        "?#&=",
        "naïve 🦊 id",
        "<b>bold</b>",
        long.as_str(),
    ];
    let batch = ids.map(|id| json!({"event": "e", "distinct_id": id}));
    server.capture(json!(batch));
    let browser = signed_in(&server).await;
    browser.sees("8 people").await;
    for id in ids {
        let pasted = format!("{}/person/{}", server.base, encoded(id));
        browser.go(&pasted).await?;
        browser.arrives_at(uuid_of(&server.person(id))).await;
        browser.sees(id).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_was_cut_when_it_was_captured_is_found_by_all_of_it() -> Outcome {
    let server = Server::empty();
    let (kept, whole) = ("long-".repeat(40), "long-".repeat(80));
    server.capture(json!([{"event": "e", "distinct_id": whole}]));
    let browser = signed_in(&server).await;
    browser
        .go(&format!("{}/person/{whole}", server.base))
        .await?;
    browser.arrives_at(uuid_of(&server.person(&kept))).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_opens_the_person_with_a_pasted_id() -> Outcome {
    let server = three_people();
    server.capture(json!([{"event": "e", "distinct_id": "user/50%"}]));
    let browser = signed_in(&server).await;
    browser.sees("4 people").await;
    // Once somebody is found, nothing moves any more.
    find_in_palette(&browser, "user/50%", "user/50%").await?;
    browser.click("Open the person with the id").await?;
    browser
        .arrives_at(uuid_of(&server.person("user/50%")))
        .await;
    Ok(())
}
