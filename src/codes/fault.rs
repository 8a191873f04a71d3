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
    /// All of them, in the order of a label's reading.
    pub const ALL: [FaultCode; 29] = [
        FaultCode::Empty,
        FaultCode::UnknownAi,
        FaultCode::Separator,
        FaultCode::TooShort,
        FaultCode::TooLong,
        FaultCode::Charset,
        FaultCode::CheckDigit,
        FaultCode::CheckCharacters,
        FaultCode::CompanyPrefix,
        FaultCode::Date,
        FaultCode::Time,
        FaultCode::Country,
        FaultCode::Currency,
        FaultCode::Iban,
        FaultCode::Coordinate,
        FaultCode::PieceOfTotal,
        FaultCode::Value,
        FaultCode::PercentEncoding,
        FaultCode::Coupon,
        FaultCode::Repeated,
        FaultCode::Excludes,
        FaultCode::Requires,
        FaultCode::Signature,
        FaultCode::TooMany,
        FaultCode::Bracket,
        FaultCode::DigitalLink,
        FaultCode::Qualifier,
        FaultCode::Place,
        FaultCode::Ambiguous,
    ];

    /// The stable word for programs, as `check_digit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            FaultCode::Empty => "empty",
            FaultCode::UnknownAi => "unknown_ai",
            FaultCode::Separator => "separator",
            FaultCode::TooShort => "too_short",
            FaultCode::TooLong => "too_long",
            FaultCode::Charset => "charset",
            FaultCode::CheckDigit => "check_digit",
            FaultCode::CheckCharacters => "check_characters",
            FaultCode::CompanyPrefix => "company_prefix",
            FaultCode::Date => "date",
            FaultCode::Time => "time",
            FaultCode::Country => "country",
            FaultCode::Currency => "currency",
            FaultCode::Iban => "iban",
            FaultCode::Coordinate => "coordinate",
            FaultCode::PieceOfTotal => "piece_of_total",
            FaultCode::Value => "value",
            FaultCode::PercentEncoding => "percent_encoding",
            FaultCode::Coupon => "coupon",
            FaultCode::Repeated => "repeated",
            FaultCode::Excludes => "excludes",
            FaultCode::Requires => "requires",
            FaultCode::Signature => "signature",
            FaultCode::TooMany => "too_many",
            FaultCode::Bracket => "bracket",
            FaultCode::DigitalLink => "digital_link",
            FaultCode::Qualifier => "qualifier",
            FaultCode::Place => "place",
            FaultCode::Ambiguous => "ambiguous",
        }
    }
}

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
        let field = self.field();
        let entry = self.ai.and_then(|ai| ai::find(ai.as_bytes()));
        let (min, max) = entry.map_or((1, 90), |entry| (entry.min, entry.max));
        let length = if min == max {
            format!("{max}")
        } else {
            format!("{min} to {max}")
        };
        match self.code {
            FaultCode::Empty => "Nothing was scanned: scan again.".to_owned(),
            FaultCode::UnknownAi if self.ai.is_none() => {
                "No field begins here: check that the scanner sends separators, then ask for a new label."
                    .to_owned()
            }
            FaultCode::UnknownAi => {
                format!(
                    "No table knows the application identifier {field}: check that the scanner sends separators, then ask for a new label."
                )
            }
            FaultCode::Separator => {
                "A separator stands where a field must begin: the label is misprinted, ask for a new one."
                    .to_owned()
            }
            FaultCode::TooShort => format!(
                "{field} ends too early, it has {length} characters: scan again, or ask for a new label."
            ),
            FaultCode::TooLong => {
                format!(
                    "{field} is too long, it has {length} characters: check that the scanner sends separators."
                )
            }
            FaultCode::Charset => format!(
                "{field} has a character that it may not have: check the scanner's settings, or ask for a new label."
            ),
            FaultCode::CheckDigit => format!(
                "The check digit of {field} is wrong: scan again, and if it stays, ask for a new label."
            ),
            FaultCode::CheckCharacters => {
                format!(
                    "The check characters of {field} are wrong: scan again, and if it stays, ask for a new label."
                )
            }
            FaultCode::CompanyPrefix => {
                format!("{field} does not begin with a GS1 Company Prefix: ask for a new label.")
            }
            FaultCode::Date => format!("{field} is no date of the calendar: ask for a new label."),
            FaultCode::Time => format!("{field} is no time of the day: ask for a new label."),
            FaultCode::Country => {
                format!("{field} has a country code that is not assigned: ask for a new label.")
            }
            FaultCode::Currency => {
                format!("{field} has a currency code that is not assigned: ask for a new label.")
            }
            FaultCode::Iban => format!("{field} is no valid bank account number: ask for a new label."),
            FaultCode::Coordinate => format!("{field} is no place on the globe: ask for a new label."),
            FaultCode::PieceOfTotal => {
                format!("In {field} the piece is zero or above the total: ask for a new label.")
            }
            FaultCode::Value => format!("{field} has a value that is not in its list: ask for a new label."),
            FaultCode::PercentEncoding => {
                format!("In {field} a % is not followed by two hexadecimal digits: ask for a new label.")
            }
            FaultCode::Coupon => format!("{field} is no valid coupon code: ask for a new coupon."),
            FaultCode::Repeated => format!(
                "{field} occurs twice with different values: scan one label at a time, or ask for a new one."
            ),
            FaultCode::Excludes => {
                format!("{field} may not stand with another field of this code: ask for a new label.")
            }
            FaultCode::Requires => {
                format!("{field} lacks a field that it must stand with: scan the label's other code too.")
            }
            FaultCode::Signature => {
                format!(
                    "{field} lacks its serial part, which the digital signature (8030) needs: ask for a new label."
                )
            }
            FaultCode::TooMany => "The code has more than 64 fields: ask for a new label.".to_owned(),
            FaultCode::Bracket => {
                "The brackets cannot be read: write (AI)value, and \\( for a bracket in a value.".to_owned()
            }
            FaultCode::DigitalLink => {
                "The address is no GS1 Digital Link: give one as https://id.gs1.org/01/09521234543213."
                    .to_owned()
            }
            FaultCode::Qualifier => {
                format!("{field} does not stand behind this key, or not in this order: ask for a new label.")
            }
            FaultCode::Place => format!("{field} may not stand here in a Digital Link: ask for a new label."),
            FaultCode::Ambiguous => {
                "The digits can be read in two ways: set the scanner to send number system and check digit."
                    .to_owned()
            }
        }
    }
}
