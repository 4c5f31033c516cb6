//! The firms people work for: a few large ones, many small ones.

use super::catalogue::{
    COMPANY_HEADS, COMPANY_KINDS, COMPANY_TAILS, COUNTRIES, Country, INDUSTRIES, latin,
};
use super::dice::Dice;

/// What a firm (or a person without one) pays for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Plan {
    Free,
    Pro,
    Team,
    Enterprise,
}

impl Plan {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }

    /// US dollars for a seat and a month.
    pub(super) fn seat_price(self) -> i64 {
        match self {
            Self::Free => 0,
            Self::Pro => 19,
            Self::Team => 29,
            Self::Enterprise => 49,
        }
    }
}

pub(super) struct Company {
    /// The group key, and the first label of the mail domain.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) industry: &'static str,
    pub(super) plan: Plan,
    pub(super) seats: i64,
    pub(super) country: &'static Country,
}

impl Company {
    /// The firm of that rank; rank 0 is the largest.
    pub(super) fn of(seed: u64, rank: usize) -> Self {
        let dice = &mut Dice::of(seed, "company", rank as u64);
        let names = COMPANY_HEADS.len() * COMPANY_TAILS.len();
        // A step that shares no factor with the number of names visits each of them before any twice.
        let number = (rank * 367 + seed as usize % names) % names;
        let head = COMPANY_HEADS[number / COMPANY_TAILS.len()];
        let stem = format!("{head}{}", COMPANY_TAILS[number % COMPANY_TAILS.len()]);
        let again = match rank / names {
            0 => String::new(),
            round => format!(" {}", round + 1),
        };
        let plan = match (rank, dice.between(0, 99)) {
            (0..3, _) | (_, 0..5) => Plan::Enterprise,
            (3..12, _) | (_, 5..22) => Plan::Team,
            (_, 22..60) => Plan::Pro,
            _ => Plan::Free,
        };
        let size = 2_400.0 / (rank + 3) as f64;
        Self {
            key: latin(&format!("{stem}{again}")),
            name: format!("{stem}{again}{}", dice.weighted(COMPANY_KINDS)),
            industry: *dice.weighted(INDUSTRIES),
            plan,
            seats: (size * (0.6 + 0.8 * dice.unit())) as i64 + 1,
            country: dice.weighted(COUNTRIES),
        }
    }

    pub(super) fn domain(&self) -> String {
        format!("{}.example", self.key)
    }
}

/// Draws firms by size: the one of rank n is taken in proportion to 1 / (n + 3) (Zipf, with the top flattened).
pub(super) struct BySize(Vec<f64>);

impl BySize {
    pub(super) fn of(companies: usize) -> Self {
        let mut sum = 0.0;
        Self(
            (0..companies)
                .map(|rank| {
                    sum += 1.0 / (rank + 3) as f64;
                    sum
                })
                .collect(),
        )
    }

    pub(super) fn draw(&self, dice: &mut Dice) -> usize {
        let total = self.0.last().copied().expect("there is at least one firm");
        let at = dice.unit() * total;
        self.0
            .partition_point(|sum| *sum <= at)
            .min(self.0.len() - 1)
    }
}
