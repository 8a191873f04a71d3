//! What DECODE_DATA calls a symbol, and what it sends of it.
//!
//! Source: Zebra Simple Serial Interface (SSI) Programmer's Guide, table "Code types".

use crate::scanner::Label;

/// The type that also stands for a pull that found nothing.
pub const CODE_39: u8 = 0x01;

/// Type and data of a label.
pub fn typed(label: &Label) -> (u8, &[u8]) {
    let data = label.data.as_slice();
    let kind = match label.aim {
        // An EAN-13 that begins with 0 is a UPC-A, and is sent as its 12 digits.
        [b'E', b'0'] => match data {
            [b'0', upc @ ..] if upc.len() == 12 => return (0x08, upc),
            _ => 0x0B,
        },
        [b'E', b'4'] => 0x0A,
        [b'E', _] => match data.len() {
            15 => 0x4B,
            _ => 0x8B,
        },
        [b'C', b'1'] => 0x0F,
        [b'C', b'4'] => 0x21,
        [b'A', b'4' | b'5' | b'7'] => 0x13,
        [b'A', _] => CODE_39,
        [b'F', _] => 0x02,
        [b'S', _] => 0x04,
        [b'I', _] => 0x06,
        [b'G', _] => 0x07,
        [b'H', _] => 0x0C,
        [b'T', _] => 0x0D,
        [b'M', _] => 0x0E,
        [b'L', _] => 0x11,
        [b'K', _] => 0x12,
        [b'd', b'2'] => 0xC1,
        [b'd', _] => 0x1B,
        [b'Q', b'3'] => 0xC2,
        [b'Q', _] => 0x1C,
        [b'U', _] => 0x25,
        [b'z', _] => 0x2D,
        // A DataBar that says more than a GTIN is an expanded one.
        [b'e', _] if data.len() == 16 => 0x30,
        [b'e', _] => 0x32,
        [b'h', _] => 0xB7,
        _ => 0x03,
    };
    (kind, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_the_types_of_the_guide() {
        for (text, kind, data) in [
            ("]E04006381333931", 0x0B, "4006381333931"),
            ("]E00012345678905", 0x08, "012345678905"),
            ("]E496385074", 0x0A, "96385074"),
            ("]C0LOC-A-01", 0x03, "LOC-A-01"),
            ("]C10109521101530001", 0x0F, "0109521101530001"),
            ("]d20109521101530001", 0xC1, "0109521101530001"),
            ("]Q1HTTPS://ID.GS1.ORG", 0x1C, "HTTPS://ID.GS1.ORG"),
            ("]e00109521101530001", 0x30, "0109521101530001"),
            ("]e0010952110153000110L1", 0x32, "010952110153000110L1"),
            ("]X0whatever", 0x03, "whatever"),
        ] {
            assert_eq!(typed(&Label::of(text)), (kind, data.as_bytes()), "{text}");
        }
    }
}
