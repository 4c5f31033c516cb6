//! Secrets: made from the operating system's randomness, kept and compared as digests.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The prefix of every personal API key, also of those that PostHog issues.
pub const KEY_PREFIX: &str = "phx_";

/// Replaces personal API keys in a text that is about to be logged or sent to a client.
///
/// Nothing puts keys into such texts on purpose; this covers input that a message repeats, such as a key pasted
/// into a path.
pub fn mask_keys(text: &str) -> Cow<'_, str> {
    if !text.contains(KEY_PREFIX) {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split(KEY_PREFIX);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.push_str(KEY_PREFIX);
        masked.push('…');
        masked.push_str(
            part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        );
    }
    Cow::Owned(masked)
}

/// A new secret of 256 bits behind a prefix that says what it is for.
pub fn new(prefix: &str) -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .expect("a machine without a source of randomness cannot be a server");
    // No dash or underscore: a double click selects all of it.
    let text = URL_SAFE_NO_PAD
        .encode(bytes)
        .replace('-', "A")
        .replace('_', "B");
    format!("{prefix}{text}")
}

/// What is stored of a secret. The secrets are random, so a fast digest gives nothing away.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_a_text_are_masked() {
        for (text, masked) in [
            ("no key", "no key"),
            ("phx_aB9", "phx_…"),
            (
                "?distinct_id=phx_a-b_c instead",
                "?distinct_id=phx_… instead",
            ),
            ("phx_aphx_b é phx_", "phx_…phx_… é phx_…"),
        ] {
            assert_eq!(mask_keys(text), masked);
        }
    }

    #[test]
    fn secrets_differ_and_are_compared_whole() {
        let (a, b) = (new("phx_"), new("phx_"));
        assert_ne!(a, b);
        assert_eq!(a.len(), "phx_".len() + 43);
        assert!(equal(&digest(&a), &digest(&a)));
        assert!(!equal(&digest(&a), &digest(&b)));
    }
}
