//! What happens when something does not come.

use persons_e2e::Outcome;
use persons_e2e::Server;
use serde_json::json;

use crate::world::{ROW, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_cannot_be_loaded_says_so_and_offers_two_ways_out() -> Outcome {
    let mut server = Server::with_sample();
    for way_out in ["Try again", "Reload the page"] {
        // A new browser, because one that has loaded a screen keeps it.
        let browser = signed_in(&server).await;
        browser.find(ROW).await;
        server.stop();
        browser.find(ROW).await.click().await?;
        browser.sees("This screen could not be loaded").await;
        server.start_again();
        browser.click(way_out).await?;
        browser.find("[role=tab]").await;
    }
    Ok(())
}

/// The first question for people is one too many; it may be asked again in two seconds.
const ONE_TOO_MANY: &str = "
    const ask = window.fetch;
    window.asked = 0;
    window.fetch = (request, ...more) => {
        if (!String(request.url ?? request).includes('/persons/?limit')) return ask(request, ...more);
        window.asked += 1;
        return window.asked > 1
            ? ask(request, ...more)
            : Promise.resolve(new Response('{}', {status: 429, headers: {'Retry-After': '2'}}));
    };
";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_wait_waits_and_asks_once() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    browser.find(ROW).await;
    browser.run("localStorage.clear()").await?;
    browser.runs_first(ONE_TOO_MANY).await?;
    let page = format!("{}/persons?search=a", server.base);
    browser.go(&page).await?;
    browser.sees("Next try in").await;
    browser.sees("loaded").await;
    browser.arrives_at("search=a").await;
    assert_eq!(browser.run("return window.asked").await?, json!(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_asked_without_a_network_is_answered_when_there_is_one() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    browser.find(ROW).await;
    browser.cut_off(true).await?;
    browser.press("/").await?;
    browser.press("nobody-has-this").await?;
    browser.sees("You are offline").await;
    browser.cut_off(false).await?;
    browser.sees("Nobody found").await;
    browser.arrives_at("search=nobody-has-this").await;
    Ok(())
}
