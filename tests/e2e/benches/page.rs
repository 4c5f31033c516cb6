//! How long the page lets people wait: the release app in a real Chromium, against the real server on
//! loopback. Nothing is asserted.
//!
//! `cargo xtask bench --page`
//!
//! All times are taken in the page: from the start of the navigation, or from the moment the browser gave
//! the event, to the moment the frame that shows the outcome has been handed over for painting.

use std::time::Duration;

use persons_e2e::{Browser, Outcome, Server};
use serde_json::{Value, json};
use thirtyfour::Key;

const COLD_STARTS: usize = 15;
const KEYS: usize = 120;
const SEARCHES: [&str; 20] = [
    "anna",
    "free",
    "pro",
    "gmbh",
    "berlin",
    "chrome",
    "design",
    "sales",
    "0f",
    "example",
    "ma",
    "ander",
    "linux",
    "tok",
    "11",
    "enterprise",
    "de",
    "nobody-has-this",
    "mobile",
    "data",
];

/// Before any page: functions that tell when something has been painted.
const WATCH: &str = "
    window.painted = (since, done) => requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => done(performance.now() - since);
        after.port2.postMessage(0);
    });
    window.seen = (selector, since, done) => {
        if (document.querySelector(selector)) return painted(since, done);
        const watch = new MutationObserver(() => {
            if (!document.querySelector(selector)) return;
            watch.disconnect();
            painted(since, done);
        });
        watch.observe(document, {childList: true, subtree: true, attributes: true});
    };
    window.times = [];
    // Nothing may come from an earlier run.
    localStorage.setItem('persons.keeping', 'off');
    seen('.grid-row .person-link', 0, time => { window.firstRows = time; });
";

#[tokio::main]
async fn main() -> Outcome {
    let sample = Server::with_people(2_000, 20_000);
    println!("\nthe page, in headless Chromium");
    cold(&sample).await?;
    keys(&sample).await?;
    drop(sample);
    let many = Server::with_people(100_000, 200_000);
    println!("the same with 100,000 people");
    cold(&many).await?;
    searches(&many).await?;
    scroll(&many).await
}

/// A result of this bench.
type Measured<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn signed_in(server: &Server) -> Measured<Browser> {
    let browser = Browser::open().await;
    browser.go(&server.sign_in).await?;
    browser.sees("loaded").await;
    browser.runs_first(WATCH).await?;
    Ok(browser)
}

/// A number that a script gives, as soon as it gives one.
async fn measured(browser: &Browser, script: &str) -> Measured<f64> {
    loop {
        if let Some(number) = browser.run(script).await?.as_f64() {
            return Ok(number);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn cold(server: &Server) -> Outcome {
    for (words, is_cached) in [
        ("with nothing in the cache", false),
        ("with the app in the cache", true),
    ] {
        let browser = signed_in(server).await?;
        browser.caches(is_cached).await?;
        let mut times = Vec::new();
        for _ in 0..COLD_STARTS {
            browser.go(&format!("{}/persons", server.base)).await?;
            times.push(measured(&browser, "return window.firstRows").await?);
        }
        report(&format!("navigation to first rows, {words}"), times);
    }
    Ok(())
}

async fn keys(server: &Server) -> Outcome {
    let browser = signed_in(server).await?;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("loaded").await;
    browser.run("addEventListener('keydown', event => painted(event.timeStamp, time => times.push(time)), true)").await?;
    browser.press("j").await?;
    browser.run("times.length = 0").await?;
    for pressed in 0..KEYS {
        browser
            .press(if pressed % 10 < 7 { "j" } else { "k" })
            .await?;
    }
    report("j and k to the next row", all_times(&browser, KEYS).await?);

    // Space opens and closes the panel in turn; only the openings count.
    let mut opened = Vec::new();
    for _ in 0..20 {
        browser.run("window.time = null; addEventListener('keydown', event => seen('.peek-who', event.timeStamp, time => { window.time = time }), {once: true, capture: true})").await?;
        browser.press(" ").await?;
        opened.push(measured(&browser, "return window.time").await?);
        browser.press(" ").await?;
        browser
            .comes_to("return document.querySelector('.peek-who')", Value::Null)
            .await;
    }
    report("Space to the person beside the list", opened);

    let mut entered = Vec::new();
    for _ in 0..20 {
        browser.run("window.time = null; addEventListener('keydown', event => seen('.person-who', event.timeStamp, time => { window.time = time }), {once: true, capture: true})").await?;
        browser.press(Key::Enter).await?;
        entered.push(measured(&browser, "return window.time").await?);
        browser.back().await?;
        browser
            .comes_to("return document.activeElement?.role", json!("row"))
            .await;
        browser.press("j").await?;
    }
    report("Enter to the person's page", entered);

    browser.press("/").await?;
    browser.run("times.length = 0").await?;
    let typed = "the quick brown fox jumps over a lazy dog";
    for letter in typed.chars() {
        browser.press(letter.to_string()).await?;
    }
    report(
        "a letter to the search field and what this device finds",
        all_times(&browser, typed.len()).await?,
    );
    Ok(())
}

async fn all_times(browser: &Browser, count: usize) -> Measured<Vec<f64>> {
    browser
        .comes_to(&format!("return times.length >= {count}"), json!(true))
        .await;
    let times = browser.run("return times").await?;
    let times = times.as_array().cloned().unwrap_or_default();
    Ok(times.iter().filter_map(Value::as_f64).collect())
}

async fn searches(server: &Server) -> Outcome {
    let browser = signed_in(server).await?;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("loaded").await;
    let mut times = Vec::new();
    for word in SEARCHES {
        browser
            .run(&format!(
                "window.time = null;
                const field = document.querySelector('#people-search');
                const since = performance.now();
                field.value = '{word}';
                field.dispatchEvent(new Event('input', {{bubbles: true}}));
                const wait = () => location.search.includes('search={word}')
                    && document.querySelector('.list-panel').ariaBusy === 'false'
                    ? painted(since, time => {{ window.time = time; }})
                    : requestAnimationFrame(wait);
                wait()"
            ))
            .await?;
        times.push(measured(&browser, "return window.time").await?);
    }
    report(
        "the last letter of a search to the server's answer (150 ms of it wait for more letters)",
        times,
    );
    Ok(())
}

/// Scrolls to the end of everybody as fast as pages come, then jumps about. In each frame it is looked
/// whether there is a row at the top, in the middle and at the bottom of the list.
async fn scroll(server: &Server) -> Outcome {
    let browser = signed_in(server).await?;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("loaded").await;
    browser
        .run(
            "const body = document.querySelector('.grid-body');
            const box = body.getBoundingClientRect();
            window.isBlank = () => [4, box.height / 2, box.height - 4].some(down =>
                !document.elementFromPoint(box.left + 40, box.top + down)?.closest('.grid-row'));
            window.walk = (step, isOver) => new Promise(done => {
                const found = {frames: 0, longestFrame: 0, longestBlank: 0, blankFrames: 0};
                let last = performance.now(), blankSince = null;
                const frame = now => {
                    found.frames += 1;
                    found.longestFrame = Math.max(found.longestFrame, now - last);
                    last = now;
                    if (isBlank()) {
                        found.blankFrames += 1;
                        blankSince ??= now;
                        found.longestBlank = Math.max(found.longestBlank, now - blankSince);
                    } else blankSince = null;
                    if (isOver(found)) return done(found);
                    step(body);
                    requestAnimationFrame(frame);
                };
                requestAnimationFrame(frame);
            });
            window.found = null;
            const since = performance.now();
            walk(body => { body.scrollTop = body.scrollHeight; },
                () => document.querySelector('.list-status').textContent.includes('All loaded'))
                .then(found => { window.found = {...found, seconds: (performance.now() - since) / 1000}; })",
        )
        .await?;
    let found = walked(&browser).await?;
    println!(
        "  scroll to the end of 100,000 rows: {:.1} s, longest blank {:.0} ms, longest frame {:.0} ms, {} of {} frames blank",
        found["seconds"].as_f64().unwrap_or_default(),
        found["longestBlank"].as_f64().unwrap_or_default(),
        found["longestFrame"].as_f64().unwrap_or_default(),
        found["blankFrames"],
        found["frames"],
    );
    browser
        .run(
            "window.found = null;
            let seed = 7;
            const body = document.querySelector('.grid-body');
            walk(body => {
                seed = seed * 16807 % 2147483647;
                body.scrollTop = (body.scrollHeight - body.clientHeight) * seed / 2147483647;
            }, found => found.frames > 300).then(found => { window.found = found; })",
        )
        .await?;
    let found = walked(&browser).await?;
    println!(
        "  300 jumps among them, one a frame: longest blank {:.0} ms, longest frame {:.0} ms, {} of {} frames blank",
        found["longestBlank"].as_f64().unwrap_or_default(),
        found["longestFrame"].as_f64().unwrap_or_default(),
        found["blankFrames"],
        found["frames"],
    );
    let bytes = measured(&browser, "return performance.memory.usedJSHeapSize").await?;
    println!(
        "  JavaScript heap with 100,000 people loaded: {:.0} MB",
        bytes / 1e6
    );
    Ok(())
}

async fn walked(browser: &Browser) -> Measured<Value> {
    loop {
        let found = browser.run("return window.found").await?;
        if !found.is_null() {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn report(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!(
        "  {what}: median {:.0} ms, 95th percentile {:.0} ms, worst {:.0} ms, of {}",
        at(0.5),
        at(0.95),
        at(1.0),
        times.len()
    );
}
