//! Barcode types of DECODE_DATA, and the AIM identifiers they mean.
//!
//! Source: Zebra SSI Programmer's Guide, table "Code types"; AIM identifiers by ISO/IEC 15424. A type that is
//! missing here is read without an identifier.

use tallyman_codes::SymbologyId;

/// Code 39, under which the guide also sends the no-read text.
pub const CODE_39: u8 = 0x01;
/// UPC-A, which is sent with its own 12 digits.
pub const UPC_A: u8 = 0x08;
/// A programming code, not a code of the work.
pub const PARAMETER: u8 = 0x33;

/// The AIM identifier of a barcode type.
#[rustfmt::skip]
pub fn symbology(kind: u8) -> Option<SymbologyId> {
    let aim: &[u8; 2] = match kind {
        0x01 | 0x20 => b"A0", 0x13 => b"A4",
        0x02 | 0x18 => b"F0",
        0x03 | 0x19 => b"C0", 0x0F => b"C1", 0x21 => b"C4",
        0x04 | 0x05 => b"S0",
        0x06 => b"I0",
        0x07 => b"G0",
        0x08 | 0x09 | 0x0B | 0x10 => b"E0", 0x0A => b"E4",
        0x48 | 0x49 | 0x4B | 0x50 | 0x88 | 0x89 | 0x8B | 0x90 => b"E3",
        0x0C => b"H0",
        0x0D => b"T0",
        0x0E => b"M0",
        0x11 => b"L0",
        0x12 => b"K0",
        0x15 | 0x16 | 0x17 | 0x39 | 0x72 | 0x73 => b"X0",
        0x1B => b"d1", 0xC1 => b"d2",
        0x1C | 0x2C => b"Q1", 0xC2 => b"Q3",
        0x25 => b"U0",
        0x2D => b"z0", 0x2E => b"zC",
        0x30..=0x32 => b"e0",
        0xA0 => b"o2", 0xA1 => b"o1",
        0xB7 => b"h0",
        _ => return None,
    };
    Some(SymbologyId::new(aim[0], aim[1]))
}
