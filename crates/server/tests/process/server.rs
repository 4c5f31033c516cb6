//! The real binary as a process on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The capture token the servers are started with.
pub const TOKEN: &str = "phc_test";
/// The personal key the servers are started with.
pub const KEY: &str = "phx_key_of_the_process_tests";

/// A running server, killed when dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// The sign-in link.
    pub link: String,
}

/// A `serve` command on a data file.
pub fn command(data: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_persons-server"));
    command
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .env("PERSONS_API_KEY", KEY)
        .env("PERSONS_PROJECT_TOKEN", TOKEN)
        .env("PERSONS_LOG", "error")
        .stdin(Stdio::null());
    command
}

impl Server {
    /// Starts a server on a free port and waits for its sign-in link, which it prints once it listens.
    pub fn start(data: &Path) -> Self {
        Self::start_command(command(data, "127.0.0.1:0"))
    }

    /// Starts a `serve` command that may have more arguments.
    pub fn start_command(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let link = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("http://").map(|(_, rest)| rest.to_owned()))
            .expect("the server prints its link");
        // The rest is read away, so that the server never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let address = link.split('/').next().expect("an address");
        Self {
            child,
            base: format!("http://{address}"),
            link: format!("http://{link}"),
        }
    }

    /// GET with the personal key.
    pub fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.base);
        let mut answer = agent()
            .get(&url)
            .header("Authorization", format!("Bearer {KEY}"))
            .call()
            .expect("answers");
        answer.body_mut().read_json().expect("JSON")
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of the server's own runs any more.
    pub fn kill(&mut self) {
        self.child.kill().expect("was running");
        self.child.wait().expect("ends");
    }

    /// SIGTERM; gives the exit code, if the server ends in time.
    pub fn terminate(&mut self, limit: Duration) -> Option<i32> {
        let sent = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .expect("kill runs");
        assert!(sent.success());
        let started = Instant::now();
        while started.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("can be asked") {
                return status.code();
            }
            std::thread::yield_now();
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// POSTs JSON; the status, or why there is none.
pub fn post(url: &str, body: &Value) -> Result<u16, String> {
    match agent().post(url).send_json(body) {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(error.to_string()),
    }
}

/// A write with the personal key; the status, or why there is none.
pub fn write(method: &str, url: &str, body: &Value) -> Result<u16, String> {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("Authorization", format!("Bearer {KEY}"))
        .header("Content-Type", "application/json")
        .body(body.to_string())
        .expect("a request");
    match agent().run(request) {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(error.to_string()),
    }
}

/// Another command of the binary on a data file, and what it prints.
pub fn run(arguments: &[&str], data: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_persons-server"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// What a server that cannot start says.
pub fn failure(data: &Path) -> String {
    let output = command(data, "127.0.0.1:0").output().expect("runs");
    assert!(!output.status.success(), "it started on {}", data.display());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        error.trim().lines().count(),
        1,
        "more than one sentence: {error}"
    );
    error
}

/// An empty folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("persons-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Waits for something that other threads bring about.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "waited in vain until {what}"
        );
        std::thread::yield_now();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}
