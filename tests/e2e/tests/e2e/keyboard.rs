//! Ten tasks without a mouse. After each step the focus is where one goes on.

use persons_e2e::{Browser, Key, Outcome, Server, TypingData};
use serde_json::{Value, json};

use crate::world::{ROW, find_in_palette, name_of, signed_in, three_people, uuid_of};

/// The list of three people, in its order, with the keyboard on the first of them.
async fn on_the_first_row()
-> Result<(Server, Vec<Value>, Browser), Box<dyn std::error::Error + Send + Sync>> {
    let server = three_people();
    let people = server.people(&[]);
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    browser.press("j").await?;
    browser.has_focus_on("row", &name_of(&people[0])).await;
    Ok((server, people, browser))
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_searched_for_and_opened() -> Outcome {
    let server = three_people();
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    browser.press("/").await?;
    browser.has_focus_on("searchbox", "Search people").await;
    browser.press("ada@").await?;
    browser.sees("1 person").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("button", "Filter").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("row", "Ada Lovelace").await;
    browser.press(Key::Enter).await?;
    browser.arrives_at("/person/").await;
    browser.has_focus_on("main", "").await;
    browser.sees("seats").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_walked_and_back_returns_to_the_row() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    let walk: [(TypingData, usize); 7] = [
        ("j".into(), 1),
        ("j".into(), 2),
        ("j".into(), 2),
        ("k".into(), 1),
        (Key::End.into(), 2),
        (Key::Home.into(), 0),
        (Key::Down.into(), 1),
    ];
    for (key, row) in walk {
        browser.press(key).await?;
        browser.has_focus_on("row", &name_of(&people[row])).await;
    }
    browser.press(Key::Enter).await?;
    browser.arrives_at(uuid_of(&people[1])).await;
    browser.has_focus_on("main", "").await;
    browser.back().await?;
    browser.has_focus_on("row", &name_of(&people[1])).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_made_given_up_and_changed() -> Outcome {
    let (_server, _, browser) = on_the_first_row().await?;
    browser.press("f").await?;
    browser.has_focus_on("combobox", "Property").await;
    // The first Escape closes the suggestions.
    browser.find("[role=option]").await;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("combobox", "Property").await;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("button", "Filter").await;

    browser.press("f").await?;
    browser.has_focus_on("combobox", "Property").await;
    browser.press("plan").await?;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("combobox", "Condition").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("combobox", "Values").await;
    browser.press("pro").await?;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("button", "Filter").await;
    browser.sees("2 people").await;

    browser.press_with(Key::Shift, Key::Tab + Key::Tab).await?;
    browser.has_focus_on("button", "plan is pro").await;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("combobox", "Values").await;
    browser.press_with(Key::Control, "a").await?;
    browser.press("free").await?;
    browser.press(Key::Enter).await?;
    browser.sees("1 person").await;
    browser.has_focus_on("button", "Filter").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_beside_the_list_follows_and_closes() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    let beside =
        "return document.querySelector('[aria-label=\"Beside the list\"] h2')?.textContent.trim()";
    browser.press(" ").await?;
    browser.comes_to(beside, json!(name_of(&people[0]))).await;
    for row in [1, 2] {
        browser.press("j").await?;
        browser.has_focus_on("row", &name_of(&people[row])).await;
        browser.comes_to(beside, json!(name_of(&people[row]))).await;
    }
    browser.press(Key::Escape).await?;
    browser.comes_to(beside, Value::Null).await;
    browser.has_focus_on("row", &name_of(&people[2])).await;
    // The same key shows and hides.
    browser.press(" ").await?;
    browser.comes_to(beside, json!(name_of(&people[2]))).await;
    browser.press(" ").await?;
    browser.comes_to(beside, Value::Null).await;
    browser.has_focus_on("row", &name_of(&people[2])).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_finds_somebody_and_opens_them() -> Outcome {
    let (server, _, browser) = on_the_first_row().await?;
    find_in_palette(&browser, "bitdid", "Ben Bitdiddle").await?;
    browser.press(Key::Enter).await?;
    browser.arrives_at(uuid_of(&server.person("ben"))).await;
    browser.has_focus_on("main", "").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_does_what_it_is_told_and_gives_the_focus_back() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    let palette = "Find people and actions";
    browser.press_with(Key::Control, "k").await?;
    browser.has_focus_on("combobox", palette).await;
    browser.press("change the th").await?;
    browser.press(Key::Up).await?;
    browser.press(Key::Enter).await?;
    browser
        .comes_to(
            "return document.documentElement.dataset.theme",
            json!("light"),
        )
        .await;
    browser.has_focus_on("row", &name_of(&people[0])).await;

    // Letters that are typed there do nothing to the page behind.
    browser.press_with(Key::Control, "k").await?;
    browser.has_focus_on("combobox", palette).await;
    browser.press("jfoM?").await?;
    browser.has_focus_on("combobox", palette).await;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("row", &name_of(&people[0])).await;
    browser
        .comes_to(
            "return 'private' in document.documentElement.dataset",
            json!(false),
        )
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_letters_lead_to_the_other_places_and_back_to_the_same_row() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    browser.press("j").await?;
    browser.has_focus_on("row", &name_of(&people[1])).await;
    browser.press("gs").await?;
    browser.arrives_at("/connect").await;
    browser.has_focus_on("main", "").await;
    browser.sees("Use a personal API key").await;
    browser.press("gp").await?;
    browser.arrives_at("/persons").await;
    browser.has_focus_on("row", &name_of(&people[1])).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tabs_of_a_person_have_numbers() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    browser.press(Key::Enter).await?;
    browser.find("[role=tab]").await;
    browser.has_focus_on("main", "").await;
    for (key, tab, address) in [
        ("2", "Properties", "?tab=properties"),
        ("3", "Timeline", "?tab=timeline"),
        ("4", "Events", "?tab=events"),
        ("5", "Cohorts", "?tab=cohorts"),
        ("6", "Activity", "?tab=activity"),
        ("7", "Raw JSON", "?tab=raw"),
        ("1", "Overview", uuid_of(&people[0])),
    ] {
        browser.press(key).await?;
        browser.arrives_at(address).await;
        let chosen = "return document.querySelector('[role=tab][aria-selected=true]').textContent";
        let chosen = browser.run(chosen).await?;
        assert!(
            chosen.as_str().is_some_and(|text| text.starts_with(tab)),
            "{chosen}"
        );
        browser.has_focus_on("main", "").await;
    }
    // From any tab to the search of the properties.
    browser.press("/").await?;
    browser.has_focus_on("searchbox", "Search properties").await;
    browser.arrives_at("?tab=properties").await;
    browser.press("seat").await?;
    browser.sees("1 of").await;
    browser.press(Key::Escape).await?;
    browser.no_longer_sees("1 of").await;
    browser.has_focus_on("searchbox", "Search properties").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_a_person_is_copied() -> Outcome {
    let (_server, _, browser) = on_the_first_row().await?;
    browser.press(Key::Enter).await?;
    browser.find("[role=tab]").await;
    browser.press("2").await?;
    browser.arrives_at("?tab=properties").await;
    browser.press("y").await?;
    browser.sees("Copied link.").await;
    assert_eq!(browser.clipboard().await?, browser.url().await?);
    browser.has_focus_on("main", "").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_moved_and_removed() -> Outcome {
    let (_server, _, browser) = on_the_first_row().await?;
    browser.press("o").await?;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Tab).await?;
    browser
        .has_focus_on("button", "Sort by Email: not sorted")
        .await;
    browser.press(Key::Tab + Key::Tab).await?;
    browser.has_focus_on("button", "Move down Email").await;
    let first = browser.texts("[role=columnheader]:nth-child(3)").await?;
    browser.press(Key::Enter).await?;
    browser
        .comes_to(
            "return document.querySelector('[role=columnheader]:nth-child(2)').textContent",
            json!(first[0]),
        )
        .await;
    // The button travels with its column, so that the next press moves it on.
    browser.has_focus_on("button", "Move down Email").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("button", "Remove Email").await;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("combobox", "Add a property").await;
    let heads = browser.texts("[role=columnheader]").await?;
    assert!(!heads.iter().any(|head| head == "Email"), "{heads:?}");
    browser.press("seats").await?;
    browser.press(Key::Escape).await?;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("button", "Columns").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_saved_and_opened_again() -> Outcome {
    let (_server, _, browser) = on_the_first_row().await?;
    browser.press("/").await?;
    browser.press("hacker").await?;
    browser.sees("1 person").await;
    browser.press(Key::Tab).await?;
    browser.press("v").await?;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Tab).await?;
    browser
        .has_focus_on("textbox", "Name of the present view")
        .await;
    browser.press("Hackers").await?;
    browser.press(Key::Enter).await?;
    browser.find("a[aria-current=true]").await;
    browser
        .has_focus_on("textbox", "Name of the present view")
        .await;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("button", "Views").await;

    browser.press("/").await?;
    browser.has_focus_on("searchbox", "Search people").await;
    browser.press(Key::Escape).await?;
    browser.sees("3 people").await;
    browser.press(Key::Tab).await?;
    browser.press("v").await?;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("link", "Hackers").await;
    browser.press(Key::Enter).await?;
    browser.sees("1 person").await;
    browser.has_focus_on("button", "Views").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn capital_letters_change_theme_and_privacy_and_open_the_export() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    let theme = "return document.documentElement.dataset.theme ?? 'system'";
    for chosen in ["light", "dark", "system"] {
        browser.press("D").await?;
        browser.comes_to(theme, json!(chosen)).await;
    }
    for is_private in [true, false] {
        browser.press("M").await?;
        let found = "return 'private' in document.documentElement.dataset";
        browser.comes_to(found, json!(is_private)).await;
    }
    browser.has_focus_on("row", &name_of(&people[0])).await;
    browser.press("E").await?;
    browser.sees("Export as CSV").await;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("button", "Export").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_listed_and_can_be_switched_off() -> Outcome {
    let (_server, people, browser) = on_the_first_row().await?;
    browser.press("?").await?;
    browser.sees("Show beside the list").await;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Escape).await?;
    browser.no_longer_sees("Show beside the list").await;
    browser.has_focus_on("row", &name_of(&people[0])).await;

    browser.press("?").await?;
    browser.has_focus_on("button", "Close").await;
    browser.press(Key::Tab).await?;
    browser
        .has_focus_on("checkbox", "Single letters do things")
        .await;
    browser.press(" ").await?;
    browser.press(Key::Escape).await?;
    browser.has_focus_on("row", &name_of(&people[0])).await;
    // What is no letter works on.
    browser.press("o").await?;
    browser.press(Key::Down).await?;
    browser.has_focus_on("row", &name_of(&people[1])).await;
    assert!(!browser.text().await?.contains("The name stands first"));
    assert!(browser.find(ROW).await.is_displayed().await?);
    Ok(())
}
