//! What a split will do, before it is asked for: which ids stay, which leave, and who they become.

use persons_api::Person;
use uuid::Uuid;

/// Resulting people that are drawn one by one; more are a number.
pub const DRAWN: usize = 12;

/// What is taken apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Some ids leave, each as a person of its own.
    Chosen(Vec<String>),
    /// All leave but one.
    AllBut(String),
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The ids that stay, together with all properties.
    pub stay: Vec<String>,
    /// Those that leave.
    pub leave: Vec<Leaving>,
    /// So many more leave that the server did not name.
    pub unnamed: u64,
}

/// An id that leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    /// The id.
    pub id: String,
    /// The person it will belong to.
    pub becomes: Becomes,
}

/// Who an id that leaves will belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// The person with this UUID, which servers derive from the id. There may be one already.
    Derived(Uuid),
    /// This person was made for the id, so its UUID is taken. Our server gives the new person another one;
    /// PostHog may do nothing at all (its issue 104939).
    Own,
}

/// Plans a split.
///
/// # Errors
/// One sentence that says what is still to be chosen, or why nothing can be.
pub fn plan(person: &Person, wish: &Wish, project: i64) -> Result<Plan, &'static str> {
    if person.ids() < 2 {
        return Err("There is only one distinct id: nothing can be taken apart.");
    }
    let leaves = |id: &String| match wish {
        Wish::Chosen(chosen) => chosen.contains(id),
        Wish::AllBut(main) => id != main,
    };
    let (mut stay, mut leave) = (Vec::new(), Vec::new());
    for id in &person.distinct_ids {
        if leaves(id) {
            let derived = persons_engine::person_uuid(project, id);
            leave.push(Leaving {
                id: id.clone(),
                becomes: if derived == person.uuid {
                    Becomes::Own
                } else {
                    Becomes::Derived(derived)
                },
            });
        } else {
            stay.push(id.clone());
        }
    }
    let unsent = person.ids() - person.distinct_ids.len() as u64;
    match wish {
        Wish::Chosen(_) if leave.is_empty() => Err("Choose at least one id that leaves."),
        Wish::Chosen(_) if stay.is_empty() && unsent == 0 => {
            Err("At least one id has to stay: choose fewer.")
        }
        Wish::Chosen(_) => Ok(Plan {
            stay,
            leave,
            unnamed: 0,
        }),
        Wish::AllBut(_) if stay.is_empty() => Err("Choose the id that stays."),
        Wish::AllBut(_) => Ok(Plan {
            stay,
            leave,
            unnamed: unsent,
        }),
    }
}

impl Plan {
    /// How many leave, those included that were not named.
    pub fn leaving(&self) -> u64 {
        self.leave.len() as u64 + self.unnamed
    }

    /// What to know before asking for it, one sentence each. `is_ours` says whether the server is a
    /// persons-server, which does what it says.
    pub fn warnings(&self, is_ours: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        let own = self
            .leave
            .iter()
            .find(|leaving| leaving.becomes == Becomes::Own);
        if let Some(own) = own.filter(|_| !is_ours) {
            warnings.push(format!(
                "This person was made for “{}”. Some servers accept to take this id out and then do nothing; it is looked at afterwards.",
                own.id
            ));
        }
        if !is_ours {
            warnings.push(
                "Until the server has finished, an id that leaves still leads to this person. Delete stays locked until then."
                    .into(),
            );
        }
        warnings.push(
            "Events follow their distinct id, so figures of the past may change, too.".into(),
        );
        warnings
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PROJECT: i64 = 1;

    fn person(ids: &[&str], count: u64) -> Person {
        let person = json!({
            "id": 7, "uuid": persons_engine::person_uuid(PROJECT, "a"), "name": "Ada",
            "distinct_ids": ids, "distinct_id_count": count, "properties": {},
        });
        serde_json::from_value(person).expect("a person")
    }

    fn chosen(ids: &[&str]) -> Wish {
        Wish::Chosen(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    fn leaving(plan: &Plan) -> Vec<&str> {
        plan.leave
            .iter()
            .map(|leaving| leaving.id.as_str())
            .collect()
    }

    #[test]
    fn chosen_ids_leave_and_the_others_stay() {
        let plan = plan(
            &person(&["a", "b", "c"], 3),
            &chosen(&["c", "nobody"]),
            PROJECT,
        )
        .expect("a plan");
        assert_eq!((plan.stay.len(), leaving(&plan)), (2, vec!["c"]));
        let derived = persons_engine::person_uuid(PROJECT, "c");
        assert_eq!(plan.leave[0].becomes, Becomes::Derived(derived));
        assert_eq!(plan.leaving(), 1);
    }

    #[test]
    fn all_but_one_leave_also_those_that_were_not_named() {
        let plan = plan(
            &person(&["a", "b"], 5000),
            &Wish::AllBut("b".into()),
            PROJECT,
        )
        .expect("a plan");
        assert_eq!((leaving(&plan), plan.leaving()), (vec!["a"], 4999));
        assert_eq!(plan.leave[0].becomes, Becomes::Own);
    }

    #[test]
    fn nobody_is_left_without_an_id() {
        let ada = person(&["a", "b"], 2);
        for wish in [chosen(&[]), chosen(&["a", "b"]), Wish::AllBut("x".into())] {
            assert!(plan(&ada, &wish, PROJECT).is_err(), "{wish:?}");
        }
        assert!(plan(&person(&["a"], 1), &chosen(&["a"]), PROJECT).is_err());
        // The others were not sent, so somebody stays.
        assert!(plan(&person(&["a", "b"], 9), &chosen(&["a", "b"]), PROJECT).is_ok());
    }

    #[test]
    fn only_other_servers_are_warned_about() {
        let ada = person(&["a", "b"], 2);
        let plan = plan(&ada, &chosen(&["a"]), PROJECT).expect("a plan");
        assert_eq!(plan.warnings(true).len(), 1);
        assert_eq!(plan.warnings(false).len(), 3);
        assert!(plan.warnings(false)[0].contains("“a”"));
    }
}
