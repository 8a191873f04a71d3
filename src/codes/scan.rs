//! A read understood: which fields a label carries, or that it is one of the site's own codes.

use jiff::civil::Date;

use crate::site::SiteCode;
use crate::symbology::SymbologyId;

/// What a read means. Made by [`crate::understand`]; the floor's rules see nothing else of a code.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// The code's text as it came, without identifier; separators are GS (U+001D).
    pub text: String,
    /// The symbology identifier, where one is known.
    pub symbology: Option<SymbologyId>,
    /// What form of code it is.
    pub kind: ScanKind,
    /// The fields it carries, in the order of the code.
    pub elements: Vec<Element>,
    /// What the site's own rules say the code is, where one of them claims it.
    pub site_code: Option<SiteCode>,
}

/// The form of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanKind {
    /// GS1 element string: fields with application identifiers.
    ElementString,
    /// A bare GTIN, in 8, 12, 13 or 14 digits.
    Gtin,
    /// A GS1 Digital Link URI.
    DigitalLink,
    /// An RFID tag's EPC.
    Epc,
    /// Anything else: opaque text, perhaps one of the site's own codes.
    Text,
}

/// One field of a code: application identifier and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The application identifier, 2 to 4 digits.
    pub ai: String,
    /// The value as it was encoded.
    pub value: String,
}

impl Scan {
    /// The value of an application identifier, where the code carries it.
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements
            .iter()
            .find(|element| element.ai == ai)
            .map(|element| element.value.as_str())
    }

    /// The GTIN in 14 digits: AI 01, else 02 (contained trade items).
    pub fn gtin(&self) -> Option<&str> {
        self.value("01").or_else(|| self.value("02"))
    }

    /// The SSCC, AI 00.
    pub fn sscc(&self) -> Option<&str> {
        self.value("00")
    }

    /// The batch or lot number, AI 10.
    pub fn lot(&self) -> Option<&str> {
        self.value("10")
    }

    /// The serial number, AI 21.
    pub fn serial(&self) -> Option<&str> {
        self.value("21")
    }

    /// The expiry date, AI 17, with the century resolved against `today`.
    pub fn expiry(&self, today: Date) -> Option<Date> {
        self.value("17")
            .and_then(|value| crate::date::resolve_yymmdd(value, today))
    }

    /// The best-before date, AI 15, with the century resolved against `today`.
    pub fn best_before(&self, today: Date) -> Option<Date> {
        self.value("15")
            .and_then(|value| crate::date::resolve_yymmdd(value, today))
    }

    /// The count: AI 30 (variable count) or 37 (count of contained items).
    pub fn count(&self) -> Option<u64> {
        self.value("30")
            .or_else(|| self.value("37"))
            .and_then(|digits| digits.parse().ok())
    }
}
