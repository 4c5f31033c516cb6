//! Style sheets without what only people read, made while the app is compiled.

/// Leaves out comments, and makes one space of each line's end and indentation; gives the bytes and how
/// many of them count. Nothing inside a line changes, so texts in quotes stay as they are.
pub const fn squeeze<const N: usize>(css: &str) -> ([u8; N], usize) {
    let css = css.as_bytes();
    let mut squeezed = [0; N];
    let (mut from, mut to) = (0, 0);
    while from < css.len() {
        if css[from] == b'/' && from + 1 < css.len() && css[from + 1] == b'*' {
            from += 2;
            while !(css[from] == b'*' && css[from + 1] == b'/') {
                from += 1;
            }
            from += 2;
        } else if css[from] == b'\n' {
            while from < css.len() && css[from].is_ascii_whitespace() {
                from += 1;
            }
            if to > 0 && squeezed[to - 1] != b' ' {
                squeezed[to] = b' ';
                to += 1;
            }
        } else {
            squeezed[to] = css[from];
            from += 1;
            to += 1;
        }
    }
    (squeezed, to)
}

/// The bytes that count, as text.
///
/// # Panics
/// At compile time, if they are none.
pub const fn text(squeezed: &[u8], length: usize) -> &str {
    match str::from_utf8(squeezed.split_at(length).0) {
        Ok(text) => text,
        Err(_) => panic!("CSS is text, and only whole comments and spaces were left out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_people_read_is_left_out() {
        const CSS: &str = "/* One. */\n.a {\n  color: red; /* two\n lines */\n}\n\n.b::after {\n  content: \" → \";\n}\n";
        let (squeezed, length) = squeeze::<{ CSS.len() }>(CSS);
        assert_eq!(
            text(&squeezed, length),
            ".a { color: red; } .b::after { content: \" → \"; } "
        );
    }
}
