//! From an identity to the GS1 keys it stands for, as application identifiers and values
//! (EPC Tag Data Standard, section 7).

use super::identity::{Identity, Kind};
use super::text::ShortText;
use crate::check_digit;
use crate::scan::Element;

impl Identity {
    /// The GS1 key with its check digit and what goes with it; empty for kinds outside GS1 keys.
    pub fn elements(&self) -> Vec<Element> {
        let issuer = self.issuer.text();
        let reference = self.reference.map_or(ShortText::EMPTY, |part| part.text());
        let serial = self.serial.map_or(ShortText::EMPTY, |part| part.text());
        let (issuer, reference, serial) = (issuer.as_str(), reference.as_str(), serial.as_str());
        match self.kind {
            Kind::Sgtin => vec![
                element("01", with_first_moved(issuer, reference)),
                element("21", serial),
            ],
            Kind::Upui => vec![
                element("01", with_first_moved(issuer, reference)),
                element("235", serial),
            ],
            Kind::Lgtin => vec![
                element("01", with_first_moved(issuer, reference)),
                element("10", serial),
            ],
            Kind::AnySgtin => vec![element("01", with_first_moved(issuer, reference))],
            Kind::Itip => {
                let (piece, total) = self.pieces.unwrap_or_default();
                let key = format!("{}{piece:02}{total:02}", with_first_moved(issuer, reference));
                vec![element("8006", key), element("21", serial)]
            }
            Kind::Sscc => vec![element("00", with_first_moved(issuer, reference))],
            Kind::Sgln if serial == NO_EXTENSION => vec![element("414", checked("", issuer, reference))],
            Kind::Sgln => vec![
                element("414", checked("", issuer, reference)),
                element("254", serial),
            ],
            Kind::Pgln => vec![element("417", checked("", issuer, reference))],
            Kind::Gsrn => vec![element("8018", checked("", issuer, reference))],
            Kind::Gsrnp => vec![element("8017", checked("", issuer, reference))],
            Kind::Gsin => vec![element("402", checked("", issuer, reference))],
            Kind::Grai => vec![element("8003", checked("0", issuer, reference) + serial)],
            Kind::Gdti => vec![element("253", checked("", issuer, reference) + serial)],
            Kind::Sgcn => vec![element("255", checked("", issuer, reference) + serial)],
            Kind::Giai => vec![element("8004", format!("{issuer}{reference}"))],
            Kind::Ginc => vec![element("401", format!("{issuer}{reference}"))],
            Kind::Cpi => vec![
                element("8010", format!("{issuer}{reference}")),
                element("8011", serial),
            ],
            Kind::Gid | Kind::Usdod | Kind::Adi | Kind::Imovn | Kind::Bic => Vec::new(),
        }
    }
}

/// The extension of a location that has none.
pub(super) const NO_EXTENSION: &str = "0";

/// Makes an element of an identifier and a value.
pub(super) fn element(ai: &str, value: impl Into<String>) -> Element {
    Element {
        ai: ai.to_owned(),
        value: value.into(),
    }
}

/// GTIN and SSCC: the first digit of the reference goes before the prefix, the check digit behind the rest.
fn with_first_moved(prefix: &str, reference: &str) -> String {
    let (first, rest) = reference.split_at_checked(1).unwrap_or(("0", ""));
    checked(first, prefix, rest)
}

/// The three parts and the check digit of all of them.
fn checked(first: &str, prefix: &str, reference: &str) -> String {
    let mut key = format!("{first}{prefix}{reference}");
    // Company prefix and reference are digits in every kind that comes here.
    key.extend(check_digit::of(key.as_bytes()).map(char::from));
    key
}
