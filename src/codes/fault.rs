//! What can be wrong with a code: stable words for programs, sentences for people.

use crate::ai::{self, Ai};

/// Why a code is refused. [`FaultCode::as_str`] gives the word that programs see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// Nothing was scanned.
    Empty,
    /// No table knows the application identifier, so the rest of the message cannot be split.
    UnknownAi,
    /// A separator where none may stand.
    Separator,
    /// The value ends too early.
    TooShort,
    /// The value has characters left over.
    TooLong,
    /// A character that the field may not have.
    Charset,
    /// The check digit is wrong.
    CheckDigit,
    /// The check character pair is wrong.
    CheckCharacters,
    /// The value does not begin with a GS1 Company Prefix.
    CompanyPrefix,
    /// No date of the calendar.
    Date,
    /// No time of the day.
    Time,
    /// No assigned country code.
    Country,
    /// No assigned currency code.
    Currency,
    /// No valid bank account number.
    Iban,
    /// No place on the globe.
    Coordinate,
    /// Piece and total, or position and end, do not fit.
    PieceOfTotal,
    /// A number or character that the field does not have in its list.
    Value,
    /// A `%` that is not followed by two hexadecimal digits.
    PercentEncoding,
    /// A coupon code whose inner structure is broken.
    Coupon,
    /// One AI twice, with different values.
    Repeated,
    /// Two AIs that may not stand on one item.
    Excludes,
    /// An AI without one that it must stand with.
    Requires,
    /// A digital signature over a key that lacks its serial part.
    Signature,
    /// More fields than any code carries.
    TooMany,
    /// Bracketed text whose brackets cannot be read.
    Bracket,
    /// No GS1 Digital Link.
    DigitalLink,
    /// A field behind a Digital Link's key that does not qualify it, or not in this order.
    Qualifier,
    /// A field that may not stand where it stands in a Digital Link.
    Place,
    /// The digits can be read in two ways.
    Ambiguous,
}

impl FaultCode {
    /// All of them.
    pub const ALL: [FaultCode; TABLE.len()] = {
        let mut all = [FaultCode::Empty; TABLE.len()];
        let mut place = 0;
        while place < all.len() {
            all[place] = TABLE[place].0;
            place += 1;
        }
        all
    };

    /// The stable word for programs, as `check_digit`.
    pub const fn as_str(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// The sentence for people; `{field}` and `{length}` stand for those of the AI concerned.
    const fn template(self) -> &'static str {
        TABLE[self as usize].2
    }
}

/// Each code with its word and sentence, in the order of the enumeration, which a test holds.
#[rustfmt::skip]
const TABLE: [(FaultCode, &str, &str); 29] = [
    (FaultCode::Empty, "empty", "Nothing was scanned: scan again."),
    (
        FaultCode::UnknownAi, "unknown_ai",
        "No table knows the application identifier {field}: check that the scanner sends separators, then \
         ask for a new label.",
    ),
    (
        FaultCode::Separator, "separator",
        "A separator stands where a field must begin: the label is misprinted, ask for a new one.",
    ),
    (
        FaultCode::TooShort, "too_short",
        "{field} ends too early, it has {length} characters: scan again, or ask for a new label.",
    ),
    (
        FaultCode::TooLong, "too_long",
        "{field} is too long, it has {length} characters: check that the scanner sends separators.",
    ),
    (
        FaultCode::Charset, "charset",
        "{field} has a character that it may not have: check the scanner's settings, or ask for a new label.",
    ),
    (
        FaultCode::CheckDigit, "check_digit",
        "The check digit of {field} is wrong: scan again, and if it stays, ask for a new label.",
    ),
    (
        FaultCode::CheckCharacters, "check_characters",
        "The check characters of {field} are wrong: scan again, and if it stays, ask for a new label.",
    ),
    (
        FaultCode::CompanyPrefix, "company_prefix",
        "{field} does not begin with a GS1 Company Prefix: ask for a new label.",
    ),
    (FaultCode::Date, "date", "{field} is no date of the calendar: ask for a new label."),
    (FaultCode::Time, "time", "{field} is no time of the day: ask for a new label."),
    (FaultCode::Country, "country", "{field} has a country code that is not assigned: ask for a new label."),
    (
        FaultCode::Currency, "currency",
        "{field} has a currency code that is not assigned: ask for a new label.",
    ),
    (FaultCode::Iban, "iban", "{field} is no valid bank account number: ask for a new label."),
    (FaultCode::Coordinate, "coordinate", "{field} is no place on the globe: ask for a new label."),
    (
        FaultCode::PieceOfTotal, "piece_of_total",
        "In {field} the piece is zero or above the total: ask for a new label.",
    ),
    (FaultCode::Value, "value", "{field} has a value that is not in its list: ask for a new label."),
    (
        FaultCode::PercentEncoding, "percent_encoding",
        "In {field} a % is not followed by two hexadecimal digits: ask for a new label.",
    ),
    (FaultCode::Coupon, "coupon", "{field} is no valid coupon code: ask for a new coupon."),
    (
        FaultCode::Repeated, "repeated",
        "{field} occurs twice with different values: scan one label at a time, or ask for a new one.",
    ),
    (
        FaultCode::Excludes, "excludes",
        "{field} may not stand with another field of this code: ask for a new label.",
    ),
    (
        FaultCode::Requires, "requires",
        "{field} lacks a field that it must stand with: scan the label's other code too.",
    ),
    (
        FaultCode::Signature, "signature",
        "{field} lacks its serial part, which the digital signature (8030) needs: ask for a new label.",
    ),
    (FaultCode::TooMany, "too_many", "The code has more than 64 fields: ask for a new label."),
    (
        FaultCode::Bracket, "bracket",
        "The brackets cannot be read: write (AI)value, and \\( for a bracket in a value.",
    ),
    (
        FaultCode::DigitalLink, "digital_link",
        "The address is no GS1 Digital Link: give one as https://id.gs1.org/01/09521234543213.",
    ),
    (
        FaultCode::Qualifier, "qualifier",
        "{field} does not stand behind this key, or not in this order: ask for a new label.",
    ),
    (FaultCode::Place, "place", "{field} may not stand here in a Digital Link: ask for a new label."),
    (
        FaultCode::Ambiguous, "ambiguous",
        "The digits can be read in two ways: set the scanner to send number system and check digit.",
    ),
];

/// A fault as the parser finds it: small, and made without allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub code: FaultCode,
    /// The AI concerned, where there is one.
    pub ai: Option<Ai>,
    /// The byte of the message, counted from 0, where the part concerned begins.
    pub at: usize,
}

impl Fault {
    pub(crate) const fn new(code: FaultCode, at: usize) -> Self {
        Self { code, ai: None, at }
    }

    pub(crate) fn of(code: FaultCode, ai: &[u8], at: usize) -> Self {
        Self {
            code,
            ai: Ai::new(ai),
            at,
        }
    }

    /// How a sentence calls the field concerned: its title and AI.
    pub(crate) fn field(&self) -> String {
        match self.ai {
            Some(ai) => match ai::find(ai.as_bytes()) {
                Some(entry) => format!("{} ({})", entry.title, ai.as_str()),
                None => format!("({})", ai.as_str()),
            },
            None => "the code".to_owned(),
        }
    }

    /// One sentence: what is wrong and what to do.
    pub fn sentence(&self) -> String {
        if self.code == FaultCode::UnknownAi && self.ai.is_none() {
            return NO_FIELD.to_owned();
        }
        let entry = self.ai.and_then(|ai| ai::find(ai.as_bytes()));
        let length = match entry.map_or((1, UNKNOWN_MAX), |entry| (entry.min, entry.max)) {
            (min, max) if min == max => max.to_string(),
            (min, max) => format!("{min} to {max}"),
        };
        let sentence = self.code.template().replace("{field}", &self.field());
        sentence.replace("{length}", &length)
    }
}

/// Where not even two digits stand.
const NO_FIELD: &str =
    "No field begins here: check that the scanner sends separators, then ask for a new label.";

/// The longest value of an AI that no table knows.
const UNKNOWN_MAX: u8 = 90;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_its_words_are_unique() {
        for (place, code) in FaultCode::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place);
            let others = FaultCode::ALL
                .into_iter()
                .filter(|other| other.as_str() == code.as_str());
            assert_eq!(others.count(), 1, "{}", code.as_str());
            let sentence = Fault::of(code, b"10", 0).sentence();
            assert!(
                sentence.ends_with('.') && !sentence.contains(['{', '}']),
                "{sentence}"
            );
        }
    }
}
