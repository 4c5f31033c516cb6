//! Changing somebody: what is sent, when it counts as done, and what can be taken back.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::ada::{
    ADA, DELETE, PATCH, PERSON, PROPERTIES, SPLIT, UNSET, UUID, ada_with, ada_with_plan,
    is_known_to, sent, server,
};
use crate::double::Double;
use crate::screen::{Screen, hasten};

const NOT_FOUND: &str = include_str!("../fixtures/api/error-person-not-found.json");

/// Ada's properties, with the plan open for editing.
async fn editing(key: &str) -> Screen {
    let screen = Screen::open(PROPERTIES);
    screen.sees("Ada Lovelace").await;
    screen.click(&format!("Edit {key}")).await;
    screen.finds("#edit-value").await;
    screen
}

async fn outbox() -> Screen {
    let screen = Screen::reload("/outbox");
    screen.sees("Changes made on this device").await;
    screen
}

#[wasm_bindgen_test]
async fn an_edit_is_shown_sent_and_read_back() {
    let server = server();
    server.takes(PATCH, 200, &ada_with_plan("enterprise"));
    let screen = editing("plan").await;
    screen.fill("Value", "enterprise").await;
    screen.sees("plan: pro → enterprise").await;
    screen.sees(r#"{"properties":{"plan":"enterprise"}}"#).await;
    assert_eq!(server.writes(PATCH), 0);
    server.answer(PERSON, 200, &ada_with_plan("enterprise"));
    screen.press_command("Enter").await;
    screen.sees("Confirmed.").await;
    assert_eq!(
        sent(&server, PATCH),
        json!({"properties": {"plan": "enterprise"}})
    );
    screen.misses("Close, keep draft").await;
    screen.sees("\tenterprise\t").await;
    assert_eq!(screen.cells("plan")[1], "enterprise");
}

#[wasm_bindgen_test]
async fn text_that_looks_like_a_number_stays_text_until_somebody_says_otherwise() {
    let server = server();
    server.takes(PATCH, 202, "");
    let screen = editing("zip").await;
    screen.fill("Value", "00713").await;
    screen.click("number").await;
    screen.sees("A number has no zeros in front.").await;
    screen.press_command("Enter").await;
    assert_eq!(server.writes(PATCH), 0);
    screen.click("string").await;
    screen.misses("The type changes").await;
    server.answer(
        PERSON,
        200,
        &ada_with(|ada| ada["properties"]["zip"] = json!("00713")),
    );
    screen.press_command("Enter").await;
    screen.sees("Confirmed.").await;
    assert_eq!(
        sent(&server, PATCH),
        json!({"properties": {"zip": "00713"}})
    );
}

#[wasm_bindgen_test]
async fn a_draft_survives_leaving_and_loading_again() {
    let _server = server();
    let screen = editing("plan").await;
    screen.fill("Value", "half a pl").await;
    screen.click("Close, keep draft").await;
    drop(screen);
    let screen = Screen::reload(PROPERTIES);
    screen.click("Edit plan").await;
    screen.sees("What you typed before is still here").await;
    screen.sees("plan: pro → half a pl").await;
    screen.click("Discard").await;
    screen.click("Edit plan").await;
    screen.sees("Nothing is changed yet.").await;
}

#[wasm_bindgen_test]
async fn an_empty_answer_of_older_servers_is_no_proof() {
    let server = server();
    server.takes(PATCH, 202, "");
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    hasten(100);
    // The server says yes and does nothing, as PostHog does when its ingestion fails.
    screen.press_command("Enter").await;
    screen.sees("does not show it after a minute").await;
    assert_eq!(server.writes(PATCH), 1);
    let screen = outbox().await;
    screen.sees("not visible").await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.click("Try again").await;
    screen.sees("Done: the server shows it.").await;
    // It was looked at first, and there was nothing to be sent again.
    assert_eq!(server.writes(PATCH), 1);
}

#[wasm_bindgen_test]
async fn what_may_have_arrived_is_looked_at_before_it_is_sent_again() {
    let server = server();
    server.takes(PATCH, 0, "");
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    hasten(100);
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.press_command("Enter").await;
    screen.sees("Confirmed.").await;
    assert_eq!(server.writes(PATCH), 1);
}

#[wasm_bindgen_test]
async fn what_did_not_arrive_is_sent_again() {
    let server = server();
    server.takes(PATCH, 0, "");
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    hasten(100);
    screen.press_command("Enter").await;
    screen.asks_to_write(&server, PATCH, 2).await;
    server.takes(PATCH, 200, &ada_with_plan("team"));
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.sees("Confirmed.").await;
}

#[wasm_bindgen_test]
async fn a_refusal_says_why_and_nothing_is_lost() {
    let server = server();
    let swapped = r#"{"attr":"properties","code":"This field is required.","detail":"required","type":"validation_error"}"#;
    let scope = r#"{"type":"authentication_error","code":"permission_denied","detail":"API key missing required scope 'person:write'","attr":null}"#;
    for (status, body, sentence) in [
        (403, scope, "The key lacks the scope “person:write”."),
        (400, swapped, "This field is required."),
        (404, NOT_FOUND, "There is no such person any more."),
    ] {
        server.takes(PATCH, status, body);
        let screen = editing("plan").await;
        screen.fill("Value", "team").await;
        screen.press_command("Enter").await;
        screen.sees("was not done").await;
        drop(screen);
        let screen = outbox().await;
        screen.sees("failed").await;
        screen.sees(sentence).await;
        screen.sees("plan: pro → team").await;
    }
}

#[wasm_bindgen_test]
async fn a_key_that_may_not_write_switches_editing_off_until_one_may() {
    let server = server();
    let scope = r#"{"detail": "API key missing required scope 'person:write'"}"#;
    server.takes(PATCH, 403, scope);
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    screen.press_command("Enter").await;
    screen.sees("editing is off").await;
    for button in ["Edit plan", "Remove plan"] {
        assert!(screen.find(&format!("[aria-label='{button}']")).is_none());
    }
    for button in ["Split…", "Delete…"] {
        assert!(!screen.text().contains(button), "{}", screen.text());
    }
    drop(screen);
    // It is known when the app is opened again, and forgotten once something was accepted.
    let screen = Screen::reload(PROPERTIES);
    screen.sees("editing is off").await;
    drop(screen);
    server.takes(PATCH, 200, "");
    let screen = outbox().await;
    screen.click("Try again").await;
    screen.asks_to_write(&server, PATCH, 2).await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.sees("Done: the server shows it.").await;
    drop(screen);
    let screen = Screen::reload(PROPERTIES);
    screen.sees("Delete…").await;
    assert!(!screen.text().contains("editing is off"));
}

#[wasm_bindgen_test]
async fn a_property_that_refuses_writes_shows_a_lock() {
    let server = server();
    let refusal = r#"{"type":"validation_error","code":"invalid_input","detail":"You do not have access to edit these properties: plan","attr":null}"#;
    server.takes(PATCH, 400, refusal);
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    screen.press_command("Enter").await;
    screen
        .finds("a[aria-label^='Refused by the server'][aria-label$='plan']")
        .await;
    assert!(screen.find("[aria-label='Edit plan']").is_none());
    assert!(screen.find("[aria-label='Edit seats']").is_some());
}

#[wasm_bindgen_test]
async fn undo_sends_the_inverse_unless_others_were_faster() {
    let server = server();
    server.takes(PATCH, 200, "");
    let screen = editing("plan").await;
    screen.fill("Value", "team").await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.press_command("Enter").await;
    screen.sees("Confirmed.").await;
    // Somebody else changed it since.
    server.answer(PERSON, 200, &ada_with_plan("scale"));
    screen.press_command("z").await;
    screen
        .sees("It was changed by others since. Nothing was sent.")
        .await;
    assert_eq!(server.writes(PATCH), 1);
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.press_command("z").await;
    screen.asks_to_write(&server, PATCH, 2).await;
    assert_eq!(sent(&server, PATCH), json!({"properties": {"plan": "pro"}}));
    server.answer(PERSON, 200, ADA);
    screen.sees("plan: team → pro. Confirmed.").await;
}

#[wasm_bindgen_test]
async fn a_property_is_removed_and_comes_back() {
    let server = server();
    server.takes(UNSET, 201, r#"{"success": true}"#);
    server.takes(PATCH, 200, "");
    let screen = Screen::open(PROPERTIES);
    let without = ada_with(|ada| {
        ada["properties"]
            .as_object_mut()
            .expect("an object")
            .remove("plan");
    });
    screen.sees("Ada Lovelace").await;
    server.answer(PERSON, 200, &without);
    screen.click("Remove plan").await;
    screen.sees("plan: pro → not set. Confirmed.").await;
    assert_eq!(sent(&server, UNSET), json!({"$unset": "plan"}));
    screen.press_command("z").await;
    screen.asks_to_write(&server, PATCH, 1).await;
    assert_eq!(sent(&server, PATCH), json!({"properties": {"plan": "pro"}}));
    server.answer(PERSON, 200, ADA);
    screen.sees("plan: not set → pro. Confirmed.").await;
}

#[wasm_bindgen_test]
async fn events_are_deleted_only_when_asked_for() {
    let with_events = (
        "DELETE",
        "persons/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5/?delete_events=true",
    );
    for (ticks, request) in [(false, DELETE), (true, with_events)] {
        let server = server();
        server.takes(request, 204, "");
        server.answer(
            &format!("persons/deletion_status/?status=all&person_uuid={UUID}"),
            200,
            r#"{"count": 1, "results": [{"status": "pending"}]}"#,
        );
        // Nobody who is deleted is looked for among distinct ids before the page is left.
        server.answer(
            &format!("persons/?distinct_id={UUID}"),
            200,
            r#"{"results": []}"#,
        );
        let screen = Screen::open(PROPERTIES);
        screen.click("Delete…").await;
        screen.finds("#delete-word").await;
        if ticks {
            screen.finds(".deed-choice input").await;
            screen
                .find(".deed-choice input")
                .expect("seen just now")
                .click();
        }
        screen.click("Delete").await;
        screen.sees("Type the word delete to go on.").await;
        screen.fill("Type delete to go on", " Delete ").await;
        screen.click("Delete").await;
        screen.sees("Send now").await;
        assert_eq!(server.writes(request), 0);
        server.answer(PERSON, 404, NOT_FOUND);
        screen.click("Send now").await;
        screen.sees("Confirmed.").await;
        assert_eq!(server.writes(request), 1);
        drop(screen);
        let screen = Screen::reload("/deletions");
        screen
            .sees(if ticks {
                "events pending"
            } else {
                "person gone"
            })
            .await;
    }
}

#[wasm_bindgen_test]
async fn what_is_held_can_be_undone_and_a_new_start_undoes_it() {
    let server = server();
    for leaves in [false, true] {
        let screen = Screen::open(PROPERTIES);
        screen.click("Delete…").await;
        screen.fill("Type delete to go on", "delete").await;
        screen.click("Delete").await;
        screen.sees("Send now").await;
        if leaves {
            drop(screen);
        } else {
            screen.click("Undo").await;
            screen.misses("Send now").await;
            drop(screen);
        }
        let screen = outbox().await;
        screen.sees("Taken back before anything was sent.").await;
        assert_eq!(server.writes(DELETE), 0);
    }
}

#[wasm_bindgen_test]
async fn a_split_shows_who_comes_of_it_and_locks_delete_until_they_are_there() {
    let server = server();
    let ada: Value = serde_json::from_str(ADA).expect("the fixture is JSON");
    let id = ada["distinct_ids"][1]
        .as_str()
        .expect("a second id")
        .to_owned();
    let project: Value =
        serde_json::from_str(include_str!("../fixtures/api/project.json")).expect("JSON");
    let number = project["id"].as_i64().expect("a number");
    let derived = persons_engine::person_uuid(number, &id);
    let newcomer = format!("persons/{derived}/");
    server.answer(&newcomer, 403, r#"{"detail": "Not now."}"#);
    server.hold(&newcomer);
    let encoded = id.replace('@', "%40");
    server.answer(
        &format!("persons/?distinct_id={encoded}"),
        200,
        &json!({"results": [ada]}).to_string(),
    );
    server.takes(SPLIT, 201, r#"{"success": true}"#);
    let screen = Screen::open(PROPERTIES);
    screen.click("Split…").await;
    screen.sees("Choose at least one id that leaves.").await;
    screen.click(&id).await;
    // Who is not known to be new is not called new.
    screen.sees("asking whether they exist already").await;
    server.release(&newcomer);
    screen.sees("the server did not say").await;
    server.answer(&newcomer, 404, NOT_FOUND);
    screen.click(&id).await;
    screen.click(&id).await;
    screen.sees("a new person without properties").await;
    screen.misses("the server did not say").await;
    screen.click("Split off 1 id").await;
    screen.click("Send now").await;
    screen.asks_to_write(&server, SPLIT, 1).await;
    assert_eq!(sent(&server, SPLIT), json!({"distinct_ids_to_split": [id]}));
    screen.click("Delete…").await;
    screen.sees("Delete is locked").await;
    screen.click("Close").await;
    // The id has left the person, and leads to another one.
    let other = json!({"results": [{"id": 9, "uuid": derived, "distinct_ids": [id]}]});
    server.answer(
        &format!("persons/?distinct_id={encoded}"),
        200,
        &other.to_string(),
    );
    let left = ada_with(|ada| {
        ada["distinct_ids"]
            .as_array_mut()
            .expect("a list")
            .remove(1);
    });
    server.answer(PERSON, 200, &left);
    screen.sees("Confirmed.").await;
    screen.click("Delete…").await;
    screen.finds("#delete-word").await;
}

#[wasm_bindgen_test]
async fn an_answer_that_differs_from_what_was_kept_closes_no_dialog() {
    let server = Double::with_people();
    is_known_to(&server);
    let screen = Screen::open(PROPERTIES);
    screen.sees("Ada Lovelace").await;
    screen.press("g").await;
    screen.press("p").await;
    screen.sees("Cy Young").await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    server.hold(PERSON);
    screen.press("j").await;
    screen.finds("[role=row]:focus").await;
    screen.press("Enter").await;
    // Who was opened before is shown until the server answers.
    screen.sees("asking the server").await;
    screen.click("Delete…").await;
    screen.finds("dialog[open]").await;
    server.release(PERSON);
    screen.misses("asking the server").await;
    screen.fill("Type delete to go on", "delete").await;
    screen.click("Delete").await;
    screen.sees("Send now").await;
}
