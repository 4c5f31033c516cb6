//! What an insight's answer is made of: a figure to draw, and cells, each a number with its people.
//!
//! Whatever a server says is read into these (`answer/`), so that charts, tables and the panel of people
//! know neither servers nor their ages.

use persons_api::Timestamp;
use serde_json::Value;

/// The place of a [`Cell`] in [`Answer::cells`].
pub type CellId = usize;

/// An answer, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is drawn.
    pub figure: Figure,
    /// Every number in it that has people behind it.
    pub cells: Vec<Cell>,
    /// All of it in one sentence, for those who do not see the chart.
    pub summary: String,
    /// When the server computed it, where it says so.
    pub calculated_at: Option<Timestamp>,
}

/// A number and the people behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// How the URL names it. It stays the same for the same question.
    pub key: String,
    /// What it is about, as the head of the list of its people: `Dropped before invited_teammate`.
    pub title: String,
    /// The number as the chart has it. It is never negative.
    pub value: f64,
    /// What is counted.
    pub unit: Unit,
    /// Who they are; `None` where the server does not tell.
    pub people: Option<Source>,
}

/// What a number counts, which decides what the number of people has to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// People: as many are listed.
    People,
    /// Events: the values of the people add up to it.
    Events,
    /// A sum over events: the values of the people add up to it where a server lists them by URL.
    Sum,
    /// Something else of events (a mean, a largest value): the list has whom it was taken from.
    Other,
}

impl Unit {
    /// The unit where the people come from this source: `query/` lists people with the number of their events,
    /// whatever the chart adds up.
    pub fn behind(self, people: Option<&Source>) -> Self {
        match (self, people) {
            (Self::Sum, Some(Source::Query(_))) => Self::Other,
            (unit, _) => unit,
        }
    }
}

/// Where the people of a cell are listed.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// At this path with its query, as the server gave it.
    Url(String),
    /// In a row of a retention table: those who appear in this column of it, or all of them.
    Row {
        /// The people of the row.
        row: Box<Source>,
        /// Which column.
        column: Option<usize>,
        /// How many columns the row has.
        columns: usize,
    },
    /// By an `ActorsQuery` with this source.
    Query(Value),
    /// Known already: the UUIDs.
    Known(Vec<uuid::Uuid>),
    /// In any of these.
    Any(Vec<Source>),
}

/// A form of chart with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Trends, and funnels over time.
    Lines(Lines),
    /// Stickiness, time to convert, and totals.
    Bars(Bars),
    /// Lifecycle.
    Diverging(Diverging),
    /// A funnel.
    Steps(Steps),
    /// Correlation.
    Factors(Factors),
    /// Retention.
    Triangle(Triangle),
    /// Paths.
    Flows(Flows),
}

impl Figure {
    /// The same without the layers of these names.
    pub fn without(&self, hidden: &[String]) -> Option<Self> {
        let is_hidden = LIFECYCLE.map(|name| hidden.iter().any(|hidden| hidden == name));
        match self {
            Self::Diverging(diverging) if is_hidden.contains(&true) => {
                Some(Self::Diverging(Diverging {
                    is_hidden,
                    ..diverging.clone()
                }))
            }
            _ => None,
        }
    }

    /// The same with shares in place of numbers, or numbers in place of shares; `None` where only one says
    /// something.
    pub fn turned(&self) -> Option<Self> {
        match self {
            Self::Triangle(triangle) => Some(Self::Triangle(Triangle {
                is_counted: !triangle.is_counted,
                ..triangle.clone()
            })),
            Self::Bars(bars) => Some(Self::Bars(bars.as_shares()?)),
            _ => None,
        }
    }
}

/// A value with its cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What is drawn.
    pub value: f64,
    /// Whose it is; `None` where nobody can be listed.
    pub cell: Option<CellId>,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As numbers.
    Number,
    /// In percent, 0 to 100.
    Percent,
}

/// Values over time, one line for each series.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// How values are written.
    pub scale: Scale,
    /// The name of each interval, from the first.
    pub labels: Vec<String>,
    /// When each begins, as servers say it: `2026-05-05`, `2026-05-05 13:00:00`.
    pub days: Vec<String>,
    /// Whether the last interval is not over yet.
    pub is_unfinished: bool,
    /// From the most important; the seventh and later ones look like `Other`.
    pub series: Vec<Series>,
}

/// A line, or the bars of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// The place of the series whose time before it is; `None` for what was asked.
    pub earlier_of: Option<usize>,
    /// One for each label.
    pub points: Vec<Point>,
}

/// Bars side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// How values are written.
    pub scale: Scale,
    /// What the horizontal axis has: `days active`.
    pub axis: String,
    /// What stands under each.
    pub labels: Vec<String>,
    /// One or more bars over each label.
    pub series: Vec<Series>,
    /// For each label, how many are in its bar or a later one, with their cells. Empty where that says nothing.
    pub or_more: Vec<Point>,
}

impl Bars {
    /// Each as a share of all who are in one of them.
    fn as_shares(&self) -> Option<Self> {
        let all = self.or_more.first()?.value;
        let share = |point: &Point| Point {
            value: if all > 0.0 {
                point.value / all * 100.0
            } else {
                0.0
            },
            ..point.clone()
        };
        let shares = |points: &[Point]| points.iter().map(share).collect();
        let series = self.series.iter().map(|series| Series {
            points: shares(&series.points),
            ..series.clone()
        });
        Some(Self {
            scale: Scale::Percent,
            series: series.collect(),
            or_more: shares(&self.or_more),
            ..self.clone()
        })
    }
}

/// Bars above and below zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Diverging {
    /// The name of each interval.
    pub labels: Vec<String>,
    /// Whether the last interval is not over yet.
    pub is_unfinished: bool,
    /// New, returning, resurrecting; and dormant, whose values are positive here and drawn below zero.
    pub layers: [Vec<Point>; 4],
    /// Which of them are not drawn.
    pub is_hidden: [bool; 4],
}

/// The names of [`Diverging::layers`], in their order.
pub const LIFECYCLE: [&str; 4] = ["new", "returning", "resurrecting", "dormant"];

/// One or more funnels of the same steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// The names of the steps.
    pub names: Vec<String>,
    /// How long an attempt may take and in which order, in words: `within 14 days, in this order`.
    pub terms: String,
    /// One funnel, or one for each value of a breakdown.
    pub groups: Vec<StepGroup>,
}

/// A funnel.
#[derive(Clone, Debug, PartialEq)]
pub struct StepGroup {
    /// The value of the breakdown; empty without one.
    pub name: String,
    /// One for each step.
    pub steps: Vec<Step>,
}

/// A step of a funnel.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Who came this far.
    pub reached: Point,
    /// Who came to the step before and not to this one; `None` at the first.
    pub lost: Option<Point>,
    /// Seconds since the step before, of the person in the middle.
    pub median_seconds: Option<f64>,
    /// Seconds since the step before, on average.
    pub mean_seconds: Option<f64>,
}

/// What goes along with success.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    /// How many people came to the end of the funnel.
    pub converted: u64,
    /// How many did not.
    pub dropped: u64,
    /// Whether one of the two is more than ten times the other.
    pub is_skewed: bool,
    /// From the strongest towards success to the strongest against it.
    pub factors: Vec<Factor>,
}

/// Something people did or were.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Its name: `invited_teammate`, `$browser :: Safari`.
    pub name: String,
    /// The odds of success with it, over those without it, as the server says.
    pub odds_ratio: f64,
    /// Those with it who converted.
    pub converted: Point,
    /// Those with it who did not.
    pub dropped: Point,
    /// Those without it who converted, and those who did not, where a server lists them.
    pub without: [Option<CellId>; 2],
}

/// Who came back when.
#[derive(Clone, Debug, PartialEq)]
pub struct Triangle {
    /// `Day`, `Week`, …
    pub period: String,
    /// The rows, from the earliest (or one for each value of a breakdown).
    pub rows: Vec<TriangleRow>,
    /// All rows taken together: each number is the sum of its column, with everyone behind it.
    pub all: TriangleRow,
    /// Whether people are written as numbers in place of shares of their row.
    pub is_counted: bool,
}

/// Those who began in one interval, or in any.
#[derive(Clone, Debug, PartialEq)]
pub struct TriangleRow {
    /// The interval: `9 Nov`; `All`.
    pub name: String,
    /// All of them.
    pub size: Point,
    /// How many were there after 0, 1, 2 … intervals; as many as there have been.
    pub values: Vec<Point>,
    /// Whether the interval of the last value is not over yet.
    pub is_unfinished: bool,
}

/// Ways that people went.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// From the heaviest.
    pub edges: Vec<Edge>,
    /// What the edges join: how many paths lead through each.
    pub nodes: Vec<AtNode>,
    /// Where how many paths ended.
    pub ends: Vec<AtNode>,
}

/// Those who came to a node, or whose path ended there.
#[derive(Clone, Debug, PartialEq)]
pub struct AtNode {
    /// The node: its number in the path from 1, and its item.
    pub node: (usize, String),
    /// How many paths; the cell lists the people.
    pub weight: Point,
}

/// The nodes of edges: as many paths lead through each as come in or as go out and end, whichever is more.
pub fn nodes(edges: &[Edge], ends: &[AtNode]) -> Vec<AtNode> {
    type End = fn(&Edge) -> &(usize, String);
    let sides: [End; 2] = [|edge| &edge.source, |edge| &edge.target];
    let mut nodes = Vec::<AtNode>::new();
    for key in edges.iter().flat_map(|edge| sides.map(|side| side(edge))) {
        if nodes.iter().any(|known| known.node == *key) {
            continue;
        }
        let [leaving, coming] = sides.map(|side| {
            let edges = edges.iter().filter(|edge| side(edge) == key);
            edges.map(|edge| edge.weight.value).sum::<f64>()
        });
        let ended = ends.iter().find(|end| end.node == *key);
        let ended = ended.map_or(0.0, |end| end.weight.value);
        nodes.push(AtNode {
            node: key.clone(),
            weight: Point {
                value: coming.max(leaving + ended),
                cell: None,
            },
        });
    }
    nodes
}

/// From one node to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The node it leaves: its number in the path from 1, and its item.
    pub source: (usize, String),
    /// The node it leads to.
    pub target: (usize, String),
    /// How many paths have it; the cell lists the people.
    pub weight: Point,
    /// Seconds from one to the other, on average.
    pub mean_seconds: Option<f64>,
}
