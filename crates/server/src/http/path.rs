//! What stands in a path: the project, a person, an event, the number of something.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use uuid::Uuid;

use super::error::ApiError;

/// A segment of the path, decoded; `None` if the route has none of this name.
async fn segment(parts: &mut Parts, name: &str) -> Result<Option<String>, ApiError> {
    let params: Result<RawPathParams, _> = RawPathParams::from_request_parts(parts, &()).await;
    // What is not UTF-8 is the name of nothing.
    let params = params.map_err(|_| ApiError::NotFound)?;
    let found = params.iter().find(|(key, _)| *key == name);
    Ok(found.map(|(_, value)| value.to_owned()))
}

/// The project a path names, if it names one.
pub(super) async fn project(parts: &mut Parts) -> Result<Option<String>, ApiError> {
    segment(parts, "project").await
}

/// The thing a path is about.
async fn id(parts: &mut Parts) -> Result<String, ApiError> {
    segment(parts, "id").await?.ok_or(ApiError::Internal)
}

/// A person in the path: by number or by UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonKey {
    Number(i64),
    Uuid(Uuid),
}

impl PersonKey {
    /// Reads a number or a UUID; everything else is probably a distinct id, and gets advice.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // More than the largest number is nobody's.
            return Ok(Self::Number(text.parse().unwrap_or(i64::MAX)));
        }
        Uuid::parse_str(text)
            .map(Self::Uuid)
            .map_err(|_| ApiError::Invalid {
                code: "invalid_input",
                detail: format!(
                    "The ID provided does not look like a personID. \
                     If you are using a distinctId, please use /persons?distinct_id={text} instead."
                ),
                attr: None,
            })
    }
}

impl<S: Sync> FromRequestParts<S> for PersonKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::parse(&id(parts).await?)
    }
}

/// Something else that has a number: a cohort, an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number(pub(super) i64);

impl<S: Sync> FromRequestParts<S> for Number {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let id = id(parts).await?.parse();
        id.map(Self).map_err(|_| ApiError::NotFound)
    }
}

/// A session in the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionId(pub(super) String);

impl<S: Sync> FromRequestParts<S> for SessionId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(id(parts).await?))
    }
}

/// An event in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventKey(pub(super) Uuid);

impl<S: Sync> FromRequestParts<S> for EventKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let id = Uuid::parse_str(&id(parts).await?);
        id.map(Self).map_err(|_| ApiError::Invalid {
            code: "invalid_input",
            detail: "Invalid UUID".into(),
            attr: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_number_or_a_uuid() {
        assert_eq!(PersonKey::parse("7"), Ok(PersonKey::Number(7)));
        assert!(matches!(
            PersonKey::parse("b88736c3-bde8-51a6-b69f-6bb8d2c25b0b"),
            Ok(PersonKey::Uuid(_))
        ));
        for text in ["", "-1", "ada@example.com", "1.0", "🦀"] {
            let Err(ApiError::Invalid { detail, .. }) = PersonKey::parse(text) else {
                panic!("{text} was accepted");
            };
            assert!(detail.contains(&format!("distinct_id={text} ")));
        }
    }
}
