//! Check digits and check characters: what catches a misread before any list does.

use crate::charset::SET_82;

/// Whether the last digit is the check digit of those before it (GS1 General Specifications, section 7.9.1:
/// weights 3 and 1 from the right). `false` for text that is no digits, or that has fewer than two.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else {
        return false;
    };
    !body.is_empty() && last.is_ascii_digit() && of(body) == Some(*last)
}

/// The check digit that belongs behind these digits, as a character; `None` for text that is no digits.
pub fn of(body: &[u8]) -> Option<u8> {
    let (mut tripled, mut single, mut bad) = (0u32, 0u32, false);
    let (rest, pairs) = body.as_rchunks::<2>();
    for [left, right] in pairs {
        let (left, right) = (left.wrapping_sub(b'0'), right.wrapping_sub(b'0'));
        bad |= left > 9 || right > 9;
        single += u32::from(left);
        tripled += u32::from(right);
    }
    if let [left] = rest {
        let digit = left.wrapping_sub(b'0');
        bad |= digit > 9;
        // With an odd number of digits the first counts as the right ones of the pairs do.
        tripled += u32::from(digit);
    }
    (!bad).then(|| b'0' + ((10 - (single + 3 * tripled) % 10) % 10) as u8)
}

/// The alphabet of check character pairs: 32 characters that are hard to confuse.
const PAIR_ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The weights of a check character pair, from the right: the first primes, as many as the longest body has.
const PRIMES: [u16; 30] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113,
];

/// The check character pair that belongs behind `body` (GS1 General Specifications, section 7.9.5).
/// `None` where a character is not of set 82 or the body is longer than 30 characters.
pub fn pair_of(body: &[u8]) -> Option<[u8; 2]> {
    if body.len() > PRIMES.len() {
        return None;
    }
    let mut sum = 0u32;
    for (&byte, &prime) in body.iter().rev().zip(&PRIMES) {
        let index = SET_82.iter().position(|&candidate| candidate == byte)?;
        sum += index as u32 * u32::from(prime);
    }
    let rest = (sum % 1021) as usize;
    Some([*PAIR_ALPHABET.get(rest / 32)?, *PAIR_ALPHABET.get(rest % 32)?])
}

/// Whether a value ends in its right check character pair.
pub fn is_pair_valid(value: &[u8]) -> bool {
    match value.split_last_chunk::<2>() {
        Some((body, pair)) => pair_of(body) == Some(*pair),
        None => false,
    }
}

/// How a digit counts in the check digit of a price: one row for each weight, by the digit.
const MINUS_2: [u8; 10] = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
const TIMES_3: [u8; 10] = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
const PLUS_5: [u8; 10] = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
const MINUS_5: [u8; 10] = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];

/// The check digit of a price of four or five digits, in an in-house item number (GS1 General Specifications,
/// sections 7.9.2 to 7.9.4), as a character. `None` for any other text.
pub fn of_price(digits: &[u8]) -> Option<u8> {
    let sum = |weights: &[[u8; 10]]| {
        digits.iter().zip(weights).try_fold(0u8, |sum, (digit, weight)| {
            weight
                .get(usize::from(digit.wrapping_sub(b'0')))
                .map(|product| sum + product)
        })
    };
    match digits.len() {
        4 => Some(b'0' + sum(&[MINUS_2, MINUS_2, TIMES_3, MINUS_5])? * 3 % 10),
        5 => {
            let wanted = (10 - sum(&[PLUS_5, MINUS_2, MINUS_5, PLUS_5, MINUS_2])? % 10) % 10;
            let check = MINUS_5.iter().position(|&product| product == wanted)?;
            Some(b'0' + check as u8)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standard() {
        assert_eq!(of(b"1590123423457"), Some(b'0'));
        assert_eq!(of(b"35901234000000042"), Some(b'1'));
        assert!(is_valid(b"4006381333931"));
        assert!(!is_valid(b"4006381333932"));
        assert!(!is_valid(b"400638133393x"));
        assert!(!is_valid(b"0"));
        assert!(!is_valid(b""));
    }

    #[test]
    fn prices_have_check_digits_of_their_own() {
        assert_eq!(of_price(b"2875"), Some(b'9'));
        assert_eq!(of_price(b"14685"), Some(b'6'));
        assert_eq!(of_price(b"0000"), Some(b'0'));
        assert_eq!(of_price(b"287"), None);
        assert_eq!(of_price(b"28x5"), None);
    }

    #[test]
    fn check_pairs_are_those_of_the_standard() {
        assert_eq!(pair_of(b"5901234ROBOT1"), Some(*b"VM"));
        assert!(is_pair_valid(b"5901234ROBOT1VM"));
        assert!(!is_pair_valid(b"5901234ROBOT1VN"));
        assert_eq!(pair_of(b""), Some(*b"22"));
        assert_eq!(pair_of(b"no space"), None);
    }
}
