//! Chromium through chromedriver. Things on the screen are found as people find them: by role, label
//! and text. Waiting is waiting for a condition, never for a time.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::given;

/// How long anything may take before the journey has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The two looks of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A browser with a fresh profile.
pub struct Browser {
    driver: WebDriver,
    process: Child,
    /// The session's URL at chromedriver.
    session: String,
}

impl Browser {
    /// A window of 1440 by 900.
    pub async fn open() -> Self {
        Self::sized(1440, 900).await
    }

    /// A window of a given size.
    pub async fn sized(width: u32, height: u32) -> Self {
        let (process, port) = chromedriver();
        let mut capabilities = ChromeCapabilities::new();
        capabilities.set_binary(&given("CHROME")).expect("a path");
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--window-size={width},{height}"),
        ] {
            capabilities.add_arg(argument).expect("an argument");
        }
        capabilities
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .expect("a level");
        let driver = WebDriver::new(&format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .expect("Chromium starts");
        let session = format!("http://127.0.0.1:{port}/session/{}", driver.session_id());
        let browser = Self {
            driver,
            process,
            session,
        };
        // Chromium's own windows are never narrower than 500; the emulated viewport is.
        browser.viewport(width, height).await;
        browser
    }

    async fn viewport(&self, width: u32, height: u32) {
        let size = serde_json::json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 640});
        self.driver
            .cdp()
            .send_raw("Emulation.setDeviceMetricsOverride", size)
            .await
            .expect("a size");
    }

    /// Goes to a URL.
    pub async fn go(&self, url: &str) -> WebDriverResult<()> {
        self.driver.goto(url).await
    }

    /// The URL in the address bar.
    pub async fn url(&self) -> WebDriverResult<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// The page again, as if the user had pressed reload.
    pub async fn reload(&self) -> WebDriverResult<()> {
        self.driver.refresh().await
    }

    /// Back, as if the user had pressed it.
    pub async fn back(&self) -> WebDriverResult<()> {
        self.driver.back().await
    }

    /// Waits until a text is on the screen.
    pub async fn sees(&self, text: &str) {
        let shown = || async { self.text().await.is_ok_and(|screen| screen.contains(text)) };
        let started = Instant::now();
        while !shown().await {
            if started.elapsed() > PATIENCE {
                panic!(
                    "\"{text}\" is not on the screen, but:\n{}",
                    self.text().await.unwrap_or_default()
                );
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a text is gone from the screen.
    pub async fn no_longer_sees(&self, text: &str) {
        let started = Instant::now();
        while self.text().await.is_ok_and(|screen| screen.contains(text)) {
            assert!(
                started.elapsed() < PATIENCE,
                "\"{text}\" is still on the screen"
            );
            tokio::task::yield_now().await;
        }
    }

    /// All text on the screen.
    pub async fn text(&self) -> WebDriverResult<String> {
        self.driver.find(By::Tag("body")).await?.text().await
    }

    /// Waits until the address bar holds this.
    pub async fn arrives_at(&self, part: &str) {
        let started = Instant::now();
        while !self.url().await.is_ok_and(|url| url.contains(part)) {
            assert!(started.elapsed() < PATIENCE, "never arrived at {part}");
            tokio::task::yield_now().await;
        }
    }

    /// Waits for something on the screen that a CSS selector of roles and labels names. The page may be
    /// drawn anew between finding and looking, so any failure means "look again".
    pub async fn find(&self, selector: &str) -> WebElement {
        let started = Instant::now();
        loop {
            if let Ok(element) = self.driver.find(By::Css(selector)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{selector} is not on the screen"
            );
            tokio::task::yield_now().await;
        }
    }

    /// Waits for a link, button, tab or option with this text, and clicks it.
    pub async fn click(&self, text: &str) -> WebDriverResult<()> {
        let path = format!(
            "//*[self::a or self::button or @role='tab' or @role='option' or @role='row'][contains(normalize-space(.), \"{text}\")]"
        );
        let found = self
            .driver
            .query(By::XPath(path))
            .wait(PATIENCE, Duration::from_millis(20))
            .and_displayed();
        found.first().await?.click().await
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, keys: impl AsRef<str>) -> WebDriverResult<()> {
        self.driver
            .action_chain()
            .send_keys(keys.as_ref())
            .perform()
            .await
    }

    /// Sets the look the system asks for, and waits until the page has it.
    pub async fn theme(&self, theme: Theme) {
        let value = if theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        let media =
            serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.driver
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await
            .expect("a theme");
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> WebDriverResult<Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// What axe-core finds wrong with the page, in words; empty is good.
    pub async fn accessibility_faults(&self) -> WebDriverResult<Vec<String>> {
        let axe = std::fs::read_to_string(given("AXE_JS")).expect("axe-core is readable");
        self.driver.execute(&axe, Vec::new()).await?;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
                found => done(found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' — ' + n.failureSummary))),
                error => done([String(error)]));";
        let found = self.driver.execute_async(script, Vec::new()).await?;
        Ok(serde_json::from_value(found.json().clone()).unwrap_or_default())
    }

    /// Errors in the browser's console: exceptions, CSP violations, failed loads.
    pub async fn console_errors(&self) -> WebDriverResult<Vec<String>> {
        let log = self.driver.browser_log().await?;
        Ok(log
            .into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .map(|entry| entry.message)
            .collect())
    }

    /// A picture of the screen in a file, for people to look at.
    pub async fn picture(&self, file: &str) -> WebDriverResult<()> {
        let Ok(folder) = std::env::var("PERSONS_PICTURES") else {
            return Ok(());
        };
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        self.driver
            .screenshot(&std::path::Path::new(&folder).join(file))
            .await
    }
}

impl Drop for Browser {
    /// Ends Chromium, also after a failed journey: chromedriver alone would leave it behind.
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// chromedriver on a port of its choice, which it prints.
fn chromedriver() -> (Child, u16) {
    let mut process = Command::new(given("CHROMEDRIVER"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            // The line before it repeats the port that was asked for, which is 0.
            let (_, port) = line.rsplit_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })
        .expect("chromedriver prints its port");
    std::thread::spawn(move || lines.for_each(drop));
    (process, port)
}
