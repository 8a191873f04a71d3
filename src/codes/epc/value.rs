//! Reading and writing the value of one application identifier in the forms of the second generation.

use jiff::civil::date;

use super::bits::{BitReader, BitWriter};
use super::decimal::{bits_for_digits, read_digits, read_digits_of, write_digits};
use super::encoding::Encoding;
use super::fault::{Fault, Reason};
use super::value_table::{Form, forms};
use crate::ai::{self, Ai};
use crate::checks;
use crate::date::Century;
use crate::fault::FaultCode;

/// Reads the value of an identifier and checks it by the identifier's own rules.
pub(super) fn read(ai: Ai, bits: &mut BitReader<'_>) -> Result<String, Fault> {
    let at = bits.at();
    let forms = forms(ai).ok_or(Fault::at(at, Reason::UnknownAi).of(ai))?;
    let mut value = String::new();
    for form in forms {
        form.read(bits, &mut value).map_err(|fault| fault.of(ai))?;
    }
    match check(ai, &value) {
        // Tags whose pieces are out of order are read, and told with a warning.
        Ok(()) | Err(Reason::Field(FaultCode::PieceOfTotal)) => Ok(value),
        Err(reason) => Err(Fault::at(at, reason).of(ai)),
    }
}

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

/// Reads a single date of an identifier and checks it: the date field of DSGTIN schemes.
pub(super) fn read_date_of(ai: Ai, bits: &mut BitReader<'_>) -> Result<String, Fault> {
    let at = bits.at();
    let mut value = String::new();
    read_date(bits, &mut value).map_err(|fault| fault.of(ai))?;
    check(ai, &value).map_err(|reason| Fault::at(at, reason).of(ai))?;
    Ok(value)
}

/// Checks a single date and writes it.
pub(super) fn write_date_of(ai: Ai, value: &str, bits: &mut BitWriter) -> Result<(), Reason> {
    check(ai, value)?;
    let rest = write_pairs(value, &DATE, bits)?;
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Reason::Value)
    }
}

/// Holds a value against its identifier's rules.
pub(super) fn check(ai: Ai, value: &str) -> Result<(), Reason> {
    // The century decides about the 29th of February alone, and every fourth year from 1976 to 2075 has one.
    let century = Century::of(date(2026, 1, 1));
    let entry = ai::find(ai.as_bytes()).ok_or(Reason::UnknownAi)?;
    checks::value(entry, value.as_bytes(), century)
        .map(|_| ())
        .map_err(|(code, _)| Reason::Field(code))
}

impl Form {
    /// Reads this part of a value and appends it to `out`.
    fn read(self, bits: &mut BitReader<'_>, out: &mut String) -> Result<(), Fault> {
        match self {
            Self::Bcd(digits) => (0..digits).try_for_each(|_| read_nibble(bits, out)),
            Self::Number { digits, bits: width } => {
                read_digits_of(bits, usize::from(digits), usize::from(width), out)
            }
            Self::Text {
                count_bits,
                chars_max,
            } => read_text(bits, count_bits, usize::from(chars_max), out),
            Self::Counted {
                count_bits,
                digits_max,
            } => {
                let digits = read_count(bits, count_bits, usize::from(digits_max))?;
                read_digits(bits, digits, out)
            }
            Self::Delimited {
                count_bits,
                chars_max,
            } => read_delimited(bits, count_bits, usize::from(chars_max), out),
            Self::Date => read_date(bits, out),
            Self::DateTime => {
                read_date(bits, out)?;
                read_pairs(bits, &[5, 6], out)
            }
            Self::DateRange => {
                let dates = bits.read(1)? + 1;
                (0..dates).try_for_each(|_| read_date(bits, out))
            }
            Self::DateAndTime => {
                let extent = bits.read(2)? as usize;
                read_date(bits, out)?;
                read_pairs(bits, time_widths(extent), out)
            }
            Self::Letters => (0..2).try_for_each(|_| {
                let fault = Fault::at(bits.at(), Reason::Charset("country"));
                let code = bits.read(6)? as u8;
                out.push(char::from(if code < 26 {
                    b'A' + code
                } else {
                    return Err(fault);
                }));
                Ok(())
            }),
            Self::Flag => read_digits_of(bits, 1, 1, out),
            Self::Minus => {
                if bits.read(1)? == 1 {
                    out.push('-');
                }
                Ok(())
            }
            Self::Sequence => {
                read_nibble(bits, out)?;
                out.push('/');
                read_nibble(bits, out)
            }
        }
    }

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
                let extent = match value.len() {
                    6 => 0b11,
                    8 => 0b00,
                    10 => 0b01,
                    _ => 0b10,
                };
                bits.write(extent as u64, 2);
                write_pairs(write_pairs(value, &DATE, bits)?, time_widths(extent), bits)
            }
            Self::Letters => {
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
            Self::Sequence => {
                let (position, end) = value.split_once('/').ok_or(Reason::Value)?;
                let ((position, ""), (end, rest)) = (split_digits(position, 1)?, split_digits(end, 1)?)
                else {
                    return Err(Reason::Value);
                };
                write_nibbles(position, bits);
                write_nibbles(end, bits);
                Ok(rest)
            }
        }
    }
}

/// Widths of year, month and day.
const DATE: [usize; 3] = [7, 4, 5];

/// Widths of the hour, minute and second that follow a date, by the two bits before it.
fn time_widths(extent: usize) -> &'static [usize] {
    match extent {
        0b00 => &[5],
        0b01 => &[5, 6],
        0b10 => &[5, 6, 6],
        _ => &[],
    }
}

fn read_nibble(bits: &mut BitReader<'_>, out: &mut String) -> Result<(), Fault> {
    let at = bits.at();
    let digit = bits.read(4)? as u8;
    if digit > 9 {
        return Err(Fault::at(at, Reason::Digit));
    }
    out.push(char::from(b'0' + digit));
    Ok(())
}

fn write_nibbles(digits: &str, bits: &mut BitWriter) {
    digits
        .bytes()
        .for_each(|digit| bits.write(u64::from(digit.wrapping_sub(b'0') & 0x0F), 4));
}

fn read_count(bits: &mut BitReader<'_>, width: u8, max: usize) -> Result<usize, Fault> {
    let at = bits.at();
    let count = bits.read(usize::from(width))? as usize;
    if count > max {
        Err(Fault::at(at, Reason::TextTooLong("value")))
    } else {
        Ok(count)
    }
}

fn read_text(bits: &mut BitReader<'_>, count_bits: u8, max: usize, out: &mut String) -> Result<(), Fault> {
    let at = bits.at();
    let indicator = bits.read(3)?;
    let encoding =
        Encoding::of_indicator(indicator).ok_or(Fault::at(at, Reason::Indicator(indicator as u8)))?;
    let count = read_count(bits, count_bits, max)?;
    encoding.read(bits, count, out)
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

/// The nibbles that end the digits of a delimited value.
const END: u64 = 0xF;
const TEXT_FOLLOWS: u64 = 0xE;

fn read_delimited(
    bits: &mut BitReader<'_>,
    count_bits: u8,
    max: usize,
    out: &mut String,
) -> Result<(), Fault> {
    let mut digits = 0;
    loop {
        let at = bits.at();
        match bits.read(4)? {
            END => return Ok(()),
            TEXT_FOLLOWS => return read_text(bits, count_bits, max - digits, out),
            digit if digit > 9 => return Err(Fault::at(at, Reason::Digit)),
            _ if digits == max => return Err(Fault::at(at, Reason::TextTooLong("value"))),
            digit => out.push(char::from(b'0' + digit as u8)),
        }
        digits += 1;
    }
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

fn read_date(bits: &mut BitReader<'_>, out: &mut String) -> Result<(), Fault> {
    read_pairs(bits, &DATE, out)
}

/// Numbers of two digits, one of each width.
fn read_pairs(bits: &mut BitReader<'_>, widths: &[usize], out: &mut String) -> Result<(), Fault> {
    widths.iter().try_for_each(|&width| {
        let at = bits.at();
        read_digits_of(bits, 2, width, out).map_err(|fault| match fault.reason {
            Reason::Range(_) => Fault::at(at, Reason::Date),
            _ => fault,
        })
    })
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

/// The first `count` characters, which must be digits, and the rest.
fn split_digits(value: &str, count: usize) -> Result<(&str, &str), Reason> {
    let (front, rest) = value.split_at_checked(count).ok_or(Reason::Value)?;
    if front.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok((front, rest))
    } else {
        Err(Reason::Value)
    }
}
