//! The project that questions are asked about, and the questions, the same in all benches.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use persons_api::{FilterTree, Timestamp};
use persons_engine::dates::{Calendar, DateRange, Interval};
use persons_engine::insights::correlation::{Candidates, CorrelationQuery};
use persons_engine::insights::funnel::{
    Attribution, FunnelBreakdown, FunnelQuery, Order, Progress, Window,
};
use persons_engine::insights::lifecycle::LifecycleQuery;
use persons_engine::insights::retention::{RetentionKind, RetentionQuery};
use persons_engine::insights::stickiness::StickinessQuery;
use persons_engine::insights::trends::{Shape, TrendsQuery};
use persons_engine::insights::{Breakdown, BreakdownBy, Entity, Math, Source};
use persons_engine::{Events, Pattern, People, TextEngine};

use super::events::{self, DAYS, START};

struct NoRegex;

impl TextEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        Err("not in this bench".into())
    }
}

/// A project to ask about.
pub struct World {
    pub people: People,
    pub events: Events,
    pub calendar: Calendar,
}

impl World {
    /// So many people, ten events each.
    pub fn new(people: u64) -> Self {
        Self {
            people: super::people(people),
            events: events::loaded(people),
            calendar: Calendar {
                zone: TimeZone::UTC,
                weeks_start_on_monday: true,
                now: Timestamp(START + DAYS * 86_400_000_000),
                first: Some(Timestamp(START)),
            },
        }
    }

    /// What questions are asked of.
    pub fn source(&self) -> Source<'_> {
        static NO_ACTIONS: BTreeMap<i64, persons_engine::insights::Action> = BTreeMap::new();
        Source {
            people: &self.people,
            events: &self.events,
            actions: &NO_ACTIONS,
            texts: &NoRegex,
            calendar: &self.calendar,
        }
    }
}

/// All days that have events.
pub fn all_days() -> DateRange {
    DateRange {
        from: Timestamp(START),
        to: Timestamp(START + DAYS * 86_400_000_000 - 1),
    }
}

/// What is made of the pages that people looked at, day by day.
pub fn trends(math: Math, breakdown: Option<&str>) -> TrendsQuery {
    TrendsQuery {
        series: vec![Entity {
            math,
            ..Entity::event(Some("$pageview"))
        }],
        filter: FilterTree::default(),
        range: all_days(),
        interval: Interval::Day,
        shape: Shape::Line,
        breakdown: breakdown.map(|key| Breakdown {
            by: BreakdownBy::Event(key.into()),
            limit: 100,
        }),
    }
}

/// Three steps in two weeks.
pub fn funnel(order: Order, by: Option<BreakdownBy>) -> FunnelQuery {
    FunnelQuery {
        steps: ["$pageview", "signed_up", "paid"]
            .map(|name| Entity::event(Some(name)))
            .to_vec(),
        exclusions: Vec::new(),
        filter: FilterTree::default(),
        range: all_days(),
        order,
        window: Window::default(),
        breakdown: by.map(|by| FunnelBreakdown {
            by: vec![by],
            limit: 10,
            attribution: Attribution::FirstTouch,
        }),
    }
}

/// What people have in common who go through the funnel.
pub fn correlation(candidates: Candidates) -> CorrelationQuery {
    CorrelationQuery {
        funnel: funnel(Order::Ordered, None),
        progress: Progress::Reached(1),
        candidates,
    }
}

/// Who is new and who comes back, day by day.
pub fn lifecycle() -> LifecycleQuery {
    LifecycleQuery {
        entity: Entity::event(Some("$pageview")),
        filter: FilterTree::default(),
        range: all_days(),
        interval: Interval::Day,
    }
}

/// Twelve weeks of looking at pages.
pub fn retention(kind: RetentionKind) -> RetentionQuery {
    RetentionQuery {
        target: Entity::event(Some("$pageview")),
        returning: Entity::event(Some("$pageview")),
        kind,
        filter: FilterTree::default(),
        until: all_days().to,
        interval: Interval::Week,
        intervals: 12,
        is_square: false,
        breakdown: None,
    }
}

/// On how many days people look at pages.
pub fn stickiness() -> StickinessQuery {
    StickinessQuery {
        series: vec![Entity::event(Some("$pageview"))],
        filter: FilterTree::default(),
        range: all_days(),
        interval: Interval::Day,
    }
}
