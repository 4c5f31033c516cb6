//! `persons-server serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use persons_server::access::{Access, MIN_KEY_LENGTH, Scopes};
use persons_server::http::{self, App, PublicUrl, Settings};
use persons_server::logging;
use persons_server::project::Project;
use persons_server::schedule::{self, Schedule};
use persons_server::store::Storage;
use tokio::net::TcpListener;

use super::Failure;
use super::sign_in_page::SignInPage;

/// Requests under way get this long when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The page with the sign-in link is removed after this time, or once a browser has signed in.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Args, Debug)]
pub struct Serve {
    /// The address to listen on. Anything but loopback is reachable by others: put TLS in front.
    #[arg(long, default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// The data file; made if it is not there.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "persons.sqlite",
        conflicts_with = "memory"
    )]
    data: PathBuf,
    /// Keep everything in memory and forget it at the end.
    #[arg(long)]
    memory: bool,
    /// The folder with the built web app.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// The address that others use, such as https://persons.example, for links and host protection.
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Believe X-Forwarded-Host and X-Forwarded-Proto: only behind a proxy that sets them.
    #[arg(long)]
    trust_proxy: bool,
    /// Open the sign-in link in the browser.
    #[arg(long)]
    open: bool,
}

impl Serve {
    pub fn run(self) -> Result<(), Failure> {
        logging::start();
        if let Some(web) = self
            .web
            .as_ref()
            .filter(|web| !web.join("index.html").is_file())
        {
            return Err(format!(
                "{} has no index.html; build the web app first.",
                web.display()
            )
            .into());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Failure> {
        // The port first: a taken port should not cost the time to load the data.
        let listener =
            TcpListener::bind(self.listen)
                .await
                .map_err(|error| match error.kind() {
                    std::io::ErrorKind::AddrInUse => {
                        format!(
                            "{} is taken by another program; choose another port with --listen.",
                            self.listen
                        )
                    }
                    _ => format!("{} cannot be listened on: {error}.", self.listen),
                })?;
        let address = listener.local_addr()?;
        // Before anybody is told that the server is there: who knows it may also stop it.
        let stop = asked_to_stop()?;
        let schedule = match from_environment(schedule::VARIABLE) {
            Some(text) => text.parse()?,
            None => Schedule::default(),
        };
        let app = Arc::new(self.app(address)?);
        let base = match &self.public_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("http://{address}"),
        };
        let link = format!("{base}/signin/{}", app.access.link_token());
        println!("Sign in:  {link}");
        tokio::select! {
            served = http::serve(listener, app.clone(), stop, DRAIN) => served?,
            () = schedule.keep(&app.project) => {}
            () = self.open_in_browser(&link, &app.access) => {}
        }
        // The writer finishes and closes the data file before anybody hears that the server has stopped.
        drop(app);
        println!("Stopped.");
        Ok(())
    }

    /// Warns of a key that could be guessed; refuses it where others can reach the server.
    fn check_length(&self, key: &str, address: SocketAddr) -> Result<(), Failure> {
        if key.len() >= MIN_KEY_LENGTH {
            return Ok(());
        }
        let problem = format!(
            "PERSONS_API_KEY is shorter than {MIN_KEY_LENGTH} characters and could be guessed; use a random one, such as \"phx_$(openssl rand -hex 32)\"."
        );
        if !address.ip().is_loopback() || self.public_url.is_some() {
            return Err(problem.into());
        }
        eprintln!("{problem}");
        Ok(())
    }

    /// Opens the sign-in link in the user's browser, if that is wanted. Never returns.
    async fn open_in_browser(&self, link: &str, access: &Access) {
        if self.open {
            let data = (!self.memory).then_some(self.data.as_path());
            let opened = SignInPage::write(data, link).and_then(|page| page.open().map(|()| page));
            match opened {
                Ok(_page) => {
                    let _ = tokio::time::timeout(SIGN_IN_TIMEOUT, access.next_sign_in()).await;
                }
                Err(error) => {
                    eprintln!("The browser could not be opened ({error}); open the link by hand.");
                }
            }
        }
        std::future::pending().await
    }

    /// Loads the data and says what a first start has to say.
    fn app(&self, address: SocketAddr) -> Result<App, Failure> {
        let started = Instant::now();
        let storage = if self.memory {
            Storage::Memory
        } else {
            Storage::File(self.data.clone())
        };
        let key = from_environment("PERSONS_API_KEY");
        if let Some(key) = &key {
            self.check_length(key, address)?;
        }
        let project = Project::open(&storage, from_environment("PERSONS_PROJECT_TOKEN"))?;
        let place = if self.memory {
            "memory".into()
        } else {
            self.data.display().to_string()
        };
        println!(
            "Loaded {} people from {place} in {} ms.",
            project.read().len(),
            started.elapsed().as_millis()
        );
        println!(
            "Project token (lets events in):  {}",
            project.info().api_token
        );
        if key.is_none() && project.side_store().lock().keys()?.is_empty() {
            let (key, _) = Access::create_key(project.side_store(), "first key", Scopes::all())?;
            println!("Personal API key (shown this once):  {key}");
        }
        let access = Access::new(&project, key.as_deref());
        let settings = Settings {
            loopback_only: address.ip().is_loopback(),
            public_url: self.public_url.clone(),
            trust_proxy: self.trust_proxy,
            web: self.web.clone(),
        };
        Ok(App {
            project,
            access,
            settings,
        })
    }
}

/// A variable that is set to something.
fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Listens from now on for the process being asked to stop: Ctrl-C, or SIGTERM from a supervisor. The
/// future ends when it is.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens from now on for Ctrl-C. The future ends when it comes.
#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
