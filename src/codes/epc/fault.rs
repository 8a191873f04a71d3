//! What can be wrong with an EPC: faults that refuse it, told with their place, and warnings that do not.

use std::fmt;

use crate::ai::Ai;
use crate::fault::FaultCode;
use crate::scan::{self, Element};
use crate::understand::Refusal;

/// Why an EPC cannot be read or written, before it is told to anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bit of the EPC, counted from the header's first; in a URI the character.
    pub(super) at: usize,
    /// The identifier whose value is at fault.
    pub(super) ai: Option<Ai>,
    /// What is wrong.
    pub(super) reason: Reason,
}

/// What is wrong with an EPC or with the text of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// There are no bits at all.
    Empty,
    /// The bits end inside a field.
    TooShort,
    /// More bits than a tag can hold.
    TooLong,
    /// A partition value that no scheme has.
    Partition,
    /// A number with more digits than its field stands for.
    Range(&'static str),
    /// A code that is no character of the field's set.
    Charset(&'static str),
    /// A field that must hold something is empty.
    NoText(&'static str),
    /// A text that is longer than its field or identifier allows.
    TextTooLong(&'static str),
    /// Something other than zero bits behind the end of a text.
    BehindText(&'static str),
    /// A number whose leading zeros count does not start with 1.
    NumericMark,
    /// A half byte above 9 where a digit stands.
    Digit,
    /// An encoding indicator without a meaning.
    Indicator(u8),
    /// A value that breaks the rules of its identifier.
    Field(FaultCode),
    /// A year, month, day, hour, minute or second of more than two digits.
    Date,
    /// A text that is no EPC URI.
    Uri(&'static str),
    /// A scheme that no table has, or that cannot carry the identity.
    Scheme,
    /// A filter value wider than its field.
    Filter,
    /// An identifier that the scheme needs is missing.
    Missing,
    /// An identifier that no table gives an encoding for.
    UnknownAi,
    /// A value that its identifier or field cannot hold.
    Value,
    /// A host name that cannot be written.
    Host,
}

impl Fault {
    /// A fault at a bit or character, without an identifier.
    pub(super) fn at(at: usize, reason: Reason) -> Self {
        Self { at, ai: None, reason }
    }

    /// The same fault, told of an identifier, unless one was named already.
    pub(super) fn of(mut self, ai: Ai) -> Self {
        self.ai.get_or_insert(ai);
        self
    }

    /// The refusal that people and programs get, with what was found before the fault.
    pub(super) fn refuse(self, elements: Vec<Element>) -> Refusal {
        let message = match self.reason {
            // The rules of identifiers have their own sentences.
            Reason::Field(code) => crate::fault::Fault {
                code,
                ai: self.ai,
                at: self.at,
            }
            .sentence(),
            reason => reason.to_string(),
        };
        let ai = self.ai.map(|ai| ai.as_str().to_owned());
        Refusal {
            code: self.reason.code(),
            ai,
            at: self.at,
            message,
            elements,
        }
    }
}

impl Reason {
    /// The stable word for programs.
    fn code(self) -> &'static str {
        match self {
            Self::Empty | Self::NoText(_) => "empty",
            Self::TooShort => "too_short",
            Self::TooLong | Self::TextTooLong(_) => "too_long",
            Self::Partition => "partition",
            Self::Range(_) => "range",
            Self::Charset(_) => "charset",
            Self::BehindText(_) => "padding",
            Self::NumericMark | Self::Digit => "digit",
            Self::Indicator(_) => "encoding",
            Self::Field(code) => code.as_str(),
            Self::Date => "date",
            Self::Uri(_) => "uri",
            Self::Scheme => "scheme",
            Self::Filter => "filter",
            Self::Missing => "missing",
            Self::UnknownAi => "unknown_ai",
            Self::Value => "value",
            Self::Host => "hostname",
        }
    }
}

/// One sentence each: what is wrong and what to do.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(field) => write!(formatter, "The {field} has too many or too few digits: {CORRECT}."),
            Self::Charset(field) => write!(formatter, "The {field} has a character it may not have: {CORRECT}."),
            Self::NoText(field) => write!(formatter, "The {field} is empty: {CORRECT}."),
            Self::TextTooLong(field) => write!(formatter, "The {field} is too long: {CORRECT}."),
            Self::BehindText(field) => write!(formatter, "The {field} has bits behind its end: {CORRECT}."),
            Self::Digit => write!(formatter, "A digit is above 9: {CORRECT}."),
            Self::Date => write!(formatter, "The date or time does not exist: {CORRECT}."),
            Self::NumericMark => write!(formatter, "The serial lacks the 1 that keeps its zeros: {CORRECT}."),
            Self::Partition => write!(formatter, "The partition value 7 does not exist: {CORRECT}."),
            Self::Indicator(indicator) => write!(
                formatter,
                "The encoding indicator {indicator} has no meaning yet: use the barcode, or update this program."
            ),
            Self::Uri(problem) => {
                write!(formatter, "This is no EPC URI, {problem}: write it as urn:epc:id:sscc:0614141.1234567890.")
            }
            Self::Empty => formatter.write_str("The tag gave no EPC: read it again, closer to the antenna."),
            Self::TooShort => formatter.write_str(
                "The EPC ends inside a field: read the tag again, and if it stays, use the barcode and replace the tag.",
            ),
            Self::TooLong => formatter.write_str(
                "The EPC is longer than a tag can hold: check the length, or leave out data behind the key.",
            ),
            Self::Field(_) => write!(formatter, "The value breaks the rules of its identifier: {CORRECT}."),
            Self::Scheme => formatter.write_str(
                "This scheme is unknown or cannot carry this identity: choose one that fits the key.",
            ),
            Self::Filter => formatter.write_str(
                "The filter value does not exist in this scheme: take one of the standard's list.",
            ),
            Self::Missing => formatter.write_str("A value that the scheme needs is missing: add it."),
            Self::UnknownAi => {
                formatter.write_str("No tag can carry this application identifier: leave it out.")
            }
            Self::Value => {
                formatter.write_str("The value does not fit its field: correct it, or choose a longer scheme.")
            }
            Self::Host => formatter.write_str(
                "The host name cannot be read or written here: use a + scheme, or letters, digits, hyphens and dots.",
            ),
        }
    }
}

/// What to do about a tag or a text that breaks the rules.
const CORRECT: &str = "correct it, or use the barcode and replace the tag";

/// Something odd about an EPC that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Bits that must be zero are not: behind the EPC, in a reserved field, or in an unused reference.
    Padding,
    /// The PC word tells another length than the EPC has.
    PcLength,
    /// The EPC is all zeros at its front: the tag was never written.
    Unprogrammed,
    /// The bits are a TID (tag identity) and no EPC.
    Tid,
    /// The piece number is 0 or greater than the total.
    Pieces,
    /// The serial that makes the key unique is missing.
    NoSerial,
    /// A date of a type that is not defined yet was passed over.
    DateType,
    /// Data behind the EPC cannot be read from some place on; what came before is kept.
    Appended,
    /// The tag says that no data follows its EPC, and some does.
    Toggle,
}

impl Warning {
    /// The stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Padding => "padding",
            Self::PcLength => "pc_length",
            Self::Unprogrammed => "unprogrammed",
            Self::Tid => "tid",
            Self::Pieces => "pieces",
            Self::NoSerial => "no_serial",
            Self::DateType => "date_type",
            Self::Appended => "appended",
            Self::Toggle => "toggle",
        }
    }
}

/// One sentence each: what is odd.
impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Padding => "Bits that should be zero are not; they were passed over.",
            Self::PcLength => "The PC word tells another length than the EPC has.",
            Self::Unprogrammed => "The tag was never written.",
            Self::Tid => "These bits are a tag's own identity (TID), not an EPC: read the EPC bank.",
            Self::Pieces => "The piece number is 0 or greater than the number of pieces.",
            Self::NoSerial => "The serial number is missing, so that the key stands for a whole class.",
            Self::DateType => "The tag carries a date of a kind that is not defined yet; it was passed over.",
            Self::Appended => "Data behind the EPC cannot be read; what came before it is kept.",
            Self::Toggle => "The tag says that nothing follows its EPC, and yet data does; it was read.",
        })
    }
}

/// As the answers about every kind of code tell it.
impl From<Warning> for scan::Warning {
    fn from(warning: Warning) -> Self {
        Self {
            code: warning.code(),
            ai: None,
            message: warning.to_string(),
        }
    }
}
