//! axe-core finds nothing in any state of any screen, in both themes, on a desk and on a phone; nothing is
//! wider than the window. A picture of each is written for people to look at.

mod insights;

use persons_e2e::{Answers, Browser, Key, Outcome, Server, Theme};
use serde_json::{Value, json};

use crate::world::uuid_of;

/// What is done to a screen before it is looked at.
enum Step {
    /// Keys, one after the other.
    Press(&'static str),
    /// Something with this text or label is clicked.
    Click(&'static str),
    /// The palette is opened.
    Palette,
    /// A text appears.
    See(&'static str),
    /// The focus comes to something of this role.
    Focus(&'static str),
    /// The app learns that the key may only read.
    ReadOnly,
    /// The app remembers that a change of `zip` was refused.
    Refused,
}
use Step::{Click, Focus, Palette, Press, ReadOnly, Refused, See};

/// A state of a screen.
struct State {
    /// The name of its picture.
    name: &'static str,
    /// Where it is. `ODD`, `MEGA` and `PAST` stand for three people.
    path: &'static str,
    /// What the server says.
    answers: Answers,
    /// How it comes about.
    steps: &'static [Step],
    /// A text that only this state has, so that no other one is looked at by mistake.
    sees: &'static str,
}

const fn state(
    name: &'static str,
    path: &'static str,
    answers: Answers,
    steps: &'static [Step],
    sees: &'static str,
) -> State {
    State {
        name,
        path,
        answers,
        steps,
        sees,
    }
}

const LIST: &str = "/persons";
const ODD: &str = "/person/ODD";
/// Sorted so that the odd person comes first.
const FILTERED: &str = "/persons?search=odd&sort=-@ids&properties=%5B%7B%22key%22%3A%22plan%22%2C%22operator%22%3A%22is_not%22%2C%22value%22%3A%5B%22pro%22%2C%22a%20plan%20with%20a%20long%20name%22%5D%2C%22type%22%3A%22person%22%7D%2C%7B%22key%22%3A%22yes%22%2C%22operator%22%3A%22is_set%22%2C%22type%22%3A%22person%22%7D%5D";
/// Lets the device remember that the server refused a change of `zip`, of whomever.
const REFUSED: &str = "localStorage['persons.outbox'] = 'on';
    localStorage['persons.outbox.1790000000000000'] = JSON.stringify({
        id: 1790000000000000, place: `${origin}/@current`, tab: 'another', run: 'persons.run.another',
        person: '00000000-0000-4000-8000-000000000000', name: 'Ada', state: 'failed',
        change: {set: 'zip', before: ['00712'], after: '1'}, attempts: 1, refused: true,
        reason: 'You do not have access to edit these properties: zip'})";
const OVERVIEW: Step = See("First seen");

#[rustfmt::skip]
const STATES: &[State] = &[
    state("list", LIST, Answers::True, &[], "loaded"),
    state("list-filtered", FILTERED, Answers::True, &[], "is none of"),
    state("list-nobody", "/persons?search=nobody-has-this", Answers::True, &[], "Nobody found"),
    state("list-peek", FILTERED, Answers::True, &[See("Odd One"), Press("j"), Focus("row"), Press(" ")], "last seen"),
    state("list-filter-editor", LIST, Answers::True, &[See("loaded"), Press("f"), Focus("combobox"), Press("pl")], "Condition"),
    state("list-filter-problem", LIST, Answers::True, &[See("loaded"), Press("f"), Focus("combobox"), See("text"), Press("\u{E00C}"), Click("Add")], "Choose a property."),
    state("list-columns", LIST, Answers::True, &[See("loaded"), Press("o")], "The name stands first"),
    state("list-views", LIST, Answers::True, &[See("loaded"), Press("v"), Focus("button"), Press("\u{E004}"), Focus("textbox"), Press("Mine\u{E007}")], "Mine"),
    state("list-bulk", LIST, Answers::True, &[See("loaded"), Press("j"), Focus("row"), Press("x"), Click("Edit…"), Focus("textbox"), Press("seats")], "already so"),
    state("list-bulk-delete", LIST, Answers::True, &[See("loaded"), Press("j"), Focus("row"), Press("x"), Click("Delete…")], "stands in the ledger"),
    state("list-export", LIST, Answers::True, &[See("loaded"), Press("E")], "a hundred per request"),
    state("list-private", FILTERED, Answers::True, &[See("Odd One"), Press("M")], "is none of"),
    state("list-forbidden", LIST, Answers::Forbidden, &[], "The key lacks the scope"),
    state("list-throttled", LIST, Answers::Throttled, &[], "Next try in"),
    state("list-broken", LIST, Answers::Broken, &[], "status 500"),
    state("list-offline", LIST, Answers::Offline, &[], "You are offline"),
    state("list-late", LIST, Answers::Late, &[], "People"),
    state("palette", LIST, Answers::True, &[See("loaded"), Palette], "Show keyboard shortcuts"),
    state("palette-found", LIST, Answers::True, &[See("loaded"), Palette, Press("odd one")], "People\nOdd One"),
    state("help", LIST, Answers::True, &[See("loaded"), Press("?")], "Single letters do things"),
    state("person", ODD, Answers::True, &[], "First seen"),
    state("person-properties", "/person/ODD?tab=properties", Answers::True, &[See("nested"), Click("list: […]")], "2 items"),
    state("person-no-property", "/person/ODD?tab=properties", Answers::True, &[See("nested"), Press("/zzz")], "No property fits"),
    state("person-timeline", "/person/PAST?tab=timeline", Answers::True, &[See("Between A and B")], "removed"),
    state("mega-timeline", "/person/MEGA?tab=timeline", Answers::True, &[See("Between A and B")], "No watched key changed"),
    state("person-timeline-forbidden", "/person/PAST?tab=timeline", Answers::Forbidden, &[], "The key lacks the scope"),
    state("person-past", "/person/PAST?tab=properties&at=2026-02-20T00:00:00Z", Answers::True, &[See("You are in the past")], "free"),
    state("person-read-only", "/person/ODD?tab=properties", Answers::True, &[See("nested"), ReadOnly, See("nested")], "editing is off"),
    state("person-locked", "/person/ODD?tab=properties", Answers::True, &[See("nested"), Refused, See("nested")], "00713"),
    state("list-read-only", LIST, Answers::True, &[See("loaded"), ReadOnly, See("loaded"), Press("j"), Focus("row"), Press("x")], "Copy distinct IDs"),
    state("person-cohorts", "/person/ODD?tab=cohorts", Answers::True, &[], "by properties"),
    state("person-events", "/person/PAST?tab=events", Answers::True, &[See("Newest first")], "Oldest first"),
    state("person-activity", "/person/ODD?tab=activity", Answers::True, &[], "created this person"),
    state("person-raw", "/person/ODD?tab=raw", Answers::True, &[], "distinct_ids"),
    state("person-private", ODD, Answers::True, &[OVERVIEW, Press("M")], "First seen"),
    state("person-edit", "/person/ODD?tab=properties", Answers::True, &[See("nested"), Click("Edit nested"), Focus("textbox"), Press("{")], "trailing characters"),
    state("person-add", "/person/ODD?tab=properties", Answers::True, &[See("nested"), Press("n"), Focus("textbox"), Press("seats")], "not set"),
    state("person-split", "/person/MEGA", Answers::True, &[OVERVIEW, Click("Split"), See("Choose at least one"), Click("device-1-0")], "keeps 303 properties and 300 ids"),
    state("person-split-all", "/person/MEGA", Answers::True, &[OVERVIEW, Click("Split"), Click("All ids but one")], " more"),
    state("person-delete", ODD, Answers::True, &[OVERVIEW, Click("Delete"), Focus("checkbox"), Press(" ")], "delete_events=true"),
    state("outbox-none", "/outbox", Answers::True, &[], "Nothing was changed here"),
    state("ledger-none", "/deletions", Answers::True, &[], "Nobody was deleted here"),
    state("outbox", ODD, Answers::True, &[OVERVIEW, Press("2"), See("nested"), Click("Remove empty"), See("Confirmed."), Click("Delete"), Focus("checkbox"), Press("\u{E004}\u{E004}delete\u{E007}"), See("Send now"), Press("go")], "Nothing was sent yet."),
    state("ledger", ODD, Answers::True, &[OVERVIEW, Click("Delete"), Focus("checkbox"), Press("\u{E004}\u{E004}delete\u{E007}"), See("Send now"), Click("Undo"), Press("gl")], "cancelled"),
    state("mega", "/person/MEGA", Answers::True, &[OVERVIEW, Click("Show all 301")], "Show the first"),
    state("mega-properties", "/person/MEGA?tab=properties", Answers::True, &[], "key_150"),
    state("mega-cohorts", "/person/MEGA?tab=cohorts", Answers::True, &[], "cohort"),
    state("mega-raw", "/person/MEGA?tab=raw", Answers::True, &[], "key_299"),
    state("person-missing", "/person/00000000-0000-4000-8000-000000000000", Answers::True, &[], "This person does not exist"),
    state("person-forbidden", ODD, Answers::Forbidden, &[], "The key lacks the scope"),
    state("person-throttled", ODD, Answers::Throttled, &[], "Next try in"),
    state("person-broken", ODD, Answers::Broken, &[], "status 500"),
    state("person-offline", ODD, Answers::Offline, &[], "You are offline"),
    state("person-late", ODD, Answers::Late, &[], "People"),
    state("list-chosen", LIST, Answers::True, &[See("loaded"), Press("j"), Focus("row"), Press("c")], "1 of 4 chosen"),
    state("person-chosen", ODD, Answers::True, &[OVERVIEW, Press("c")], "1 of 4 chosen"),
    state("compare", "/compare?ids=ODD,MEGA", Answers::True, &[See("Same human?"), Click("Show all 3"), Click("list: […]")], "2 items"),
    state("compare-alone", "/compare?ids=ODD", Answers::True, &[], "Odd One"),
    state("compare-gone", "/compare?ids=MEGA,00000000-0000-4000-8000-000000000000,ODD", Answers::True, &[See("Same human?"), Press("M")], "Gone: this person"),
    state("compare-none", "/compare", Answers::True, &[], "Nobody to compare yet"),
    state("compare-forbidden", "/compare?ids=ODD,MEGA", Answers::Forbidden, &[], "The key lacks the scope"),
    state("compare-broken", "/compare?ids=ODD,MEGA", Answers::Broken, &[], "status 500"),
    state("compare-offline", "/compare?ids=ODD,MEGA", Answers::Offline, &[], "You are offline"),
    state("compare-late", "/compare?ids=ODD,MEGA", Answers::Late, &[], "Compare"),
    state("activity-kind", "/activity?kind=split_person", Answers::True, &[], "Nothing of this kind was done"),
    state("activity", "/activity", Answers::True, &[], "changed 1 property"),
    state("activity-none", "/activity", Answers::Late, &[], "Activity"),
    state("connection", "/connect", Answers::True, &[], "known by a sign-in cookie"),
    state("connection-other", "/connect", Answers::True, &[Click("Another server"), Click("Check key")], "Enter"),
    state("broken-link", "/nowhere/at/all", Answers::True, &[], "This link leads nowhere"),
];

/// The sample project, one person with all kinds of values, one with hundreds of ids and properties, and one
/// who changed over the months.
fn odd_people() -> Server {
    let server = Server::with_sample();
    server.capture(json!([{"event": "e", "distinct_id": "odd", "properties": {"$set": {
        "name": "Odd One", "email": "odd@acme.example", "nothing": null, "empty": "", "yes": true,
        "zip": "00712", "since": "2026-03-01", "site": "https://acme.example/odd?one=1",
        "nested": {"list": [1, {"deep": "<b>text</b>"}]}, "long": "word ".repeat(300),
        "unbroken": "x".repeat(400), "arabic": "مرحبا بالعالم", "$os": "Linux",
    }}}]));
    let long_key = "a_key_that_is_much_longer_than_anybody_would_want_to_read_it";
    let mut known =
        json!({"name": "Mega Person of the House of Many Identifiers and Long Names", long_key: 1});
    for number in 0..300 {
        known[format!("key_{number:03}")] = json!(number);
    }
    let first = json!({"event": "e", "distinct_id": "mega", "properties": {"$set": known}});
    let others = (0..300).map(|number| {
        json!({"event": "$identify", "distinct_id": "mega", "properties": {"$anon_distinct_id": format!("device-{number}-{}", "0".repeat(number % 60))}})
    });
    server.capture([first].into_iter().chain(others).collect());
    assert_eq!(server.person("mega")["distinct_id_count"], 301);
    server.edit("odd", json!({"zip": "00713"}));
    let event = |at: &str, set: Value, unset: Value| json!({"event": "e", "distinct_id": "past", "timestamp": at, "properties": {"$set": set, "$unset": unset}});
    server.capture(json!([
        event(
            "2026-01-05T10:00:00Z",
            json!({"name": "Past Person", "plan": "free", "trial": true}),
            json!([])
        ),
        event("2026-01-25T08:30:00Z", json!({"seats": 5}), json!([])),
        event(
            "2026-02-19T09:12:00Z",
            json!({"seats": 10, "team": {"size": 4}}),
            json!([])
        ),
        event(
            "2026-03-02T12:00:00Z",
            json!({"plan": "pro"}),
            json!(["trial"])
        ),
        event(
            "2026-05-20T12:00:00Z",
            json!({"plan": "scale", "seats": "forty"}),
            json!([])
        ),
    ]));
    server
}

async fn take(browser: &Browser, step: &Step) -> Outcome {
    match step {
        Press(keys) => browser.press(*keys).await?,
        Click(text) => browser.click(text).await?,
        Palette => {
            browser.press_with(Key::Control, "k").await?;
            browser.has_focus_on("combobox", "Find people").await;
        }
        See(text) => browser.sees(text).await,
        Focus(role) => browser.has_focus_on(role, "").await,
        ReadOnly => {
            let known = "localStorage['persons.read-only'] = `${origin}/@current`";
            browser.run(known).await?;
            browser.reload().await?;
        }
        Refused => {
            browser.run(REFUSED).await?;
            browser.reload().await?;
            browser.find("a[aria-label^='Refused by the server']").await;
        }
    }
    Ok(())
}

/// Looks at what is on the screen in both themes.
async fn look(browser: &Browser, name: &str, faults: &mut Vec<String>) -> Outcome {
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme).await;
        let name = format!("{name}-{theme:?}").to_lowercase();
        browser.picture(&format!("{name}.png")).await?;
        let found = browser.accessibility_faults().await?;
        faults.extend(found.iter().map(|fault| format!("{name}: {fault}")));
        let is_wide = "return document.documentElement.scrollWidth > innerWidth";
        if browser.run(is_wide).await? == json!(true) {
            faults.push(format!("{name}: the page scrolls sideways"));
        }
    }
    Ok(())
}

/// Brings a state about, and looks at it.
async fn look_at(
    browser: &Browser,
    server: &Server,
    state: &State,
    path: &str,
    size: &str,
    faults: &mut Vec<String>,
) -> Outcome {
    browser
        .run("localStorage.clear(); sessionStorage.clear()")
        .await?;
    browser.hears(state.answers).await?;
    browser.go(&format!("{}{path}", server.base)).await?;
    for step in state.steps {
        take(browser, step).await?;
    }
    browser.sees(state.sees).await;
    look(browser, &format!("{}-{size}", state.name), faults).await
}

/// Looks at every state in a window of this size.
async fn look_at_all(size: &str, width: u32, height: u32) -> Outcome {
    let mut faults = Vec::new();

    let nobody = Server::empty();
    let browser = Browser::sized(width, height).await;
    browser.go(&format!("{}/persons", nobody.base)).await?;
    browser.sees("open the sign-in link").await;
    look(&browser, &format!("not-signed-in-{size}"), &mut faults).await?;
    browser.go(&nobody.sign_in).await?;
    browser.sees("No people yet").await;
    look(&browser, &format!("list-empty-{size}"), &mut faults).await?;

    let server = odd_people();
    let [odd, mega, past] = ["odd", "mega", "past"].map(|id| server.person(id));
    let path = |path: &str| {
        path.replace("ODD", uuid_of(&odd))
            .replace("MEGA", uuid_of(&mega))
            .replace("PAST", uuid_of(&past))
    };
    browser.go(&server.sign_in).await?;
    browser.sees("loaded").await;
    for state in STATES {
        look_at(
            &browser,
            &server,
            state,
            &path(state.path),
            size,
            &mut faults,
        )
        .await?;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_state_on_a_desk_has_a_fault_that_axe_can_find() -> Outcome {
    look_at_all("desk", 1440, 900).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_state_on_a_phone_has_a_fault_that_axe_can_find() -> Outcome {
    look_at_all("phone", 390, 844).await
}
