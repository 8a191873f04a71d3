//! What a device sends in place of the separator GS, because a keyboard or a prefix setting cannot carry it.
//!
//! Keyboard set-ups turn GS (0x1D) into `|`, `^`, `~`, `{GS}` or a function key's escape. A device's setting names
//! its substitutes; they are turned back before anything is parsed. Nothing is guessed.

use std::borrow::Cow;

use crate::charset::CharSet;
use crate::element_string::GS;

/// The most bytes of one substitute: the longest in use are escapes of function keys.
pub const ALIAS_BYTES_MAX: usize = 8;

/// The substitutes of one device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GsAlias {
    aliases: Vec<Vec<u8>>,
}

/// Why a setting cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GsAliasError {
    /// The setting is empty, or one of its substitutes is longer than any in use.
    #[error(
        "separator substitute {written:?}: write one to {ALIAS_BYTES_MAX} characters, as | or {{GS}} or \\x1C"
    )]
    Length {
        /// The substitute as it was written.
        written: String,
    },
    /// The substitute could be part of a field, or has the separator in it.
    #[error(
        "separator substitute {written:?} is a character that fields may have: set the scanner to send another"
    )]
    FieldCharacter {
        /// The substitute as it was written.
        written: String,
    },
}

impl GsAlias {
    /// Reads a setting: substitutes parted by spaces; `\xHH` is a byte.
    ///
    /// # Errors
    /// A [`GsAliasError`] for a substitute that is too long, or a single character that a field may have.
    pub fn new(setting: &str) -> Result<Self, GsAliasError> {
        let aliases: Result<Vec<_>, _> = setting.split_whitespace().map(read).collect();
        let mut aliases = aliases?;
        if aliases.is_empty() {
            return Err(GsAliasError::Length {
                written: setting.to_owned(),
            });
        }
        aliases.sort_by_key(|alias| std::cmp::Reverse(alias.len()));
        Ok(Self { aliases })
    }

    /// The message with every substitute turned into GS. A `|` that joins the parts of a composite, before `]e0`,
    /// is left.
    pub fn apply<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let mut replaced: Option<Vec<u8>> = None;
        let mut at = 0;
        while let Some(rest) = message.get(at..).filter(|rest| !rest.is_empty()) {
            let alias = self
                .aliases
                .iter()
                .find(|alias| rest.starts_with(alias) && !rest.starts_with(b"|]e"));
            match (alias, &mut replaced) {
                (Some(alias), replaced) => {
                    let start = message.get(..at).unwrap_or_default();
                    replaced.get_or_insert_with(|| start.to_vec()).push(GS);
                    at += alias.len();
                    continue;
                }
                (None, Some(replaced)) => replaced.extend(rest.first()),
                (None, None) => {}
            }
            at += 1;
        }
        replaced.map_or(Cow::Borrowed(message), Cow::Owned)
    }
}

fn read(written: &str) -> Result<Vec<u8>, GsAliasError> {
    let mut alias = Vec::new();
    let mut rest = written;
    while let Some(first) = rest.chars().next() {
        let escaped = rest
            .strip_prefix("\\x")
            .and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        if let Some(byte) = escaped {
            alias.push(byte);
            rest = rest.get(4..).unwrap_or_default();
        } else {
            let (head, tail) = rest.split_at(first.len_utf8());
            alias.extend_from_slice(head.as_bytes());
            rest = tail;
        }
    }
    if alias.len() > ALIAS_BYTES_MAX {
        return Err(GsAliasError::Length {
            written: written.to_owned(),
        });
    }
    if matches!(alias.as_slice(), [byte] if CharSet::Set82.has(*byte)) || alias.contains(&GS) {
        return Err(GsAliasError::FieldCharacter {
            written: written.to_owned(),
        });
    }
    Ok(alias)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutes_become_gs() {
        let alias = GsAlias::new("| {GS} \\x1c").unwrap();
        assert_eq!(
            alias.apply(b"10AB|17x{GS}y\x1cz").as_ref(),
            b"10AB\x1d17x\x1dy\x1dz"
        );
        assert!(matches!(alias.apply(b"10AB"), Cow::Borrowed(_)));
        assert_eq!(alias.apply(b"10A|21B|]e010C").as_ref(), b"10A\x1d21B|]e010C");
    }

    #[test]
    fn characters_of_fields_are_no_substitutes() {
        for setting in ["A", "-", "%", "7", "\\x1d", "\\x1d0"] {
            assert!(
                matches!(GsAlias::new(setting), Err(GsAliasError::FieldCharacter { .. })),
                "{setting}"
            );
        }
        for setting in ["", "  ", "123456789"] {
            assert!(
                matches!(GsAlias::new(setting), Err(GsAliasError::Length { .. })),
                "{setting}"
            );
        }
        assert!(GsAlias::new("^").is_ok() && GsAlias::new("~").is_ok() && GsAlias::new("\\xF8").is_ok());
    }
}
