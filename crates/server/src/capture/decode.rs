//! From the bytes of a request to JSON text: gzip by its magic bytes, forms, base64.

use std::io::Read;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use persons_api::Timestamp;

use super::{CaptureError, Request, refused};

/// No request is larger than this once it is inflated: what 20 MB of `/batch` may hold unpacked.
const MAX_INFLATED: u64 = 32 << 20;

/// Clients differ about padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The JSON text of a request and what its query says.
pub(super) struct Payload {
    pub bytes: Vec<u8>,
    pub token: Option<String>,
    pub sent_at: Option<Timestamp>,
}

/// Unwraps the layers a client has put around its JSON.
pub(super) fn payload(request: &Request<'_>) -> Result<Payload, CaptureError> {
    let query = form(request.query.as_bytes());
    let find = |fields: &[(String, String)], name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let mut compression = find(&query, "compression");
    let mut body = match request.content_encoding {
        "deflate" => unpack(ZlibDecoder::new(request.body))?,
        _ => inflate(request.body)?,
    };
    let is_form = request
        .content_type
        .starts_with("application/x-www-form-urlencoded")
        || body.starts_with(b"data=");
    if request.body.is_empty() {
        body = find(&query, "data").unwrap_or_default().into_bytes();
        body = unwrap_base64(body)?;
    } else if is_form {
        let fields = form(&body);
        compression = find(&fields, "compression").or(compression);
        let data = find(&fields, "data")
            .ok_or_else(|| refused(400, "failed to decode request: the form has no data"))?;
        body = match compression.as_deref() {
            Some("lz64") => unwrap_lz64(&data)?,
            _ => unwrap_base64(data.into_bytes())?,
        };
    } else if compression.as_deref() == Some("base64") {
        body = unwrap_base64(body)?;
    }
    let bytes = inflate(&body)?;
    let sent_at = find(&query, "_")
        .and_then(|millis| millis.parse::<i64>().ok())
        .filter(|millis| (0..1 << 43).contains(millis))
        .map(|millis| Timestamp(millis * 1000));
    let token = ["token", "api_key"]
        .iter()
        .find_map(|name| find(&query, name));
    Ok(Payload {
        bytes,
        token,
        sent_at,
    })
}

/// Inflates gzip, which is known by its magic bytes whatever the headers say; leaves the rest alone.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, CaptureError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    unpack(MultiGzDecoder::new(bytes))
}

fn unpack(packed: impl Read) -> Result<Vec<u8>, CaptureError> {
    let mut unpacked = Vec::new();
    packed
        .take(MAX_INFLATED + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| refused(400, format!("failed to decode request: {error}")))?;
    if unpacked.len() as u64 > MAX_INFLATED {
        return Err(refused(413, "request is too large"));
    }
    Ok(unpacked)
}

/// Undoes the compression of posthog-js before it had gzip. It shrinks a text tenfold at best, and the
/// body is limited, so the result is.
fn unwrap_lz64(text: &str) -> Result<Vec<u8>, CaptureError> {
    let units = lz_str::decompress_from_base64(&text.replace(' ', "+"));
    let text = units.and_then(|units| String::from_utf16(&units).ok());
    text.map(String::into_bytes)
        .ok_or_else(|| refused(400, "failed to decode request: no lz64"))
}

/// Undoes base64, in which a form may have turned every plus into a blank; leaves plain JSON alone.
fn unwrap_base64(bytes: Vec<u8>) -> Result<Vec<u8>, CaptureError> {
    let text = bytes.trim_ascii();
    if matches!(text.first(), None | Some(b'{' | b'[')) || bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let standard: Vec<u8> = text
        .iter()
        .map(|&b| match b {
            b' ' | b'-' => b'+',
            b'_' => b'/',
            b => b,
        })
        .collect();
    BASE64
        .decode(standard)
        .map_err(|error| refused(400, format!("failed to decode request: {error}")))
}

/// The fields of a form or a query string.
fn form(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn decoded(query: &str, content_type: &str, body: &[u8]) -> String {
        let request = Request {
            path: "/e",
            query,
            content_type,
            content_encoding: "",
            bearer: None,
            body,
            now: Timestamp(0),
        };
        let Ok(payload) = payload(&request) else {
            panic!("not decoded")
        };
        String::from_utf8(payload.bytes).expect("text")
    }

    fn gzipped(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("writes");
        encoder.finish().expect("writes")
    }

    #[test]
    fn every_wrapping_is_undone() {
        let json = r#"{"event":"ä+b/c?","n":1}"#;
        let base64 = BASE64.encode(json);
        let zipped = gzipped(json);
        let form = format!(
            "data={}&compression=base64",
            base64.replace('+', "%2B").replace('=', "%3D")
        );
        assert_eq!(decoded("", "application/json", json.as_bytes()), json);
        assert_eq!(decoded("compression=gzip-js", "text/plain", &zipped), json);
        assert_eq!(decoded("", "text/plain", &zipped), json);
        assert_eq!(
            decoded("", "application/x-www-form-urlencoded", form.as_bytes()),
            json
        );
        assert_eq!(
            decoded("compression=base64", "text/plain", base64.as_bytes()),
            json
        );
        assert_eq!(decoded(&format!("data={base64}"), "", b""), json);
        let both = format!("data={}", BASE64.encode(&zipped));
        assert_eq!(
            decoded("", "application/x-www-form-urlencoded", both.as_bytes()),
            json
        );
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..40 {
            encoder.write_all(&zeros).expect("writes");
        }
        let bomb = encoder.finish().expect("writes");
        assert!(bomb.len() < 100_000);
        assert_eq!(inflate(&bomb).expect_err("refused").status, 413);
    }
}
