//! Everything that can go wrong with a request, as one of a few cases.

use serde_json::Value;
use thiserror::Error;

/// Why there is no answer. The text is one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// The browser has no network.
    #[error("You are offline.")]
    Offline,
    /// No answer: wrong address, server down, or a server that does not let browsers ask.
    #[error("The server cannot be reached.")]
    Unreachable,
    /// 401
    #[error("The server does not know you: you are not signed in, or the key is not valid.")]
    Unauthorized,
    /// 403
    #[error("{}", forbidden(.scope.as_deref(), .detail))]
    Forbidden {
        /// The scope that the key lacks, where the server names it.
        scope: Option<String>,
        /// The server's sentence.
        detail: String,
    },
    /// 404
    #[error("There is nothing at this address any more.")]
    NotFound,
    /// 404 for the endpoint itself, 405: this server is too old or too new for it.
    #[error("This server does not offer this.")]
    NotOffered,
    /// 429
    #[error("The server asks for a pause: too many requests.")]
    Throttled {
        /// After how many seconds it will answer again, where it says so.
        retry_after: Option<u32>,
    },
    /// 400 and the rest of the 4xx: the server says what is wrong.
    #[error("{detail}")]
    Invalid {
        /// The server's sentence.
        detail: String,
        /// The parameter at fault.
        attr: Option<String>,
    },
    /// 5xx
    #[error("{}", server_failure(*.status, .detail))]
    Server {
        /// The status.
        status: u16,
        /// After how many seconds it will answer again, where it says so.
        retry_after: Option<u32>,
        /// The server's sentence; empty where it sent none.
        detail: String,
    },
    /// The user canceled a query that was running.
    #[error("The query was canceled.")]
    Canceled,
    /// A success that makes no sense.
    #[error("The server's answer cannot be read: is this a PostHog server?")]
    Unreadable,
}

/// Why a server could not compute a result, as far as its response tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFailure {
    /// The query ran longer than the server allows.
    TimeLimit,
    /// The query needed more memory than the server allows.
    MemoryLimit,
    /// The server estimates that the query would run too long, and did not start it.
    Estimate,
    /// Too many queries are running.
    Busy,
    /// Anything else.
    Other,
}

impl ServerFailure {
    /// PostHog answers 504 for both limits, 512 for the estimate, and 503 when it is at capacity. Gateways answer
    /// the same statuses without a sentence of PostHog's, which says nothing about the query.
    fn of(status: u16, detail: &str) -> Self {
        let detail = detail.to_ascii_lowercase();
        let mentions = |words: &str| detail.contains(words);
        match status {
            512 => Self::Estimate,
            _ if mentions("estimated query execution time") => Self::Estimate,
            _ if mentions("max execution time") => Self::TimeLimit,
            _ if mentions("memory limit") => Self::MemoryLimit,
            503 => Self::Busy,
            _ => Self::Other,
        }
    }
}

fn server_failure(status: u16, detail: &str) -> String {
    match detail {
        "" => format!("The server failed (status {status})."),
        detail => format!("The server failed (status {status}): {detail}"),
    }
}

fn forbidden(scope: Option<&str>, detail: &str) -> String {
    match (scope, detail) {
        (Some(scope), _) => format!("The key lacks the scope “{scope}”."),
        (None, "") => "You may not see this.".into(),
        (None, detail) => detail.into(),
    }
}

impl ApiError {
    /// Makes a case out of an answer that is no success. Tolerates what servers of all ages send: `code`
    /// and `detail` swapped, `{message, detail}`, pages of HTML, nothing at all.
    pub fn from_answer(status: u16, retry_after: Option<&str>, body: &str) -> Self {
        let body = Body::read(body);
        match status {
            401 => Self::Unauthorized,
            403 => Self::Forbidden {
                scope: body.missing_scope(),
                detail: body.detail,
            },
            404 if body.detail.starts_with("Endpoint not found") => Self::NotOffered,
            // An endpoint beside `persons/:id/` that is gone is taken for the id of a person.
            400 if body.detail.contains("not look like a personID") => Self::NotOffered,
            404 => Self::NotFound,
            405 | 501 => Self::NotOffered,
            429 => Self::Throttled {
                retry_after: seconds(retry_after).or_else(|| stated_pause(&body.detail)),
            },
            400..=499 => Self::Invalid {
                detail: if body.detail.is_empty() {
                    format!("The server refused the request (status {status}).")
                } else {
                    body.detail
                },
                attr: body.attr,
            },
            _ => Self::Server {
                status,
                retry_after: seconds(retry_after),
                detail: body.reason(),
            },
        }
    }

    /// Why the server failed; `None` for errors that are not failures of the server.
    pub fn server_failure(&self) -> Option<ServerFailure> {
        match self {
            Self::Server { status, detail, .. } => Some(ServerFailure::of(*status, detail)),
            _ => None,
        }
    }

    /// Whether asking again, unchanged, may help.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Offline | Self::Unreachable | Self::Throttled { .. } => true,
            // The same query runs into the same limit again.
            _ => matches!(
                self.server_failure(),
                Some(ServerFailure::Busy | ServerFailure::Other)
            ),
        }
    }
}

/// What can be had from an error body.
#[derive(Default)]
struct Body {
    detail: String,
    code: String,
    attr: Option<String>,
}

impl Body {
    fn read(body: &str) -> Self {
        let Ok(Value::Object(body)) = serde_json::from_str(body) else {
            return Self::default();
        };
        let text = |key: &str| {
            let text = body.get(key).and_then(Value::as_str).unwrap_or_default();
            text.to_owned()
        };
        let (detail, code) = (text("detail"), text("code"));
        // Two handlers of old servers put the sentence into `code` and the word into `detail`.
        let is_swapped = !detail.contains(' ') && code.contains(' ');
        let (detail, code) = if is_swapped {
            (code, String::new())
        } else {
            (detail, code)
        };
        let detail = [detail, text("message"), text("error")]
            .into_iter()
            .find(|sentence| !sentence.is_empty());
        Self {
            detail: detail.unwrap_or_default(),
            code,
            attr: Some(text("attr")).filter(|attr| !attr.is_empty()),
        }
    }

    /// The sentence of a failure, with the code where that says more than that there was an error.
    fn reason(self) -> String {
        match self.code.as_str() {
            "" | "error" => self.detail,
            code => format!("{} ({code})", self.detail).trim_start().to_owned(),
        }
    }

    /// `API key missing required scope 'person:read'`
    fn missing_scope(&self) -> Option<String> {
        let (_, after) = self.detail.split_once("scope '")?;
        let (scope, _) = after.split_once('\'')?;
        Some(scope.to_owned())
    }
}

/// The seconds of a `Retry-After` header. The other form, a date, is not sent by PostHog.
fn seconds(retry_after: Option<&str>) -> Option<u32> {
    retry_after?.trim().parse().ok()
}

/// The seconds in `Expected available in 37 seconds.` Other numbers are not pauses: a refusal because of a
/// concurrency limit names the limit.
fn stated_pause(text: &str) -> Option<u32> {
    let (_, after) = text.split_once("available in ")?;
    let end = after.find(|c: char| !c.is_ascii_digit());
    after[..end.unwrap_or(after.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(status: u16, body: &str) -> ApiError {
        ApiError::from_answer(status, None, body)
    }

    #[test]
    fn the_four_keys_are_understood() {
        let body = r#"{"type":"validation_error","code":"invalid_input","detail":"Properties are unparsable!","attr":"properties"}"#;
        let expected = ApiError::Invalid {
            detail: "Properties are unparsable!".into(),
            attr: Some("properties".into()),
        };
        assert_eq!(translated(400, body), expected);
    }

    #[test]
    fn an_endpoint_that_is_taken_for_a_person_is_not_offered() {
        let body = r#"{"type":"validation_error","code":"invalid_input","detail":"The ID provided does not look like a personID. If you are using a distinctId, please use /persons?distinct_id=activity instead.","attr":null}"#;
        assert_eq!(translated(400, body), ApiError::NotOffered);
    }

    #[test]
    fn swapped_code_and_detail_are_put_right() {
        let body = r#"{"attr":"properties","code":"This field is required.","detail":"required","type":"validation_error"}"#;
        assert_eq!(translated(400, body).to_string(), "This field is required.");
    }

    #[test]
    fn other_shapes_and_no_body_at_all_still_make_a_sentence() {
        let body = r#"{"message":"Missing parameter","detail":"Must include specified date"}"#;
        assert_eq!(
            translated(400, body).to_string(),
            "Must include specified date"
        );
        assert_eq!(
            translated(400, r#"{"message":"No team"}"#).to_string(),
            "No team"
        );
        let body = r#"{"error":"Invalid timestamp format"}"#;
        assert_eq!(
            translated(400, body).to_string(),
            "Invalid timestamp format"
        );
        for body in ["", "<html>Bad gateway</html>", "[]", "null"] {
            let sentence = translated(400, body).to_string();
            assert_eq!(sentence, "The server refused the request (status 400).");
            let sentence = translated(502, body).to_string();
            assert_eq!(sentence, "The server failed (status 502).");
        }
    }

    #[test]
    fn a_missing_scope_is_named() {
        let body = r#"{"detail":"API key missing required scope 'person:read'"}"#;
        assert_eq!(
            translated(403, body).to_string(),
            "The key lacks the scope “person:read”."
        );
        assert_eq!(translated(403, "").to_string(), "You may not see this.");
    }

    #[test]
    fn the_pause_comes_from_the_header_or_the_sentence() {
        let body = r#"{"detail":"Request was throttled. Expected available in 37 seconds."}"#;
        let pause = |seconds| ApiError::Throttled {
            retry_after: seconds,
        };
        assert_eq!(
            ApiError::from_answer(429, Some(" 12 "), body),
            pause(Some(12))
        );
        assert_eq!(
            ApiError::from_answer(429, Some("soon"), body),
            pause(Some(37))
        );
        assert_eq!(translated(429, ""), pause(None));
        // The number of queries that may run at a time is not a pause.
        let body = r#"{"detail":"Exceeded maximum concurrency limit: 3 for this project."}"#;
        assert_eq!(translated(429, body), pause(None));
    }

    #[test]
    fn the_reason_of_a_server_failure_is_kept_and_classified() {
        let failures = [
            (
                504,
                r#"{"detail":"Query has hit the max execution time before completing."}"#,
            ),
            (
                504,
                r#"{"detail":"Query has hit the memory limit before completing."}"#,
            ),
            (
                512,
                r#"{"detail":"Estimated query execution time is too long."}"#,
            ),
            (
                503,
                r#"{"detail":"Queries are a little too busy right now."}"#,
            ),
            (
                500,
                r#"{"code":"CHQueryErrorUnknownTable","detail":"A server error occurred."}"#,
            ),
            (
                500,
                r#"{"code":"error","detail":"A server error occurred."}"#,
            ),
            (504, "<html>Gateway timeout</html>"),
        ];
        let lines = failures.map(|(status, body)| {
            let error = translated(status, body);
            let failure = error.server_failure().expect("a failure of the server");
            format!("{error} | {failure:?}, again: {}", error.may_pass())
        });
        insta::assert_snapshot!(lines.join("\n"), @"
        The server failed (status 504): Query has hit the max execution time before completing. | TimeLimit, again: false
        The server failed (status 504): Query has hit the memory limit before completing. | MemoryLimit, again: false
        The server failed (status 512): Estimated query execution time is too long. | Estimate, again: false
        The server failed (status 503): Queries are a little too busy right now. | Busy, again: true
        The server failed (status 500): A server error occurred. (CHQueryErrorUnknownTable) | Other, again: true
        The server failed (status 500): A server error occurred. | Other, again: true
        The server failed (status 504). | Other, again: true
        ");
    }

    #[test]
    fn a_busy_server_may_say_how_long_it_is_busy() {
        let error = ApiError::from_answer(503, Some("7"), "");
        let expected = ApiError::Server {
            status: 503,
            retry_after: Some(7),
            detail: String::new(),
        };
        assert_eq!(error, expected);
    }

    #[test]
    fn a_missing_endpoint_is_not_a_missing_person() {
        assert_eq!(
            translated(404, r#"{"detail":"Not found."}"#),
            ApiError::NotFound
        );
        assert_eq!(
            translated(404, r#"{"detail":"Endpoint not found."}"#),
            ApiError::NotOffered
        );
        assert_eq!(translated(405, ""), ApiError::NotOffered);
    }
}
