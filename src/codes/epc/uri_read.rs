//! Reading EPC URIs: pure identities, classes and patterns of one trade item; tag and raw URIs back to the bits
//! of a tag (EPC Tag Data Standard, sections 6, 8 and 12).

use std::str::FromStr;

use super::build::{PartName, RawParts, parse_integer};
use super::classic_write;
use super::fault::{Fault, Reason};
use super::identity::{Identity, Kind};
use super::memory::{EPC_BITS_MAX, bytes_of_hex};
use super::pc::Pc;
use super::scheme::{self, Body, Classic, Layout};
use super::tag::{Epc, from_bits};
use crate::understand::Refusal;

/// Reads a pure identity URI, as `urn:epc:id:sscc:5901234.3000000042`; also `urn:epc:class:lgtin:…` and
/// `urn:epc:idpat:sgtin:….*`.
impl FromStr for Identity {
    type Err = Refusal;

    fn from_str(uri: &str) -> Result<Self, Refusal> {
        read_identity(uri).map_err(|fault| fault.refuse(Vec::new()))
    }
}

/// Reads a tag URI, as `urn:epc:tag:sscc-96:6.5901234.3000000042`, or a raw URI, as `urn:epc:raw:96.x…`, with or
/// without control fields, to the tag that it describes.
///
/// A tag URI tells the whole tag, so that reserved filter values are taken too.
impl FromStr for Epc {
    type Err = Refusal;

    fn from_str(uri: &str) -> Result<Self, Refusal> {
        read_tag(uri).map_err(|fault| fault.refuse(Vec::new()))
    }
}

fn read_identity(uri: &str) -> Result<Identity, Fault> {
    let kinds = Kind::ALL.into_iter();
    let found = kinds.filter_map(|kind| Some((kind, uri.strip_prefix(kind.uri_start())?.strip_prefix(':')?)));
    let (kind, body) = { found }
        .next()
        .ok_or(Fault::at(0, Reason::Uri("it begins with no known scheme")))?;
    read_parts(kind, body).map_err(|fault| Fault {
        at: fault.at + uri.len() - body.len(),
        ..fault
    })
}

/// How many parts the URIs of a kind have. Further dots belong to the last part.
fn part_count(kind: Kind) -> usize {
    match kind {
        Kind::Imovn | Kind::Bic => 1,
        Kind::Sscc | Kind::Gsrn | Kind::Gsrnp | Kind::Gsin | Kind::Pgln => 2,
        Kind::Giai | Kind::Ginc | Kind::Usdod => 2,
        Kind::Itip => 5,
        _ => 3,
    }
}

/// Reads the parts behind the scheme; places count from the first part.
fn read_parts(kind: Kind, body: &str) -> Result<Identity, Fault> {
    let mut texts: Vec<String> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for part in body.splitn(part_count(kind), '.') {
        starts.push(at);
        texts
            .push(unescape(part).map_err(|place| Fault::at(at + place, Reason::Uri("an escape is broken")))?);
        at += part.len() + 1;
    }
    let mut parts = texts.iter().map(String::as_str);
    let mut next = || {
        parts
            .next()
            .ok_or(Fault::at(body.len(), Reason::Uri("parts are missing")))
    };
    let mut raw = RawParts {
        issuer: next()?,
        ..RawParts::default()
    };
    if !matches!(kind, Kind::Usdod | Kind::Imovn | Kind::Bic) {
        raw.reference = Some(next()?);
    }
    if kind == Kind::Itip {
        raw.pieces = Some((next()?, next()?));
    }
    raw.serial = parts.next();
    if kind == Kind::AnySgtin && raw.serial != Some("*") {
        return Err(Fault::at(
            body.len(),
            Reason::Uri("a pattern of one trade item ends in .*"),
        ));
    }
    raw.build(kind).map_err(|(reason, part)| {
        let place = match part {
            PartName::Issuer => 0,
            PartName::Reference => 1,
            PartName::Pieces => 2,
            PartName::Serial => texts.len().saturating_sub(1),
        };
        Fault::at(starts.get(place).copied().unwrap_or(body.len()), reason)
    })
}

/// Replaces `%HH`; an error is the place of the broken escape.
fn unescape(part: &str) -> Result<String, usize> {
    let mut text = String::new();
    let mut rest = part;
    while let Some((before, behind)) = rest.split_once('%') {
        let place = part.len() - behind.len() - 1;
        let hex = behind
            .get(..2)
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or(place)?;
        let byte = u8::from_str_radix(hex, 16)
            .ok()
            .filter(u8::is_ascii)
            .ok_or(place)?;
        text.push_str(before);
        text.push(char::from(byte));
        rest = behind.get(2..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok(text)
}

fn read_tag(uri: &str) -> Result<Epc, Fault> {
    let (raw, rest) = match (uri.strip_prefix("urn:epc:tag:"), uri.strip_prefix("urn:epc:raw:")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(Fault::at(0, Reason::Uri("it begins with no known scheme"))),
    };
    let from = |rest: &str| uri.len() - rest.len();
    let (control, body) = read_control(rest).map_err(|(reason, rest)| Fault::at(from(rest), reason))?;
    let tag = if raw {
        read_raw(body, control)
    } else {
        read_written(body, control)
    };
    tag.map_err(|fault| Fault {
        at: fault.at + from(body),
        ..fault
    })
}

/// What the control fields of a URI say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Control {
    /// Attribute and user memory bits of the PC word.
    flags: u16,
    xpc: Option<u16>,
}

/// Reads `[att=xNN][umi=1][xpc=xNNNN]:`, each where it is; gives the rest.
fn read_control(rest: &str) -> Result<(Control, &str), (Reason, &str)> {
    let mut control = Control::default();
    let mut behind = rest;
    while let Some(field) = behind.strip_prefix('[') {
        let fault = (Reason::Uri("a control field is unknown"), behind);
        let (field, rest) = field.split_once(']').ok_or(fault)?;
        match field.split_once('=').ok_or(fault)? {
            ("att", value) => control.flags |= hex(value, 2).ok_or(fault)?,
            ("umi", "1") => control.flags |= 0x0400,
            ("xpc", value) => control.xpc = Some(hex(value, 4).ok_or(fault)?),
            _ => return Err(fault),
        }
        behind = rest;
    }
    if behind.len() == rest.len() {
        return Ok((control, rest));
    }
    let colon = (Reason::Uri("a colon must follow the control fields"), behind);
    Ok((control, behind.strip_prefix(':').ok_or(colon)?))
}

/// `x` and exactly so many hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u16> {
    let text = text.strip_prefix('x').filter(|text| text.len() == digits)?;
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u16::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

/// `sgtin-96:3.0614141.812345.6789`.
fn read_written(body: &str, control: Control) -> Result<Epc, Fault> {
    let (name, parts) = body
        .split_once(':')
        .ok_or(Fault::at(0, Reason::Uri("parts are missing")))?;
    let start = body.len() - parts.len();
    let row = scheme::by_name(name).ok_or(Fault::at(0, Reason::Scheme))?;
    let Layout::Classic(layout) = row.layout else {
        return Err(Fault::at(0, Reason::Scheme));
    };
    let (filter, parts_of_identity) = read_filter(layout, parts).ok_or(Fault::at(start, Reason::Filter))?;
    let start = body.len() - parts_of_identity.len();
    let identity = read_parts(layout.kind, parts_of_identity).map_err(|fault| Fault {
        at: fault.at + start,
        ..fault
    })?;
    let bits = classic_write::write(row.header, layout, filter, &identity)
        .map_err(|reason| Fault::at(start, reason))?;
    let length = bits.bits();
    let pc = Pc::for_bits(length).map(|pc| Pc(pc.0 | control.flags));
    let tag = from_bits(&bits.into_bytes(), length, pc).map_err(|fault| Fault { at: start, ..fault })?;
    Ok(tag.with_xpc(control.xpc))
}

/// The filter value and what follows its dot.
fn read_filter(layout: Classic, parts: &str) -> Option<(u8, &str)> {
    if layout.body == Body::Gid {
        return Some((0, parts));
    }
    let (filter, rest) = parts.split_once('.')?;
    let filter = parse_integer(filter).and_then(|filter| u8::try_from(filter).ok())?;
    (filter <= classic_write::filter_max(layout)).then_some((filter, rest))
}

/// `96.xHEX`, or `96.xAFI.xHEX` for a tag without EPC.
fn read_raw(body: &str, control: Control) -> Result<Epc, Fault> {
    let fault = Fault::at(
        0,
        Reason::Uri("a raw URI is a number of bits, .x and hexadecimal digits"),
    );
    let mut parts = body.split('.');
    let length = parts
        .next()
        .and_then(parse_integer)
        .and_then(|bits| usize::try_from(bits).ok())
        .ok_or(fault)?;
    let (afi, digits) = match (parts.next(), parts.next(), parts.next()) {
        (Some(digits), None, _) => (None, digits),
        (Some(afi), Some(digits), None) => (Some(hex(afi, 2).ok_or(fault)?), digits),
        _ => return Err(fault),
    };
    let digits = digits.strip_prefix('x').ok_or(fault)?;
    if length > EPC_BITS_MAX {
        return Err(Fault::at(0, Reason::TooLong));
    }
    let bytes = bytes_of_hex(digits, length).ok_or(fault)?;
    let word = Pc::for_bits(length).map_or(0, |pc| pc.0);
    let pc = match afi {
        Some(afi) => Pc(word | control.flags & 0x0400 | 0x0100 | afi),
        None => Pc(word | control.flags),
    };
    let tag = from_bits(&bytes, length, Some(pc)).map_err(|fault| Fault { at: 0, ..fault })?;
    Ok(tag.with_xpc(control.xpc))
}
