//! Changing people, by keyboard alone. What the API then says is what counts.

use persons_e2e::{Browser, Key, Outcome, Server};
use serde_json::{Value, json};

use crate::world::{signed_in, tab_to, three_people, uuid_of};

/// Ada's page, with the properties open.
async fn at_ada(
    server: &Server,
) -> Result<(Browser, Value), Box<dyn std::error::Error + Send + Sync>> {
    let ada = server.person("ada");
    let browser = signed_in(server).await;
    browser
        .go(&format!("{}/person/{}", server.base, uuid_of(&ada)))
        .await?;
    browser.sees("First seen").await;
    browser.press("2").await?;
    browser.sees("seats").await;
    Ok((browser, ada))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_is_edited_and_the_edit_undone() -> Outcome {
    let server = three_people();
    let (browser, _) = at_ada(&server).await?;
    tab_to(&browser, "button", "Edit seats").await?;
    browser.press("e").await?;
    browser.has_focus_on("textbox", "Value").await;
    browser.press_with(Key::Control, "a").await?;
    browser.press("14").await?;
    browser.sees("seats: 12 → 14").await;
    browser.press(Key::Enter).await?;
    browser.sees("Confirmed.").await;
    assert_eq!(server.person("ada")["properties"]["seats"], json!(14));
    browser.has_focus_on("button", "Edit seats").await;
    browser.press_with(Key::Control, "z").await?;
    browser.sees("seats: 14 → 12. Confirmed.").await;
    assert_eq!(server.person("ada")["properties"]["seats"], json!(12));
    // Both are told to others, too.
    let path = format!(
        "/api/projects/@current/persons/{}/activity/?source=user",
        uuid_of(&server.person("ada"))
    );
    assert_eq!(server.get(&path)["total_count"], json!(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_edit_switches_editing_off_and_is_tried_again() -> Outcome {
    let server = three_people();
    let (browser, ada) = at_ada(&server).await?;
    // As if the key lacked the scope, once.
    browser
        .run(
            r#"const ask = window.fetch;
            window.fetch = (request, ...more) => {
                if (request.method !== 'PATCH') return ask(request, ...more);
                window.fetch = ask;
                const detail = "API key missing required scope 'person:write'";
                return Promise.resolve(new Response(JSON.stringify({detail}), {status: 403}));
            }"#,
        )
        .await?;
    tab_to(&browser, "button", "Edit seats").await?;
    browser.press("e").await?;
    browser.has_focus_on("textbox", "Value").await;
    browser.press_with(Key::Control, "a").await?;
    browser.press("14").await?;
    browser.press(Key::Enter).await?;
    browser.sees("editing is off").await;
    browser.no_longer_sees("Delete…").await;
    assert_eq!(server.person("ada")["properties"]["seats"], json!(12));
    browser.press("go").await?;
    browser
        .sees("The key lacks the scope “person:write”.")
        .await;
    tab_to(&browser, "button", "Try again").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Done: the server shows it.").await;
    assert_eq!(server.person("ada")["properties"]["seats"], json!(14));
    // What was accepted tells that the key may write.
    browser
        .go(&format!("{}/person/{}", server.base, uuid_of(&ada)))
        .await?;
    browser.sees("Delete…").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_is_added_as_what_it_was_meant_to_be() -> Outcome {
    let server = three_people();
    let (browser, _) = at_ada(&server).await?;
    browser.press("n").await?;
    browser.has_focus_on("textbox", "Key").await;
    browser.press("zip").await?;
    tab_to(&browser, "textbox", "Value").await?;
    browser.press("00712").await?;
    browser.press(Key::Enter).await?;
    browser.sees("zip: not set → 00712. Confirmed.").await;
    assert_eq!(server.person("ada")["properties"]["zip"], json!("00712"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_split_off() -> Outcome {
    let server = three_people();
    server.capture(json!([{"event": "$identify", "distinct_id": "ada", "properties": {"$anon_distinct_id": "lost phone"}}]));
    let (browser, ada) = at_ada(&server).await?;
    tab_to(&browser, "button", "Split").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Choose at least one id that leaves.").await;
    tab_to(&browser, "checkbox", "lost phone").await?;
    browser.press(" ").await?;
    browser.sees("a new person without properties").await;
    tab_to(&browser, "button", "Split off 1 id").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Send now").await;
    assert_eq!(server.person("lost phone")["uuid"], ada["uuid"]);
    tab_to(&browser, "button", "Send now").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Confirmed.").await;
    assert_ne!(server.person("lost phone")["uuid"], ada["uuid"]);
    assert_eq!(server.person("ada")["properties"], ada["properties"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_deleted_and_stands_in_the_ledger() -> Outcome {
    let server = three_people();
    let (browser, ada) = at_ada(&server).await?;
    tab_to(&browser, "button", "Delete").await?;
    browser.press(Key::Enter).await?;
    tab_to(&browser, "checkbox", "Also delete their events").await?;
    browser.press(" ").await?;
    browser.sees("?delete_events=true").await;
    tab_to(&browser, "textbox", "Type delete").await?;
    browser.press("delete").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Send now").await;
    // It is held wherever one goes.
    browser.press("gp").await?;
    browser.sees("3 people").await;
    tab_to(&browser, "button", "Send now").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Confirmed.").await;
    assert_eq!(server.people(&[("distinct_id", "ada")]).len(), 0);
    browser.press("gl").await?;
    browser.sees("person gone; events pending").await;
    browser
        .go(&format!("{}/person/{}", server.base, uuid_of(&ada)))
        .await?;
    browser.sees("This person does not exist").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_offline_is_sent_when_the_network_is_back() -> Outcome {
    let server = three_people();
    let (browser, _) = at_ada(&server).await?;
    // The parts of the app that change something are here before the network goes.
    browser.press("n").await?;
    browser.has_focus_on("textbox", "Key").await;
    browser.press("note").await?;
    browser.cut_off(true).await?;
    tab_to(&browser, "textbox", "Value").await?;
    browser.press("written in a tunnel").await?;
    browser.press(Key::Enter).await?;
    browser.press("go").await?;
    browser.sees("It did not get through.").await;
    browser.cut_off(false).await?;
    browser.sees("Done: the server shows it.").await;
    assert_eq!(
        server.person("ada")["properties"]["note"],
        json!("written in a tunnel")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_at_once_and_the_batch_is_undone() -> Outcome {
    let server = three_people();
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    for key in ["j", "x", "j", "x", "j", "x"] {
        browser.press(key).await?;
    }
    browser.sees("3 selected").await;
    browser.click("Edit…").await?;
    browser.has_focus_on("textbox", "Key").await;
    browser.press("plan").await?;
    tab_to(&browser, "textbox", "Value").await?;
    browser.press("pro").await?;
    browser
        .sees("1 will change · 2 already so · 0 of another type")
        .await;
    tab_to(&browser, "button", "Run").await?;
    browser.press(Key::Enter).await?;
    browser.sees("1 of 1 confirmed, 0 not done").await;
    assert_eq!(server.person("ben")["properties"]["plan"], json!("pro"));
    tab_to(&browser, "button", "Undo the batch").await?;
    browser.press(Key::Enter).await?;
    browser.sees("plan: pro → free. Confirmed.").await;
    assert_eq!(server.person("ben")["properties"]["plan"], json!("free"));
    Ok(())
}
