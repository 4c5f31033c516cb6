//! How texts are compared in the browser: with its own regular expressions and tables of letters.

use persons_engine::{Pattern, TextEngine};

use crate::platform::regex::Regex;
use crate::platform::text;

/// The browser.
pub struct Browser;

impl TextEngine for Browser {
    fn compile(&self, pattern: &str) -> Result<Pattern, String> {
        let regex = Regex::new(pattern)?;
        Ok(Box::new(move |text| regex.is_in(text)))
    }

    fn lowercase(&self) -> fn(&str) -> String {
        text::lowercase
    }

    fn number(&self) -> fn(&str) -> Option<f64> {
        text::number
    }
}
