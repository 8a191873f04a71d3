//! Making an identity of its parts as texts, each held against the rules of its kind (EPC Tag Data Standard,
//! section 6.3).

use super::classic_fields::{Set, is_cage};
use super::fault::Reason;
use super::identity::{Identity, Kind, PREFIX_DIGITS_MAX, PREFIX_DIGITS_MIN, Part};
use super::text::ShortText;
use crate::charset::CharSet;

/// The parts of an identity as texts without escapes, not checked yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RawParts<'t> {
    pub(super) issuer: &'t str,
    pub(super) reference: Option<&'t str>,
    pub(super) pieces: Option<(&'t str, &'t str)>,
    pub(super) serial: Option<&'t str>,
}

/// Which part a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartName {
    Issuer,
    Reference,
    Pieces,
    Serial,
}

/// The most characters of a key that is a prefix and a free reference: GIAI, CPID, GINC.
const FREE_KEY_MAX: usize = 30;

impl RawParts<'_> {
    /// Checks the parts.
    pub(super) fn build(&self, kind: Kind) -> Result<Identity, (Reason, PartName)> {
        let issuer = self.issuer(kind).map_err(|reason| (reason, PartName::Issuer))?;
        let reference = self
            .reference(kind)
            .map_err(|reason| (reason, PartName::Reference))?;
        let pieces = match self.pieces {
            Some((piece, total)) if kind == Kind::Itip => {
                let number = |text: &str| two_digits(text).map_err(|reason| (reason, PartName::Pieces));
                Some((number(piece)?, number(total)?))
            }
            _ => None,
        };
        let serial = self.serial(kind).map_err(|reason| (reason, PartName::Serial))?;
        Ok(Identity {
            kind,
            issuer,
            reference,
            pieces,
            serial,
        })
    }

    fn issuer(&self, kind: Kind) -> Result<Part, Reason> {
        match kind {
            Kind::Gid => integer(self.issuer, 1 << 28),
            Kind::Usdod | Kind::Adi => {
                if !(5..=6).contains(&self.issuer.len()) || !self.issuer.bytes().all(is_cage) {
                    return Err(Reason::Charset("CAGE code"));
                }
                text(self.issuer)
            }
            Kind::Imovn => digits(self.issuer, 7),
            Kind::Bic => {
                let (owner, number) = self.issuer.split_at_checked(4).ok_or(Reason::Value)?;
                if !owner.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    return Err(Reason::Charset("container code"));
                }
                digits(number, 7)?;
                text(self.issuer)
            }
            _ => {
                let width = u8::try_from(self.issuer.len()).unwrap_or(u8::MAX);
                if !(PREFIX_DIGITS_MIN..=PREFIX_DIGITS_MAX).contains(&width) {
                    return Err(Reason::Range("company prefix"));
                }
                digits(self.issuer, width)
            }
        }
    }

    fn reference(&self, kind: Kind) -> Result<Option<Part>, Reason> {
        let reference = match (kind, self.reference) {
            (Kind::Usdod | Kind::Imovn | Kind::Bic, _) => return Ok(None),
            (_, reference) => reference.ok_or(Reason::Missing)?,
        };
        let room = FREE_KEY_MAX.saturating_sub(self.issuer.len());
        Ok(Some(match kind {
            Kind::Gid => integer(reference, 1 << 24)?,
            Kind::Giai | Kind::Ginc => characters(reference, CharSet::Set82, room, "reference")?,
            Kind::Cpi => characters(reference, CharSet::Set39, room, "reference")?,
            Kind::Adi => {
                hash_allowed(reference, Set::AdiPart)?;
                if reference.is_empty() {
                    Part::Text(ShortText::EMPTY)
                } else {
                    characters(
                        reference,
                        CharSet::Set39,
                        super::classic::ADI_PART_MAX,
                        "part number",
                    )?
                }
            }
            _ => {
                let sum = kind.key_digits().ok_or(Reason::Scheme)?;
                let width = u8::try_from(usize::from(sum).saturating_sub(self.issuer.len()));
                digits(reference, width.map_err(|_| Reason::Range("reference"))?)?
            }
        }))
    }

    fn serial(&self, kind: Kind) -> Result<Option<Part>, Reason> {
        let length_max = match kind {
            Kind::Sgtin | Kind::Sgln | Kind::Itip | Kind::Lgtin => 20,
            Kind::Upui => 28,
            Kind::Grai => 16,
            Kind::Gdti => 17,
            Kind::Sgcn | Kind::Cpi | Kind::Gid | Kind::Usdod => 12,
            Kind::Adi => super::classic::ADI_SERIAL_MAX,
            _ => return Ok(None),
        };
        let serial = self.serial.ok_or(Reason::Missing)?;
        Ok(Some(match kind {
            Kind::Gid | Kind::Usdod => integer(serial, 1 << 36)?,
            Kind::Cpi => integer(serial, 1_000_000_000_000)?,
            Kind::Sgcn => characters(serial, CharSet::Numeric, length_max, "serial")?,
            Kind::Adi => {
                hash_allowed(serial, Set::AdiSerial)?;
                characters(serial, CharSet::Set39, length_max, "serial")?
            }
            _ => characters(serial, CharSet::Set82, length_max, "serial")?,
        }))
    }
}

/// A number below `limit` without leading zeros.
fn integer(text: &str, limit: u64) -> Result<Part, Reason> {
    let value = parse_integer(text).ok_or(Reason::Charset("number"))?;
    if value < limit {
        Ok(Part::Integer(value))
    } else {
        Err(Reason::Range("number"))
    }
}

/// A number without leading zeros; `None` for other text.
pub(super) fn parse_integer(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Exactly `width` digits; none at all are a part too.
fn digits(text: &str, width: u8) -> Result<Part, Reason> {
    if text.len() != usize::from(width) {
        return Err(Reason::Range("company prefix or reference"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::Charset("company prefix or reference"));
    }
    let value = if text.is_empty() {
        Some(0)
    } else {
        text.parse().ok()
    };
    Ok(Part::Digits {
        value: value.ok_or(Reason::Value)?,
        width,
    })
}

fn two_digits(text: &str) -> Result<u8, Reason> {
    digits(text, 2)?;
    text.parse().map_err(|_| Reason::Value)
}

/// One to `length_max` characters of a set.
fn characters(text: &str, set: CharSet, length_max: usize, field: &'static str) -> Result<Part, Reason> {
    if text.is_empty() {
        return Err(Reason::NoText(field));
    }
    if text.len() > length_max {
        return Err(Reason::TextTooLong(field));
    }
    if !set.has_all(text.as_bytes()) {
        return Err(Reason::Charset(field));
    }
    self::text(text)
}

fn hash_allowed(text: &str, set: Set) -> Result<(), Reason> {
    if text.bytes().zip(0..).all(|(byte, place)| set.allows(byte, place)) {
        Ok(())
    } else {
        Err(Reason::Charset("part number or serial"))
    }
}

fn text(text: &str) -> Result<Part, Reason> {
    ShortText::new(text).map(Part::Text).ok_or(Reason::Value)
}
