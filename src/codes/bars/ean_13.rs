//! EAN-13 (ISO/IEC 15420): thirteen digits, the first of them told by the sets of the next six.

use super::Bars;
use crate::check_digit;

/// White to the left and right of the bars, in modules (GS1 General Specifications, section 5.2.3.4).
const QUIET: (u32, u32) = (11, 7);

/// Widths of the digits of number set A (GS1 General Specifications, figure 5.2.2.1-1), beginning with a gap. Set C
/// has the same beginning with a bar, set B is set A backwards.
const DIGITS: [[u8; 4]; 10] = [
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
const SETS: [u8; 10] = [
    0b000_000, 0b001_011, 0b001_101, 0b001_110, 0b010_011, 0b011_001, 0b011_100, 0b010_101, 0b010_110,
    0b011_010,
];

/// The bars of thirteen digits. `None` for anything else, and where the last one is not the check digit: no scanner
/// would read it.
pub(super) fn bars(digits: &str) -> Option<Bars> {
    if digits.len() != 13 || !check_digit::is_valid(digits.as_bytes()) {
        return None;
    }
    let digits: Vec<usize> = digits.bytes().map(|digit| usize::from(digit - b'0')).collect();
    let (first, rest) = digits.split_first()?;
    let (left, right) = rest.split_at_checked(6)?;
    let sets = SETS[*first];
    let mut widths = vec![1, 1, 1];
    for (place, digit) in left.iter().enumerate() {
        let mut digit = DIGITS[*digit];
        if sets & (0b100_000 >> place) != 0 {
            digit.reverse();
        }
        widths.extend(digit);
    }
    widths.extend([1; 5]);
    widths.extend(right.iter().flat_map(|digit| DIGITS[*digit]));
    widths.extend([1, 1, 1]);
    Some(Bars { widths, quiet: QUIET })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bars as the standard's drawings show them: 1 is a dark module.
    fn modules(digits: &str) -> String {
        let bars = bars(digits).expect("an EAN-13");
        let widths = bars.widths().iter().enumerate();
        widths
            .map(|(place, width)| ["1", "0"][place % 2].repeat(usize::from(*width)))
            .collect()
    }

    #[test]
    fn a_known_symbol_has_its_bars() {
        // Sets by the first digit 4: A B A A B B; then set C.
        let parts = [
            "101", "0001101", "0100111", "0101111", "0111101", "0001001", "0110011", "01010", "1000010",
            "1000010", "1000010", "1110100", "1000010", "1100110", "101",
        ];
        assert_eq!(modules("4006381333931"), parts.concat());
        assert_eq!(modules("4006381333931").len(), 95);
    }

    #[test]
    fn digits_have_seven_modules_and_are_told_apart_in_every_set() {
        let mut seen: Vec<[u8; 4]> = Vec::new();
        for digit in DIGITS {
            let mut mirrored = digit;
            mirrored.reverse();
            assert_eq!(digit.iter().sum::<u8>(), 7, "{digit:?}");
            assert!(!seen.contains(&digit) && !seen.contains(&mirrored), "{digit:?}");
            seen.extend([digit, mirrored]);
        }
    }
}
