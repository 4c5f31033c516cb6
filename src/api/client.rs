//! Sending a request to the server and project that are connected.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use gloo_net::http::{Headers, Method, RequestBuilder, Response};
use leptos::logging::warn;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ApiError, traffic};
use crate::platform::{Abort, cookie, document, early};

/// The cookie that proves, in a header, that a write comes from our own page.
const CSRF_COOKIE: &str = "persons_csrf";

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// The one this page came from. It knows us by an HttpOnly cookie.
    This,
    /// Another one, by scheme and host. It knows us by a key.
    Other(Arc<str>),
}

impl Server {
    /// Scheme and host to show, or to send events to.
    pub fn origin(&self) -> String {
        match self {
            Self::This => document::origin(),
            Self::Other(origin) => origin.to_string(),
        }
    }
}

/// A personal API key. It is never printed, neither in an error nor in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a key, without the spaces that copying adds.
    pub fn new(key: &str) -> Self {
        Self(key.trim().into())
    }

    /// The key itself, for the one header it belongs in, and for the tab's memory when asked to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A server, what it knows us by, and a project on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    server: Server,
    key: Option<Secret>,
    project: Arc<str>,
    is_hasty: bool,
}

impl Client {
    /// This server, with the cookie. `@current` lets the page ask before it knows the project's number.
    pub fn this_server() -> Self {
        Self {
            server: Server::This,
            key: None,
            project: "@current".into(),
            is_hasty: false,
        }
    }

    /// Another server (or this one), with a key. The project is not known yet.
    pub fn with_key(server: Server, key: Secret) -> Self {
        Self {
            server,
            key: Some(key),
            project: "@current".into(),
            is_hasty: false,
        }
    }

    /// The same for one project.
    pub fn in_project(self, project: impl fmt::Display) -> Self {
        Self {
            project: project.to_string().into(),
            ..self
        }
    }

    /// The same for somebody who would rather hear at once that it failed than wait for another try.
    pub fn hasty(self) -> Self {
        Self {
            is_hasty: true,
            ..self
        }
    }

    /// Whether requests are counted. Only a server on this machine is asked without https, and those set
    /// no limits.
    pub fn is_limited(&self) -> bool {
        matches!(&self.server, Server::Other(origin) if origin.starts_with("https"))
    }

    /// Who is asked.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What the server knows us by, unless it is the cookie.
    pub fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// The project's number, or `@current`.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The path of something in the project. `rest` begins without a slash.
    pub fn in_this_project(&self, rest: &str) -> String {
        format!("/api/projects/{}/{rest}", self.project)
    }

    /// Asks for a path and reads the answer.
    ///
    /// # Errors
    /// See [`ApiError`]; [`ApiError::Unreadable`] when the answer is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, abort: &Abort) -> Result<T, ApiError> {
        // Boxed, or every caller's future would hold a copy of how requests are sent.
        let text: Pin<Box<dyn Future<Output = _>>> = Box::pin(self.get_text(path, abort));
        parse(&text.await?)
    }

    /// Asks for a path and returns the answer as it travelled. Waits when the server wants it so, and asks
    /// again what may pass.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn get_text(&self, path: &str, abort: &Abort) -> Result<String, ApiError> {
        self.read(Method::GET, path, None, abort).await
    }

    /// Sends a request that changes nothing, whatever its method, and returns the answer as it travelled. Waits
    /// when the server asks for it, and repeats what may pass.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn read(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        abort: &Abort,
    ) -> Result<String, ApiError> {
        let mut failures = 0;
        loop {
            let answer = self.ask(&method, path, body, abort).await;
            match &answer {
                // Who does not wait keeps others from asking too soon all the same.
                Err(error @ ApiError::Throttled { .. }) if self.is_hasty => {
                    traffic::heed(error, failures);
                    return answer;
                }
                Err(error) if !self.is_hasty && !abort.is_aborted() => {
                    if !traffic::wait_after(error, failures).await {
                        return answer;
                    }
                    failures += 1;
                }
                _ => return answer,
            }
        }
    }

    /// Asks for something beside the people of the project (`cohorts/?person_id=…`).
    ///
    /// Several versions of PostHog crash on these at the address that names the project, and answer at the
    /// one that does not: all of them look in the project that the owner of the key has open, whichever the
    /// address names.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn get_beside_people(&self, rest: &str, abort: &Abort) -> Result<String, ApiError> {
        let path = self.in_this_project(&format!("persons/{rest}"));
        match self.clone().hasty().get_text(&path, abort).await {
            Err(error) if error.may_pass() => {
                self.get_text(&format!("/api/person/{rest}"), abort).await
            }
            answer => answer,
        }
    }

    /// Asks once, when it is our turn.
    async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        abort: &Abort,
    ) -> Result<String, ApiError> {
        let early = match (&self.server, &self.key) {
            (Server::This, None) if *method == Method::GET => {
                early::take(path).await.map(Response::from)
            }
            _ => None,
        };
        if let Some(response) = early {
            return text_of(response).await;
        }
        let slot = if self.is_hasty {
            None
        } else {
            Some(traffic::slot(self.is_limited()).await)
        };
        // Nobody may be waiting any more.
        if abort.is_aborted() {
            return Err(ApiError::Unreachable);
        }
        let answer = self.send(method.clone(), path, body, abort).await;
        match &answer {
            Ok(_) => traffic::answered(),
            // Counted while the request is still one of those under way.
            Err(error) if slot.is_some() => traffic::note_refusal(error),
            Err(_) => {}
        }
        answer
    }

    /// Sends a request and returns the body of a success: any 2xx, and a body that may be empty.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        abort: &Abort,
    ) -> Result<String, ApiError> {
        let body = body.map(|body| ("application/json".to_owned(), body.to_string()));
        self.send_text(method, path, body, abort).await
    }

    /// Sends a form with a file, as browsers do, and returns the body of a success.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn send_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &str),
        abort: &Abort,
    ) -> Result<String, ApiError> {
        let (name, file_name, content) = file;
        // What is in the form must not look like its end.
        let mut boundary = "-".repeat(24) + "form";
        while content.contains(&boundary)
            || fields.iter().any(|(_, value)| value.contains(&boundary))
        {
            boundary.push('x');
        }
        let mut body = String::new();
        for (field, value) in fields {
            body += &format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
        }
        body += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--{boundary}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send_text(Method::POST, path, Some((kind, body)), abort)
            .await
    }

    async fn send_text(
        &self,
        method: Method,
        path: &str,
        body: Option<(String, String)>,
        abort: &Abort,
    ) -> Result<String, ApiError> {
        let url = match &self.server {
            Server::This => path.to_owned(),
            Server::Other(origin) => format!("{origin}{path}"),
        };
        if self.is_limited() {
            traffic::count();
        }
        let request = RequestBuilder::new(&url)
            .method(method.clone())
            .headers(self.headers(&method))
            .abort_signal(Some(&abort.signal()));
        let request = match body {
            Some((kind, body)) => request.header("Content-Type", &kind).body(body),
            None => request.build(),
        };
        let response = match request {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match response {
            Ok(response) => text_of(response).await,
            Err(_) if document::is_offline() => Err(ApiError::Offline),
            Err(error) => {
                warn!("{method} {url}: {error}");
                Err(ApiError::Unreachable)
            }
        }
    }

    fn headers(&self, method: &Method) -> Headers {
        let headers = Headers::new();
        headers.set("Accept", "application/json");
        if let Some(key) = &self.key {
            headers.set("Authorization", &format!("Bearer {}", key.expose()));
        } else if *method != Method::GET
            && let Some(token) = cookie::read(CSRF_COOKIE)
        {
            headers.set("X-CSRFToken", &token);
        }
        headers
    }
}

/// Reads JSON; what is wrong with it goes to the console.
///
/// # Errors
/// [`ApiError::Unreadable`]
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        warn!("an answer cannot be read: {error}");
        ApiError::Unreadable
    })
}

async fn text_of(response: Response) -> Result<String, ApiError> {
    let retry_after = response.headers().get("Retry-After");
    let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
    if response.ok() {
        Ok(text)
    } else {
        Err(ApiError::from_answer(
            response.status(),
            retry_after.as_deref(),
            &text,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let client = Client::with_key(Server::This, Secret::new(" phx_secret\n"));
        assert!(!format!("{client:?}").contains("phx_secret"));
        assert_eq!(client.key().map(Secret::expose), Some("phx_secret"));
    }

    #[test]
    fn paths_name_the_project() {
        let client = Client::this_server();
        assert_eq!(
            client.in_this_project("persons/"),
            "/api/projects/@current/persons/"
        );
        assert_eq!(
            client.in_project(4711).in_this_project("persons/"),
            "/api/projects/4711/persons/"
        );
    }
}
