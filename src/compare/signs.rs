//! What can tell that two people are one human: addresses, numbers and ids, in a form in which they can be
//! compared.

use persons_api::Person;

use crate::people;
use crate::platform::text::lowercase;
use crate::ui::value::plain;

/// Property keys that hold a phone number.
const PHONES: [&str; 5] = ["phone", "Phone", "$phone", "phone_number", "mobile"];
/// Property keys that hold the id of a device.
const DEVICES: [&str; 3] = ["$device_id", "$initial_device_id", "device_id"];
/// Property keys that hold the id a product knows its users by.
const USERS: [&str; 3] = ["$user_id", "user_id", "userId"];

/// Digits of the shortest phone number that is told from others by itself.
const SHORTEST_PHONE: usize = 8;

/// Values that a program sends when it knows nothing.
const MEANINGLESS: [&str; 11] = [
    "",
    "0",
    "-1",
    "null",
    "nil",
    "none",
    "undefined",
    "unknown",
    "anonymous",
    "guest",
    "[object object]",
];

/// Mailboxes that several people read.
const SHARED_MAILBOXES: [&str; 14] = [
    "admin", "billing", "contact", "hello", "help", "info", "mail", "no-reply", "noreply",
    "office", "sales", "support", "team", "test",
];

/// Parts of addresses at which dots make no difference.
const WITHOUT_DOTS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// A sign as it was written, and in the form that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// As people know it.
    pub written: String,
    /// Equal for those that mean the same.
    pub compared: String,
}

/// The signs of one person, by kind.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// Every distinct id that means something.
    pub ids: Vec<Sign>,
    /// E-mail addresses, among ids too.
    pub emails: Vec<Sign>,
    /// Phone numbers.
    pub phones: Vec<Sign>,
    /// Ids of devices.
    pub devices: Vec<Sign>,
    /// Ids a product knows its users by.
    pub users: Vec<Sign>,
    /// Names of at least two words: many people share a shorter one.
    pub names: Vec<Sign>,
}

impl Signs {
    /// Those of somebody.
    pub fn of(person: &Person) -> Self {
        let ids = person.distinct_ids.iter().map(String::as_str);
        let at = |keys: &[&str]| -> Vec<String> {
            let values = keys.iter().filter_map(|key| person.properties.get(*key));
            let scalars = values.filter(|value| value.is_string() || value.is_number());
            scalars.map(plain).collect()
        };
        let mut names = at(&["first_name", "last_name"]);
        names = vec![names.join(" ")];
        names.extend(people::own_name(person).map(str::to_owned));
        Self {
            emails: signs(
                people::email(person).into_iter().chain(ids.clone()),
                mailbox,
            ),
            phones: signs(at(&PHONES).iter().map(String::as_str), phone),
            devices: signs(at(&DEVICES).iter().map(String::as_str), id),
            users: signs(at(&USERS).iter().map(String::as_str), id),
            names: signs(names.iter().map(String::as_str), full_name),
            ids: signs(ids, id),
        }
    }
}

/// The first sign of some that is among others.
pub fn common<'a>(some: &'a [Sign], others: &[Sign]) -> Option<&'a Sign> {
    let is_there = |sign: &&Sign| others.iter().any(|other| other.compared == sign.compared);
    some.iter().find(is_there)
}

/// Whether an address that was made comparable is one of several people.
pub fn is_shared_mailbox(mailbox: &str) -> bool {
    let (local, _) = mailbox.split_once('@').unwrap_or_default();
    SHARED_MAILBOXES.contains(&local)
}

fn signs<'a>(
    texts: impl Iterator<Item = &'a str>,
    comparable: fn(&str) -> Option<String>,
) -> Vec<Sign> {
    texts
        .filter_map(|text| {
            Some(Sign {
                written: text.trim().to_owned(),
                compared: comparable(text.trim())?,
            })
        })
        .collect()
}

/// An id is compared letter by letter: `Ada` and `ada` may be two users.
fn id(text: &str) -> Option<String> {
    let is_meaningless = MEANINGLESS.contains(&lowercase(text).as_str());
    (!is_meaningless).then(|| text.to_owned())
}

/// An address without what makes no difference to where mail arrives: case, `+tag`, and dots where the
/// provider leaves them out.
fn mailbox(text: &str) -> Option<String> {
    let address = lowercase(text);
    let (local, domain) = address.split_once('@')?;
    let local = local.split('+').next().unwrap_or_default();
    let is_address = !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !address.contains(char::is_whitespace)
        && !domain.contains('@');
    if !is_address {
        return None;
    }
    Some(if WITHOUT_DOTS.contains(&domain) {
        [&local.replace('.', ""), WITHOUT_DOTS[0]].join("@")
    } else {
        [local, domain].join("@")
    })
}

/// The digits of an international number. What has letters in it is none, and neither is a short one.
fn phone(text: &str) -> Option<String> {
    if text.contains(|letter: char| letter.is_ascii_alphabetic()) {
        return None;
    }
    // The zero that is dialled only inside the country.
    let inside = text.as_bytes().windows(3).position(|part| part == b"(0)");
    let digits = text.bytes().enumerate().filter(|(place, byte)| {
        byte.is_ascii_digit() && inside.is_none_or(|inside| *place != inside + 1)
    });
    let digits: String = digits.map(|(_, byte)| char::from(byte)).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let is_telling = digits.len() >= SHORTEST_PHONE && digits.bytes().any(|digit| digit != b'0');
    is_telling.then(|| digits.to_owned())
}

/// Words in small letters, one blank between them. Scripts without blanks need three letters.
fn full_name(text: &str) -> Option<String> {
    let name = lowercase(text);
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    let is_without_blanks =
        name.chars().count() >= 3 && name.chars().all(|letter| letter >= '\u{3040}');
    let is_full = (words.len() > 1 || is_without_blanks) && !name.contains('@');
    is_full.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_where_mail_arrives() {
        for (one, other) in [
            ("Ada@Acme.io", "ada@acme.io"),
            ("ada+news@acme.io", "ada@acme.io"),
            ("a.da+x@googlemail.com", "ada@gmail.com"),
        ] {
            assert_eq!(mailbox(one), mailbox(other), "{one}");
        }
        // Only some providers leave dots out.
        assert_ne!(mailbox("a.da@acme.io"), mailbox("ada@acme.io"));
        for text in [
            "",
            "ada",
            "ada@",
            "@acme.io",
            "+x@acme.io",
            "ada@acme",
            "a da@acme.io",
            "a@b@c.io",
            "a@.io",
        ] {
            assert_eq!(mailbox(text), None, "{text}");
        }
        assert!(is_shared_mailbox("info@acme.io") && !is_shared_mailbox("ada@acme.io"));
    }

    #[test]
    fn phone_numbers_are_compared_by_their_digits() {
        for text in ["+49 (0)228 123456", "0049-228-123456", "49228123456"] {
            assert_eq!(phone(text).as_deref(), Some("49228123456"), "{text}");
        }
        for text in ["", "110", "0000000000", "call 49228123456", "n/a"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_needs_two_words_or_a_script_without_blanks() {
        assert_eq!(full_name(" Ada  LOVELACE "), full_name("ada lovelace"));
        assert!(full_name("山田太郎").is_some());
        for text in ["", "Ada", "محمد", "ada lovelace@acme.io"] {
            assert_eq!(full_name(text), None, "{text}");
        }
    }

    #[test]
    fn ids_that_mean_nothing_are_no_signs() {
        for text in ["", "0", "NULL", "undefined", "Anonymous", "[object Object]"] {
            assert_eq!(id(text), None, "{text}");
        }
        assert_eq!(id("7").as_deref(), Some("7"));
    }
}
