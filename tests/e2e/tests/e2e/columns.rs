//! The columns of the list, and the address that keeps everything about it.

use persons_e2e::{Browser, Key, Outcome, Server};
use serde_json::Value;

use crate::world::{ROW, add_filter, signed_in};

/// Everything that the address has to bring back.
const SCREEN: &str = "
    const all = selector => [...document.querySelectorAll(selector)];
    const texts = selector => all(selector).map(found => found.textContent.trim());
    return {
        columns: texts('[role=columnheader]'),
        order: all('[role=columnheader]').map(head => head.ariaSort),
        cells: all('[role=gridcell]').map(cell => {
            // Who found somebody first is not in the address.
            const read = cell.cloneNode(true);
            read.querySelector('.tag-mark')?.remove();
            return read.textContent.trim();
        }),
        search: document.querySelector('input[type=search]').value,
        filters: texts('[aria-label=Filters] li'),
        beside: texts('[aria-label=\"Beside the list\"] h2'),
    }";

async fn heads(browser: &Browser) -> Vec<String> {
    let heads = browser.texts("[role=columnheader]").await;
    heads.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_columns_and_all_else_survive_reload_and_travel_in_the_address() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    browser.find(ROW).await;
    browser.press("/").await?;
    browser.press("example").await?;
    add_filter(&browser, "plan", "enterprise").await?;

    browser.click("Columns").await?;
    browser.has_focus_on("button", "Close").await;
    browser.click("Remove First seen").await?;
    browser.click("Move up Last seen").await?;
    browser.has_focus_on("button", "Move up Last seen").await;
    browser.find("#add-column").await.click().await?;
    browser.press("$os").await?;
    browser.press(Key::Enter).await?;
    // The first Escape closes the suggestions, if there are any.
    browser.press(Key::Escape + Key::Escape).await?;
    browser.has_focus_on("button", "Columns").await;
    let chosen = heads(&browser).await;
    let place = |title: &str| chosen.iter().position(|head| head == title);
    assert_eq!(place("First seen"), None, "{chosen:?}");
    assert!(place("Last seen") < place("IDs"), "{chosen:?}");
    assert_eq!(place("os"), Some(chosen.len() - 1), "{chosen:?}");

    browser
        .find("[role=columnheader]:nth-child(2) button")
        .await
        .click()
        .await?;
    browser.find("[aria-sort=ascending]").await;
    browser.press("j").await?;
    browser.find("[role=row]:focus").await;
    browser.press("j").await?;
    browser.press(" ").await?;
    browser.find("[aria-label='Beside the list'] h2").await;

    let screen = browser.run(SCREEN).await?;
    assert_eq!(screen["search"], "example");
    assert_ne!(screen["cells"], Value::Array(Vec::new()));
    browser.reload().await?;
    browser.comes_to(SCREEN, screen.clone()).await;

    // Somebody else opens the link.
    let other = signed_in(&server).await;
    other.go(&browser.url().await?).await?;
    other.comes_to(SCREEN, screen).await;
    Ok(())
}
