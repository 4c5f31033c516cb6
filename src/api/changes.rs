//! Changing people: each request as a value, so that what is shown before is exactly what is sent.

use gloo_net::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ApiError, Client, Server, traffic};
use crate::platform::Abort;

/// A request that changes somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    method: &'static str,
    /// The path in the project, with its query.
    path: String,
    body: Option<Value>,
}

impl Request {
    /// Sets a property. PATCH takes every value on servers of every age; `update_property` refuses null on
    /// some, and scoped keys on others.
    pub fn set(person: Uuid, key: &str, value: &Value) -> Self {
        Self {
            method: "PATCH",
            path: format!("persons/{person}/"),
            body: Some(json!({"properties": {key: value}})),
        }
    }

    /// Takes a property away. The key is in the body, whatever PostHog's documentation says.
    pub fn unset(person: Uuid, key: &str) -> Self {
        Self {
            method: "POST",
            path: format!("persons/{person}/delete_property/"),
            body: Some(json!({"$unset": key})),
        }
    }

    /// Deletes somebody. PostHog looks only whether `delete_events` is there, so a no is not sent.
    pub fn delete(person: Uuid, with_events: bool) -> Self {
        let query = if with_events {
            "?delete_events=true"
        } else {
            ""
        };
        Self {
            method: "DELETE",
            path: format!("persons/{person}/{query}"),
            body: None,
        }
    }

    /// Splits ids off, each as a person of its own.
    pub fn split(person: Uuid, ids: &[String]) -> Self {
        Self::splitting(person, json!({"distinct_ids_to_split": ids}))
    }

    /// Splits all ids off but one.
    pub fn split_all_but(person: Uuid, main: &str) -> Self {
        Self::splitting(person, json!({"main_distinct_id": main}))
    }

    fn splitting(person: Uuid, body: Value) -> Self {
        Self {
            method: "POST",
            path: format!("persons/{person}/split/"),
            body: Some(body),
        }
    }

    /// In one line, for people.
    pub fn line(&self) -> String {
        let mut line = [self.method, " …/", &self.path].concat();
        if let Some(body) = &self.body {
            line.push(' ');
            line.push_str(&body.to_string());
        }
        line
    }

    /// As a command that does the same in a shell. The key is not in it.
    pub fn curl(&self, client: &Client) -> String {
        let url = client.server().origin() + &client.in_this_project(&self.path);
        let mut command = format!(
            "curl -X {} {} -H \"Authorization: Bearer $POSTHOG_PERSONAL_API_KEY\"",
            self.method,
            quoted(&url)
        );
        if let Some(body) = &self.body {
            command.push_str(" -H 'Content-Type: application/json' -d ");
            command.push_str(&quoted(&body.to_string()));
        }
        command
    }

    /// Sends it, once, when it is our turn. Any success means that the server accepted it: some answer
    /// the person, some nothing.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn send(&self, client: &Client) -> Result<(), ApiError> {
        traffic::turn(client.is_limited()).await;
        let method = match self.method {
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => Method::POST,
        };
        let path = client.in_this_project(&self.path);
        // Nobody takes back what is on its way.
        let never = Abort::new();
        let sent = client.send(method, &path, self.body.as_ref(), &never);
        sent.await.map(drop)
    }
}

/// Changes nothing of whoever is at a path: what comes of it tells whether more would be allowed.
///
/// # Errors
/// See [`ApiError`].
pub async fn try_out(client: &Client, path: &str, abort: &Abort) -> Result<(), ApiError> {
    let nothing = json!({"properties": {}});
    let sent = client.send(Method::PATCH, path, Some(&nothing), abort);
    sent.await.map(drop)
}

/// Whether a request of this client reaches the server that this page came from.
pub fn is_ours(client: &Client) -> bool {
    *client.server() == Server::This
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Uuid = Uuid::from_u128(7);

    #[test]
    fn deleting_says_nothing_of_events_unless_they_go_too() {
        let line = |with_events| Request::delete(ADA, with_events).line();
        assert!(!line(false).contains("delete_events"));
        assert!(line(true).ends_with("/?delete_events=true"));
    }

    #[test]
    fn what_is_shown_is_what_is_sent() {
        let lines = [
            Request::set(ADA, "plan", &json!(null)),
            Request::unset(ADA, "plan"),
            Request::split(ADA, &["a".into()]),
            Request::split_all_but(ADA, "a"),
        ]
        .map(|request| request.line());
        insta::assert_snapshot!(lines.join("\n"), @r#"
        PATCH …/persons/00000000-0000-0000-0000-000000000007/ {"properties":{"plan":null}}
        POST …/persons/00000000-0000-0000-0000-000000000007/delete_property/ {"$unset":"plan"}
        POST …/persons/00000000-0000-0000-0000-000000000007/split/ {"distinct_ids_to_split":["a"]}
        POST …/persons/00000000-0000-0000-0000-000000000007/split/ {"main_distinct_id":"a"}
        "#);
    }

    #[test]
    fn nothing_in_a_value_breaks_out_of_the_command() {
        assert_eq!(quoted("it's $HOME `x`"), "'it'\\''s $HOME `x`'");
    }
}
