//! What is calculated from the events of a series.

/// What the numbers of a series are.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Math {
    /// Events.
    #[default]
    Total,
    /// People.
    UniquePeople,
    /// People, in the days up to each point's end, this many.
    ActivePeople(u16),
    /// Distinct values of an event property: sessions (`$session_id`), groups (`$group_0`).
    DistinctValues(String),
    /// The number in an event property, over all events that have one.
    Property(Aggregation, String),
    /// The number of events of each person, over all people that have one.
    CountPerPerson(Aggregation),
}

/// How many numbers become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregation {
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The smallest.
    Min,
    /// The greatest.
    Max,
    /// The value below which this part of them lies, between 0 and 1.
    Quantile(f64),
}

/// Days of `weekly_active`.
pub const WEEK: u16 = 7;
/// Days of `monthly_active`.
pub const MONTH: u16 = 30;

impl Aggregation {
    const NAMES: [(&'static str, Self); 8] = [
        ("sum", Self::Sum),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("median", Self::Quantile(0.5)),
        ("p90", Self::Quantile(0.9)),
        ("p95", Self::Quantile(0.95)),
        ("p99", Self::Quantile(0.99)),
    ];

    fn from_name(name: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name)?;
        Some(known.1)
    }
}

/// Why a math cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MathError {
    /// The name is not known.
    #[error("The math \"{0}\" is not offered here.")]
    Unknown(String),
    /// It needs a property.
    #[error("This field is required.")]
    NoProperty,
}

impl Math {
    /// The math with this name on the wire. `property` is `math_property`, `group` is `math_group_type_index`.
    pub fn from_name(
        name: &str,
        property: Option<&str>,
        group: Option<u32>,
    ) -> Result<Self, MathError> {
        if let Some(aggregation) = Aggregation::from_name(name) {
            let property = property.filter(|property| !property.is_empty());
            let property = property.ok_or(MathError::NoProperty)?;
            return Ok(Self::Property(aggregation, property.to_owned()));
        }
        let per_person = name.strip_suffix("_count_per_actor");
        Ok(match (name, per_person.and_then(Aggregation::from_name)) {
            (_, Some(aggregation)) if aggregation != Aggregation::Sum => {
                Self::CountPerPerson(aggregation)
            }
            ("" | "total", _) => Self::Total,
            ("dau", _) => Self::UniquePeople,
            ("weekly_active", _) => Self::ActivePeople(WEEK),
            ("monthly_active", _) => Self::ActivePeople(MONTH),
            ("unique_session", _) => Self::DistinctValues("$session_id".to_owned()),
            ("unique_group", _) => {
                Self::DistinctValues(format!("$group_{}", group.unwrap_or_default()))
            }
            _ => return Err(MathError::Unknown(name.to_owned())),
        })
    }

    /// Whether only people count, not distinct ids that belong to nobody.
    pub fn counts_people(&self) -> bool {
        match self {
            Self::UniquePeople | Self::ActivePeople(_) | Self::CountPerPerson(_) => true,
            Self::Total | Self::DistinctValues(_) | Self::Property(..) => false,
        }
    }

    /// The event property it reads.
    pub fn property(&self) -> Option<&str> {
        match self {
            Self::DistinctValues(key) | Self::Property(_, key) => Some(key),
            _ => None,
        }
    }
}

/// Numbers that become one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    /// All of them, where they are needed.
    all: Vec<f64>,
}

impl Numbers {
    /// Takes one more.
    pub(crate) fn add(&mut self, number: f64, aggregation: Aggregation) {
        if matches!(aggregation, Aggregation::Quantile(_)) {
            self.all.push(number);
        }
        if self.count == 0 {
            (self.min, self.max) = (number, number);
        }
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        self.sum += number;
        self.count += 1;
    }

    /// Takes all of another.
    pub(crate) fn join(&mut self, other: Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other;
            return;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.count += other.count;
        self.all.extend(other.all);
    }

    /// What they become; `None` if there are none.
    pub(crate) fn result(&mut self, aggregation: Aggregation) -> Option<f64> {
        (self.count > 0).then(|| match aggregation {
            Aggregation::Sum => self.sum,
            Aggregation::Avg => self.sum / self.count as f64,
            Aggregation::Min => self.min,
            Aggregation::Max => self.max,
            Aggregation::Quantile(part) => quantile(&mut self.all, part),
        })
    }
}

/// The value below which a part of the numbers lies, between the two nearest in proportion: the median of an
/// even count is the mean of the middle two. There must be a number.
pub(crate) fn quantile(numbers: &mut [f64], part: f64) -> f64 {
    let place = part * (numbers.len() - 1) as f64;
    let below = place.floor() as usize;
    let (_, &mut low, above) = numbers.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    low + (high - low) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        let plain = |name: &str| Math::from_name(name, None, None);
        assert_eq!(plain("total"), Ok(Math::Total));
        assert_eq!(plain(""), Ok(Math::Total));
        assert_eq!(plain("dau"), Ok(Math::UniquePeople));
        assert_eq!(plain("monthly_active"), Ok(Math::ActivePeople(30)));
        assert_eq!(
            plain("p95_count_per_actor"),
            Ok(Math::CountPerPerson(Aggregation::Quantile(0.95)))
        );
        assert_eq!(
            Math::from_name("avg", Some("price"), None),
            Ok(Math::Property(Aggregation::Avg, "price".into()))
        );
        assert_eq!(
            Math::from_name("unique_group", None, Some(2)),
            Ok(Math::DistinctValues("$group_2".into()))
        );
        assert_eq!(plain("sum"), Err(MathError::NoProperty));
        for name in ["hogql", "sum_count_per_actor", "DAU"] {
            assert_eq!(plain(name), Err(MathError::Unknown(name.into())));
        }
    }

    #[test]
    fn quantiles_lie_between_the_nearest_two() {
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5), 2.5);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&mut [7.0], 0.99), 7.0);
        assert!((quantile(&mut [0.0, 10.0], 0.9) - 9.0).abs() < 1e-9);
    }
}
