//! The GTIN family: bare item numbers in 8, 12, 13 or 14 digits.

use crate::check_digit;

/// A GTIN in 14 digits, the form in which items are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin([u8; 14]);

impl Gtin {
    /// Takes 8, 12, 13 or 14 digits with their check digit. `None` for anything else.
    pub fn new(digits: &[u8]) -> Option<Self> {
        if !matches!(digits.len(), 8 | 12 | 13 | 14) || !check_digit::is_valid(digits) {
            return None;
        }
        Some(Self::padded(digits))
    }

    fn padded(digits: &[u8]) -> Self {
        let mut padded = [b'0'; 14];
        for (slot, digit) in padded.iter_mut().rev().zip(digits.iter().rev()) {
            *slot = *digit;
        }
        Self(padded)
    }

    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Debug for Gtin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
