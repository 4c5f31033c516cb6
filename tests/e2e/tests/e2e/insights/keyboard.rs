//! From no question to the people behind a number, without a mouse.

use persons_e2e::{Browser, Key, Outcome, Server};
use serde_json::json;

use super::{are_listed, number_of};
use crate::world::{signed_in, tab_to};

/// Takes one of the questions that are ready, and moves it to the weeks in which the sample project lived.
async fn takes(browser: &Browser, title: &str) -> Outcome {
    browser.press("gi").await?;
    browser.sees("Seven kinds of questions").await;
    tab_to(browser, "link", title).await?;
    browser.press(Key::Enter).await?;
    browser.find(".builder").await;
    tab_to(browser, "button", "last 30 days").await?;
    browser.press(Key::Enter).await?;
    browser.has_focus_on("button", "last 30 days").await;
    // The same, whether the day or the month is typed first.
    for (field, day) in [("builder-first", "05052026"), ("builder-last", "06062026")] {
        tab_into(browser, field).await?;
        browser.press(day).await?;
    }
    browser.press(Key::Enter).await?;
    browser.arrives_at("date_from=2026-05-05").await;
    browser.arrives_at("date_to=2026-06-06").await;
    browser.has_focus_on("button", "5 May – 6 Jun 2026").await;
    Ok(())
}

/// Walks on with Tab until the focus is in a field.
async fn tab_into(browser: &Browser, id: &str) -> Outcome {
    let is_there = format!("return document.activeElement?.id === '{id}'");
    for _ in 0..40 {
        if browser.run(&is_there).await? == json!(true) {
            return Ok(());
        }
        browser.press(Key::Tab).await?;
    }
    browser.comes_to(&is_there, json!(true)).await;
    Ok(())
}

/// Opens the mark that has the focus, and sees its people.
async fn opens_what_has_the_focus(browser: &Browser) -> Outcome {
    let number = number_of(browser, ".mark:focus").await.expect("a number");
    assert!(number > 0, "a number that says something");
    browser.press(Key::Enter).await?;
    are_listed(browser, number).await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_new_people_stop_is_found_without_a_mouse() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    takes(&browser, "Where do new people stop?").await?;
    tab_to(&browser, "button", "Dropped before project_created").await?;
    browser.press(Key::Right).await?;
    browser
        .has_focus_on("button", "Dropped before invited_teammate")
        .await;
    opens_what_has_the_focus(&browser).await?;
    browser.press(Key::Escape).await?;
    browser
        .comes_to(
            "return document.querySelector('.insights-people')",
            json!(null),
        )
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_active_is_walked_through_without_a_mouse() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    takes(&browser, "How many people are active?").await?;
    tab_to(&browser, "button", "5 May 2026:").await?;
    browser.press(Key::Right).await?;
    browser.has_focus_on("button", "6 May 2026").await;
    opens_what_has_the_focus(&browser).await?;
    // Into the people, to the second, to their page, and back to where one was.
    let place = "return document.activeElement.closest('.people-row')?.ariaPosInSet ?? ''";
    for _ in 0..40 {
        if browser.run(place).await? == json!("1") {
            break;
        }
        browser.press(Key::Tab).await?;
    }
    browser.press("j").await?;
    browser.comes_to(place, json!("2")).await;
    browser.press(Key::Enter).await?;
    browser.arrives_at("/person/").await;
    browser.sees("First seen").await;
    browser.back().await?;
    browser
        .find(".mark.is-chosen[aria-label*='6 May 2026']")
        .await;
    browser.find(".people-row").await;
    Ok(())
}
