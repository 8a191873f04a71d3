//! From GS1 keys to an identity: what a barcode says, cut at the end of the company prefix (EPC Tag Data
//! Standard, section 7).

use super::build::RawParts;
use super::fault::{Fault, Reason};
use super::identity::{Identity, Kind, PREFIX_DIGITS_MAX, PREFIX_DIGITS_MIN};
use super::keys::NO_EXTENSION;
use super::value;
use crate::ai::Ai;
use crate::scan::Element;
use crate::understand::Refusal;

impl Identity {
    /// Names the object that elements stand for, once the length of the company prefix is known: a barcode does
    /// not tell it, the owner of the prefix does.
    ///
    /// Prefixes of 4 and 5 digits are taken with the digits behind them up to 6, as the standard demands; for a
    /// GTIN-8 give 8, and for keys that GS1 allocated one by one 12. The first element that is a key decides;
    /// elements that belong to no identity are ignored.
    ///
    /// ```
    /// use tallyman_codes::{Element, epc::Identity};
    ///
    /// let unit = [Element { ai: "00".to_owned(), value: "359012340000000421".to_owned() }];
    /// let identity = Identity::from_elements(&unit, 7).unwrap();
    /// assert_eq!(identity.to_string(), "urn:epc:id:sscc:5901234.3000000042");
    /// ```
    ///
    /// # Errors
    /// A [`Refusal`] when there is no key, its serial is missing, or a value breaks its rules; `at` counts the
    /// elements given.
    pub fn from_elements(elements: &[Element], prefix_digits: u8) -> Result<Self, Refusal> {
        identify(elements, prefix_digits).map_err(|fault| fault.refuse(Vec::new()))
    }
}

/// The keys an identity can have, each with its kind.
const KEYS: [(&str, Kind); 14] = [
    ("00", Kind::Sscc),
    ("01", Kind::Sgtin),
    ("414", Kind::Sgln),
    ("417", Kind::Pgln),
    ("8003", Kind::Grai),
    ("8004", Kind::Giai),
    ("8018", Kind::Gsrn),
    ("8017", Kind::Gsrnp),
    ("253", Kind::Gdti),
    ("255", Kind::Sgcn),
    ("8006", Kind::Itip),
    ("8010", Kind::Cpi),
    ("401", Kind::Ginc),
    ("402", Kind::Gsin),
];

fn identify(elements: &[Element], prefix_digits: u8) -> Result<Identity, Fault> {
    let found = elements.iter().zip(0..).find_map(|(element, place)| {
        let (ai, kind) = KEYS.iter().find(|(ai, _)| *ai == element.ai)?;
        Some((Ai::new(ai.as_bytes())?, *kind, place, element.value.as_str()))
    });
    let (ai, kind, place, key) = found.ok_or(Fault::at(elements.len(), Reason::Missing))?;
    let fault = |reason| Fault::at(place, reason).of(ai);
    value::check(ai, key).map_err(fault)?;
    let cut = Cut::of(kind, key, prefix_digits).ok_or(fault(Reason::Value))?;
    let (kind, serial) = serial_of(kind, &cut, elements).map_err(fault)?;
    let reference = format!("{}{}", cut.first, cut.reference);
    let parts = RawParts {
        issuer: cut.prefix,
        reference: Some(&reference),
        pieces: cut.pieces,
        serial,
    };
    parts.build(kind).map_err(|(reason, _)| fault(reason))
}

/// The serial that goes with a key, and what it makes of the kind.
fn serial_of<'e>(
    kind: Kind,
    cut: &Cut<'e>,
    elements: &'e [Element],
) -> Result<(Kind, Option<&'e str>), Reason> {
    let value_of = |ai: &str| {
        elements
            .iter()
            .find(|element| element.ai == ai)
            .map(|element| element.value.as_str())
    };
    let needed = |ai: &str| value_of(ai).map(Some).ok_or(Reason::Missing);
    Ok(match kind {
        Kind::Sgtin => match (value_of("21"), value_of("235"), value_of("10")) {
            (Some(serial), _, _) => (kind, Some(serial)),
            (None, Some(serial), _) => (Kind::Upui, Some(serial)),
            (None, None, Some(lot)) => (Kind::Lgtin, Some(lot)),
            (None, None, None) => (Kind::AnySgtin, None),
        },
        Kind::Itip => (kind, needed("21")?),
        Kind::Cpi => (kind, needed("8011")?),
        Kind::Sgln => (kind, Some(value_of("254").unwrap_or(NO_EXTENSION))),
        Kind::Grai | Kind::Gdti | Kind::Sgcn if cut.serial.is_empty() => return Err(Reason::Missing),
        Kind::Grai | Kind::Gdti | Kind::Sgcn => (kind, Some(cut.serial)),
        _ => (kind, None),
    })
}

/// A key cut at the end of its company prefix, without its check digit.
struct Cut<'k> {
    /// The digit that the reference takes from before the prefix: indicator or extension digit.
    first: &'k str,
    prefix: &'k str,
    reference: &'k str,
    pieces: Option<(&'k str, &'k str)>,
    /// The serial inside the key.
    serial: &'k str,
}

impl<'k> Cut<'k> {
    /// `None` for a key that is too short for the prefix.
    fn of(kind: Kind, key: &'k str, prefix_digits: u8) -> Option<Self> {
        if !(4..=PREFIX_DIGITS_MAX).contains(&prefix_digits) {
            return None;
        }
        // Where the prefix starts, where the reference ends, and where the serial starts.
        let (start, end, serial) = match kind {
            Kind::Sgtin | Kind::Itip => (1, 13, key.len()),
            Kind::Sscc => (1, 17, key.len()),
            Kind::Gsrn | Kind::Gsrnp => (0, 17, key.len()),
            Kind::Gsin => (0, 16, key.len()),
            Kind::Sgln | Kind::Pgln => (0, 12, key.len()),
            Kind::Grai => (1, 13, 14),
            Kind::Gdti | Kind::Sgcn => (0, 12, 13),
            _ => (0, key.len(), key.len()),
        };
        let cut = start + usize::from(prefix_digits.max(PREFIX_DIGITS_MIN));
        let first = if kind == Kind::Grai { "" } else { key.get(..start)? };
        let pieces = if kind == Kind::Itip {
            Some((key.get(14..16)?, key.get(16..18)?))
        } else {
            None
        };
        Some(Self {
            first,
            prefix: key.get(start..cut)?,
            reference: key.get(cut..end)?,
            pieces,
            serial: key.get(serial..)?,
        })
    }
}
