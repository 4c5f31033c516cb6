//! A look at the JSON of a request before anything is built of it: whose it is, and how much memory it would take.
//!
//! The scanner is fed while the text is decoded and stops at the first token of another project and at the first byte
//! beyond a limit. It keeps no more than one key. It does not check that the text is JSON: what it lets through is
//! parsed and its token compared once more, so it may only ever be too lenient about what a text says, never about
//! what it costs.

use super::{CaptureError, refused, token_fault};

/// A batch holds no more items than this. Fuller batches are refused with 413, which SDKs answer with smaller ones.
pub(super) const MAX_ITEMS: usize = 50_000;

/// Levels of arrays and objects that are told apart; deeper ones count as objects.
const TRACKED_LEVELS: usize = 64;

/// Longer keys and tokens are none that matter. Each character may be written as an escape of six bytes.
const MAX_STRING: usize = 6 * 128;

/// Estimated bytes of values: an object with the first node of its map, the second node with the one above both, each
/// further member, an array with its first members, each further member, and a text beside its characters.
const OBJECT: usize = 680;
const SECOND_NODE: usize = 1400;
const NODE_MEMBERS: u32 = 11;
const OBJECT_MEMBER: usize = 115;
const ARRAY: usize = 160;
const ARRAY_MEMBER: usize = 64;
const STRING: usize = 32;

/// Why a request is not read any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is refused.
    Refused(CaptureError),
    /// Its token is well-formed and not this project's.
    OtherProject,
}

impl From<CaptureError> for Stop {
    fn from(error: CaptureError) -> Self {
        Self::Refused(error)
    }
}

/// What was found out about the token of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundToken {
    /// It is this project's.
    Matching,
    /// The text has no token.
    Absent,
    /// It may be written in a way that only a parser understands.
    Unclear,
}

/// The role of an open array or object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The outermost object: an event, or the envelope of a batch.
    Root,
    /// The list of events.
    Batch,
    /// An event in it.
    Item,
    /// The properties of an event.
    Properties,
    /// Anything else.
    Other,
}

/// The key whose value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Token,
    Batch,
    Properties,
    Other,
}

/// An open array or object.
#[derive(Clone, Copy, Debug)]
struct Container {
    role: Role,
    is_object: bool,
    /// Whether the next text is a key.
    expects_key: bool,
    key: Key,
    /// Members after the first one.
    members: u32,
}

/// The tokens of an event.
#[derive(Debug, Default)]
struct EventTokens {
    /// Whether the event itself has one. Then the one in its properties is an ordinary property.
    has_own: bool,
    in_properties: Option<String>,
}

/// Reads JSON in pieces.
pub(super) struct Scanner<'a> {
    is_project_token: &'a dyn Fn(&str) -> bool,
    max_cost: usize,
    cost: usize,
    items: usize,
    containers: Vec<Container>,
    /// Open arrays and objects beyond those in `containers`.
    untracked: usize,
    in_string: bool,
    is_escaped: bool,
    has_escape: bool,
    /// The text that is being read, if it matters.
    string: Option<Vec<u8>>,
    string_length: usize,
    awaits_token: bool,
    matching: Option<String>,
    is_unclear: bool,
    has_batch: bool,
    root: EventTokens,
    item: EventTokens,
}

impl<'a> Scanner<'a> {
    /// A scanner that stops when values would take more than `max_cost` bytes.
    pub(super) fn new(is_project_token: &'a dyn Fn(&str) -> bool, max_cost: usize) -> Self {
        Self {
            is_project_token,
            max_cost,
            cost: 0,
            items: 0,
            containers: Vec::new(),
            untracked: 0,
            in_string: false,
            is_escaped: false,
            has_escape: false,
            string: None,
            string_length: 0,
            awaits_token: false,
            matching: None,
            is_unclear: false,
            has_batch: false,
            root: EventTokens::default(),
            item: EventTokens::default(),
        }
    }

    /// The estimated bytes of all values so far.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// What is known about the token once the whole text was read.
    pub(super) fn token(&self) -> FoundToken {
        match self.matching {
            Some(_) => FoundToken::Matching,
            None if self.is_unclear => FoundToken::Unclear,
            None => FoundToken::Absent,
        }
    }

    /// Reads the next piece of the text.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Stop> {
        let mut rest = piece;
        while let Some((&byte, after)) = rest.split_first() {
            if self.in_string {
                rest = self.read_string(rest)?;
                continue;
            }
            rest = after;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => self.begin_string(),
                b'{' => self.open(true),
                b'[' => self.open(false),
                b'}' | b']' => self.close()?,
                b',' => self.next_member(),
                b':' => self.begin_value(),
                _ => {
                    // A token that is no text is refused by the parser.
                    self.is_unclear |= std::mem::take(&mut self.awaits_token);
                    self.count_item();
                    continue;
                }
            }
            self.check_limits()?;
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), Stop> {
        if self.items > MAX_ITEMS {
            let message = format!("request holds more than {MAX_ITEMS} events; send fewer at once");
            return Err(refused(413, message).into());
        }
        if self.cost > self.max_cost {
            let message = "request holds too many values; send fewer events at once";
            return Err(refused(413, message).into());
        }
        Ok(())
    }

    fn open(&mut self, is_object: bool) {
        self.is_unclear |= std::mem::take(&mut self.awaits_token);
        self.cost += if is_object { OBJECT } else { ARRAY };
        self.count_item();
        if self.containers.len() == TRACKED_LEVELS {
            self.untracked += 1;
            return;
        }
        let role = self.role_of_next(is_object);
        if role == Role::Batch {
            self.has_batch = true;
        }
        if role == Role::Item {
            self.has_batch = true;
            self.items = self.items.max(1);
            self.item = EventTokens::default();
        }
        self.containers.push(Container {
            role,
            is_object,
            expects_key: is_object,
            key: Key::Other,
            members: 0,
        });
    }

    fn role_of_next(&self, is_object: bool) -> Role {
        let Some(parent) = self.containers.last() else {
            return if is_object { Role::Root } else { Role::Batch };
        };
        match (parent.role, parent.key, is_object) {
            (Role::Batch, _, true) | (Role::Root, Key::Batch, true) => Role::Item,
            (Role::Root, Key::Batch, false) => Role::Batch,
            (Role::Root | Role::Item, Key::Properties, true) => Role::Properties,
            _ => Role::Other,
        }
    }

    fn close(&mut self) -> Result<(), Stop> {
        if self.untracked > 0 {
            self.untracked -= 1;
            return Ok(());
        }
        let tokens = match self.containers.pop().map(|container| container.role) {
            Some(Role::Item) => std::mem::take(&mut self.item),
            Some(Role::Root) if !self.has_batch => std::mem::take(&mut self.root),
            _ => return Ok(()),
        };
        match tokens.in_properties {
            Some(token) if !tokens.has_own => self.compare(token),
            _ => Ok(()),
        }
    }

    fn next_member(&mut self) {
        let container = match self.containers.last_mut() {
            Some(container) if self.untracked == 0 => container,
            _ => {
                self.cost += OBJECT_MEMBER;
                return;
            }
        };
        container.members = container.members.saturating_add(1);
        if container.is_object {
            container.expects_key = true;
            self.cost += match container.members {
                0..NODE_MEMBERS => 0,
                NODE_MEMBERS => SECOND_NODE,
                _ => OBJECT_MEMBER,
            };
        } else {
            self.cost += ARRAY_MEMBER;
        }
    }

    fn begin_value(&mut self) {
        if self.untracked > 0 {
            return;
        }
        if let Some(container) = self.containers.last_mut() {
            container.expects_key = false;
            self.awaits_token = container.key == Key::Token;
        }
    }

    /// Counts a value if it is an item of the batch; it need not be an object.
    fn count_item(&mut self) {
        if self.untracked == 0
            && let Some(container) = self.containers.last()
            && container.role == Role::Batch
        {
            self.items = self.items.max(container.members as usize + 1);
        }
    }

    fn begin_string(&mut self) {
        self.in_string = true;
        self.is_escaped = false;
        self.has_escape = false;
        self.string_length = 0;
        let container = self.containers.last().filter(|_| self.untracked == 0);
        let matters = container.is_some_and(|container| {
            let has_tokens = matches!(container.role, Role::Root | Role::Item | Role::Properties);
            has_tokens && (container.expects_key || self.awaits_token)
        });
        self.string = matters.then(Vec::new);
        self.count_item();
    }

    /// Reads a text up to its end or that of the piece; returns what follows.
    fn read_string<'p>(&mut self, piece: &'p [u8]) -> Result<&'p [u8], Stop> {
        let mut at = 0;
        while at < piece.len() {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
                continue;
            }
            match piece[at..].iter().position(|&b| matches!(b, b'"' | b'\\')) {
                None => at = piece.len(),
                Some(next) if piece[at + next] == b'\\' => {
                    self.is_escaped = true;
                    self.has_escape = true;
                    at += next + 1;
                }
                Some(next) => {
                    at += next;
                    self.keep_string(&piece[..at])?;
                    self.in_string = false;
                    self.end_string()?;
                    self.check_limits()?;
                    return Ok(&piece[at + 1..]);
                }
            }
        }
        self.keep_string(piece)?;
        self.check_limits()?;
        Ok(&[])
    }

    fn keep_string(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        // A text of up to 16 bytes fits into what every text costs.
        let before = self.string_length.saturating_sub(16);
        self.string_length += bytes.len();
        self.cost += self.string_length.saturating_sub(16) - before;
        if let Some(string) = &mut self.string {
            let room = MAX_STRING.saturating_sub(string.len());
            string.extend_from_slice(&bytes[..bytes.len().min(room + 1)]);
        }
        Ok(())
    }

    fn end_string(&mut self) -> Result<(), Stop> {
        self.cost += STRING;
        let Some(string) = self.string.take() else {
            return Ok(());
        };
        let is_token = std::mem::take(&mut self.awaits_token);
        let Some(container) = self.containers.last_mut() else {
            return Ok(());
        };
        if self.has_escape {
            // Only a parser knows what it says.
            self.is_unclear = true;
            container.key = Key::Other;
            return Ok(());
        }
        if !is_token {
            container.key = key(&string, container.role);
            return Ok(());
        }
        let token = String::from_utf8_lossy(&string).trim().to_owned();
        match container.role {
            Role::Properties => {
                let parent = self.containers.iter().rev().nth(1);
                let is_item = parent.is_some_and(|parent| parent.role == Role::Item);
                let event = if is_item {
                    &mut self.item
                } else {
                    &mut self.root
                };
                event.in_properties = Some(token);
                Ok(())
            }
            Role::Item => {
                self.item.has_own = true;
                self.compare(token)
            }
            _ => {
                self.root.has_own = true;
                self.compare(token)
            }
        }
    }

    /// Stops at a token that is malformed or another project's.
    fn compare(&mut self, token: String) -> Result<(), Stop> {
        if self.matching.as_ref() == Some(&token) {
            return Ok(());
        }
        if let Some(fault) = token_fault(&token) {
            return Err(fault.into());
        }
        let is_ours = (self.is_project_token)(&token);
        match self.matching {
            None if is_ours => {
                self.matching = Some(token);
                Ok(())
            }
            None => Err(Stop::OtherProject),
            Some(_) => Err(super::inconsistent_tokens().into()),
        }
    }
}

fn key(name: &[u8], role: Role) -> Key {
    match (role, name) {
        (_, b"token") | (Role::Root | Role::Item, b"$token" | b"api_key") => Key::Token,
        (Role::Root, b"batch" | b"data") => Key::Batch,
        (Role::Root | Role::Item, b"properties") => Key::Properties,
        _ => Key::Other,
    }
}

/// The estimated bytes that the values of a JSON text take. Stops counting beyond `max_cost`.
pub(crate) fn cost_of(json: &[u8], max_cost: usize) -> usize {
    let mut scanner = Scanner::new(&|_| true, max_cost);
    // Only the cost matters here, so tokens are not looked at: as if within an array of arrays.
    scanner.containers.extend([Container {
        role: Role::Other,
        is_object: false,
        expects_key: false,
        key: Key::Other,
        members: 0,
    }]);
    match scanner.push(json) {
        Ok(()) | Err(_) => scanner.cost(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLENTY: usize = 1 << 30;

    fn is_ours(token: &str) -> bool {
        token == "ours"
    }

    /// What is found in a text that arrives in pieces of this size.
    fn scan(json: &str, size: usize) -> Result<FoundToken, Stop> {
        let mut scanner = Scanner::new(&is_ours, PLENTY);
        for piece in json.as_bytes().chunks(size) {
            scanner.push(piece)?;
        }
        Ok(scanner.token())
    }

    #[test]
    fn tokens_are_found_where_sdks_put_them() {
        for json in [
            r#"{"api_key":"ours","batch":[]}"#,
            r#"{"batch":[{"event":"e"}],"api_key":" ours "}"#,
            r#"{"event":"e","token":"ours"}"#,
            r#"{"event":"e","properties":{"token":"ours"}}"#,
            r#"[{"event":"e","$token":"ours"}]"#,
            r#"{"data":{"event":"e","properties":{"x":[{"token":"theirs"}],"token":"ours"}}}"#,
            r#"[{"properties":{"token":"theirs"},"api_key":"ours"}]"#,
            r#"{"token":"ours","properties":{"token":"theirs"},"x":{"token":"theirs"}}"#,
        ] {
            for size in [1, 3, 1000] {
                assert_eq!(scan(json, size), Ok(FoundToken::Matching), "{json}");
            }
        }
    }

    #[test]
    fn the_first_token_of_another_project_ends_the_scan() {
        for json in [
            r#"{"api_key":"theirs""#,
            r#"{"batch":[{"token":"theirs""#,
            r#"[{"properties":{"token":"theirs"}}"#,
            r#"{"properties":{"token":"theirs"}}"#,
        ] {
            assert_eq!(scan(json, 2), Err(Stop::OtherProject), "{json}");
        }
        let both = r#"[{"token":"ours"},{"token":"theirs"}]"#;
        assert!(matches!(scan(both, 5), Err(Stop::Refused(error)) if error.status == 401));
    }

    #[test]
    fn what_only_a_parser_understands_is_left_to_it() {
        for json in [
            r#"{"api\u005fkey":"theirs"}"#,
            r#"{"token":7}"#,
            r#"{"token":[]}"#,
        ] {
            assert_eq!(scan(json, 1), Ok(FoundToken::Unclear), "{json}");
        }
        for json in [
            r#"{"x":"token","y":{"token":"theirs"}}"#,
            "7",
            "[[[",
            "}}}]],:\"",
        ] {
            assert_eq!(scan(json, 1), Ok(FoundToken::Absent), "{json}");
        }
    }

    #[test]
    fn values_and_items_are_limited() {
        let mut scanner = Scanner::new(&is_ours, 100_000);
        let objects = r#"{"":0},"#.repeat(1000);
        let stop = scanner.push(format!("[{objects}").as_bytes());
        assert!(matches!(stop, Err(Stop::Refused(error)) if error.status == 413));
        assert!(scanner.cost() < 101_000);
        for item in ["{},", "0,", "\"\",", "[],"] {
            let mut scanner = Scanner::new(&is_ours, PLENTY);
            let items = item.repeat(MAX_ITEMS + 1);
            let stop = scanner.push(format!("[{items}0").as_bytes());
            assert!(
                matches!(stop, Err(Stop::Refused(error)) if error.message.contains("50000")),
                "{item}"
            );
        }
    }

    #[test]
    fn the_cost_covers_what_values_take() {
        // An empty key with a number: a node of a map for eleven, and the value that holds it.
        let node = 11 * (size_of::<String>() + size_of::<serde_json::Value>());
        assert!(cost_of(br#"{"":0}"#, PLENTY) > node + size_of::<serde_json::Value>());
        assert!(cost_of(b"[0,0,0,0]", PLENTY) > 8 * size_of::<serde_json::Value>());
        let text = format!("\"{}\"", "x".repeat(1000));
        assert!((1000..1100).contains(&cost_of(text.as_bytes(), PLENTY)));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(json in "[\\[\\]{}:,\"\\\\a ]{0,40}", size in 1..9_usize) {
            prop_assert_eq!(scan(&json, size), scan(&json, usize::MAX));
        }
    }
}
