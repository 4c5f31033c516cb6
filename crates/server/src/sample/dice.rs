//! Chance that repeats: the same seed gives the same draws on every machine and in every version.
//!
//! Written out rather than taken from a crate, because sampling (not only the generator) must never change under us.
//! Only `+ - * /` on floats: `exp` and `ln` may differ in the last bit from one platform to the next.

/// A SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
pub(super) struct Dice(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// The dice of one subject (a person, an event) under a seed. Subjects do not share draws, so a change to one
    /// person's story leaves everybody else as they were.
    pub(super) fn of(seed: u64, kind: &str, number: u64) -> Self {
        let kind = kind.bytes().fold(0, |hash, byte| {
            mix(hash ^ u64::from(byte)).wrapping_add(GOLDEN)
        });
        Self(mix(mix(seed.wrapping_add(GOLDEN))
            ^ kind
            ^ mix(number.wrapping_mul(GOLDEN))))
    }

    /// 64 bits, all values equally likely.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// 16 bytes, for a UUID.
    pub(super) fn bytes(&mut self) -> [u8; 16] {
        (u128::from(self.bits()) << 64 | u128::from(self.bits())).to_be_bytes()
    }

    /// `0.0 <= x < 1.0`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `0.0 <= x < 1.0`, mostly near zero: waiting times, sizes, how busy somebody is.
    pub(super) fn skewed(&mut self) -> f64 {
        let x = self.unit();
        x * x * x
    }

    /// `low <= x <= high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high);
        let span = (high - low) as u128 + 1;
        low + ((u128::from(self.bits()) * span) >> 64) as i64
    }

    /// True in `share` of all cases.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.between(0, list.len() as i64 - 1) as usize]
    }

    /// One of a list, as often as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, list: &'a [(u32, T)]) -> &'a T {
        let total: i64 = list.iter().map(|(weight, _)| i64::from(*weight)).sum();
        let mut left = self.between(0, total - 1);
        for (weight, item) in list {
            left -= i64::from(*weight);
            if left < 0 {
                return item;
            }
        }
        unreachable!("the draw is below the sum of the weights")
    }
}
