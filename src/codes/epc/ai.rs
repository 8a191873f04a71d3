//! Application identifiers as numbers with their written length: 2 to 4 digits, told by the first two.

use std::fmt;

/// One application identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ai {
    /// Its number, as 1 for AI 01.
    pub(super) number: u16,
    /// Its digits, 2 to 4.
    pub(super) digits: u8,
}

impl Ai {
    /// Reads the digits of an identifier; `None` when they are not 2 to 4 digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = u8::try_from(text.len())
            .ok()
            .filter(|digits| (2..=4).contains(digits))?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            number: text.parse().ok()?,
            digits,
        })
    }

    /// How many digits the identifiers starting with these two have; `None` where none starts so
    /// (GS1 General Specifications, figure 7.8.5-2, as far as tags can carry them).
    pub(super) fn digits_after(first_two: u8) -> Option<u8> {
        match first_two {
            0..=2 | 10..=13 | 15..=17 | 20..=22 | 30 | 37 | 90..=99 => Some(2),
            23..=25 | 40..=42 | 71 => Some(3),
            31..=36 | 39 | 43 | 70 | 72 | 80..=82 => Some(4),
            _ => None,
        }
    }
}

impl fmt::Display for Ai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:0width$}",
            self.number,
            width = usize::from(self.digits)
        )
    }
}
