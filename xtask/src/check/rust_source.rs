//! Rust source told apart into code and string literals, without comments and test modules.
//!
//! Enough of a lexer for scanning: it knows where strings, characters and comments begin and end,
//! and nothing about grammar.

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    /// Where its text begins in the file, in bytes.
    pub offset: usize,
    /// Its text as written, escapes and all.
    pub text: String,
}

/// One file.
pub struct RustSource {
    /// The file with everything but code blanked, so that offsets are those of the file.
    pub code: String,
    /// All string literals, in order.
    pub literals: Vec<Literal>,
    /// Where each line begins.
    line_starts: Vec<usize>,
}

impl RustSource {
    /// Reads a file. Never fails: source that does not compile is scanned as far as it makes sense.
    pub fn parse(text: &str) -> Self {
        let mut lexer = Lexer::new(text);
        lexer.run();
        let mut source = Self {
            code: String::from_utf8_lossy(&lexer.code).into_owned(),
            literals: lexer.literals,
            line_starts: line_starts(text),
        };
        source.drop_test_modules();
        source
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// The code of the line an offset is in.
    pub fn code_of_line(&self, offset: usize) -> &str {
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        let end = self.line_starts.get(line).copied();
        &self.code[start..end.unwrap_or(self.code.len())]
    }

    /// Tests may do what the product may not.
    fn drop_test_modules(&mut self) {
        const MARK: &str = "#[cfg(test)]";
        while let Some(start) = self.code.find(MARK) {
            let end = end_of_item(&self.code, start + MARK.len());
            self.literals
                .retain(|literal| !(start..end).contains(&literal.offset));
            let blank = " ".repeat(end - start);
            self.code.replace_range(start..end, &blank);
        }
    }
}

/// The end of the item that begins here: its semicolon, or the brace that closes its first one.
fn end_of_item(code: &str, from: usize) -> usize {
    let mut depth = 0;
    for (offset, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b';' if depth == 0 => return offset + 1,
            b'{' => depth += 1,
            b'}' if depth <= 1 => return offset + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn line_starts(text: &str) -> Vec<usize> {
    let after_newlines = text.match_indices('\n').map(|(offset, _)| offset + 1);
    std::iter::once(0).chain(after_newlines).collect()
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    code: Vec<u8>,
    literals: Vec<Literal>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            code: Vec::with_capacity(text.len()),
            literals: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            match next {
                '/' if self.rest().starts_with("//") => self.blank_to(self.end_of_line()),
                '/' if self.rest().starts_with("/*") => self.blank_to(self.end_of_block_comment()),
                '"' => self.string(0),
                'r' => match self.raw_string_hashes() {
                    Some(hashes) => self.raw_string(hashes),
                    None => self.keep(1),
                },
                '\'' => self.blank_or_keep_quote(),
                other => self.keep(other.len_utf8()),
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn keep(&mut self, bytes: usize) {
        let kept = &self.text.as_bytes()[self.at..self.at + bytes];
        self.code.extend_from_slice(kept);
        self.at += bytes;
    }

    /// Leaves out everything up to an offset but its line breaks.
    fn blank_to(&mut self, end: usize) {
        let gone = &self.text.as_bytes()[self.at..end];
        self.code.extend(
            gone.iter()
                .map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }),
        );
        self.at = end;
    }

    fn end_of_line(&self) -> usize {
        self.offset_of("\n")
    }

    /// The offset of the next occurrence, or the end of the file.
    fn offset_of(&self, pattern: &str) -> usize {
        self.rest()
            .find(pattern)
            .map_or(self.text.len(), |length| self.at + length)
    }

    /// Block comments nest.
    fn end_of_block_comment(&self) -> usize {
        let mut depth = 0;
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at + 1 < bytes.len() {
            match &bytes[at..at + 2] {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 2;
            if depth == 0 {
                return at;
            }
        }
        self.text.len()
    }

    /// A string that begins at the quote which is `prefix` bytes ahead, and knows escapes.
    fn string(&mut self, prefix: usize) {
        let start = self.at + prefix + 1;
        let mut escaped = false;
        let length = self.text[start..].find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        self.literal(start, length, 1);
    }

    /// How many `#` a raw string has that begins here, if one does. `r#name` is an identifier.
    fn raw_string_hashes(&self) -> Option<usize> {
        let before = self.text[..self.at].chars().next_back();
        let continues_a_name = before.is_some_and(|letter| {
            // br"" and cr"" are raw strings, too.
            (letter.is_alphanumeric() || letter == '_') && !matches!(letter, 'b' | 'c')
        });
        let after = &self.rest()[1..];
        let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
        let begins = !continues_a_name && after[hashes..].starts_with('"');
        begins.then_some(hashes)
    }

    fn raw_string(&mut self, hashes: usize) {
        let start = self.at + 1 + hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = self.text[start..].find(&end);
        self.literal(start, length, end.len());
    }

    /// Takes the literal whose text begins at `start`; without a length it is not closed.
    fn literal(&mut self, start: usize, length: Option<usize>, closing: usize) {
        let end = length.map_or(self.text.len(), |length| start + length);
        self.literals.push(Literal {
            offset: start,
            text: self.text[start..end].to_owned(),
        });
        self.blank_to((end + closing).min(self.text.len()));
    }

    /// A quote begins a character or a lifetime.
    fn blank_or_keep_quote(&mut self) {
        let mut letters = self.rest().char_indices().skip(1);
        let end = match (letters.next(), letters.next()) {
            (Some((_, '\\')), Some((escaped, _))) => {
                // The escaped character itself may be a quote.
                let from = self.at + escaped + 1;
                self.text[from..].find('\'').map(|length| from + length + 1)
            }
            (Some(_), Some((quote, '\''))) => Some(self.at + quote + 1),
            _ => None,
        };
        match end {
            Some(end) => self.blank_to(end),
            None => self.keep(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let code = RustSource::parse(text).code;
        assert_eq!(code.len(), text.len(), "offsets are those of the file");
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn literals(text: &str) -> Vec<String> {
        let literals = RustSource::parse(text).literals;
        literals.into_iter().map(|literal| literal.text).collect()
    }

    #[test]
    fn comments_are_neither_code_nor_literals() {
        let text = "a // \"b\"\n/* c /* d */ \"e\" */ f";
        assert_eq!(code(text), "a f");
        assert!(literals(text).is_empty());
    }

    #[test]
    fn strings_are_told_from_code() {
        let text = r##"a("x\"y", b"z", r"p\", r#"q"r"#, br"s")"##;
        assert_eq!(literals(text), [r#"x\"y"#, "z", r"p\", "q\"r", "s"]);
        assert_eq!(code("a(\"/* b\", c)"), "a( , c)");
    }

    #[test]
    fn an_apostrophe_is_a_character_or_a_lifetime() {
        assert_eq!(code(r#"f('"', '\'', '\u{1F}', 'ü')"#), "f( , , , )");
        assert_eq!(code("struct A<'a>(&'a str);"), "struct A<'a>(&'a str);");
        assert_eq!(literals(r#"['"', 'a']; "b""#), ["b"]);
    }

    #[test]
    fn a_raw_name_is_no_string() {
        assert_eq!(code("let r#type = var;"), "let r#type = var;");
        assert_eq!(literals("for\"a\""), ["a"]);
    }

    #[test]
    fn test_modules_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { \"x\"; } }\nfn c() {}";
        assert_eq!(code(text), "fn a() {} fn c() {}");
        assert!(literals(text).is_empty());
        assert_eq!(code("#[cfg(test)]\nmod tests;\nfn c() {}"), "fn c() {}");
    }

    #[test]
    fn lines_count_from_one() {
        let source = RustSource::parse("a\nb \"c\"\n");
        assert_eq!(source.line(0), 1);
        assert_eq!(source.line(source.literals[0].offset), 2);
        assert_eq!(source.code_of_line(source.literals[0].offset).trim(), "b");
    }

    #[test]
    fn unfinished_source_is_read_to_its_end() {
        for text in [
            "\"abc",
            "r#\"abc",
            "/* abc",
            "'",
            "'\\",
            "#[cfg(test)] mod a {",
        ] {
            assert_eq!(RustSource::parse(text).code.len(), text.len());
        }
    }
}
