//! Writing the layouts of Tag Data Standard 2.x from application identifiers and values.

use super::bits::BitWriter;
use super::fault::{Fault, Reason};
use super::filter;
use super::keys::NO_EXTENSION;
use super::plus::DATE_TYPES;
use super::scheme::{Layout, Plus};
use super::tag::{Epc, from_bits};
use super::{hostname, scheme, value_write};
use crate::ai::Ai;
use crate::fault::FaultCode;
use crate::scan::Element;
use crate::understand::Refusal;

/// Writes a tag of the second generation, as `sgtin+` or `sscc++`.
///
/// The elements that the scheme needs may stand in any order; all others are appended behind the EPC in the
/// order given. A location without extension (AI 254) gets none; a `dsgtin+` takes the first date among the
/// elements that its date types have. `hostname` is needed for `++` schemes and refused for others. The toggle
/// for data behind the EPC is set where there is any.
///
/// ```
/// use tallyman_codes::{Element, epc};
///
/// let element = |ai: &str, value: &str| Element { ai: ai.to_owned(), value: value.to_owned() };
/// let unit = epc::encode("sscc+", 6, None, &[element("00", "359012340000000421")]).unwrap();
/// assert_eq!(unit.to_hex(), "F96359012340000000421000");
/// ```
///
/// # Errors
/// A [`Refusal`] for an unknown scheme, a reserved filter value, a value that is missing or breaks its rules, and
/// for more bits than a tag can hold; `at` counts the elements given.
pub fn encode(
    scheme: &str,
    filter: u8,
    hostname: Option<&str>,
    elements: &[Element],
) -> Result<Epc, Refusal> {
    write(scheme, filter, hostname, elements).map_err(|fault| fault.refuse(Vec::new()))
}

fn write(name: &str, filter: u8, host: Option<&str>, elements: &[Element]) -> Result<Epc, Fault> {
    let none = |reason| Fault::at(0, reason);
    let row = scheme::by_name(name).ok_or(none(Reason::Scheme))?;
    let Layout::Plus(plus) = row.layout else {
        return Err(none(Reason::Scheme));
    };
    if !filter::is_defined(plus.kind, filter) {
        return Err(none(Reason::Filter));
    }
    if let Some(place) = repeated(elements) {
        return Err(Fault::at(place, Reason::Field(FaultCode::Repeated)));
    }
    let own = own_elements(plus, elements)?;
    let appended: Vec<usize> = (0..elements.len())
        .filter(|place| !own.contains(&Some(*place)))
        .collect();
    let mut bits = BitWriter::default();
    bits.write(u64::from(row.header), 8);
    bits.write(u64::from(!appended.is_empty()), 1);
    bits.write(u64::from(filter), 3);
    for (place, ai) in own.iter().zip(plus_fields(plus)) {
        match place.and_then(|place| Some((place, elements.get(place)?))) {
            Some((place, element)) if ai.is_none() => write_date(element, place, &mut bits)?,
            Some((place, element)) => write_value(element, place, &mut bits)?,
            None => value_write::write(extension_ai()?, NO_EXTENSION, &mut bits).map_err(none)?,
        }
    }
    match (plus.hosted, host) {
        (true, Some(host)) => hostname::write(host, &mut bits).map_err(none)?,
        (false, None) => {}
        _ => return Err(none(Reason::Host)),
    }
    for place in appended {
        if let Some(element) = elements.get(place) {
            write_appended(element, place, &mut bits)?;
        }
    }
    let length = bits.bits();
    let tag = from_bits(&bits.into_bytes(), length, None)?;
    // A field of zero bits at the end, an SSCC of zeros, would be taken for padding.
    let read = tag.elements();
    let is_lost = |element: &Element| {
        let no_extension = element.ai == "254" && element.value == NO_EXTENSION;
        !no_extension && !read.contains(element)
    };
    match elements.iter().position(is_lost) {
        Some(place) => Err(Fault::at(place, Reason::Value)),
        None => Ok(tag),
    }
}

/// The place of the first element whose identifier stood before with another value.
fn repeated(elements: &[Element]) -> Option<usize> {
    let known = |place: usize, element: &Element| {
        elements
            .iter()
            .take(place)
            .any(|other| other.ai == element.ai && other.value != element.value)
    };
    elements
        .iter()
        .enumerate()
        .position(|(place, element)| known(place, element))
}

/// The fields of a layout in order; `None` is the date before them.
fn plus_fields(plus: Plus) -> impl Iterator<Item = Option<&'static str>> {
    plus.dated
        .then_some(None)
        .into_iter()
        .chain(plus.ais.iter().map(|ai| Some(*ai)))
}

/// Which element goes into each field; a missing extension of a location is `None`.
fn own_elements(plus: Plus, elements: &[Element]) -> Result<Vec<Option<usize>>, Fault> {
    plus_fields(plus)
        .map(|field| {
            let fits = |element: &Element| match field {
                Some(ai) => element.ai == ai,
                None => DATE_TYPES.contains(&element.ai.as_str()),
            };
            match elements.iter().position(fits) {
                None if field != Some("254") => {
                    let fault = Fault::at(elements.len(), Reason::Missing);
                    Err(match field.and_then(|ai| Ai::new(ai.as_bytes())) {
                        Some(ai) => fault.of(ai),
                        None => fault,
                    })
                }
                place => Ok(place),
            }
        })
        .collect()
}

fn extension_ai() -> Result<Ai, Fault> {
    Ai::new(b"254").ok_or(Fault::at(0, Reason::UnknownAi))
}

fn ai_of(element: &Element, place: usize) -> Result<Ai, Fault> {
    Ai::new(element.ai.as_bytes()).ok_or(Fault::at(place, Reason::UnknownAi))
}

fn write_value(element: &Element, place: usize, bits: &mut BitWriter) -> Result<(), Fault> {
    let ai = ai_of(element, place)?;
    value_write::write(ai, &element.value, bits).map_err(|reason| Fault::at(place, reason).of(ai))
}

fn write_date(element: &Element, place: usize, bits: &mut BitWriter) -> Result<(), Fault> {
    let ai = ai_of(element, place)?;
    let date_type = DATE_TYPES
        .iter()
        .position(|name| *name == element.ai)
        .unwrap_or(0);
    bits.write(date_type as u64, 4);
    value_write::write_date(ai, &element.value, bits).map_err(|reason| Fault::at(place, reason).of(ai))
}

fn write_appended(element: &Element, place: usize, bits: &mut BitWriter) -> Result<(), Fault> {
    let ai = ai_of(element, place)?;
    ai.as_bytes()
        .iter()
        .for_each(|digit| bits.write(u64::from(digit.wrapping_sub(b'0') & 0x0F), 4));
    write_value(element, place, bits)
}
