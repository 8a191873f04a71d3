//! Core types to the forms of the wire, and back.
//!
//! Outwards a conversion cannot fail. Inwards every word, figure and version is checked, and an error names the
//! member: a device or a hub of another version may have written it.

mod confirmation;
mod item;
mod neighbours;
mod numbers;
mod plan;
mod site;
mod task;

pub use item::site_rules;
pub use numbers::NumberBlockError;

use tallyman_codes::SiteRulesError;

use crate::quantity::Quantity;

/// Why a form of the wire cannot be understood. It names the member as the JSON does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// A form of a version that this program does not know.
    #[error("`v` is {found}, and this program knows version {known} only: update it")]
    Version {
        /// The version found.
        found: u32,
        /// The version this program knows.
        known: u32,
    },
    /// A word that is none of those the member may have.
    #[error(
        "`{member}` is {found:?}, which is none of the words this program knows: update it, or correct the word"
    )]
    UnknownWord {
        /// The member.
        member: &'static str,
        /// What it says, cut to a readable length.
        found: String,
    },
    /// A figure outside what the member may have.
    #[error("`{member}` is {micro} millionths, and must be more than 0 and at most {}", Quantity::MAX.micro())]
    OutOfRange {
        /// The member.
        member: &'static str,
        /// The figure found.
        micro: i64,
    },
    /// A line number that occurs twice in a task, or is 0.
    #[error("`lines.number` is {number}: lines are numbered from 1, each number once")]
    LineNumber {
        /// The number found.
        number: u32,
    },
    /// An act that needs a member which is not there, or the reverse.
    #[error("`{member}` does not go with the act `{act}`")]
    Unfitting {
        /// The member.
        member: &'static str,
        /// The act.
        act: &'static str,
    },
    /// The site's own codes cannot be used.
    #[error("`site_rules`: {0}")]
    SiteRules(#[from] SiteRulesError),
}

/// At most this much of a foreign word is repeated in a message.
const SHOWN_CHARS_MAX: usize = 40;

impl ConvertError {
    pub(crate) fn word(member: &'static str, found: &str) -> Self {
        let found = found.chars().take(SHOWN_CHARS_MAX).collect();
        Self::UnknownWord { member, found }
    }
}

/// A quantity that must be more than none.
fn positive(member: &'static str, micro: i64) -> Result<Quantity, ConvertError> {
    let quantity = Quantity::from_micro(micro);
    if quantity.is_positive() && quantity <= Quantity::MAX {
        Ok(quantity)
    } else {
        Err(ConvertError::OutOfRange { member, micro })
    }
}

/// A member that is left out when it says nothing.
fn text<T: std::fmt::Display>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

#[cfg(test)]
mod cases;
