//! Writing the value of one application identifier in the forms of the second generation.

use super::bits::BitWriter;
use super::decimal::{bits_for_digits, write_digits};
use super::encoding::Encoding;
use super::fault::Reason;
use super::value::{DATE, END, TEXT_FOLLOWS, check, time_extent, time_widths};
use super::value_table::{Form, forms};
use crate::ai::Ai;

/// Checks a value and writes it.
pub(super) fn write(ai: Ai, value: &str, bits: &mut BitWriter) -> Result<(), Reason> {
    let forms = forms(ai).ok_or(Reason::UnknownAi)?;
    check(ai, value)?;
    let mut rest = value;
    for form in forms {
        rest = form.write(rest, bits)?;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Reason::Value)
    }
}

/// Checks a single date and writes it.
pub(super) fn write_date(ai: Ai, value: &str, bits: &mut BitWriter) -> Result<(), Reason> {
    check(ai, value)?;
    let rest = write_pairs(value, &DATE, bits)?;
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Reason::Value)
    }
}

impl Form {
    /// Writes the front of `value` that is of this form, and gives the rest.
    fn write<'v>(self, value: &'v str, bits: &mut BitWriter) -> Result<&'v str, Reason> {
        match self {
            Self::Bcd(digits) => {
                let (front, rest) = split_digits(value, usize::from(digits))?;
                write_nibbles(front, bits);
                Ok(rest)
            }
            Self::Number { digits, bits: width } => {
                let (front, rest) = split_digits(value, usize::from(digits))?;
                write_digits(front, usize::from(width), bits);
                Ok(rest)
            }
            Self::Text {
                count_bits,
                chars_max,
            } => write_text(value, count_bits, usize::from(chars_max), bits),
            Self::Counted {
                count_bits,
                digits_max,
            } => {
                let (front, rest) = split_digits(value, value.len().min(usize::from(digits_max)))?;
                bits.write(front.len() as u64, usize::from(count_bits));
                write_digits(front, bits_for_digits(front.len()), bits);
                Ok(rest)
            }
            Self::Delimited {
                count_bits,
                chars_max,
            } => write_delimited(value, count_bits, usize::from(chars_max), bits),
            Self::Date => write_pairs(value, &DATE, bits),
            Self::DateTime => write_pairs(write_pairs(value, &DATE, bits)?, &[5, 6], bits),
            Self::DateRange => {
                bits.write(u64::from(value.len() > 6), 1);
                let rest = write_pairs(value, &DATE, bits)?;
                if rest.is_empty() {
                    Ok(rest)
                } else {
                    write_pairs(rest, &DATE, bits)
                }
            }
            Self::DateAndTime => {
                let extent = time_extent(value.len());
                bits.write(extent as u64, 2);
                write_pairs(write_pairs(value, &DATE, bits)?, time_widths(extent), bits)
            }
            Self::Letters => write_letters(value, bits),
            Self::Flag => {
                let (front, rest) = split_digits(value, 1)?;
                bits.write(u64::from(front == "1"), 1);
                Ok(rest)
            }
            Self::Minus => {
                let rest = value.strip_prefix('-');
                bits.write(u64::from(rest.is_some()), 1);
                Ok(rest.unwrap_or(value))
            }
            Self::Sequence => write_sequence(value, bits),
        }
    }
}

fn write_nibbles(digits: &str, bits: &mut BitWriter) {
    digits
        .bytes()
        .for_each(|digit| bits.write(u64::from(digit.wrapping_sub(b'0') & 0x0F), 4));
}

fn write_text<'v>(
    value: &'v str,
    count_bits: u8,
    max: usize,
    bits: &mut BitWriter,
) -> Result<&'v str, Reason> {
    let encoding = Encoding::shortest(value).ok_or(Reason::Charset("text"))?;
    if value.len() > max {
        return Err(Reason::TextTooLong("value"));
    }
    bits.write(encoding as u64, 3);
    bits.write(value.len() as u64, usize::from(count_bits));
    encoding.write(value, bits);
    Ok("")
}

fn write_delimited<'v>(
    value: &'v str,
    count_bits: u8,
    max: usize,
    bits: &mut BitWriter,
) -> Result<&'v str, Reason> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (front, rest) = split_digits(value, digits)?;
    if digits > max {
        return Err(Reason::TextTooLong("value"));
    }
    write_nibbles(front, bits);
    if rest.is_empty() {
        bits.write(END, 4);
        return Ok(rest);
    }
    bits.write(TEXT_FOLLOWS, 4);
    write_text(rest, count_bits, max - digits, bits)
}

fn write_pairs<'v>(value: &'v str, widths: &[usize], bits: &mut BitWriter) -> Result<&'v str, Reason> {
    widths.iter().try_fold(value, |rest, &width| {
        let (pair, rest) = split_digits(rest, 2)?;
        let number = pair.parse::<u64>().map_err(|_| Reason::Date)?;
        if number >> width != 0 {
            return Err(Reason::Date);
        }
        bits.write(number, width);
        Ok(rest)
    })
}

fn write_letters<'v>(value: &'v str, bits: &mut BitWriter) -> Result<&'v str, Reason> {
    let (front, rest) = value.split_at_checked(2).ok_or(Reason::Value)?;
    for byte in front.bytes() {
        let code = byte
            .checked_sub(b'A')
            .filter(|&code| code < 26)
            .ok_or(Reason::Value)?;
        bits.write(u64::from(code), 6);
    }
    Ok(rest)
}

fn write_sequence<'v>(value: &'v str, bits: &mut BitWriter) -> Result<&'v str, Reason> {
    let (position, end) = value.split_once('/').ok_or(Reason::Value)?;
    let ((position, ""), (end, rest)) = (split_digits(position, 1)?, split_digits(end, 1)?) else {
        return Err(Reason::Value);
    };
    write_nibbles(position, bits);
    write_nibbles(end, bits);
    Ok(rest)
}

/// The first `count` characters, which must be digits, and the rest.
fn split_digits(value: &str, count: usize) -> Result<(&str, &str), Reason> {
    let (front, rest) = value.split_at_checked(count).ok_or(Reason::Value)?;
    if front.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok((front, rest))
    } else {
        Err(Reason::Value)
    }
}
