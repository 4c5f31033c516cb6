//! What the events on a path are called: addresses of pages, names of screens, names of other events.

use std::borrow::Cow;
use std::sync::Arc;

use crate::events::Names;
use crate::events::dictionary::{Dictionary, MISSING};
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::filter::Replacement;
use crate::insights::InsightError;
use crate::insights::matching::Preparation;
use crate::insights::paths::{Include, PathsQuery};
use crate::value::Kind;

/// Stands for the items that were left out of a path.
pub const LEFT_OUT: &str = "...";

/// Values that are looked at before whoever waits to add one may.
const STRIDE: usize = 4096;

/// The rules by which events become items.
pub(super) struct Rules {
    names: Arc<Names>,
    pages: Option<Values>,
    screens: Option<Values>,
    include: Vec<Include>,
    exclude: Vec<String>,
    cleaning: Vec<Replacement>,
    groupings: Vec<String>,
}

/// The values of a property that there are.
struct Values {
    column: usize,
    property: Arc<Property>,
    size: usize,
}

impl Rules {
    /// Gets the rules of a query ready.
    pub(super) fn new(
        query: &PathsQuery,
        preparation: &mut Preparation<'_>,
    ) -> Result<Self, InsightError> {
        let mut values = |key| {
            let column = preparation.column(key)?;
            let property = Arc::clone(&preparation.properties[column]);
            let size = property.known().values.size();
            Some(Values {
                column,
                property,
                size,
            })
        };
        let (pages, screens) = (values("$current_url"), values("$screen_name"));
        let texts = preparation.source.texts;
        let cleaning = query.cleaning.iter().map(|rule| {
            let replacement = texts.replacement(&rule.pattern, &rule.alias);
            replacement.map_err(|reason| InsightError::PathCleaning {
                pattern: rule.pattern.clone(),
                reason,
            })
        });
        Ok(Self {
            names: Arc::clone(preparation.source.events.names()),
            pages,
            screens,
            include: query.include.clone(),
            exclude: query.exclude.clone(),
            cleaning: cleaning.collect::<Result<_, _>>()?,
            groupings: query.groupings.clone(),
        })
    }

    /// Makes the items of all names and values.
    pub(super) fn items(&self) -> Items {
        let mut items = Items {
            texts: Dictionary::default(),
            of_name: Vec::new(),
            of_value: Vec::new(),
        };
        items.texts.code(Kind::String, LEFT_OUT);
        for number in 0..self.names.len() as u32 {
            let name = self.names.text(number);
            let values = match name {
                "$pageview" => &self.pages,
                "$screen" => &self.screens,
                _ => &None,
            };
            let is_included =
                self.include.is_empty() || self.include.iter().any(|include| include.has(name));
            let of_name = match values {
                _ if !is_included => OfName::Item(MISSING),
                None => OfName::Item(self.number(name, &mut items.texts)),
                Some(values) => {
                    let of_value = self.of_values(name, values, &mut items.texts);
                    items.of_value.push(of_value);
                    OfName::Value(values.column, items.of_value.len() - 1)
                }
            };
            items.of_name.push(of_name);
        }
        items
    }

    /// The item of each value of an event with this name. Who has none is called by its name.
    fn of_values(&self, name: &str, values: &Values, texts: &mut Dictionary) -> Vec<u32> {
        let mut items = Vec::with_capacity(values.size);
        while items.len() < values.size {
            let known = values.property.known();
            for code in items.len()..values.size.min(items.len() + STRIDE) {
                let value = known.values.value(code as u32);
                let value =
                    value.filter(|value| value.kind != Kind::Null && !value.text.is_empty());
                items.push(match value {
                    None => self.number(name, texts),
                    Some(value) if name == "$pageview" => self.number(page(value.text), texts),
                    Some(value) => self.number(value.text, texts),
                });
            }
        }
        items
    }

    /// The number of the item that a text becomes, [`MISSING`] if it is on no path.
    fn number(&self, text: &str, texts: &mut Dictionary) -> u32 {
        let mut item = Cow::Borrowed(text);
        for replacement in &self.cleaning {
            if let Some(cleaned) = replacement(&item) {
                item = Cow::Owned(cleaned);
            }
        }
        let mut groupings = self.groupings.iter();
        if let Some(group) = groupings.find(|group| is_grouped(group, &item)) {
            item = Cow::Borrowed(group);
        }
        if self
            .exclude
            .iter()
            .any(|excluded| is_called(&item, excluded))
        {
            return MISSING;
        }
        texts.code(Kind::String, &item)
    }
}

impl Include {
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::Pageviews => name == "$pageview",
            Self::Screens => name == "$screen",
            Self::CustomEvents => !name.starts_with('$'),
            Self::Event(event) => event == name,
        }
    }
}

/// All items, by number from 1.
pub(super) struct Items {
    texts: Dictionary,
    of_name: Vec<OfName>,
    of_value: Vec<Vec<u32>>,
}

/// The item of events with a name.
enum OfName {
    /// Always the same.
    Item(u32),
    /// That of the code in a column, in one of the lists of [`Items`].
    Value(usize, usize),
}

impl Items {
    /// [`LEFT_OUT`], which is made first.
    pub(super) const LEFT_OUT: u32 = 1;

    /// The item of an event; [`MISSING`] if it is on no path.
    pub(super) fn of(&self, part: &Part<'_>, event: usize) -> u32 {
        match self.of_name[part.names[event] as usize] {
            OfName::Item(item) => item,
            OfName::Value(column, list) => {
                self.of_value[list][part.columns[column][event] as usize]
            }
        }
    }

    /// The text of an item.
    pub(super) fn text(&self, item: u32) -> &str {
        self.texts.value(item).map_or("", |value| value.text)
    }

    /// The number of an item, or that of no item if it is not on any path.
    pub(super) fn find(&self, text: &str) -> u32 {
        let find = |text| self.texts.lookup(Kind::String, text);
        find(text).or_else(|| find(page(text))).unwrap_or(MISSING)
    }
}

/// An address without the slashes at its end.
fn page(address: &str) -> &str {
    match address.trim_end_matches('/') {
        "" => address.get(..1).unwrap_or_default(),
        page => page,
    }
}

/// Whether an item is what somebody calls it, perhaps with slashes at the end.
fn is_called(item: &str, called: &str) -> bool {
    item == called || item == page(called)
}

/// Whether a wildcard such as `/product/*` is found in a text.
fn is_grouped(wildcard: &str, text: &str) -> bool {
    let mut rest = text;
    wildcard.split('*').all(|piece| {
        let found = rest.find(piece);
        rest = found.map_or("", |at| &rest[at + piece.len()..]);
        found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_last_slash_but_not_their_only_one() {
        for (address, expected) in [
            ("https://a/b/", "https://a/b"),
            ("https://a/b", "https://a/b"),
            ("/", "/"),
            ("//", "/"),
            ("", ""),
        ] {
            assert_eq!(page(address), expected);
        }
    }

    #[test]
    fn wildcards_are_found_anywhere() {
        assert!(is_grouped("/product/*", "https://a/product/1"));
        assert!(is_grouped("/a/*/c", "/a/b/c"));
        assert!(is_grouped("*.html", "/a.html?b"));
        assert!(!is_grouped("/a/*/c", "/a/c"));
        assert!(!is_grouped("/product/*", "/products"));
        // Only the star is special.
        assert!(!is_grouped("a.c", "abc"));
    }
}
