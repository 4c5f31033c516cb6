//! Who may come in, and what those see who may not.

use persons_e2e::{Browser, Key, Outcome, Server};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_link_the_screen_says_what_to_do() -> Outcome {
    let server = Server::empty();
    let browser = Browser::open().await;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("open the sign-in link").await;
    browser.sees("Personal API key").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_people_opens_nothing_and_says_why() -> Outcome {
    let mut server = Server::with_sample();
    let key = server.key_with("cohort:read");
    server.start_again();
    let browser = Browser::open().await;
    browser.go(&format!("{}/connect", server.base)).await?;
    browser.click("Another server").await?;
    browser.find("#connect-address").await.click().await?;
    browser.press(server.base.as_str()).await?;
    browser.press(Key::Tab).await?;
    browser.has_focus_on("textbox", "Personal API key").await;
    browser.press(key.as_str()).await?;
    browser.click("Check key").await?;
    // It may not list projects either, so the number has to be known.
    browser.sees("This key may not list projects.").await;
    let project = server.get("/api/projects/@current/")["id"].to_string();
    browser.find("#connect-project").await.click().await?;
    browser.press(project.as_str()).await?;
    browser.click("Check project").await?;
    browser
        .sees("the key may not read people, so nothing can be shown")
        .await;
    browser.click("Open project").await?;
    browser
        .sees("This key may not read the people of this project.")
        .await;
    assert!(!browser.url().await?.contains(&key), "a key is in the URL");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_until_the_link_is_opened_again() -> Outcome {
    let server = Server::with_sample();
    let browser = Browser::open().await;
    browser.go(&server.sign_in).await?;
    browser.go(&format!("{}/connect", server.base)).await?;
    browser.sees("this browser").await;
    browser.click("Sign out").await?;
    browser.sees("open the sign-in link").await;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("open the sign-in link").await;
    browser.go(&server.sign_in).await?;
    browser.go(&format!("{}/connect", server.base)).await?;
    browser.sees("this browser").await;
    Ok(())
}
