//! The registry of EPC headers: which scheme the first byte of an EPC means and how the scheme is laid out
//! (EPC Tag Data Standard, section 14.2; the `+` schemes since 2.0, the `++` schemes since 2.3).

use super::identity::Kind;
use super::partition::{
    ASSET_NUMBER, ASSET_TEXT, ASSET_TYPE, ITEM, PART_NUMBER, PART_TEXT, PLACE, References, SERIAL,
};

/// One EPC scheme: a way to write an identity into tag memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme {
    /// The first eight bits.
    pub(super) header: u8,
    /// The name in URIs and answers, as `sgtin-96`.
    pub(super) name: &'static str,
    /// What follows the header.
    pub(super) layout: Layout,
}

/// The two generations of layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Tag Data Standard 1.x: fields of fixed place, company prefix told by a partition value.
    Classic(Classic),
    /// Tag Data Standard 2.x: the values of application identifiers one behind the other.
    Plus(Plus),
}

impl Layout {
    /// What the layout identifies.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Classic(classic) => classic.kind,
            Self::Plus(plus) => plus.kind,
        }
    }
}

/// A layout of the first generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classic {
    /// What it identifies.
    pub(super) kind: Kind,
    /// Its length; `None` where texts make it vary.
    pub(super) bits: Option<u16>,
    /// The fields behind the header.
    pub(super) body: Body,
}

/// The fields of a classic layout behind the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Filter 3 bits, partition 3 bits, company prefix, reference, then a tail.
    Partitioned {
        /// Widths of the reference.
        references: &'static References,
        /// How the reference is written.
        form: ReferenceForm,
        /// What follows the reference.
        tail: Tail,
    },
    /// Manager number 28 bits, object class 24, serial 36; no filter.
    Gid,
    /// Filter 4 bits, CAGE code or DoDAAC as six 8-bit characters, serial 36.
    Usdod,
    /// Filter 6 bits, CAGE code or DoDAAC as six 6-bit characters, part number, serial.
    Adi,
}

/// How a reference is written behind the company prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferenceForm {
    /// An integer that stands for exactly so many digits.
    Padded,
    /// An integer without leading zeros.
    Integer,
    /// 7-bit characters, filled up with zero bits.
    Text7,
    /// 6-bit characters up to a zero character.
    Text6,
}

/// What a partitioned layout carries behind the reference; widths in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    None,
    /// Zero bits to fill up the length; ignored on reading.
    Zeros(u8),
    /// A serial number without leading zeros.
    Integer(u8),
    /// A serial number whose leading zeros count: the integer of `1` and the digits.
    Numeric(u8),
    /// A serial of 7-bit characters, filled up with zero bits.
    Text7(u8),
    /// Piece and total, 7 bits each, then a serial number without leading zeros.
    PiecesInteger(u8),
    /// Piece and total, 7 bits each, then a serial of 7-bit characters.
    PiecesText7(u8),
}

/// A layout of the second generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plus {
    /// What it identifies.
    pub(super) kind: Kind,
    /// The identifiers whose values it carries, in order.
    pub(super) ais: &'static [&'static str],
    /// A date comes before the values.
    pub(super) dated: bool,
    /// A host name comes behind the values.
    pub(super) hosted: bool,
}

/// The scheme of a header byte, `None` for a byte that no scheme has.
pub(super) fn by_header(header: u8) -> Option<&'static Scheme> {
    SCHEMES.get(usize::from(*BY_HEADER.get(usize::from(header))?))
}

/// The scheme of a name, as `sgtin-96` or `sgtin+`.
pub(super) fn by_name(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

/// The names of all schemes, in the order of their headers.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCHEMES.iter().map(|scheme| scheme.name)
}

/// All schemes, in the order of their headers.
pub(super) static SCHEMES: [Scheme; 46] = ROWS;

// One row a line, to be read as a table.
#[rustfmt::skip]
const ROWS: [Scheme; 46] = [
    gs1(0x2C, "gdti-96", Kind::Gdti, Some(96), &PLACE, ReferenceForm::Padded, Tail::Integer(41)),
    gs1(0x2D, "gsrn-96", Kind::Gsrn, Some(96), &SERIAL, ReferenceForm::Padded, Tail::Zeros(24)),
    gs1(0x2E, "gsrnp-96", Kind::Gsrnp, Some(96), &SERIAL, ReferenceForm::Padded, Tail::Zeros(24)),
    classic(0x2F, "usdod-96", Kind::Usdod, Some(96), Body::Usdod),
    gs1(0x30, "sgtin-96", Kind::Sgtin, Some(96), &ITEM, ReferenceForm::Padded, Tail::Integer(38)),
    gs1(0x31, "sscc-96", Kind::Sscc, Some(96), &SERIAL, ReferenceForm::Padded, Tail::Zeros(24)),
    gs1(0x32, "sgln-96", Kind::Sgln, Some(96), &PLACE, ReferenceForm::Padded, Tail::Integer(41)),
    gs1(0x33, "grai-96", Kind::Grai, Some(96), &ASSET_TYPE, ReferenceForm::Padded, Tail::Integer(38)),
    gs1(0x34, "giai-96", Kind::Giai, Some(96), &ASSET_NUMBER, ReferenceForm::Integer, Tail::None),
    classic(0x35, "gid-96", Kind::Gid, Some(96), Body::Gid),
    gs1(0x36, "sgtin-198", Kind::Sgtin, Some(198), &ITEM, ReferenceForm::Padded, Tail::Text7(140)),
    gs1(0x37, "grai-170", Kind::Grai, Some(170), &ASSET_TYPE, ReferenceForm::Padded, Tail::Text7(112)),
    gs1(0x38, "giai-202", Kind::Giai, Some(202), &ASSET_TEXT, ReferenceForm::Text7, Tail::None),
    gs1(0x39, "sgln-195", Kind::Sgln, Some(195), &PLACE, ReferenceForm::Padded, Tail::Text7(140)),
    gs1(0x3A, "gdti-113", Kind::Gdti, Some(113), &PLACE, ReferenceForm::Padded, Tail::Numeric(58)),
    classic(0x3B, "adi-var", Kind::Adi, None, Body::Adi),
    gs1(0x3C, "cpi-96", Kind::Cpi, Some(96), &PART_NUMBER, ReferenceForm::Integer, Tail::Integer(31)),
    gs1(0x3D, "cpi-var", Kind::Cpi, None, &PART_TEXT, ReferenceForm::Text6, Tail::Integer(40)),
    gs1(0x3E, "gdti-174", Kind::Gdti, Some(174), &PLACE, ReferenceForm::Padded, Tail::Text7(119)),
    gs1(0x3F, "sgcn-96", Kind::Sgcn, Some(96), &PLACE, ReferenceForm::Padded, Tail::Numeric(41)),
    gs1(0x40, "itip-110", Kind::Itip, Some(110), &ITEM, ReferenceForm::Padded, Tail::PiecesInteger(38)),
    gs1(0x41, "itip-212", Kind::Itip, Some(212), &ITEM, ReferenceForm::Padded, Tail::PiecesText7(140)),
    hosted(0xE6, "cpi++", Kind::Cpi, &["8010", "8011"]),
    hosted(0xE7, "gsrn++", Kind::Gsrn, &["8018"]),
    hosted(0xE8, "gsrnp++", Kind::Gsrnp, &["8017"]),
    hosted(0xE9, "sgln++", Kind::Sgln, &["414", "254"]),
    hosted(0xEA, "gdti++", Kind::Gdti, &["253"]),
    hosted(0xEB, "grai++", Kind::Grai, &["8003"]),
    hosted(0xEC, "sgcn++", Kind::Sgcn, &["255"]),
    hosted(0xED, "itip++", Kind::Itip, &["8006", "21"]),
    hosted(0xEE, "giai++", Kind::Giai, &["8004"]),
    hosted(0xEF, "sscc++", Kind::Sscc, &["00"]),
    plus(0xF0, "cpi+", Kind::Cpi, &["8010", "8011"]),
    plus(0xF1, "grai+", Kind::Grai, &["8003"]),
    plus(0xF2, "sgln+", Kind::Sgln, &["414", "254"]),
    plus(0xF3, "itip+", Kind::Itip, &["8006", "21"]),
    plus(0xF4, "gsrn+", Kind::Gsrn, &["8018"]),
    plus(0xF5, "gsrnp+", Kind::Gsrnp, &["8017"]),
    plus(0xF6, "gdti+", Kind::Gdti, &["253"]),
    plus(0xF7, "sgtin+", Kind::Sgtin, &["01", "21"]),
    plus(0xF8, "sgcn+", Kind::Sgcn, &["255"]),
    plus(0xF9, "sscc+", Kind::Sscc, &["00"]),
    plus(0xFA, "giai+", Kind::Giai, &["8004"]),
    second(0xFB, "dsgtin+", Kind::Sgtin, &["01", "21"], true, false),
    second(0xFC, "dsgtin++", Kind::Sgtin, &["01", "21"], true, true),
    hosted(0xFD, "sgtin++", Kind::Sgtin, &["01", "21"]),
];

/// The row of [`SCHEMES`] for each header byte; a row that does not exist for the others.
static BY_HEADER: [u8; 256] = {
    let mut rows = [u8::MAX; 256];
    let mut row = 0;
    while row < ROWS.len() {
        rows[ROWS[row].header as usize] = row as u8;
        row += 1;
    }
    rows
};

const fn gs1(
    header: u8,
    name: &'static str,
    kind: Kind,
    bits: Option<u16>,
    references: &'static References,
    form: ReferenceForm,
    tail: Tail,
) -> Scheme {
    classic(
        header,
        name,
        kind,
        bits,
        Body::Partitioned {
            references,
            form,
            tail,
        },
    )
}

const fn classic(header: u8, name: &'static str, kind: Kind, bits: Option<u16>, body: Body) -> Scheme {
    Scheme {
        header,
        name,
        layout: Layout::Classic(Classic { kind, bits, body }),
    }
}

const fn plus(header: u8, name: &'static str, kind: Kind, ais: &'static [&'static str]) -> Scheme {
    second(header, name, kind, ais, false, false)
}

const fn hosted(header: u8, name: &'static str, kind: Kind, ais: &'static [&'static str]) -> Scheme {
    second(header, name, kind, ais, false, true)
}

const fn second(
    header: u8,
    name: &'static str,
    kind: Kind,
    ais: &'static [&'static str],
    dated: bool,
    hosted: bool,
) -> Scheme {
    Scheme {
        header,
        name,
        layout: Layout::Plus(Plus {
            kind,
            ais,
            dated,
            hosted,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_names_find_their_row() {
        let mut known = 0;
        for header in 0..=u8::MAX {
            if let Some(scheme) = by_header(header) {
                assert_eq!(scheme.header, header);
                assert_eq!(by_name(scheme.name), Some(scheme));
                known += 1;
            }
        }
        assert_eq!(known, SCHEMES.len());
        for header in [0x00, 0x01, 0x2B, 0x42, 0xE2, 0xE5, 0xFE, 0xFF] {
            assert_eq!(by_header(header), None);
        }
    }

    #[test]
    fn fixed_lengths_are_the_sum_of_their_fields() {
        for scheme in &SCHEMES {
            let Layout::Classic(Classic {
                bits: Some(bits),
                body: Body::Partitioned { references, tail, .. },
                ..
            }) = scheme.layout
            else {
                continue;
            };
            let tail_bits = match tail {
                Tail::None => 0,
                Tail::Zeros(bits) | Tail::Integer(bits) | Tail::Numeric(bits) | Tail::Text7(bits) => bits,
                Tail::PiecesInteger(bits) | Tail::PiecesText7(bits) => bits + 14,
            };
            let key_bits = super::super::partition::COMPANY_PREFIX[0].bits + references[0].bits;
            let sum = 8 + 3 + 3 + u16::from(key_bits) + u16::from(tail_bits);
            assert_eq!(sum, bits, "{}", scheme.name);
        }
    }
}
