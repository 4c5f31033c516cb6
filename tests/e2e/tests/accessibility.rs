//! axe-core finds nothing on any screen, in both themes, on a desk and on a phone.

use persons_e2e::{Browser, Outcome, Server, Theme};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_has_a_fault_that_axe_can_find() -> Outcome {
    let server = Server::with_sample();
    server.capture(json!([{"event": "e", "distinct_id": "odd", "properties": {"$set": {
        "name": "Odd One", "email": "odd@acme.example", "nothing": null, "empty": "", "yes": true,
        "nested": {"list": [1, {"deep": "<b>text</b>"}]}, "long": "word ".repeat(300),
    }}}]));
    let person =
        server.get("/api/projects/@current/persons/?distinct_id=odd")["results"][0]["uuid"].clone();
    let person = format!("/person/{}", person.as_str().expect("a UUID"));
    // Each with a text that is on that screen only, so that no other one is looked at by mistake.
    let screens = [
        ("list", "/persons".to_owned(), "loaded"),
        (
            "nobody",
            "/persons?search=nobody-has-this".to_owned(),
            "Nobody found",
        ),
        ("overview", person.clone(), "First seen"),
        ("properties", format!("{person}?tab=properties"), "nested"),
        ("cohorts", format!("{person}?tab=cohorts"), "by properties"),
        ("raw", format!("{person}?tab=raw"), "distinct_ids"),
        (
            "missing",
            "/person/00000000-0000-4000-8000-000000000000".to_owned(),
            "People",
        ),
        ("connection", "/connect".to_owned(), "Personal API key"),
    ];
    let mut faults = Vec::new();
    for (width, height) in [(1440, 900), (390, 844)] {
        let browser = Browser::sized(width, height).await;
        browser.go(&server.sign_in).await?;
        browser.sees("People").await;
        for (name, path, text) in &screens {
            for theme in [Theme::Light, Theme::Dark] {
                browser.theme(theme).await;
                browser.go(&format!("{}{path}", server.base)).await?;
                browser.sees(text).await;
                let where_ = format!("{name}-{width}-{theme:?}").to_lowercase();
                browser.picture(&format!("{where_}.png")).await?;
                faults.extend(
                    browser
                        .accessibility_faults()
                        .await?
                        .into_iter()
                        .map(|fault| format!("{where_}: {fault}")),
                );
                // Nothing is wider than the screen.
                let overflow = browser
                    .run("return document.documentElement.scrollWidth > innerWidth")
                    .await?;
                if overflow == json!(true) {
                    faults.push(format!("{where_}: the page scrolls sideways"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}
