//! What this device does before the server answers, and keeps until the app is opened again.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, FIRST, LIST};
use crate::screen::{Screen, url};

/// A page with these people, and no next one.
fn page(people: &[(&str, &str)]) -> String {
    let person = |(uuid, email): &(&str, &str)| {
        json!({"id": uuid, "uuid": uuid, "distinct_ids": [email], "name": email,
            "properties": {"email": email}, "created_at": "2026-01-01T00:00:00Z"})
    };
    let people: Vec<Value> = people.iter().map(person).collect();
    json!({"results": people, "next": null, "previous": null}).to_string()
}

/// The name and the tags of each row.
fn names(screen: &Screen) -> Vec<String> {
    let cells = screen.all(".grid-row .cell-name");
    let words = cells.iter().map(|cell| cell.inner_text());
    words
        .map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[wasm_bindgen_test]
async fn who_is_known_is_found_before_the_server_answers() {
    let server = Double::with_people();
    let cy = "018f3c5a-7b1e-7c44-9d3e-00000000aaaa";
    let search = format!("{LIST}&search=acme");
    server.answer(&search, 503, "");
    let screen = Screen::open("/persons");
    screen.sees("All loaded").await;
    screen.fill("Search people", "acme").await;
    screen
        .sees("found on this device · asking the server…")
        .await;
    assert_eq!(url(), "/persons", "nobody has been asked yet");
    let known = names(&screen).len();
    assert!(
        known > 1
            && names(&screen)
                .iter()
                .all(|name| name.ends_with("on this device"))
    );
    // Nobody moves, whom the server does not know any more goes, and the others come behind.
    let ada = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";
    server.answer(
        &search,
        200,
        &page(&[(cy, "zoe@acme.example"), (ada, "ada@acme.example")]),
    );
    screen.sees("from server").await;
    assert_eq!(names(&screen).len(), 2);
    assert!(
        names(&screen)[0].contains("ada@acme.example"),
        "{:?}",
        names(&screen)
    );
    assert!(names(&screen)[1].ends_with("from server"));
    assert_eq!(url(), "/persons?search=acme");
}

#[wasm_bindgen_test]
async fn a_late_page_of_the_last_question_is_none_of_the_next_one() {
    let server = Double::with_people();
    let second = format!("{LIST}&offset=100");
    let search = format!("{LIST}&search=ada%40");
    let ada = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";
    server.answer(&search, 200, &page(&[(ada, "ada@acme.example")]));
    server.hold(&second);
    server.hold(&search);
    let screen = Screen::open("/persons");
    let list = format!("/api/projects/@current/{second}");
    screen.asks(&server, &list).await;
    screen.fill("Search people", "ada@").await;
    screen.sees("1 found on this device").await;
    // The page of everybody comes before that of the search.
    server.release(&second);
    server.release(&search);
    screen.sees("All loaded").await;
    screen.is_at("/persons?search=ada%40").await;
    assert_eq!(names(&screen).len(), 1, "{:?}", names(&screen));
}

#[wasm_bindgen_test]
async fn somebody_who_is_gone_is_not_kept() {
    let server = Double::with_people();
    let uuid = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";
    let path = format!("persons/{uuid}/");
    let first: Value = serde_json::from_str(FIRST).expect("a page");
    server.answer(&path, 200, &first["results"][0].to_string());
    let cohorts = format!("persons/cohorts/?person_id={uuid}");
    server.answer(&cohorts, 200, r#"{"results": []}"#);
    let screen = Screen::open(&format!("/person/{uuid}"));
    screen.sees("ada@acme.example").await;
    server.answer(&path, 404, "");
    server.answer(&format!("persons/?distinct_id={uuid}"), 200, &page(&[]));
    screen.click("Load again").await;
    screen.sees("This person does not exist").await;
    // While the server is away, who is kept would be shown.
    server.answer(&path, 0, "");
    screen.click("Show everybody").await;
    screen.sees("Ada Lovelace").await;
    screen.click("Ada Lovelace").await;
    screen.sees("Could not load this person").await;
    assert!(!screen.text().contains("ada@acme.example"));
}

#[wasm_bindgen_test]
async fn the_people_around_the_keyboard_are_asked_for_before_they_are_opened() {
    let server = Double::with_people();
    let first: Value = serde_json::from_str(FIRST).expect("a page");
    let people = first["results"].as_array().expect("people");
    let path = |person: &Value| {
        let uuid = person["uuid"].as_str().expect("a UUID");
        format!("/api/projects/@current/persons/{uuid}/")
    };
    for person in people {
        server.answer_at(&path(person), 200, &person.to_string());
    }
    let screen = Screen::open("/persons");
    screen.sees("All loaded").await;
    screen.press("j").await;
    screen.focus_is_on("Ada Lovelace").await;
    screen.press("j").await;
    for person in &people[..3] {
        screen.asks(&server, &path(person)).await;
    }
    assert_eq!(server.times(&path(&people[0])), 1);
}

#[wasm_bindgen_test]
async fn alternatives_are_asked_for_one_by_one_where_the_server_knows_no_or() {
    let server = Double::new();
    let condition =
        |value: &str| json!({"key": "plan", "operator": "exact", "type": "person", "value": value});
    let encoded = |json: Value| String::from(js_sys::encode_uri_component(&json.to_string()));
    let tree = json!({"type": "AND", "values": [
        {"type": "OR", "values": [condition("pro"), condition("team")]},
    ]});
    let tree = encoded(tree);
    server.answer(&format!("{LIST}&properties={tree}"), 500, "");
    let both = ("018f3c5a-7b1e-7c44-9d3e-000000000001", "both@x.org");
    let pro = ("018f3c5a-7b1e-7c44-9d3e-000000000002", "pro@x.org");
    let team = ("018f3c5a-7b1e-7c44-9d3e-000000000003", "team@x.org");
    for (value, people) in [("pro", [both, pro]), ("team", [team, both])] {
        let list = encoded(json!([condition(value)]));
        server.answer(&format!("{LIST}&properties={list}"), 200, &page(&people));
    }
    let screen = Screen::open(&format!("/persons?properties={tree}"));
    screen.sees("All loaded").await;
    let mut names = names(&screen);
    names.sort();
    assert_eq!(names, ["bboth@x.org", "ppro@x.org", "tteam@x.org"]);
    screen.sees("3 people").await;
}

#[wasm_bindgen_test]
async fn the_list_is_there_at_once_when_the_app_is_opened_again_until_it_is_forgotten() {
    let server = Double::with_people();
    // On a device that knows nobody, and may.
    drop(Screen::open("/connect"));
    let storage = web_sys::window().expect("a window").local_storage();
    let storage = storage.expect("allowed").expect("there");
    storage.remove_item("persons.keeping").expect("writable");
    let screen = Screen::reload("/connect");
    screen.sees("People on this device").await;
    screen.click("Forget the people on this device").await;
    screen.sees("Nobody is known here.").await;
    screen.click("Show people").await;
    screen.sees("All loaded").await;
    drop(screen);

    // The server is away, and who was loaded is there.
    server.answer(LIST, 0, "");
    let screen = Screen::reload("/persons");
    screen.sees("Ada Lovelace").await;
    screen.sees("As of ").await;
    drop(screen);

    let screen = Screen::reload("/connect");
    screen.sees("answers about people are known here").await;
    screen.click("Forget the people on this device").await;
    screen.sees("Nobody is known here.").await;
    drop(screen);
    let screen = Screen::reload("/persons");
    screen.sees("Could not load people").await;
    screen.misses("Ada Lovelace").await;
}
