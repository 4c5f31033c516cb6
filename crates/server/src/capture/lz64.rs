//! The compression of posthog-js before it had gzip: lz-string in base64.
//!
//! The crate `lz-str` has no limit for its output, and 96 kB of input can stand for gigabytes. This decoder stops at
//! a limit. Each phrase of the dictionary is a piece of the output, so the dictionary holds ranges, not texts.

/// Why a text is not decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lz64Error {
    /// The text was not made by this compression, or is cut off.
    Malformed,
    /// The output is larger than the limit.
    TooLarge,
}

/// Codes that are no phrases: a new character of 8 or 16 bits follows, or the text ends.
const CHARACTER_8: u32 = 0;
const CHARACTER_16: u32 = 1;
const END: u32 = 2;

/// Returns the UTF-16 units of a compressed text, at most `max_units`. Characters that do not belong to base64 are
/// skipped; a blank stands for the plus that a form has turned into it.
pub(super) fn decompress(text: &[u8], max_units: usize) -> Result<Vec<u16>, Lz64Error> {
    let mut digits = text.iter().filter_map(|&byte| digit(byte));
    let Some(first) = digits.next() else {
        return Ok(Vec::new());
    };
    let mut bits = Bits {
        digit: first,
        mask: FIRST_BIT,
        digits,
    };
    let character = match bits.read(2)? {
        code @ (CHARACTER_8 | CHARACTER_16) => bits.character(code)?,
        END => return Ok(Vec::new()),
        _ => return Err(Lz64Error::Malformed),
    };
    let mut output = vec![character];
    // The first three entries only keep the numbers of the codes above.
    let mut phrases = vec![0..1; 4];
    let mut last_length = 1;
    let (mut width, mut codes_until_wider) = (3, 4_u32);
    loop {
        let end = output.len();
        let phrase = match bits.read(width)? {
            END => return Ok(output),
            code @ (CHARACTER_8 | CHARACTER_16) => {
                output.push(bits.character(code)?);
                let phrase = end..end + 1;
                phrases.push(phrase.clone());
                count_code(&mut width, &mut codes_until_wider);
                phrase
            }
            code => {
                // The phrase after the last one is the previous phrase and its own first character.
                let upcoming = || end - last_length..end + 1;
                let phrase = match phrases.get(code as usize) {
                    Some(phrase) => phrase.clone(),
                    None if code as usize == phrases.len() => upcoming(),
                    None => return Err(Lz64Error::Malformed),
                };
                if end + phrase.len() > max_units {
                    return Err(Lz64Error::TooLarge);
                }
                if phrase.end > end {
                    output.extend_from_within(phrase.start..end);
                    output.push(output[end]);
                } else {
                    output.extend_from_within(phrase.clone());
                }
                phrase
            }
        };
        if output.len() > max_units {
            return Err(Lz64Error::TooLarge);
        }
        phrases.push(end - last_length..end + 1);
        last_length = phrase.len();
        count_code(&mut width, &mut codes_until_wider);
    }
}

/// Codes become one bit wider each time the dictionary has grown to the next power of two.
fn count_code(width: &mut u32, codes_until_wider: &mut u32) {
    *codes_until_wider -= 1;
    if *codes_until_wider == 0 {
        *codes_until_wider = 1 << *width;
        *width += 1;
    }
}

/// The value of a character of base64. The padding has no bit among the six that are read.
fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b' ' => 62,
        b'/' => 63,
        b'=' => 0,
        _ => return None,
    })
}

const FIRST_BIT: u8 = 1 << 5;

/// The bits of the text, six in each of its characters.
struct Bits<I> {
    digit: u8,
    mask: u8,
    digits: I,
}

impl<I: Iterator<Item = u8>> Bits<I> {
    /// The next `count` bits, lowest first.
    fn read(&mut self, count: u32) -> Result<u32, Lz64Error> {
        let mut bits = 0;
        for place in 0..count {
            bits |= u32::from(self.digit & self.mask != 0) << place;
            self.mask >>= 1;
            if self.mask == 0 {
                self.mask = FIRST_BIT;
                // A complete text has padding behind its end.
                self.digit = self.digits.next().ok_or(Lz64Error::Malformed)?;
            }
        }
        Ok(bits)
    }

    fn character(&mut self, code: u32) -> Result<u16, Lz64Error> {
        let bits = self.read(if code == CHARACTER_8 { 8 } else { 16 })?;
        Ok(bits as u16)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLENTY: usize = 1 << 20;

    #[test]
    fn the_output_never_exceeds_its_limit() {
        let text = "a".repeat(1_000_000);
        let bomb = lz_str::compress_to_base64(&text);
        assert!(bomb.len() < 5_000);
        assert_eq!(
            decompress(bomb.as_bytes(), 999_999),
            Err(Lz64Error::TooLarge)
        );
        let exact = decompress(bomb.as_bytes(), 1_000_000);
        assert_eq!(exact.map(|units| units.len()), Ok(1_000_000));
        let varied = lz_str::compress_to_base64("abcdefgh");
        assert_eq!(decompress(varied.as_bytes(), 7), Err(Lz64Error::TooLarge));
        assert!(decompress(varied.as_bytes(), 8).is_ok());
    }

    proptest! {
        #[test]
        fn compressed_texts_are_restored(text in "[ab]{0,400}|\\PC{0,100}") {
            let compressed = lz_str::compress_to_base64(&text);
            let expected: Vec<u16> = text.encode_utf16().collect();
            prop_assert_eq!(decompress(compressed.as_bytes(), PLENTY), Ok(expected));
        }

        #[test]
        fn arbitrary_texts_mean_what_lz_str_reads_in_them(text in "[A-Za-z0-9+/=]{0,60}|[A-D]{0,60}|[a-f\\-.é]{0,60}") {
            let expected = lz_str::decompress_from_base64(&text).ok_or(Lz64Error::Malformed);
            prop_assert_eq!(decompress(text.as_bytes(), PLENTY), expected);
        }
    }
}
