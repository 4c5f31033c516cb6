//! Locking a text away under a passphrase, by the browser's own cryptography.
//!
//! AES-GCM under a key that PBKDF2 makes of the passphrase.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

use super::by_name::{ask, call, get};

/// How often the passphrase is hashed: trying out passphrases shall be expensive.
const ROUNDS: u32 = 600_000;
const SALT: usize = 16;
/// What AES-GCM wants to be different each time.
const NONCE: usize = 12;

/// Whether there is any: browsers keep it from pages that came without https from another machine.
pub fn is_available() -> bool {
    subtle().is_some()
}

/// Locks a text. What comes out is of no use without the passphrase. `None` where the browser refuses.
pub async fn lock(text: &str, passphrase: &str) -> Option<Vec<u8>> {
    let mut locked = random(SALT + NONCE)?;
    let (salt, nonce) = locked.split_at(SALT);
    let sealed = apply("encrypt", passphrase, salt, nonce, text.as_bytes()).await?;
    locked.extend(sealed);
    Some(locked)
}

/// The text that was locked; `None` when the passphrase is another one or the bytes were changed.
pub async fn unlock(locked: &[u8], passphrase: &str) -> Option<String> {
    let (salt, rest) = locked.split_at_checked(SALT)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE)?;
    let text = apply("decrypt", passphrase, salt, nonce, sealed).await?;
    String::from_utf8(text).ok()
}

/// Encrypts or decrypts.
async fn apply(
    deed: &str,
    passphrase: &str,
    salt: &[u8],
    nonce: &[u8],
    data: &[u8],
) -> Option<Vec<u8>> {
    let subtle = subtle()?;
    let aes = object(&[("name", "AES-GCM".into()), ("length", 256.into())]);
    let cipher = object(&[("name", "AES-GCM".into()), ("iv", bytes(nonce))]);
    let derivation = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", bytes(salt)),
        ("iterations", ROUNDS.into()),
    ]);
    let import = [
        "raw".into(),
        bytes(passphrase.as_bytes()),
        "PBKDF2".into(),
        false.into(),
        list("deriveKey"),
    ];
    let secret = ask(&subtle, "importKey", &import).await?;
    let derive = [derivation, secret, aes, false.into(), list(deed)];
    let key = ask(&subtle, "deriveKey", &derive).await?;
    let result = ask(&subtle, deed, &[cipher, key, bytes(data)]).await?;
    Some(Uint8Array::new(&result).to_vec())
}

fn crypto() -> Option<JsValue> {
    get(web_sys::window()?.as_ref(), "crypto")
}

fn subtle() -> Option<JsValue> {
    get(&crypto()?, "subtle")
}

fn random(count: usize) -> Option<Vec<u8>> {
    let bytes = Uint8Array::new_with_length(u32::try_from(count).ok()?);
    call(&crypto()?, "getRandomValues", &[bytes.clone().into()])?;
    Some(bytes.to_vec())
}

fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in pairs {
        // Setting a key of a fresh, plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn list(only: &str) -> JsValue {
    Array::of1(&only.into()).into()
}
