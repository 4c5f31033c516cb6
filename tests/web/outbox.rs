//! The outbox where things go slowly, fail, or happen in several tabs.

use js_sys::{Function, Promise, Reflect};
use persons::outbox::Change;
use persons::outbox::entry::{Entry, State};
use persons_api::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::ada::{
    ADA, DELETE, PATCH, PERSON, PROPERTIES, SPLIT, UNSET, UUID, ada_with, ada_with_plan, sent,
    server,
};
use crate::screen::{Screen, hasten, remember, tab_remembers};

const READ: &str = "/api/projects/@current/persons/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5/";

/// Ada's properties, with a new plan saved.
async fn with_plan(plan: &str) -> Screen {
    let screen = Screen::open(PROPERTIES);
    screen.sees("Ada Lovelace").await;
    screen.click("Edit plan").await;
    screen.fill("Value", plan).await;
    screen.press_command("Enter").await;
    screen
}

/// The outbox on a device that remembers an entry of another tab.
async fn with_entry(entry: &Entry) -> Screen {
    // Nothing else is remembered.
    drop(Screen::open("/outbox"));
    put(entry);
    let screen = Screen::reload("/outbox");
    screen.sees("Changes made on this device").await;
    screen
}

fn put(entry: &Entry) {
    remember("persons.outbox", "on");
    let key = format!("persons.outbox.{}", entry.id);
    remember(&key, &entry.write().to_string());
}

fn of_another_tab(change: Change, state: State) -> Entry {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    Entry {
        id: 1_790_000_000_000_000,
        place: format!("{}/@current", origin.expect("a page has an origin")),
        tab: "another".into(),
        run: "persons.run.another".into(),
        person: Uuid::try_parse(UUID).expect("valid"),
        name: "Ada Lovelace".into(),
        change,
        state,
        attempts: 0,
        sent: None,
        undoes: None,
        batch: None,
        is_refused: false,
    }
}

fn deletion() -> Change {
    Change::Delete {
        events: false,
        snapshot: None,
    }
}

fn to_team() -> Change {
    Change::Set {
        key: "plan".into(),
        before: Some(json!("pro")),
        after: json!("team"),
    }
}

/// Another tab that lives until it is closed.
struct Tab(JsValue);

impl Tab {
    async fn open() -> Self {
        let hold = "return new Promise((open) => navigator.locks.request('persons.run.another', \
                    () => new Promise((close) => open({ close }))));";
        let opened: Promise = call(&Function::new_no_args(hold)).unchecked_into();
        Self(JsFuture::from(opened).await.expect("a lock nobody holds"))
    }

    fn close(self) {
        let close = Reflect::get(&self.0, &"close".into()).expect("an object");
        call(&close.into());
    }
}

fn call(function: &Function) -> JsValue {
    function.call0(&JsValue::NULL).expect("the script runs")
}

/// What the browser says when another tab wrote an entry.
fn hear_of(entry: &Entry) {
    let script = format!(
        "dispatchEvent(new StorageEvent('storage', {{ key: 'persons.outbox.{}' }}))",
        entry.id
    );
    call(&Function::new_no_args(&script));
}

#[wasm_bindgen_test]
async fn an_undo_waits_for_what_it_undoes() {
    let server = server();
    server.takes(PATCH, 202, "");
    let screen = with_plan("team").await;
    screen.asks_to_write(&server, PATCH, 1).await;
    // The server has not done it yet: the plan looks as if it were undone already.
    screen.press_command("z").await;
    screen.sees("Undone. plan: team → pro").await;
    hasten(10);
    let looks = server.times(READ);
    screen.asks_times(&server, READ, looks + 2).await;
    assert_eq!(server.writes(PATCH), 1);
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.asks_to_write(&server, PATCH, 2).await;
    assert_eq!(sent(&server, PATCH), json!({"properties": {"plan": "pro"}}));
    server.answer(PERSON, 200, ADA);
    screen.sees("plan: team → pro. Confirmed.").await;
}

#[wasm_bindgen_test]
async fn a_rename_is_undone_as_a_whole() {
    let server = server();
    server.takes(PATCH, 200, "");
    server.takes(UNSET, 200, "");
    let renamed = ada_with(|ada| {
        let properties = ada["properties"].as_object_mut().expect("an object");
        let plan = properties.remove("plan").expect("a plan");
        properties.insert("tier".into(), plan);
    });
    let screen = Screen::open(PROPERTIES);
    screen.sees("Ada Lovelace").await;
    screen.click("Edit plan").await;
    screen.fill("Key", "tier").await;
    server.answer(PERSON, 200, &renamed);
    screen.press_command("Enter").await;
    screen.sees("plan: pro → not set. Confirmed.").await;
    assert_eq!(sent(&server, PATCH), json!({"properties": {"tier": "pro"}}));
    screen.press_command("z").await;
    screen
        .sees("Undone. plan: not set → pro; tier: pro → not set")
        .await;
    screen.asks_to_write(&server, PATCH, 2).await;
    server.answer(PERSON, 200, ADA);
    screen.asks_to_write(&server, UNSET, 2).await;
    assert_eq!(sent(&server, PATCH), json!({"properties": {"plan": "pro"}}));
    assert_eq!(sent(&server, UNSET), json!({"$unset": "tier"}));
}

#[wasm_bindgen_test]
async fn while_nothing_can_be_read_nobody_says_that_it_was_not_done() {
    let server = server();
    server.takes(PATCH, 202, "");
    let screen = with_plan("team").await;
    server.answer(PERSON, 502, "");
    hasten(200);
    // Each look asks four times; nine looks would be a minute.
    screen.asks_times(&server, READ, 44).await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.sees("plan: pro → team. Confirmed.").await;
    assert_eq!(server.writes(PATCH), 1);
}

#[wasm_bindgen_test]
async fn a_key_that_may_write_and_not_read_is_told_so() {
    let server = server();
    server.takes(PATCH, 202, "");
    let screen = with_plan("team").await;
    let refusal = r#"{"detail": "API key missing required scope 'person:read'"}"#;
    server.answer(PERSON, 403, refusal);
    screen
        .sees("accepted it, and it cannot be read back: The key lacks the scope “person:read”.")
        .await;
}

#[wasm_bindgen_test]
async fn a_split_that_may_have_arrived_gets_its_time_before_it_is_sent_again() {
    let server = server();
    server.takes(SPLIT, 0, "");
    let ada: Value = serde_json::from_str(ADA).expect("the fixture is JSON");
    let id = ada["distinct_ids"][1].as_str().expect("a second id");
    let owner = format!("persons/?distinct_id={}", id.replace('@', "%40"));
    let other = json!({"results": [{"id": 9, "uuid": Uuid::from_u128(9), "distinct_ids": [id]}]});
    server.answer(&owner, 200, &other.to_string());
    let entry = of_another_tab(
        Change::Split {
            leave: vec![id.to_owned()],
            main: None,
        },
        State::Queued,
    );
    let screen = with_entry(&entry).await;
    screen.asks_to_write(&server, SPLIT, 1).await;
    hasten(50);
    let looks = server.times(READ);
    screen.asks_times(&server, READ, looks + 4).await;
    assert_eq!(server.writes(SPLIT), 1);
    let left = ada_with(|ada| {
        let ids = ada["distinct_ids"].as_array_mut().expect("a list");
        ids.remove(1);
    });
    server.answer(PERSON, 200, &left);
    screen.sees("Done: the server shows it.").await;
    assert_eq!(server.writes(SPLIT), 1);
}

#[wasm_bindgen_test]
async fn what_another_tab_holds_is_not_touched_and_goes_with_that_tab() {
    let server = server();
    let tab = Tab::open().await;
    let screen = with_entry(&of_another_tab(deletion(), State::Held(Timestamp(0)))).await;
    screen.sees("Another tab is at it.").await;
    screen.finds(".held").await;
    for button in ["Undo", "Send now", "Cancel", "Try it here"] {
        assert!(!screen.text().contains(button), "{}", screen.text());
    }
    tab.close();
    screen.sees("Taken back before anything was sent.").await;
    screen
        .sees("delete was cancelled when its page was closed. Nothing was sent.")
        .await;
    assert_eq!(server.writes(DELETE), 0);
}

#[wasm_bindgen_test]
async fn what_a_closed_tab_left_is_sent() {
    let server = server();
    server.takes(PATCH, 200, "");
    let tab = Tab::open().await;
    let screen = with_entry(&of_another_tab(to_team(), State::Queued)).await;
    screen.sees("Another tab is at it.").await;
    screen.shows(".rail-count").await;
    assert_eq!(server.writes(PATCH), 0);
    tab.close();
    screen.asks_to_write(&server, PATCH, 1).await;
    server.answer(PERSON, 200, &ada_with_plan("team"));
    screen.sees("Done: the server shows it.").await;
    assert_eq!(server.writes(PATCH), 1);
}

#[wasm_bindgen_test]
async fn what_a_closed_tab_was_sending_is_looked_at_first() {
    let server = server();
    server.answer(PERSON, 200, &ada_with_plan("team"));
    let entry = Entry {
        attempts: 1,
        ..of_another_tab(to_team(), State::Sending)
    };
    let screen = with_entry(&entry).await;
    screen.sees("Done: the server shows it.").await;
    assert_eq!(server.writes(PATCH), 0);
}

#[wasm_bindgen_test]
async fn what_another_tab_does_is_seen_here_and_never_written_over() {
    let _server = server();
    let tab = Tab::open().await;
    let entry = of_another_tab(to_team(), State::Sending);
    let screen = with_entry(&entry).await;
    screen.sees("Another tab is at it.").await;
    let done = Entry {
        state: State::Confirmed,
        ..entry
    };
    put(&done);
    // Something is written here before that is heard of.
    screen.click("Forget what is over").await;
    assert!(tab_remembers("\"confirmed\""));
    screen.sees("Another tab is at it.").await;
    hear_of(&done);
    screen.sees("Done: the server shows it.").await;
    screen.click("Forget what is over").await;
    screen.sees("Nothing was changed here").await;
    tab.close();
}

#[wasm_bindgen_test]
async fn who_forgets_this_device_forgets_what_was_changed() {
    let server = server();
    server.takes(PATCH, 200, "");
    server.answer(PERSON, 200, &ada_with_plan("a secret plan"));
    let screen = with_plan("a secret plan 2").await;
    server.answer(PERSON, 200, &ada_with_plan("a secret plan 2"));
    screen.sees("Confirmed.").await;
    assert!(tab_remembers("a secret plan 2"));
    screen.press("g").await;
    screen.press("s").await;
    screen.click("Forget the people on this device").await;
    assert!(!tab_remembers("a secret plan"));
    screen.press("g").await;
    screen.press("o").await;
    screen.sees("Nothing was changed here").await;
    assert!(!tab_remembers("a secret plan"));
}
