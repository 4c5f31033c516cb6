//! Looking for somebody.

use persons_e2e::{Outcome, Server};
use serde_json::json;

use crate::world::{ROW, signed_in};

/// The tag that says where a text was found.
const FOUND_IN: &str =
    "return document.querySelector(\"[title='The search was found here']\")?.textContent";

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_one_among_many_and_survives_reload_and_back() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    let all = server.get("/api/projects/@current/persons/?limit=1")["count"]
        .as_u64()
        .expect("a count");
    browser.sees(&format!("{all} people")).await;
    let someone = &server.get("/api/projects/@current/persons/?limit=1&offset=200")["results"][0];
    let id = someone["distinct_ids"][0]
        .as_str()
        .expect("an id")
        .to_owned();

    browser.press("/").await?;
    browser.press(id.as_str()).await?;
    browser.sees("1 person").await;
    browser.reload().await?;
    browser.sees("1 person").await;

    browser.find(ROW).await.click().await?;
    browser.sees(&id).await;
    browser.arrives_at("/person/").await;
    browser.back().await?;
    browser.sees("1 person").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_by_an_odd_value_which_is_shown_as_it_is() -> Outcome {
    let server = Server::with_sample();
    let markup = "<b onclick=\"alert(1)\">loud</b>";
    server.capture(
        json!([{"event": "e", "distinct_id": "odd", "properties": {"$set": {
            "name": "Odd One", "motto": "naïve Ωmega ☂ 日本", "signature": markup, "balance": 4711.25,
            "address": {"street": "Hinterm Bahnhof 7"},
        }}}]),
    );
    let browser = signed_in(&server).await;
    for (key, typed, shown) in [
        ("motto", "Ωmega ☂ 日", "naïve Ωmega ☂ 日本"),
        ("signature", "<b ONCLICK", markup),
        ("balance", "4711.2", "4711.25"),
        (
            "address",
            "hinterm bahnhof",
            "{ street: \"Hinterm Bahnhof 7\" }",
        ),
    ] {
        browser.go(&format!("{}/persons", server.base)).await?;
        browser.sees("401 people").await;
        browser.press("/").await?;
        browser.has_focus_on("searchbox", "Search people").await;
        browser.press(typed).await?;
        browser.sees("1 person").await;
        browser.comes_to(FOUND_IN, json!(key)).await;

        browser.click("Odd One").await?;
        browser.find("[role=tab]").await;
        browser.press("2").await?;
        browser.sees("Hide system").await;
        browser.sees(shown).await;
        let markup = "return document.querySelectorAll('main b').length";
        assert_eq!(browser.run(markup).await?, 0, "{key} became markup");
    }
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    Ok(())
}
