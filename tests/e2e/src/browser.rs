//! Chromium through chromedriver. Things on the screen are found as people find them: by role, label
//! and text. Waiting is waiting for a condition, never for a time.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel, TypingData};

use crate::folder::Folder;
use crate::{Answers, given};

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
    downloads: Folder,
    /// What has to be taken back before the app hears the server again.
    answers: Mutex<Option<Value>>,
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
            downloads: Folder::new(),
            answers: Mutex::default(),
        };
        // Chromium's own windows are never narrower than 500; the emulated viewport is.
        browser.viewport(width, height).await;
        browser.permit().await;
        browser
    }

    /// What a browser asks people about: files may be saved, the clipboard may be used.
    async fn permit(&self) {
        let folder = self.downloads.path();
        let files = json!({"behavior": "allow", "downloadPath": folder});
        let clipboard = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        for (command, wish) in [
            ("Browser.setDownloadBehavior", files),
            ("Browser.grantPermissions", clipboard),
        ] {
            let granted = self.driver.cdp().send_raw(command, wish).await;
            granted.expect("a permission");
        }
    }

    /// From the next page on, what the app hears when it asks about people.
    pub async fn hears(&self, answers: Answers) -> WebDriverResult<()> {
        let cdp = self.driver.cdp();
        let before = self.answers.lock().expect("no journey failed").take();
        if let Some(before) = before {
            cdp.send_raw("Page.removeScriptToEvaluateOnNewDocument", before)
                .await?;
        }
        if let Some(script) = answers.script() {
            let wish = json!({"source": script});
            let made = cdp
                .send_raw("Page.addScriptToEvaluateOnNewDocument", wish)
                .await?;
            *self.answers.lock().expect("no journey failed") = Some(made);
        }
        Ok(())
    }

    /// Cuts the network, or connects it again.
    pub async fn cut_off(&self, offline: bool) -> WebDriverResult<()> {
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        let cdp = self.driver.cdp();
        cdp.send_raw("Network.enable", json!({})).await?;
        cdp.send_raw("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// From the next page on, runs a script before all others.
    pub async fn runs_first(&self, script: &str) -> WebDriverResult<()> {
        let wish = json!({"source": script});
        let cdp = self.driver.cdp();
        cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", wish)
            .await?;
        Ok(())
    }

    /// Whether files may come from the browser's cache.
    pub async fn caches(&self, may: bool) -> WebDriverResult<()> {
        let cdp = self.driver.cdp();
        cdp.send_raw("Network.enable", json!({})).await?;
        cdp.send_raw("Network.setCacheDisabled", json!({"cacheDisabled": !may}))
            .await?;
        Ok(())
    }

    /// Waits for a file that was downloaded, and reads it.
    pub async fn downloaded(&self, name: &str) -> String {
        let file = self.downloads.join(name);
        let has_come = || std::fs::metadata(&file).is_ok_and(|file| file.len() > 0);
        let started = Instant::now();
        // The browser writes under another name and keeps this one's place with an empty file.
        while !has_come() {
            assert!(started.elapsed() < PATIENCE, "{name} was not downloaded");
            tokio::task::yield_now().await;
        }
        std::fs::read_to_string(&file).expect("a text file")
    }

    async fn viewport(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 640});
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

    /// Waits for a link, button, tab, option, row or choice with this text or label, and clicks it.
    pub async fn click(&self, text: &str) -> WebDriverResult<()> {
        let path = format!(
            "//*[self::a or self::button or self::label or @role='tab' or @role='option' or @role='row']\
             [contains(normalize-space(.), \"{text}\") or @aria-label=\"{text}\"]"
        );
        let found = self
            .driver
            .query(By::XPath(path))
            .wait(PATIENCE, Duration::from_millis(20))
            .and_displayed();
        found.first().await?.click().await
    }

    /// Presses keys where the focus is, one after the other.
    pub async fn press(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        self.driver.action_chain().send_keys(keys).perform().await
    }

    /// Presses keys while another one is held.
    pub async fn press_with(&self, held: Key, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        let chain = self.driver.action_chain().key_down(held.clone());
        chain.send_keys(keys).key_up(held).perform().await
    }

    /// Waits until the focus is on something of this role whose name contains this text.
    pub async fn has_focus_on(&self, role: &str, name: &str) {
        let started = Instant::now();
        loop {
            if self.is_focus_on(role, name).await {
                return;
            }
            let focus = self.focus().await.unwrap_or_default();
            assert!(
                started.elapsed() < PATIENCE,
                "the focus is on {} \"{}\", not on {role} \"{name}\"",
                focus.0,
                focus.1
            );
            tokio::task::yield_now().await;
        }
    }

    /// Whether the focus is there now.
    pub async fn is_focus_on(&self, role: &str, name: &str) -> bool {
        let focus = self.focus().await.unwrap_or_default();
        focus.0 == role && focus.1.contains(name)
    }

    /// The role and the name of what has the focus, as a screen reader says them.
    async fn focus(&self) -> WebDriverResult<(String, String)> {
        let element = self.driver.active_element().await?.element_id();
        let ask = |what: &str| -> Option<String> {
            let url = format!("{}/element/{element}/{what}", self.session);
            let answer: Value = ureq::get(url).call().ok()?.body_mut().read_json().ok()?;
            Some(answer["value"].as_str()?.to_owned())
        };
        let said = ask("computedrole").zip(ask("computedlabel"));
        Ok(said.unwrap_or_default())
    }

    /// Waits until a script in the page returns this.
    pub async fn comes_to(&self, script: &str, expected: Value) {
        let started = Instant::now();
        loop {
            let found = self.run(script).await.unwrap_or_default();
            if found == expected {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{script}\nis {found}\nnot {expected}"
            );
            tokio::task::yield_now().await;
        }
    }

    /// The texts of everything on the screen that a CSS selector names.
    pub async fn texts(&self, selector: &str) -> WebDriverResult<Vec<String>> {
        let script = format!(
            "return [...document.querySelectorAll({})].map(found => found.innerText.trim())",
            json!(selector)
        );
        Ok(serde_json::from_value(self.run(&script).await?).unwrap_or_default())
    }

    /// How something is drawn: a property of CSS, as the browser computed it.
    pub async fn drawn(&self, selector: &str, property: &str) -> WebDriverResult<String> {
        self.find(selector).await.css_value(property).await
    }

    /// Points at something, without pressing.
    pub async fn point_at(&self, selector: &str) -> WebDriverResult<()> {
        let element = self.find(selector).await;
        let pointer = self.driver.action_chain();
        pointer.move_to_element_center(&element).perform().await
    }

    /// What was copied last.
    pub async fn clipboard(&self) -> WebDriverResult<String> {
        let script = "const done = arguments[arguments.length - 1];
            navigator.clipboard.readText().then(done, error => done(String(error)));";
        let copied = self.driver.execute_async(script, Vec::new()).await?;
        Ok(copied.json().as_str().unwrap_or_default().to_owned())
    }

    /// Sets the look the system asks for, and waits until the page has it.
    pub async fn theme(&self, theme: Theme) {
        let value = if theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        // Nothing fades, so that no colour is looked at half way.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": value},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.driver
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await
            .expect("a theme");
        let is_dark = theme == Theme::Dark;
        let has_come = "return matchMedia('(prefers-color-scheme: dark)').matches";
        self.comes_to(has_come, json!(is_dark)).await;
        self.has_settled().await;
    }

    /// Waits until everything has the colour and the place that it will keep.
    async fn has_settled(&self) {
        // A colour that is inherited changes one frame after what it is inherited from, level by level.
        let script = "const done = arguments[arguments.length - 1];
            let still = 0;
            const look = () => {
                still = document.getAnimations().some(a => a.playState === 'running') ? 0 : still + 1;
                if (still > 4) done(); else requestAnimationFrame(look);
            };
            look();";
        let settled = self.driver.execute_async(script, Vec::new()).await;
        settled.expect("the page comes to rest");
    }

    /// What a promise in the page comes to. It may take its time: a minute or two.
    pub async fn outcome(&self, promise: &str) -> WebDriverResult<Value> {
        let script = format!("{promise}.then(arguments[0])");
        self.driver
            .set_script_timeout(Duration::from_secs(180))
            .await?;
        let outcome = self.driver.execute_async(script, Vec::new()).await?;
        Ok(outcome.json().clone())
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

/// chromedriver on a port of its choice. It takes the same port twice, for IPv4 and for IPv6, and ends when another
/// one was quicker to take the second: then it is started again.
fn chromedriver() -> (Child, u16) {
    let started = std::iter::repeat_with(started_chromedriver).take(5);
    let mut started = started.flatten();
    started.next().expect("chromedriver prints its port")
}

/// A chromedriver and its port, which it prints; nothing if it ends before that.
fn started_chromedriver() -> Option<(Child, u16)> {
    let mut process = Command::new(given("CHROMEDRIVER"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        // The line before it repeats the port that was asked for, which is 0.
        let (_, port) = line.rsplit_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    let Some(port) = port else {
        process.wait().expect("it has closed its output and ends");
        return None;
    };
    std::thread::spawn(move || lines.for_each(drop));
    Some((process, port))
}
