//! Whether two people are likely the same human, and what tells so. Pure.
//!
//! Nothing here proves anything: a sign says what two people have in common, and the words say no more than
//! the signs do.

use persons_api::Person;

use super::signs::{Signs, common, is_shared_mailbox};

/// Microseconds between what one did last and the other first, at most, to take the one up where the other
/// left off: as long as a visit waits for what comes next.
const LONGEST_PAUSE: i64 = 30 * 60 * 1_000_000;

/// What the signs amount to. The strongest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Something that belongs to one human, and nothing against it.
    Likely,
    /// Something that humans may share, or something against it.
    Possible,
    /// Nothing.
    NoSign,
}

/// How much a reason says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It belongs to one human.
    Strong,
    /// Several may share it.
    Fair,
    /// It happens by chance all the time.
    Weak,
    /// It speaks for two humans.
    Against,
}

/// Something that two people have in common, or that tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// How much it says.
    pub weight: Weight,
    /// What it is, in a few words.
    pub what: &'static str,
    /// The value that both have; empty where there is none to show.
    pub detail: String,
}

/// What can be said about two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// What the reasons amount to.
    pub verdict: Verdict,
    /// What speaks for it first, then what speaks against it.
    pub reasons: Vec<Reason>,
}

/// Two of the people, by their places, and what can be said about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The place of the one.
    pub one: usize,
    /// The place of the other, which is greater.
    pub other: usize,
    /// What can be said.
    pub likeness: Likeness,
}

/// Every two of some people, those that are most alike first.
pub fn pairs(people: &[(usize, &Person)]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (place, (one, person)) in people.iter().enumerate() {
        for (other, their) in &people[place + 1..] {
            let likeness = likeness(person, their);
            let after = pairs.partition_point(|pair| pair.likeness.verdict <= likeness.verdict);
            let (one, other) = (*one, *other);
            pairs.insert(
                after,
                Pair {
                    one,
                    other,
                    likeness,
                },
            );
        }
    }
    pairs
}

/// What can be said about two people.
pub fn likeness(one: &Person, other: &Person) -> Likeness {
    let reasons = reasons(one, other);
    let count = |weight| {
        reasons
            .iter()
            .filter(|reason| reason.weight == weight)
            .count()
    };
    let (strong, fair, weak) = (
        count(Weight::Strong),
        count(Weight::Fair),
        count(Weight::Weak),
    );
    let verdict = match strong + fair {
        0 => Verdict::NoSign,
        _ if count(Weight::Against) > 0 => Verdict::Possible,
        _ if strong > 0 || fair + weak > 1 => Verdict::Likely,
        _ => Verdict::Possible,
    };
    // Without anything that says more, chance and what tells two people apart are not worth a word.
    let reasons = match verdict {
        Verdict::NoSign => Vec::new(),
        _ => reasons,
    };
    Likeness { verdict, reasons }
}

fn reasons(one: &Person, other: &Person) -> Vec<Reason> {
    let (a, b) = (Signs::of(one), Signs::of(other));
    let mut reasons = Vec::new();
    let mut add = |weight, what, detail: &str| {
        reasons.push(Reason {
            weight,
            what,
            detail: detail.to_owned(),
        });
    };
    let email = common(&a.emails, &b.emails);
    let phone = common(&a.phones, &b.phones);
    let user = common(&a.users, &b.users)
        .or_else(|| common(&a.users, &b.ids))
        .or_else(|| common(&b.users, &a.ids));
    let device = common(&a.devices, &b.devices)
        .or_else(|| common(&a.devices, &b.ids))
        .or_else(|| common(&b.devices, &a.ids));
    if let Some(id) = common(&a.ids, &b.ids) {
        add(Weight::Strong, "Same distinct id", &id.written);
    }
    if let Some(user) = user {
        add(Weight::Strong, "Same user id", &user.written);
    }
    match email {
        Some(email) if is_shared_mailbox(&email.compared) => {
            add(
                Weight::Fair,
                "Same e-mail address, of a kind that several people share",
                &email.compared,
            );
        }
        Some(email) => add(Weight::Strong, "Same e-mail address", &email.compared),
        None => {}
    }
    if let Some(phone) = phone {
        add(Weight::Strong, "Same phone number", &phone.written);
    }
    if let Some(device) = device {
        add(Weight::Fair, "Same device", &device.written);
    }
    if let Some(name) = common(&a.names, &b.names) {
        add(Weight::Fair, "Same name", &name.written);
    }
    if let Some(pause) = pause(one, other).or_else(|| pause(other, one)) {
        let what = if pause < 60_000_000 {
            "One was first seen within a minute after the other was last seen"
        } else {
            "One was first seen within half an hour after the other was last seen"
        };
        add(Weight::Weak, what, "");
    }
    for (what, is_same, ours, theirs) in [
        (
            "Different e-mail addresses",
            email.is_some(),
            &a.emails,
            &b.emails,
        ),
        (
            "Different phone numbers",
            phone.is_some(),
            &a.phones,
            &b.phones,
        ),
        ("Different user ids", user.is_some(), &a.users, &b.users),
    ] {
        if !is_same && !ours.is_empty() && !theirs.is_empty() {
            add(Weight::Against, what, "");
        }
    }
    reasons
}

/// How long after the one was seen last the other was seen first, if that is soon.
fn pause(one: &Person, other: &Person) -> Option<i64> {
    let pause = other.created_at?.0 - one.last_seen_at?.0;
    (0..=LONGEST_PAUSE).contains(&pause).then_some(pause)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn person(ids: Value, properties: Value, seen: [&str; 2]) -> Person {
        let person = json!({
            "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e", "distinct_ids": ids,
            "properties": properties, "created_at": seen[0], "last_seen_at": seen[1],
        });
        serde_json::from_value(person).expect("a person")
    }

    fn known(properties: Value) -> Person {
        person(json!([]), properties, ["", ""])
    }

    fn said(one: &Person, other: &Person) -> (Verdict, Vec<&'static str>) {
        let there = likeness(one, other);
        let back = likeness(other, one);
        assert_eq!(
            there.verdict, back.verdict,
            "who comes first makes no difference"
        );
        let what = |likeness: &Likeness| -> Vec<_> {
            likeness.reasons.iter().map(|reason| reason.what).collect()
        };
        assert_eq!(what(&there), what(&back));
        (there.verdict, what(&there))
    }

    fn of(one: Value, other: Value) -> (Verdict, Vec<&'static str>) {
        said(&known(one), &known(other))
    }

    #[test]
    fn what_belongs_to_one_human_makes_it_likely() {
        let email = (Verdict::Likely, vec!["Same e-mail address"]);
        assert_eq!(
            of(
                json!({"email": "Ada+1@acme.io"}),
                json!({"$email": "ada@acme.io"})
            ),
            email
        );
        let phone = (Verdict::Likely, vec!["Same phone number"]);
        assert_eq!(
            of(
                json!({"phone": "+49 228 123456"}),
                json!({"mobile": 49_228_123_456_u64})
            ),
            phone
        );
        let user = (Verdict::Likely, vec!["Same user id"]);
        assert_eq!(of(json!({"user_id": 7}), json!({"$user_id": "7"})), user);
        let id_as_user = person(json!(["u-7"]), json!({}), ["", ""]);
        assert_eq!(said(&id_as_user, &known(json!({"user_id": "u-7"}))), user);
        let id_as_email = person(json!(["ada@acme.io"]), json!({}), ["", ""]);
        assert_eq!(
            said(&id_as_email, &known(json!({"email": "ADA@acme.io"}))),
            email
        );
        let (one, other) = (json!(["a", "b"]), json!(["b"]));
        let (one, other) = (
            person(one, json!({}), ["", ""]),
            person(other, json!({}), ["", ""]),
        );
        assert_eq!(
            said(&one, &other),
            (Verdict::Likely, vec!["Same distinct id"])
        );
    }

    #[test]
    fn what_several_may_share_makes_it_possible_and_two_of_it_likely() {
        let (name, device) = (
            json!({"name": "Ada Lovelace"}),
            json!({"$device_id": "d-9"}),
        );
        assert_eq!(
            of(name.clone(), name.clone()),
            (Verdict::Possible, vec!["Same name"])
        );
        assert_eq!(
            of(device.clone(), device.clone()),
            (Verdict::Possible, vec!["Same device"])
        );
        let both = json!({"name": "Ada Lovelace", "$device_id": "d-9"});
        assert_eq!(
            of(both.clone(), both),
            (Verdict::Likely, vec!["Same device", "Same name"])
        );
        let office = json!({"email": "info@acme.io"});
        assert_eq!(of(office.clone(), office).0, Verdict::Possible);
        let parts = json!({"first_name": "Ada", "last_name": "Lovelace"});
        assert_eq!(of(parts, name), (Verdict::Possible, vec!["Same name"]));
    }

    #[test]
    fn one_who_takes_up_where_the_other_left_off_says_nothing_alone() {
        let visitor = |ids| {
            person(
                ids,
                json!({}),
                ["2026-03-01T10:00:00Z", "2026-03-01T10:20:00Z"],
            )
        };
        let user = |properties, first| person(json!(["ada"]), properties, [first, ""]);
        let next = user(json!({}), "2026-03-01T10:32:00Z");
        assert_eq!(said(&visitor(json!([])), &next), (Verdict::NoSign, vec![]));
        let device = json!({"$device_id": "d-9"});
        let handed_over = "One was first seen within half an hour after the other was last seen";
        assert_eq!(
            said(
                &visitor(json!(["d-9"])),
                &user(device.clone(), "2026-03-01T10:32:00Z")
            ),
            (Verdict::Likely, vec!["Same device", handed_over])
        );
        for later in ["2026-03-01T10:50:01Z", "2026-03-01T10:19:59Z"] {
            let later = user(device.clone(), later);
            assert_eq!(
                said(&visitor(json!(["d-9"])), &later),
                (Verdict::Possible, vec!["Same device"])
            );
        }
    }

    #[test]
    fn what_tells_two_people_apart_is_said_and_keeps_it_from_being_likely() {
        let one = json!({"email": "ada@acme.io", "phone": "+49 228 123456"});
        let other = json!({"email": "ada@acme.io", "phone": "+49 228 999999"});
        let expected = vec!["Same e-mail address", "Different phone numbers"];
        assert_eq!(of(one, other), (Verdict::Possible, expected));
        let one = json!({"name": "Ada Lovelace", "$device_id": "d-9", "email": "ada@acme.io"});
        let other = json!({"name": "Ada Lovelace", "$device_id": "d-9", "email": "ada@x.org"});
        assert_eq!(of(one, other).0, Verdict::Possible);
    }

    #[test]
    fn no_sign_is_no_sign_and_gives_no_reasons() {
        let nothing = (Verdict::NoSign, vec![]);
        assert_eq!(of(json!({}), json!({})), nothing);
        assert_eq!(
            of(json!({"email": "a@x.org"}), json!({"email": "b@x.org"})),
            nothing
        );
        let vague = json!({
            "name": "Ada", "email": "none", "phone": "0", "$device_id": null, "user_id": "undefined",
            "plan": "pro", "city": "Bonn",
        });
        assert_eq!(of(vague.clone(), vague), nothing);
        let guest = |seen| person(json!(["anonymous", "null"]), json!({}), seen);
        assert_eq!(said(&guest(["", ""]), &guest(["", ""])), nothing);
    }

    #[test]
    fn pairs_that_are_most_alike_come_first() {
        let (ada, ben) = (known(json!({"email": "ada@acme.io"})), known(json!({})));
        let again = known(json!({"email": "ada@acme.io"}));
        let found = pairs(&[(0, &ada), (1, &ben), (3, &again)]);
        let found: Vec<_> = found.iter().map(|pair| (pair.one, pair.other)).collect();
        assert_eq!(found, [(0, 3), (0, 1), (1, 3)]);
        assert!(pairs(&[(0, &ada)]).is_empty());
    }
}
