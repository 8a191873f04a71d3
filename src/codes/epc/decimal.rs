//! Between binary numbers and decimal digits: many at once for the fast way, and any length for long fields.

/// The eight digits of a number below 100,000,000, as values 0 to 9; the lowest byte is the first digit.
///
/// The digits are split in halves three times, all halves of a step in one multiplication.
pub(super) fn eight_digits(number: u32) -> u64 {
    let number = u64::from(number);
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | (pairs - tens * 10) << 8
}

/// The weighted sum of eight digits for a check digit behind them: 3 for the last, 1 for the one before, and so
/// on in turn.
pub(super) fn weigh(digits: u64) -> u32 {
    let ones = digits & 0x00FF_00FF_00FF_00FF;
    let threes = digits >> 8 & 0x00FF_00FF_00FF_00FF;
    ((ones + threes * 3).wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_digits_are_the_decimal_text(number in 0u32..100_000_000) {
            let text: String = eight_digits(number).to_le_bytes().iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert_eq!(&text, &format!("{number:08}"));
            let sum = u32::from(super::super::keys::check_digit(text.as_bytes()));
            prop_assert_eq!((10 - weigh(eight_digits(number)) % 10) % 10, sum);
        }
    }
}
