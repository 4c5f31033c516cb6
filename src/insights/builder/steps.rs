//! Changing the order and number of a question's events, with what refers to them.

use crate::insights::question::{Entity, Insight, Question, What};

/// More events than a chart can show or a funnel can have.
const MOST: usize = 20;

/// Whether the events are of one kind, so that there can be more and their order can change.
fn are_alike(question: &Question) -> bool {
    use Insight::{Correlation, Funnel, Stickiness, Trends};
    matches!(question.insight, Trends | Stickiness | Funnel | Correlation)
}

/// Whether another event can be added.
pub fn can_add(question: &Question) -> bool {
    are_alike(question) && question.series.len() < MOST
}

/// Moves an event one place to the left or right. Where it then stands; nothing if there is no room.
pub fn shift(question: &mut Question, place: usize, is_right: bool) -> Option<usize> {
    let to = if is_right {
        place + 1
    } else {
        place.checked_sub(1)?
    };
    (are_alike(question) && place.max(to) < question.series.len()).then(|| {
        question.series.swap(place, to);
        to
    })
}

/// Takes an event away. What must not happen between steps stays between the same ones, and goes when one of
/// them was an end of it and no other is left.
pub fn remove(question: &mut Question, place: usize) {
    if place >= question.series.len() {
        return;
    }
    question.series.remove(place);
    let last = question.series.len().saturating_sub(1);
    question.funnel.exclusions.retain_mut(|exclusion| {
        for step in [&mut exclusion.from_step, &mut exclusion.to_step] {
            *step = (*step - usize::from(*step > place)).min(last);
        }
        exclusion.from_step < exclusion.to_step
    });
}

/// Changes the event at a place, which may be one after the last. What stands before it, if nothing does,
/// becomes any event.
pub fn set(question: &mut Question, place: usize, of: What) {
    while question.series.len() <= place {
        question.series.push(Entity::default());
    }
    question.series[place].of = of;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::question::{Exclusion, Funnel};

    fn funnel(exclusions: &[(usize, usize)]) -> Question {
        let exclusion = |(from_step, to_step): &(usize, usize)| Exclusion {
            from_step: *from_step,
            to_step: *to_step,
            ..Exclusion::default()
        };
        Question {
            insight: Insight::Funnel,
            series: ["a", "b", "c"].map(Entity::event).to_vec(),
            funnel: Funnel {
                exclusions: exclusions.iter().map(exclusion).collect(),
                ..Funnel::default()
            },
            ..Question::default()
        }
    }

    fn names(question: &Question) -> Vec<String> {
        question.series.iter().map(Entity::name).collect()
    }

    #[test]
    fn steps_move_by_one_place_and_never_get_lost() {
        let mut question = funnel(&[]);
        assert_eq!(shift(&mut question, 0, true), Some(1));
        assert_eq!(names(&question), ["b", "a", "c"]);
        assert_eq!(shift(&mut question, 2, true), None);
        assert_eq!(shift(&mut question, 0, false), None);
        assert_eq!(shift(&mut question, 2, false), Some(1));
        assert_eq!(names(&question), ["b", "c", "a"]);
        // In a retention the two are not of one kind.
        question.insight = Insight::Retention;
        assert_eq!(shift(&mut question, 0, true), None);
    }

    #[test]
    fn exclusions_follow_their_steps() {
        let mut question = funnel(&[(0, 1), (1, 2), (0, 2)]);
        remove(&mut question, 1);
        assert_eq!(names(&question), ["a", "c"]);
        let left = question.funnel.exclusions.iter();
        let left: Vec<_> = left.map(|left| (left.from_step, left.to_step)).collect();
        assert_eq!(left, [(0, 1), (0, 1)]);
        remove(&mut question, 0);
        assert_eq!(question.funnel.exclusions, []);
        remove(&mut question, 7);
        assert_eq!(names(&question), ["c"]);
    }

    #[test]
    fn an_event_can_be_chosen_where_none_is_yet() {
        let mut question = Question::default();
        set(&mut question, 1, What::Event("b".into()));
        assert_eq!(names(&question), ["any event", "b"]);
        set(&mut question, 0, What::Event("a".into()));
        assert_eq!(names(&question), ["a", "b"]);
    }
}
