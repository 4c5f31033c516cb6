//! From a session to the path that is shown of it.

use crate::insights::paths::items::Items;

/// Something on the way: an item, and when it started, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) item: u32,
    pub(super) at: i64,
}

/// What is kept of a session.
pub(super) struct Cut {
    /// The item that paths start at.
    pub(super) start: Option<u32>,
    /// The item that paths end at.
    pub(super) end: Option<u32>,
    /// How many items are kept.
    pub(super) limit: usize,
}

/// What is shown of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Path<'a> {
    pub(super) steps: &'a [Step],
    /// Whether the session ended with the last of them.
    pub(super) is_whole: bool,
}

impl Cut {
    /// Cuts a session, in which no item follows itself. `shortened` is room for a path with a gap.
    pub(super) fn path<'a>(
        &self,
        session: &'a [Step],
        shortened: &'a mut Vec<Step>,
    ) -> Option<Path<'a>> {
        let first = |steps: &[Step], item| steps.iter().position(|step| step.item == item);
        let from = match self.start {
            Some(start) => first(session, start)?,
            None => 0,
        };
        let to = match self.end {
            Some(end) => from + first(&session[from..], end)? + 1,
            None => session.len(),
        };
        let (steps, is_whole) = (&session[from..to], to == session.len());
        if steps.len() <= self.limit {
            return Some(Path { steps, is_whole });
        }
        Some(match (self.start, self.end) {
            (Some(_), Some(_)) => {
                let half = (self.limit / 2).max(1);
                let last = steps.len() - half;
                if half < last {
                    // What was left out started when the first item of it did.
                    let item = Items::LEFT_OUT;
                    shortened.clear();
                    shortened.extend_from_slice(&steps[..half]);
                    shortened.push(Step {
                        item,
                        ..steps[half]
                    });
                    shortened.extend_from_slice(&steps[last..]);
                    let steps = shortened;
                    Path { steps, is_whole }
                } else {
                    Path { steps, is_whole }
                }
            }
            (None, Some(_)) => Path {
                steps: &steps[steps.len() - self.limit..],
                is_whole,
            },
            (_, None) => Path {
                steps: &steps[..self.limit],
                is_whole: false,
            },
        })
    }
}
