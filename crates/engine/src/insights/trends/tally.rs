//! Counting for the numbers of a line, one way for each kind of math.

use std::ops::Range;

use crate::insights::math::{Aggregation, Numbers};

/// The numbers of an answer: points of groups, group by group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    pub(super) groups: usize,
    pub(super) points: usize,
}

impl Cells {
    pub(super) fn count(self) -> usize {
        self.groups * self.points
    }

    /// The cells of a group.
    pub(super) fn row(self, group: usize) -> Range<usize> {
        group * self.points..(group + 1) * self.points
    }

    fn of(self, group: usize, (from, to): (usize, usize)) -> Range<usize> {
        let first = group * self.points;
        first + from..first + to
    }
}

/// A count that takes the events of one actor after the other, each actor's in the order of time.
pub(super) trait Tally: Clone + Send + Sync {
    /// Takes an event of a group that some points look at.
    fn take(&mut self, group: usize, points: (usize, usize), measure: f64);

    /// The actor had no more events.
    fn leave(&mut self) {}

    /// Takes what was counted of other actors.
    fn join(&mut self, other: Self);

    /// The numbers.
    fn results(self) -> Vec<f64>;
}

/// Events.
#[derive(Clone)]
pub(super) struct Counts {
    cells: Cells,
    counts: Vec<u64>,
}

impl Counts {
    pub(super) fn new(cells: Cells) -> Self {
        Self {
            cells,
            counts: vec![0; cells.count()],
        }
    }
}

impl Tally for Counts {
    fn take(&mut self, group: usize, points: (usize, usize), _: f64) {
        let range = self.cells.of(group, points);
        self.counts[range].iter_mut().for_each(|count| *count += 1);
    }

    fn join(&mut self, other: Self) {
        add(&mut self.counts, other.counts);
    }

    fn results(self) -> Vec<f64> {
        self.counts.into_iter().map(|count| count as f64).collect()
    }
}

/// People.
#[derive(Clone)]
pub(super) struct Unique {
    cells: Cells,
    /// By group and point: how many people come in at this point, less those who left before it. One more
    /// point than there are, for those who stay to the end.
    steps: Vec<i64>,
    /// The point up to which the actor is counted, by group, and whose these are.
    counted: Vec<(u32, u32)>,
    actor: u32,
}

impl Unique {
    pub(super) fn new(cells: Cells) -> Self {
        Self {
            cells,
            steps: vec![0; cells.groups * (cells.points + 1)],
            counted: vec![(0, 0); cells.groups],
            actor: 1,
        }
    }
}

impl Tally for Unique {
    fn take(&mut self, group: usize, (from, to): (usize, usize), _: f64) {
        // Events come in the order of time, so the points that look at them only move on.
        let (actor, counted) = self.counted[group];
        let from = if actor == self.actor {
            from.max(counted as usize)
        } else {
            from
        };
        if from < to {
            let first = group * (self.cells.points + 1);
            self.steps[first + from] += 1;
            self.steps[first + to] -= 1;
            self.counted[group] = (self.actor, to as u32);
        }
    }

    fn leave(&mut self) {
        self.actor += 1;
    }

    fn join(&mut self, other: Self) {
        add(&mut self.steps, other.steps);
    }

    fn results(self) -> Vec<f64> {
        let groups = self.steps.chunks_exact(self.cells.points + 1);
        let of_group = |steps: &[i64]| {
            let mut inside = 0;
            let points = steps[..self.cells.points].iter().map(move |step| {
                inside += step;
                inside as f64
            });
            points.collect::<Vec<_>>()
        };
        groups.flat_map(of_group).collect()
    }
}

/// Distinct values, given as measures.
#[derive(Clone)]
pub(super) struct Distinct {
    cells: Cells,
    /// (cell, value), some of them twice.
    seen: Vec<(u32, u32)>,
    /// How many there were when they were last told apart.
    told_apart: usize,
}

impl Distinct {
    pub(super) fn new(cells: Cells) -> Self {
        Self {
            cells,
            seen: Vec::new(),
            told_apart: 0,
        }
    }

    fn tell_apart(&mut self) {
        self.seen.sort_unstable();
        self.seen.dedup();
        self.told_apart = self.seen.len();
    }
}

impl Tally for Distinct {
    fn take(&mut self, group: usize, points: (usize, usize), measure: f64) {
        let cells = self.cells.of(group, points);
        self.seen
            .extend(cells.map(|cell| (cell as u32, measure as u32)));
        if self.seen.len() > 2 * self.told_apart + (1 << 16) {
            self.tell_apart();
        }
    }

    fn join(&mut self, other: Self) {
        self.seen.extend(other.seen);
    }

    fn results(mut self) -> Vec<f64> {
        self.tell_apart();
        let mut counts = vec![0.0; self.cells.count()];
        for (cell, _) in self.seen {
            counts[cell as usize] += 1.0;
        }
        counts
    }
}

/// Numbers of events.
#[derive(Clone)]
pub(super) struct Measured {
    cells: Cells,
    aggregation: Aggregation,
    numbers: Vec<Numbers>,
}

impl Measured {
    pub(super) fn new(cells: Cells, aggregation: Aggregation) -> Self {
        Self {
            cells,
            aggregation,
            numbers: vec![Numbers::default(); cells.count()],
        }
    }
}

impl Tally for Measured {
    fn take(&mut self, group: usize, points: (usize, usize), measure: f64) {
        let range = self.cells.of(group, points);
        let numbers = self.numbers[range].iter_mut();
        numbers.for_each(|numbers| numbers.add(measure, self.aggregation));
    }

    fn join(&mut self, other: Self) {
        let pairs = self.numbers.iter_mut().zip(other.numbers);
        pairs.for_each(|(numbers, more)| numbers.join(more));
    }

    fn results(self) -> Vec<f64> {
        let numbers = self.numbers.into_iter();
        let result = |mut numbers: Numbers| numbers.result(self.aggregation).unwrap_or(0.0);
        numbers.map(result).collect()
    }
}

/// The number of events of each person.
#[derive(Clone)]
pub(super) struct PerPerson {
    people: Measured,
    /// How many events the actor has in each cell.
    own: Vec<u32>,
    /// The cells in which they have any.
    touched: Vec<usize>,
}

impl PerPerson {
    pub(super) fn new(cells: Cells, aggregation: Aggregation) -> Self {
        Self {
            people: Measured::new(cells, aggregation),
            own: vec![0; cells.count()],
            touched: Vec::new(),
        }
    }
}

impl Tally for PerPerson {
    fn take(&mut self, group: usize, points: (usize, usize), _: f64) {
        for cell in self.people.cells.of(group, points) {
            if self.own[cell] == 0 {
                self.touched.push(cell);
            }
            self.own[cell] += 1;
        }
    }

    fn leave(&mut self) {
        for cell in self.touched.drain(..) {
            let events = std::mem::take(&mut self.own[cell]);
            self.people.numbers[cell].add(f64::from(events), self.people.aggregation);
        }
    }

    fn join(&mut self, other: Self) {
        self.people.join(other.people);
    }

    fn results(self) -> Vec<f64> {
        self.people.results()
    }
}

fn add<T: std::ops::AddAssign>(all: &mut [T], more: Vec<T>) {
    all.iter_mut()
        .zip(more)
        .for_each(|(all, more)| *all += more);
}
