//! Small bodies that stand for much, as an attacker would make them.

use std::io::Write as _;

use base64::Engine as _;

/// Compresses a text with gzip.
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("writes");
    encoder.finish().expect("writes")
}

/// Returns bytes as base64.
pub fn base64(bytes: &[u8]) -> String {
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

/// Returns the form in which browsers send encoded data.
pub fn form(data: &str, compression: &str) -> Vec<u8> {
    let data = data.replace('+', "%2B").replace('=', "%3D");
    format!("data={data}&compression={compression}").into_bytes()
}

/// Returns lz64 of about `length` characters, each code of which stands for one blank more than the one before: 96 kB
/// stand for more than a gigabyte.
pub fn lz64(length: usize) -> String {
    let mut bits = Vec::new();
    let mut put = |value: u32, width: u32| {
        bits.extend((0..width).map(|place| value >> place & 1 != 0));
        bits.len().div_ceil(6)
    };
    // A new character of 8 bits. The dictionary then has four entries, three of which are no phrases.
    put(0, 2);
    put(u32::from(b' '), 8);
    let (mut width, mut codes_until_wider, mut entries) = (3, 4, 4);
    while put(entries, width) < length - 8 {
        entries += 1;
        codes_until_wider -= 1;
        if codes_until_wider == 0 {
            codes_until_wider = 1 << width;
            width += 1;
        }
    }
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text: String = bits
        .chunks(6)
        .map(|digit| {
            let value = (0..6).fold(0, |value, place| {
                value << 1 | usize::from(digit.get(place) == Some(&true))
            });
            char::from(alphabet[value])
        })
        .collect();
    text.push_str("==");
    text
}
