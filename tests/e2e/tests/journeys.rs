//! Journeys of real use, from an SDK's request to the screen. One journey, one thing people do.

use persons_e2e::{Browser, Outcome, Server};

use serde_json::json;

const ENTER: &str = "\u{E007}";
const TAB: &str = "\u{E004}";

/// The first cell of the first row of the list.
const ROW: &str = "[role=row] [role=gridcell]";

/// Any text as a part of a URL.
fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Signed in, on the list of people.
async fn signed_in(server: &Server) -> Browser {
    let browser = Browser::open().await;
    browser.go(&server.sign_in).await.expect("the link opens");
    browser.sees("People").await;
    browser
}

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

#[tokio::test(flavor = "multi_thread")]
async fn without_the_link_the_screen_says_what_to_do() -> Outcome {
    let server = Server::empty();
    let browser = Browser::open().await;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("open the sign-in link").await;
    browser.sees("Personal API key").await;
    Ok(())
}

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
    browser.press(&id).await?;
    browser.sees("1 person").await;
    browser.reload().await?;
    browser.sees("1 person").await;

    let name = someone["name"].as_str().expect("a name").to_owned();
    browser.find(ROW).await.click().await?;
    browser.sees(&id).await;
    assert!(
        browser.url().await?.contains("/person/"),
        "{}",
        browser.url().await?
    );
    browser.back().await?;
    browser.sees("1 person").await;
    assert!(browser.text().await?.contains(&name) || !name.contains('@'));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_made_with_the_keyboard_shows_whom_the_api_finds() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    let filter = r#"[{"key":"plan","operator":"exact","value":["team"],"type":"person"}]"#;
    let found = server.get(&format!(
        "/api/projects/@current/persons/?properties={}",
        encoded(filter)
    ))["count"]
        .clone();
    let found = found.as_u64().expect("a count");
    assert!(found > 1, "the sample project has people on the plan");

    browser.find("[role=grid] [role=row]").await;
    browser.press("f").await?;
    browser.find("#filter-key:focus").await;
    browser.press("plan").await?;
    browser.press(ENTER).await?;
    browser.find("#filter-operator:focus").await;
    browser.press(TAB).await?;
    browser.find("#filter-value:focus").await;
    browser.press("team").await?;
    browser.press(ENTER).await?;
    browser.sees(&format!("{found} people")).await;
    browser.sees("team").await;
    // The screen is in its URL: reload shows it again, and Back leaves the filter.
    browser.reload().await?;
    browser.sees(&format!("{found} people")).await;
    browser.back().await?;
    browser.no_longer_sees(&format!("{found} people")).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_and_read_with_the_keyboard_alone() -> Outcome {
    let server = Server::empty();
    server.capture(json!([
        {"event": "e", "distinct_id": "ada", "properties": {"$set": {"email": "ada@acme.example", "seats": 12}}},
        {"event": "e", "distinct_id": "ben", "properties": {"$set": {"email": "ben@acme.example", "seats": 7}}},
    ]));
    let browser = signed_in(&server).await;
    browser.sees("2 people").await;
    browser.press("/").await?;
    browser.find("input[type=search]:focus").await;
    browser.press("ada@").await?;
    browser.sees("1 person").await;
    browser.press(TAB).await?;
    browser.press(TAB).await?;
    for _ in 0..8 {
        if browser
            .run("return !!document.activeElement.closest('[role=grid]')")
            .await?
            == json!(true)
        {
            break;
        }
        browser.press(TAB).await?;
    }
    browser.press(ENTER).await?;
    browser.arrives_at("/person/").await;
    browser.sees("seats").await;
    browser.sees("12").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_ids_are_found_opened_and_shown_as_they_are() -> Outcome {
    let server = Server::empty();
    let ids = [
        "user/13",
        "50%",
        "a+b@x.example",
        "?#&=",
        "naïve 🦊 id",
        "<b>bold</b>",
    ];
    let batch: Vec<_> = ids
        .iter()
        .map(|id| json!({"event": "e", "distinct_id": id}))
        .collect();
    server.capture(json!(batch));
    let browser = signed_in(&server).await;
    browser.sees("6 people").await;
    for id in ids {
        // A distinct id in place of the UUID finds its person.
        let encoded: String = id.bytes().map(|b| format!("%{b:02X}")).collect();
        browser
            .go(&format!("{}/person/{encoded}", server.base))
            .await?;
        let shown = browser.find("h1").await;
        let uuid = server.get(&format!(
            "/api/projects/@current/persons/?distinct_id={encoded}"
        ))["results"][0]["uuid"]
            .clone();
        let uuid = uuid.as_str().expect("a UUID");
        browser.sees(id).await;
        assert!(
            browser.url().await?.contains(uuid),
            "{id}: {}",
            browser.url().await?
        );
        drop(shown);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_cannot_be_loaded_says_so_and_offers_two_ways_out() -> Outcome {
    let mut server = Server::with_sample();
    for way_out in ["Try again", "Reload the page"] {
        // A new browser, because one that has loaded a screen keeps it.
        let browser = signed_in(&server).await;
        browser.find(ROW).await;
        server.stop();
        browser.find(ROW).await.click().await?;
        browser.sees("This screen could not be loaded").await;
        server.start_again();
        browser.click(way_out).await?;
        browser.find("[role=tab]").await;
    }
    Ok(())
}
