//! The fast way for portals: scheme, filter, GS1 key with check digit, and serial of a 96-bit tag, without an
//! allocation.
//!
//! A portal sees every tag in its field many times a second; the floor's rules need the key of each and no
//! texts. [`decode_96`] gives the same answers as [`decode`](super::decode) (a property test holds them equal)
//! and refuses the same tags; who wants to know why asks `decode`.

use super::classic_fields::numeric_digits;
use super::decimal::{eight_digits, weigh};
use super::partition::{
    ASSET_NUMBER, ASSET_TYPE, COMPANY_PREFIX, ITEM, PART_NUMBER, PLACE, References, SERIAL,
};

/// The most characters of a key: company prefix and reference of a GIAI-96.
const KEY_MAX: usize = 25;

/// What a 96-bit tag names.
///
/// ```
/// use tallyman_codes::epc::decode_96;
///
/// let tag = [0x30, 0x35, 0x68, 0x2E, 0xC8, 0x78, 0x90, 0x40, 0x00, 0x01, 0x81, 0xCD];
/// let key = decode_96(&tag).unwrap();
/// assert_eq!((key.scheme, key.ai, key.key()), ("sgtin-96", "01", "15901234234570"));
/// assert_eq!((key.filter, key.serial), (1, Some(98765)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key96 {
    /// The scheme's name, as `sgtin-96`.
    pub scheme: &'static str,
    /// The application identifier of the key, as `01`.
    pub ai: &'static str,
    /// The filter value.
    pub filter: u8,
    /// The serial, where the scheme has one; for an SGLN the extension, `None` where there is none.
    pub serial: Option<u64>,
    /// The digits of the serial where its leading zeros count (SGCN), else 0.
    pub serial_digits: u8,
    /// The key is the end of this, from `start`.
    digits: [u8; KEY_MAX],
    start: u8,
}

impl Key96 {
    /// The digits of the key with its check digit, where it has one, and without the serial: a GTIN in 14
    /// digits, a GRAI with its leading zero.
    pub fn key(&self) -> &str {
        std::str::from_utf8(self.digits.get(usize::from(self.start)..).unwrap_or_default())
            .unwrap_or_default()
    }
}

/// Why [`decode_96`] gives no key. [`decode`](super::decode) tells the bit and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The header is of no scheme with 96 bits and a GS1 key.
    #[error("The header is of no 96-bit scheme with a GS1 key: decode the whole EPC.")]
    Header,
    /// The partition value is 7.
    #[error("The partition value 7 does not exist: the tag is written wrongly, replace it.")]
    Partition,
    /// A company prefix, reference or serial with more digits than its place allows.
    #[error("A number has more digits than its place allows: the tag is written wrongly, replace it.")]
    Range,
}

/// One 96-bit scheme with a GS1 key.
struct Row {
    scheme: &'static str,
    ai: &'static str,
    references: &'static References,
    form: Form,
    /// Bits of the serial, at the end of the tag.
    serial_bits: u8,
}

/// How the key is made of prefix and reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The reference's first digit, the prefix, the rest, the check digit.
    FirstMoved,
    /// The prefix, the reference, the check digit; `true` puts a zero before them.
    Checked(bool),
    /// The prefix, and the reference without leading zeros.
    Joined,
}

static ROWS: [Row; 10] = [
    row("gdti-96", "253", &PLACE, Form::Checked(false), 41),
    row("gsrn-96", "8018", &SERIAL, Form::Checked(false), 0),
    row("gsrnp-96", "8017", &SERIAL, Form::Checked(false), 0),
    row("sgtin-96", "01", &ITEM, Form::FirstMoved, 38),
    row("sscc-96", "00", &SERIAL, Form::FirstMoved, 0),
    row("sgln-96", "414", &PLACE, Form::Checked(false), 41),
    row("grai-96", "8003", &ASSET_TYPE, Form::Checked(true), 38),
    row("giai-96", "8004", &ASSET_NUMBER, Form::Joined, 0),
    row("cpi-96", "8010", &PART_NUMBER, Form::Joined, 31),
    row("sgcn-96", "255", &PLACE, Form::Checked(false), 41),
];

const fn row(
    scheme: &'static str,
    ai: &'static str,
    references: &'static References,
    form: Form,
    serial_bits: u8,
) -> Row {
    Row {
        scheme,
        ai,
        references,
        form,
        serial_bits,
    }
}

fn row_of(header: u8) -> Option<&'static Row> {
    let place = match header {
        0x2C => 0,
        0x2D => 1,
        0x2E => 2,
        0x30 => 3,
        0x31 => 4,
        0x32 => 5,
        0x33 => 6,
        0x34 => 7,
        0x3C => 8,
        0x3F => 9,
        _ => return None,
    };
    ROWS.get(place)
}

/// Powers of ten up to the widest reference.
const TEN_TO: [u64; 20] = {
    let mut powers = [1u64; 20];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

/// Reads the GS1 key of a 96-bit tag: twelve bytes behind CRC and PC, of a tag whose PC word says that it
/// carries an EPC (toggle 0).
///
/// # Errors
/// A [`KeyFault`] for headers of other schemes and for tags that [`decode`](super::decode) refuses.
pub fn decode_96(epc: &[u8; 12]) -> Result<Key96, KeyFault> {
    let [header, ..] = *epc;
    let row = row_of(header).ok_or(KeyFault::Header)?;
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *epc;
    let front = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let back = u64::from_be_bytes([e, f, g, h, i, j, k, l]);
    let filter = (front >> 53 & 7) as u8;
    let partition = (front >> 50 & 7) as usize;
    let (Some(prefix_width), Some(width)) = (COMPANY_PREFIX.get(partition), row.references.get(partition))
    else {
        return Err(KeyFault::Partition);
    };
    // The prefix ends at bit 54 at the latest; the reference may go on behind the first 64 bits.
    let prefix = front << 14 >> (64 - prefix_width.bits);
    let whole = u128::from(front) << 64 | u128::from(back) << 32;
    let reference = (whole << (14 + prefix_width.bits) >> (128 - u32::from(width.bits))) as u64;
    let reference = if width.digits == 0 { 0 } else { reference };
    if prefix >= ten_to(prefix_width.digits) || reference >= ten_to(width.digits) {
        return Err(KeyFault::Range);
    }
    let (serial, serial_digits) = serial_of(row, back)?;
    let (digits, start) = match row.form {
        Form::FirstMoved => {
            let rest_unit = ten_to(width.digits - 1);
            let (first, rest) = (reference / rest_unit, reference % rest_unit);
            let key_digits = prefix_width.digits + width.digits;
            checked(
                (first * ten_to(prefix_width.digits) + prefix) * rest_unit + rest,
                key_digits,
            )
        }
        Form::Checked(zero) => {
            let key_digits = prefix_width.digits + width.digits + u8::from(zero);
            checked(prefix * ten_to(width.digits) + reference, key_digits)
        }
        Form::Joined => joined(prefix, prefix_width.digits, reference),
    };
    Ok(Key96 {
        scheme: row.scheme,
        ai: row.ai,
        filter,
        serial,
        serial_digits,
        digits,
        start,
    })
}

fn ten_to(power: u8) -> u64 {
    TEN_TO.get(usize::from(power)).copied().unwrap_or(u64::MAX)
}

/// The serial at the end of the tag, and its digits where leading zeros count.
fn serial_of(row: &Row, back: u64) -> Result<(Option<u64>, u8), KeyFault> {
    if row.serial_bits == 0 {
        return Ok((None, 0));
    }
    let serial = back & ((1 << row.serial_bits) - 1);
    Ok(match row.ai {
        "255" => numeric_digits(serial)
            .map(|(value, digits)| (Some(value), digits))
            .ok_or(KeyFault::Range)?,
        "414" if serial == 0 => (None, 0),
        _ => (Some(serial), 0),
    })
}

/// The key of a number of `key_digits` digits (17 at most) and its check digit behind it.
fn checked(number: u64, key_digits: u8) -> ([u8; KEY_MAX], u8) {
    let blocks = [
        number / TEN_TO[16],
        number / TEN_TO[8] % TEN_TO[8],
        number % TEN_TO[8],
    ];
    let mut digits = [0u8; KEY_MAX];
    let mut sum = 0;
    for (place, block) in digits.chunks_exact_mut(8).zip(blocks) {
        let block = eight_digits(block as u32);
        sum += weigh(block);
        place.copy_from_slice(&(block | ASCII_ZEROS).to_le_bytes());
    }
    digits[KEY_MAX - 1] = b'0' + ((10 - sum % 10) % 10) as u8;
    (digits, KEY_MAX as u8 - 1 - key_digits)
}

/// The key of a prefix of so many digits and a reference without leading zeros.
fn joined(prefix: u64, prefix_digits: u8, reference: u64) -> ([u8; KEY_MAX], u8) {
    let reference_digits = reference.checked_ilog10().map_or(1, |power| power as u8 + 1);
    let behind = in_24_digits(reference);
    let before = in_24_digits(prefix);
    let behind = behind.iter().rev().take(usize::from(reference_digits));
    let before = before.iter().rev().take(usize::from(prefix_digits));
    let mut digits = [0u8; KEY_MAX];
    for (place, digit) in digits.iter_mut().rev().zip(behind.chain(before)) {
        *place = *digit;
    }
    (
        digits,
        (KEY_MAX as u8).saturating_sub(reference_digits + prefix_digits),
    )
}

/// A number in 24 digits.
fn in_24_digits(number: u64) -> [u8; 24] {
    let blocks = [
        number / TEN_TO[16],
        number / TEN_TO[8] % TEN_TO[8],
        number % TEN_TO[8],
    ];
    let mut digits = [0u8; 24];
    for (place, block) in digits.chunks_exact_mut(8).zip(blocks) {
        place.copy_from_slice(&(eight_digits(block as u32) | ASCII_ZEROS).to_le_bytes());
    }
    digits
}

/// Eight times the character `0`.
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;
