//! Servers of three ages, and those that are ill: people are found on each, and what goes wrong is a
//! sentence on a screen that still works.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::Double;
use crate::screen::{Screen, come_online, url};

const UUID: &str = "b88736c3-bde8-51a6-b69f-000000000009";
const LIST: &str = "/api/projects/@current/persons/?limit=100";
const NEXT: &str = "/api/projects/4711/persons/?limit=100&offset=";
const PROXY: &str = include_str!("../fixtures/ages/proxy.html");

/// What a server of an age answers.
struct Age {
    pages: &'static [&'static str],
    person: &'static str,
    values: &'static str,
    cohorts: &'static str,
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/ages/", $name, ".json"))
    };
}

const OLD: Age = Age {
    pages: &[
        fixture!("old/persons-first-page"),
        fixture!("old/persons-second-page"),
        fixture!("old/persons-third-page"),
    ],
    person: fixture!("old/person-ada"),
    values: fixture!("old/values-of-plan"),
    cohorts: fixture!("old/cohorts-of-ada"),
};

const MID: Age = Age {
    pages: &[
        fixture!("mid/persons-first-page"),
        fixture!("mid/persons-second-page"),
        fixture!("mid/persons-third-page"),
    ],
    person: fixture!("mid/person-ada"),
    values: fixture!("mid/values-of-plan"),
    cohorts: fixture!("mid/cohorts-of-ada"),
};

const NEW: Age = Age {
    pages: &[
        fixture!("new/persons-first-page"),
        fixture!("new/persons-second-page"),
    ],
    person: fixture!("new/person-ada"),
    values: fixture!("new/values-of-plan"),
    cohorts: fixture!("new/cohorts-of-ada"),
};

impl Age {
    fn server(&self) -> Double {
        let server = Double::new();
        for (place, page) in self.pages.iter().enumerate() {
            server.answer_at(&page_path(place), 200, page);
        }
        server.answer(&format!("persons/{UUID}/"), 200, self.person);
        server.answer(&cohorts_path(), 200, self.cohorts);
        server
    }
}

fn page_path(place: usize) -> String {
    match place {
        0 => LIST.to_owned(),
        place => format!("{NEXT}{place}00"),
    }
}

fn cohorts_path() -> String {
    format!("persons/cohorts/?person_id={UUID}")
}

async fn pages_to_the_end(age: &Age) {
    let server = age.server();
    let screen = Screen::open("/persons");
    screen.sees("All loaded").await;
    // The head, and three people.
    assert_eq!(screen.all("[role=grid] [role=row]").len(), 4);
    for place in 0..age.pages.len() {
        assert_eq!(server.times(&page_path(place)), 1, "page {place}");
    }
}

#[wasm_bindgen_test]
async fn an_old_list_is_read_to_its_end() {
    pages_to_the_end(&OLD).await;
}

#[wasm_bindgen_test]
async fn a_mid_list_is_read_to_its_end() {
    pages_to_the_end(&MID).await;
}

#[wasm_bindgen_test]
async fn a_new_list_is_read_to_its_end() {
    pages_to_the_end(&NEW).await;
}

/// Opens the first person of the list and looks at their cohorts.
async fn opens_a_person() {
    let screen = Screen::open("/persons");
    screen.sees("ada@example.com").await;
    screen.press("j").await;
    screen.finds("[role=row]:focus").await;
    screen.press("Enter").await;
    screen.sees("+1 id").await;
    assert_eq!(url(), format!("/person/{UUID}"));
    screen.press("2").await;
    screen.sees("string").await;
    assert_eq!(screen.cells("plan")[1..3], ["pro", "string"]);
    screen.press("5").await;
    screen.sees("Power users").await;
}

#[wasm_bindgen_test]
async fn a_person_of_every_age_opens_with_their_cohorts() {
    for age in [MID, NEW] {
        let _server = age.server();
        opens_a_person().await;
    }
}

#[wasm_bindgen_test]
async fn cohorts_that_crash_in_a_project_are_asked_for_without_it() {
    let server = OLD.server();
    server.answer(&cohorts_path(), 500, fixture!("old/error-crash"));
    let flat = format!("/api/person/cohorts/?person_id={UUID}");
    server.answer_at(&flat, 200, OLD.cohorts);
    opens_a_person().await;
}

async fn suggests_values(age: &Age) {
    let server = age.server();
    for text in ["", "plan"] {
        let path = format!("property_definitions/?type=person&search={text}&limit=50");
        server.answer(&path, 200, fixture!("new/property-definitions"));
    }
    for text in ["", "p"] {
        let path = format!("persons/values/?key=plan&value={text}");
        server.answer(&path, 200, age.values);
    }
    let screen = Screen::open("/persons");
    screen.sees("ada@example.com").await;
    screen.press("f").await;
    screen.fill("Property", "plan").await;
    screen.fill("Values", "p").await;
    screen.sees("128").await;
}

#[wasm_bindgen_test]
async fn values_of_every_age_are_suggested() {
    for age in [OLD, MID, NEW] {
        suggests_values(&age).await;
    }
}

#[wasm_bindgen_test]
async fn where_nothing_may_be_suggested_a_filter_can_still_be_made() {
    let server = OLD.server();
    let refusal = fixture!("old/error-no-keys");
    for text in ["", "plan"] {
        let path = format!("property_definitions/?type=person&search={text}&limit=50");
        server.answer(&path, 403, refusal);
    }
    for text in ["", "pro"] {
        let path = format!("persons/values/?key=plan&value={text}");
        server.answer(&path, 403, refusal);
    }
    let wire = "%5B%7B%22key%22%3A%22plan%22%2C%22operator%22%3A%22exact%22%2C%22type%22%3A%22person%22%2C%22value%22%3A%22pro%22%7D%5D";
    server.answer(
        &format!("persons/?limit=100&properties={wire}"),
        200,
        fixture!("old/persons-third-page"),
    );
    let screen = Screen::open("/persons");
    screen.sees("ada@example.com").await;
    screen.press("f").await;
    screen.fill("Property", "plan").await;
    screen.fill("Values", "pro").await;
    screen.click("Add").await;
    screen.sees("Nobody found").await;
}

#[wasm_bindgen_test]
async fn every_refusal_is_a_sentence_on_a_screen_that_works() {
    let refusals = [
        (
            400,
            fixture!("old/error-swapped"),
            "This field is required.",
        ),
        (
            400,
            fixture!("old/irregular-message"),
            "Must include specified date",
        ),
        (
            400,
            fixture!("mid/irregular-no-team"),
            "Could not validate team",
        ),
        (
            400,
            fixture!("new/error-gone"),
            "This server does not offer this.",
        ),
        (400, "", "The server refused the request (status 400)."),
        (401, "", "The server does not know you"),
        (
            403,
            fixture!("mid/error-scope"),
            "The key lacks the scope “person:read”.",
        ),
        (
            403,
            fixture!("mid/error-other-project"),
            "requested project: ID 4711.",
        ),
        (
            403,
            fixture!("old/error-no-keys"),
            "does not support Personal API Key access",
        ),
        (403, "", "You may not see this."),
        (404, PROXY, "There is nothing at this address any more."),
        (405, "", "This server does not offer this."),
        (413, PROXY, "The server refused the request (status 413)."),
        (200, PROXY, "The server's answer cannot be read"),
        (200, "", "The server's answer cannot be read"),
    ];
    for (status, body, sentence) in refusals {
        let server = OLD.server();
        server.answer_at(LIST, status, body);
        let screen = Screen::open("/persons");
        screen.sees("Could not load people").await;
        screen.sees(sentence).await;
        assert!(!screen.text().contains('<'), "{}", screen.text());
        assert!(screen.find("h1").is_some() && screen.find("nav").is_some());
        assert_eq!(server.times(LIST), 1, "what was refused is not asked again");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_fails_for_a_moment_is_asked_again_by_itself() {
    let server = OLD.server();
    server.answer_at(LIST, 502, PROXY);
    let screen = Screen::open("/persons");
    screen
        .sees("The server failed (status 502). Next try in")
        .await;
    server.answer_at(LIST, 200, OLD.pages[0]);
    screen.sees("ada@example.com").await;
    screen.misses("Next try").await;
}

#[wasm_bindgen_test]
async fn a_server_that_stays_away_is_asked_four_times_and_again_with_the_network() {
    let server = OLD.server();
    // No answer at all.
    server.answer_at(LIST, 0, "");
    let screen = Screen::open("/persons");
    screen.sees("Could not load people").await;
    screen.sees("The server cannot be reached.").await;
    assert_eq!(server.times(LIST), 4);
    server.answer_at(LIST, 200, OLD.pages[0]);
    come_online();
    screen.sees("ada@example.com").await;
}

#[wasm_bindgen_test]
async fn a_pause_is_kept_by_everything_that_is_asked_after_it() {
    let server = MID.server();
    server.throttle(LIST, "", Some(4));
    let search = format!("{LIST}&search=ada");
    server.answer_at(&search, 200, fixture!("old/persons-third-page"));
    let screen = Screen::open("/persons");
    screen.sees("too many requests. Next try in").await;
    screen.fill("Search people", "ada").await;
    screen.arrives_at("search=ada").await;
    assert_eq!(server.times(&search), 0, "nothing is asked meanwhile");
    screen.sees("Nobody found").await;
    assert_eq!((server.times(LIST), server.times(&search)), (1, 1));
}

#[wasm_bindgen_test]
async fn a_pause_of_unknown_length_ends_by_itself() {
    let server = NEW.server();
    server.throttle(LIST, fixture!("new/error-throttled"), None);
    let screen = Screen::open("/persons");
    screen.sees("too many requests. Next try in").await;
    server.answer_at(LIST, 200, NEW.pages[0]);
    screen.sees("ada@example.com").await;
    assert_eq!(server.times(LIST), 2);
}
