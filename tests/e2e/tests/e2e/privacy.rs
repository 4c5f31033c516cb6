//! Privacy mode: what says who somebody is, is blurred.

use persons_e2e::{Browser, Outcome};

use crate::world::{signed_in, three_people, uuid_of};

const NAME: &str = "[role=gridcell].cell-name";
const EMAIL: &str = "[role=gridcell].cell-email";

async fn is_blurred(browser: &Browser, selector: &str) -> bool {
    let filter = browser.drawn(selector, "filter").await;
    filter.expect("the element is drawn").contains("blur")
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_values_are_blurred_until_their_row_is_focused_also_after_reload() -> Outcome {
    let server = three_people();
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    assert!(!is_blurred(&browser, NAME).await);
    browser.press("M").await?;
    for _ in ["at once", "after reload"] {
        browser.sees("3 people").await;
        assert!(is_blurred(&browser, NAME).await);
        assert!(is_blurred(&browser, EMAIL).await);
        // Whoever is on a row reads it, and only it.
        browser.press("j").await?;
        browser.find("[role=row]:focus").await;
        assert!(!is_blurred(&browser, &format!(":focus > {NAME}")).await);
        assert!(is_blurred(&browser, &format!(":not(:focus) > {NAME}")).await);
        browser.reload().await?;
    }
    // Pointing does the same.
    browser.sees("3 people").await;
    assert!(is_blurred(&browser, EMAIL).await);
    browser.point_at(EMAIL).await?;
    assert!(!is_blurred(&browser, EMAIL).await);

    browser.press("M").await?;
    assert!(!is_blurred(&browser, &format!("[role=row]:last-child > {NAME}")).await);
    browser.reload().await?;
    browser.sees("3 people").await;
    assert!(!is_blurred(&browser, NAME).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_person_is_blurred_value_by_value() -> Outcome {
    let server = three_people();
    let ada = server.person("ada");
    let browser = signed_in(&server).await;
    browser.press("M").await?;
    let page = format!("{}/person/{}", server.base, uuid_of(&ada));
    let (name, id, value, raw) = (
        ".person-who",
        ".all-ids-list bdi",
        ".property-value",
        "[role=tabpanel] pre",
    );
    browser.go(&page).await?;
    browser.sees("seats").await;
    for selector in [name, id, value] {
        assert!(is_blurred(&browser, selector).await, "{selector}");
    }
    // The server's answer says it all once more.
    browser.press("7").await?;
    browser.sees("distinct_ids").await;
    assert!(is_blurred(&browser, raw).await, "{raw}");
    browser.find(raw).await.focus().await?;
    assert!(!is_blurred(&browser, raw).await, "{raw}");
    browser.press("1").await?;
    browser.sees("seats").await;
    for selector in [value, id, name] {
        browser.point_at(selector).await?;
        assert!(!is_blurred(&browser, selector).await, "{selector}");
    }
    Ok(())
}
