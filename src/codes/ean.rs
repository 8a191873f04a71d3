//! Item numbers as scanners send them: EAN and UPC in their lengths, ITF-14, and printed add-ons.

use crate::check_digit;
use crate::fault::FaultCode;
use crate::gtin::{Gtin, UpcE};
use crate::symbology::SymbologyId;

/// What an EAN, UPC or ITF symbol carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The item number; `None` where the add-on came alone.
    pub(crate) gtin: Option<Gtin>,
    /// The digits of the add-on.
    pub(crate) add_on: Option<String>,
    /// What the digits may mean as well.
    pub(crate) other: Option<Gtin>,
}

impl From<Gtin> for Item {
    fn from(gtin: Gtin) -> Self {
        Self {
            gtin: Some(gtin),
            add_on: None,
            other: None,
        }
    }
}

impl From<UpcE> for Item {
    fn from(UpcE { gtin, other }: UpcE) -> Self {
        Self { other, ..gtin.into() }
    }
}

/// Stands for an identifier that was not sent, before a composite component: the linear part is what it can be.
pub(crate) const ANY: SymbologyId = SymbologyId::new(b'?', b'?');

/// Reads an item number: `None` where this identifier carries none, or may carry other things too and does here.
/// A fault comes with the byte of the message where it stands.
pub(crate) fn read(id: SymbologyId, message: &[u8]) -> Option<Result<Item, (FaultCode, usize)>> {
    match (id.code, id.modifier) {
        (b'E', b'0' | b'3') => Some(ean(message)),
        (b'E', b'4') => Some(exactly(8, message)),
        (b'E', b'1' | b'2') => Some(Ok(Item {
            gtin: None,
            add_on: digits(message),
            other: None,
        })),
        (b'X', b'0') => Gtin::from_upc_e(message).ok().map(|upc_e| Ok(upc_e.into())),
        (b'I', b'1') if message.len() == 14 => Some(exactly(14, message)),
        (b'I', b'3') if message.len() == 13 => {
            let check = check_digit::of(message)?;
            Gtin::new(&[message, &[check]].concat()).map(|gtin| Ok(gtin.into()))
        }
        (b'I', b'0' | b'3') if message.len() == 14 => exactly(14, message).ok().map(Ok),
        (b'?', _) => Gtin::new(message).map(|gtin| Ok(gtin.into())),
        _ => None,
    }
}

/// EAN-13, UPC-A, UPC-E and EAN-8, with the add-on in the same message if there is one.
fn ean(message: &[u8]) -> Result<Item, (FaultCode, usize)> {
    if let Some(at) = message.iter().position(|byte| !byte.is_ascii_digit()) {
        return with_marked_add_on(message, at);
    }
    let (main, add_on) = match message.len() {
        14 | 15 | 10 => message.split_at(message.len() - 2),
        17 | 18 => message.split_at(message.len() - 5),
        _ => (message, [].as_slice()),
    };
    Ok(Item {
        add_on: digits(add_on),
        ..bare(main)?
    })
}

/// Some scanners put a space, or an identifier of its own, before the add-on.
fn with_marked_add_on(message: &[u8], at: usize) -> Result<Item, (FaultCode, usize)> {
    let (main, rest) = message.split_at(at);
    let add_on = match rest {
        [b' ', add_on @ ..] | [b']', b'E', b'1' | b'2', add_on @ ..] => add_on,
        _ => return Err((FaultCode::Charset, at)),
    };
    if !matches!(add_on.len(), 2 | 5) || digits(add_on).is_none() {
        return Err((FaultCode::Charset, at));
    }
    Ok(Item {
        add_on: digits(add_on),
        ..bare(main)?
    })
}

/// Digits without add-on. Eight are UPC-E where they can be, as EAN-8 has an identifier of its own.
fn bare(digits: &[u8]) -> Result<Item, (FaultCode, usize)> {
    let whole = || Gtin::new(digits).map(Item::from).ok_or(FaultCode::CheckDigit);
    let item = match digits.len() {
        6 | 7 => Gtin::from_upc_e(digits).map(Item::from),
        8 => Gtin::from_upc_e(digits).map(Item::from).or_else(|_| whole()),
        12 | 13 => whole(),
        0..12 => Err(FaultCode::TooShort),
        _ => Err(FaultCode::TooLong),
    };
    item.map_err(|code| (code, 0))
}

fn exactly(length: usize, message: &[u8]) -> Result<Item, (FaultCode, usize)> {
    if let Some(at) = message.iter().position(|byte| !byte.is_ascii_digit()) {
        return Err((FaultCode::Charset, at));
    }
    match message.len() {
        shorter if shorter < length => Err((FaultCode::TooShort, 0)),
        longer if longer > length => Err((FaultCode::TooLong, 0)),
        _ => Gtin::new(message)
            .map(Item::from)
            .ok_or((FaultCode::CheckDigit, 0)),
    }
}

/// The digits as text; `None` for none, or for other text.
fn digits(bytes: &[u8]) -> Option<String> {
    let all = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().map(|&byte| char::from(byte)).collect())
}
