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
    #[error("The server failed (status {status}).")]
    Server {
        /// The status.
        status: u16,
    },
    /// A success that makes no sense.
    #[error("The server's answer cannot be read: is this a PostHog server?")]
    Unreadable,
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
                retry_after: retry_after
                    .and_then(|seconds| seconds.trim().parse().ok())
                    .or_else(|| first_number(&body.detail)),
            },
            400..=499 => Self::Invalid {
                detail: if body.detail.is_empty() {
                    format!("The server refused the request (status {status}).")
                } else {
                    body.detail
                },
                attr: body.attr,
            },
            _ => Self::Server { status },
        }
    }

    /// Whether asking again, unchanged, may help.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Offline | Self::Unreachable | Self::Throttled { .. } | Self::Server { .. }
        )
    }
}

/// What can be had from an error body.
#[derive(Default)]
struct Body {
    detail: String,
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
        let detail = [
            if is_swapped { code } else { detail },
            text("message"),
            text("error"),
        ]
        .into_iter()
        .find(|sentence| !sentence.is_empty());
        Self {
            detail: detail.unwrap_or_default(),
            attr: Some(text("attr")).filter(|attr| !attr.is_empty()),
        }
    }

    /// `API key missing required scope 'person:read'`
    fn missing_scope(&self) -> Option<String> {
        let (_, after) = self.detail.split_once("scope '")?;
        let (scope, _) = after.split_once('\'')?;
        Some(scope.to_owned())
    }
}

/// `Expected available in 37 seconds.`
fn first_number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit());
    digits.into_iter().find_map(|digits| digits.parse().ok())
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
            assert_eq!(translated(502, body), ApiError::Server { status: 502 });
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
