//! Views: lists with a name, kept on this device.

use persons_e2e::{Key, Outcome};

use crate::world::{add_filter, signed_in, three_people};

#[tokio::test(flavor = "multi_thread")]
async fn a_view_survives_reload_and_brings_its_list_back() -> Outcome {
    let server = three_people();
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    add_filter(&browser, "plan", "pro").await?;
    browser.sees("2 people").await;
    browser.click("Views").await?;
    browser.find("#view-name").await.click().await?;
    browser.press("Those who pay").await?;
    browser.press(Key::Enter).await?;
    browser.find("a[aria-current=true]").await;

    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("3 people").await;
    browser.reload().await?;
    browser.sees("3 people").await;
    browser.click("Views").await?;
    browser.click("Those who pay").await?;
    browser.sees("2 people").await;
    browser.no_longer_sees("Name of the present view").await;

    browser.click("Views").await?;
    browser.click("Forget view Those who pay").await?;
    browser.no_longer_sees("Those who pay").await;
    browser.reload().await?;
    browser.sees("2 people").await;
    browser.click("Views").await?;
    browser.sees("Give this search").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_not_those_of_another_browser() -> Outcome {
    let server = three_people();
    let browser = signed_in(&server).await;
    browser.sees("3 people").await;
    browser.click("Views").await?;
    browser.find("#view-name").await.click().await?;
    browser.press("Mine").await?;
    browser.press(Key::Enter).await?;
    browser.find("a[aria-current=true]").await;
    let other = signed_in(&server).await;
    other.sees("3 people").await;
    other.click("Views").await?;
    other.sees("Give this search").await;
    Ok(())
}
