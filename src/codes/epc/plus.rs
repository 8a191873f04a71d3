//! Reading the layouts of Tag Data Standard 2.x: the `+` schemes, which carry the values of application
//! identifiers, and the `++` schemes, which add a host name (sections 14.6.1 and 15 of version 2.3).

use super::bits::BitReader;
use super::fault::{Fault, Reason, Warning};
use super::keys::{NO_EXTENSION, element};
use super::scheme::Plus;
use super::value_read;
use crate::ai::{Ai, PREFIXES};
use crate::scan::Element;

/// What a tag of the second generation says besides its elements.
#[derive(Debug, Clone)]
pub(super) struct PlusEpc {
    /// The filter value.
    pub(super) filter: u8,
    /// How many of the elements are the EPC itself; the others came as data behind it.
    pub(super) own: usize,
    /// The host name of a `++` scheme.
    pub(super) hostname: Option<String>,
}

/// The kinds of date that a DSGTIN can carry, by its date type (section 14.6.1.4).
pub(super) const DATE_TYPES: [&str; 7] = ["11", "13", "15", "16", "17", "7006", "7007"];

/// Reads what follows the header. `elements` gets what was found, also where a fault ends the reading.
pub(super) fn read(
    plus: Plus,
    bits: &mut BitReader<'_>,
    elements: &mut Vec<Element>,
    warnings: &mut Vec<Warning>,
) -> Result<PlusEpc, Fault> {
    let toggle = bits.read(1)? == 1;
    let filter = bits.read(3)? as u8;
    if plus.dated {
        read_date(bits, elements, warnings)?;
    }
    for &name in plus.ais {
        let ai = known(name)?;
        let value = value_read::read(ai, bits)?;
        let no_extension = name == "254" && value == NO_EXTENSION;
        if !no_extension {
            warn_of(name, &value, warnings);
            elements.push(element(name, value));
        }
    }
    let own = elements.len();
    let hostname = if plus.hosted {
        Some(super::hostname::read(bits)?)
    } else {
        None
    };
    read_appended(toggle, bits, elements, warnings);
    Ok(PlusEpc {
        filter,
        own,
        hostname,
    })
}

fn read_date(
    bits: &mut BitReader<'_>,
    elements: &mut Vec<Element>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Fault> {
    let date_type = bits.read(4)? as usize;
    let Some(name) = DATE_TYPES.get(date_type) else {
        warnings.push(Warning::DateType);
        bits.read(16)?;
        return Ok(());
    };
    // One date, also for 7007, which elsewhere can be a range.
    let date = value_read::read_date(known(name)?, bits)?;
    elements.push(element(name, date));
    Ok(())
}

fn known(name: &str) -> Result<Ai, Fault> {
    Ai::new(name.as_bytes()).ok_or(Fault::at(0, Reason::UnknownAi))
}

fn warn_of(name: &str, value: &str, warnings: &mut Vec<Warning>) {
    let class_length = match name {
        "253" | "255" => 13,
        "8003" => 14,
        _ => 0,
    };
    if value.len() == class_length {
        warnings.push(Warning::NoSerial);
    }
    if name == "8006"
        && let (Some(piece), Some(total)) = (value.get(14..16), value.get(16..18))
        && (piece == "00" || piece > total)
    {
        warnings.push(Warning::Pieces);
    }
}

/// Reads the data behind the EPC. The toggle is a hint that writers set wrongly: where it is 0 and bits follow,
/// they are taken only if all of them can be read, and with a warning.
fn read_appended(
    toggle: bool,
    bits: &mut BitReader<'_>,
    elements: &mut Vec<Element>,
    warnings: &mut Vec<Warning>,
) {
    if bits.only_zeros_left() {
        return;
    }
    if toggle {
        if append(bits, elements).is_none() {
            warnings.push(Warning::Appended);
        }
        return;
    }
    let mut all = elements.clone();
    if append(bits, &mut all).is_some() {
        *elements = all;
        warnings.push(Warning::Toggle);
    } else {
        warnings.push(Warning::Padding);
    }
}

/// Reads identifiers and values up to the zero bits that fill the last word; `None` when something else stops
/// it. What was read before stays in `elements`.
fn append(bits: &mut BitReader<'_>, elements: &mut Vec<Element>) -> Option<()> {
    while !bits.only_zeros_left() {
        let ai = read_ai(bits)?;
        let value = value_read::read(ai, bits).ok()?;
        match elements.iter().find(|element| element.ai == ai.as_str()) {
            Some(same) if same.value == value => {}
            Some(_) => return None,
            None => elements.push(element(ai.as_str(), value)),
        }
    }
    Some(())
}

/// An identifier in digits of four bits; its first two tell how many it has.
fn read_ai(bits: &mut BitReader<'_>) -> Option<Ai> {
    let mut digits = [0u8; 4];
    let mut count = 2;
    let mut place = 0;
    while place < count {
        let digit = bits.read(4).ok()? as u8;
        if digit > 9 {
            return None;
        }
        *digits.get_mut(place)? = b'0' + digit;
        place += 1;
        if place == 2 {
            let [tens, ones, ..] = digits;
            let prefix = PREFIXES.get(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))?;
            count = usize::from(prefix.digits).max(2);
        }
    }
    Ai::new(digits.get(..count)?)
}
