//! AIM symbology identifiers (ISO/IEC 15424): `]cm`, what kind of symbol a message came from.

use std::fmt;

/// An AIM symbology identifier: code character and modifier, as `C` and `1` in `]C1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SymbologyId {
    /// The code character, case sensitive.
    pub code: u8,
    /// The modifier character, `0` to `9` or `A` to `F` in the standard; devices send others too.
    pub modifier: u8,
}

impl SymbologyId {
    /// The identifier with these two characters, without a check.
    pub const fn new(code: u8, modifier: u8) -> Self {
        Self { code, modifier }
    }

    /// Splits a leading `]cm` off a message: the identifier, and the rest.
    /// `None` unless the message begins with `]`, an ASCII letter and an ASCII letter or digit.
    pub fn split(message: &[u8]) -> Option<(Self, &[u8])> {
        match message {
            [b']', code, modifier, rest @ ..]
                if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
            {
                Some((Self::new(*code, *modifier), rest))
            }
            _ => None,
        }
    }
}

impl fmt::Display for SymbologyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "]{}{}",
            char::from(self.code),
            char::from(self.modifier)
        )
    }
}
