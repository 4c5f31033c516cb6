//! How long the page lets people wait: the release app in a real Chromium, against the real server on
//! loopback. Nothing is asserted.
//!
//! `cargo xtask bench --page`
//!
//! All times are taken in the page: from the start of the navigation, or from the moment the browser gave
//! the event, to the moment the frame that shows the outcome has been handed over for painting.

use persons_e2e::{Browser, Outcome, Server};
use serde_json::{Value, json};
use thirtyfour::Key;

const COLD_STARTS: usize = 15;
const KEYS: usize = 120;
const OPENINGS: usize = 20;
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
    window.seen = (holds, since) => new Promise(done => {
        const look = () => {
            if (!holds()) return false;
            painted(since, done);
            return true;
        };
        if (look()) return;
        const watch = new MutationObserver(() => { if (look()) watch.disconnect(); });
        watch.observe(document, {childList: true, subtree: true, attributes: true, characterData: true});
    });
    window.has = selector => () => document.querySelector(selector);
    // The next event of a kind, and how long it takes until something is to be seen after it.
    window.after = (kind, holds) => new Promise(done =>
        addEventListener(kind, event => seen(holds, event.timeStamp).then(done), {once: true, capture: true}));
    // Nothing may come from an earlier run.
    localStorage.setItem('persons.keeping', 'off');
    window.firstRows = seen(has('.grid-row .person-link'), 0);
";

/// Scrolls, and looks in each frame whether what is about to be painted has a row at the top, in the middle
/// and at the bottom of the list.
const WALK: &str = "
    window.walk = (step, isOver) => new Promise(done => {
        const body = document.querySelector('.grid-body');
        const box = body.getBoundingClientRect();
        const isBlank = () => [4, box.height / 2, box.height - 4].some(down =>
            !document.elementFromPoint(box.left + 40, box.top + down)?.closest('.grid-row'));
        const found = {frames: 0, blankFrames: 0, longestBlank: 0, longestFrame: 0};
        const began = performance.now();
        let last = began, blankSince = null;
        const frame = now => {
            found.longestFrame = Math.max(found.longestFrame, now - last);
            if (blankSince !== null) found.longestBlank = Math.max(found.longestBlank, now - blankSince);
            last = now;
            if (isOver(body, found)) return done({...found, seconds: (now - began) / 1000});
            step(body, found);
            found.frames += 1;
            if (isBlank()) {
                found.blankFrames += 1;
                blankSince ??= now;
            } else blankSince = null;
            requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
    });
";

/// A result of this bench.
type Measured<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    for people in [2_000, 100_000] {
        let server = Server::with_people(people, people * 2);
        let count = &server.get("/api/projects/@current/persons/?limit=1")["count"];
        println!("\nthe page in headless Chromium, {count} people");
        starts(&server).await?;
        keys(&server).await?;
        searches(&server).await?;
        numbers(&server).await?;
        scroll(&server).await?;
    }
    // As many events as the server is made for.
    let server = Server::with_people(100_000, 1_000_000);
    println!("\nthe page in headless Chromium, a million events");
    numbers(&server).await
}

/// The list, in a browser that is signed in.
async fn on_the_list(server: &Server) -> Measured<Browser> {
    let browser = Browser::open().await;
    browser.go(&server.sign_in).await?;
    browser.sees("loaded").await;
    browser.runs_first(WATCH).await?;
    browser.go(&format!("{}/persons", server.base)).await?;
    browser.sees("loaded").await;
    Ok(browser)
}

async fn starts(server: &Server) -> Outcome {
    let words = ["cache switched off", "the app in the cache"];
    for (words, is_cached) in words.into_iter().zip([false, true]) {
        let browser = on_the_list(server).await?;
        browser.caches(is_cached).await?;
        let mut times = Vec::new();
        for _ in 0..COLD_STARTS {
            browser.go(&format!("{}/persons", server.base)).await?;
            times.push(number(&browser, "firstRows").await?);
        }
        report(&format!("navigation to first rows, {words}"), times);
    }
    Ok(())
}

async fn keys(server: &Server) -> Outcome {
    let browser = on_the_list(server).await?;
    browser.press("j").await?;
    let mut times = Vec::new();
    for pressed in 0..KEYS {
        let key = if pressed % 10 < 7 { "j" } else { "k" };
        times.push(pressed_until(&browser, "keydown", key, "() => true").await?);
    }
    report("j or k to the next row", times);

    let mut times = Vec::new();
    for _ in 0..OPENINGS {
        times.push(pressed_until(&browser, "keydown", " ", "has('.peek-who')").await?);
        browser.press(" ").await?;
        let closed = "return document.querySelector('.peek-who')";
        browser.comes_to(closed, Value::Null).await;
    }
    report("Space to the person beside the list", times);

    let mut times = Vec::new();
    for _ in 0..OPENINGS {
        times.push(pressed_until(&browser, "keydown", Key::Enter, "has('.person-who')").await?);
        browser.back().await?;
        let focus = "return document.activeElement?.role";
        browser.comes_to(focus, json!("row")).await;
        browser.press("j").await?;
    }
    report("Enter to the person's page", times);
    Ok(())
}

async fn searches(server: &Server) -> Outcome {
    let browser = on_the_list(server).await?;
    let (mut letters, mut answers) = (Vec::new(), Vec::new());
    browser.press("/").await?;
    for word in SEARCHES {
        let (others, last) = word.split_at(word.len() - 1);
        browser.press(others).await?;
        let is_answered = format!(
            "() => location.search.endsWith('search={word}')
                && document.querySelector('.list-panel').ariaBusy === 'false'
                && document.querySelector('.message, .grid-row')"
        );
        begin(&browser, "letter", "input", "() => true").await?;
        begin(&browser, "answer", "input", &is_answered).await?;
        browser.press(last).await?;
        letters.push(number(&browser, "letter").await?);
        answers.push(number(&browser, "answer").await?);
        browser.press(Key::Escape).await?;
        let everybody = "return location.search";
        browser.comes_to(everybody, json!("")).await;
    }
    report("a letter to what this device finds", letters);
    report(
        "the last letter to the server's answer, 150 ms of it a pause",
        answers,
    );
    Ok(())
}

/// From Enter on a number of a chart to the people behind it.
async fn numbers(server: &Server) -> Outcome {
    let browser = on_the_list(server).await?;
    let forms = [
        (
            "a day of trends",
            "insight=TRENDS&date_from=2026-05-01&date_to=2026-06-01&events=%5B%7B%22id%22:null,%22math%22:%22dau%22%7D%5D",
        ),
        (
            "a step of a funnel",
            "insight=FUNNELS&date_from=2026-03-01&date_to=2026-06-01&events=%5B%7B%22id%22:%22signed_up%22%7D,%7B%22id%22:%22$pageview%22%7D,%7B%22id%22:%22project_created%22%7D%5D",
        ),
    ];
    for (words, query) in forms {
        browser
            .go(&format!("{}/insights?{query}", server.base))
            .await?;
        browser.find(".mark").await;
        let mut times = Vec::new();
        for opened in 0..OPENINGS {
            // Another number each time: what was there before is no answer.
            let choose = format!(
                "const marks = [...document.querySelectorAll('.mark')]; const mark = marks[{opened} % marks.length];
                mark.focus(); window.wanted = mark.getAttribute('aria-label').replace(/: [^:]*$/, '')"
            );
            browser.run(&choose).await?;
            let is_there = "() => document.querySelector('.people-head h2')?.textContent === wanted
                && document.querySelector('.insights-people').ariaBusy === 'false'
                && document.querySelector('.people-row, .people-rows')";
            times.push(pressed_until(&browser, "keydown", Key::Enter, is_there).await?);
        }
        report(&format!("Enter on {words} to the people behind it"), times);
    }
    Ok(())
}

async fn scroll(server: &Server) -> Outcome {
    let browser = on_the_list(server).await?;
    browser.run(WALK).await?;
    let walks = [
        (
            "load everybody, always at the end of what is loaded",
            "body => { body.scrollTop = body.scrollHeight; }",
            "() => document.querySelector('.list-status').textContent.includes('All loaded')",
        ),
        (
            "scroll back to the top, 3,000 pixels a frame",
            "body => { body.scrollTop -= 3000; }",
            "body => body.scrollTop === 0",
        ),
        (
            "jumps to any place, one every 12 frames",
            "(body, found) => {
                if (found.frames % 12) return;
                window.seed = (window.seed ?? 7) * 16807 % 2147483647;
                body.scrollTop = (body.scrollHeight - body.clientHeight) * seed / 2147483647;
            }",
            "(body, found) => found.frames === 600",
        ),
    ];
    for (words, step, is_over) in walks {
        browser
            .run(&format!("window.walked = walk({step}, {is_over})"))
            .await?;
        let found = browser.outcome("walked").await?;
        let figure = |name: &str| found[name].as_f64().unwrap_or_default();
        println!(
            "  {words}: {:.1} s, longest blank {:.0} ms, longest frame {:.0} ms, {} of {} frames with a blank",
            figure("seconds"),
            figure("longestBlank"),
            figure("longestFrame"),
            found["blankFrames"],
            found["frames"],
        );
    }
    Ok(())
}

/// Presses a key, and gives the time from its event until something is to be seen.
async fn pressed_until(
    browser: &Browser,
    kind: &str,
    key: impl Into<thirtyfour::TypingData>,
    holds: &str,
) -> Measured<f64> {
    begin(browser, "pressed", kind, holds).await?;
    browser.press(key).await?;
    number(browser, "pressed").await
}

/// Begins to wait for an event, and for what is to be seen after it.
async fn begin(browser: &Browser, name: &str, kind: &str, holds: &str) -> Outcome {
    browser
        .run(&format!("window.{name} = after('{kind}', {holds})"))
        .await?;
    Ok(())
}

/// The number that a promise in the page comes to.
async fn number(browser: &Browser, promise: &str) -> Measured<f64> {
    let number = browser.outcome(promise).await?;
    Ok(number.as_f64().ok_or("no number")?)
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
