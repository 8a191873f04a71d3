//! The partition tables: how many bits and digits company prefix and reference share (EPC Tag Data Standard,
//! section 14.2 and the coding tables of each scheme).

/// One row: the widths that a partition value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    /// Bits of the field.
    pub(super) bits: u8,
    /// Decimal digits the field stands for; for a text the most characters.
    pub(super) digits: u8,
}

/// How many partition values there are: 0 to 6. A tag with 7 is written wrongly.
pub(super) const PARTITIONS: usize = 7;

/// Reference widths by partition value.
pub(super) type References = [Width; PARTITIONS];

/// The company prefix by partition value, the same in every scheme.
pub(super) const COMPANY_PREFIX: [Width; PARTITIONS] =
    widths([(40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6)]);

/// SGTIN and ITIP: indicator and item reference.
pub(super) const ITEM: References = widths([(4, 1), (7, 2), (10, 3), (14, 4), (17, 5), (20, 6), (24, 7)]);

/// SSCC, GSRN and GSRNP: serial and service references.
pub(super) const SERIAL: References =
    widths([(18, 5), (21, 6), (24, 7), (28, 8), (31, 9), (34, 10), (38, 11)]);

/// SGLN, GDTI and SGCN: location, document type and coupon references.
pub(super) const PLACE: References = widths([(1, 0), (4, 1), (7, 2), (11, 3), (14, 4), (17, 5), (21, 6)]);

/// GRAI: asset type.
pub(super) const ASSET_TYPE: References =
    widths([(4, 0), (7, 1), (10, 2), (14, 3), (17, 4), (20, 5), (24, 6)]);

/// GIAI-96: individual asset reference, a number.
pub(super) const ASSET_NUMBER: References = widths([
    (42, 13),
    (45, 14),
    (48, 15),
    (52, 16),
    (55, 17),
    (58, 18),
    (62, 19),
]);

/// GIAI-202: individual asset reference, 7-bit characters.
pub(super) const ASSET_TEXT: References = widths([
    (148, 18),
    (151, 19),
    (154, 20),
    (158, 21),
    (161, 22),
    (164, 23),
    (168, 24),
]);

/// CPI-96: component or part reference, a number.
pub(super) const PART_NUMBER: References =
    widths([(11, 3), (14, 4), (17, 5), (21, 6), (24, 7), (27, 8), (31, 9)]);

/// CPI-var: component or part reference, 6-bit characters with their terminator.
pub(super) const PART_TEXT: References = widths([
    (114, 18),
    (120, 19),
    (126, 20),
    (132, 21),
    (138, 22),
    (144, 23),
    (150, 24),
]);

/// The partition value for a company prefix of `digits` digits, 6 to 12.
pub(super) fn for_prefix_digits(digits: u8) -> Option<u8> {
    COMPANY_PREFIX
        .iter()
        .position(|width| width.digits == digits)
        .and_then(|place| u8::try_from(place).ok())
}

const fn widths(rows: [(u8, u8); PARTITIONS]) -> [Width; PARTITIONS] {
    let mut table = [Width { bits: 0, digits: 0 }; PARTITIONS];
    let mut place = 0;
    while place < PARTITIONS {
        table[place] = Width {
            bits: rows[place].0,
            digits: rows[place].1,
        };
        place += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_a_table_fills_the_same_bits() {
        let totals = [
            (ITEM, 44),
            (SERIAL, 58),
            (PLACE, 41),
            (ASSET_TYPE, 44),
            (ASSET_NUMBER, 82),
            (ASSET_TEXT, 188),
            (PART_NUMBER, 51),
        ];
        for (table, total) in totals {
            for (prefix, reference) in COMPANY_PREFIX.iter().zip(table) {
                assert_eq!(prefix.bits + reference.bits, total);
            }
        }
    }

    #[test]
    fn digits_of_prefix_and_reference_sum_to_the_key() {
        let totals = [
            (ITEM, 13),
            (SERIAL, 17),
            (PLACE, 12),
            (ASSET_TYPE, 12),
            (ASSET_NUMBER, 25),
            (ASSET_TEXT, 30),
        ];
        for (table, total) in totals {
            for (prefix, reference) in COMPANY_PREFIX.iter().zip(table) {
                assert_eq!(prefix.digits + reference.digits, total);
            }
        }
        for (prefix, reference) in COMPANY_PREFIX.iter().zip(PART_TEXT) {
            assert_eq!(prefix.digits + reference.digits, 30);
            assert_eq!(reference.bits, (reference.digits + 1) * 6);
        }
    }

    #[test]
    fn prefix_digits_find_their_partition() {
        assert_eq!(for_prefix_digits(12), Some(0));
        assert_eq!(for_prefix_digits(6), Some(6));
        assert_eq!(for_prefix_digits(5), None);
        assert_eq!(for_prefix_digits(13), None);
    }
}
