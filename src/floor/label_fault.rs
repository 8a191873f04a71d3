//! What is wrong with a label, as far as whoever holds it can act on it: the many faults of `codes`, told apart by what
//! there is to see on the label.

use tallyman_codes::Refusal;

/// What is wrong with a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFault {
    /// What it is.
    pub kind: LabelFaultKind,
    /// The application identifier concerned, as `17`; `None` where it is the code as a whole.
    pub ai: Option<String>,
}

/// Faults that are told apart. Each is one sentence in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelFaultKind {
    /// Nothing was scanned.
    Empty,
    /// It ends too early, or is too long.
    Length,
    /// A character that it may not have.
    Character,
    /// Check digit or check characters do not fit.
    CheckDigit,
    /// No date of the calendar, or no time of the day.
    Date,
    /// A value that its list does not have, or that means nothing.
    Value,
    /// The fields cannot be told apart: separators are missing, or it is no form of GS1.
    Fields,
    /// It stands twice in one code, with different values.
    Twice,
    /// It may not stand with another field of the code.
    Together,
    /// A field that it must stand with is missing.
    Missing,
    /// The digits can be read in two ways.
    Ambiguous,
}

impl LabelFaultKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::Length,
        Self::Character,
        Self::CheckDigit,
        Self::Date,
        Self::Value,
        Self::Fields,
        Self::Twice,
        Self::Together,
        Self::Missing,
        Self::Ambiguous,
    ];

    /// The kind of a refusal of `codes`, by its word.
    fn of(word: &str) -> Self {
        let known = WORDS.iter().find(|(known, _)| *known == word);
        known.map_or(Self::Fields, |(_, kind)| *kind)
    }
}

/// The words of [`tallyman_codes::fault::FaultCode`], then those that EPCs have beside them. A word that is missing here is
/// told as fields that cannot be told apart.
pub(crate) const WORDS: &[(&str, LabelFaultKind)] = &[
    ("empty", LabelFaultKind::Empty),
    ("unknown_ai", LabelFaultKind::Fields),
    ("separator", LabelFaultKind::Fields),
    ("too_short", LabelFaultKind::Length),
    ("too_long", LabelFaultKind::Length),
    ("charset", LabelFaultKind::Character),
    ("check_digit", LabelFaultKind::CheckDigit),
    ("check_characters", LabelFaultKind::CheckDigit),
    ("company_prefix", LabelFaultKind::Value),
    ("date", LabelFaultKind::Date),
    ("time", LabelFaultKind::Date),
    ("country", LabelFaultKind::Value),
    ("currency", LabelFaultKind::Value),
    ("iban", LabelFaultKind::Value),
    ("coordinate", LabelFaultKind::Value),
    ("piece_of_total", LabelFaultKind::Value),
    ("value", LabelFaultKind::Value),
    ("percent_encoding", LabelFaultKind::Character),
    ("coupon", LabelFaultKind::Value),
    ("repeated", LabelFaultKind::Twice),
    ("excludes", LabelFaultKind::Together),
    ("requires", LabelFaultKind::Missing),
    ("signature", LabelFaultKind::Missing),
    ("too_many", LabelFaultKind::Fields),
    ("bracket", LabelFaultKind::Fields),
    ("digital_link", LabelFaultKind::Fields),
    ("qualifier", LabelFaultKind::Fields),
    ("place", LabelFaultKind::Fields),
    ("ambiguous", LabelFaultKind::Ambiguous),
    ("partition", LabelFaultKind::Value),
    ("range", LabelFaultKind::Value),
    ("padding", LabelFaultKind::Fields),
    ("digit", LabelFaultKind::Character),
    ("encoding", LabelFaultKind::Fields),
    ("uri", LabelFaultKind::Fields),
    ("scheme", LabelFaultKind::Fields),
    ("filter", LabelFaultKind::Value),
    ("missing", LabelFaultKind::Missing),
    ("hostname", LabelFaultKind::Value),
];

impl From<Refusal> for LabelFault {
    fn from(refusal: Refusal) -> Self {
        Self {
            kind: LabelFaultKind::of(refusal.code),
            ai: refusal.ai,
        }
    }
}

#[cfg(test)]
mod tests {
    use tallyman_codes::fault::FaultCode;

    use super::*;

    #[test]
    fn every_fault_of_a_label_has_its_sentence() {
        for fault in FaultCode::ALL {
            let known = WORDS.iter().filter(|(word, _)| *word == fault.as_str());
            assert_eq!(known.count(), 1, "{}", fault.as_str());
        }
        for kind in LabelFaultKind::ALL {
            assert!(WORDS.iter().any(|(_, known)| *known == kind), "{kind:?}");
        }
    }
}
