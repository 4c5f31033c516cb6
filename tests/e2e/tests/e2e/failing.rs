//! What happens when something does not come.

use persons_e2e::Outcome;
use persons_e2e::Server;

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
