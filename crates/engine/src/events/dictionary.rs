//! The distinct values of one event property, numbered in the order in which they were first seen.
//!
//! Events hold these numbers, called *codes*. The code of a value that no event has any more is given out
//! again, so a code means something only together with the events of the same snapshot. Code 0 means that
//! the event lacks the property.

use persons_api::filter::number_of_text;

use crate::bits::BitSet;
use crate::filter::Test;
use crate::persistent::CowVec;
use crate::value::{Kind, ValueRef};
use crate::value_dictionary::ValueDictionary;

/// The code of a property that an event lacks.
pub const MISSING: u32 = 0;

/// The values of one property.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// The values; the code of an entry is one more than its number.
    values: ValueDictionary<false>,
    /// How many of them are strings, and how many are not.
    kinds: [usize; 2],
    /// What each value is as a number; NaN if it is none.
    numbers: CowVec<f64, 256>,
}

impl Dictionary {
    /// The number that is greater than every code in use.
    pub fn size(&self) -> usize {
        self.values.size() + 1
    }

    /// Whether there is no value.
    pub fn is_unused(&self) -> bool {
        self.values.is_unused()
    }

    /// The code of a value, given out now if it is new. Its holders are not counted.
    pub fn code(&mut self, kind: Kind, text: &str) -> u32 {
        if let Some(code) = self.lookup(kind, text) {
            return code;
        }
        let entry = self.values.intern(kind, text);
        if entry as usize == self.numbers.len() {
            self.numbers.push(f64::NAN);
        }
        let number = number(kind, text);
        if self.numbers[entry as usize].to_bits() != number.to_bits() {
            *self.numbers.get_mut(entry as usize) = number;
        }
        self.kinds[usize::from(kind != Kind::String)] += 1;
        entry + 1
    }

    /// Counts events that have a value.
    pub fn add_holders(&mut self, code: u32, holders: u32) {
        if let Some(entry) = code.checked_sub(1) {
            self.values.add_holders(entry, holders);
        }
    }

    /// Stops counting events; a value that none has any more is forgotten.
    pub fn release(&mut self, code: u32, holders: u32) {
        let Some(value) = self.value(code) else {
            return;
        };
        let kind = usize::from(value.kind != Kind::String);
        if self.values.release(code - 1, holders) {
            self.kinds[kind] -= 1;
            *self.numbers.get_mut(code as usize - 1) = f64::NAN;
        }
    }

    /// The code of a value that some event has.
    pub fn lookup(&self, kind: Kind, text: &str) -> Option<u32> {
        Some(self.values.lookup(kind, text)? + 1)
    }

    /// The value of a code; `None` for [`MISSING`].
    pub fn value(&self, code: u32) -> Option<ValueRef<'_>> {
        Some(self.values.value(code.checked_sub(1)?))
    }

    /// Whether there are strings and other values too, which may be written alike.
    pub fn is_mixed(&self) -> bool {
        self.kinds.iter().all(|&count| count > 0)
    }

    /// What the value of a code is as a number; NaN if it is none.
    pub fn number(&self, code: u32) -> f64 {
        let index = (code as usize).checked_sub(1);
        index.map_or(f64::NAN, |index| self.numbers[index])
    }

    /// [`Self::number`] of every code.
    pub fn numbers(&self) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(self.size());
        numbers.push(f64::NAN);
        for leaf in self.numbers.leaves() {
            numbers.extend_from_slice(leaf);
        }
        numbers
    }

    /// The codes that pass a test, [`MISSING`] among them if the lack of a value passes.
    pub fn passing(&self, test: &Test) -> BitSet {
        let mut codes = BitSet::new(self.size());
        if test.passes(None) {
            codes.insert(MISSING);
        }
        for entry in self.values.entries() {
            if test.passes(Some(self.values.value(entry))) {
                codes.insert(entry + 1);
            }
        }
        codes
    }

    /// The values that events have.
    #[cfg(test)]
    pub(crate) fn values(&self) -> &ValueDictionary<false> {
        &self.values
    }
}

/// What a value counts as in calculations.
fn number(kind: Kind, text: &str) -> f64 {
    match kind {
        Kind::Number | Kind::String => number_of_text(text, |text| text.parse().ok())
            .filter(|number| number.is_finite())
            .unwrap_or(f64::NAN),
        Kind::Null | Kind::Bool | Kind::Array | Kind::Object => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_codes() {
        let mut dictionary = Dictionary::default();
        let texts: Vec<String> = (0..1000).map(|n| format!("value {}", n % 300)).collect();
        for text in &texts {
            let code = dictionary.code(Kind::String, text);
            assert_eq!(dictionary.lookup(Kind::String, text), Some(code));
            let value = dictionary.value(code).expect("a value");
            assert_eq!((value.kind, value.text), (Kind::String, text.as_str()));
        }
        assert_eq!(dictionary.size(), 301);
        assert_eq!(dictionary.value(MISSING), None);
        assert_eq!(dictionary.lookup(Kind::Number, "value 1"), None);
    }

    #[test]
    fn text_that_reads_as_a_number_counts_as_that_number() {
        let mut dictionary = Dictionary::default();
        for (kind, text, expected) in [
            (Kind::Number, "2.5", Some(2.5)),
            (Kind::String, "2.5", Some(2.5)),
            (Kind::String, "1 000", Some(1000.0)),
            (Kind::String, "many", None),
            (Kind::String, "NaN", None),
            (Kind::String, "", None),
            (Kind::Bool, "true", None),
        ] {
            let code = dictionary.code(kind, text);
            let number = Some(dictionary.number(code)).filter(|number| !number.is_nan());
            assert_eq!(number, expected, "{text}");
        }
    }
}
