//! From the bytes of a request to JSON text: gzip by its magic bytes, forms, base64, lz64.
//!
//! Each layer has a limit of its own, which it enforces while it decodes. The text is scanned as it comes out of the
//! last layer, so that what is refused is not decoded to its end.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::lz64::{self, Lz64Error};
use super::scan::{Scanner, Stop};
use super::{CaptureError, Request, parameter, refused};

/// The largest form, and the largest text in base64 or lz64: that of the endpoints that browsers send them to.
const MAX_ENCODED: usize = 2 << 20;

/// The most UTF-16 units that lz64 may stand for.
const MAX_LZ64_UNITS: usize = 4 << 20;

/// Text is scanned after each piece of this size.
const PIECE: usize = 16 << 10;

/// Clients differ about padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes the JSON text of a request, at most `max_text` bytes, and scans it. `None` stands for the body as it is.
pub(super) fn decode(
    request: &Request,
    scanner: &mut Scanner<'_>,
    max_text: usize,
) -> Result<Option<Vec<u8>>, Stop> {
    let mut layers = Layers {
        scanner,
        max_text,
        is_scanned: false,
    };
    let text = layers.unwrap(request)?;
    if !layers.is_scanned {
        layers.scanner.push(&text)?;
    }
    Ok(match text {
        Cow::Owned(text) => Some(text),
        // The only thing that is borrowed and not decoded at all.
        Cow::Borrowed(_) if !request.body.is_empty() => None,
        Cow::Borrowed(text) => Some(text.to_owned()),
    })
}

struct Layers<'s, 't> {
    scanner: &'s mut Scanner<'t>,
    max_text: usize,
    is_scanned: bool,
}

impl Layers<'_, '_> {
    fn unwrap<'r>(&mut self, request: &'r Request) -> Result<Cow<'r, [u8]>, Stop> {
        let mut compression = parameter(request.query.as_bytes(), "compression");
        if request.body.is_empty() {
            let data = parameter(request.query.as_bytes(), "data").unwrap_or_default();
            let data = self.unwrap_base64(into_bytes(data))?;
            return self.inflate(data);
        }
        let body = match request.content_encoding.as_str() {
            "deflate" => self
                .unpack(ZlibDecoder::new(request.body.as_slice()))?
                .into(),
            _ => self.inflate(Cow::Borrowed(request.body.as_slice()))?,
        };
        if self.is_scanned {
            // It is JSON, whatever the headers say. Nothing may be decoded behind the scanner's back.
            return Ok(body);
        }
        let is_form = request
            .content_type
            .starts_with("application/x-www-form-urlencoded")
            || body.starts_with(b"data=");
        if is_form {
            check_encoded(&body)?;
            let own_compression = parameter(&body, "compression");
            compression = own_compression
                .map(|name| name.into_owned().into())
                .or(compression);
            let data = parameter(&body, "data")
                .ok_or_else(|| refused(400, "failed to decode request: the form has no data"))?;
            let data = if compression.as_deref() == Some("lz64") {
                self.unwrap_lz64(&data)?.into()
            } else {
                self.unwrap_base64(into_bytes(data))?
            };
            return Ok(self.inflate(data)?.into_owned().into());
        }
        if compression.as_deref() == Some("base64") {
            let data = self.unwrap_base64(body)?;
            return self.inflate(data);
        }
        if is_gzip(&body) {
            return self.inflate(body);
        }
        Ok(body)
    }

    /// Inflates gzip, which is known by its magic bytes whatever the headers say; leaves the rest alone.
    fn inflate<'b>(&mut self, bytes: Cow<'b, [u8]>) -> Result<Cow<'b, [u8]>, Stop> {
        if !is_gzip(&bytes) {
            return Ok(bytes);
        }
        Ok(self.unpack(MultiGzDecoder::new(&*bytes))?.into())
    }

    /// Inflates JSON up to the limit of texts, scanning it, and what needs further decoding up to its lower limit.
    fn unpack(&mut self, mut packed: impl Read) -> Result<Vec<u8>, Stop> {
        let mut unpacked = Vec::new();
        let mut piece = [0; PIECE];
        let mut max = MAX_ENCODED.min(self.max_text);
        loop {
            let length = packed
                .read(&mut piece)
                .map_err(|error| refused(400, format!("failed to decode request: {error}")))?;
            if length == 0 {
                return Ok(unpacked);
            }
            let piece = &piece[..length];
            if unpacked.is_empty() && is_json(piece) {
                self.is_scanned = true;
                max = self.max_text;
            }
            if unpacked.len() + length > max {
                return Err(too_large().into());
            }
            unpacked.extend_from_slice(piece);
            if self.is_scanned {
                self.scanner.push(piece)?;
            }
        }
    }

    /// Undoes base64, in which a form may have turned every plus into a blank; leaves plain JSON alone.
    fn unwrap_base64<'b>(&self, bytes: Cow<'b, [u8]>) -> Result<Cow<'b, [u8]>, Stop> {
        let text = bytes.trim_ascii();
        if matches!(text.first(), None | Some(b'{' | b'[')) || is_gzip(&bytes) {
            return Ok(bytes);
        }
        check_encoded(text)?;
        let standard: Vec<u8> = text
            .iter()
            .map(|&b| match b {
                b' ' | b'-' => b'+',
                b'_' => b'/',
                b => b,
            })
            .collect();
        let decoded = BASE64
            .decode(standard)
            .map_err(|error| refused(400, format!("failed to decode request: {error}")))?;
        if decoded.len() > self.max_text {
            return Err(too_large().into());
        }
        Ok(decoded.into())
    }

    fn unwrap_lz64(&self, text: &str) -> Result<Vec<u8>, Stop> {
        let malformed = || refused(400, "failed to decode request: no lz64");
        let max_units = MAX_LZ64_UNITS.min(self.max_text);
        let units = lz64::decompress(text.as_bytes(), max_units).map_err(|error| match error {
            Lz64Error::Malformed => malformed(),
            Lz64Error::TooLarge => too_large(),
        })?;
        let text = String::from_utf16(&units).map_err(|_| malformed())?;
        if text.len() > self.max_text {
            return Err(too_large().into());
        }
        Ok(text.into_bytes())
    }
}

fn too_large() -> CaptureError {
    refused(413, "request is too large")
}

fn check_encoded(text: &[u8]) -> Result<(), CaptureError> {
    if text.len() > MAX_ENCODED {
        return Err(too_large());
    }
    Ok(())
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Whether a text begins as an object or a list, the only JSON that holds events, or with nothing at all.
fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), None | Some(b'{' | b'['))
}

fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use persons_api::Timestamp;

    use super::*;

    const MAX_TEXT: usize = 1 << 20;
    const FORM: &str = "application/x-www-form-urlencoded";

    /// The text of a request and what the scanner says of its cost.
    fn decode(query: &str, content_type: &str, body: &[u8]) -> Result<(Vec<u8>, usize), Stop> {
        let request = Request {
            path: "/e".into(),
            query: query.into(),
            content_type: content_type.into(),
            content_encoding: if body.starts_with(b"\x78") {
                "deflate".into()
            } else {
                String::new()
            },
            bearer: None,
            body: body.to_vec(),
            now: Timestamp(0),
        };
        let mut scanner = Scanner::new(&|_| true, 64 << 20);
        let text = super::decode(&request, &mut scanner, MAX_TEXT)?;
        Ok((text.unwrap_or(request.body), scanner.cost()))
    }

    fn decoded(query: &str, content_type: &str, body: &[u8]) -> String {
        let (text, _) = decode(query, content_type, body).expect("decoded");
        String::from_utf8(text).expect("text")
    }

    fn status(query: &str, content_type: &str, body: &[u8]) -> u16 {
        match decode(query, content_type, body) {
            Err(Stop::Refused(error)) => error.status,
            other => panic!("{other:?}"),
        }
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).expect("writes");
        encoder.finish().expect("writes")
    }

    fn deflated(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).expect("writes");
        encoder.finish().expect("writes")
    }

    fn form_of(text: &[u8]) -> String {
        let base64 = BASE64.encode(text);
        format!("data={}", base64.replace('+', "%2B").replace('=', "%3D"))
    }

    #[test]
    fn every_encoding_is_decoded() {
        let json = r#"{"event":"ä+b/c?","n":1}"#;
        let base64 = BASE64.encode(json);
        let zipped = gzipped(json.as_bytes());
        let form = format!("{}&compression=base64", form_of(json.as_bytes()));
        let lz64 = lz_str::compress_to_base64(json).replace('+', "%2B");
        let lz64 = format!("data={lz64}&compression=lz64");
        assert_eq!(decoded("", "application/json", json.as_bytes()), json);
        assert_eq!(decoded("compression=gzip-js", "text/plain", &zipped), json);
        assert_eq!(decoded("", "text/plain", &zipped), json);
        assert_eq!(decoded("", "", &deflated(json.as_bytes())), json);
        assert_eq!(decoded("", FORM, form.as_bytes()), json);
        assert_eq!(decoded("", FORM, lz64.as_bytes()), json);
        assert_eq!(
            decoded("compression=base64", "text/plain", base64.as_bytes()),
            json
        );
        assert_eq!(decoded(&format!("data={base64}"), "", b""), json);
        assert_eq!(decoded("", FORM, form_of(&zipped).as_bytes()), json);
        assert_eq!(decoded("", "", &gzipped(&zipped)), json);
    }

    #[test]
    fn no_decoder_exceeds_its_limit() {
        let fits = [b"[".as_slice(), &vec![b' '; MAX_TEXT - 2], b"]"].concat();
        let large = [b"[".as_slice(), &vec![b' '; MAX_TEXT - 1], b"]"].concat();
        let lz64 = |text: &[u8]| {
            let text = str::from_utf8(text).expect("text");
            let lz64 = lz_str::compress_to_base64(text).replace('+', "%2B");
            format!("data={lz64}&compression=lz64").into_bytes()
        };
        for (query, encode) in [
            ("", &(|text: &[u8]| gzipped(text)) as &dyn Fn(&[u8]) -> _),
            ("", &|text| deflated(text)),
            ("", &|text| gzipped(&gzipped(text))),
            ("", &|text| form_of(text).into_bytes()),
            ("", &|text| form_of(&gzipped(text)).into_bytes()),
            ("", &lz64),
            ("compression=base64", &|text| {
                BASE64.encode(text).into_bytes()
            }),
        ] {
            let (text, cost) = decode(query, "text/plain", &encode(&fits)).expect("fits");
            assert!(text.len() == MAX_TEXT && cost > 0);
            assert_eq!(status(query, "text/plain", &encode(&large)), 413);
        }
        // What needs further decoding is limited before that.
        let text = vec![b'A'; MAX_ENCODED + 1];
        let form = [b"data=".as_slice(), &text].concat();
        assert_eq!(status("", FORM, &form), 413);
        assert_eq!(status("compression=base64", "", &text), 413);
        assert_eq!(status("", "", &gzipped(&form)), 413);
    }

    #[test]
    fn nothing_is_decoded_that_is_not_scanned() {
        let costly = format!("[{}0]", "{},".repeat(1000));
        let pretence = format!("{{&{}", form_of(costly.as_bytes()));
        let padded = format!("{}{}", " ".repeat(PIECE), BASE64.encode(&costly));
        for (query, content_type, body) in [
            ("", FORM, gzipped(pretence.as_bytes())),
            ("compression=base64", "", gzipped(padded.as_bytes())),
            ("", FORM, pretence.clone().into_bytes()),
        ] {
            let (text, cost) = decode(query, content_type, &body).expect("decoded");
            assert!(text != costly.as_bytes() || cost > 600_000);
        }
    }
}
