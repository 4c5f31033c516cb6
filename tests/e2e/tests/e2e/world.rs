//! What many journeys begin with, and how they look at the list.

use persons_e2e::{Browser, Key, Outcome, Server};
use serde_json::{Value, json};

/// The row of a person, as opposed to the head of the list.
pub const ROW: &str = "[role=grid] [role=row]:has([role=gridcell])";

/// A window that is tall enough to show a whole page of people at once.
pub const TALL: (u32, u32) = (1440, 5000);

/// Signed in, on the list of people.
pub async fn signed_in(server: &Server) -> Browser {
    signed_in_with(server, Browser::open().await).await
}

/// The same in a browser that is open already.
pub async fn signed_in_with(server: &Server, browser: Browser) -> Browser {
    browser.go(&server.sign_in).await.expect("the link opens");
    browser.sees("People").await;
    browser
}

/// A server with three people who are easy to tell apart.
pub fn three_people() -> Server {
    let server = Server::empty();
    let person = |id: &str, name: &str, plan: &str, seats: u32| {
        let known = json!({"name": name, "email": format!("{id}@acme.example"), "plan": plan, "seats": seats});
        json!({"event": "e", "distinct_id": id, "properties": {"$set": known}})
    };
    server.capture(json!([
        person("ada", "Ada Lovelace", "pro", 12),
        person("ben", "Ben Bitdiddle", "free", 7),
        person("cy", "Cy Hacker", "pro", 30),
    ]));
    server
}

/// How the app calls somebody: by a name among the properties, else as the server does, else by the UUID.
pub fn name_of(person: &Value) -> String {
    let keys = ["name", "Name", "full_name", "username", "Username"];
    let own = keys
        .iter()
        .filter_map(|key| person["properties"][key].as_str());
    // Who has two addresses is called by a list of them.
    let servers = plain(&person["name"]);
    let names = own.chain([servers.as_str(), uuid_of(person)]);
    let mut names = names.map(str::trim).filter(|name| !name.is_empty());
    names.next().unwrap_or_default().to_owned()
}

/// A value as it is: text without quotes, all else as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The e-mail address that the app shows of somebody.
pub fn email_of(person: &Value) -> &str {
    let keys = ["email", "Email", "$email"];
    let properties = &person["properties"];
    let texts = keys.iter().filter_map(|key| properties[key].as_str());
    texts
        .map(str::trim)
        .find(|email| !email.is_empty())
        .unwrap_or_default()
}

/// Opens the palette, types, and waits until somebody is found who then stands first.
pub async fn find_in_palette(browser: &Browser, typed: &str, name: &str) -> Outcome {
    browser.press_with(Key::Control, "k").await?;
    browser
        .has_focus_on("combobox", "Find people and actions")
        .await;
    browser.press(typed).await?;
    // Before the people stand the two ways on with the text itself.
    let first = "return document.querySelectorAll('[role=option] bdi:first-child')[2]?.textContent";
    browser.comes_to(first, json!(name)).await;
    browser.press(Key::Down).await?;
    browser.press(Key::Down).await?;
    let chosen =
        "return document.querySelector('[role=option][aria-selected=true] bdi')?.textContent";
    browser.comes_to(chosen, json!(name)).await;
    Ok(())
}

/// Walks on with Tab until the focus is there.
pub async fn tab_to(browser: &Browser, role: &str, name: &str) -> Outcome {
    for _ in 0..80 {
        if browser.is_focus_on(role, name).await {
            return Ok(());
        }
        browser.press(Key::Tab).await?;
    }
    browser.has_focus_on(role, name).await;
    Ok(())
}

/// The UUID of somebody.
pub fn uuid_of(person: &Value) -> &str {
    person["uuid"].as_str().unwrap_or_default()
}

/// Waits until the list shows these people and nobody else, in this order.
pub async fn lists(browser: &Browser, people: &[Value]) {
    let shown = "return [...document.querySelectorAll('[role=grid] [role=row]')]
        .filter(row => row.querySelector('a'))
        .sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)
        .map(row => row.querySelector('a'))
        .map(link => [link.pathname.replace('/person/', ''), link.title])";
    let expected = people
        .iter()
        .map(|person| json!([uuid_of(person), name_of(person)]));
    browser.comes_to(shown, expected.collect()).await;
}

/// Adds the condition that a property is this value, as somebody with a mouse and a keyboard does.
pub async fn add_filter(browser: &Browser, key: &str, value: &str) -> Outcome {
    browser.click("Filter").await?;
    browser.has_focus_on("combobox", "Property").await;
    browser.press(key).await?;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("combobox", "Condition").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("combobox", "Values").await;
    browser.press(value).await?;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("button", "Filter").await;
    Ok(())
}
