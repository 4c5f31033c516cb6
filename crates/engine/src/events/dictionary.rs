//! The distinct values of one event property, numbered in the order in which they were first seen.
//!
//! Events hold these numbers, called *codes*. Codes are given out once and for ever: whoever looked at some
//! events may look up their values later, whatever was captured in between. Code 0 means that the event
//! lacks the property.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use persons_api::filter::number_of_text;

use crate::bits::BitSet;
use crate::filter::Test;
use crate::value::{Kind, ValueRef};

/// The code of a property that an event lacks.
pub const MISSING: u32 = 0;

/// The values of one property.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// The texts, one behind the other.
    texts: String,
    /// Where each text ends.
    ends: Vec<usize>,
    kinds: Vec<Kind>,
    /// How many of them are strings.
    strings: usize,
    /// What each value is as a number; NaN if it is none.
    numbers: Vec<f64>,
    /// Finds a value: (hash, index). The hash is kept, so that growing reads no texts.
    table: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl Dictionary {
    /// The number that is greater than every code in use.
    pub fn size(&self) -> usize {
        self.ends.len() + 1
    }

    /// The code of a value, given out now if it is new.
    pub fn code(&mut self, kind: Kind, text: &str) -> u32 {
        let hash = self.hash(kind, text);
        if let Some(index) = self.find(hash, kind, text) {
            return index + 1;
        }
        let index = self.ends.len() as u32;
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        self.kinds.push(kind);
        self.strings += usize::from(kind == Kind::String);
        self.numbers.push(number(kind, text));
        self.table
            .insert_unique(spread(hash), (hash, index), |&(hash, _)| spread(hash));
        index + 1
    }

    /// The code of a value that has been seen.
    pub fn lookup(&self, kind: Kind, text: &str) -> Option<u32> {
        let index = self.find(self.hash(kind, text), kind, text)?;
        Some(index + 1)
    }

    /// The value of a code; `None` for [`MISSING`].
    pub fn value(&self, code: u32) -> Option<ValueRef<'_>> {
        let index = (code as usize).checked_sub(1)?;
        Some(self.value_at(index))
    }

    /// Whether there are strings and other values too, which may be written alike.
    pub fn is_mixed(&self) -> bool {
        self.strings > 0 && self.strings < self.ends.len()
    }

    /// What the value of a code is as a number; NaN if it is none.
    pub fn number(&self, code: u32) -> f64 {
        (code as usize)
            .checked_sub(1)
            .map_or(f64::NAN, |index| self.numbers[index])
    }

    /// [`Self::number`] of every code.
    pub fn numbers(&self) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(self.size());
        numbers.push(f64::NAN);
        numbers.extend_from_slice(&self.numbers);
        numbers
    }

    /// The codes that pass a test, [`MISSING`] among them if the lack of a value passes.
    pub fn passing(&self, test: &Test) -> BitSet {
        let mut codes = BitSet::new(self.size());
        for code in 0..self.size() as u32 {
            if test.passes(self.value(code)) {
                codes.insert(code);
            }
        }
        codes
    }

    fn value_at(&self, index: usize) -> ValueRef<'_> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        ValueRef {
            kind: self.kinds[index],
            text: &self.texts[start..self.ends[index]],
        }
    }

    fn hash(&self, kind: Kind, text: &str) -> u32 {
        self.hasher.hash_one((kind, text)) as u32
    }

    fn find(&self, hash: u32, kind: Kind, text: &str) -> Option<u32> {
        let found = self.table.find(spread(hash), |&(other, index)| {
            other == hash && self.value_at(index as usize) == ValueRef { kind, text }
        });
        found.map(|&(_, index)| index)
    }
}

/// A hash for the table, which looks at both ends of it.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
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
