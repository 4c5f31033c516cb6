//! People side by side, and the tray of those who were chosen.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, FIRST, SECOND};
use crate::screen::{Screen, go_back, title, url};

const ADA: &str = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";
const BEN: &str = "d90c831e-7943-5d4d-beed-d17a99a84fdf";
const VISITOR: &str = "d268f5e9-1fbc-59cf-84b8-3271f3997ce1";
const TAREK: &str = "4d69ba7a-994a-5b40-8fc0-7d28ab7c9e7d";
const CY: &str = "feb8832d-fdab-58b0-88a9-1dbd323e256e";
const GONE: &str = "00000000-0000-4000-8000-000000000000";

const NOT_FOUND: &str = include_str!("../fixtures/api/error-person-not-found.json");
const NOBODY: &str = include_str!("../fixtures/api/persons-nobody.json");
const COHORTS: &str = include_str!("../fixtures/api/cohorts-of-ada.json");

fn path(uuid: &str) -> String {
    format!("persons/{uuid}/")
}

fn cohorts_of(uuid: &str) -> String {
    format!("persons/cohorts/?person_id={uuid}")
}

fn compared(people: &[&str]) -> String {
    format!("/compare?ids={}", people.join(","))
}

/// The people of the list, as the server knows them.
fn people() -> Vec<Value> {
    let pages = [FIRST, SECOND].map(|page| serde_json::from_str::<Value>(page).expect("JSON"));
    let results = pages.into_iter().map(|mut page| page["results"].take());
    let results = results.filter_map(|people| people.as_array().cloned());
    results.flatten().collect()
}

/// The list, and each of them by themselves. Only Ada is in cohorts.
fn server() -> Double {
    let server = Double::with_people();
    for person in people() {
        let uuid = person["uuid"].as_str().expect("a UUID");
        server.answer(&path(uuid), 200, &person.to_string());
        let cohorts = if uuid == ADA {
            COHORTS
        } else {
            r#"{"results": []}"#
        };
        server.answer(&cohorts_of(uuid), 200, cohorts);
    }
    server
}

/// Somebody with other properties than the list says.
fn answer_with(server: &Double, uuid: &str, change: impl FnOnce(&mut Value)) {
    let mut people = people();
    let person = people.iter_mut().find(|person| person["uuid"] == uuid);
    let person = person.expect("one of the list");
    change(person);
    server.answer(&path(uuid), 200, &person.to_string());
}

fn texts(screen: &Screen, selector: &str) -> Vec<String> {
    let found = screen.all(selector).into_iter();
    found
        .map(|found| found.inner_text().trim().to_owned())
        .collect()
}

fn heads(screen: &Screen) -> Vec<String> {
    texts(screen, ".compare-who a")
}

/// Waits until these have been chosen, in this order.
async fn holds(screen: &Screen, people: &[&str]) {
    screen
        .finds(&format!("nav a[href='{}']", compared(people)))
        .await;
    assert_eq!(texts(screen, ".tray-count"), [people.len().to_string()]);
}

#[wasm_bindgen_test]
async fn what_differs_comes_first_and_what_is_the_same_is_folded() {
    let server = server();
    answer_with(&server, BEN, |ben| {
        ben["properties"] = json!({
            "email": "ben@acme.example", "plan": "pro", "seats": "12", "trial": null, "nickname": null,
            "$os": "Linux", "vip": true,
        });
    });
    let screen = Screen::open(&compared(&[ADA, BEN]));
    screen.sees("11 differences, 3 same").await;
    assert_eq!(title(), "Compare · Persons");
    assert_eq!(heads(&screen), ["Ada Lovelace", "ben@acme.example"]);
    assert_eq!(
        texts(&screen, ".compare-group button"),
        [
            "9 properties differ",
            "2 system properties ($…) differ",
            "3 same rows"
        ]
    );
    // A number is no text, empty is not null, and what is not set is neither.
    assert_eq!(screen.cells("seats"), ["12", "12", "≠number, string"]);
    let row = screen.row("seats").expect("a row");
    let quoted = |place: u8| {
        let cell = format!("td:nth-of-type({place}) .quoted");
        row.query_selector(&cell).expect("valid").is_some()
    };
    assert_eq!((quoted(1), quoted(2)), (false, true));
    assert_eq!(
        screen.cells("nickname"),
        ["\"\" empty text", "null", "≠string, null"]
    );
    assert_eq!(
        screen.cells("zip"),
        ["00712", "not set", "+only one has it"]
    );
    assert_eq!(screen.cells("email")[2], "≠different");
    assert!(screen.row("plan").is_none() && screen.row("$os").is_none());

    screen.click("3 same rows").await;
    assert_eq!(screen.cells("plan"), ["pro", "pro", "=same"]);
    assert_eq!(screen.cells("trial"), ["null", "null", "=same"]);
    screen.click("9 properties differ").await;
    assert!(screen.row("seats").is_none());
}

#[wasm_bindgen_test]
async fn ids_times_and_cohorts_are_set_side_by_side() {
    let server = server();
    server.answer(
        &cohorts_of(BEN),
        200,
        r#"{"results": [{"id": 1, "name": "Paying"}]}"#,
    );
    let screen = Screen::open(&compared(&[ADA, BEN]));
    screen.sees("1 shared").await;
    assert_eq!(
        screen.cells("Distinct ids"),
        [
            "ada@acme.example\ndev-9\n018f3c5a…9d8e",
            "ben@acme.example",
            "none shared"
        ]
    );
    assert_eq!(screen.cells("First seen")[2], "1 day apart");
    assert_eq!(
        screen.cells("Cohorts"),
        ["Paying\nBeta testers", "Paying", "1 shared"]
    );

    let refusal = r#"{"detail": "API key missing required scope 'cohort:read'"}"#;
    server.answer(&cohorts_of(BEN), 403, refusal);
    screen.press("r").await;
    screen.sees("The key lacks the scope “cohort:read”.").await;
    assert_eq!(
        screen.cells("Cohorts")[2],
        "",
        "nothing is said of one alone"
    );
}

#[wasm_bindgen_test]
async fn who_may_be_the_same_human_is_said_with_reasons() {
    let server = server();
    answer_with(&server, VISITOR, |visitor| {
        visitor["properties"] =
            json!({"email": "Ada+tag@acme.example", "phone": "+49 228 1234567"});
    });
    answer_with(&server, ADA, |ada| {
        ada["properties"]["phone"] = json!("+49 228 7654321")
    });
    let screen = Screen::open(&compared(&[ADA, BEN, VISITOR]));
    screen.sees("Same e-mail address: ada@acme.example").await;
    screen.sees("Different phone numbers").await;
    assert_eq!(texts(&screen, ".pair .tag"), ["◐possible", "○no sign"]);
    assert_eq!(
        texts(&screen, ".pair-who > span"),
        [
            "Ada Lovelace and 0190c0de…00aa",
            "Ada Lovelace and <b>Ben</b> Okri",
            "<b>Ben</b> Okri and 0190c0de…00aa",
        ]
    );
    screen.sees("It proves nothing, neither way.").await;
}

#[wasm_bindgen_test]
async fn who_is_gone_says_so_and_takes_nobody_along() {
    let server = server();
    server.answer(&path(GONE), 404, NOT_FOUND);
    server.answer(&format!("persons/?distinct_id={GONE}"), 200, NOBODY);
    let screen = Screen::open(&compared(&[ADA, GONE, BEN]));
    screen.sees("Gone: this person was deleted").await;
    screen.sees("14 differences").await;
    assert_eq!(
        heads(&screen),
        ["Ada Lovelace", "00000000…0000", "<b>Ben</b> Okri"]
    );
    assert_eq!(screen.cells("seats"), ["12", "", "7", "≠different"]);
    screen.click("Remove the column of 00000000…0000").await;
    screen.is_at(&compared(&[ADA, BEN])).await;
    assert_eq!(screen.cells("seats"), ["12", "7", "≠different"]);
}

#[wasm_bindgen_test]
async fn columns_are_moved_and_taken_out_and_back_brings_them_back() {
    let server = server();
    let screen = Screen::open(&compared(&[ADA, BEN, TAREK]));
    screen.click("Move طارق نصار one place forward").await;
    screen.is_at(&compared(&[ADA, TAREK, BEN])).await;
    screen.focus_is_on("Move طارق نصار one place forward").await;
    screen.click("Move طارق نصار one place forward").await;
    screen.is_at(&compared(&[TAREK, ADA, BEN])).await;
    // In front there is no button; the one beside it undoes.
    screen
        .focus_is_on("Move Ada Lovelace one place forward")
        .await;
    assert_eq!(
        heads(&screen),
        ["طارق نصار", "Ada Lovelace", "<b>Ben</b> Okri"]
    );
    screen.click("Remove the column of Ada Lovelace").await;
    screen.is_at(&compared(&[TAREK, BEN])).await;
    holds(&screen, &[TAREK, BEN]).await;
    go_back();
    screen.is_at(&compared(&[TAREK, ADA, BEN])).await;
    holds(&screen, &[TAREK, ADA, BEN]).await;
    let asked = server.times(&format!("/api/projects/@current/{}", path(BEN)));
    assert_eq!(asked, 1, "who stays is not asked for again");

    screen.click("Clear").await;
    screen.is_at("/compare").await;
    screen.sees("Nobody to compare yet").await;
}

#[wasm_bindgen_test]
async fn one_person_alone_is_shown_without_differences() {
    let _server = server();
    let screen = Screen::open(&compared(&[BEN]));
    screen.sees("4 properties").await;
    screen.sees("Nobody to compare with yet").await;
    assert_eq!(screen.cells("seats"), ["7", ""]);
    assert!(screen.find(".likeness").is_none() && !screen.text().contains("differ"));
    screen.sees("Add a person").await;
}

#[wasm_bindgen_test]
async fn a_distinct_id_in_place_of_a_uuid_leads_to_its_person() {
    let server = server();
    server.answer(&path(GONE), 404, NOT_FOUND);
    let found = json!({"results": [people()[1]], "next": null}).to_string();
    server.answer(&format!("persons/?distinct_id={GONE}"), 200, &found);
    let screen = Screen::open(&compared(&[GONE, ADA]));
    screen.is_at(&compared(&[BEN, ADA])).await;
    screen.sees("<b>Ben</b> Okri").await;
}

#[wasm_bindgen_test]
async fn a_refusal_of_everybody_is_one_sentence() {
    let server = server();
    let refusal = r#"{"detail": "API key missing required scope 'person:read'"}"#;
    for uuid in [ADA, BEN] {
        server.answer(&path(uuid), 403, refusal);
    }
    let screen = Screen::open(&compared(&[ADA, BEN]));
    screen.sees("Could not load these people").await;
    screen.sees("The key lacks the scope “person:read”.").await;
    assert_eq!(screen.all("[role=alert]").len(), 1);
}

#[wasm_bindgen_test]
async fn who_cannot_be_loaded_says_why_in_their_column() {
    let server = server();
    server.answer(&path(BEN), 403, r#"{"detail": "Not yours."}"#);
    let screen = Screen::open(&compared(&[ADA, BEN]));
    screen.sees("Not yours.").await;
    screen.sees("14 properties").await;
    assert_eq!(screen.cells("seats"), ["12", "", ""]);
}

#[wasm_bindgen_test]
async fn what_is_known_stays_when_a_later_question_fails() {
    let server = server();
    let screen = Screen::open(&compared(&[ADA, BEN]));
    screen.sees("14 differences").await;
    server.answer(&path(BEN), 400, r#"{"detail": "Not now."}"#);
    server.answer(
        &format!("persons/?distinct_id={BEN}"),
        400,
        r#"{"detail": "Not now."}"#,
    );
    screen.press("r").await;
    screen.sees("This may be out of date: Not now.").await;
    assert_eq!(screen.cells("seats"), ["12", "7", "≠different"]);
}

#[wasm_bindgen_test]
async fn links_that_name_nobody_or_too_many_are_broken() {
    let _server = Double::new();
    for ids in ["ada".to_owned(), [ADA, BEN, VISITOR, TAREK, CY].join(",")] {
        let screen = Screen::open(&format!("/compare?ids={ids}"));
        screen.sees("A comparison is of up to four people").await;
    }
}

#[wasm_bindgen_test]
async fn c_chooses_the_row_and_g_c_compares() {
    let _server = server();
    let screen = Screen::open("/persons");
    screen.sees("Cy Young").await;
    // Nothing is chosen while the keyboard is nowhere.
    screen.press("c").await;
    screen.press("j").await;
    screen.finds("[role=row]:focus").await;
    screen.press("c").await;
    screen
        .sees("Ada Lovelace will be compared: 1 of 4 chosen.")
        .await;
    screen.press("ArrowDown").await;
    screen.finds("[role=row][aria-rowindex='3']:focus").await;
    screen.press("c").await;
    screen
        .sees("<b>Ben</b> Okri will be compared: 2 of 4 chosen.")
        .await;
    holds(&screen, &[ADA, BEN]).await;
    screen.press("c").await;
    screen.sees("<b>Ben</b> Okri will not be compared.").await;
    holds(&screen, &[ADA]).await;
    screen.press("ArrowDown").await;
    screen.finds("[role=row][aria-rowindex='4']:focus").await;
    screen.press("c").await;
    holds(&screen, &[ADA, VISITOR]).await;
    screen.press("g").await;
    screen.press("c").await;
    screen.is_at(&compared(&[ADA, VISITOR])).await;
    screen.sees("Same human?").await;
    // The keys of the list are gone with it.
    screen.press("c").await;
    assert_eq!(url(), compared(&[ADA, VISITOR]));
}

#[wasm_bindgen_test]
async fn the_tray_holds_four_says_so_and_is_remembered_in_this_tab() {
    let _server = server();
    let screen = Screen::open("/persons");
    screen.sees("Cy Young").await;
    screen.press("j").await;
    for row in 2..=6 {
        screen
            .finds(&format!("[role=row][aria-rowindex='{row}']:focus"))
            .await;
        screen.press("c").await;
        screen.press("ArrowDown").await;
    }
    screen.sees("Four people are chosen already.").await;
    holds(&screen, &[ADA, BEN, VISITOR, TAREK]).await;
    drop(screen);
    let screen = Screen::reload("/persons");
    holds(&screen, &[ADA, BEN, VISITOR, TAREK]).await;
    screen.click("Take <b>Ben</b> Okri out of Compare").await;
    holds(&screen, &[ADA, VISITOR, TAREK]).await;
}

#[wasm_bindgen_test]
async fn the_page_of_a_person_and_the_panel_beside_the_list_choose_too() {
    let server = server();
    let nothing = r#"{"results": [], "next": null, "total_count": 0}"#;
    server.answer(&format!("persons/{BEN}/activity/?limit=25"), 200, nothing);
    let screen = Screen::open(&format!("/person/{BEN}"));
    screen.sees("ben@acme.example").await;
    screen.press("c").await;
    screen
        .finds("[aria-pressed=true][aria-keyshortcuts=c]")
        .await;
    holds(&screen, &[BEN]).await;
    screen
        .shows("[aria-pressed=true][aria-keyshortcuts=c]")
        .await
        .click();
    screen.sees("<b>Ben</b> Okri will not be compared.").await;
    drop(screen);
    let screen = Screen::reload(&format!("/persons?peek={CY}"));
    screen.shows(".peek-bar [aria-pressed=false]").await.click();
    screen
        .sees("Cy Young will be compared: 1 of 4 chosen.")
        .await;
    holds(&screen, &[CY]).await;
}

#[wasm_bindgen_test]
async fn those_who_are_selected_are_compared_if_they_are_few_enough() {
    let _server = server();
    let screen = Screen::open("/persons");
    screen.sees("Cy Young").await;
    screen.press("j").await;
    screen.finds("[role=row]:focus").await;
    screen.press("x").await;
    screen.sees("1 selected").await;
    let compare = || async {
        screen.finds(".selection button").await;
        let buttons = screen.all(".selection button").into_iter();
        let mut buttons = buttons.filter(|button| button.inner_text() == "Compare");
        buttons.next().expect("a way to compare").click();
    };
    compare().await;
    screen
        .sees("Select two to four people to compare them.")
        .await;
    screen.press("ArrowDown").await;
    screen.finds("[role=row][aria-rowindex='3']:focus").await;
    screen.press("x").await;
    screen.sees("2 selected").await;
    compare().await;
    screen.is_at(&compared(&[ADA, BEN])).await;
}
