//! Comparing people, by keyboard alone, on a desk and on a phone.

use persons_e2e::{Browser, Key, Outcome, Server, Theme};
use serde_json::{Value, json};

use crate::world::{name_of, signed_in_with, tab_to, uuid_of};

/// Two people who share an address and a device, and a third who shares nothing.
fn two_of_a_kind() -> Server {
    let server = Server::empty();
    let person = |id: &str, day: u32, known: Value| {
        let at = format!("2026-01-{day:02}T10:00:00Z");
        json!({"event": "e", "distinct_id": id, "timestamp": at, "properties": {"$set": known}})
    };
    let ada = json!({
        "name": "Ada Lovelace", "email": "ada@acme.example", "plan": "pro", "seats": 12, "zip": "00712",
        "$device_id": "device-9", "trial": null,
    });
    let again = json!({
        "name": "A. Lovelace", "email": "Ada+news@acme.example", "plan": "pro", "seats": "12", "zip": "00712",
        "$device_id": "device-9", "nickname": "",
    });
    let ben = json!({"name": "Ben Bitdiddle", "email": "ben@acme.example", "plan": "free"});
    server.capture(json!([
        person("ada", 1, ada),
        person("again", 2, again),
        person("ben", 3, ben),
    ]));
    server
}

/// The values of a row, as they can be read.
async fn comes_to(browser: &Browser, key: &str, values: &[&str]) {
    let script = format!(
        "const row = [...document.querySelectorAll('.compare tbody tr')]
            .find(row => row.querySelector('th')?.innerText === {});
         return row && [...row.querySelectorAll('td')].map(cell => cell.innerText)",
        json!(key)
    );
    browser.comes_to(&script, json!(values)).await;
}

/// Looks for faults in both themes, and for a page that is wider than the window.
async fn is_without_faults(browser: &Browser) -> Outcome {
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme).await;
        let found = browser.accessibility_faults().await?;
        assert!(found.is_empty(), "{theme:?}: {}", found.join("\n"));
    }
    let is_wide = "return document.documentElement.scrollWidth > innerWidth";
    assert_eq!(browser.run(is_wide).await?, json!(false));
    Ok(())
}

async fn two_are_compared(width: u32, height: u32) -> Outcome {
    let server = two_of_a_kind();
    let [ada, again, ben] = ["ada", "again", "ben"].map(|id| server.person(id));
    let browser = signed_in_with(&server, Browser::sized(width, height).await).await;
    browser.sees("3 people").await;

    // Chosen in the list, and on the page of a person.
    browser.press("j").await?;
    for (row, person) in server.people(&[]).iter().enumerate() {
        let is_here = format!(
            "return document.activeElement.ariaRowIndex === '{}'",
            row + 2
        );
        browser.comes_to(&is_here, json!(true)).await;
        if uuid_of(person) != uuid_of(&ben) {
            browser.press("c").await?;
        }
        browser.press(Key::Down).await?;
    }
    browser.sees("2 of 4 chosen").await;
    browser
        .go(&format!("{}/person/{}", server.base, uuid_of(&ben)))
        .await?;
    browser.sees("First seen").await;
    browser.press("c").await?;
    browser.sees("3 of 4 chosen").await;

    browser.press("gc").await?;
    browser.arrives_at("/compare?ids=").await;
    browser.has_focus_on("main", "").await;
    browser.sees("Same human?").await;
    browser.sees("Same e-mail address: ada@acme.example").await;
    let verdicts = browser.texts(".pair .tag").await?;
    assert_eq!(verdicts, ["●\nlikely", "○\nno sign"]);

    // In an order of one's own, with one less.
    let url = format!(
        "/compare?ids={},{},{}",
        uuid_of(&ben),
        uuid_of(&ada),
        uuid_of(&again)
    );
    browser.go(&format!("{}{url}", server.base)).await?;
    browser.sees("Same human?").await;
    tab_to(&browser, "button", "Remove the column of Ben Bitdiddle").await?;
    browser.press(Key::Enter).await?;
    let two = format!("/compare?ids={},{}", uuid_of(&ada), uuid_of(&again));
    browser.arrives_at(&two).await;
    browser.has_focus_on("main", "").await;
    comes_to(&browser, "seats", &["12", "12", "≠number, string"]).await;
    comes_to(&browser, "trial", &["null", "not set", "+only one has it"]).await;
    comes_to(
        &browser,
        "nickname",
        &["not set", "\"\" empty text", "+only one has it"],
    )
    .await;
    comes_to(
        &browser,
        "First seen",
        &["Jan 1, 2026", "Jan 2, 2026", "1 day apart"],
    )
    .await;
    is_without_faults(&browser).await?;

    tab_to(&browser, "button", "3 same rows").await?;
    browser.press(Key::Enter).await?;
    comes_to(&browser, "zip", &["00712", "00712", "=same"]).await;
    browser.has_focus_on("button", "3 same rows").await;
    is_without_faults(&browser).await?;

    browser.press("y").await?;
    browser.sees("Copied link.").await;
    assert_eq!(browser.clipboard().await?, format!("{}{two}", server.base));

    browser.reload().await?;
    browser.sees("Same human?").await;
    tab_to(&browser, "button", "Move A. Lovelace one place forward").await?;
    browser.press(Key::Enter).await?;
    let swapped = format!("/compare?ids={},{}", uuid_of(&again), uuid_of(&ada));
    browser.arrives_at(&swapped).await;
    browser
        .has_focus_on("button", "Move Ada Lovelace one place forward")
        .await;
    comes_to(&browser, "seats", &["12", "12", "≠string, number"]).await;

    // Who is taken out comes back with Back; the tab remembers who is left.
    browser.back().await?;
    browser.arrives_at(uuid_of(&ben)).await;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("3 people").await;
    browser
        .comes_to(
            "return document.querySelector('.tray-count')?.innerText",
            json!("3"),
        )
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_are_compared_on_a_desk() -> Outcome {
    two_are_compared(1440, 900).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_are_compared_on_a_phone() -> Outcome {
    two_are_compared(390, 844).await
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_are_selected_are_compared_and_who_was_deleted_is_gone() -> Outcome {
    let server = two_of_a_kind();
    let browser = signed_in_with(&server, Browser::open().await).await;
    browser.sees("3 people").await;
    browser.press("j").await?;
    browser.find("[role=row]:focus").await;
    browser.press("x").await?;
    browser.press(Key::Down).await?;
    browser.find("[role=row][aria-rowindex='3']:focus").await;
    browser.press("x").await?;
    browser.sees("2 selected").await;
    tab_to(&browser, "button", "Compare").await?;
    browser.press(Key::Enter).await?;
    browser.arrives_at("/compare?ids=").await;
    browser.sees("Same human?").await;

    // Who is taken out of the tray passes the focus on to who is left.
    let people = server.people(&[]);
    let out = |person: &Value| format!("Take {} out of Compare", name_of(person));
    browser.press("gp").await?;
    browser.sees("3 people").await;
    browser.click(&out(&people[0])).await?;
    browser.has_focus_on("button", &out(&people[1])).await;
    browser.back().await?;
    browser.sees("Same human?").await;

    let gone = &server.people(&[])[0];
    server.delete(uuid_of(gone));
    browser.press("r").await?;
    browser.sees("Gone: this person was deleted").await;
    assert_eq!(browser.texts(".compare-who").await?.len(), 2);
    is_without_faults(&browser).await
}
