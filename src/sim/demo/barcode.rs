//! Barcodes as bars: EAN-13 and Code 128, so that a label on the page can be read by a real scanner as well.

/// The widths of bars and gaps in turn, in modules, beginning with a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars(pub Vec<u8>);

/// Function character 1, which makes a Code 128 a GS1-128 when it stands first.
const FNC1: u8 = 102;

/// The character sets' start characters and the way from one to the other.
const START_B: u8 = 104;
const START_C: u8 = 105;
const CODE_B: u8 = 100;

/// The stop character.
const STOP: usize = 106;

/// Widths of each character of Code 128 (ISO/IEC 15417:2007, table 1).
const CODE_128: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

/// Widths of the digits of number set A (GS1 General Specifications, figure 5.2.2.1-1), beginning with a gap. Set C
/// has the same beginning with a bar, set B is set A backwards.
const EAN_DIGITS: [[u8; 4]; 10] = [
    [3, 2, 1, 1],
    [2, 2, 2, 1],
    [2, 1, 2, 2],
    [1, 4, 1, 1],
    [1, 1, 3, 2],
    [1, 2, 3, 1],
    [1, 1, 1, 4],
    [1, 3, 1, 2],
    [1, 2, 1, 3],
    [3, 1, 1, 2],
];

/// Which of the six left digits are from set B, by the first digit, which has no bars of its own (same source,
/// figure 5.2.2.1-3). The leftmost of the six is the highest bit.
const EAN_SETS: [u8; 10] = [
    0b000_000, 0b001_011, 0b001_101, 0b001_110, 0b010_011, 0b011_001, 0b011_100, 0b010_101, 0b010_110,
    0b011_010,
];

impl Bars {
    /// The bars of what a scanner sends: an AIM identifier and the message. `None` where the text cannot be drawn.
    pub fn of(scanned: &str) -> Option<Self> {
        match scanned.split_at_checked(3)? {
            ("]E0", digits) => Self::ean_13(digits),
            ("]C1", message) => Self::code_128(message, true),
            ("]C0", message) => Self::code_128(message, false),
            _ => None,
        }
    }

    /// Modules across, without the quiet zones.
    pub fn modules(&self) -> u32 {
        self.0.iter().copied().map(u32::from).sum()
    }

    fn ean_13(digits: &str) -> Option<Self> {
        let digits: Vec<usize> = digits
            .chars()
            .map(|digit| digit.to_digit(10).map(|digit| digit as usize))
            .collect::<Option<_>>()?;
        let (first, rest) = digits.split_first()?;
        let (left, right) = rest.split_at_checked(6).filter(|(_, right)| right.len() == 6)?;
        let sets = EAN_SETS[*first];
        let mut widths = vec![1, 1, 1];
        for (place, digit) in left.iter().enumerate() {
            let mut digit = EAN_DIGITS[*digit];
            if sets & (0b100_000 >> place) != 0 {
                digit.reverse();
            }
            widths.extend(digit);
        }
        widths.extend([1; 5]);
        widths.extend(right.iter().flat_map(|digit| EAN_DIGITS[*digit]));
        widths.extend([1, 1, 1]);
        Some(Self(widths))
    }

    /// Digits go in pairs (set C) for as long as they last, the rest one by one (set B).
    fn code_128(message: &str, is_gs1: bool) -> Option<Self> {
        let bytes = message.as_bytes();
        if bytes.is_empty() || !bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return None;
        }
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (pairs, rest) = bytes.split_at(if digits >= 4 { digits - digits % 2 } else { 0 });
        let mut values = vec![if pairs.is_empty() { START_B } else { START_C }];
        values.extend(is_gs1.then_some(FNC1));
        values.extend(
            pairs
                .chunks_exact(2)
                .map(|pair| (pair[0] - b'0') * 10 + pair[1] - b'0'),
        );
        if !pairs.is_empty() && !rest.is_empty() {
            values.push(CODE_B);
        }
        values.extend(rest.iter().map(|byte| byte - b' '));
        let weights = std::iter::once(1).chain(1_u32..);
        let sum: u32 = values
            .iter()
            .zip(weights)
            .map(|(value, weight)| u32::from(*value) * weight)
            .sum();
        values.push((sum % 103) as u8);
        let characters = values.into_iter().map(usize::from).chain([STOP]);
        let widths = characters.flat_map(|value| CODE_128[value].bytes().map(|width| width - b'0'));
        Some(Self(widths.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_character_is_eleven_modules_and_like_no_other() {
        let different: BTreeSet<_> = CODE_128.iter().collect();
        assert_eq!(different.len(), CODE_128.len());
        for (value, widths) in CODE_128.iter().enumerate() {
            let modules: u32 = widths.bytes().map(|width| u32::from(width - b'0')).sum();
            assert_eq!(modules, if value == STOP { 13 } else { 11 }, "{value}");
            // Bars are even in sum, by which a reader finds a misread character.
            let bars: u32 = widths
                .bytes()
                .step_by(2)
                .map(|width| u32::from(width - b'0'))
                .sum();
            assert!(value == STOP || bars.is_multiple_of(2), "{value}");
        }
    }

    #[test]
    fn a_code_128_has_start_check_and_stop() {
        // The check character of "AB" is (104 + 33 + 2 * 34) mod 103 = 102.
        let bars = Bars::of("]C0AB").expect("bars");
        let text: String = bars.0.iter().map(|width| char::from(b'0' + width)).collect();
        let wanted = [
            CODE_128[104],
            CODE_128[33],
            CODE_128[34],
            CODE_128[102],
            CODE_128[106],
        ]
        .concat();
        assert_eq!(text, wanted);
        assert_eq!(bars.modules(), 4 * 11 + 13);
    }

    #[test]
    fn digits_go_in_pairs() {
        // Start C, FNC1, 01, 23 | check, stop.
        assert_eq!(Bars::of("]C10123").expect("bars").modules(), 5 * 11 + 13);
        // An odd digit at the end needs the other set.
        assert_eq!(Bars::of("]C001234").expect("bars").modules(), 6 * 11 + 13);
    }

    #[test]
    fn an_ean_13_is_95_modules() {
        assert_eq!(Bars::of("]E04006381333931").expect("bars").modules(), 95);
        for none in ["]E0400638133393", "]E0400638133393X", "]C0", "]C0ä", "AB", ""] {
            assert_eq!(Bars::of(none), None, "{none}");
        }
    }
}
