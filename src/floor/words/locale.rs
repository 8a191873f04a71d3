//! How a language writes figures and dates.
//!
//! Quantities are stored and sent with a point, and typed with a point or a comma; here is only what is shown.
//! Thousands are not grouped: a grouped figure is read as a decimal one by somebody from next door.

use jiff::civil::Date;

use crate::quantity::Quantity;

/// The forms of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locale {
    /// What stands before the decimals.
    pub decimal_mark: char,
    /// A date with its year in full, as a pattern of `strftime`.
    pub date_pattern: &'static str,
}

impl Locale {
    /// A quantity as people read it: `2.5`, or `2,5`.
    pub fn quantity(self, quantity: Quantity) -> String {
        self.figure(&quantity.to_string())
    }

    /// A figure that has a point before its decimals, as people read it.
    pub fn figure(self, figure: &str) -> String {
        match self.decimal_mark {
            '.' => figure.to_owned(),
            mark => figure.replacen('.', &mark.to_string(), 1),
        }
    }

    /// A date as people read it: `1 Dec 2026`, or `01.12.2026`.
    pub fn date(self, date: Date) -> String {
        date.strftime(self.date_pattern).to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{Language, words};
    use super::*;

    /// What each language makes of -1234.5 and of the first of December 2026.
    const SHOWN: [(Language, &str, &str); 8] = [
        (Language::English, "-1234.5", "1 Dec 2026"),
        (Language::German, "-1234,5", "01.12.2026"),
        (Language::Spanish, "-1234,5", "01/12/2026"),
        (Language::Polish, "-1234,5", "01.12.2026"),
        (Language::Romanian, "-1234,5", "01.12.2026"),
        (Language::Turkish, "-1234,5", "01.12.2026"),
        (Language::Ukrainian, "-1234,5", "01.12.2026"),
        (Language::Chinese, "-1234.5", "2026-12-01"),
    ];

    #[test]
    fn each_language_writes_figures_and_dates_in_its_way() {
        let quantity = Quantity::from_micro(-1_234_500_000);
        assert_eq!(SHOWN.map(|(language, ..)| language), Language::ALL);
        for (language, figure, day) in SHOWN {
            let locale = words(language).locale();
            assert_eq!(locale.quantity(quantity), figure, "{language:?}");
            assert_eq!(locale.quantity(Quantity::ONE), "1", "{language:?}");
            assert_eq!(locale.date(date(2026, 12, 1)), day, "{language:?}");
        }
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        let quantity = Quantity::from_micro(1_234_567_890);
        for language in Language::ALL {
            let shown = words(language).locale().quantity(quantity);
            assert_eq!(Quantity::parse(&shown), Some(quantity), "{language:?}");
        }
    }
}
