//! Between binary numbers and decimal digits: many at once for the fast way, and any length for long fields.

use super::bits::{BitReader, BitWriter};
use super::fault::{Fault, Reason};

/// The bits that hold every number of so many digits: digits times log2 10, rounded up.
pub(super) fn bits_for_digits(digits: usize) -> usize {
    // log2 10 to twelve places, enough for far more digits than a tag can hold.
    let bits = digits as u64 * 3_321_928_094_887 / 1_000_000_000_000;
    if digits == 0 { 0 } else { bits as usize + 1 }
}

/// Reads the integer that stands for exactly so many digits, leading zeros included, and appends them to `out`.
pub(super) fn read_digits(bits: &mut BitReader<'_>, digits: usize, out: &mut String) -> Result<(), Fault> {
    read_digits_of(bits, digits, bits_for_digits(digits), out)
}

/// The same with a width of its own.
pub(super) fn read_digits_of(
    bits: &mut BitReader<'_>,
    digits: usize,
    width: usize,
    out: &mut String,
) -> Result<(), Fault> {
    let at = bits.at();
    // The number so far, nine digits a place, lowest first.
    let mut nines: Vec<u64> = Vec::new();
    let mut left = width;
    while left > 0 {
        let take = left.min(32);
        let mut carry = bits.read(take)?;
        for nine in &mut nines {
            let sum = (*nine << take) + carry;
            (*nine, carry) = (sum % NINE, sum / NINE);
        }
        while carry > 0 {
            nines.push(carry % NINE);
            carry /= NINE;
        }
        left -= take;
    }
    let mut text: String = nines.iter().rev().map(|nine| format!("{nine:09}")).collect();
    let significant = text.trim_start_matches('0').len();
    text.drain(..text.len() - significant);
    if significant > digits {
        return Err(Fault::at(at, Reason::Range("number")));
    }
    out.extend(std::iter::repeat_n('0', digits - significant));
    out.push_str(&text);
    Ok(())
}

/// Writes digits as one integer of `width` bits, which must be enough.
pub(super) fn write_digits(digits: &str, width: usize, bits: &mut BitWriter) {
    // The number so far, 32 bits a place, lowest first.
    let mut words: Vec<u64> = Vec::new();
    for digit in digits.bytes() {
        let mut carry = u64::from(digit.wrapping_sub(b'0'));
        for word in &mut words {
            let sum = *word * 10 + carry;
            (*word, carry) = (sum & u64::from(u32::MAX), sum >> 32);
        }
        if carry > 0 {
            words.push(carry);
        }
    }
    for place in (0..width).rev() {
        bits.write(
            words.get(place / 32).map_or(0, |word| (word >> (place % 32)) & 1),
            1,
        );
    }
}

const NINE: u64 = 1_000_000_000;

/// The eight digits of a number below 100,000,000, as values 0 to 9; the lowest byte is the first digit.
///
/// The digits are split in halves three times, all halves of a step in one multiplication.
pub(super) fn eight_digits(number: u32) -> u64 {
    let number = u64::from(number);
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let pairs = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((pairs - tens * 10) << 8)
}

/// The weighted sum of eight digits for a check digit behind them: 3 for the last, 1 for the one before, and so
/// on in turn.
pub(super) fn weigh(digits: u64) -> u32 {
    let ones = digits & 0x00FF_00FF_00FF_00FF;
    let threes = (digits >> 8) & 0x00FF_00FF_00FF_00FF;
    ((ones + threes * 3).wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_need_the_bits_of_the_standard() {
        let table = [
            4, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40, 44, 47, 50, 54, 57, 60, 64, 67,
        ];
        for (digits, bits) in (1..).zip(table) {
            assert_eq!(bits_for_digits(digits), bits);
        }
        assert_eq!(bits_for_digits(0), 0);
        assert_eq!(bits_for_digits(90), 299);
    }

    #[test]
    fn a_number_with_more_digits_than_its_place_is_a_fault() {
        let mut writer = BitWriter::default();
        writer.write(10, 4);
        let bytes = writer.into_bytes();
        let fault = read_digits(&mut BitReader::new(&bytes, 4), 1, &mut String::new()).unwrap_err();
        assert_eq!(fault.reason, Reason::Range("number"));
    }

    proptest! {
        #[test]
        fn eight_digits_are_the_decimal_text(number in 0u32..100_000_000) {
            let digits = eight_digits(number);
            let text: Vec<u8> = digits.to_le_bytes().iter().map(|digit| b'0' + digit).collect();
            prop_assert_eq!(text.clone(), format!("{number:08}").into_bytes());
            let check = b'0' + ((10 - weigh(digits) % 10) % 10) as u8;
            prop_assert_eq!(Some(check), crate::check_digit::of(&text));
        }

        #[test]
        fn numbers_of_any_length_come_back(text in "[0-9]{0,90}") {
            let mut writer = BitWriter::default();
            let width = bits_for_digits(text.len());
            write_digits(&text, width, &mut writer);
            prop_assert_eq!(writer.bits(), width);
            let bytes = writer.into_bytes();
            let mut back = String::new();
            read_digits(&mut BitReader::new(&bytes, width), text.len(), &mut back).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
